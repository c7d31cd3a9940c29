# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handing steps out to workers, each as soon as those that it waits for are done."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .._parallel import workers_pool


class Schedule:
    """Steps in their order; a step waits for others, which must have been done (*waits*) or at least ended (*follows*).

    All methods may be called by several threads.
    """

    def __init__(
        self,
        steps: Sequence[int],
        waits: Mapping[int, Iterable[int]],
        follows: Mapping[int, Iterable[int]],
        blocked: Collection[int] = (),
    ) -> None:
        """Begin with *steps*; those that others wait for and that are not among them count as done.

        *blocked* steps are not handed out, nor those that wait for them.
        """
        due = set(steps)
        self._open_waits: dict[int, int] = {}
        self._waiting_for: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        for step in steps:
            awaited = [(other, True) for other in waits.get(step, ()) if other in due]
            awaited += [(other, False) for other in follows.get(step, ()) if other in due]
            for other, is_condition in awaited:
                self._waiting_for[other].append((step, is_condition))
            self._open_waits[step] = len(awaited) + (step in blocked)
        self._ready = deque(step for step in steps if not self._open_waits[step])
        self._under_way = 0
        self._is_stopped = False
        self._changed = threading.Condition()

    def take(self) -> int | None:
        """Return the next step as soon as there is one; None if none will come any more."""
        with self._changed:
            while not self._ready and self._under_way and not self._is_stopped:
                self._changed.wait()
            if self._is_stopped or not self._ready:
                return None
            self._under_way += 1
            return self._ready.popleft()

    def take_more(self, is_wanted: Callable[[int], bool], most: int) -> list[int]:
        """Return *most* further steps that are ready, of those that are wanted."""
        with self._changed:
            taken = [step for step in self._ready if is_wanted(step)][:most]
            for step in taken:
                self._ready.remove(step)
            self._under_way += len(taken)
            return taken

    def end(self, step: int, is_done: bool) -> None:
        """Note that a step has ended. Those for whom it was a condition are not handed out if it was not done."""
        with self._changed:
            self._under_way -= 1
            for other, is_condition in self._waiting_for[step]:
                if is_done or not is_condition:
                    self._open_waits[other] -= 1
                    if not self._open_waits[other]:
                        self._ready.append(other)
            self._changed.notify_all()

    def leave(self, step: int) -> None:
        """Note that nothing more comes of a step for now; those that wait for it are not handed out."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()


def work_off(schedule: Schedule, do: Callable[[int], None], workers: int) -> None:
    """Let so many threads take steps and *do* each, until there are none; the first error stops the schedule.

    In the main thread, even one worker would be torn out of its request by an interruption.
    """

    def work() -> None:
        while (step := schedule.take()) is not None:
            do(step)

    if not workers:
        return
    with workers_pool(workers) as pool:
        try:
            for future in [pool.submit(work) for _worker in range(workers)]:
                future.result()
        finally:
            schedule.stop()
