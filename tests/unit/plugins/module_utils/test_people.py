# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _people
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._people import (
    PersonError,
    check_address,
    find_person,
    full_name,
    primary_address,
    put_body,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Server, asked

IVAN, ALIAS = "ivan@example.com", "alias@example.com"


@pytest.fixture
def ivan(client: WebexClient, webex: Simulator) -> dict[str, t.Any]:
    """A person with an alias, in the order in which a read may answer."""
    person = find_person(client, email=IVAN)
    assert person
    webex.clear_journal()
    return {**person, "emails": [ALIAS, IVAN]}


def test_a_person_of_another_organization_is_refused(settings: Settings) -> None:
    """The token of a partner may reach the people of every customer, by their ids."""
    ours, theirs = "1eb65fdf-9643-417f-9974-ad72cae0e10f", "96abc2aa-3dcc-11e5-a152-fe34819cdc9a"
    with Server([(200, {}, json.dumps({"id": "x", "orgId": theirs}))]) as server:
        named = dataclasses.replace(settings, base_url=server.base_url, org_id=ours)
        with WebexClient(named) as partner, pytest.raises(PersonError, match=f"another organization .{theirs}. than"):
            find_person(partner, person_id="x")
        with WebexClient(dataclasses.replace(named, org_id=theirs)) as partner:
            assert find_person(partner, person_id="x")


def test_a_person_is_found_by_address_and_by_id(client: WebexClient) -> None:
    ivan = find_person(client, email="IVAN@example.com")
    assert ivan
    assert ivan["extension"] == "2001"
    assert find_person(client, person_id=ivan["id"]) == ivan
    assert find_person(client, email="nora@example.com") is None
    assert find_person(client, person_id="nobody") is None


@pytest.mark.parametrize("text", ["alice@example.com", "a.b+c@sub.example.com", "x@y"])
def test_an_address_is_accepted(text: str) -> None:
    check_address("email", text)


@pytest.mark.parametrize("text", ["", "alice", "@example.com", "alice@", "a@b@c", "a b@c", "a@b, c@d", "a@b\n"])
def test_what_is_no_address_is_refused_with_the_option(text: str) -> None:
    with pytest.raises(OptionError, match="is not an e-mail address") as error:
        check_address("owner", text)
    assert error.value.option == "owner"


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"displayName": "Ivan", "firstName": "X"}, "Ivan"),
        ({"displayName": "", "firstName": "Ivan", "lastName": "Example"}, "Ivan Example"),
        ({"lastName": "Example"}, "Example"),
        ({"firstName": None, "lastName": ""}, ""),
    ],
)
def test_the_full_name(properties: dict[str, t.Any], name: str) -> None:
    assert full_name(properties) == name


def test_only_what_changes_is_sent_with_the_name_and_the_address() -> None:
    person = {
        "id": "x",
        "displayName": "Ivan",
        "firstName": "Ivan",
        "emails": [IVAN],
        "licenses": ["a", "b"],
        "extension": "2001",
        "locationId": "l",
        "loginEnabled": "true",
        "phoneNumbers": [{"type": "work", "value": "+1"}],
    }
    assert put_body(person, {"title": "GM"}) == {"displayName": "Ivan", "emails": [IVAN], "title": "GM"}
    assert put_body(person, {"displayName": "New"}) == {"displayName": "New", "emails": [IVAN]}


def test_a_person_without_a_display_name_keeps_a_name() -> None:
    assert put_body({"firstName": "Ivan", "emails": [IVAN]}, {})["displayName"] == "Ivan"
    assert put_body({"emails": [IVAN]}, {})["displayName"] == IVAN


def test_the_primary_address_is_listed_first() -> None:
    person = {"displayName": "Ivan", "emails": [ALIAS, IVAN, "third@example.com"]}
    assert put_body(person, {}, IVAN)["emails"] == [IVAN, ALIAS, "third@example.com"]
    with pytest.raises(PersonError, match="alias@example.com, ivan@example.com.*primary one"):
        put_body(person, {})


def test_for_one_address_nothing_is_asked(client: WebexClient, webex: Simulator) -> None:
    assert primary_address(client, {"id": "x", "emails": [IVAN]}) is None
    assert primary_address(client, {"id": "x"}) is None
    assert asked(webex) == []


def test_the_holders_of_a_license_name_the_primary_address(
    client: WebexClient, webex: Simulator, ivan: dict[str, t.Any]
) -> None:
    assert primary_address(client, ivan) == IVAN
    assert primary_address(client, {**ivan, "emails": [ALIAS, "Ivan@Example.com"]}) == "Ivan@Example.com"
    # The license with the fewest holders is his calling license: 1 of them, of 10.
    fewest = next(
        item for item in webex.state()["licenses"] if item["subscription"] == "Sub-1" and "Prof" in item["name"]
    )
    assert asked(webex)[1] == f"GET /licenses/{fewest['id']}"


def test_the_next_license_is_asked_if_one_does_not_tell(
    client: WebexClient, webex: Simulator, ivan: dict[str, t.Any]
) -> None:
    webex.fault(kind="status", path="/licenses/.", status=200, body={"users": []})
    assert primary_address(client, ivan) == IVAN
    assert len(asked(webex)) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licenses": []}, "holds no license"),
        ({"emails": [ALIAS, "third@example.com"]}, "do not tell"),
        ({"id": "somebody else"}, "do not tell"),
    ],
)
def test_a_primary_address_that_nothing_tells_is_an_error(
    client: WebexClient, ivan: dict[str, t.Any], changes: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(PersonError, match=f"alias@example.com, .*{words}.*Nothing was written.*Control Hub"):
        primary_address(client, {**ivan, **changes})


def test_so_many_holders_are_read_and_no_more(
    client: WebexClient, webex: Simulator, ivan: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_people, "HOLDERS_PER_PAGE", 2)
    monkeypatch.setattr(_people, "HOLDERS_READ", 6)
    with pytest.raises(PersonError, match="6 are read at most"):
        primary_address(client, {**ivan, "id": "somebody else"})
    # His calling license has one holder; of the next one, the first five of ten are read, on three pages.
    assert len(asked(webex)) == 1 + 1 + 3
