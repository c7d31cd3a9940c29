# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: people created in bulk, and looked for by their addresses.

It is under the host (wxc_sdk, and Cisco's example of a ``location``), and names an org and people by bare UUIDs.
"""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.responses import Response

from .ids import bare
from .model import Person, stamp
from .state import Org
from .web import FORBIDDEN, ApiError, Call, Routes, answer

WRITE = "identity:people_rw"
READ = "identity:people_read"
MOST_OPERATIONS = 100
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_MESSAGES = "urn:ietf:params:scim:api:messages:2.0"
_ERROR = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"
_ADDRESS = re.compile(r'userName eq "([^"]+)"', re.IGNORECASE)


def routes(table: Routes) -> None:
    """Put the calls of this module into the table. They are under the host, not under ``/v1`` (*live*)."""
    table.add("/identity/scim/{org}/v2/Bulk", POST=bulk)
    table.add("/identity/scim/{org}/v2/Users", GET=search)


def org_of(call: Call) -> Org:
    """The org of the path, by its bare UUID (*spec*); an encoded id, and the org of others, are refused (*guess*)."""
    if call.parameters["org"] != call.org.uuid:
        raise ApiError(403, FORBIDDEN)
    return call.org


def bulk(call: Call) -> Response:
    """POST Bulk: at most 100 operations, each with a status of its own; ends after `failOnErrors` of them failed (*spec*).

    The answer has them under `operations` (the schema) or `Operations` (Cisco's example).
    """
    call.require([WRITE])
    org, body = org_of(call), call.json()
    operations = body.get("operations")
    if f"{_MESSAGES}:BulkRequest" not in (body.get("schemas") or ()):
        raise ApiError(400, "The schema is not that of a BulkRequest.")
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise ApiError(400, "operations is not a list of objects.")
    if len(operations) > MOST_OPERATIONS:
        raise ApiError(400, f"There are more than {MOST_OPERATIONS} operations.")
    most_errors = body.get("failOnErrors", MOST_OPERATIONS)
    if not isinstance(most_errors, int) or not 1 <= most_errors <= 100:
        raise ApiError(400, "The value of failOnErrors must be between 1 and 100.")
    done: list[dict[str, Any]] = []
    errors = 0
    for operation in operations:
        done.append(carry_out(call, org, operation))
        errors += not done[-1]["status"].startswith("2")
        if errors >= most_errors:
            break
    key = "operations" if call.world.config.scim_answer == "schema" else "Operations"
    return answer({"schemas": [f"{_MESSAGES}:BulkResponse"], key: done})


def carry_out(call: Call, org: Org, operation: dict[str, Any]) -> dict[str, Any]:
    """One operation; of those that there are, only the creation of a user is simulated.

    How an error is written is *live* (wxc_sdk).
    """
    done: dict[str, Any] = {key: operation[key] for key in ("method", "bulkId") if key in operation}
    try:
        person = create(call, org, operation)
    except ApiError as error:
        details = {"trackingId": "SIM_bulk", "errorCode": error.status * 1000, "details": error.message}
        response = {"schemas": [f"{_MESSAGES}:Error", _ERROR], "status": error.status, _ERROR: details}
        return {**done, "status": str(error.status), "response": response}
    return {**done, "location": location(call, org, person), "status": "201"}


def create(call: Call, org: Org, operation: dict[str, Any]) -> Person:
    """A new person, without licenses. An address is unique in all of Webex (*spec*): else 409.

    `data` is an object, as RFC 7644 has it and wxc_sdk sends it, or a text of JSON, as Cisco's schema says (*spec*).
    """
    if (operation.get("method"), operation.get("path")) != ("POST", "/Users") or not operation.get("bulkId"):
        raise ApiError(400, "Only POST /Users with a bulkId is simulated.")
    data = operation.get("data")
    if isinstance(data, str):
        data = json.loads(data)
    if not isinstance(data, dict) or _USER not in (data.get("schemas") or ()):
        raise ApiError(400, "The data are not those of a user.")
    email, names = data.get("userName"), data.get("name") or {}
    if not isinstance(email, str) or "@" not in email or data.get("userType") != "user":
        raise ApiError(400, "userName must be the address, and userType user.")
    first, last = names.get("givenName") or "", names.get("familyName") or ""
    display_name = data.get("displayName") or f"{first} {last}".strip()
    if not display_name:
        raise ApiError(400, "The user has no name.")
    if call.world.is_taken(email):
        raise ApiError(409, f"The user {email} exists already.")
    return org.add_new_person(email, display_name, call.world.now(), call.world.config, first, last)


def search(call: Call) -> Response:
    """GET Users: those whom a filter such as ``userName eq "a@x.com" or userName eq "b@x.com"`` names.

    It lags behind like the list of people (*live*). Other filters are not simulated.
    """
    call.require([WRITE, READ])
    org = org_of(call)
    addresses = _ADDRESS.findall(call.query.get("filter", ""))
    if _ADDRESS.sub("", call.query.get("filter", "")).replace(" or ", "").strip():
        raise ApiError(400, "This filter is not simulated.")
    known = list(org.people.values()) if not addresses else map(org.by_email, addresses)
    shown = [seen for person in known if person and (seen := org.seen(person, "people"))]
    start, count = call.integer("startIndex", 1, least=1), min(call.integer("count", 100), 100)
    page = shown[start - 1 : start - 1 + count]
    return answer(
        {
            "schemas": [f"{_MESSAGES}:ListResponse"],
            "totalResults": len(shown),
            "itemsPerPage": len(page),
            "startIndex": start,
            "Resources": [show(call, org, person) for person in page],
        }
    )


def show(call: Call, org: Org, person: Person) -> dict[str, Any]:
    """A person as SCIM has them."""
    return {
        "schemas": [_USER],
        "id": bare(person.id),
        "userName": person.email,
        "active": person.login_enabled,
        "name": {"givenName": person.first_name, "familyName": person.last_name},
        "displayName": person.display_name,
        "emails": [{"value": email, "type": "work", "primary": email == person.email} for email in person.emails],
        "userType": "user",
        "meta": {
            "resourceType": "User",
            "created": stamp(person.created),
            "lastModified": stamp(person.modified),
            "version": f'W/"{int(person.modified)}"',
            "location": location(call, org, person),
        },
    }


def location(call: Call, org: Org, person: Person) -> str:
    """Where SCIM has a person."""
    return f"{call.world.origin}/identity/scim/{org.uuid}/v2/Users/{bare(person.id)}"
