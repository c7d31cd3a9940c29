# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bisect
import contextlib
import threading
import time
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OutOfTime, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import (
    DECREASE,
    FEWEST_MEASURED,
    SLOWEST,
    Throttle,
    TooLate,
    Traffic,
)
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


class LongClock:
    """A clock that only naps move on, and that does not remember them: it is read a hundred thousand times."""

    def __init__(self) -> None:
        self._now = 1000.0

    def sleep(self, seconds: float) -> None:
        """Move it on."""
        self._now += seconds

    def monotonic(self) -> float:
        """The time."""
        return self._now


class Limiter:
    """A server that accepts so many requests in each second, like the simulator, in a time that only naps pass."""

    def __init__(self, most: int = 1) -> None:
        self.clock = LongClock()
        self.pace = Throttle(most, self.clock.monotonic, self.clock.sleep)
        self.accepted: list[float] = []
        self.refused: list[float] = []

    def send(self, limit: float, latency: float = 0.01) -> bool:
        """Send one request."""
        with self.pace.turn():
            now = self.clock.monotonic()
            is_accepted = len(self.accepted) - bisect.bisect_right(self.accepted, now - 1) < limit
            (self.accepted if is_accepted else self.refused).append(now)
            # One request after the other goes through this throttle: a latency stands for that of eight.
            self.clock.sleep(latency / 8)
            if not is_accepted:
                self.pace.slow_down(1)
        return is_accepted

    def run(self, limit: float, seconds: float) -> None:
        """Send requests for so long."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.send(limit)

    def share(self, limit: float, begin: float, seconds: float) -> float:
        """How much of what was allowed was used."""
        return sum(begin <= at < begin + seconds for at in self.accepted) / (limit * seconds)


# So many at once


def test_only_so_many_are_under_way_at_once() -> None:
    runners = [Runner(pace := Throttle(2)), Runner(pace), Runner(pace)]
    wait_until(lambda: sum(runner.has_turn.is_set() for runner in runners) == 2)
    time.sleep(SOON)
    assert sum(runner.has_turn.is_set() for runner in runners) == 2
    next(runner for runner in runners if runner.has_turn.is_set()).end()
    assert all(runner.has_turn.wait(5) for runner in runners)
    for runner in runners:
        runner.end()


def test_an_error_gives_the_turn_back() -> None:
    pace = Throttle(1)
    with pytest.raises(ValueError, match="wrong"), pace.turn():
        raise ValueError("wrong")
    with pace.turn(1):
        pass


def test_nothing_else_is_limited_before_the_first_429() -> None:
    limiter = Limiter()
    limiter.run(float("inf"), 1)
    assert limiter.pace.rate is None
    assert len(limiter.accepted) > 500
    assert limiter.pace.waited == 0


# Pauses


@pytest.mark.parametrize("pause", ["slow_down", "hold"])
def test_nobody_gets_a_turn_until_the_pause_is_over(pause: str) -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic, clock.sleep)
    begin = clock.monotonic()
    getattr(pace, pause)(10)
    with pace.turn():
        assert clock.monotonic() == begin + 10
    assert pace.waited == 10


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic, clock.sleep)
    pace.slow_down(10)
    pace.slow_down(1)
    pace.hold(2)
    pace.rest()
    assert clock.naps == [10]


def test_a_pause_that_begins_while_somebody_waits_is_theirs_too() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic, clock.sleep)
    pace.hold(10)
    clock.on_nap = lambda: pace.hold(5) if len(clock.naps) == 1 else None
    with pace.turn():
        assert clock.naps == [10, 5]


def test_a_turn_that_comes_too_late_is_not_waited_for() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic, clock.sleep)
    pace.hold(10)
    with pytest.raises(TooLate), pace.turn(9):
        pass
    with pace.turn(10):
        assert clock.naps == [10]


# The rate after a 429


def test_the_pace_resumes_near_what_was_accepted() -> None:
    limiter = Limiter()
    while limiter.send(50):
        pass
    with limiter.pace.turn():
        pass
    assert limiter.pace.rate == pytest.approx(DECREASE * 50)


def test_departures_are_evenly_spaced() -> None:
    limiter = Limiter()
    while limiter.send(50):
        pass
    limiter.accepted.clear()
    limiter.run(50, 2)
    gaps = [later - earlier for earlier, later in zip(limiter.accepted, limiter.accepted[1:], strict=False)]
    assert max(gaps) == pytest.approx(1 / (DECREASE * 50), rel=0.02)
    assert min(gaps) == pytest.approx(1 / (DECREASE * 50), rel=0.02)


def test_a_burst_counts_once() -> None:
    clock = Clock()
    pace = Throttle(8, clock.monotonic, clock.sleep)
    with contextlib.ExitStack() as sent_before:
        for _number in range(20):
            with pace.turn():
                pass
        turns = [sent_before.enter_context(SlowTurn(pace)) for _number in range(4)]
        turns[0].refuse(1)
        clock.sleep(1)
        resumed = pace.rate
        assert resumed is not None
        for turn in turns[1:]:  # their answers arrive late, when the pause is over
            turn.refuse(1)
        clock.sleep(1)
        assert pace.rate == resumed


class SlowTurn:
    """A turn in a thread of its own, in which the answer is 429 when it is told so."""

    def __init__(self, pace: Throttle) -> None:
        self._pace = pace
        self._orders: list[float] = []
        self._ordered, self._done, self._ready = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SlowTurn:
        """Take the turn."""
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Give it back."""
        self._ordered.set()
        self._thread.join(10)

    def refuse(self, seconds: float) -> None:
        """The answer is 429."""
        self._orders.append(seconds)
        self._ordered.set()
        assert self._done.wait(10)

    def _run(self) -> None:
        with self._pace.turn():
            self._ready.set()
            self._ordered.wait(10)
            for seconds in self._orders:
                self._pace.slow_down(seconds)
            self._done.set()


