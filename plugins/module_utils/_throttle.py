# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the workers of one task go together: Webex limits the rate of requests per token, not per worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# After so many requests in a row without a 429, one more may be under way at once.
ENCOURAGEMENT = 20


class Throttle:
    """Lets at most so many requests be under way at once: fewer after a 429, slowly more again when all is well."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with *most* requests at once, which is also the upper limit."""
        self.most = most
        self._limit = most
        self._under_way = 0
        self._good = 0
        self._resume_at = 0.0
        self._clock = clock
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent, and count it as under way until the block ends."""
        with self._changed:
            while True:
                rest = self._resume_at - self._clock()
                if rest <= 0 and self._under_way < self._limit:
                    break
                self._changed.wait(rest if rest > 0 else None)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._good += 1
                if self._good >= ENCOURAGEMENT and self._limit < self.most:
                    self._limit, self._good = self._limit + 1, 0
                self._changed.notify_all()

    def rest(self) -> None:
        """Wait until requests may be sent again."""
        with self._changed:
            while (rest := self._resume_at - self._clock()) > 0:
                self._changed.wait(rest)

    def slow_down(self, seconds: float) -> None:
        """Hold all new requests for *seconds* (what Retry-After said), and halve how many may be under way."""
        with self._changed:
            self._resume_at = max(self._resume_at, self._clock() + seconds)
            self._limit, self._good = max(1, self._limit // 2), 0
            self._changed.notify_all()

    @property
    def limit(self) -> int:
        """How many requests may be under way at present."""
        return self._limit
