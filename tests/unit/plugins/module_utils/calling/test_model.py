# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingState,
    License,
    Plan,
    Wanted,
    digits,
    same_number,
)
from ansible_collections.collabops.webex.tests.unit.organizations import (
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
)

NUMBER, OTHER_NUMBER = "+493055502001", "+493055502002"
BEFORE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", NUMBER)
PERSON = {"id": "ivan"}


# A wish


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        (Wanted(email="a@b"), "a@b"),
        (Wanted(person_id="P1"), "P1"),
        (Wanted(email="a@b", person_id="P1"), "a@b"),
        (Wanted(), "?"),
    ],
)
def test_a_person_is_named_as_the_list_names_them(wanted: Wanted, who: str) -> None:
    assert wanted.who == who


def test_a_wish_leaves_everything_open_but_that_calling_is_wanted() -> None:
    assert Wanted() == Wanted(None, None, "present", None, None, None, None, False)


# A license


def test_a_license_is_what_webex_says_of_it() -> None:
    item = {
        "id": "L1",
        "name": "Webex Calling - Professional",
        "subscriptionId": "Sub-1",
        "totalUnits": "10",
        "consumedUnits": 3.0,
    }
    assert License.from_webex(item) == License("L1", "Webex Calling - Professional", "Sub-1", 10, 3, False)


def test_a_license_of_which_little_is_said_has_no_units() -> None:
    assert License.from_webex({"id": 7}) == License("7", "", "", 0, 0, False)


@pytest.mark.parametrize(
    ("named", "is_named"),
    [
        (frozenset[str](), False),
        (frozenset({"desk phone plan"}), True),
        (frozenset({"l1"}), True),
        (frozenset({"l2", "desk phone"}), False),
    ],
)
def test_a_license_can_be_named_in_full_or_by_its_id(named: frozenset[str], is_named: bool) -> None:
    assert License.from_webex({"id": "L1", "name": "Desk Phone PLAN"}, named).named is is_named


# (name, is it for calling, its tier): Cisco's names before and after January 2026.
NAMES: list[tuple[str, bool, str | None]] = [
    ("Webex Calling - Professional", True, "professional"),
    ("Single License - Webex Calling - PROFESSIONAL", True, "professional"),
    ("Webex Calling - Standard", True, "standard"),
    ("Webex Calling - Basic", True, "standard"),
    ("Webex Calling", True, None),
    ("Single License - Webex Calling", True, None),
    ("Webex Calling - Workspaces", False, None),
    ("Webex Calling - Common Area", False, None),
    ("Common Area Calling", False, None),
    ("Webex Calling - Hot desk only", False, None),
    ("Webex Calling - Hotdesk only", False, None),
    ("Messaging - Professional", False, None),
    ("Meeting - Webex Meeting Center", False, None),
    ("Webex Calling Messaging", False, None),
    ("Webex Calling Meetings", False, None),
    ("Webex Calling Webinars", False, None),
    ("Webex Calling Events", False, None),
    ("Customer Assist", False, None),
    ("Professional", False, None),
]


@pytest.mark.parametrize(("name", "is_calling", "tier"), NAMES)
def test_what_a_license_is_for_is_known_by_its_name(name: str, is_calling: bool, tier: str | None) -> None:
    license_ = License("L1", name, "", 1, 0)
    assert (license_.is_calling, license_.tier) == (is_calling, tier)


@pytest.mark.parametrize(
    ("name", "is_calling", "tier"),
    [
        ("Customer Assist", True, None),
        ("Desk Phone Standard", True, "standard"),
        ("Messaging - Advanced", False, None),
        ("Common Area Calling", False, None),
    ],
)
def test_a_license_that_is_named_in_full_is_taken_as_meant_unless_it_is_of_another_service(
    name: str, is_calling: bool, tier: str | None
) -> None:
    license_ = License("L1", name, "", 1, 0, named=True)
    assert (license_.is_calling, license_.tier) == (is_calling, tier)


@pytest.mark.parametrize(
    ("total", "consumed", "free"), [(10, 3, 7), (3, 3, 0), (3, 5, -2), (0, 0, 0), (-1, 5000, float("inf"))]
)
def test_units_are_counted_and_minus_one_is_unlimited(total: int, consumed: int, free: float) -> None:
    assert License("L1", "", "", total, consumed).free == free


def test_the_use_of_a_license_is_told_with_its_subscription() -> None:
    assert PROFESSIONAL.units() == "Webex Calling - Professional (Sub-1): 2 of 10 units in use"
    no_subscription = replace(PROFESSIONAL, subscription="")
    assert no_subscription.units() == "Webex Calling - Professional (no subscription): 2 of 10 units in use"


# A state


def test_the_licenses_of_a_state_are_the_main_one_and_the_further_ones() -> None:
    assert NO_CALLING.licenses == ()
    assert BEFORE.licenses == (PROFESSIONAL,)
    assert replace(BEFORE, further=(UNTOLD_TIER, STANDARD)).licenses == (PROFESSIONAL, UNTOLD_TIER, STANDARD)


