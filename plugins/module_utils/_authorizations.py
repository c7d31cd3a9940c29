# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants: which there are, and how they are revoked (Cisco's OpenAPI, Authorizations)."""

from __future__ import annotations

from typing import Any

from ._checks import flaw_of
from ._client import WebexClient
from ._errors import BrokenAnswer, Refused, RequestError
from ._identity import expiry
from ._ids import as_segment, organization_id
from ._remedies import NOT_WEBEX


def authorizations_of(client: WebexClient, person: dict[str, str]) -> list[dict[str, Any]]:
    """Return the grants of a person, ``{"personId": ...}`` or ``{"personEmail": ...}``; the call is not paged.

    Needs identity:tokens_read. Raises Refused, and BrokenAnswer for a list of something else.
    """
    request = "GET /authorizations"
    items: list[dict[str, Any]] = client.get("/authorizations", **person).get("items") or []
    if not isinstance(items, list) or any(not isinstance(item, dict) or flaw_of(item.get("id")) for item in items):
        raise BrokenAnswer(f"{request} was answered with no list of authorizations.", NOT_WEBEX, request=request)
    return items


def grants_of(client: WebexClient, person: dict[str, str], client_id: str) -> list[dict[str, Any]]:
    """Return what a client has of a person, refresh tokens first: they take their access tokens along. Raises Refused."""
    found = [one for one in authorizations_of(client, person) if one.get("clientId") == client_id]
    return sorted(found, key=lambda one: not _is_refresh(one))


def revoke(client: WebexClient, authorization_id: str) -> bool:
    """Revoke one grant, and with a refresh token its access tokens; return whether it was there.

    If the request had to be repeated, and is answered with 404 the second time, the grant was there: the first one did
    revoke it, or something else did in the meantime. Needs identity:tokens_write. Raises Refused.
    """
    try:
        client.delete(f"/authorizations/{as_segment(authorization_id)}")
    except Refused as error:
        if error.status == 404:
            return error.was_sent_before
        raise
    return True


def revoke_all(client: WebexClient, grants: list[dict[str, Any]]) -> list[str]:
    """Revoke *grants*, as ``grants_of`` has just read them; return the ids of all of them, or none if none was there.

    One that is not there any more went along with its refresh token. Needs identity:tokens_write. Raises Refused, also
    where the token in use goes with one of them before all are revoked.
    """
    ids = [one["id"] for one in grants]
    last: dict[str, Any] = {}
    for place, one in enumerate(grants):
        try:
            last = one if revoke(client, one["id"]) else last
        except Refused as error:
            if error.status != 401 or not last:
                raise
            if _is_refresh(last) and not _is_refresh(one):
                # The last refresh token took the token in use along, and with it the other access tokens.
                break
            error.problem += (
                f" Revoked so far: {', '.join(ids[:place])}. The access token used went with that, "
                f"so these are left: {', '.join(ids[place:])}."
            )
            error.remedy = "revoke what is left with a token of another client."
            raise
    return ids if last else []


def revoke_client(client: WebexClient, client_id: str) -> None:
    """Revoke every grant of a client in the organization of the settings, or of the token. Raises Refused."""
    org = {"orgId": organization_id(client.org_params["orgId"])} if client.org_params else {}
    client.delete("/authorizations", clientId=client_id, **org)


def is_revoked(client: WebexClient) -> bool:
    """Tell whether Webex takes the token in use no more, by a harmless request; false if the answer is of no use."""
    try:
        expiry(client)
    except RequestError as error:
        return isinstance(error, Refused) and error.status == 401
    return False


def _is_refresh(grant: dict[str, Any]) -> bool:
    return grant.get("type") == "refresh"
