# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals sent to real ``ansible-playbook`` runs while Webex answers and while the answer is saved: no token is lost.

There is no integration that could mint new ones, and every refresh token can be used once.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import random
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.custody.support import REFRESH, Custody, asked, start
from tests.loopback.waiting import wait_until

Make = Callable[[str], Custody]
RUNS = int(os.environ.get("CUSTODY_RUNS", "60"))
EVERY_CASE = RUNS >= 500
AT_RANDOM = RUNS // 30
PLAYBOOK = pathlib.Path(sys.executable).with_name("ansible-playbook")
COLLECTIONS = pathlib.Path(__file__).resolve().parents[5]
NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM")
PATIENCE = 120.0
# Python runs it first. It tells when Webex has been asked and when the answer is being saved, and saves slowly.
SITECUSTOMIZE = """\
import http.client, os, pathlib, time

here, folder = pathlib.Path(__file__).parent, os.environ["CUSTODY_STORE"]
answer, fsync = http.client.HTTPConnection.getresponse, os.fsync
synced = 0

def getresponse(connection, *arguments, **keywords):
    (here / "asked").touch()
    return answer(connection, *arguments, **keywords)

def slow_fsync(descriptor):
    global synced
    synced += os.readlink(f"/proc/self/fd/{descriptor}").startswith(folder)
    # The first two are the reservation and its folder.
    if synced == 3:
        (here / "saving").touch()
        deadline = time.monotonic() + 60
        while not (here / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    fsync(descriptor)

http.client.HTTPConnection.getresponse, os.fsync = getresponse, slow_fsync
"""