def test_too_few_accepted_requests_make_no_rate() -> None:
    limiter = Limiter()
    for _number in range(FEWEST_MEASURED - 1):
        limiter.send(100)
    limiter.send(0)
    limiter.pace.rest()
    assert limiter.pace.rate is None


@pytest.mark.any_core
@pytest.mark.parametrize("limit", [20, 50, 100])
def test_most_of_what_is_allowed_is_used(limit: int) -> None:
    limiter = Limiter()
    begin = limiter.clock.monotonic()
    limiter.run(limit, 60)
    assert limiter.share(limit, begin, 10) > 0.85
    assert limiter.share(limit, begin, 60) > 0.85
    assert len(limiter.refused) <= 6


def test_a_limit_that_falls_is_found_again() -> None:
    limiter = Limiter()
    limiter.run(100, 10)
    limiter.refused.clear()
    begin = limiter.clock.monotonic()
    limiter.run(10, 60)
    assert len(limiter.refused) <= 12
    assert limiter.share(10, begin + 20, 40) > 0.8


@pytest.mark.any_core
def test_a_limit_that_rises_is_found_again() -> None:
    limiter = Limiter()
    limiter.run(10, 20)
    limiter.run(100, 60)
    begin = limiter.clock.monotonic()
    limiter.run(100, 20)
    assert limiter.share(100, begin, 20) > 0.8


def test_a_rate_that_holds_nobody_back_does_not_grow() -> None:
    limiter = Limiter()
    while limiter.send(50):
        pass
    limiter.pace.rest()
    rate = limiter.pace.rate
    for _number in range(200):
        limiter.clock.sleep(0.1)  # ten a second are asked for
        limiter.send(50)
    assert limiter.pace.rate == rate


def test_there_is_a_slowest_rate() -> None:
    limiter = Limiter()
    limiter.run(20, 3)
    for _number in range(20):
        limiter.send(0)
    limiter.pace.rest()
    assert limiter.pace.rate == SLOWEST


# With the client


def ask(client: WebexClient, times: int, workers: int) -> list[WebexError]:
    """Ask from many threads at once, and return the errors."""
    errors: list[WebexError] = []

    def work() -> None:
        for _number in range(times):
            try:
                client.get("/people/me")
            except WebexError as error:
                errors.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return errors


@pytest.fixture
def paced(settings: Settings) -> t.Iterator[WebexClient]:
    """A client for eight workers, in real time."""
    with WebexClient(settings, 60, Throttle(8)) as client:
        yield client


def test_a_429_stops_all_workers_for_what_it_says(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(latency_ms=20)
    webex.fault(kind="status", status=429, retry_after=2, skip=40)
    assert ask(paced, 8, 8) == []
    journal = webex.journal()
    assert [entry["status"] for entry in journal].count(200) == 64
    refused = next(entry["at"] for entry in journal if entry["status"] == 429)
    during = [entry["at"] - refused for entry in journal if refused < entry["at"] < refused + 2]
    # Those that were sent before the answer arrived, and nobody else.
    assert len(during) <= 2 * 7
    assert not any(after > 1.5 for after in during)


def test_everybody_waits_for_the_longest_retry_after(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(latency_ms=50)
    webex.fault(kind="status", status=429, retry_after=1, skip=8)
    webex.fault(kind="status", status=429, retry_after=3, skip=8)
    assert ask(paced, 4, 8) == []
    journal = webex.journal()
    last = max(entry["at"] for entry in journal if entry["status"] == 429)
    assert not any(last + 2 < entry["at"] < last + 3 for entry in journal)
    assert [entry["status"] for entry in journal].count(200) == 32


def test_a_rate_limit_is_met_with_few_refusals(paced: WebexClient, webex: Simulator) -> None:
    webex.configure(rate_limit=60)
    assert ask(paced, 15, 8) == []
    statuses = [entry["status"] for entry in webex.journal()]
    assert statuses.count(200) == 120
    # One burst of those that were under way; one more if the machine is busy.
    assert 1 <= statuses.count(429) <= 16
    traffic = paced.traffic
    assert (traffic.requests, traffic.throttled) == (len(statuses), statuses.count(429))
    assert traffic.waited > 1


def test_a_pause_longer_than_the_budget_ends_the_task(settings: Settings, webex: Simulator) -> None:
    webex.fault(kind="status", status=429, retry_after=60, times=None)
    with WebexClient(settings, 30, Throttle(8)) as client:
        errors = ask(client, 5, 8)
        assert client.time_left > 0  # nobody waited for what cannot be
    sent = len(webex.journal())
    assert 1 <= sent <= 8
    assert [isinstance(error, OutOfTime) for error in errors].count(True) == 40 - sent


def test_traffic_is_shown_without_a_long_fraction() -> None:
    assert Traffic(3, 1, 2.04).shown() == {"requests": 3, "throttled": 1, "seconds_waited": 2.0}
