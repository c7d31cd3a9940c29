# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a module while it runs: its progress is shown, and a signal to this run is handed on to it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._parallel import leave_signals_to_main_thread
from ._signals import SIGNALS, put_off

# Seconds between two looks at the file: on this machine, and by a connection.
LOCAL_LOOK, REMOTE_LOOK = 1.0, 3.0
# Seconds between two lines: at least so many, and more the longer the run takes.
LINE_SECONDS, LINES_OF_A_RUN = 5.0, 30
# Seconds that a signalled run waits for the module's report: requests that are under way end first.
REPORT_SECONDS = 60.0


class WatchedRun:
    """A run of a module that writes its progress into a file; see the module's ``_calling/progress.py``."""

    def __init__(self, action: ActionBase, say: Callable[[str], object]) -> None:
        """Watch what *action* executes, and *say* how far it is."""
        self._action = action
        self._is_local = action._connection.transport == "local"
        folder = tempfile.gettempdir() if self._is_local else action.get_shell_option("system_tmpdirs", ["/tmp"])[-1]
        # Nobody can know the name, and create the file, before the module does.
        self.path = f"{folder}/.collabops-webex-{secrets.token_hex(16)}"
        self._parent = os.getppid()
        self._ended = threading.Event()
        self.is_interrupted = self.is_ansible_ending = False
        self._lines = Lines(say)

    def execute(
        self, arguments: dict[str, Any], task_vars: dict[str, Any], after: Callable[[dict[str, Any]], Any]
    ) -> Any:
        """Execute the task's module with *arguments*, and return what *after* makes of its result.

        A signal that would end this run is put off until then, but lets the module end; so does the end of the
        ansible-playbook that this worker belongs to.
        """
        thread = threading.Thread(target=self._follow, daemon=True)
        with put_off(REPORT_SECONDS, self._interrupt):
            thread.start()
            try:
                result = self._action._execute_module(
                    module_args={**arguments, "progress_file": self.path}, task_vars=task_vars
                )
            finally:
                self._ended.set()
                thread.join(REMOTE_LOOK)
            answer = after(result)
            if self.is_ansible_ending:
                # The copy of the module has the access token in it, and no signal leaves time to remove it.
                self._action.cleanup()
        if self._is_orphaned:
            # Nobody reads results any more: a long one would fill the pipe, and this worker would never end.
            return {"failed": True, "msg": "ansible-playbook has ended."}
        return answer

    @property
    def _is_orphaned(self) -> bool:
        return os.getppid() != self._parent

    def _interrupt(self, number: int | None = None) -> None:
        self.is_interrupted = True
        # The time limit of a task (SIGALRM) ends the task only.
        if number != signal.SIGALRM:
            self.is_ansible_ending = True
            # What -vvv says of each command is printed by nobody any more, and fails.
            Display().verbosity = 0

    def _follow(self) -> None:
        leave_signals_to_main_thread(SIGNALS)
        while not self._ended.wait(LOCAL_LOOK if self._is_local else REMOTE_LOOK):
            with suppress(Exception):  # whatever goes wrong with looking, the run itself goes on
                if self._is_orphaned:
                    self._interrupt()
                state = self._read()
                if self.is_interrupted:
                    # The module takes the first only.
                    self._action._low_level_execute_command(f"kill -INT {int(state['pid'])}", sudoable=True)
                else:
                    self._lines.show(state)

    def _read(self) -> dict[str, Any]:
        """Return what the file says. Raises ValueError or OSError if there is none (yet)."""
        if self._is_local:
            with open(self.path, encoding="ascii") as file:
                text = file.read()
        else:
            text = self._action._connection.exec_command(f"cat {self.path}", sudoable=False)[1].decode("ascii")
        state = json.loads(text)
        return {name: state[name] for name in ("pid", "phase", "total", "done", "failed", "seconds")}


class Lines:
    """The lines that say how far a run is: a few seconds apart, further apart the longer it takes."""

    def __init__(self, say: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._begin = self._last = clock()
        self._phase_begin: float | None = None

    def show(self, state: dict[str, Any]) -> None:
        """Say what *state* means, if it is time for a line."""
        now = self._clock()
        if state["phase"] != "reading" and self._phase_begin is None:
            self._phase_begin = now
            if (state["seconds"] or 0) > LINE_SECONDS:
                self._say(f"{state['total']} users to change, about {span(state['seconds'])} at the pace so far")
                self._last = now
        if now - self._last >= max(LINE_SECONDS, (now - self._begin) / LINES_OF_A_RUN):
            self._last = now
            self._say(self._line(state, now))

    def _line(self, state: dict[str, Any], now: float) -> str:
        ended = state["done"] + state["failed"]
        if self._phase_begin is None:
            return "reading the organization"
        if ended >= state["total"]:
            return f"{ended} of {state['total']} users, {state['failed']} failed; looking whether all changes show"
        rate = ended / max(now - self._phase_begin, 0.001)
        left = f", about {span((state['total'] - ended) / rate)} left" if ended else ""
        pace = f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"
        return f"{ended} of {state['total']} users, {state['failed']} failed, {pace} users/s{left}"


def span(seconds: float) -> str:
    """Return a time in the two largest units that say something: ``45 s``, ``2 min 5 s``, ``1 h 12 min``."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
