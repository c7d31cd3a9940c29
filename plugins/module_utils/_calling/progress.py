# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saying how far a run is while it goes on, and ending it when nobody waits for its answer any more."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from .._parallel import leave_signals_to_main_thread
from .result import Result

SECONDS = 0.5
# The file has one line, of one length, so that a reader never sees half of a shorter one behind a longer one.
LENGTH = 255
READING, WRITING = "reading", "writing"


class Progress:
    """A file that says how far a run is, kept up to date by a thread of its own.

    It has one line of JSON: ``pid``, ``phase`` (reading, writing), ``total`` (users to change), ``done``,
    ``failed``, and ``seconds`` (what the changes are expected to take, null: unknown). It holds nothing secret, and anybody
    may read it: the action that looks at it may be another user than the module.
    """

    def __init__(self, path: str | None, output: int = 1) -> None:
        """Write to *path*, which must not exist yet; to no file if it is None. *output* is where the answer goes."""
        self._path, self._output = path, output
        self._state: dict[str, Any] = {
            "pid": os.getpid(),
            "phase": READING,
            "total": 0,
            "done": 0,
            "failed": 0,
            "seconds": None,
        }
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Progress:
        """Begin to follow the run."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the file."""
        self._ended.set()
        self._thread.join()

    def begin_writing(self, total: int, seconds: int | None) -> None:
        """Say that *total* users will be changed now, which takes some *seconds* (None: unknown)."""
        with self._lock:
            self._state.update(phase=WRITING, total=total, seconds=seconds)

    def note(self, result: Result) -> None:
        """Count a user who is done or failed. May be called by several threads."""
        with self._lock:
            self._state["done" if result.is_done else "failed"] += 1

    def _follow(self) -> None:
        leave_signals_to_main_thread()
        file = None
        while not self._ended.wait(SECONDS):
            # A run goes on, too, if its file cannot be written.
            with contextlib.suppress(OSError):
                if file is None and self._path:
                    file = _create(self._path)
                if file is not None:
                    os.pwrite(file, self._line(), 0)
            if is_abandoned(self._output):
                # The main thread must wake up from what it waits for.
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                break
        if file is not None and self._path:
            os.close(file)
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def _line(self) -> bytes:
        with self._lock:
            return (json.dumps(self._state).ljust(LENGTH) + "\n").encode("ascii")


def _create(path: str) -> int:
    """Return the descriptor of a new file that everybody can read. Raises OSError, also if there is anything already."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(file, 0o644)
    return file


def is_abandoned(output: int) -> bool:
    """Return whether nobody can read any more what is written to the pipe or socket *output*.

    The reader of a module's answer is the ansible-playbook that started it, or the SSH server that it is connected to.
    """
    poll = select.poll()
    poll.register(output, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM in the block raise KeyboardInterrupt, and no further one, also behind the block.

    What follows is the report of who is done, which nothing may cut short.
    """
    is_over = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_over
        if not is_over:
            is_over = True
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        is_over = True
