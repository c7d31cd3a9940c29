# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one kind of read still shows some time after a write: the state before it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

State = TypeVar("State")


class History(Generic[State]):
    """The states before the writes that a read does not show yet, by the key of what was written."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock  # in seconds
        self._waiting: dict[str, deque[tuple[float, State]]] = {}

    def remember(self, key: str, before: State, seconds: float) -> None:
        """A write comes, and reads are to show the state before it for some seconds."""
        if seconds > 0:
            self._waiting.setdefault(key, deque()).append((self._clock() + seconds, before))

    def seen(self, key: str, now: State) -> State:
        """What a read shows. Of several writes, each becomes visible after its own delay, in their order."""
        waiting = self._waiting.get(key)
        while waiting and waiting[0][0] <= self._clock():
            waiting.popleft()
        if waiting:
            return waiting[0][1]
        self._waiting.pop(key, None)
        return now

    def old(self) -> dict[str, State]:
        """All that reads show otherwise than it is now, by key."""
        moment = self._clock()
        shown = {}
        for key, waiting in list(self._waiting.items()):
            while waiting and waiting[0][0] <= moment:
                waiting.popleft()
            if waiting:
                shown[key] = waiting[0][1]
            else:
                del self._waiting[key]
        return shown

    def forget(self, key: str) -> None:
        """Show the state as it is."""
        self._waiting.pop(key, None)
