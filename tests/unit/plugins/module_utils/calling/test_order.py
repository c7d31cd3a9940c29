# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingState, Plan, Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.order import (
    Awaited,
    CircleError,
    Order,
    Resource,
    TakenExtensions,
    put_in_order,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.planned_user import PlannedUser
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    LONDON,
    PROFESSIONAL,
    KnownOrganization,
    entry,
)

A, B, C, D = "+4930001", "+4930002", "+4930003", "+4930004"


def extension(value: str) -> set[Resource]:
    return {("extension", "berlin-1", value)}


def number(value: str) -> set[Resource]:
    return {("phone number", value.lstrip("+"))}


def user(name: str, before: tuple[str | None, str | None], after: tuple[str | None, str | None]) -> PlannedUser:
    """A user of Berlin who gets another extension or number."""
    had = CallingState(PROFESSIONAL, "berlin-1", "Berlin", *before)
    return PlannedUser(
        Wanted(email=name),
        Plan({"id": name}, had, replace(had, extension=after[0], phone_number=after[1]), ("a note",)),
    )


def inventory(users: list[PlannedUser], *more: str) -> KnownOrganization:
    """An organization whose inventory has what the users have, and some more extensions."""
    owned = [entry(one.plan.before.phone_number, one.plan.before.extension, BERLIN, one.who) for one in users]
    return KnownOrganization(entries=[*owned, *(entry(None, value, BERLIN, "somebody") for value in more)])


def test_nobody_waits_for_nobody() -> None:
    assert put_in_order(KnownOrganization(), [], {}) == Order({}, {}, {})


def test_who_gets_what_another_one_gives_up_waits_for_them() -> None:
    users = [user(str(n), (f"200{n}", None), (f"200{n + 1}", None)) for n in range(5)]
    awaited = {n: {n + 1: extension(f"200{n + 1}")} for n in range(4)}
    order = put_in_order(inventory(users), users, awaited)
    assert order == Order({0: {1}, 1: {2}, 2: {3}, 3: {4}}, {}, {})
    assert [planned.parking for planned in users] == [None] * 5


def test_of_two_who_exchange_their_extensions_one_is_parked() -> None:
    users = [user("a", ("2001", A), ("2002", A)), user("b", ("2002", None), ("2001", None))]
    before, plan = users[1].plan.before, users[1].plan
    awaited = {0: {1: extension("2002")}, 1: {0: extension("2001")}}
    order = put_in_order(inventory(users, "2003"), users, awaited)
    assert order == Order({0: set(), 1: {0}}, {0: {1}}, {})
    parked = replace(before, extension="2004")
    assert users[0].parking is None
    note = "has the extension 2004 for a moment, since 2002 is exchanged"
    assert users[1].parking == replace(plan, after=parked, notes=(note,))
    assert users[1].plan == replace(plan, before=parked, notes=("a note", note))
    assert users[1].before == before
    users[1].unpark()
    assert (users[1].parking, users[1].plan) == (None, plan)


def test_of_two_who_exchange_their_numbers_one_has_none_for_a_moment() -> None:
    users = [user("a", ("2001", A), ("2001", B)), user("b", ("2002", B), ("2002", A))]
    before = users[1].plan.before
    awaited = {0: {1: number(B)}, 1: {0: number(A)}}
    order = put_in_order(inventory(users), users, awaited)
    assert order == Order({0: set(), 1: {0}}, {0: {1}}, {})
    assert users[1].plan.before == replace(before, phone_number=None)
    assert users[1].plan.notes == ("a note", f"has no phone number for a moment, since {B} is exchanged")
    assert users[1].parking is not None
    assert users[1].parking.after == replace(before, phone_number=None)


