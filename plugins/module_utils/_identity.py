# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says of itself: whose it is, until when it lives, and what kind it is as far as that can be known."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.plugins.module_utils._time import to_iso

# A personal access token lives 12 hours (Cisco Live lab).
PERSONAL_LIFETIME = timedelta(hours=12)
# The domain of a guest's synthetic e-mail address (Cisco's OpenAPI, example of "Create a Guest").
GUEST_DOMAIN = "@appid.ciscospark.com"


def owner(client: WebexClient) -> dict[str, Any] | None:
    """Return ``GET /people/me``, the harmless request that tells owner and org; None where the scope for it is missing.

    Raises Refused with 401 where the token is not valid.
    """
    try:
        return client.get("/people/me")
    except Refused as error:
        if error.status == 403:
            return None
        raise


def identify(client: WebexClient, now: datetime) -> dict[str, Any]:
    """Return what ``token_info`` returns. An expired or revoked token is an answer: ``{"valid": False}``."""
    try:
        expires_at = _expiry(client)
        me = owner(client)
    except Refused as error:
        if error.status == 401:
            return {"valid": False}
        raise
    kind, certainty, evidence = kind_of(me, expires_at - now)
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
        "remaining_seconds": int((expires_at - now).total_seconds()),
    }


def kind_of(me: dict[str, Any] | None, remaining: timedelta) -> tuple[str, str, str]:
    """Return the kind of a token, how certain that is (``known``, ``likely``, ``unknown``), and from what.

    Webex names the type of the owner, not that of the token; how a service app's machine account looks is not
    documented, so only a bot is known for sure.
    """
    if me is None:
        return "unknown", "unknown", "the token has no scope to read its owner"
    if me.get("type") == "bot":
        return "bot", "known", "the owner is a bot"
    if me.get("type") == "appuser":
        if any(str(email).endswith(GUEST_DOMAIN) for email in me.get("emails") or []):
            return "guest", "likely", f"the owner's address ends with {GUEST_DOMAIN}"
        return "service_app", "likely", "the owner is a machine account (type appuser)"
    if remaining > PERSONAL_LIFETIME:
        return "integration", "likely", "the owner is a person, and the token lives longer than 12 hours"
    return "unknown", "unknown", "the owner is a person, and 12 hours or less are left: personal, or an integration's"


def _expiry(client: WebexClient) -> datetime:
    """Return when the token expires (``GET /authorizations/tokenExpiry``: milliseconds since the epoch)."""
    milliseconds = client.get("/authorizations/tokenExpiry")["exp"]
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).replace(microsecond=0)
