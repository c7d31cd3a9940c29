# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.inventory import (
    Entry,
    flaw_of,
    free_extension,
    is_available,
    owner_name,
    read_entries,
    refuse_inactive,
    refuse_number,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError, Location
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import BERLIN, LONDON, entry

NUMBER = "+493055502001"
# As the inventory names it: without the routing prefix.
PLACE = Location("berlin-1", "Berlin")


def test_an_entry_is_what_webex_says_of_a_number() -> None:
    places: dict[str, Location] = {}
    item = entry(NUMBER, "2001", owner="ivan")
    assert Entry.from_webex(item, places) == Entry(NUMBER, "2001", PLACE, "ivan", "Ivan Example")
    assert places == {"berlin-1": PLACE}


def test_entries_share_their_places() -> None:
    places: dict[str, Location] = {}
    first, second = (Entry.from_webex(entry(NUMBER), places) for _time in range(2))
    assert first.place is second.place is places["berlin-1"]


def test_an_entry_of_which_little_is_said_is_free_and_sound() -> None:
    assert Entry.from_webex({}, {}) == Entry(None, None, None, None, None, "PEOPLE", None, False, True)
    empty = {"phoneNumber": "", "extension": "", "location": {}, "owner": None}
    assert Entry.from_webex(empty, {}) == Entry(None, None, None)


@pytest.mark.parametrize(
    ("more", "changes"),
    [
        ({"state": "INACTIVE"}, {"inactive": True}),
        ({"state": "ACTIVE"}, {}),
        ({"phoneNumberType": "ALTERNATE"}, {"primary": False, "flaw": "a number of the kind ALTERNATE"}),
        ({"isServiceNumber": True}, {"flaw": "a service number"}),
        (
            {"owner": {"id": "lobby", "type": "PLACE", "name": "Lobby"}},
            {"owner_id": "lobby", "owner": "the place Lobby", "owner_type": "PLACE"},
        ),
        ({"owner": {"firstName": "Ann"}}, {"owner": "Ann"}),
        ({"location": {"id": "x"}}, {"place": Location("x", "")}),
    ],
)
def test_an_entry_has_what_speaks_against_it(more: dict[str, t.Any], changes: dict[str, t.Any]) -> None:
    assert Entry.from_webex({**entry(NUMBER), **more}, {}) == replace(Entry(NUMBER, None, PLACE), **changes)


def test_an_entry_is_its_owners() -> None:
    owned = Entry(NUMBER, None, PLACE, "ivan")
    assert owned.is_of("IVAN")
    assert not owned.is_of("alice")
    assert not owned.is_of(None)
    assert not Entry(NUMBER, None, PLACE).is_of(None)


@pytest.mark.parametrize(
    ("item", "flaw"),
    [
        ({}, None),
        ({"isServiceNumber": False, "isReservedNumber": None}, None),
        ({"isServiceNumber": True}, "a service number"),
        ({"isReservedNumber": True}, "a reserved number"),
        ({"includedTelephonyTypes": "MOBILE_NUMBER"}, "a mobile number"),
        ({"includedTelephonyTypes": "PSTN_NUMBER"}, None),
        ({"phoneNumberType": "PRIMARY"}, None),
        ({"phoneNumberType": "Default"}, None),
        ({"phoneNumberType": "FAX"}, "a number of the kind FAX"),
        # Of a number that somebody has, the kind says how they use it.
        ({"phoneNumberType": "ALTERNATE", "owner": {"id": "ivan"}}, None),
        ({"phoneNumberType": "ALTERNATE", "owner": {}}, "a number of the kind ALTERNATE"),
    ],
)
def test_a_number_without_an_owner_is_not_free_for_that_alone(item: dict[str, t.Any], flaw: str | None) -> None:
    assert flaw_of(item) == flaw


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ({"firstName": "Ann", "lastName": "Lee", "type": "PEOPLE", "id": "a"}, "Ann Lee"),
        ({"firstName": "Ann", "id": "a"}, "Ann"),
        ({"lastName": "Lee"}, "Lee"),
        ({"id": "a", "type": "PEOPLE"}, "a"),
        ({"name": "Sales", "id": "h", "type": "HUNT_GROUP"}, "the hunt group Sales"),
        ({"firstName": "Sales", "type": "CALL_QUEUE"}, "the call queue Sales"),
        ({"type": "VIRTUAL_LINE"}, "the virtual line somebody"),
        ({}, "somebody"),
    ],
)
def test_an_owner_is_named_by_name_and_kind(owner: dict[str, str], name: str) -> None:
    assert owner_name(owner) == name


@pytest.mark.parametrize(
    ("item", "available"),
    [
        (entry(NUMBER), True),
        (entry(NUMBER, owner="ivan"), False),
        (entry(NUMBER, state="INACTIVE"), False),
        (entry(NUMBER, isReservedNumber=True), False),
        (entry(None, "2001"), False),
        ({}, False),
    ],
)
def test_what_a_person_can_be_given_is_available(item: dict[str, t.Any], available: bool) -> None:
    assert is_available(item) is available