def test_who_gives_up_extension_and_number_is_parked_without_both() -> None:
    users = [user("a", ("2001", A), ("2002", B)), user("b", ("2002", B), ("2001", A))]
    awaited = {0: {1: extension("2002") | number(B)}, 1: {0: extension("2001") | number(A)}}
    put_in_order(inventory(users), users, awaited)
    assert users[1].plan.before == CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2003", None)
    assert users[1].plan.notes == (
        "a note",
        "has the extension 2003 for a moment, since 2002 is exchanged",
        f"has no phone number for a moment, since {B} is exchanged",
    )


def test_of_a_circle_of_three_one_is_parked_and_who_waits_beside_it_waits_on() -> None:
    users = [user(str(n), (f"200{n}", None), (f"200{(n + 1) % 3}", None)) for n in range(3)]
    users.append(user("3", ("2009", None), ("2008", None)))
    awaited: Awaited = {
        0: {1: extension("2001")},
        1: {2: extension("2002")},
        2: {0: extension("2000")},
        3: {0: extension("2008")},
    }
    order = put_in_order(inventory(users), users, awaited)
    # Somebody else waits for something else of the one who was not parked, so that it stays a wait.
    assert order == Order({0: set(), 1: {2}, 2: {0}, 3: {0}}, {0: {1}}, {})
    assert [bool(planned.parking) for planned in users] == [False, True, False, False]


def test_who_waits_for_something_else_of_the_one_who_is_parked_waits_on() -> None:
    users = [user("a", ("2001", A), ("2002", A)), user("b", ("2002", B), ("2001", None)), user("c", ("7", C), ("7", B))]
    awaited: Awaited = {0: {1: extension("2002")}, 1: {0: extension("2001")}, 2: {1: number(B)}}
    order = put_in_order(inventory(users), users, awaited)
    assert order == Order({0: set(), 1: {0}, 2: {1}}, {0: {1}}, {})


def test_each_circle_is_broken() -> None:
    users = [user(str(n), (f"200{n}", None), (f"200{n ^ 1}", None)) for n in range(4)]
    awaited = {n: {n ^ 1: extension(f"200{n ^ 1}")} for n in range(4)}
    order = put_in_order(inventory(users), users, awaited)
    assert order == Order({0: set(), 1: {0}, 2: set(), 3: {2}}, {0: {1}, 2: {3}}, {})
    # Nobody is parked where another one is, or will be.
    assert [planned.plan.before.extension for planned in users] == ["2000", "2004", "2002", "2005"]


def test_one_who_is_in_two_circles_is_parked_for_both() -> None:
    """b exchanges the extension with a, and the number with c."""
    users = [
        user("a", ("2001", A), ("2002", A)),
        user("b", ("2002", B), ("2001", C)),
        user("c", ("2003", C), ("2003", B)),
    ]
    before = users[1].plan.before
    awaited: Awaited = {
        0: {1: extension("2002")},
        1: {0: extension("2001"), 2: number(C)},
        2: {1: number(B)},
    }
    order = put_in_order(inventory(users), users, awaited)
    assert users[1].parking is not None
    assert (users[1].parking.before, users[1].parking.after) == (before, users[1].plan.before)
    assert users[1].plan.before.extension == "2004"
    assert users[1].plan.notes == ("a note", *users[1].parking.notes)
    assert order.parks[0] == {1}
    assert order.waits[1] >= {0}
    graph = {waiting: givers for waiting, givers in order.waits.items() if givers}
    assert not any(waiting in graph.get(giver, ()) for waiting, givers in graph.items() for giver in givers)


def test_if_the_first_cannot_be_parked_the_next_one_is() -> None:
    users = [user("a", ("2001", A), ("2001", B)), user("b", (None, B), (None, A))]
    awaited = {0: {1: number(B)}, 1: {0: number(A)}}
    order = put_in_order(inventory(users), users, awaited)
    assert order == Order({0: {1}, 1: set()}, {1: {0}}, {})
    assert [bool(planned.parking) for planned in users] == [True, False]


