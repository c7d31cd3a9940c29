# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking again and again for what Webex does not show at once, for a limited time and with growing pauses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

Sight = TypeVar("Sight")

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0


@dataclass(frozen=True)
class Patience:
    """How many *seconds* something is looked for; *clock* and *sleep* are injected by tests."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def looks(self) -> Iterator[int]:
        """Yield 0, 1, 2, ...: one number for each look, with pauses between them, until the time is up.

        There is always one look, and none begins after the time is up.
        """
        deadline, pause, number = self.clock() + self.seconds, FIRST_PAUSE, 0
        while True:
            yield number
            if self.clock() + pause > deadline:
                return
            self.sleep(pause)
            pause, number = min(pause * 2, LONGEST_PAUSE), number + 1

    def look(self, read: Callable[[], Sight], is_enough: Callable[[Sight], bool]) -> Sight:
        """Return what *read* returns: the first that *is_enough*, else the last before the time is up."""
        for _number in self.looks():
            sight = read()
            if is_enough(sight):
                break
        return sight

    def at_most(self, seconds: float) -> Patience:
        """Return the same patience for *seconds* at most, and never less than none."""
        return replace(self, seconds=max(0.0, min(self.seconds, seconds)))
