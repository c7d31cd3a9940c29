# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling import bulk_read
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import plan_all
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.inventory import Entry
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingState, License, Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.sightings import Sighting
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    PROFESSIONAL,
    STANDARD,
    SimulatedOrganization,
    alice,
    ivan,
    people,
)
from ansible_collections.collabops.webex.tests.unit.support import asked

NUMBER = "+493055502002"
NUMBERS = "GET /telephony/config/numbers"


def actions(bulk: SimulatedOrganization, users: list[Wanted]) -> Counter[str]:
    """How many of the users need what."""
    work = bulk.plan(users)
    assert work.problems == []
    return Counter(planned.plan.action for planned in work.users)


# The cheaper way, by counts


def test_five_thousand_who_are_enabled_already_take_few_requests(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=5000, enabled=5000)
    assert actions(bulk, people(1, 5000)) == {"none": 5000}
    # Licenses, locations, a page of people, numbers in three pages, and holders in 17, of two more licenses in one each.
    assert len(asked(bulk.webex)) <= 25
    assert bulk.writes() == []


def test_a_few_users_of_a_big_organization_are_read_one_by_one(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=5000, enabled=5000)
    assert actions(bulk, people(7, 9)) == {"none": 3}
    assert Counter(asked(bulk.webex)) == {
        "GET /licenses": 1,
        "GET /telephony/config/locations": 1,
        "GET /people": 3,
    }


@pytest.mark.parametrize(("users", "reads"), [(people(2001, 2099), 99), (people(2001, 2100), 101)])
def test_a_few_users_of_a_big_organization_are_read_one_by_one_if_nobody_has_calling(
    bulk: SimulatedOrganization, users: list[Wanted], reads: int
) -> None:
    bulk.webex.reset(people=5000)
    assert actions(bulk, users) == {"enable": len(users)}
    # 51 pages of people, one after the other, would take longer than 13 rounds of eight. As many users as a page has
    # people are worth one look at the first page, before anything is known.
    assert asked(bulk.webex).count("GET /people") == reads


def test_those_without_calling_are_read_by_the_page(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=500)
    assert actions(bulk, people(1, 500)) == {"enable": 500}
    assert asked(bulk.webex).count("GET /people") == 6
    assert len(asked(bulk.webex)) <= 12


def test_of_one_user_nothing_is_read_in_bulk(bulk: SimulatedOrganization) -> None:
    assert actions(bulk, [ivan()]) == {"none": 1}
    side_by_side, then = asked(bulk.webex)[:2], asked(bulk.webex)[2:]
    assert sorted(side_by_side) == ["GET /licenses", "GET /telephony/config/locations"]
    assert then == ["GET /people", NUMBERS]


def test_without_a_named_location_none_is_read(bulk: SimulatedOrganization) -> None:
    actions(bulk, [Wanted(email="alice@example.com", phone_number=NUMBER)])
    assert "GET /telephony/config/locations" not in asked(bulk.webex)


def test_people_are_found_by_id_too(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=60, enabled=30)
    ids = {known["email"]: known["id"] for known in bulk.webex.state()["people"]}
    users = [replace(user, email=None, person_id=ids[str(user.email)]) for user in people(1, 60)]
    assert actions(bulk, users) == {"none": 30, "enable": 30}


def test_nobody_takes_no_look_at_people(bulk: SimulatedOrganization) -> None:
    assert actions(bulk, []) == {}
    assert asked(bulk.webex) == ["GET /licenses"]


def test_both_ways_of_reading_plan_the_same(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=60, enabled=30)
    users = [*people(1, 20), *people(21, 21, extension=None, phone_number=NUMBER), *people(31, 40)]
    users += [alice(), ivan(phone_number="493055502001")]

    def plans(one_by_one: bool) -> list[tuple[t.Any, ...]]:
        with bulk.client() as client:
            organization = BulkOrganization(client, users, 8)
            if one_by_one:
                organization.requests_for_all = lambda: 10**6  # type: ignore[method-assign]
            organization.read()
            work = plan_all(organization, users)
        assert work.problems == []
        return [(planned.who, planned.plan.before, planned.plan.after) for planned in work.users]

    in_bulk, singly = plans(False), plans(True)
    assert in_bulk == singly
    assert sum(request.startswith("GET /licenses/") for request in asked(bulk.webex)) == 3


