# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People are created while calls fail, reads are old, and runs are killed: nobody is lost or done twice, and no result lies."""

from __future__ import annotations

import os
import random
import signal
import threading
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import Rules
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.bulk.support import SPEED, Tasks, with_short_pauses
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import process

PEOPLE = 40
# How often a task that failed is run again. It may fail for bad luck, and says so.
TRIES = 8
USERS = [
    {"email": f"new{n:03}@example.com", "display_name": f"New {n}", "location": "Berlin", "extension": str(5000 + n)}
    for n in range(PEOPLE)
]
WISH = {str(user["email"]): [("Webex Calling - Professional", user["extension"])] for user in USERS}


@pytest.fixture(params=["in bulk", "one by one"])
def tasks(webex: Simulator, settings: Settings, request: pytest.FixtureRequest) -> Tasks:
    """Tasks that create people, with or without the scope for SCIM."""
    webex.reset(people=PEOPLE)  # for their licenses
    app = webex.credentials["service_app"]["client_id"]
    more = ["identity:people_rw"] if request.param == "in bulk" else []
    webex.service_app(app, scopes=[*webex.service_app(app)["scopes"], *more], regrant=True)
    return Tasks(webex, settings, rules=Rules(create_people=True))


def new_people(webex: Simulator) -> dict[str, list[tuple[t.Any, str | None]]]:
    """The calling license and the extension of everybody who is new, by address."""
    found: dict[str, list[tuple[t.Any, str | None]]] = {}
    for person in webex.state()["people"]:
        if person["email"].startswith("new"):
            calling = [name for name in person["licenses"] if "Calling" in name]
            assert len(calling) <= 1, person
            found.setdefault(person["email"], []).append((calling[0] if calling else None, person["extension"]))
    return found


def assert_looked_before_repeated(journal: t.Iterable[dict[str, t.Any]]) -> None:
    """Nobody is sent a second time before they were looked for."""
    sent: set[str] = set()
    for entry in journal:
        path, body = entry["path"], entry["body"] if isinstance(entry["body"], dict) else {}
        if entry["method"] == "GET" and path == "/v1/people":
            sent.discard(entry["query"].get("email", ""))
        is_refused = entry["status"] in (403, 429)
        if entry["method"] == "POST" and not is_refused:
            addresses = body.get("emails") or [
                operation["data"]["userName"] for operation in body.get("operations", ())
            ]
            assert not sent & set(addresses), (path, sent & set(addresses))
            sent.update(addresses)


@pytest.mark.parametrize("seed", [1, 3])
def test_with_failures_everywhere_each_exists_once(tasks: Tasks, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    slow_down = Throttle.slow_down
    monkeypatch.setattr(Throttle, "slow_down", lambda throttle, seconds: slow_down(throttle, seconds / 10))
    patient, chance = tasks.settings, random.Random(seed)
    tasks.settings = with_short_pauses(patient)
    for _try in range(TRIES):
        tasks.webex.clear_journal()
        tasks.webex.configure(**{f"stale_{kind}": chance.choice([0, 0.1, 0.4]) for kind in ("people", "person")})
        tasks.webex.fail_at_random()
        try:
            results = tasks.calling_users(*USERS)
        finally:
            tasks.webex.clear_faults()
        assert_looked_before_repeated(tasks.webex.journal())
        people = new_people(tasks.webex)
        for result in results:
            if result.outcome in ("ok", "enabled"):
                assert people[result.who] == WISH[result.who]
            if result.created:
                assert len(people[result.who]) == 1
        assert {result.who for result in results} == set(WISH)
        if {result.outcome for result in results} <= {"ok", "enabled"}:
            break
    assert new_people(tasks.webex) == WISH
    tasks.webex.configure(stale_people=0, stale_person=0)
    tasks.webex.clear_journal()
    tasks.settings = patient  # this must succeed, on a busy machine too
    assert {result.outcome for result in tasks.calling_users(*USERS)} == {"ok"}
    assert tasks.webex.writes() == []


@pytest.mark.parametrize("seconds", [1, 5, 15])
def test_a_task_that_follows_at_once_finds_those_who_were_created(tasks: Tasks, seconds: float) -> None:
    tasks.webex.stale(seconds / SPEED)
    first = tasks.calling_users(*USERS)
    assert {(result.outcome, result.created) for result in first} == {("enabled", True)}
    changed = [{**user, "extension": f"6{user['extension']}"} for user in USERS]
    second = tasks.calling_users(*changed)
    assert {(result.outcome, result.created) for result in second} == {("changed", False)}
    assert new_people(tasks.webex) == {
        user["email"]: [("Webex Calling - Professional", user["extension"])] for user in changed
    }


def create_until_killed(tasks: Tasks, requests: int, seconds: float) -> None:
    """Create and enable everybody, but get a SIGKILL so many requests and seconds after the start."""
    exchange, left = WebexClient._exchange, [requests]

    def counting(*arguments: t.Any, **more: t.Any) -> t.Any:
        left[0] -= 1
        if left[0] == 0:
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return exchange(*arguments, **more)

    WebexClient._exchange = counting  # type: ignore[method-assign]
    tasks.calling_users(*USERS)


def test_killed_at_any_instant_and_started_again_each_exists_once(tasks: Tasks) -> None:
    chance = random.Random(7)
    tasks.settings = replace(tasks.settings, timeout=10)
    tasks.webex.configure(latency_ms=50, stale_people=0.2)
    exits: list[int | None] = []
    for _number in range(6):
        requests, seconds = chance.randint(5, 30), chance.uniform(0, 0.05)
        with process(create_until_killed, tasks, requests, seconds) as child:
            child.join(60)
            exits.append(child.exitcode)
    assert exits.count(-signal.SIGKILL) >= 3
    tasks.webex.configure(latency_ms=0)
    # At once: those who were created last are not shown yet.
    results = tasks.calling_users(*USERS)
    assert {result.outcome for result in results} <= {"ok", "enabled"}
    assert new_people(tasks.webex) == WISH
