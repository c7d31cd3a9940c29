# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import (
    Work,
    check_each,
    plan_all,
    read_and_plan,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.claims import holdings
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingState,
    License,
    Plan,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.order import CircleError, Order
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import OldRead, Rules
from ansible_collections.collabops.webex.plugins.module_utils._calling.planned_user import PlannedUser
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.table import SETTINGS
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, OptionError
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    LONDON,
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    Json,
    KnownOrganization,
    SimulatedOrganization,
    alice,
    entry,
    ivan,
    people,
    person,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock

A, B, C, FREE = "+4930001", "+4930002", "+4930003", "+4930009"


def user(name: str, extension: str | None = None, number: str | None = None, **more: t.Any) -> Wanted:
    """A wish for somebody in Berlin."""
    return replace(
        Wanted(email=f"{name}@example.com", location="Berlin", extension=extension, phone_number=number), **more
    )


def gone(name: str) -> Wanted:
    """The wish that somebody has no calling."""
    return Wanted(email=f"{name}@example.com", state="absent")


def caller(
    name: str, extension: str | None = None, number: str | None = None, license_: License = PROFESSIONAL
) -> Json:
    """A person of Berlin who has calling."""
    return person(name, license_, place=BERLIN, extension=extension, number=number)


def names(work: Work) -> list[str]:
    return [planned.who.partition("@")[0] for planned in work.users]


def problems(work: Work) -> dict[str, str]:
    return {who.partition("@")[0]: str(error) for who, error in work.problems}


# Each user alone


def test_what_is_wrong_by_itself_is_a_problem_of_that_user() -> None:
    users, found = check_each(
        [
            {"email": "a@b", "location": "Berlin", "extension": " 1 ", "state": None, "phone_number": ""},
            {"email": "c"},
            {"location": ""},
            {"person_id": "P1", "extension": "x"},
        ]
    )
    assert users == [Wanted(email="a@b", location="Berlin", extension="1")]
    assert [who for who, _error in found] == ["c", "user 3", "P1"]
    assert all(isinstance(error, OptionError) for _who, error in found)


def test_a_planned_user_knows_what_was_before_the_parking() -> None:
    had, parked = CallingState(PROFESSIONAL, "berlin-1", None, "1"), CallingState(PROFESSIONAL, "berlin-1", None, "9")
    after = replace(had, extension="2")
    planned = PlannedUser(user("ann"), Plan({}, had, after))
    assert (planned.who, planned.before, planned.parking) == ("ann@example.com", had, None)
    planned.parking, planned.plan = Plan({}, had, parked), Plan({}, parked, after)
    assert planned.before == had
    planned.unpark()
    assert (planned.plan, planned.parking) == (Plan({}, had, after), None)


def test_a_user_with_nothing_due_but_settings_needs_something() -> None:
    as_is = Plan({}, NO_CALLING, NO_CALLING)
    planned = [PlannedUser(user("ann"), as_is), PlannedUser(user("bob"), as_is, due=(SETTINGS[0],))]
    assert Work(planned).changes == planned[1:]


@pytest.mark.parametrize(
    ("state", "held"),
    [
        (NO_CALLING, set[t.Any]()),
        (CallingState(None, "berlin-1", None, "1", A), set[t.Any]()),
        (CallingState(PROFESSIONAL), set[t.Any]()),
        (CallingState(PROFESSIONAL, "BERLIN-1", None, "1"), {("extension", "berlin-1", "1")}),
        (CallingState(PROFESSIONAL, None, None, "1"), {("extension", "", "1")}),
        (CallingState(PROFESSIONAL, None, None, None, A), {("phone number", "4930001")}),
        (
            CallingState(PROFESSIONAL, "x", None, "1", A),
            {("extension", "x", "1"), ("phone number", "4930001")},
        ),
    ],
)
def test_extension_and_number_are_what_only_one_can_have(state: CallingState, held: set[t.Any]) -> None:
    assert holdings(state) == held


