# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result, preview
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import SimulatedOrganization, ivan

BULK = "/identity/scim/"
PEOPLE = "/v1/people$"


def new(count: int, **changes: t.Any) -> list[Wanted]:
    """People whom nobody has yet."""
    return [
        replace(
            Wanted(f"new{n}@example.com", location="Berlin", extension=str(5000 + n), display_name=f"New {n}"),
            **changes,
        )
        for n in range(count)
    ]


class Organization(SimulatedOrganization):
    """The simulator's organization, in which a nap of a patience that waits takes a moment of real time, too."""

    def __init__(self, webex: Simulator, settings: Settings) -> None:
        super().__init__(webex, settings)
        self.clock.on_nap = lambda: time.sleep(0.05)

    def allow_bulk(self) -> None:
        """Give the service app the scope for SCIM."""
        app = self.webex.credentials["service_app"]["client_id"]
        scopes = [*self.webex.service_app(app)["scopes"], "identity:people_rw"]
        self.webex.service_app(app, scopes=scopes, regrant=True)

    def create(self, users: list[Wanted], **options: t.Any) -> list[Result]:
        """Create and enable people; the results in the order of the list."""
        results = self.apply(users, create_people=True, **options)
        return [results[user.who] for user in users]

    def count(self) -> Counter[str]:
        """How many requests of each kind that writes there were."""
        requests = [f"{entry['method']} {entry['path'].split('/')[-1]}" for entry in self.webex.writes()]
        return Counter(requests)

    def new_people(self) -> dict[str, list[str | None]]:
        """The extensions of all who are new, by address."""
        found: dict[str, list[str | None]] = {}
        for person in self.webex.state()["people"]:
            if person["email"].startswith("new"):
                found.setdefault(person["email"], []).append(person["extension"])
        return found


@pytest.fixture
def bulk(webex: Simulator, settings: Settings) -> Organization:
    """An organization that may create people in bulk."""
    organization = Organization(webex, settings)
    organization.allow_bulk()
    return organization


@pytest.fixture
def single(webex: Simulator, settings: Settings) -> Organization:
    """An organization that may not create people in bulk."""
    return Organization(webex, settings)


def outcomes(results: list[Result]) -> set[tuple[str, bool, bool]]:
    """How they ended: the outcome, whether the person was created, and whether it was seen."""
    return {(result.outcome, result.created, result.verified) for result in results}


ENABLED = {("enabled", True, True)}


def all_enabled(count: int) -> dict[str, list[str | None]]:
    """What there is if each was created once, and enabled."""
    return {f"new{n}@example.com": [str(5000 + n)] for n in range(count)}


# How people are created


def test_many_are_created_with_one_call_and_then_enabled(bulk: Organization) -> None:
    users = [*new(4), new(5, display_name=None, first_name="New", last_name="Five")[4]]
    results = bulk.create(users)
    assert outcomes(results) == ENABLED
    assert bulk.new_people() == all_enabled(5)
    assert bulk.count() == {"POST Bulk": 1, "PATCH users": 5}
    assert [bulk.webex.person(f"new{n}")["display_name"] for n in (0, 4)] == ["New 0", "New Five"]
    assert all(result.shown()["person_id"] == bulk.webex.person(result.who)["id"] for result in results)
    bulk.webex.clear_journal()
    assert outcomes(bulk.create(users)) == {("ok", False, True)}
    assert bulk.writes() == []


def test_a_call_creates_a_hundred_at_most(bulk: Organization) -> None:
    bulk.webex.reset(people=250)  # for their licenses
    bulk.allow_bulk()
    assert outcomes(bulk.create(new(250))) == ENABLED
    sizes = [len(entry["body"]["operations"]) for entry in bulk.webex.writes() if BULK in entry["path"]]
    assert sorted(sizes) == [50, 100, 100]
    assert bulk.new_people() == all_enabled(250)
    # Nobody is looked for one by one, since the list of all people does not have them; but some are read back.
    searches = [entry for entry in bulk.webex.journal() if "email" in entry["query"]]
    assert len(searches) < bulk.workers


