# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the workers of one task go together: Webex limits the rate of requests per token, not per worker."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# The rate is measured over so many seconds, from no fewer than so many requests.
MEASURED_SECONDS = 1.0
FEWEST_MEASURED = 5
# After a 429 the pace resumes at this share of the last good rate ...
DECREASE = 0.92
# ... and grows by this share of the good rate in each second, until it is well above it. The limit is then higher than
# was measured, and the rate grows by a share of itself.
INCREASE = 0.004
WELL_ABOVE = 1.05
FAST_INCREASE = 0.1
# A pace that went well for so many seconds is a good rate; one that did not was too fast by far.
SETTLED_SECONDS = 3.0
SLOWEST = 1.0


@dataclass(frozen=True)
class Traffic:
    """What a client has sent so far.

    ``requests``: every request that was sent, repeated ones included. ``throttled``: how many of them were answered
    with 429. ``waited``: seconds for which requests were held back, because Webex limits the rate (Retry-After, and the
    pace that follows from it) or because the server was away; those of all workers added up. Waiting for an answer, or
    before a request is repeated after another failure, does not count.
    """

    requests: int = 0
    throttled: int = 0
    waited: float = 0.0

    def shown(self) -> dict[str, Any]:
        """Return it as part of a module's result."""
        return {"requests": self.requests, "throttled": self.throttled, "seconds_waited": round(self.waited, 1)}


class TooLate(Exception):
    """The next turn comes later than the request can wait."""


class Throttle:
    """Hands out the turns to send a request: at most so many at once, and after a 429 evenly spaced at a common rate.

    Until the first 429 nothing but the number at once is limited. A 429 stops everybody for what it says. The pace then
    resumes a little below the last rate that went well, and grows slowly: additive increase, multiplicative decrease.
    """

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Let *most* requests be under way at once; *clock* and *sleep* are in seconds."""
        self.most = most
        self.waited = 0.0
        self._clock, self._sleep = clock, sleep
        self._places = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._own = threading.local()
        self._accepted: deque[float] = deque()
        self._rate: float | None = None
        self._good_rate = 0.0
        self._next_departure = -math.inf
        self._resume_at = -math.inf
        self._refused_at = -math.inf
        self._resumed_at = -math.inf
        self._is_rate_known = True

    @property
    def rate(self) -> float | None:
        """How many requests a second may be sent at present; None as long as no rate is kept."""
        with self._lock:
            self._choose_rate()
            return self._rate

    @contextmanager
    def turn(self, patience: float = math.inf) -> Iterator[None]:
        """Wait until a request may be sent, and count it as under way until the block ends.

        Raises TooLate, at once, if that is more than *patience* seconds away.
        """
        latest = self._clock() + patience
        with self._places:
            departure = self._depart(latest)
            self._own.departure, self._own.refused = departure, False
            try:
                yield
            finally:
                self._own.departure = None
                if not self._own.refused:
                    self._accepted.append(departure)

    def rest(self) -> None:
        """Wait until requests may be sent again."""
        while (rest := self._resume_at - self._clock()) > 0:
            self._wait(rest)

    def hold(self, seconds: float) -> None:
        """Let nobody send a request for *seconds*, and leave the rate as it is."""
        with self._lock:
            self._resume_at = max(self._resume_at, self._clock() + seconds)

    def slow_down(self, seconds: float) -> None:
        """Let nobody send a request for *seconds* (what Retry-After said), then go on more slowly.

        Called within a turn, it is about the request of that turn. The 429s of all requests that were sent before the
        pause began are one burst and slow down once.
        """
        with self._lock:
            now = self._clock()
            sent_at = getattr(self._own, "departure", None)
            self._own.refused = True
            is_same_burst = now < self._resume_at or (sent_at is not None and sent_at <= self._refused_at)
            if not is_same_burst:
                self._choose_rate()
                self._refused_at, self._is_rate_known = now, False
            self._resume_at = max(self._resume_at, now + seconds)

    def _depart(self, latest: float) -> float:
        """Wait for a turn and return when it was given; TooLate if that were later than *latest*."""
        while True:
            with self._lock:
                now = self._clock()
                is_paused = now < self._resume_at
                departure = self._resume_at if is_paused else self._reserve(now, latest)
            if departure > latest:
                raise TooLate
            if departure > now:
                self._wait(departure - now)
            # Somebody may have been told to wait in the meantime: the reserved place is then void.
            if not is_paused and self._clock() >= self._resume_at:
                return departure

    def _wait(self, seconds: float) -> None:
        self._sleep(seconds)
        with self._lock:
            self.waited += seconds

    def _reserve(self, now: float, latest: float) -> float:
        """Return when the next request may be sent, and keep that place for it unless it is later than *latest*."""
        self._choose_rate()
        while self._accepted and self._accepted[0] < now - MEASURED_SECONDS - SETTLED_SECONDS:
            self._accepted.popleft()
        if self._rate is None:
            return now
        departure = max(now, self._next_departure)
        if departure <= latest:
            if departure > now:
                # Only a rate that holds somebody back is put to the test, and may grow.
                self._rate += self._increase(self._rate) / self._rate
            self._next_departure = departure + 1 / self._rate
        return departure

    def _increase(self, rate: float) -> float:
        """Return by how much *rate* grows in a second."""
        if rate > WELL_ABOVE * self._good_rate:
            return FAST_INCREASE * rate
        return INCREASE * self._good_rate

    def _choose_rate(self) -> None:
        """Choose the rate after a pause: only then is it known which requests before it were accepted."""
        if self._is_rate_known or self._clock() < self._resume_at:
            return
        self._is_rate_known = True
        begin = self._refused_at - MEASURED_SECONDS
        accepted = sum(begin < departure <= self._refused_at for departure in self._accepted)
        measured = accepted / MEASURED_SECONDS
        if self._rate is None:
            if accepted < FEWEST_MEASURED:
                return
            self._good_rate = measured
        elif self._refused_at - self._resumed_at >= SETTLED_SECONDS:
            self._good_rate = self._rate
        else:
            self._good_rate = min(self._rate, max(measured, self._rate / 2))
        self._rate = max(DECREASE * self._good_rate, SLOWEST)
        self._resumed_at = self._next_departure = self._resume_at
