# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a tenth of all calls fail, and when runs are killed, nobody is lost or done twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import SimulatedOrganization, people
from ansible_collections.collabops.webex.tests.unit.support import process


@pytest.fixture
def bulk(webex: Simulator, settings: Settings) -> SimulatedOrganization:
    """The simulator's organization."""
    return SimulatedOrganization(webex, settings)


def outcomes(results: dict[str, Result]) -> Counter[str]:
    """How many had which outcome."""
    return Counter(result.outcome for result in results.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_with_failures_everywhere_nobody_is_lost_or_done_twice(
    bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Of all calls, 10 % fail, in seven ways; of each wait for the rate, the test waits a tenth.
    slow_down = Throttle.slow_down
    monkeypatch.setattr(Throttle, "slow_down", lambda throttle, seconds: slow_down(throttle, seconds / 10))
    webex, count = bulk.webex, 250
    webex.reset(people=count, enabled=50, seed=seed)
    patient, bulk.settings = bulk.settings, replace(bulk.settings, timeout=0.4)
    webex.fail_at_random()
    users = [*people(1, count - 5), *people(count - 4, count, license="standard")]
    results = bulk.apply(users)
    webex.clear_faults()
    bulk.settings = patient  # what comes next must succeed, on a busy machine too

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


def apply_until_killed(bulk: SimulatedOrganization, users: list[Wanted], requests: int, seconds: float) -> None:
    """Do everything, but get a SIGKILL so many requests and seconds after the start."""
    exchange, left = WebexClient._exchange, [requests]

    def counting(*arguments: t.Any, **more: t.Any) -> t.Any:
        left[0] -= 1
        if left[0] == 0:
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return exchange(*arguments, **more)

    WebexClient._exchange = counting  # type: ignore[method-assign]
    bulk.apply(users)


def test_killed_at_any_instant_and_started_again_it_ends_as_a_clean_run(bulk: SimulatedOrganization) -> None:
    webex, chance = bulk.webex, random.Random(5)
    # Of 40 who are enabled, ten get another extension, ten lose calling, two swap, and 18 stay; 381 are enabled.
    users = [replace(user, extension=f"9{user.extension}") for user in people(1, 10)]
    users += [Wanted(email=user.email, state="absent") for user in people(11, 20)]
    users += [*people(21, 21, extension="10022"), *people(22, 22, extension="10021")]
    users += [*people(23, 420), *people(421, 421, extension=None, phone_number="+493055502003")]

    def state() -> dict[str, t.Any]:
        return {key: value for key, value in webex.state().items() if key in ("people", "numbers", "licenses")}

    webex.reset(people=450, enabled=40)
    bulk.apply(users)
    clean, writes = state(), len(bulk.writes())
    assert writes == 10 + 10 + 3 + 381

    webex.reset(people=450, enabled=40)
    webex.configure(latency_ms=50)
    for _number in range(10):
        requests, seconds = chance.randint(3, 40), chance.uniform(0, 0.05)
        with process(apply_until_killed, bulk, users, requests, seconds) as child:
            child.join(60)
            assert child.exitcode == -signal.SIGKILL
    webex.configure(latency_ms=0)
    webex.clear_journal()
    results = bulk.apply(users)
    assert outcomes(results)["failed"] == 0
    assert 0 < len(bulk.writes()) < writes
    assert state() == clean


SETTINGS = {
    "emergency_callback": "location",
    "voicemail": {"enabled": True, "email_copy": True, "email_copy_to": "desk@example.com"},
    "outgoing_permissions": {"block": ["national"]},
    "call_forwarding": {"no_answer": "2001", "rings": 5},
}


def test_settings_too_end_as_in_a_clean_run_if_runs_are_killed(bulk: SimulatedOrganization) -> None:
    webex, chance = bulk.webex, random.Random(7)
    users = [replace(user, settings=SETTINGS) for user in people(1, 40)]

    def reset() -> None:
        webex.reset(people=40, enabled=20)
        bulk.allow_settings()
        webex.clear_journal()

    def state() -> list[dict[str, t.Any]]:
        return list(webex.state()["people"])

    reset()
    bulk.apply(users)
    clean, writes = state(), len(bulk.writes())
    assert writes == 20 + 40 * len(SETTINGS)

    reset()
    webex.configure(latency_ms=20)
    for requests in range(20, 180, 20):
        with process(apply_until_killed, bulk, users, requests, chance.uniform(0, 0.02)) as child:
            child.join(60)
            assert child.exitcode == -signal.SIGKILL
    webex.configure(latency_ms=0)
    webex.clear_journal()
    results = bulk.apply(users)
    assert outcomes(results)["failed"] == 0
    assert 0 < len(bulk.writes()) < writes
    assert state() == clean