def test_the_inventory_is_read_in_the_largest_pages(client: WebexClient, webex: Simulator) -> None:
    place = next(known["id"] for known in webex.state()["locations"] if known["name"] == "London")
    entries = list(read_entries(client, {}, locationId=place))
    assert len(entries) == 10
    assert entries[0] == Entry("+442071838001", None, Location(place, "London"))
    (request,) = webex.journal()
    assert (request["path"], request["query"]) == (
        "/v1/telephony/config/numbers",
        {"max": "2000", "locationId": place},
    )


# Whether a person can have a number

FREE = Entry(NUMBER, None, PLACE)
IVANS = replace(FREE, owner_id="ivan", owner="Ivan Example")
ELSEWHERE = Entry(NUMBER, None, LONDON)


@pytest.mark.parametrize(
    ("entries", "place", "found"),
    [
        ([FREE], None, FREE),
        ([FREE], BERLIN, FREE),
        ([FREE], replace(BERLIN, id="BERLIN-1"), FREE),
        ([ELSEWHERE, FREE], BERLIN, FREE),
        ([ELSEWHERE, FREE], None, ELSEWHERE),
        ([replace(FREE, place=None)], BERLIN, replace(FREE, place=None)),
        # Whose it is at present is not decided here: they may give it up.
        ([replace(FREE, owner_id="bob")], BERLIN, replace(FREE, owner_id="bob")),
        # What the person has they may keep, be it elsewhere or flawed.
        ([FREE, IVANS], BERLIN, IVANS),
        ([replace(IVANS, flaw="a reserved number")], BERLIN, replace(IVANS, flaw="a reserved number")),
        ([replace(IVANS, place=LONDON)], BERLIN, replace(IVANS, place=LONDON)),
    ],
)
def test_a_number_that_a_person_can_have(entries: list[Entry], place: Location | None, found: Entry) -> None:
    assert refuse_number(NUMBER, entries, place, "ivan") == found


@pytest.mark.parametrize(
    ("number", "entries", "place", "message", "remedy"),
    [
        (
            NUMBER,
            [],
            None,
            f"The phone number {NUMBER} is not in the inventory.",
            "add it (`collabops.webex.number`, or Control Hub), or choose one that is there and free.",
        ),
        (
            NUMBER,
            [],
            BERLIN,
            f"The phone number {NUMBER} is not in the inventory of Berlin.",
            "add it (`collabops.webex.number`, or Control Hub), or choose one that is there and free.",
        ),
        (
            NUMBER,
            [],
            Location("athens-1", ""),
            f"The phone number {NUMBER} is not in the inventory of athens-1.",
            "add it (`collabops.webex.number`, or Control Hub), or choose one that is there and free.",
        ),
        (
            "03055502001",
            [],
            BERLIN,
            "The phone number 03055502001 is not in the inventory of Berlin.",
            "write it with its country code, as +49305551234: it has none. If it is right as it is, add it in Control Hub "
            "(Calling, Numbers).",
        ),
        (
            NUMBER,
            [ELSEWHERE, replace(ELSEWHERE, place=Location("a", "Athens")), ELSEWHERE],
            BERLIN,
            f"The phone number {NUMBER} is in the inventory of Athens, London, not of Berlin.",
            "choose a number of that location, or name the location where the number is.",
        ),
        (
            NUMBER,
            [replace(FREE, flaw="a service number")],
            BERLIN,
            f"The phone number {NUMBER} is a service number.",
            "choose a number that is for people.",
        ),
    ],
)
def test_a_number_that_a_person_cannot_have_is_refused(
    number: str, entries: list[Entry], place: Location | None, message: str, remedy: str
) -> None:
    with pytest.raises(CallingError) as error:
        refuse_number(number, entries, place, "ivan")
    assert (error.value.message, error.value.remedy) == (message, remedy)


def test_an_inactive_number_is_refused_unless_it_is_allowed() -> None:
    inactive = replace(FREE, inactive=True)
    with pytest.raises(CallingError) as error:
        refuse_inactive(inactive, allowed=False)
    assert error.value.message == f"The phone number {NUMBER} is not active."
    assert str(error.value.remedy).endswith("or take it as it is with allow_inactive_numbers=true.")
    note = f"the phone number {NUMBER} is not active: no call reaches it yet"
    assert refuse_inactive(inactive, allowed=True) == note
    assert refuse_inactive(FREE, allowed=False) is None
    assert refuse_inactive(FREE, allowed=True) is None


@pytest.mark.parametrize(
    ("near", "taken", "free"),
    [
        ("2001", set[str](), "2002"),
        ("2001", {"2002", "2003"}, "2004"),
        ("9999", set[str](), "1000"),
        ("0100", set[str](), "1000"),
        ("8", {"9"}, "1"),
        ("8", {"9", "1", "2", "3", "4", "5", "6"}, "7"),
        # The extension itself is not another one.
        ("8", {"9", "1", "2", "3", "4", "5", "6", "7"}, None),
        ("5", set("123456789"), None),
    ],
)
def test_a_free_extension_is_near_and_has_as_many_digits(near: str, taken: set[str], free: str | None) -> None:
    assert free_extension(near, taken) == free