def test_without_the_scope_they_are_created_one_by_one(single: Organization) -> None:
    results = single.create(new(5))
    assert outcomes(results) == ENABLED
    assert single.new_people() == all_enabled(5)
    assert single.count() == {"POST Bulk": 1, "POST people": 5, "PATCH users": 5}


def test_if_the_token_does_not_say_its_organization_they_are_created_one_by_one(bulk: Organization) -> None:
    bulk.webex.fault(kind="status", status=200, body={"id": "me"}, path="/people/me$")
    assert outcomes(bulk.create(new(3))) == ENABLED
    assert bulk.count() == {"POST people": 3, "PATCH users": 3}


def test_few_are_created_without_a_bulk(bulk: Organization) -> None:
    assert outcomes(bulk.create(new(2))) == ENABLED
    assert bulk.count() == {"POST people": 2, "PATCH users": 2}
    assert not [entry for entry in bulk.webex.journal() if entry["path"] == "/v1/people/me"]


def test_a_bulk_that_webex_does_not_take_is_none(bulk: Organization) -> None:
    bulk.webex.fault(kind="status", status=400, path=BULK)
    assert outcomes(bulk.create(new(3))) == ENABLED
    assert bulk.count() == {"POST Bulk": 1, "POST people": 3, "PATCH users": 3}


def test_an_organization_that_is_named_is_not_asked_for(bulk: Organization) -> None:
    org_id = bulk.webex.credentials["org_id"]
    bulk.settings = replace(bulk.settings, org_id=org_id)
    assert outcomes(bulk.create(new(3))) == ENABLED
    paths = {entry["path"] for entry in bulk.webex.journal()}
    assert f"/identity/scim/{bare_id(org_id)}/v2/Bulk" in paths
    assert "/v1/people/me" not in paths


@pytest.mark.parametrize("count", [1, 3])
def test_beside_them_others_are_done_as_ever(bulk: Organization, count: int) -> None:
    users = [*new(count), ivan(state="absent"), Wanted("alice@example.com", location="Berlin", extension="2001")]
    results = bulk.create(users)
    assert [(result.outcome, result.created) for result in results[count:]] == [("changed", False), ("enabled", False)]
    assert outcomes(results[:count]) == ENABLED


def test_those_who_cannot_be_created_are_looked_for_one_by_one(bulk: Organization) -> None:
    absent = [Wanted("gone@example.com", state="absent"), Wanted(person_id="gone-1", state="absent")]
    bulk.webex.reset(people=200)
    bulk.allow_bulk()
    bulk.create([*new(100), *absent])
    asked = [entry for entry in bulk.webex.journal() if entry["method"] == "GET"]
    assert "gone@example.com" in [entry["query"].get("email") for entry in asked]
    assert "/v1/people/gone-1" in [entry["path"] for entry in asked]


def test_check_mode_says_who_would_be_created(bulk: Organization) -> None:
    work = bulk.plan([*new(3), ivan()], create_people=True)
    results = {result.who: (result.outcome, result.created) for result in preview(work, stopped=False)}
    assert results == {
        **{f"new{n}@example.com": ("enabled", True) for n in range(3)},
        "ivan@example.com": ("ok", False),
    }
    with bulk.client() as client:
        assert work.estimate(client)["requests"] == 1 + 1 + 3
    assert bulk.writes() == []


# Ends that are not clear


@pytest.mark.parametrize("path", [BULK, PEOPLE])
@pytest.mark.parametrize("kind", ["apply_then_fail", "truncated"])
def test_who_was_created_in_spite_of_the_answer_is_found(bulk: Organization, path: str, kind: str) -> None:
    users = new(3 if path == BULK else 1)
    bulk.webex.stale(0.15, "people")
    bulk.webex.fault(kind=kind, path=path, method="POST")
    results = bulk.create(users)
    assert outcomes(results) == ENABLED
    assert bulk.new_people() == all_enabled(len(users))
    assert bulk.count() == {"POST Bulk" if path == BULK else "POST people": 1, "PATCH users": len(users)}


