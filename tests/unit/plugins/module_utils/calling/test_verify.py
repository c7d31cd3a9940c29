# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingState,
    License,
    Plan,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.verify import Change, Look
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.tests.simulator.ids import webex_id
from ansible_collections.collabops.webex.tests.unit.organizations import (
    SimulatedOrganization,
    people,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

NUMBERS = "GET /telephony/config/numbers"


def test_a_change_is_known_by_the_bare_id_of_the_person() -> None:
    change = Change(Wanted(), Plan({"id": webex_id("PEOPLE", "AB-1")}, NO_CALLING, NO_CALLING), None)
    assert change.key == "ab-1"


class Looking:
    """Looks at people of the simulator who are to have another extension, or none."""

    def __init__(self, bulk: SimulatedOrganization, count: int, workers: int = 2) -> None:
        self.bulk, self.workers, self.clock = bulk, workers, Clock()
        bulk.webex.reset(people=count, enabled=count)
        self.ids = [bulk.person(f"user{n:05}")["id"] for n in range(1, count + 1)]
        self.berlin = bulk.webex.location("Berlin")["id"]

    def look(
        self, extensions: t.Sequence[str | None], says_licenses: bool = True, patience: float = 0
    ) -> tuple[Look, list[str]]:
        """See whether people have these extensions; None: no calling. Return also the requests."""
        with self.bulk.client() as client:
            organization = BulkOrganization(client, (), self.workers)
            held = next(held for held in organization.calling_licenses if held.subscription == "Sub-2")
            assert organization.calling_locations
            changes = [
                self._change(number, held, extension, says_licenses) for number, extension in enumerate(extensions)
            ]
            look = Look(organization, organization.uncached(), changes, self.workers)
            self.bulk.webex.clear_journal()
            look.until_all_is_seen(self.bulk.patience(patience))
        return look, asked(self.bulk.webex)

    def _change(self, number: int, held: License, extension: str | None, says_licenses: bool) -> Change:
        before = CallingState(held, self.berlin, "Berlin", "1")
        after = replace(before, extension=extension) if extension else NO_CALLING
        licenses = after.licenses if says_licenses else None
        wanted = people(number + 1, number + 1)[0]
        return Change(wanted, Plan({"id": self.ids[number]}, before, after), licenses)

    def waiting(self, look: Look) -> list[int]:
        """The numbers of those who are not seen as planned."""
        keys = [bare_id(person_id) for person_id in self.ids]
        return [keys.index(key) for key in look.waiting]


def extensions(count: int) -> list[str | None]:
    """What the people have."""
    return [str(10_001 + n) for n in range(count)]


def test_few_are_looked_at_one_by_one(bulk: SimulatedOrganization) -> None:
    looking = Looking(bulk, 5)
    look, requests = looking.look(["10001", "7", None])
    assert looking.waiting(look) == [1, 2]
    assert requests == ["GET /people"] * 3
    assert sorted(str(state.extension) for state in look.seen.values()) == ["10001", "10002", "10003"]


@pytest.mark.parametrize("says_licenses", [True, False])
def test_many_are_looked_at_in_bulk_and_those_written_last_by_themselves_too(
    bulk: SimulatedOrganization, says_licenses: bool
) -> None:
    looking = Looking(bulk, 30)
    wanted = extensions(30)
    wanted[3], wanted[4] = "7", None
    look, requests = looking.look(wanted, says_licenses)
    assert looking.waiting(look) == ([3] if says_licenses else [3, 4])
    assert requests.count("GET /people") == 1
    assert requests.count(NUMBERS) == 1
    assert sum(request.startswith("GET /licenses/") for request in requests) == (0 if says_licenses else 3)
    assert look.seen.keys() == {bare_id(person_id) for person_id in looking.ids[-1:]}


def test_who_lost_calling_is_in_no_list(bulk: SimulatedOrganization) -> None:
    looking = Looking(bulk, 30)
    bulk.apply([Wanted(person_id=looking.ids[4], state="absent")])
    wanted = extensions(30)
    wanted[4] = None
    look, _requests = looking.look(wanted, says_licenses=False)
    assert looking.waiting(look) == []


def test_who_is_in_no_list_and_is_to_have_calling_is_not_seen(bulk: SimulatedOrganization) -> None:
    looking = Looking(bulk, 30)
    bulk.apply([Wanted(person_id=looking.ids[4], state="absent")])
    look, _requests = looking.look(extensions(30))
    assert looking.waiting(look) == [4]


def test_nobody_needs_no_look(bulk: SimulatedOrganization) -> None:
    assert Looking(bulk, 2).look([], patience=30)[1] == []


def test_it_is_looked_until_all_is_seen_and_only_for_those_who_are_left(bulk: SimulatedOrganization) -> None:
    looking = Looking(bulk, 5)
    bulk.clock.on_nap = lambda: change_and_forget(bulk)
    look, requests = looking.look(["10001", "7"], patience=30)
    assert looking.waiting(look) == []
    assert bulk.clock.naps == [0.25]
    assert requests == ["GET /people"]


def change_and_forget(bulk: SimulatedOrganization) -> None:
    """Change one of them, and forget what was asked until then."""
    bulk.apply(people(2, 2, extension="7"), patience=0)
    bulk.webex.clear_journal()


@pytest.mark.parametrize(("patience", "naps"), [(0, []), (1, [0.25, 0.5])])
def test_what_does_not_show_in_time_is_not_seen(
    bulk: SimulatedOrganization, patience: float, naps: list[float]
) -> None:
    looking = Looking(bulk, 2)
    look, _requests = looking.look(["7"], patience=patience)
    assert looking.waiting(look) == [0]
    assert bulk.clock.naps == naps


def test_what_cannot_be_read_is_not_seen(bulk: SimulatedOrganization, clock: Clock) -> None:
    looking = Looking(bulk, 2)
    bulk.webex.fault(kind="status", status=403, path="/people", method="GET", times=None)
    look, _requests = looking.look(["10001"], patience=30)
    assert looking.waiting(look) == [0]
    assert bulk.clock.naps == []