# The list


def test_a_list_is_planned_and_of_people_only_what_is_needed_is_kept() -> None:
    known = KnownOrganization([caller("ann", "1", A), person("bob", title="Boss")])
    work = plan_all(known, [user("ann", "1"), user("bob", "2")])
    assert work.problems == []
    assert work.order == Order({}, {}, {})
    anns = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "1", A)
    assert work.users == [
        PlannedUser(
            user("ann", "1"),
            Plan({"id": "ann", "emails": ["ann@example.com"], "displayName": "Ann Example"}, anns, anns),
        ),
        PlannedUser(
            user("bob", "2"),
            Plan(
                {"id": "bob", "emails": ["bob@example.com"], "displayName": "Bob Example"},
                NO_CALLING,
                CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2"),
            ),
        ),
    ]
    assert work.changes == [work.users[1]]
    # Of whom nothing changes, one state is kept.
    assert work.users[0].plan.after is work.users[0].plan.before


def test_those_who_give_a_unit_back_come_first_and_the_others_stay_in_their_order() -> None:
    known = KnownOrganization([caller("ann", "1"), caller("bob", "2"), person("cid"), person("dan")])
    work = plan_all(known, [user("dan", "4"), gone("ann"), user("cid", "3"), gone("bob")])
    assert names(work) == ["ann", "bob", "dan", "cid"]


def test_all_problems_are_told_at_once() -> None:
    known = KnownOrganization([caller("ann", "1"), person("bob"), person("cid")], [entry(FREE)])
    work = plan_all(
        known,
        [user("nobody", "7"), user("bob", "1"), user("cid", "8", license="gold"), user("ann", "1", location="Rome")],
    )
    assert names(work) == []
    assert list(problems(work)) == ["nobody", "cid", "ann", "bob"]
    assert problems(work)["bob"] == (
        "The extension 1 in Berlin is in use by Ann Example. What to do: choose another one, or free it first."
    )


def test_an_organization_that_cannot_be_read_is_not_the_problem_of_a_user() -> None:
    class Unreadable(KnownOrganization):
        def person(self, wanted: Wanted) -> Json | None:
            raise NoAnswer("no answer")

    with pytest.raises(NoAnswer):
        plan_all(Unreadable(), [user("ann", "1")])


def test_the_rules_hold_for_each_user() -> None:
    known = KnownOrganization([caller("ann", "1")])
    move = user("ann", "1", location="London")
    assert "allow_move=true" in problems(plan_all(known, [move]))["ann"]
    assert plan_all(known, [move], Rules(allow_move=True)).users[0].plan.action == "move"


# Units of licenses


def licenses(*units: tuple[License, int, int]) -> list[License]:
    return [replace(license_, total=total, consumed=consumed) for license_, total, consumed in units]


def test_units_of_two_subscriptions_are_used_one_after_the_other() -> None:
    known = KnownOrganization(
        [person(name) for name in "abcde"],
        licenses=licenses((PROFESSIONAL, 4, 2), (SECOND_PROFESSIONAL, 2, 0)),
    )
    users = [user(name, str(number)) for number, name in enumerate("abcde", start=1)]
    work = plan_all(known, users, Rules(license_overage="refuse"))
    used = [planned.plan.after.license.id for planned in work.users if planned.plan.after.license]
    assert used == ["professional-1", "professional-2", "professional-1", "professional-2"]
    assert list(problems(work)) == ["e"]
    assert problems(work)["e"].startswith("No free license: Webex Calling - Professional (Sub-1): 4 of 4 units in use;")


def test_if_units_seem_to_be_used_up_webex_decides_and_the_plan_says_so() -> None:
    known = KnownOrganization([person("a"), person("b")], licenses=licenses((PROFESSIONAL, 3, 2)))
    work = plan_all(known, [user("a", "1"), user("b", "2")])
    assert [planned.plan.notes for planned in work.users] == [
        (),
        (
            "no unit of the license seems to be free, so Webex decides: Webex Calling - Professional (Sub-1): 3 of 3 "
            "units in use",
        ),
    ]


