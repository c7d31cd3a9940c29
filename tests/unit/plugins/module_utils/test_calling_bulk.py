# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _calling_bulk
from ansible_collections.collabops.webex.plugins.module_utils._calling import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling_bulk import (
    BulkOrganization,
    Result,
    Work,
    carry_out,
    check_each,
    plan_all,
    preview,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import Answer, WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked, process

WRITE = "PATCH /licenses/users"
PROFESSIONAL = "Webex Calling - Professional"


def people(first: int, last: int, **changes: str | None) -> list[Wanted]:
    """The generated people of the simulator, as they are if they were enabled from the start."""
    return [
        replace(Wanted(email=f"user{n:05}@example.com", location="Berlin", extension=str(10_000 + n)), **changes)
        for n in range(first, last + 1)
    ]


def alice(**changes: str | None) -> Wanted:
    """A user who can be enabled."""
    return replace(Wanted(email="alice@example.com", location="Berlin", extension="2002"), **changes)


class Bulk:
    """The simulator's organization, and the way from a list of users to what becomes of them."""

    def __init__(self, webex: Simulator, settings: Settings) -> None:
        self.webex = webex
        self.settings = settings
        self.clock = Clock()
        self.workers = 8
        self.budget = 600.0

    def client(self) -> WebexClient:
        """A client that many workers share."""
        return WebexClient(self.settings, self.budget, Throttle(self.workers))

    def plan(self, users: list[Wanted], allow_move: bool = False) -> Work:
        """Read, and plan."""
        with self.client() as client:
            organization = BulkOrganization(client, users, self.workers)
            organization.read()
            return plan_all(organization, users, allow_move)

    def apply(
        self,
        users: list[Wanted],
        *,
        allow_move: bool = False,
        max_failures: int | None = None,
        patience: float = 30,
        between: t.Callable[[], object] = lambda: None,
    ) -> dict[str, Result]:
        """Read, plan, do something else, and write without waiting; the results by user."""
        with self.client() as client:
            organization = BulkOrganization(client, users, self.workers)
            organization.read()
            work = plan_all(organization, users, allow_move)
            assert work.problems == []
            between()
            results = carry_out(
                client,
                organization,
                work,
                workers=self.workers,
                max_failures=max_failures,
                patience=patience,
                clock=self.clock.monotonic,
                sleep=self.clock.sleep,
            )
        assert sorted(result.who for result in results) == sorted(user.who for user in users)
        return {result.who: result for result in results}

    def person(self, name: str) -> dict[str, t.Any]:
        """What the simulator knows of a person."""
        return next(one for one in self.webex.state()["people"] if one["email"] == f"{name}@example.com")

    def enabled(self) -> dict[str, t.Any]:
        """The extensions of all people who hold a calling license."""
        state = self.webex.state()["people"]
        return {one["email"]: one["extension"] for one in state if any("Calling" in name for name in one["licenses"])}

    def consumed(self) -> int:
        """The calling licenses that people hold."""
        return sum(one["consumed_by_users"] for one in self.webex.state()["licenses"] if "Calling" in one["name"])

    def writes(self) -> list[str]:
        """The writing requests."""
        return [one for one in asked(self.webex) if not one.startswith("GET ")]

    def use_up(self, name: str = PROFESSIONAL, leave: int = 0) -> None:
        """Leave a few free units of a license in the big subscription, none in the other."""
        for one in self.webex.state()["licenses"]:
            if one["name"] == name:
                left = leave if one["subscription"] == "Sub-2" else 0
                self.webex.control("PATCH", f"/licenses/{one['id']}", {"total_units": one["consumed_units"] + left})


@pytest.fixture
def bulk(webex: Simulator, settings: Settings) -> Bulk:
    """The simulator's organization."""
    return Bulk(webex, settings)


def outcomes(results: dict[str, Result]) -> Counter[str]:
    """How many had which outcome."""
    return Counter(result.outcome for result in results.values())


# Reading: the cheaper way, by counts


def test_five_thousand_who_are_enabled_already_take_few_requests(bulk: Bulk) -> None:
    bulk.webex.reset(people=5000, enabled=5000)
    results = bulk.apply(people(1, 5000))
    assert outcomes(results) == {"ok": 5000}
    assert len(asked(bulk.webex)) <= 25
    assert bulk.writes() == []


def test_five_hundred_of_whom_five_need_something_take_five_writes(bulk: Bulk) -> None:
    bulk.webex.reset(people=500, enabled=497)
    users = people(1, 500)
    users[3:5] = [*people(4, 4, extension="78"), *people(5, 5, phone_number="+493055502002")]
    results = bulk.apply(users)
    assert outcomes(results) == {"ok": 495, "changed": 2, "enabled": 3}
    assert len(bulk.writes()) == 5
    assert len(asked(bulk.webex)) <= 40
    assert all(result.verified for result in results.values())


def test_a_few_users_of_a_big_organization_are_read_one_by_one(bulk: Bulk) -> None:
    bulk.webex.reset(people=5000, enabled=5000)
    assert outcomes(bulk.apply(people(7, 9))) == {"ok": 3}
    assert asked(bulk.webex).count("GET /people") == 3
    assert len(asked(bulk.webex)) == 5


@pytest.mark.parametrize(("users", "reads"), [(people(2001, 2099), 99), (people(2001, 2100), 101)])
def test_a_few_users_of_a_big_organization_are_read_one_by_one_if_nobody_has_calling(
    bulk: Bulk, users: list[Wanted], reads: int
) -> None:
    bulk.webex.reset(people=5000)
    assert len(bulk.plan(users).changes) == len(users)
    # 51 pages of people, one after the other, would take longer than 13 rounds of eight. As many users as a page has
    # people are worth one look at the first page, before anything is known.
    assert asked(bulk.webex).count("GET /people") == reads


def test_those_without_calling_are_read_by_the_page(bulk: Bulk) -> None:
    bulk.webex.reset(people=500)
    assert len(bulk.plan(people(1, 500)).changes) == 500
    assert Counter(asked(bulk.webex))["GET /people"] == 6
    assert len(asked(bulk.webex)) <= 12


def test_people_are_found_by_id_too(bulk: Bulk) -> None:
    bulk.webex.reset(people=60, enabled=30)
    ids = {one["email"]: one["id"] for one in bulk.webex.state()["people"]}
    users = [replace(user, email=None, person_id=ids[str(user.email)]) for user in people(1, 60)]
    assert Counter(plan.action for _who, plan in bulk.plan(users).plans) == {"none": 30, "enable": 30}


def test_both_ways_of_reading_plan_the_same(bulk: Bulk) -> None:
    bulk.webex.reset(people=60, enabled=30)
    users = [*people(1, 20), *people(21, 21, extension=None, phone_number="+493055502002"), *people(31, 40)]
    users += [
        alice(),
        Wanted(email="ivan@example.com", location="Berlin", extension="2001", phone_number="493055502001"),
    ]

    def plans(one_by_one: bool) -> list[tuple[t.Any, ...]]:
        with bulk.client() as client:
            organization = BulkOrganization(client, users, 8)
            if one_by_one:
                organization.pages_for_all = lambda: 10**6  # type: ignore[method-assign]
            organization.read()
            work = plan_all(organization, users)
        return [
            (who, p.action, replace(p.before, location=None), p.after, p.license_operations) for who, p in work.plans
        ]

    assert plans(False) == plans(True)


@pytest.mark.parametrize("first", range(4))
def test_reads_that_go_side_by_side_may_end_in_any_order(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    bulk.webex.reset(people=60, enabled=30)
    orders = [(first, *rest) for rest in itertools.permutations({0, 1, 2, 3} - {first})]
    wanted = iter(orders)

    def in_order(reads: t.Sequence[t.Callable[[], object]]) -> None:
        # Four at once are: numbers, those who hold the two licenses that are in use, and people by the page.
        for number in next(wanted) if len(reads) == 4 else range(len(reads)):
            reads[number]()

    monkeypatch.setattr(_calling_bulk, "side_by_side", in_order)
    for _order in orders:
        plans = bulk.plan(people(1, 60)).plans
        assert Counter(plan.action for _who, plan in plans) == {"none": 30, "enable": 30}
    assert list(wanted) == []


def test_further_numbers_of_a_person_and_those_of_workspaces_are_no_work_numbers(bulk: Bulk) -> None:
    state = bulk.webex.state()
    place = next(one["id"] for one in state["locations"] if one["name"] == "Berlin")
    entry = {"location": {"id": place, "name": "Berlin"}, "state": "ACTIVE"}
    ivan = {"id": bulk.person("ivan")["id"], "type": "PEOPLE"}
    numbers = [
        {**entry, "phoneNumber": "+493055502001", "extension": "2001", "phoneNumberType": "PRIMARY", "owner": ivan},
        {**entry, "phoneNumber": "+493055502009", "extension": "2009", "phoneNumberType": "ALTERNATE", "owner": ivan},
        {**entry, "phoneNumber": "+493055502010", "extension": "2010", "owner": {"id": "lobby", "type": "PLACE"}},
    ]
    bulk.webex.fault(kind="status", status=200, path="/numbers$", body={"phoneNumbers": numbers}, times=None)
    ivan_again = Wanted(email="ivan@example.com", location="Berlin", extension="2001", phone_number="+493055502001")
    users = [ivan_again, Wanted(person_id="lobby", location="Berlin", extension="2010"), *people(1, 5)]
    work = bulk.plan(users)
    assert [plan.action for who, plan in work.plans if who == "ivan@example.com"] == ["none"]
    assert "There is no person lobby" in str(dict(work.problems)["lobby"])


def test_an_error_while_reading_is_not_the_error_of_a_user(bulk: Bulk) -> None:
    bulk.webex.fault(kind="status", status=403, path="/locations")
    with pytest.raises(Refused):
        bulk.plan([alice()])


# Planning: all problems at once, and nothing is written


def test_all_problems_are_told_at_once(bulk: Bulk) -> None:
    bulk.webex.reset(people=40, enabled=20)
    wrong = {
        "nobody@example.com": (replace(alice(), email="nobody@example.com"), "There is no person nobody"),
        "user00021@example.com": (*people(21, 21, location="Atlantis"), "'Atlantis' does not exist"),
        "user00022@example.com": (*people(22, 22, location="Warehouse"), "not enabled for Webex Calling"),
        "user00023@example.com": (*people(23, 23, license="gold"), "'gold' is not a license"),
        "user00024@example.com": (*people(24, 24, extension="10001"), "extension 10001 in Berlin is in use by User 0"),
        "user00025@example.com": (*people(25, 25, phone_number="+493055502001"), "is in use by Ivan Example"),
        "user00026@example.com": (*people(26, 26, phone_number="+4930999"), "is not in the inventory in Berlin"),
        "user00027@example.com": (*people(27, 27, extension="10031"), "have the same extension .10031"),
        "user00028@example.com": (*people(28, 28, phone_number="+49 30 55502002"), "have the same phone number"),
        "user00001@example.com": (*people(1, 1, location="London"), "has calling in another location"),
        "user00002@example.com": (*people(2, 2, license="standard"), "does not change it to"),
    }
    good = [*people(31, 32), *people(33, 33, phone_number="+493055502002"), *people(3, 9)]
    work = bulk.plan(good + [user for user, _words in wrong.values()] + people(33, 33))
    assert sorted(who for who, _plan in work.plans) == sorted(user.who for user in good)
    problems = dict(work.problems)
    assert "are to have the same person" in str(problems.pop("user00033@example.com"))
    assert problems.keys() == wrong.keys()
    for who, (_user, words) in wrong.items():
        assert re.search(words, str(problems[who])), who
    assert bulk.writes() == []


def test_free_units_are_counted_over_the_list(bulk: Bulk) -> None:
    bulk.webex.reset(people=10)
    bulk.use_up(leave=3)
    work = bulk.plan(people(1, 10))
    assert [who for who, _plan in work.plans] == [user.who for user in people(1, 3)]
    assert len(work.problems) == 7
    assert all("No free license" in str(error) for _who, error in work.problems)


def test_a_unit_that_one_gives_back_is_there_for_another(bulk: Bulk) -> None:
    bulk.use_up()
    results = bulk.apply([alice(), Wanted(email="ivan@example.com", state="absent")])
    assert {who: result.outcome for who, result in results.items()} == {
        "alice@example.com": "enabled",
        "ivan@example.com": "changed",
    }
    assert bulk.enabled() == {"alice@example.com": "2002"}


@pytest.mark.parametrize("others", [0, 20])
@pytest.mark.parametrize(
    "successor",
    [alice(extension="2001"), alice(location=None, extension=None, phone_number="+493055502001")],
    ids=["extension", "number"],
)
def test_what_one_leaves_is_there_for_another(bulk: Bulk, successor: Wanted, others: int) -> None:
    # With many others, all numbers are read at once; else those of the location.
    bulk.webex.reset(people=others, enabled=others)
    ivan = Wanted(email="ivan@example.com", state="absent")
    results = bulk.apply([successor, ivan, *people(1, others)])
    assert (results["alice@example.com"].outcome, results["ivan@example.com"].outcome) == ("enabled", "changed")
    assert list(bulk.enabled()) == ["alice@example.com", *(str(user.email) for user in people(1, others))]


def test_what_one_only_changes_is_not_there_for_another(bulk: Bulk) -> None:
    users = [alice(extension="2001"), Wanted(email="ivan@example.com", location="Berlin", extension="2009")]
    work = bulk.plan(users)
    assert [who for who, _error in work.problems] == ["alice@example.com"]


def test_an_unknown_location_is_looked_up_once_for_all(bulk: Bulk) -> None:
    bulk.webex.reset(people=60)
    assert len(bulk.plan(people(1, 60, location="Atlantis")).problems) == 60
    assert asked(bulk.webex).count("GET /locations") == 1


def test_units_of_two_subscriptions_are_used_one_after_the_other(bulk: Bulk) -> None:
    bulk.webex.reset(people=10)
    for one in bulk.webex.state()["licenses"]:
        if one["name"] == PROFESSIONAL:
            bulk.webex.control("PATCH", f"/licenses/{one['id']}", {"total_units": one["consumed_units"] + 2})
    work = bulk.plan(people(1, 5))
    used = Counter(plan.after.license.subscription for _who, plan in work.plans if plan.after.license)
    assert used == {"Sub-1": 2, "Sub-2": 2}
    assert len(work.problems) == 1


def test_what_is_wrong_by_itself_is_a_problem_of_that_user() -> None:
    users, problems = check_each(
        [{"email": "a@b", "location": "Berlin", "extension": " 1 "}, {"email": "c"}, {"location": ""}]
    )
    assert users == [Wanted(email="a@b", location="Berlin", extension="1")]
    assert [who for who, _error in problems] == ["c", "user 3"]


def test_what_is_foreseen_is_what_becomes(bulk: Bulk) -> None:
    bulk.webex.reset(people=20, enabled=10)
    users = [*people(1, 12), Wanted(email="ivan@example.com", state="absent")]
    foreseen = {result.who: result.shown() for result in preview(bulk.plan(users), False)}
    assert bulk.writes() == []
    assert {who: result.shown() for who, result in bulk.apply(users).items()} == foreseen


def test_where_others_have_problems_nothing_is_foreseen(bulk: Bulk) -> None:
    results = preview(bulk.plan([alice(), Wanted(email="ivan@example.com", location="Berlin", extension="2001")]), True)
    assert sorted((result.who, result.outcome) for result in results) == [
        ("alice@example.com", "skipped"),
        ("ivan@example.com", "ok"),
    ]


# Writing


def test_each_user_is_written_once_and_seen_in_bulk(bulk: Bulk) -> None:
    bulk.webex.reset(people=300)
    results = bulk.apply(people(1, 300))
    assert outcomes(results) == {"enabled": 300}
    assert all(result.verified for result in results.values())
    assert bulk.writes() == [WRITE] * 300
    assert len(asked(bulk.webex)) <= 320
    assert bulk.consumed() == 301


def test_many_requests_are_under_way_at_once(bulk: Bulk) -> None:
    bulk.webex.reset(people=80)
    bulk.webex.configure(latency_ms=50)
    bulk.apply(people(1, 80))
    at = [entry["at"] for entry in bulk.webex.writes()]
    assert max(at) - min(at) < 80 * 0.05 / 8 * 1.6


def test_calling_is_taken_away_from_many(bulk: Bulk) -> None:
    bulk.webex.reset(people=50, enabled=50)
    users = [Wanted(email=user.email, state="absent") for user in people(1, 50)]
    results = bulk.apply([*users, Wanted(email="nobody@example.com", state="absent")])
    assert outcomes(results) == {"changed": 50, "ok": 1}
    assert bulk.enabled() == {"ivan@example.com": "2001"}


def test_a_second_time_nothing_is_written(bulk: Bulk) -> None:
    bulk.webex.reset(people=50, enabled=10)
    users = [*people(1, 40), *people(41, 41, extension="4")]
    bulk.apply(users)
    bulk.webex.clear_journal()
    assert outcomes(bulk.apply(users)) == {"ok": 41}
    assert bulk.writes() == []


def test_other_licenses_stay_when_an_extension_is_changed(bulk: Bulk) -> None:
    bulk.webex.reset(people=30, enabled=30)
    before = bulk.person("user00007")
    bulk.apply([*people(1, 6), *people(7, 7, extension="70")])
    assert bulk.person("user00007") == {**before, "extension": "70"}


def test_a_person_who_is_gone_meanwhile_is_not_written_with_what_the_lists_said(bulk: Bulk) -> None:
    bulk.webex.reset(people=30, enabled=30)
    users = [*people(1, 6), *people(7, 7, extension="70")]
    results = bulk.apply(
        users, between=lambda: bulk.webex.fault(kind="status", status=404, path="/people/", method="GET", times=None)
    )
    assert "is not there any more" in str(results["user00007@example.com"].error)
    assert bulk.writes() == []


def test_a_move_is_done_where_it_is_allowed(bulk: Bulk) -> None:
    bulk.webex.reset(people=20, enabled=20)
    app = bulk.webex.credentials["service_app"]
    scopes = [*bulk.webex.service_app(app["client_id"])["scopes"], "spark-admin:telephony_config_write"]
    bulk.webex.service_app(app["client_id"], scopes=scopes, regrant=True)
    bulk.webex.configure(move_seconds=0.05)
    bulk.clock.on_nap = lambda: time.sleep(0.02)
    results = bulk.apply([*people(1, 10), *people(11, 12, location="London")], allow_move=True)
    assert outcomes(results) == {"ok": 10, "changed": 2}
    assert all(result.verified for result in results.values())
    assert {bulk.person(f"user000{n}")["location"] for n in (11, 12)} == {"London"}


# What goes wrong


def test_a_refusal_is_that_users_alone_and_says_what_webex_said(bulk: Bulk) -> None:
    bulk.webex.reset(people=20)
    body = {"message": "no", "errors": [{"description": "bad", "errorCode": 400411}], "trackingId": "SIM_1"}
    bulk.webex.fault(kind="status", status=400, method="PATCH", body=body, skip=5)
    results = bulk.apply(people(1, 20))
    assert outcomes(results) == {"enabled": 19, "failed": 1}
    shown = next(result.shown() for result in results.values() if result.outcome == "failed")
    assert (shown["error_codes"], shown["tracking_id"]) == (["400411"], "SIM_1")
    assert "now enabled: False" in shown["reason"]
    assert bulk.writes() == [WRITE] * 20


def test_enough_failures_stop_the_rest(bulk: Bulk) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.fault(kind="status", status=400, method="PATCH", times=None)
    results = bulk.apply(people(1, 100), max_failures=3)
    assert 3 <= outcomes(results)["failed"] <= 3 + bulk.workers
    assert outcomes(results)["skipped"] == 100 - outcomes(results)["failed"]
    assert len(bulk.writes()) == outcomes(results)["failed"]
    skipped = next(result for result in results.values() if result.outcome == "skipped")
    assert "Too many others failed" in str(skipped.error)


@pytest.mark.parametrize("fault", [{"kind": "apply_then_fail", "status": 502}, {"kind": "truncated"}])
def test_a_failure_that_did_its_work_is_not_repeated(bulk: Bulk, fault: dict[str, t.Any]) -> None:
    bulk.webex.reset(people=20)
    bulk.webex.fault(method="PATCH", times=None, **fault)
    assert outcomes(bulk.apply(people(1, 20))) == {"enabled": 20}
    assert bulk.writes() == [WRITE] * 20


def test_a_failure_that_did_its_work_and_does_not_show_at_once_is_not_repeated(bulk: Bulk) -> None:
    bulk.clock.on_nap = lambda: time.sleep(0.1)
    bulk.webex.configure(stale_seconds=0.15)
    bulk.webex.fault(kind="apply_then_fail", method="PATCH")
    assert outcomes(bulk.apply([alice()])) == {"enabled": 1}
    assert bulk.writes() == [WRITE]


def test_a_failure_that_did_nothing_is_repeated_after_reading(bulk: Bulk) -> None:
    bulk.webex.fault(kind="status", status=500, method="PATCH", times=2)
    assert outcomes(bulk.apply([alice()])) == {"enabled": 1}
    assert bulk.writes() == [WRITE] * 3
    order = asked(bulk.webex)
    first, second, third = (number for number, request in enumerate(order) if request == WRITE)
    assert all(any(one.startswith("GET /people/") for one in order[a:b]) for a, b in ((first, second), (second, third)))


def test_what_cannot_be_read_after_a_failure_is_not_repeated(bulk: Bulk, clock: Clock) -> None:
    bulk.webex.fault(kind="status", status=500, method="PATCH", times=None)
    results = bulk.apply(
        [alice()], between=lambda: bulk.webex.fault(kind="status", status=500, path="/people/", times=None)
    )
    assert bulk.writes() == [WRITE]
    assert "What became of it is not known" in str(results["alice@example.com"].error)
    assert clock.naps


def test_a_move_is_not_started_twice(bulk: Bulk, webex: Simulator) -> None:
    webex.fault(kind="status", status=500, method="POST", times=None)
    results = bulk.apply([Wanted(email="ivan@example.com", location="London", extension="2001")], allow_move=True)
    assert outcomes(results) == {"failed": 1}
    assert len(bulk.writes()) == 1


def test_what_was_written_is_reported_though_it_cannot_be_seen(bulk: Bulk, clock: Clock) -> None:
    results = bulk.apply(
        [alice()], between=lambda: bulk.webex.fault(kind="status", status=500, method="GET", times=None)
    )
    assert [(result.outcome, result.verified) for result in results.values()] == [("enabled", False)]
    assert clock.naps


def test_a_used_up_budget_skips_the_rest(bulk: Bulk) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.configure(latency_ms=200)
    bulk.budget, bulk.workers = 2.0, 4
    begin = time.monotonic()
    results = bulk.apply(people(1, 100))
    assert time.monotonic() - begin < 4
    assert outcomes(results)["skipped"] >= 50
    skipped = next(result for result in results.values() if result.outcome == "skipped")
    assert "The time budget was used up" in str(skipped.error)
    reported = {who for who, result in results.items() if result.outcome == "enabled"}
    assert set(bulk.enabled()) - {"ivan@example.com"} == reported


@pytest.mark.parametrize("number", [1, 40])
def test_changes_that_show_late_are_waited_for(bulk: Bulk, number: int) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.configure(stale_seconds=0.3)
    bulk.clock.on_nap = lambda: time.sleep(0.15)
    results = bulk.apply(people(1, number))
    assert outcomes(results) == {"enabled": number}
    assert all(result.verified for result in results.values())
    assert len(bulk.writes()) == number


@pytest.mark.parametrize("says_licenses", [True, False])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_licenses_are_read_again_only_if_the_answer_did_not_say_them(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch, says_licenses: bool, state: str
) -> None:
    bulk.webex.reset(people=40, enabled=40 if state == "absent" else 0)
    original = WebexClient.patch

    def patch(client: WebexClient, path: str, body: dict[str, t.Any]) -> Answer:
        answer = original(client, path, body)
        return answer if says_licenses else Answer(answer.status, {"personId": body["personId"]})

    monkeypatch.setattr(WebexClient, "patch", patch)
    results = bulk.apply(people(1, 40, state=state), between=bulk.webex.clear_journal)
    assert outcomes(results) == {"enabled" if state == "present" else "changed": 40}
    assert all(result.verified for result in results.values())
    reads = [request for request in asked(bulk.webex) if request.startswith("GET /licenses/")]
    assert bool(reads) is not says_licenses


def test_changes_that_do_not_show_in_time_are_not_verified(bulk: Bulk) -> None:
    bulk.webex.configure(stale_seconds=3600)
    results = bulk.apply([alice()])
    assert [(result.outcome, result.verified) for result in results.values()] == [("enabled", False)]
    assert 15 < sum(bulk.clock.naps) <= 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_failures_everywhere_nobody_is_lost_or_done_twice(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Of all calls, 10 % fail, in seven ways; each Retry-After is a second, of which the test waits a tenth.
    slow_down = Throttle.slow_down
    monkeypatch.setattr(Throttle, "slow_down", lambda pace, seconds: slow_down(pace, seconds / 10))
    webex, count = bulk.webex, 250
    webex.reset(people=count, enabled=50, seed=seed)
    bulk.settings = replace(bulk.settings, timeout=0.4)
    webex.fail_at_random()
    users = [*people(1, count - 5), *people(count - 4, count, license="standard")]
    results = bulk.apply(users)
    webex.clear_faults()

    struck = sum(entry["fault"] is not None for entry in webex.journal())
    assert struck > 0.05 * len(webex.journal())
    assert set(outcomes(results)) <= {"ok", "enabled", "failed"}
    reported = {who for who, result in results.items() if result.outcome in ("ok", "enabled")}
    enabled = bulk.enabled()
    del enabled["ivan@example.com"]
    assert reported <= set(enabled)
    failed = {who: result for who, result in results.items() if result.outcome == "failed"}
    assert reported | set(failed) == set(results)
    assert all(str(result.error) for result in failed.values())
    assert set(enabled) - reported <= set(failed)
    assert bulk.consumed() == len(enabled) + 1
    assert len(set(enabled.values())) == len(enabled)
    # Another run does the rest, and only that.
    webex.clear_journal()
    rest = bulk.apply(users)
    assert len(bulk.writes()) == outcomes(rest)["enabled"] <= len(failed)
    assert outcomes(rest)["failed"] == 0
    assert bulk.consumed() == len(results) + 1


def apply_until_killed(bulk: Bulk, users: list[Wanted], requests: int, seconds: float) -> None:
    """Do everything, but get a SIGKILL so many requests and seconds after the start."""
    exchange, left = WebexClient._exchange, [requests]

    def counting(*arguments: t.Any) -> t.Any:
        left[0] -= 1
        if left[0] == 0:
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return exchange(*arguments)

    WebexClient._exchange = counting  # type: ignore[method-assign]
    bulk.apply(users)


def test_killed_at_any_instant_and_started_again_it_ends_as_a_clean_run(bulk: Bulk) -> None:
    webex, chance = bulk.webex, random.Random(5)
    # Of 40 who are enabled, ten get another extension, ten lose calling, and 20 stay; 381 are enabled.
    users = [replace(user, extension=f"9{user.extension}") for user in people(1, 10)]
    users += [Wanted(email=user.email, state="absent") for user in people(11, 20)]
    users += [*people(21, 420), *people(421, 421, extension=None, phone_number="+493055502003")]

    def state() -> dict[str, t.Any]:
        return {key: value for key, value in webex.state().items() if key in ("people", "numbers", "licenses")}

    webex.reset(people=450, enabled=40)
    bulk.apply(users)
    clean, writes = state(), len(bulk.writes())
    assert writes == 10 + 10 + 381

    webex.reset(people=450, enabled=40)
    webex.configure(latency_ms=50)
    for _number in range(10):
        requests, seconds = chance.randint(3, 40), chance.uniform(0, 0.05)
        with process(apply_until_killed, bulk, users, requests, seconds) as child:
            child.join(30)
            assert child.exitcode == -signal.SIGKILL
    webex.configure(latency_ms=0)
    webex.clear_journal()
    results = bulk.apply(users)
    assert outcomes(results)["failed"] == 0
    assert 0 < len(bulk.writes()) < writes
    assert state() == clean


# Memory

MEASURE = r"""
import json, re, sys
from ansible_collections.collabops.webex.plugins.module_utils._calling import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling_bulk import *
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings

def kilobytes():
    # Not ru_maxrss of getrusage(): that counts what the parent had when it forked, too.
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])

base_url, token, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
before = kilobytes()
raw = [
    {"email": f"user{n:05}@example.com", "location": "Berlin", "extension": str(10_000 + n)}
    for n in range(1, number + 1)
]
the_list = kilobytes() - before
users, problems = check_each(raw)
with WebexClient(Settings(base_url=base_url, access_token=token), 600, Throttle(8)) as client:
    organization = BulkOrganization(client, users, 8)
    organization.read()
    work = plan_all(organization, users)
    results = carry_out(client, organization, work, workers=8, max_failures=None, patience=5)
shown = [result.shown() for result in results]
print(json.dumps({"peak": kilobytes() - the_list, "users": len(shown), "problems": len(work.problems + problems)}))
"""


def peak(bulk: Bulk, number: int) -> int:
    """The memory that a process of its own takes for so many users, in KiB, beyond their list."""
    root = pathlib.Path(_calling_bulk.__file__).parents[5]
    token = str(bulk.settings.access_token)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, bulk.webex.base_url, token, str(number)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert (said["users"], said["problems"]) == (number, 0)
    return int(said["peak"])


@pytest.mark.parametrize("enabled", [4990, 2500])
def test_memory_hardly_grows_with_the_list(bulk: Bulk, enabled: int) -> None:
    bulk.webex.reset(people=5000, enabled=enabled)
    few = peak(bulk, 100)
    bulk.webex.reset(people=5000, enabled=enabled)
    assert peak(bulk, 5000) <= 1.5 * few
