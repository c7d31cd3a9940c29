# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token set of a service app, and the grant that renews it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ._checks import flaw_of, flaw_on_arrival, lifetime
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
# An access token is valid for 14 days (Cisco's documentation of integrations and service apps).
ACCESS_TOKEN_LIFETIME = timedelta(days=14)
# By so much two clocks may differ without a token being taken for one of an impossible lifetime.
CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True)
class TokenSet:
    """What Webex handed out, with absolute points in time. Unknown values are None. Secrets stay out of its repr.

    Whatever is kept goes through here. Raises ValueError, without quoting a value, for a text that cannot be what it is
    for: a store that takes everything that is in a token set can be read again, and used as a file of variables.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    client_id: str
    obtained_at: datetime
    expires_at: datetime | None = None
    refresh_token_expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    org_id: str | None = None

    def __post_init__(self) -> None:
        texts = {"access_token": self.access_token, "refresh_token": self.refresh_token, "client_id": self.client_id}
        # A mint need not come with a refresh token ("if applicable", Cisco's OpenAPI), and an access token may be kept
        # where this run cannot read it.
        if self.refresh_token == "":
            del texts["refresh_token"]
        elif self.access_token == "":
            del texts["access_token"]
        if self.org_id is not None:
            texts["org_id"] = self.org_id
        for name, value in texts.items():
            flaw = flaw_of(value)
            if flaw:
                raise ValueError(f"{name} {flaw}")
        if any(flaw_of(scope) for scope in self.scopes or ()):
            raise ValueError("scopes has something in it that is no scope")

    def lives_longer_than(self, validity: timedelta, now: datetime) -> bool:
        """Tell whether the access token is good for more than *validity* from *now* on; false if that is unknown.

        It is unknown too if the token would be valid longer than any is: the clock was ahead when it was obtained.
        """
        if self.expires_at is None:
            return False
        return validity < self.expires_at - now <= ACCESS_TOKEN_LIFETIME + CLOCK_SKEW

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
    def from_parts(cls, secret: Mapping[str, Any], public: Mapping[str, Any], is_whole: bool = True) -> TokenSet:
        """Return the token set whose ``secret()`` and ``public()`` these are.

        Raises ValueError, without quoting a value, if they are not a complete token set of this schema. One without its
        access token is, unless these parts are all that there is: *is_whole*.
        """
        if is_whole and secret.get("access_token") == "":
            raise ValueError("access_token is missing or not text")
        if public.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        scopes = public.get("scopes")
        if not (scopes is None or isinstance(scopes, list)):
            raise ValueError("scopes is not a list")
        moments: dict[str, Any] = {}
        for name in ("obtained_at", "expires_at", "refresh_token_expires_at"):
            try:
                moments[name] = from_iso(public.get(name))
            except ValueError:
                raise ValueError(f"{name} is not a point in time in ISO 8601") from None
        token_set = cls(
            access_token=secret.get("access_token"),  # type: ignore[arg-type]  # these are checked when it is made
            refresh_token=secret.get("refresh_token"),  # type: ignore[arg-type]
            client_id=public.get("client_id"),  # type: ignore[arg-type]
            org_id=public.get("org_id"),
            scopes=None if scopes is None else tuple(scopes),
            **moments,
        )
        if moments["obtained_at"] is None:
            raise ValueError("obtained_at is missing")
        return token_set

    def of_org(self, org_id: str | None) -> TokenSet:
        """Return the same set, known to belong to *org_id*; unchanged if that is None."""
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
    Raises GrantRefused with its cause and remedy if Webex refuses, NoAnswer if it does not answer usably.
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
    ``POST /applications/{applicationId}/token``). Raises GrantRefused, or Refused with 401 if the integration's
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
    return error.status == 401 and not is_about_the_client(error.words)


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
    # Webex may or may not rotate it; RFC 6749 lets the answer leave out an unchanged one.
    if answer.get("refresh_token") not in (None, ""):
        refresh_token = answer["refresh_token"]
    for name, token in (("access_token", access_token), ("refresh_token", refresh_token)):
        flaw = None if token == "" else flaw_on_arrival(token)
        if flaw:
            raise NoAnswer(
                f"POST {path} was answered with tokens that cannot be used: {name} {flaw}.",
                NOT_WEBEX,
                request=f"POST {path}",
                unclear=True,
            )
    return TokenSet(
        access_token=access_token,
        refresh_token=refresh_token,
        client_id=client_id,
        obtained_at=now,
        expires_at=_end_of(answer.get("expires_in"), now),
        refresh_token_expires_at=_end_of(answer.get("refresh_token_expires_in"), now),
        scopes=_scopes_of(answer.get("scope")) or (previous.scopes if previous else None),
        org_id=previous.org_id if previous else None,
    )


def _scopes_of(scope: Any) -> tuple[str, ...] | None:
    """Return the scopes of an answer, sorted; None if it has none, or what it has cannot be scopes."""
    if not isinstance(scope, str):
        return None
    scopes = sorted(scope.split())
    return None if any(map(flaw_on_arrival, [*scopes, "+".join(scopes)])) else tuple(scopes)


def _end_of(seconds: Any, now: datetime) -> datetime | None:
    duration = lifetime(seconds)
    return now + duration if duration else None


def _grant_refused(error: Refused, client: WebexClient, minting: bool = False) -> GrantRefused:
    cause = grant_cause(error.status, error.words, minting=minting, host=client.host)
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