def test_a_unit_that_one_gives_back_is_there_for_another_who_waits_for_it() -> None:
    known = KnownOrganization(
        [caller("ann", "1"), person("bob"), person("cid")], licenses=licenses((PROFESSIONAL, 1, 1))
    )
    work = plan_all(known, [user("bob", "2"), gone("ann"), user("cid", "3")])
    assert names(work) == ["ann", "bob", "cid"]
    assert work.order == Order({}, {}, {1: {0}})
    assert [bool(planned.plan.notes) for planned in work.users] == [False, False, True]


def test_while_units_are_free_nobody_waits_for_one() -> None:
    known = KnownOrganization(
        [caller("ann", "1"), caller("dan", "4"), person("bob"), person("cid"), person("eve")],
        licenses=licenses((PROFESSIONAL, 3, 2)),
    )
    work = plan_all(known, [gone("ann"), gone("dan"), user("bob", "2"), user("cid", "3"), user("eve", "5")])
    assert work.order.units == {3: {0}, 4: {1}}
    assert work.problems == []


def test_a_unit_that_a_raise_gives_back_counts_only_after_it() -> None:
    known = KnownOrganization(
        [caller("ann", "1", license_=STANDARD), person("bob"), person("cid")],
        licenses=licenses((PROFESSIONAL, 9, 1), (STANDARD, 1, 1)),
    )
    users = [user("bob", "2", license="standard"), user("ann", "1", license="professional")]
    assert [bool(planned.plan.notes) for planned in plan_all(known, users).users] == [True, False]
    known = KnownOrganization(
        [caller("ann", "1", license_=STANDARD), person("bob")],
        licenses=licenses((PROFESSIONAL, 9, 1), (STANDARD, 1, 1)),
    )
    work = plan_all(known, users[::-1])
    assert [planned.plan.notes for planned in work.users] == [(), ()]
    assert work.order.units == {1: {0}}


def test_a_unit_of_a_user_with_a_problem_is_not_waited_for() -> None:
    known = KnownOrganization(
        [caller("ann", "1", license_=STANDARD), person("bob"), caller("zoe", "9")],
        licenses=licenses((PROFESSIONAL, 9, 2), (STANDARD, 1, 1)),
    )
    work = plan_all(known, [user("ann", "9", license="professional"), user("bob", "2", license="standard")])
    assert names(work) == ["bob"]
    assert work.order == Order({}, {}, {})


def test_a_unit_is_not_booked_for_a_user_with_a_problem() -> None:
    known = KnownOrganization(
        [caller("ann", "1"), person("bob"), person("cid")],
        [entry(None, "9", BERLIN, "zoe")],
        licenses=licenses((PROFESSIONAL, 1, 1)),
    )
    work = plan_all(known, [gone("ann"), user("bob", "9"), user("cid", "3")])
    assert names(work) == ["ann", "cid"]
    assert work.order.units == {}


def test_who_gives_up_two_licenses_gives_two_units_back() -> None:
    ann = person("ann", PROFESSIONAL, UNTOLD_TIER, place=BERLIN, extension="1")
    known = KnownOrganization(
        [ann, person("bob"), person("cid")], licenses=licenses((PROFESSIONAL, 1, 1), (UNTOLD_TIER, 1, 1))
    )
    work = plan_all(known, [gone("ann"), user("bob", "2"), user("cid", "3", license="Webex Calling")])
    assert work.order.units == {1: {0}, 2: {0}}