class Play:
    """An ansible-playbook that refreshes a token by force, in a folder of its own."""

    def __init__(self, custody: Custody, timeout: int = 0) -> None:
        self.custody = custody
        self.folder = custody.folder.with_suffix(".play")
        self.folder.mkdir()
        self.signalled: list[int] = []
        settings = custody.settings
        task = {
            "collabops.webex.service_app_token": {
                "base_url": settings.base_url,
                "client_id": settings.client_id,
                "client_secret": settings.client_secret,
                "force": True,
                "store": custody.store_options(),
            },
            **({"timeout": timeout} if timeout else {}),
        }
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        (self.folder / "playbook.yml").write_text(json.dumps([play]), encoding="utf-8")
        (self.folder / "password").write_text("correct horse", encoding="utf-8")
        (self.folder / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
        self.process = subprocess.Popen(
            [PLAYBOOK, "playbook.yml", "--vault-password-file", "password"],
            cwd=self.folder,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "PYTHONPATH": str(self.folder),
                "CUSTODY_STORE": str(custody.folder),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=as_in_a_terminal,
        )

    def wait_for(self, mark: str) -> None:
        """Wait until it has asked Webex (``asked``), or writes its answer to the disk (``saving``)."""
        wait_until((self.folder / mark).exists, process=self.process)

    def workers(self) -> list[int]:
        """The processes that Ansible has forked for tasks."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text(encoding="ascii").split()]

    def send(self, number: signal.Signals, target: str) -> None:
        """Send a signal to the worker, or to all processes, as a terminal does."""
        self.signalled = self.workers()
        for process in [*self.signalled, *([self.process.pid] if target == "all" else [])]:
            os.kill(process, number)

    def end(self) -> str:
        """Let it save, wait until all its processes have ended, and return what it printed."""
        (self.folder / "go").touch()
        output = self.process.communicate(timeout=PATIENCE)[0]
        # A worker may outlive the process that has forked it.
        wait_until(lambda: not any(os.path.exists(f"/proc/{worker}") for worker in self.signalled))
        return output

    def check_nothing_is_lost(self) -> None:
        """The next run refreshes with what is stored: there is nothing else."""
        self.custody.end_lease()
        outcome = self.custody.run(force=True)
        assert outcome.refreshed
        assert not outcome.minted


def as_in_a_terminal() -> None:
    """Ignore no signal, as processes in the background do, and leave no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in NAMES:
        signal.signal(signal.Signals[name], signal.SIG_DFL)


@pytest.fixture
def play(custody: Make) -> Iterator[Callable[..., Play]]:
    """Starts a playbook that refreshes the token of a store."""
    plays: list[Play] = []

    def begin(kind: str = "vault_file", **options: int) -> Play:
        store = custody(kind)
        store.put()
        store.settings = dataclasses.replace(store.settings, integration_client_id=None)
        plays.append(Play(store, **options))
        return plays[-1]

    yield begin
    for started in plays:
        started.process.kill()
        started.process.communicate()


# What puts a signal off is the same at both moments. What Ansible does with it afterwards is seen at the first.
ANY_CORE = {"saving": (pytest.mark.any_core,)}
CASES = [
    pytest.param(kind, moment, name, target, marks=ANY_CORE.get(moment, ()))
    for kind, moment in (("vault_file", "asked"), ("vault_file", "saving"), ("hashi_vault", "asked"))
    for name in NAMES
    for target in ("worker", "all")
    # Each signal at each moment; the other target, and the other store, only if there is time for it.
    if EVERY_CASE or (kind == "vault_file" and (target == "all") is (moment == "asked"))
]


@pytest.mark.parametrize(("kind", "moment", "name", "target"), CASES)
def test_a_signal_waits_until_the_answer_is_kept(
    kind: str, moment: str, name: str, target: str, play: Callable[..., Play]
) -> None:
    # Ansible has a handler for SIGALRM only if the task has a time limit.
    run = play(kind, timeout=100 if name == "SIGALRM" else 0)
    webex = run.custody.webex
    webex.configure(latency_ms=1500)
    run.wait_for(moment)
    if kind == "hashi_vault":
        wait_until_asked(run)
    run.send(signal.Signals[name], target)
    time.sleep(0.3)
    output = run.end()
    webex.configure(latency_ms=0)
    # It did what it would have done: the run ends before its next step, which is the proof of the new token.
    assert run.process.returncode != 0, output
    assert asked(webex) == {(REFRESH, 200): 1}
    run.check_nothing_is_lost()


def wait_until_asked(run: Play) -> None:
    """Wait until Webex has the request; the first that is asked is Vault."""
    wait_until(lambda: any(request == REFRESH for request, _status in asked(run.custody.webex)))


def test_the_time_limit_of_a_task_waits_too(play: Callable[..., Play]) -> None:
    run = play(timeout=2)
    run.custody.webex.configure(latency_ms=4000)
    output = run.end()
    run.custody.webex.configure(latency_ms=0)
    assert "2 second" in output or "time frame (2)" in output, output
    assert asked(run.custody.webex) == {(REFRESH, 200): 1}
    run.check_nothing_is_lost()


@pytest.mark.any_core
def test_signals_at_random_instants(play: Callable[..., Play]) -> None:
    counts = dict.fromkeys(NAMES, 0)
    for _run in range(AT_RANDOM):
        run = play(timeout=100)
        (run.folder / "go").touch()
        run.custody.webex.configure(latency_ms=300)
        run.wait_for("asked")
        time.sleep(random.uniform(0, 0.6))
        name = random.choice(NAMES)
        counts[name] += 1
        if run.process.poll() is None:
            run.send(signal.Signals[name], random.choice(["worker", "all"]))
        run.end()
        run.custody.webex.configure(latency_ms=0)
        run.check_nothing_is_lost()
    print(f"\nSignals at random instants, none of which lost a token: {counts}")


@pytest.mark.any_core
def test_how_long_only_an_integration_helps(custody: Make) -> None:
    """SIGKILL cannot be put off: it is measured how long a kill loses what Webex has just answered."""
    spans = []
    for _run in range(max(5, RUNS // 24)):
        store = custody("vault_file")
        store.put()
        run = start(store).end()
        spans.append(run.seconds_between(f"after {REFRESH}", "after ftruncate temporary file"))
    print(
        f"\nFrom Webex's answer to a whole file, in {len(spans)} runs: "
        f"median {statistics.median(spans) * 1000:.1f} ms, longest {max(spans) * 1000:.1f} ms"
    )
    assert min(spans) > 0