def test_a_state_is_shown_with_all_that_is_known() -> None:
    assert BEFORE.shown() == {
        "enabled": True,
        "license": "Webex Calling - Professional",
        "license_id": "professional-1",
        "location": "Berlin",
        "location_id": "berlin-1",
        "extension": "2001",
        "phone_number": NUMBER,
    }
    assert NO_CALLING.shown() == {
        "enabled": False,
        "license": None,
        "license_id": None,
        "location": None,
        "location_id": None,
        "extension": None,
        "phone_number": None,
    }


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (NO_CALLING, "no calling"),
        (BEFORE, f"Webex Calling - Professional, Berlin, 2001, {NUMBER}"),
        (replace(BEFORE, location=None, extension=None), f"Webex Calling - Professional, berlin-1, -, {NUMBER}"),
        (CallingState(STANDARD), "Webex Calling - Standard, no location, -, -"),
    ],
)
def test_a_state_fits_into_one_line(state: CallingState, line: str) -> None:
    assert state.line() == line


# A plan


def plan(after: CallingState, before: CallingState = BEFORE) -> Plan:
    """The way of a person from one state to another."""
    return Plan(PERSON, before, after)


def test_the_notes_of_a_plan_are_empty_at_first() -> None:
    assert plan(BEFORE).notes == ()


# Each way, with what it changes: license, location, extension, number, by PUT, number is lost; and its word.
STANDARD_USER = replace(BEFORE, license=STANDARD)
TWO_LICENSES = replace(BEFORE, further=(UNTOLD_TIER,))
WAYS: dict[str, tuple[CallingState, CallingState, tuple[bool, ...], str]] = {
    "nothing": (BEFORE, BEFORE, (False, False, False, False, False, False), "none"),
    "nobody": (NO_CALLING, NO_CALLING, (False, False, False, False, False, False), "none"),
    "enable": (NO_CALLING, BEFORE, (True, False, False, False, False, False), "enable"),
    "disable": (BEFORE, NO_CALLING, (True, False, False, False, False, False), "disable"),
    "disable two": (TWO_LICENSES, NO_CALLING, (True, False, False, False, False, False), "disable"),
    "raise": (STANDARD_USER, BEFORE, (True, False, False, False, False, False), "update"),
    "raise, extension": (
        STANDARD_USER,
        replace(BEFORE, extension="2009"),
        (True, False, True, False, False, False),
        "update",
    ),
    "raise, no number": (
        STANDARD_USER,
        replace(BEFORE, phone_number=None),
        (True, False, False, True, False, True),
        "update",
    ),
    "drop the second": (TWO_LICENSES, BEFORE, (True, False, False, False, False, False), "update"),
    "extension": (BEFORE, replace(BEFORE, extension="2009"), (False, False, True, False, True, False), "update"),
    "number": (BEFORE, replace(BEFORE, phone_number=OTHER_NUMBER), (False, False, False, True, True, False), "update"),
    "no number": (BEFORE, replace(BEFORE, phone_number=None), (False, False, False, True, True, True), "update"),
    "first number": (
        replace(BEFORE, phone_number=None),
        BEFORE,
        (False, False, False, True, True, False),
        "update",
    ),
    "move": (BEFORE, replace(BEFORE, location_id="london-1"), (False, True, False, False, False, False), "move"),
    "move, extension, number": (
        BEFORE,
        replace(BEFORE, location_id="london-1", extension="2009", phone_number=OTHER_NUMBER),
        (False, True, True, True, False, False),
        "move",
    ),
    "move, raise": (
        STANDARD_USER,
        replace(BEFORE, location_id="london-1"),
        (True, True, False, False, False, False),
        "move",
    ),
    "other notation of the place": (
        BEFORE,
        replace(BEFORE, location_id="BERLIN-1", location=None),
        (False, False, False, False, False, False),
        "none",
    ),
    "place not known": (
        replace(BEFORE, location_id=None),
        BEFORE,
        (False, False, False, False, False, False),
        "none",
    ),
    "place not known then": (
        BEFORE,
        replace(BEFORE, location_id=None),
        (False, False, False, False, False, False),
        "none",
    ),
}


@pytest.mark.parametrize(("before", "after", "changes", "word"), WAYS.values(), ids=WAYS)
def test_a_plan_knows_what_it_changes(
    before: CallingState, after: CallingState, changes: tuple[bool, ...], word: str
) -> None:
    way = plan(after, before)
    assert (
        way.changes_license,
        way.moves,
        way.changes_extension,
        way.changes_number,
        way.changes_person,
        way.removes_number,
    ) == changes
    assert way.action == word
    assert way.changes is (word != "none")


@pytest.mark.parametrize(
    ("way", "requests"),
    [
        ("nothing", 0),
        ("enable", 1),
        ("disable", 1),
        ("raise, extension", 1),
        # The person is read anew before they are changed.
        ("extension", 2),
        ("no number", 2),
        # Many share a job, which is counted by itself.
        ("move", 0),
        ("move, extension, number", 0),
        ("move, raise", 1),
    ],
)
def test_a_plan_knows_how_many_requests_it_takes(way: str, requests: int) -> None:
    before, after, _changes, _word = WAYS[way]
    assert plan(after, before).requests == requests