# What only one can have


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (user("bob", "2"), user("cid", "2"), "extension (2)"),
        (user("bob", "2", FREE), user("cid", "3", "49 30 009"), "phone number (4930009)"),
        (user("bob", "2", FREE), user("cid", "2", FREE), "phone number (4930009)"),
        (user("bob", "2"), user("bob", "3"), "person (bob)"),
        (user("bob", "2"), user("bob", "3", email=None, person_id="BOB"), "person (bob)"),
        (gone("nobody"), gone("nobody"), "person (nobody@example.com)"),
        # Also what another one keeps.
        (user("ann", "1"), user("cid", "1"), "extension (1)"),
    ],
)
def test_two_of_the_list_cannot_have_the_same(first: Wanted, second: Wanted, what: str) -> None:
    known = KnownOrganization([caller("ann", "1"), person("bob"), person("cid")], [entry(FREE)])
    work = plan_all(known, [first, second])
    assert [planned.wanted for planned in work.users] == [first]
    assert [(who, str(error)) for who, error in work.problems] == [
        (second.who, f"{second.who} and {first.who} are to have the same {what}. What to do: correct the list.")
    ]


def test_what_a_refused_user_was_to_get_is_there_for_another() -> None:
    known = KnownOrganization([person(name) for name in ("bob", "cid", "dan")], [entry(FREE)])
    work = plan_all(known, [user("bob", "2"), user("cid", "2", FREE), user("dan", "3", FREE)])
    assert (names(work), list(problems(work))) == (["bob", "dan"], ["cid"])


@pytest.mark.parametrize(
    "users",
    [
        [user("bob", "2"), user("cid", "2", location="London")],
        [user("bob", "2"), gone("ann")],
        [gone("nobody"), gone("noone")],
    ],
)
def test_what_does_not_clash_is_allowed(users: list[Wanted]) -> None:
    known = KnownOrganization([caller("ann", "1"), person("bob"), person("cid")])
    assert plan_all(known, users).problems == []


@pytest.mark.parametrize(
    ("wanted", "items", "words"),
    [
        (user("bob", "7"), [entry(None, "7", BERLIN, "zoe")], "The extension 7 in Berlin is in use by Zoe Example."),
        (
            user("bob", "7"),
            [
                entry(FREE, "7", owner=None),
                {**entry(None, "7"), "owner": {"id": "h", "type": "HUNT_GROUP", "name": "Sales"}},
            ],
            "The extension 7 in Berlin is in use by the hunt group Sales.",
        ),
        (
            user("bob", "7", FREE),
            [entry(FREE, None, BERLIN, "zoe")],
            f"The phone number {FREE} is in use by Zoe Example.",
        ),
        (
            user("bob", None, FREE, location=None),
            [entry(FREE, None, BERLIN, "zoe")],
            f"The phone number {FREE} is in use by Zoe Example.",
        ),
    ],
)
def test_what_somebody_else_has_is_refused_with_their_name(wanted: Wanted, items: list[Json], words: str) -> None:
    work = plan_all(KnownOrganization([person("bob")], items), [wanted])
    assert names(work) == []
    assert problems(work)["bob"].startswith(words)


@pytest.mark.parametrize(
    "items",
    [
        [entry(None, "7", BERLIN, "bob")],
        [entry(None, "7", LONDON, "zoe")],
        [entry(None, "7", BERLIN)],
        [entry(None, "77", BERLIN, "zoe")],
    ],
)
def test_what_is_free_or_theirs_is_not_refused(items: list[Json]) -> None:
    work = plan_all(KnownOrganization([person("bob")], items), [user("bob", "7")])
    assert names(work) == ["bob"]
    assert work.order.waits == {}


@pytest.mark.parametrize("name", ["bob@example.com", "eve@example.com"])
def test_a_newcomer_who_owns_what_they_are_to_get_makes_an_old_read(name: str) -> None:
    """The list of people does not show them yet, but the inventory does."""

    class Unlisted(KnownOrganization):
        def person(self, wanted: Wanted) -> Json | None:
            return super().person(wanted) if wanted.person_id else None

    owner = caller("bob", "7")
    known = Unlisted([{**owner, "emails": [name.title()]}], [entry(None, "7", BERLIN, "bob")])
    work = plan_all(known, [user("bob", "7", display_name="Bob Example")], Rules(create_people=True))
    ((_who, error),) = work.problems
    assert isinstance(error, OldRead) is (name == "bob@example.com")
    if isinstance(error, OldRead):
        assert str(error) == (
            "Webex does not find bob@example.com, but shows that they have the extension 7: one of both is old. "
            "What to do: run again in a while."
        )


