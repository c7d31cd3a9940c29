# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import ENCOURAGEMENT, Throttle
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, wait_until

SOON = 0.05


class Runner(threading.Thread):
    """A thread that wants a turn, and keeps it until it is told to end."""

    def __init__(self, pace: Throttle) -> None:
        super().__init__(daemon=True)
        self.pace = pace
        self.has_turn = threading.Event()
        self.may_end = threading.Event()
        self.start()

    def run(self) -> None:
        """Take a turn."""
        with self.pace.turn():
            self.has_turn.set()
            self.may_end.wait(10)

    def end(self) -> None:
        """Give the turn back."""
        self.may_end.set()
        self.join(10)


def take_turns(pace: Throttle, number: int) -> None:
    """Let so many requests go well, one after the other."""
    for _number in range(number):
        with pace.turn():
            pass


def test_only_so_many_are_under_way_at_once() -> None:
    runners = [Runner(pace := Throttle(2)), Runner(pace), Runner(pace)]
    wait_until(lambda: sum(one.has_turn.is_set() for one in runners) == 2)
    time.sleep(SOON)
    assert sum(one.has_turn.is_set() for one in runners) == 2
    next(one for one in runners if one.has_turn.is_set()).end()
    assert all(one.has_turn.wait(5) for one in runners)
    for one in runners:
        one.end()


def test_an_error_gives_the_turn_back() -> None:
    pace = Throttle(1)
    with pytest.raises(ValueError, match="wrong"), pace.turn():
        raise ValueError("wrong")
    take_turns(pace, 1)


def test_nobody_gets_a_turn_until_the_rest_is_over() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic)
    pace.slow_down(10)
    runners = [Runner(pace) for _number in range(3)]
    clock.sleep(9.9)
    pace.slow_down(0)  # wakes everybody
    time.sleep(SOON)
    assert not any(one.has_turn.is_set() for one in runners)
    clock.sleep(0.1)
    pace.slow_down(0)
    # After three 429s one may be under way.
    wait_until(lambda: sum(one.has_turn.is_set() for one in runners) == 1)
    for one in runners:
        one.may_end.set()
    assert all(one.has_turn.wait(5) for one in runners)


def test_a_shorter_rest_does_not_shorten_a_longer_one() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic)
    pace.slow_down(10)
    pace.slow_down(1)
    clock.sleep(5)
    runner = Runner(pace)
    time.sleep(SOON)
    assert not runner.has_turn.is_set()
    clock.sleep(5)
    pace.slow_down(0)
    assert runner.has_turn.wait(5)
    runner.end()


def test_who_rests_waits_as_long_as_everybody() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic)
    pace.slow_down(10)
    resting = threading.Thread(target=pace.rest, daemon=True)
    resting.start()
    resting.join(SOON)
    assert resting.is_alive()
    clock.sleep(10)
    pace.slow_down(0)
    resting.join(5)
    assert not resting.is_alive()


def test_each_429_halves_and_one_is_the_least() -> None:
    pace = Throttle(8, lambda: 0.0)
    limits = []
    for _number in range(5):
        pace.slow_down(0)
        limits.append(pace.limit)
    assert limits == [4, 2, 1, 1, 1]


def test_when_all_is_well_one_more_is_allowed_up_to_the_most() -> None:
    pace = Throttle(4)
    pace.slow_down(0)
    take_turns(pace, ENCOURAGEMENT - 1)
    assert pace.limit == 2
    take_turns(pace, 1)
    assert pace.limit == 3
    take_turns(pace, 5 * ENCOURAGEMENT)
    assert pace.limit == 4


def test_a_429_begins_the_count_anew() -> None:
    pace = Throttle(4)
    pace.slow_down(0)
    take_turns(pace, ENCOURAGEMENT - 1)
    pace.slow_down(0)
    take_turns(pace, ENCOURAGEMENT - 1)
    assert pace.limit == 1


# With the client


def ask(client: WebexClient, times: int, workers: int) -> None:
    """Ask from many threads at once."""

    def one() -> None:
        for _number in range(times):
            with contextlib.suppress(WebexError):
                client.get("/people/me")

    threads = [threading.Thread(target=one, daemon=True) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def paced(settings: Settings) -> t.Iterator[WebexClient]:
    """A client for eight workers, in real time."""
    with WebexClient(settings, 60, Throttle(8)) as client:
        yield client


def test_a_429_stops_all_workers_for_what_it_says(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(latency_ms=20)
    webex.fault(kind="status", status=429, retry_after=1, skip=40)
    ask(paced, 12, 8)
    journal = webex.journal()
    assert [entry["status"] for entry in journal].count(200) == 96
    refused = next(entry["at"] for entry in journal if entry["status"] == 429)
    during = [entry["at"] - refused for entry in journal if refused < entry["at"] < refused + 1]
    # Those that were sent before the answer arrived (after 20 ms), and nobody else.
    assert all(after < 0.3 for after in during)
    assert len(during) <= 2 * 7


def test_everybody_waits_for_the_longest_retry_after(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(latency_ms=50)
    webex.fault(kind="status", status=429, retry_after=1, skip=8)
    webex.fault(kind="status", status=429, retry_after=2, skip=8)
    ask(paced, 4, 8)
    journal = webex.journal()
    last = max(entry["at"] for entry in journal if entry["status"] == 429)
    assert all(not last + 0.3 < entry["at"] < last + 2 for entry in journal)
    assert [entry["status"] for entry in journal].count(200) == 32


def test_a_rate_limit_is_met_with_less_at_once(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(rate_limit=60)
    ask(paced, 15, 8)
    statuses = [entry["status"] for entry in webex.journal()]
    assert statuses.count(200) == 120
    assert statuses.count(429) < 40


def test_a_rest_does_not_outlast_the_budget(settings: Settings, webex: Simulator) -> None:
    webex.fault(kind="status", status=429, retry_after=60, times=None)
    begin = time.monotonic()
    with WebexClient(settings, 1, Throttle(8)) as client:
        ask(client, 1, 8)
    assert time.monotonic() - begin < 5