def add(license_: License, **properties: str) -> dict[str, t.Any]:
    return {"id": license_.id, "operation": "add", "properties": properties}


def remove(license_: License) -> dict[str, t.Any]:
    return {"id": license_.id, "operation": "remove"}


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        (BEFORE, BEFORE, []),
        (BEFORE, replace(BEFORE, extension="2009"), []),
        (
            NO_CALLING,
            BEFORE,
            [add(PROFESSIONAL, locationId="berlin-1", phoneNumber=NUMBER, extension="2001")],
        ),
        (
            NO_CALLING,
            replace(BEFORE, phone_number=None),
            [add(PROFESSIONAL, locationId="berlin-1", extension="2001")],
        ),
        (NO_CALLING, CallingState(STANDARD, phone_number=NUMBER), [add(STANDARD, phoneNumber=NUMBER)]),
        (BEFORE, NO_CALLING, [remove(PROFESSIONAL)]),
        (TWO_LICENSES, NO_CALLING, [remove(PROFESSIONAL), remove(UNTOLD_TIER)]),
        (TWO_LICENSES, BEFORE, [remove(UNTOLD_TIER)]),
        (
            STANDARD_USER,
            BEFORE,
            [remove(STANDARD), add(PROFESSIONAL, locationId="berlin-1", phoneNumber=NUMBER, extension="2001")],
        ),
        (
            replace(STANDARD_USER, further=(UNTOLD_TIER,)),
            replace(BEFORE, further=(UNTOLD_TIER,)),
            [remove(STANDARD), add(PROFESSIONAL, locationId="berlin-1", phoneNumber=NUMBER, extension="2001")],
        ),
    ],
)
def test_licenses_are_taken_first_and_given_with_their_properties(
    before: CallingState, after: CallingState, operations: list[dict[str, t.Any]]
) -> None:
    assert plan(after, before).license_operations == operations


@pytest.mark.parametrize(
    ("before", "after", "state", "is_done"),
    [
        (NO_CALLING, BEFORE, BEFORE, True),
        (NO_CALLING, BEFORE, NO_CALLING, False),
        (NO_CALLING, BEFORE, replace(BEFORE, location="Somewhere"), True),
        (NO_CALLING, BEFORE, replace(BEFORE, license=SECOND_PROFESSIONAL), False),
        (NO_CALLING, BEFORE, replace(BEFORE, license=STANDARD, further=(PROFESSIONAL,)), True),
        (NO_CALLING, BEFORE, replace(BEFORE, location_id="london-1"), False),
        (NO_CALLING, BEFORE, replace(BEFORE, location_id=None), False),
        (NO_CALLING, BEFORE, replace(BEFORE, extension="2009"), False),
        (NO_CALLING, BEFORE, replace(BEFORE, extension=None), False),
        (NO_CALLING, BEFORE, replace(BEFORE, phone_number="49 30 5550 2001"), True),
        (NO_CALLING, BEFORE, replace(BEFORE, phone_number=OTHER_NUMBER), False),
        (NO_CALLING, BEFORE, replace(BEFORE, phone_number=None), False),
        # What the plan leaves open may be anything: Webex may give an extension of its own choice.
        (NO_CALLING, replace(BEFORE, extension=None), BEFORE, True),
        (NO_CALLING, replace(BEFORE, phone_number=None), BEFORE, True),
        (NO_CALLING, replace(BEFORE, location_id=None), BEFORE, True),
        # What is to be lost must be gone.
        (BEFORE, replace(BEFORE, phone_number=None), BEFORE, False),
        (BEFORE, replace(BEFORE, phone_number=None), replace(BEFORE, phone_number=None), True),
        (STANDARD_USER, BEFORE, replace(BEFORE, further=(STANDARD,)), False),
        (STANDARD_USER, BEFORE, replace(BEFORE, further=(UNTOLD_TIER,)), True),
        (BEFORE, NO_CALLING, NO_CALLING, True),
        (BEFORE, NO_CALLING, BEFORE, False),
        (BEFORE, NO_CALLING, CallingState(UNTOLD_TIER), False),
        (TWO_LICENSES, NO_CALLING, CallingState(UNTOLD_TIER), False),
        (TWO_LICENSES, BEFORE, TWO_LICENSES, False),
    ],
)
def test_a_plan_is_done_when_what_it_names_is_so(
    before: CallingState, after: CallingState, state: CallingState, is_done: bool
) -> None:
    assert plan(after, before).is_done(state) is is_done


# Numbers


@pytest.mark.parametrize(("number", "found"), [("+49 (30) 1-2", "493012"), ("none", ""), ("", ""), (None, "")])
def test_of_a_number_the_digits_count(number: str | None, found: str) -> None:
    assert digits(number) == found


@pytest.mark.parametrize(
    ("number", "other", "same"),
    [
        ("+49 30 1", "49301", True),
        ("+49301", "+49302", False),
        (None, None, False),
        ("+1", None, False),
        (None, "+1", False),
        ("", "", False),
    ],
)
def test_numbers_are_compared_by_their_digits(number: str | None, other: str | None, same: bool) -> None:
    assert same_number(number, other) is same