def test_a_newcomer_waits_for_what_another_one_gives_up() -> None:
    known = KnownOrganization([caller("ann", "1")])
    users = [gone("ann"), user("new", "1", display_name="New"), user("newer", "2", display_name="Newer")]
    work = plan_all(known, users, Rules(create_people=True))
    assert names(work) == ["ann", "new", "newer"]
    assert work.order.waits == {1: {0}}


def test_an_extension_is_looked_up_also_if_the_number_decides_the_location() -> None:
    """Check mode and run agree."""
    known = KnownOrganization([person("bob")], [entry(FREE), entry(None, "7", BERLIN, "zoe")])
    work = plan_all(known, [user("bob", "7", FREE, location=None)])
    assert problems(work)["bob"].startswith("The extension 7 in Berlin is in use by Zoe Example.")


def test_in_a_location_without_a_name_an_extension_is_taken_too() -> None:
    known = KnownOrganization(
        [person("bob")], [{**entry(FREE), "location": {"id": "berlin-1"}}, entry(None, "7", BERLIN, "zoe")]
    )
    known.items = [{**item, "location": {"id": "berlin-1"}} for item in known.items]
    work = plan_all(known, [user("bob", "7", FREE, location=None)])
    assert problems(work)["bob"].startswith("The extension 7 in berlin-1 is in use by Zoe Example.")


def test_without_a_location_no_extension_is_looked_up() -> None:
    known = KnownOrganization([person("bob")], [entry(FREE, place=None), entry(None, "7", BERLIN, "zoe")])
    work = plan_all(known, [user("bob", "7", FREE, location=None)])
    assert names(work) == ["bob"]
    assert {key for query in known.queries for key in query} == {"phoneNumber"}


def test_who_moves_needs_the_extension_in_the_other_location() -> None:
    known = KnownOrganization([caller("ann", "1")], [entry(None, "1", LONDON, "zoe")])
    work = plan_all(known, [user("ann", "1", location="London")], Rules(allow_move=True))
    assert problems(work)["ann"].startswith("The extension 1 in London is in use by Zoe Example.")


# Who gets what another one of the list gives up


@pytest.mark.parametrize(
    "giver",
    [gone("ann"), user("ann", "9"), user("ann", "1", location="London")],
    ids=["loses calling", "changes", "moves"],
)
def test_an_extension_that_another_one_gives_up_is_waited_for(giver: Wanted) -> None:
    known = KnownOrganization([caller("ann", "1"), person("bob")])
    work = plan_all(known, [giver, user("bob", "1")], Rules(allow_move=True))
    assert names(work) == ["ann", "bob"]
    assert work.order.waits == {1: {0}}


@pytest.mark.parametrize("giver", [gone("ann"), user("ann", "1", B), user("ann", "1", remove_phone_number=True)])
def test_a_number_that_another_one_gives_up_is_waited_for(giver: Wanted) -> None:
    known = KnownOrganization([caller("ann", "1", A), person("bob")], [entry(B)])
    work = plan_all(known, [giver, user("bob", "2", A)])
    assert names(work) == ["ann", "bob"]
    assert work.order.waits == {1: {0}}


def test_what_two_give_up_is_waited_for_from_both() -> None:
    known = KnownOrganization([caller("ann", "1", A), caller("bob", "2", B), person("cid")])
    work = plan_all(known, [gone("ann"), gone("bob"), user("cid", "1", B)])
    assert work.order.waits == {2: {0, 1}}


