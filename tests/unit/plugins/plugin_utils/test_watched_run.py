# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are watched, and their lines. Whole runs are watched, and cut short, in the scenarios of the role."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.collabops.webex.plugins.plugin_utils import _watched_run
from ansible_collections.collabops.webex.plugins.plugin_utils._watched_run import Lines, WatchedRun, span

STATE = {"phase": "writing", "total": 9, "done": 3, "failed": 1, "seconds": 60}
# A process that says when it can be interrupted, and ends then.
MODULE = """\
import os, signal
signal.signal(signal.SIGINT, lambda *_: os._exit(7))
print("ready", flush=True)
signal.pause()
"""


class Action(ActionBase):
    """An action on this machine, whose module is a process that writes its progress, and ends at SIGINT."""

    def __init__(self, task: Task) -> None:
        local = connection_loader.get("ansible.builtin.local", PlayContext(), os.devnull)
        loader = DataLoader()
        super().__init__(task, local, PlayContext(), loader, Templar(loader=loader), None)
        self.on_start: t.Callable[[], object] = lambda: None

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Do nothing: the tests watch the module themselves."""
        return super().run(tmp, task_vars)

    def _execute_module(self, module_args: t.Any = None, **_more: t.Any) -> dict[str, t.Any]:
        with subprocess.Popen([sys.executable, "-S", "-c", MODULE], stdout=subprocess.PIPE) as module:
            assert module.stdout is not None
            module.stdout.readline()
            progress = pathlib.Path(module_args["progress_file"])
            progress.write_text(json.dumps({**STATE, "pid": module.pid}), encoding="ascii")
            try:
                self.on_start()
                code = module.wait(60)
            finally:
                module.kill()
        progress.unlink()
        return {"code": code}


@pytest.fixture
def action(monkeypatch: pytest.MonkeyPatch) -> Action:
    """An action that is looked at without pauses."""
    monkeypatch.setattr(_watched_run, "LOCAL_LOOK", 0.01)
    return Action(Task())


def test_a_signal_is_handed_on_to_the_module_whose_result_is_returned_before_it_counts(action: Action) -> None:
    run, results = WatchedRun(action, lambda text: None), []
    action.on_start = lambda: os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run.execute({}, {}, results.append)
    assert results == [{"code": 7}]
    assert (run.is_interrupted, run.is_ansible_ending) == (True, True)


def test_the_time_limit_of_a_task_ends_the_module_but_not_ansible(action: Action) -> None:
    class TimeLimit(Exception):
        pass

    def on_alarm(*_signal: object) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, on_alarm)
    try:
        run, results = WatchedRun(action, lambda text: None), []
        action.on_start = lambda: os.kill(os.getpid(), signal.SIGALRM)
        with pytest.raises(TimeLimit):
            run.execute({}, {}, results.append)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert results == [{"code": 7}]
    assert (run.is_interrupted, run.is_ansible_ending) == (True, False)


def test_if_ansible_playbook_ends_so_does_the_module(action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    run = WatchedRun(action, lambda text: None)
    action.on_start = lambda: monkeypatch.setattr(os, "getppid", lambda: 1)
    assert run.execute({}, {}, lambda result: result) == {"failed": True, "msg": "ansible-playbook has ended."}
    assert run.is_ansible_ending


class Watch:
    """Lines of a run whose time is that of the test."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = 0.0
        self.lines = Lines(self.said.append, lambda: self.now)

    def at(self, now: float, phase: str = "writing", **state: t.Any) -> list[str]:
        """What is said when the file is looked at."""
        self.now = now
        before = len(self.said)
        self.lines.show({"phase": phase, "total": 0, "done": 0, "failed": 0, "seconds": None, **state})
        return self.said[before:]


def test_a_run_that_is_short_says_nothing_on_the_way() -> None:
    watch = Watch()
    assert watch.at(1, "reading") == []
    assert watch.at(2, total=5, seconds=1) == []
    assert watch.at(4, total=5, done=4) == []


def test_it_says_what_is_to_come_and_then_how_far_it_is() -> None:
    watch = Watch()
    assert watch.at(1, "reading") == []
    assert watch.at(5, "reading") == ["reading the organization"]
    assert watch.at(6, total=400, seconds=65) == ["400 users to change, about 1 min 5 s at the pace so far"]
    assert watch.at(10, total=400, done=30) == []
    assert watch.at(11, total=400, done=50, failed=1) == ["51 of 400 users, 1 failed, 10 users/s, about 34 s left"]
    assert watch.at(13, total=400, done=70) == []
    assert watch.at(16, total=400, done=0) == ["0 of 400 users, 0 failed, 0.0 users/s"]
    assert watch.at(60, total=400, done=399, failed=1) == [
        "400 of 400 users, 1 failed; looking whether all changes show"
    ]


def test_the_longer_it_takes_the_rarer_are_the_lines() -> None:
    watch = Watch()
    watch.at(0, total=10_000, done=0, seconds=None)
    count = sum(len(watch.at(second, total=100_000, done=second)) for second in range(1, 3600))
    assert 60 < count < 130


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (44.4, "44 s"), (125, "2 min 5 s"), (3600, "1 h 0 min"), (7379, "2 h 2 min")],
)
def test_times_are_short(seconds: float, words: str) -> None:
    assert span(seconds) == words