@pytest.mark.parametrize("path", [BULK, PEOPLE])
@pytest.mark.parametrize(("kind", "status"), [("reset", None), ("status", 502)])
def test_who_was_not_created_is_looked_for_and_sent_again(
    bulk: Organization, path: str, kind: str, status: int | None
) -> None:
    users = new(3 if path == BULK else 1)
    bulk.webex.fault(kind=kind, status=status, path=path, method="POST")
    assert outcomes(bulk.create(users)) == ENABLED
    assert bulk.new_people() == all_enabled(len(users))
    writes = [entry["path"] for entry in bulk.webex.journal() if entry["method"] == "POST"]
    assert len(writes) == 2
    between = [entry["query"].get("email") for entry in bulk.webex.journal() if entry["method"] == "GET"]
    assert {user.email for user in users} <= set(between)


def test_who_cannot_be_created_at_all_is_said(bulk: Organization) -> None:
    bulk.webex.fault(kind="status", status=500, path=BULK, times=None)
    results = bulk.create(new(3))
    assert outcomes(results) == {("failed", False, True)}
    assert "there is no such person" in str(results[0].error)
    assert bulk.count() == {"POST Bulk": 3}
    assert bulk.new_people() == {}


def test_a_run_that_was_killed_is_finished_although_nobody_is_shown_yet(bulk: Organization) -> None:
    users = new(4)
    bulk.webex.stale(0.15, "people")
    bulk.webex.fault(kind="status", status=401, path="/licenses/users", times=None)
    first = bulk.create(users)
    assert {result.created for result in first} == {True}
    assert {result.outcome for result in first} <= {"failed", "skipped"}
    assert all("The person was created before." in str(result.error) for result in first)
    assert set(bulk.new_people()) == set(all_enabled(4))
    bulk.webex.clear_faults()
    bulk.webex.clear_journal()
    bulk.webex.stale(0)
    # The reads still show nobody, so they are sent again, and Webex says that they are there.
    again = bulk.create(users)
    assert {result.outcome for result in again} == {"enabled"}
    assert bulk.new_people() == all_enabled(4)
    assert bulk.count()["PATCH users"] == 4


@pytest.mark.parametrize("hidden", [["people"], ["people", "numbers"]])
def test_people_who_turn_out_to_exist_keep_what_they_have(bulk: Organization, hidden: list[str]) -> None:
    bulk.clock.on_nap = lambda: time.sleep(0.2)
    users, webex = new(3), bulk.webex
    standard, berlin = (webex.license("Webex Calling - Standard")["id"], webex.location("Berlin")["id"])
    with bulk.client() as client:
        for user in users:
            # The list of people shows them late, and then at once with their license; the inventory late, or at once.
            webex.stale(1, "people")
            client.post("/people", {"emails": [user.email], "displayName": user.display_name})
            webex.stale(0)
            webex.stale(1 if "numbers" in hidden else 0, "numbers")
            properties = {"locationId": berlin, "extension": user.extension}
            operation = {"id": standard, "operation": "add", "properties": properties}
            client.patch("/licenses/users", {"email": user.email, "licenses": [operation]})
    webex.stale(0)
    webex.clear_journal()
    results = bulk.create(users)  # a newcomer would get Professional
    assert {(result.outcome, result.created) for result in results} == {("ok", False)}
    assert set(bulk.count()) <= {"POST Bulk", "POST people"}
    calling = [name for user in users for name in webex.person(user.who)["licenses"] if "Calling" in name]
    assert calling == ["Webex Calling - Standard"] * 3


def test_who_is_not_known_yet_where_licenses_are_given_is_waited_for(bulk: Organization) -> None:
    bulk.webex.configure(new_person_seconds=0.15)
    assert outcomes(bulk.create(new(3))) == ENABLED
    bulk.webex.configure(new_person_seconds=3600)
    (result,) = bulk.create(new(1, email="newest@example.com", extension="5100"))
    assert (result.outcome, result.created) == ("failed", True)
    assert "404" in str(result.error)


