# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token set of a service app, and the grant that renews it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ._client import WebexClient
from ._errors import GrantRefused, NoAnswer, Refused
from ._ids import application_id, organization_id
from ._remedies import (
    BY_GRANT_CAUSE,
    NOT_WEBEX,
    grant_cause,
    is_about_the_client,
)
from ._time import from_iso, to_iso

SCHEMA = 1
TOKEN_PATH = "/access_token"
# An access token lives 14 days (Cisco's documentation of integrations and service apps).
ACCESS_TOKEN_LIFETIME = timedelta(days=14)


@dataclass(frozen=True)
class TokenSet:
    """What Webex handed out, with absolute points in time. What is not known is None. Secrets stay out of its repr."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    client_id: str
    obtained_at: datetime
    expires_at: datetime | None = None
    refresh_token_expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    org_id: str | None = None

    def lives_longer_than(self, validity: timedelta, now: datetime) -> bool:
        """Tell whether the access token is good for more than *validity* from *now* on; false where that is unknown."""
        return self.expires_at is not None and self.expires_at - now > validity

    def public(self) -> dict[str, Any]:
        """Return everything that is not secret, as plain JSON types: the fact ``webex_token``."""
        return {
            "schema": SCHEMA,
            "client_id": self.client_id,
            "org_id": self.org_id,
            "scopes": None if self.scopes is None else list(self.scopes),
            "obtained_at": to_iso(self.obtained_at),
            "expires_at": to_iso(self.expires_at),
            "refresh_token_expires_at": to_iso(self.refresh_token_expires_at),
        }

    def secret(self) -> dict[str, str]:
        """Return the two secrets."""
        return {"access_token": self.access_token, "refresh_token": self.refresh_token}

    @classmethod
    def from_parts(cls, secret: Mapping[str, Any], public: Mapping[str, Any]) -> TokenSet:
        """Return the token set whose ``secret()`` and ``public()`` these are.

        Raises ValueError, without quoting a value, where they are not a complete token set of this schema.
        """
        if public.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        texts = {"access_token": secret.get("access_token"), "refresh_token": secret.get("refresh_token")}
        texts["client_id"] = public.get("client_id")
        for name, value in texts.items():
            # A mint need not come with a refresh token ("if applicable", Cisco's OpenAPI).
            if not isinstance(value, str) or not (value or name == "refresh_token"):
                raise ValueError(f"{name} is missing or not text")
        scopes, org_id = public.get("scopes"), public.get("org_id")
        if not (scopes is None or (isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes))):
            raise ValueError("scopes is not a list of text")
        if not (org_id is None or isinstance(org_id, str)):
            raise ValueError("org_id is not text")
        moments: dict[str, Any] = {}
        for name in ("obtained_at", "expires_at", "refresh_token_expires_at"):
            try:
                moments[name] = from_iso(public.get(name))
            except ValueError:
                raise ValueError(f"{name} is not a point in time in ISO 8601") from None
        if moments["obtained_at"] is None:
            raise ValueError("obtained_at is missing")
        return cls(**texts, **moments, scopes=None if scopes is None else tuple(scopes), org_id=org_id)  # type: ignore[arg-type]

    def of_org(self, org_id: str | None) -> TokenSet:
        """Return the same set, known to belong to *org_id*; unchanged where that is None."""
        return replace(self, org_id=org_id) if org_id else self


def refresh(
    client: WebexClient,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    now: datetime,
    previous: TokenSet | None = None,
) -> TokenSet:
    """Return a new token set for *refresh_token* (RFC 6749, 6; Webex: ``POST /access_token``).

    What the answer leaves out is taken from *previous*: a refresh keeps the grant, so scopes and org stay.
    Raises GrantRefused with its cause and remedy where Webex refuses, NoAnswer where it does not answer usably.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    try:
        answer = client.post_form(TOKEN_PATH, form, secrets=[client_secret, refresh_token], is_awaited=True)
    except Refused as error:
        if error.status in (400, 401):
            raise _grant_refused(error, client) from None
        raise
    return _from_answer(
        answer.data, TOKEN_PATH, client_id=client_id, refresh_token=refresh_token, now=now, previous=previous
    )


def mint(
    client: WebexClient,
    *,
    client_id: str,
    client_secret: str,
    org_id: str,
    now: datetime,
    previous: TokenSet | None = None,
) -> TokenSet:
    """Return a new token set for a service app in an organization, without a refresh token of its own.

    *client* must hold the access token of an integration that has ``spark:applications_token`` (Cisco's OpenAPI,
    ``POST /applications/{applicationId}/token``). Raises GrantRefused, or Refused with 401 where the integration's
    token is not valid, or NoAnswer.
    """
    path = f"/applications/{application_id(client_id)}/token"
    body = {"clientId": client_id, "clientSecret": client_secret, "targetOrgId": organization_id(org_id)}
    try:
        answer = client.post(path, body, secrets=[client_secret])
    except Refused as error:
        if error.status in (400, 401, 403, 404, 405) and not is_invalid_token(error):
            raise _grant_refused(error, client, minting=True) from None
        raise
    minted = _from_answer(answer.data, path, client_id=client_id, refresh_token="", now=now, previous=None)
    # The scopes of a new mint are those that are authorized now, not the old ones: unknown, if Webex does not say.
    return minted.of_org(previous.org_id if previous else None)


def is_invalid_token(error: Refused) -> bool:
    """Tell whether a 401 is about the access token that was used, and not about the client that was named."""
    return error.status == 401 and not is_about_the_client(" ".join([error.reason, *error.descriptions]))


def _from_answer(
    answer: Any, path: str, *, client_id: str, refresh_token: str, now: datetime, previous: TokenSet | None
) -> TokenSet:
    access_token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(access_token, str) or not access_token:
        raise NoAnswer(
            f"POST {path} was answered without an access token.",
            NOT_WEBEX,
            request=f"POST {path}",
            unclear=True,
        )
    scope = answer.get("scope")
    kept_scopes = previous.scopes if previous else None
    return TokenSet(
        access_token=access_token,
        # Webex may or may not rotate it; RFC 6749 lets the answer leave out an unchanged one.
        refresh_token=str(answer.get("refresh_token") or refresh_token),
        client_id=client_id,
        obtained_at=now,
        expires_at=_after(now, answer.get("expires_in")),
        refresh_token_expires_at=_after(now, answer.get("refresh_token_expires_in")),
        scopes=tuple(sorted(scope.split())) if isinstance(scope, str) and scope else kept_scopes,
        org_id=previous.org_id if previous else None,
    )


def _after(now: datetime, seconds: Any) -> datetime | None:
    try:
        return now + timedelta(seconds=int(seconds))
    except (TypeError, ValueError, OverflowError):
        return None


def _grant_refused(error: Refused, client: WebexClient, minting: bool = False) -> GrantRefused:
    words = " ".join([error.reason, *error.descriptions])
    cause = grant_cause(error.status, words, minting=minting, host=client.host)
    return GrantRefused(
        cause=cause,
        request=error.request,
        status=error.status,
        reason=error.reason,
        descriptions=error.descriptions,
        error_codes=error.error_codes,
        tracking_id=error.tracking_id,
        remedy=BY_GRANT_CAUSE[cause],
    )