def test_what_another_one_keeps_is_not_there() -> None:
    known = KnownOrganization([caller("ann", "1", A), person("bob")], [entry(B)])
    work = plan_all(known, [user("ann", "1", B), user("bob", "1")])
    assert problems(work) == {
        "bob": "bob@example.com and ann@example.com are to have the same extension (1). What to do: correct the list."
    }
    # An extension of which the inventory says that ann has it, but not as the one that she gives up.
    known = KnownOrganization(
        [caller("ann", "1", A), person("bob")], [entry(None, "5", BERLIN, "ann"), entry(A, "1", BERLIN, "ann")]
    )
    work = plan_all(known, [user("ann", "9"), user("bob", "5")])
    assert problems(work)["bob"].startswith("The extension 5 in Berlin is in use by Ann Example.")


def test_who_had_no_calling_gives_nothing_up() -> None:
    known = KnownOrganization([person("ann"), person("bob")], [entry(None, "1", BERLIN, "ann")])
    work = plan_all(known, [user("ann", "9"), user("bob", "1")])
    assert list(problems(work)) == ["bob"]


def test_who_needs_something_of_a_user_with_a_problem_has_a_problem_too() -> None:
    known = KnownOrganization(
        [caller("ann", "1"), caller("bob", "2"), person("cid")], [entry(None, "9", BERLIN, "zoe")]
    )
    work = plan_all(known, [user("ann", "9"), user("bob", "1"), user("cid", "2")])
    assert names(work) == []
    assert {name: text.partition(" What")[0] for name, text in problems(work).items()} == {
        "ann": "The extension 9 in Berlin is in use by Zoe Example.",
        "bob": "The extension 1 in Berlin is in use by Ann Example.",
        "cid": "The extension 2 in Berlin is in use by Bob Example.",
    }


def test_twenty_people_who_each_move_up_by_one_wait_in_a_row() -> None:
    known = KnownOrganization([caller(f"p{n:02}", str(100 + n)) for n in range(20)])
    work = plan_all(known, [user(f"p{n:02}", str(101 + n)) for n in range(20)])
    assert work.problems == []
    assert work.order == Order({n: {n + 1} for n in range(19)}, {}, {})
    assert [planned.parking for planned in work.users] == [None] * 20


def test_a_swap_is_planned_by_way_of_a_free_extension_and_said() -> None:
    known = KnownOrganization([caller("ann", "1001"), caller("bob", "1002")])
    work = plan_all(known, [user("ann", "1002"), user("bob", "1001")])
    ann, bob = work.users
    state = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "1002")
    assert work.order == Order({0: set(), 1: {0}}, {0: {1}}, {})
    assert (ann.parking, ann.plan.notes) == (None, ())
    assert bob.parking is not None
    assert (bob.parking.before, bob.parking.after) == (state, replace(state, extension="1003"))
    assert (bob.plan.before, bob.plan.after) == (replace(state, extension="1003"), replace(state, extension="1001"))
    assert bob.plan.notes == ("has the extension 1003 for a moment, since 1002 is exchanged",)


def test_after_a_problem_nobody_is_parked_in_vain() -> None:
    """Two exchange extensions, and two cannot exchange numbers: when these are out, all is ordered anew."""
    known = KnownOrganization(
        [caller("ann", "1001"), caller("bob", "1002"), caller("cid", None, A), caller("dan", None, B)]
    )
    work = plan_all(known, [user("ann", "1002"), user("bob", "1001"), user("cid", None, B), user("dan", None, A)])
    assert names(work) == ["ann", "bob"]
    assert [type(error) for _who, error in work.problems] == [CircleError, CircleError]
    assert list(problems(work)) == ["cid", "dan"]
    assert work.order == Order({0: set(), 1: {0}}, {0: {1}}, {})
    assert work.users[1].plan.notes == ("has the extension 1003 for a moment, since 1002 is exchanged",)


# How long it takes


