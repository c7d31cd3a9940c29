# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.scim import create_in_bulk, requests_to_create
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import RequestError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.ids import webex_id
from ansible_collections.collabops.webex.tests.unit.support import Server

UUID = "96abc2aa-3dcc-11e5-a152-fe34819cdc9a"
ALICE = Wanted("alice@example.com", first_name="Alice", last_name="Adler")
BOB = Wanted("bob@example.com", display_name="Bob")
ERROR = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"


def sent(answer: t.Any, *users: Wanted) -> tuple[list[t.Any], str, t.Any]:
    """The errors, and the path and body of the request that was answered so."""
    with (
        Server([(200, {}, json.dumps(answer))]) as server,
        WebexClient(Settings(base_url=server.base_url, access_token="secret-token")) as client,
    ):
        errors = create_in_bulk(client, webex_id("ORGANIZATION", UUID), users)
        ((_method, path, _headers),) = server.requests
        return errors, path, json.loads(server.bodies[0])


def end(number: int, status: t.Any = "201", **more: t.Any) -> dict[str, t.Any]:
    """The end of an operation."""
    return {"method": "POST", "bulkId": str(number), "status": status, **more}


def test_the_request_is_what_rfc_7644_says() -> None:
    errors, path, body = sent({"Operations": [end(1), end(0)]}, ALICE, BOB)
    assert errors == [None, None]
    assert path == f"/identity/scim/{UUID}/v2/Bulk"
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    assert body["failOnErrors"] == 100
    assert [(item["method"], item["path"], item["bulkId"]) for item in body["operations"]] == [
        ("POST", "/Users", "0"),
        ("POST", "/Users", "1"),
    ]
    assert [item["data"] for item in body["operations"]] == [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "alice@example.com",
            "userType": "user",
            "active": True,
            "displayName": "Alice Adler",
            "name": {"givenName": "Alice", "familyName": "Adler"},
            "emails": [{"value": "alice@example.com", "type": "work", "primary": True}],
        },
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "bob@example.com",
            "userType": "user",
            "active": True,
            "displayName": "Bob",
            "emails": [{"value": "bob@example.com", "type": "work", "primary": True}],
        },
    ]


@pytest.mark.parametrize("status", ["201", 201, {"code": "201"}, "200"])
@pytest.mark.parametrize("key", ["operations", "Operations"])
def test_both_notations_of_an_answer_are_read(key: str, status: t.Any) -> None:
    assert sent({key: [end(0, status)]}, BOB)[0] == [None]


@pytest.mark.parametrize(
    ("status", "response", "words", "unclear"),
    [
        ("409", {ERROR: {"errorCode": 409012, "details": "exists", "trackingId": "T1"}}, "exists", False),
        ("400", {"detail": "is wrong"}, "is wrong", False),
        ("404", None, "404", False),
        ("429", {}, "429", True),
        ("500", {}, "500", True),
        ("503", "no JSON", "503", True),
    ],
)
def test_an_operation_that_failed_is_an_error(status: str, response: t.Any, words: str, unclear: bool) -> None:
    ((created, error), _path, _body) = sent({"operations": [end(0), end(1, status, response=response)]}, ALICE, BOB)
    assert created is None
    assert isinstance(error, RequestError)
    assert (error.details()["status"], error.unclear) == (int(status), unclear)
    assert words in str(error)


def test_what_comes_of_outside_is_shown_without_secrets() -> None:
    response = {ERROR: {"details": "for secret-token"}}
    ((error,), _path, _body) = sent({"operations": [end(0, "400", response=response)]}, BOB)
    assert "secret-token" not in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"operations": 1},
        {"operations": []},
        {"operations": [None, "x"]},
        {"operations": [end(7)]},
        {"operations": [end(0, None)]},
    ],
)
def test_an_end_that_is_not_said_is_unclear(answer: t.Any) -> None:
    ((error,), _path, _body) = sent(answer, BOB)
    assert isinstance(error, RequestError)
    assert error.unclear


@pytest.mark.parametrize(("people", "requests"), [(0, 0), (1, 1), (2, 2), (3, 2), (100, 2), (101, 3), (500, 6)])
def test_how_many_requests_it_takes(people: int, requests: int) -> None:
    assert requests_to_create(people) == requests