@pytest.mark.parametrize("first", range(4))
def test_reads_that_go_side_by_side_may_end_in_any_order(
    bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    bulk.webex.reset(people=60, enabled=30)
    orders = [(first, *rest) for rest in itertools.permutations({0, 1, 2, 3, 4} - {first})][:6]
    wanted = iter(orders)

    def in_order(reads: t.Sequence[t.Callable[[], object]]) -> None:
        # Five at once are: numbers, those who hold each of the three calling licenses, and people by the page.
        for number in next(wanted) if len(reads) == 5 else range(len(reads)):
            reads[number]()

    monkeypatch.setattr(bulk_read, "run_side_by_side", in_order)
    for _order in orders:
        assert actions(bulk, people(1, 60)) == {"none": 30, "enable": 30}
    assert list(wanted) == []


def test_an_error_while_reading_is_not_the_error_of_a_user(bulk: SimulatedOrganization) -> None:
    bulk.webex.fault(kind="status", status=403, path="/locations")
    with pytest.raises(Refused):
        bulk.plan([alice()])


def test_a_missing_scope_is_an_error_and_not_a_missing_person(bulk: SimulatedOrganization) -> None:
    bulk.webex.fault(kind="status", status=403, path="/people")
    with pytest.raises(Refused):
        bulk.plan([Wanted(person_id=bulk.person("alice")["id"], state="absent")])


@pytest.mark.parametrize(
    "wanted",
    [
        ivan(),
        ivan(location="berlin", extension=None, phone_number="+49 30 5550 2001"),
        ivan(email="IVAN@example.com", location=None, extension=None, phone_number="493055502001"),
        ivan(license="Webex Calling - Professional"),
        Wanted(email="alice@example.com", state="absent"),
        Wanted(email="nobody@example.com", state="absent"),
        Wanted(person_id="x", state="absent"),
    ],
)
def test_what_is_so_already_is_left_alone_after_few_reads(bulk: SimulatedOrganization, wanted: Wanted) -> None:
    work = bulk.plan([wanted])
    assert (work.problems, work.changes) == ([], [])
    assert len(asked(bulk.webex)) <= 4


# What is whose


def test_further_numbers_of_a_person_and_those_of_others_than_people_are_no_work_numbers(
    bulk: SimulatedOrganization,
) -> None:
    bulk.webex.change_person("ivan@example.com", alternate_numbers=["+493055502009"])
    bulk.webex.add_numbers("Berlin", owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="2010")
    users = [ivan(phone_number="+493055502001"), *people(1, 5), alice(extension="2010")]
    bulk.webex.control("POST", "/people", {"email": "user00001@example.com"})
    work = bulk.plan(users)
    assert [planned.plan.action for planned in work.users if planned.who == "ivan@example.com"] == ["none"]
    assert "in use by the hunt group Sales" in str(dict(work.problems)["alice@example.com"])


def test_a_number_that_comes_from_a_directory_is_not_the_calling_number(bulk: SimulatedOrganization) -> None:
    """Neither a false `ok`, nor is it assigned unasked; in bulk and singly."""
    bulk.webex.reset(people=20, enabled=20)
    bulk.webex.change_person("user00001@example.com", directory_numbers=["+4930777"])
    bulk.webex.configure(directory_first=True)
    for others in (0, 19):
        users = people(1, 1 + others)
        (first,) = (planned for planned in bulk.plan(users).users if planned.who == "user00001@example.com")
        assert (first.plan.action, first.plan.before.phone_number) == ("none", None)
        users[0] = replace(users[0], phone_number="+4930777")
        ((who, error),) = bulk.plan(users).problems
        assert (who, "is not in the inventory" in str(error)) == ("user00001@example.com", True)


# Reads of different age


@pytest.mark.parametrize("kinds", [["holders"], ["numbers"], ["holders", "numbers"], ["people"], ["counts"]])
def test_if_lists_and_persons_contradict_each_other_the_person_decides(
    bulk: SimulatedOrganization, kinds: list[str]
) -> None:
    bulk.webex.reset(people=60, enabled=20)
    users = people(1, 60)
    bulk.webex.stale(3600, *kinds)
    bulk.apply(people(21, 40), patience=0)
    bulk.webex.clear_journal()
    work = bulk.plan(users)
    assert work.problems == []
    by_action: dict[str, list[str]] = {}
    for planned in work.users:
        by_action.setdefault(planned.plan.action, []).append(planned.who)
    assert by_action == {
        "none": [user.who for user in people(1, 40)],
        "enable": [user.who for user in people(41, 60)],
    }


def test_who_is_in_the_lists_only_is_not_there(bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of holders still has a person who was deleted."""
    bulk.webex.reset(people=30, enabled=30)
    deleted = bulk.person("user00003")["id"]
    bulk.webex.fault(kind="status", status=404, path=f"/people/{deleted}$", times=None)
    bulk.webex.stale(3600, "numbers")
    users = people(1, 30)
    users[2] = Wanted(person_id=deleted, location="Berlin", extension="10003")
    with bulk.client() as client:
        organization = BulkOrganization(client, users, 8)
        monkeypatch.setattr(Sighting, "is_consistent", lambda seen, _has_holders: seen.id != deleted)
        organization.read()
        assert organization.person(users[2]) is None
        assert organization.person(users[1]) is not None


@pytest.mark.parametrize(
    ("sighting", "person"),
    [
        (Sighting("P1"), {"id": "P1", "licenses": []}),
        (
            Sighting("P1", "a@b", "Ann", ["L1"], Entry("+4930", "1", BERLIN, "P1")),
            {
                "id": "P1",
                "licenses": ["L1"],
                "emails": ["a@b"],
                "displayName": "Ann",
                "locationId": "berlin-1",
                "extension": "1",
                "phoneNumbers": [{"type": "work", "value": "+4930", "primary": True}],
            },
        ),
        (
            Sighting("P1", held=["L1"], entry=Entry(None, "1", None)),
            {"id": "P1", "licenses": ["L1"], "locationId": None, "extension": "1"},
        ),
        (Sighting("P1", "a@b", "Ann", ["L1"], person={"id": "P1", "licenses": []}), {"id": "P1", "licenses": []}),
    ],
)
def test_a_person_is_put_together_from_what_the_reads_say(sighting: Sighting, person: dict[str, t.Any]) -> None:
    assert sighting.merged() == person


PERSON = {"id": "P1", "licenses": ["L1"], "extension": "1", "locationId": "BERLIN-1"}
ENTRY = Entry(None, "1", BERLIN, "P1")


@pytest.mark.parametrize(
    ("sighting", "is_consistent"),
    [
        (Sighting("P1", held=["L1"], entry=ENTRY), True),
        (Sighting("P1", held=["L1"]), False),
        (Sighting("P1", entry=ENTRY), False),
        (Sighting("P1"), False),
        (Sighting("P1", held=["L1"], entry=ENTRY, person=PERSON), True),
        (Sighting("P1", held=["L1", "L2"], entry=ENTRY, person=PERSON), False),
        (Sighting("P1", held=["L1"], person=PERSON), False),
        (Sighting("P1", held=["L1"], entry=replace(ENTRY, extension="2"), person=PERSON), False),
        (Sighting("P1", held=["L1"], entry=replace(ENTRY, place=None), person=PERSON), False),
        (Sighting("P1", person={**PERSON, "licenses": []}), True),
        (Sighting("P1", held=["L1"], person={**PERSON, "licenses": []}), False),
        (Sighting("P1", person=PERSON), False),
        (Sighting("P1", person=PERSON, is_final=True), True),
        (Sighting("P1", is_final=True), True),
    ],
)
def test_reads_that_agree_need_no_other_one(sighting: Sighting, is_consistent: bool) -> None:
    assert sighting.is_consistent(has_holders=True) is is_consistent
    # Without the lists, only what the person says counts.
    assert sighting.is_consistent(has_holders=False) is (sighting.is_final or sighting.person is not None)


# Numbers


def test_numbers_that_were_read_in_bulk_are_not_asked_for_again(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=30, enabled=30)
    with bulk.client() as client:
        organization = BulkOrganization(client, people(1, 30), 8)
        organization.read()
        bulk.webex.clear_journal()
        berlin, london = organization.calling_locations
        assert [entry.owner for entry in organization.entries_of_number("49 30 55502001")] == ["Ivan Example"]
        assert organization.entries_of_number("+4930777") == []
        assert [entry.extension for entry in organization.entries_of_extension(berlin, "10007")] == ["10007"]
        assert organization.entries_of_extension(london, "10007") == []
        assert len(organization.entries_of_place(berlin)) == 31
        assert organization.entries_of_place(london) == []
        assert asked(bulk.webex) == []
        organization.forget()
        assert organization.person(people(1, 1)[0]) is None
        assert len(organization.entries_of_place(berlin)) == 50
        assert len(organization.entries_of_extension(berlin, "10007")) == 1
        assert len(organization.entries_of_number("+493055502001")) == 1
        assert asked(bulk.webex) == [NUMBERS] * 2


# Reading back


def test_the_state_of_everybody_who_has_calling(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=20, enabled=3)
    bulk.add("nora", location="London", extension="7")
    bulk.add("olga")
    with bulk.client() as client:
        organization = BulkOrganization(client, [], 8)
        licenses = {license_.name: license_ for license_ in organization.calling_licenses}
        states = dict(organization.states())
    places = {place["name"]: place["id"] for place in bulk.webex.state()["locations"]}
    sub_2 = next(license_ for license_ in organization.calling_licenses if license_.consumed == 3)

    def state(license_: License, place: str, extension: str, number: str | None = None) -> CallingState:
        return CallingState(license_, places[place], place, extension, number)

    assert states.pop(bare_id(bulk.person("olga")["id"])).license == licenses[STANDARD.name]
    assert states == {
        bare_id(bulk.person("ivan")["id"]): state(organization.calling_licenses[0], "Berlin", "2001", "+493055502001"),
        bare_id(bulk.person("nora")["id"]): state(licenses[STANDARD.name], "London", "7"),
        **{bare_id(bulk.person(f"user0000{n}")["id"]): state(sub_2, "Berlin", f"1000{n}") for n in (1, 2, 3)},
    }


def test_if_the_licenses_are_known_they_are_not_read(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=20, enabled=3)
    with bulk.client() as client:
        organization = BulkOrganization(client, [], 8)
        assert organization.calling_licenses
        bulk.webex.clear_journal()
        first, second = (bare_id(bulk.person(f"user0000{n}")["id"]) for n in (1, 2))
        states = dict(organization.states({first: (PROFESSIONAL, STANDARD), second: ()}))
    assert asked(bulk.webex) == [NUMBERS]
    assert states.keys() == {first, second}
    assert (states[first].licenses, states[first].extension) == ((PROFESSIONAL, STANDARD), "10001")
    assert states[second] == CallingState()
