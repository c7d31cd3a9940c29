# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People created in bulk."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.ids import bare

from .conftest import Answer, Ids, Webex
from .test_api import add

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def scim(webex: Webex, what: str) -> str:
    """The URL of a SCIM call of the default org."""
    org_id = bare(webex.simulator.credentials["org_id"])
    return f"{webex.simulator.host_url}/identity/scim/{org_id}/v2/{what}"


def user(email: str, **changes: Any) -> dict[str, Any]:
    """A user as SCIM wants one."""
    return {"schemas": [USER], "userName": email, "userType": "user", "displayName": email.title(), **changes}


def send(webex: Webex, *users: Any, **changes: Any) -> Answer:
    """POST Bulk."""
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": str(number), "data": data} for number, data in enumerate(users)
    ]
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": 100,
        "operations": operations,
        **changes,
    }
    return webex.call("POST", scim(webex, "Bulk"), body)


def create_in_bulk(webex: Webex, *emails: str) -> Answer:
    """Create people of whom no more is known than their addresses."""
    return send(webex, *map(user, emails))


def statuses(answer: Answer) -> list[str]:
    """The status of each operation."""
    return [done["status"] for done in answer.body["operations"]]


def test_each_operation_has_an_end_of_its_own(admin: Webex, ids: Ids) -> None:
    named = user("lee@example.com", displayName=None, name={"givenName": "Lee", "familyName": "Example"})
    answer = send(
        admin,
        user("kim@example.com"),
        user("IVAN@example.com"),
        user("zoe@other.example"),  # of another org: an address is unique in all of Webex
        json.dumps(named),
        user("max@example.com", displayName=""),
        user("max@example.com", userType="room"),
    )
    assert statuses(answer) == ["201", "409", "409", "201", "400", "400"]
    kim = admin.person("kim")
    assert answer.body["operations"][0]["location"] == scim(admin, f"Users/{bare(kim['id'])}")
    assert (kim["licenses"], admin.person("lee")["displayName"]) == ([], "Lee Example")
    assert admin.assign("kim", add(ids.professional, locationId=ids.berlin, extension="2901")).status == 200


def test_limits_of_a_bulk(admin: Webex) -> None:
    assert create_in_bulk(admin, *(f"n{number}@example.com" for number in range(101))).status == 400
    assert send(admin, user("kim@example.com"), schemas=[]).status == 400
    assert send(admin, user("kim@example.com"), failOnErrors=0).status == 400
    ended = send(admin, user("ivan@example.com"), user("kim@example.com"), failOnErrors=1)
    assert statuses(ended) == ["409"]
    with pytest.raises(KeyError):
        admin.simulator.person("kim")


def test_who_may(webex: Webex, admin: Webex) -> None:
    assert create_in_bulk(webex, "kim@example.com").status == 403
    assert webex.get(scim(webex, "Users")).status == 403
    encoded = scim(admin, "Users").replace(bare(admin.simulator.credentials["org_id"]), "x")
    assert admin.get(encoded).status == 403


def test_new_people_are_shown_and_known_late(admin: Webex, ids: Ids) -> None:
    admin.simulator.configure(stale_people=3600, new_person_seconds=3600)
    create_in_bulk(admin, "kim@example.com")
    assert admin.get("/people", email="kim@example.com").body["items"] == []
    assert admin.get(scim(admin, "Users"), filter='userName eq "kim@example.com"').body["totalResults"] == 0
    assert admin.assign("kim", add(ids.professional, locationId=ids.berlin, extension="2901")).status == 404
    assert statuses(create_in_bulk(admin, "kim@example.com")) == ["409"]


def test_a_search(admin: Webex) -> None:
    answer = admin.get(scim(admin, "Users"), count=3, startIndex=2)
    assert (len(answer.body["Resources"]), answer.body["totalResults"]) == (3, 10)
    assert admin.get(scim(admin, "Users"), filter='title eq "x"').status == 400