@pytest.mark.parametrize("kind", ["apply_then_fail", "reset", "truncated"])
def test_the_id_is_known_however_the_license_was_given(bulk: Organization, kind: str) -> None:
    bulk.webex.stale(0.15, "people")
    bulk.webex.fault(kind=kind, path="/licenses/users")
    results = bulk.create(new(3))
    assert outcomes(results) == ENABLED
    assert {result.shown()["person_id"] for result in results} == {bulk.webex.person(f"new{n}")["id"] for n in range(3)}


def test_an_answer_without_an_id_is_enough(bulk: Organization) -> None:
    bulk.webex.fault(kind="apply_then_fail", status=200, body={}, path=PEOPLE, method="POST")
    (result,) = bulk.create(new(1))
    assert outcomes([result]) == ENABLED
    assert result.shown()["person_id"] == bulk.webex.person("new0")["id"]


def test_a_newcomer_who_cannot_be_looked_for_is_not_created_again(bulk: Organization) -> None:
    def lose_the_token() -> None:
        bulk.webex.fault(kind="reset", path=PEOPLE, method="POST")
        bulk.webex.fault(kind="status", status=401, path="/people$", method="GET", times=None)

    (result,) = bulk.create(new(1), between=lose_the_token)
    assert result.outcome == "failed"
    assert "Whether the person was created is unknown, since they cannot be read" in str(result.error)
    assert bulk.count() == {"POST people": 1}


# Who is not created


def test_a_newcomer_who_got_calling_elsewhere_in_between_is_refused(bulk: Organization) -> None:
    (result,) = bulk.create(new(1), between=lambda: bulk.add("new0", location="London", extension="7000"))
    assert (result.outcome, result.created) == ("failed", False)
    assert "has calling in another location (London)" in str(result.error)
    assert bulk.count() == {"POST people": 1}


def test_an_address_of_another_organization_is_refused(bulk: Organization) -> None:
    zoe = new(1, email="zoe@other.example", extension="5100")
    for users in (zoe, [*new(2), *zoe]):
        *others, result = bulk.create(users)
        assert (result.outcome, result.created) == ("failed", False)
        assert "another organization has the address" in str(result.error)
        assert outcomes(others) in (set(), ENABLED)


def test_without_a_name_nothing_is_written(bulk: Organization) -> None:
    work = bulk.plan([*new(2), Wanted("nameless@example.com", location="Berlin", extension="1")], create_people=True)
    ((who, error),) = work.problems
    assert who == "nameless@example.com"
    assert "nameless@example.com" in str(error)
    assert "without a name" in str(error)


def test_a_token_that_is_refused_ends_it_all(bulk: Organization) -> None:
    bulk.webex.fault(kind="status", status=401, path=BULK, times=None)
    results = bulk.create(new(120))
    assert Counter(result.outcome for result in results) == {"failed": 100, "skipped": 20}
    assert bulk.count() == {"POST Bulk": 1}


@pytest.mark.parametrize("most", [1, 3])
def test_after_too_many_failures_nobody_else_is_created(single: Organization, most: int) -> None:
    single.workers = 1
    single.webex.fault(kind="status", status=403, path=PEOPLE, method="POST", times=None)
    results = single.create(new(6), max_failures=most)
    assert Counter(result.outcome for result in results) == {"failed": most, "skipped": 6 - most}
    assert single.count() == {"POST Bulk": 1, "POST people": most}


def test_who_is_created_and_gets_no_license_is_reported_and_finished_by_the_next_run(bulk: Organization) -> None:
    bulk.webex.fault(kind="partial")
    results = bulk.create(new(3))
    (failed,) = [result for result in results if result.outcome == "failed"]
    assert failed.created
    assert failed.shown()["created"] is True
    assert "The person was created before." in str(failed.error)
    bulk.webex.clear_journal()
    assert {(result.outcome, result.created) for result in bulk.create(new(3))} == {("ok", False), ("enabled", False)}
    assert bulk.count() == {"PATCH users": 1}
