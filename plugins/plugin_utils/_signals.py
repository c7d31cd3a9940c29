# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that would end a run, put off while something is done that must not be cut short."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import FrameType
from typing import Any

from ..module_utils._parallel import leave_signals_to_main_thread

# Those that can be caught, and that end a process or, as Ansible's time limit of a task (SIGALRM), a task.
SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGXCPU,
)


@contextmanager
def put_off(seconds: float, on_signal: Callable[[int], object] = lambda number: None) -> Iterator[None]:
    """Put off SIGNALS during the block, but no longer than *seconds* from the first; then each does what it would have done.

    *on_signal* is called with the number of each that comes; it must do next to nothing, since it runs between any two
    steps of the block.

    Handlers are replaced, and signals not merely blocked: a blocked signal is delivered to another thread of the
    process, if there is one. Only the main thread may do that (Ansible's workers run their task in it, and evaluate
    lookups in it); in any other thread nothing is put off, since Python interrupts none of those.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    postponed = _Postponed(seconds, on_signal)
    try:
        postponed.begin()
        with suppress(RuntimeError):  # no thread to be had: what is done in the block is bounded by itself
            postponed.limit.start()
        yield
    finally:
        postponed.restore()


class _Postponed:
    """The signals that came, and the handlers that they were meant for."""

    def __init__(self, seconds: float, on_signal: Callable[[int], object]) -> None:
        self.limit = threading.Thread(target=self._limit, args=(seconds,), daemon=True)
        self._on_signal_came = on_signal
        # Unlike an Event, a handler can use it while it interrupts another handler that does.
        self._news: SimpleQueue[None] = SimpleQueue()
        self._restored = threading.Event()
        self._thread = threading.get_ident()
        self._handlers: dict[int, Any] = {}
        self._came: set[int] = set()
        self._is_over = False

    def begin(self) -> None:
        """From now on, write down what comes."""
        for number in SIGNALS:
            handler = signal.getsignal(number)
            # None is a handler that is not Python's, and cannot be put back.
            if handler not in (signal.SIG_IGN, None):
                self._handlers[number] = handler
                signal.signal(number, self._on_signal)

    def _limit(self, seconds: float) -> None:
        """Some *seconds* after the first signal, deliver what came, and from now on put off nothing more."""
        leave_signals_to_main_thread(SIGNALS)
        self._news.get()
        if self._restored.wait(seconds):
            return
        self._is_over = True
        for number in tuple(self._came):
            signal.pthread_kill(self._thread, number)

    def restore(self) -> None:
        """Put the handlers back, and deliver what came."""
        self._restored.set()
        self._news.put(None)
        # Blocked until all handlers are back: one that raises an exception must not keep the others away.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
        finally:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            finally:
                _deliver(sorted(self._came))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_over:
            self._came.add(number)
            self._news.put(None)
            self._on_signal_came(number)
            return
        self._came.discard(number)
        handler = self._handlers[number]
        if callable(handler):
            handler(number, frame)
        else:
            signal.signal(number, handler)
            signal.pthread_kill(self._thread, number)


def _deliver(numbers: list[int]) -> None:
    """Raise all signals, also if the handler of one of them raises an exception."""
    if numbers:
        try:
            signal.raise_signal(numbers[0])
        finally:
            _deliver(numbers[1:])