@pytest.mark.parametrize(
    ("users", "requests", "moves"),
    [
        ([user("ann", "1")], 0, 0),
        ([user("cid", "3")], 1, 0),
        ([user("ann", "9"), user("cid", "3")], 3, 0),
        # One of two is parked before.
        ([user("ann", "2"), user("bob", "1")], 6, 0),
        ([user("ann", "1", location="London"), user("bob", "2", location="London")], 1, 1),
    ],
)
def test_it_is_said_beforehand_how_many_requests_and_seconds_it_will_take(
    bulk: SimulatedOrganization, users: list[Wanted], requests: int, moves: int
) -> None:
    known = KnownOrganization([caller("ann", "1"), caller("bob", "2"), person("cid")])
    work = plan_all(known, users, Rules(allow_move=True))
    assert work.problems == []
    with bulk.client() as client:
        assert work.estimate(client) == {"requests": requests, "seconds": None}
        list(client.pages("/licenses", "items"))
        rate = client.requests_per_second
        assert rate
        assert work.estimate(client) == {"requests": requests, "seconds": math.ceil(requests / rate + 10 * moves)}


def test_a_hundred_moves_take_one_job(bulk: SimulatedOrganization) -> None:
    known = KnownOrganization([caller(f"p{n}", str(1000 + n)) for n in range(101)])
    moves = [user(f"p{n}", str(1000 + n), location="London") for n in range(101)]
    with bulk.client() as client:
        for count, jobs in ((99, 1), (100, 1), (101, 2)):
            work = plan_all(known, moves[:count], Rules(allow_move=True))
            assert work.estimate(client)["requests"] == jobs


# Reads that contradict each other


class Changing(KnownOrganization):
    """An organization that shows something else at each read."""

    workers = 1

    def __init__(self, *looks: list[Json]) -> None:
        super().__init__()
        self.looks = list(looks)
        self.reads = 0

    def read(self) -> None:
        """See what is next; the last look stays."""
        self.people = self.looks[min(self.reads, len(self.looks) - 1)]
        self.reads += 1


@pytest.mark.parametrize(
    ("looks", "seconds", "reads", "is_planned"),
    [
        ([[caller("ann", "1")]], 30, 1, True),
        ([[person("ann", PROFESSIONAL)], [caller("ann", "1")]], 30, 2, True),
        ([[person("ann", PROFESSIONAL)], [caller("ann", "1")]], 0, 1, False),
        ([[person("ann", PROFESSIONAL)]], 1, 3, False),
        # Another problem does not go away by itself.
        ([[]], 30, 1, False),
    ],
)
def test_what_contradicts_itself_is_read_again_within_the_patience(
    looks: list[list[Json]], seconds: float, reads: int, is_planned: bool
) -> None:
    clock, known = Clock(), Changing(*looks)
    organization = t.cast(BulkOrganization, known)
    work = read_and_plan(organization, [user("ann", "2")], Rules(), Patience(seconds, clock.monotonic, clock.sleep))
    assert known.reads == reads
    assert bool(work.users) is is_planned
    assert bool(work.problems) is not is_planned
    assert len(clock.naps) == reads - 1


def test_an_old_read_is_a_problem_after_all() -> None:
    clock = Clock()
    organization = t.cast(BulkOrganization, Changing([person("ann", PROFESSIONAL)]))
    work = read_and_plan(organization, [user("ann", "2")], Rules(), Patience(0, clock.monotonic, clock.sleep))
    assert [type(error) for _who, error in work.problems] == [OldRead]


# With the simulator


