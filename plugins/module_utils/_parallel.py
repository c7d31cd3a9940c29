# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing several things at once with little memory for each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def workers_pool(workers: int) -> ThreadPoolExecutor:
    """Return a pool of threads that get no signal that ends a run."""
    return ThreadPoolExecutor(workers, initializer=leave_signals_to_main_thread)


def leave_signals_to_main_thread(signals: Iterable[int] = (signal.SIGINT, signal.SIGTERM)) -> None:
    """Let none of *signals* come to this thread.

    Of two that come at once, the kernel may give both to a thread that sleeps, and the main thread, which alone calls
    Python's handlers, would sleep on. ansible-core sends SIGINT and SIGTERM so.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)


def run_side_by_side(actions: Sequence[Callable[[], object]]) -> None:
    """Call all of *actions* at once. The first error ends it all."""
    run_parallel(max(len(actions), 1), lambda action: action(), actions)


def run_parallel(workers: int, function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """Return what *function* makes of each item, in order, with *workers* at once. The first error ends it all.

    A single item is left to the caller's thread, so this is for what may be interrupted, such as reading.
    """
    if len(items) == 1:
        return [function(items[0])]
    return run_in_threads(workers, function, items)


def run_in_threads(workers: int, function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """Do what run_parallel() does, never in the caller's thread: in the main one, an interruption tears a write apart.

    What an executor's own map() keeps for each item (a future, with its locks) would outweigh the items.
    """
    answers: dict[int, Answer] = {}
    left, lock = list(range(len(items) - 1, -1, -1)), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not left:
                    return
                number = left.pop()
            try:
                answers[number] = function(items[number])
            except BaseException:
                left.clear()
                raise

    with workers_pool(workers) as pool:
        try:
            for future in [pool.submit(work) for _worker in range(min(workers, len(items)))]:
                future.result()
        finally:
            left.clear()
    return [answers[number] for number in range(len(items))]
