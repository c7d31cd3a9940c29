# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating people in bulk with SCIM 2.0, as Cisco recommends for many: ``POST /identity/scim/{org}/v2/Bulk``.

Where Cisco's OpenAPI ("User bulk API") leaves a choice, what is sent follows RFC 7644, section 3.7, as wxc_sdk does: ``data``
is an object and no text, and the call is under the host, not under ``/v1``. Of an answer, both notations are read. It is
unknown whether all deployments of Webex have the call there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._client import WebexClient
from .._errors import NoAnswer, Refused, WebexError
from .._ids import bare_id
from .._remedies import SERVER_FAILURE, remedy_for
from .._retry import PASSING_FAILURES
from .model import Wanted

# In one call (Cisco's OpenAPI).
MOST_OPERATIONS = 100
# For fewer people, single requests are no more than a bulk, which needs the organization's id.
FEWEST_PEOPLE = 3
_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_ERROR = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"


def requests_to_create(people: int) -> int:
    """Return how many requests it takes to create so many people, if the token may do it in bulk."""
    return people if people < FEWEST_PEOPLE else 1 + math.ceil(people / MOST_OPERATIONS)


def create_in_bulk(client: WebexClient, org_id: str, users: Sequence[Wanted]) -> list[WebexError | None]:
    """Create *users*, at most MOST_OPERATIONS, with one call; return for each an error, or None if the user was created.

    A Refused with status 409 says that the address exists. Raises RequestError if the call as a whole did not end well.
    """
    path = f"/identity/scim/{bare_id(org_id)}/v2/Bulk"
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": str(number), "data": _data(user)}
        for number, user in enumerate(users)
    ]
    # Each has an end of its own: none must keep others from being tried.
    body = {"schemas": [_REQUEST], "failOnErrors": MOST_OPERATIONS, "operations": operations}
    answer = client.post(f"{client.host_url}{path}", body).data or {}
    done = answer.get("operations") or answer.get("Operations") or []
    ends = {str(end.get("bulkId")): end for end in done if isinstance(end, dict)} if isinstance(done, list) else {}
    errors = [_error_of(ends.get(str(number)), f"POST {path}") for number in range(len(users))]
    for error in filter(None, errors):
        error.clean(client.scrub)
    return errors


def _data(user: Wanted) -> dict[str, Any]:
    name = {key: value for key, value in (("givenName", user.first_name), ("familyName", user.last_name)) if value}
    return {
        "schemas": [_USER],
        "userName": user.email,
        "userType": "user",
        "active": True,
        "displayName": user.full_name,
        **({"name": name} if name else {}),
        "emails": [{"value": user.email, "type": "work", "primary": True}],
    }


def _error_of(end: Mapping[str, Any] | None, request: str) -> WebexError | None:
    """Return what is wrong with the end of an operation; None if the user was created."""
    status = _status_of(end)
    if end is None or status is None:
        return NoAnswer(f"{request} says nothing of this user.", SERVER_FAILURE, request=request, unclear=True)
    if 200 <= status < 300:
        return None
    response = end.get("response")
    response = response if isinstance(response, dict) else {}
    cisco = response.get(_ERROR)
    cisco = cisco if isinstance(cisco, dict) else {}
    words = str(cisco.get("details") or response.get("detail") or "")
    codes = [str(cisco["errorCode"])] if cisco.get("errorCode") else []
    return Refused(
        request=request,
        status=status,
        reason=words,
        error_codes=codes,
        tracking_id=cisco.get("trackingId"),
        remedy=remedy_for(status, words, codes, request),
        unclear=status >= 500 or status in PASSING_FAILURES,
        passing=status in PASSING_FAILURES,
    )


def _status_of(end: Mapping[str, Any] | None) -> int | None:
    """Return the status of an operation: ``"201"``, or what older drafts of SCIM have: ``{"code": "201"}``."""
    status = (end or {}).get("status")
    code = str(status.get("code") if isinstance(status, dict) else status)
    return int(code) if code.isdecimal() else None