def test_who_have_nothing_to_keep_meanwhile_cannot_exchange_numbers() -> None:
    users = [user("b", (None, A), (None, B)), user("a", (None, B), (None, A)), user("c", ("1", C), ("2", C))]
    with pytest.raises(CircleError) as error:
        put_in_order(inventory(users), users, {0: {1: number(B)}, 1: {0: number(A)}})
    assert error.value.numbers == {0, 1}
    assert (
        error.value.message
        == "a, b exchange what they have, and for none of them is there an extension to be reached by in between."
    )
    assert error.value.remedy == "give one of them an extension, too."
    assert [planned.parking for planned in users] == [None] * 3


@pytest.mark.parametrize(
    "had",
    [
        CallingState(PROFESSIONAL, None, None, "2002"),
        CallingState(PROFESSIONAL, "berlin-1", "Berlin", None, "+4930"),
    ],
)
def test_nobody_is_parked_without_an_extension_or_in_no_location(had: CallingState) -> None:
    other = user("a", ("2001", None), ("2002", None))
    odd = PlannedUser(Wanted(email="b"), Plan({"id": "b"}, had, other.plan.before))
    awaited = {0: {1: extension("2002")}, 1: {0: extension("2001")}}
    order = put_in_order(inventory([other]), [other, odd], awaited)
    assert order.parks == {1: {0}}


def test_where_no_extension_is_free_nobody_can_be_parked() -> None:
    users = [user("a", ("1", None), ("2", None)), user("b", ("2", None), ("1", None))]
    with pytest.raises(CircleError):
        put_in_order(inventory(users, *"3456789"), users, {0: {1: extension("2")}, 1: {0: extension("1")}})


def test_a_free_extension_is_one_that_nobody_has_or_gets() -> None:
    users = [user("a", ("2001", None), ("2003", None))]
    organization = KnownOrganization(entries=[entry(None, "2002", BERLIN, "x"), entry(A), entry(None, "2004", LONDON)])
    taken = TakenExtensions(organization, users)
    assert taken.take_free_one(BERLIN, "2001") == "2004"
    assert taken.take_free_one(replace(BERLIN, id="BERLIN-1"), "2001") == "2005"
    assert taken.take_free_one(LONDON, "2001") == "2002"
    assert taken.take_free_one(BERLIN, "") is None
    assert organization.queries == [{"locationId": "berlin-1"}, {"locationId": "london-1"}]


@pytest.mark.parametrize(
    ("waits", "units", "found"),
    [
        ({}, {}, {}),
        ({}, {1: {0}}, {1: {0}}),
        ({1: {0}}, {1: {0}}, {1: {0}}),
        ({0: {1}}, {1: {0}}, {1: set[int]()}),
        ({0: {2}, 2: {1}}, {1: {0, 3}}, {1: {3}}),
        ({0: {2}, 2: {3}, 3: {2}}, {1: {0}}, {1: {0}}),
        # One unit's wait can close a circle with another one's.
        ({}, {1: {0}, 0: {1}}, {1: {0}, 0: set[int]()}),
        ({}, {1: {0}, 2: {1}, 0: {2}}, {1: {0}, 2: {1}, 0: set[int]()}),
        ({}, {1: {1}}, {1: set[int]()}),
    ],
)
def test_a_unit_is_worth_waiting_for_unless_that_closes_a_circle(
    waits: dict[int, set[int]], units: dict[int, set[int]], found: dict[int, set[int]]
) -> None:
    order = Order({number: set(givers) for number, givers in waits.items()})
    order.add_units(units)
    assert order == Order(waits, {}, found)


@pytest.mark.parametrize(
    ("order", "has_exchanges"),
    [
        (Order(), False),
        (Order({}, {}, {1: set()}), False),
        (Order({1: {0}}), True),
        (Order({}, {1: {0}}), True),
        (Order({}, {}, {1: {0}}), True),
    ],
)
def test_people_who_hand_something_on_belong_into_one_task(order: Order, has_exchanges: bool) -> None:
    assert order.has_exchanges is has_exchanges
