# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says of itself: whose it is, until when it is valid, and what kind it is as far as that can be known."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

from ._checks import flaw_of
from ._client import WebexClient
from ._errors import BrokenAnswer, Refused, WebexError
from ._oauth import CLOCK_SKEW
from ._remedies import NOT_WEBEX
from ._scopes import probe_all
from ._time import to_iso

# Lifetimes (Cisco Live lab).
PERSONAL_LIFETIME = timedelta(hours=12)
REFRESH_IN_TIME = timedelta(days=1)
# The domain of a guest's synthetic e-mail address, and how its token begins (Cisco's OpenAPI, example of "Create a Guest").
GUEST_DOMAIN = "@appid.ciscospark.com"
_JWT = re.compile(r"eyJ[\w-]+\.[\w.-]+")
# <random>_<cluster>_<org>: how the other access tokens look (wxcli).
_USUAL = re.compile(r"[\w-]+_[A-Za-z0-9]+_([0-9a-fA-F-]{36})")

# What matters about a kind of token, whatever it is used for.
WARNINGS = {
    "personal": "A personal access token is valid for 12 hours and cannot be refreshed; it is not for scheduled runs.",
    "bot": "A bot's token is for messaging only; the modules for people, licenses and calling do not work with it.",
    "guest": "A guest's token is for what a guest does; the modules of this collection do not work with it.",
}


def owner(client: WebexClient) -> dict[str, Any] | None:
    """Return ``GET /people/me``, the harmless request that tells owner and org; None if the scope for it is missing.

    Raises Refused with 401 if the token is not valid, and BrokenAnswer if the owner is described in another way than
    Cisco's OpenAPI does: ids that cannot be ids would be kept with the token.
    """
    try:
        me: dict[str, Any] = client.get("/people/me")
    except Refused as error:
        if error.status == 403:
            return None
        raise
    flaw = _flaw_of_person(me)
    if flaw:
        request = "GET /people/me"
        raise BrokenAnswer(f"{request} was answered with a person of no use: {flaw}.", NOT_WEBEX, request=request)
    return me


def _flaw_of_person(person: dict[str, Any]) -> str | None:
    for name in ("id", "orgId"):
        flaw = None if person.get(name) is None else flaw_of(person[name])
        if flaw:
            return f"{name} {flaw}"
    for name, kind in (("type", str), ("displayName", str), ("emails", list)):
        if not isinstance(person.get(name) or kind(), kind):
            return f"{name} is of another type"
    return None


def organization_hint(token: str) -> str | None:
    """Return the UUID of the organization that the form of an access token names; None if it has another form."""
    match = _USUAL.fullmatch(token)
    return match[1] if match else None


def expiry(client: WebexClient) -> datetime | None:
    """Return when the token expires (``GET /authorizations/tokenExpiry``: milliseconds since the epoch), if told.

    Raises Refused with 401 if the token is not valid.
    """
    milliseconds = client.get("/authorizations/tokenExpiry").get("exp")
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def identify(client: WebexClient, now: datetime, probe: bool = False) -> dict[str, Any]:
    """Return what ``token_info`` returns, with *probe* also the verdicts on its scopes, and the ``warnings`` to give.

    A token that Webex does not accept is an answer too: why, and what to do.
    """
    try:
        expires_at = expiry(client)
        me = owner(client)
        scopes = {"scopes": [asdict(verdict) for verdict in probe_all(client)]} if probe else {}
    except Refused as error:
        if error.status == 401:
            return refused(client.token, error)
        raise
    remaining = expires_at - now if expires_at else None
    kind, certainty, evidence = kind_of(me, remaining, client.token)
    return {
        "valid": True,
        "kind": kind,
        "kind_certainty": certainty,
        "kind_evidence": evidence,
        "owner": me
        and {
            "id": me.get("id"),
            "display_name": me.get("displayName"),
            "emails": me.get("emails") or [],
            "type": me.get("type"),
        },
        "org_id": me and me.get("orgId"),
        "expires_at": to_iso(expires_at),
        "remaining_seconds": None if remaining is None else int(remaining.total_seconds()),
        "warnings": _warnings(kind, remaining),
        **scopes,
    }


def refused(token: str, error: WebexError) -> dict[str, Any]:
    """Return the answer for a token that Webex does not accept, or that cannot be sent to it.

    Webex says the same of an expired, a revoked and a malformed token, so only the form can tell them apart.
    """
    if _USUAL.fullmatch(token) or _JWT.fullmatch(token):
        cause, reason = "expired_or_revoked", "The token has the form of one, so it is expired or was revoked."
    else:
        cause, reason = "malformed", "The token does not have the form of one: <random>_<cluster>_<organization>."
    return {"valid": False, "cause": cause, "reason": f"{error.message} {reason}", "remedy": error.remedy}


def kind_of(me: dict[str, Any] | None, remaining: timedelta | None, token: str = "") -> tuple[str, str, str]:
    """Return the kind of a token, how certain that is (``known``, ``likely``, ``unknown``), and from what.

    *remaining* is how long the token is still valid, or None if that is unknown.
    Webex names the type of the owner, not that of the token; how a service app's machine account looks is not
    documented, so only a bot is known for sure.
    """
    if any(str(email).endswith(GUEST_DOMAIN) for email in (me or {}).get("emails") or []):
        return "guest", "likely", f"the owner's address ends with {GUEST_DOMAIN}"
    if me is None and _JWT.fullmatch(token):
        return "guest", "likely", "it is a JSON web token, as those of guests, and has no scope to read its owner"
    if me is None:
        return "unknown", "unknown", "the token has no scope to read its owner: a service app's, or an integration's"
    if me.get("type") == "bot":
        return "bot", "known", "the owner is a bot"
    if me.get("type") == "appuser":
        return "service_app", "likely", "the owner is a machine account (type appuser)"
    if remaining is None:
        return "unknown", "unknown", "the owner is a person, and Webex does not say until when the token is valid"
    if remaining > PERSONAL_LIFETIME + CLOCK_SKEW:
        return "integration", "likely", "the owner is a person, and the token is valid for more than 12 hours"
    return (
        "personal",
        "likely",
        "the owner is a person, and 12 hours or less are left; so it is with an integration's token in its last 12 hours",
    )


def _warnings(kind: str, remaining: timedelta | None) -> list[str]:
    warnings = [WARNINGS[kind]] if kind in WARNINGS else []
    if kind in ("service_app", "integration") and remaining is not None and remaining < REFRESH_IN_TIME:
        hours = max(int(remaining.total_seconds()), 0) // 3600
        warnings.append(f"The token expires in {hours} hours: refresh it before a run that takes longer, or waits.")
    return warnings