def test_problems_of_a_list_are_told_at_once_and_nothing_is_written(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=40, enabled=20)
    wrong = {
        "nobody@example.com": (alice(email="nobody@example.com"), "There is no person nobody"),
        "user00021@example.com": (*people(21, 21, location="Atlantis"), "'Atlantis' does not exist"),
        "user00022@example.com": (*people(22, 22, location="Warehouse"), "not enabled for Webex Calling"),
        "user00023@example.com": (*people(23, 23, license="gold"), "'gold' is not a license"),
        "user00024@example.com": (*people(24, 24, extension="10001"), "extension 10001 in Berlin is in use by User 0"),
        "user00025@example.com": (*people(25, 25, phone_number="+493055502001"), "is in use by Ivan Example"),
        "user00026@example.com": (*people(26, 26, phone_number="+4930999"), "is not in the inventory of Berlin"),
        "user00027@example.com": (*people(27, 27, extension="10031"), "have the same extension (10031)"),
        "user00028@example.com": (*people(28, 28, phone_number="+49 30 55502002"), "have the same phone number"),
        "user00001@example.com": (*people(1, 1, location="London"), "has calling in another location"),
        "user00002@example.com": (*people(2, 2, license="standard"), "does not change it to"),
    }
    good = [*people(31, 32), *people(33, 33, phone_number="+493055502002"), *people(3, 9)]
    work = bulk.plan(good + [wanted for wanted, _words in wrong.values()] + people(33, 33))
    assert sorted(planned.who for planned in work.users) == sorted(wanted.who for wanted in good)
    found = {who: str(error) for who, error in work.problems}
    assert "are to have the same person" in found.pop("user00033@example.com")
    assert found.keys() == wrong.keys()
    for who, (_wanted, words) in wrong.items():
        assert words in found[who], who
    assert bulk.writes() == []


def test_free_units_are_counted_over_the_list(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=10)
    bulk.use_up(leave=3)
    work = bulk.plan(people(1, 10), license_overage="refuse")
    assert [planned.who for planned in work.users] == [wanted.who for wanted in people(1, 3)]
    assert len(work.problems) == 7
    assert all("No free license" in str(error) for _who, error in work.problems)
    assert Counter(bool(planned.plan.notes) for planned in bulk.plan(people(1, 10)).users) == {False: 3, True: 7}


def test_an_unknown_location_is_looked_up_once_for_all(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=60)
    assert len(bulk.plan(people(1, 60, location="Atlantis")).problems) == 60
    requests = [request["path"] for request in bulk.webex.journal()]
    assert requests.count("/v1/locations") == 1


def test_a_location_and_a_tier_may_be_typed_as_one_likes(bulk: SimulatedOrganization) -> None:
    work = bulk.plan([alice(location=" BERLIN "), ivan(license="PROFESSIONAL")])
    assert [planned.plan.action for planned in work.users] == ["enable", "none"]


@pytest.mark.parametrize(
    ("owner", "item", "is_old"),
    [
        (caller("zoe", "9"), entry(None, "7", BERLIN, "zoe"), True),
        (caller("zoe", "7"), entry(None, "7", BERLIN, "zoe"), False),
        (person("zoe", PROFESSIONAL, place=LONDON, extension="7"), entry(None, "7", BERLIN, "zoe"), True),
        (person("zoe"), entry(FREE, None, BERLIN, "zoe"), True),
        (caller("zoe", "9", FREE), entry(FREE, None, BERLIN, "zoe"), False),
    ],
)
def test_an_owner_who_does_not_have_it_any_more_makes_an_old_read(owner: Json, item: Json, is_old: bool) -> None:
    known = KnownOrganization([person("bob"), owner], [item])
    wanted = user("bob", "7") if item.get("extension") else user("bob", None, FREE)
    ((who, error),) = plan_all(known, [wanted]).problems
    assert who == "bob@example.com"
    assert "is in use by Zoe Example" in str(error)
    assert isinstance(error, OldRead) is is_old


@pytest.mark.parametrize("name", ["bob", "new"])
def test_of_an_owner_who_is_no_person_nobody_is_read(name: str) -> None:
    sales = {**entry(None, "7"), "owner": {"id": "zoe", "type": "HUNT_GROUP", "name": "Sales"}}
    known = KnownOrganization([person("bob"), caller("zoe", "9")], [sales])
    wanted = user(name, "7", display_name="New Example")
    ((_who, error),) = plan_all(known, [wanted], Rules(create_people=True)).problems
    assert "is in use by the hunt group Sales" in str(error)
    assert not isinstance(error, OldRead)
