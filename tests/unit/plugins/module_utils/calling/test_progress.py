# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling import progress
from ansible_collections.collabops.webex.plugins.module_utils._calling.progress import SECONDS, Progress, is_abandoned
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result
from ansible_collections.collabops.webex.tests.unit.support import wait_until

ROOT = pathlib.Path(progress.__file__).parents[6]
# A program that works until it is interrupted, then says so where nobody may read it, and removes its file.
PROGRAM = """
import sys, threading
from ansible_collections.collabops.webex.plugins.module_utils._calling.progress import Progress, interruptible
try:
    with Progress(sys.argv[1]), interruptible():
        threading.Event().wait(300)
except KeyboardInterrupt:
    open(sys.argv[2], "w").close()
"""


# SIGTERM is one of the signals that the program has a handler for: it can be interrupted.
CATCHES = re.compile(r"SigCgt:\t[0-9a-f]*[4567c-f][0-9a-f]{3}$", re.MULTILINE)


def status(process: int) -> str:
    """What the kernel says of a process."""
    return pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii")


def state(path: pathlib.Path) -> dict[str, t.Any]:
    """What the file says."""
    return dict(json.loads(path.read_text(encoding="ascii")))


def test_the_file_says_how_far_it_is_and_goes_at_the_end(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "progress"
    with Progress(str(path)) as run:
        begin = {"pid": os.getpid(), "phase": "reading", "total": 0, "done": 0, "failed": 0, "seconds": None}
        wait_until(path.exists)
        wait_until(path.read_text)
        assert state(path) == begin
        assert path.stat().st_mode & 0o777 == 0o644
        run.begin_writing(3, 12)
        for outcome in ("enabled", "changed", "failed"):
            run.note(Result("a@example.com", outcome))
        wait_until(lambda: state(path)["failed"])
        assert state(path) == {**begin, "phase": "writing", "total": 3, "done": 2, "failed": 1, "seconds": 12}
    assert not path.exists()


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: path.symlink_to("/dev/null")])
def test_what_is_there_already_is_not_touched(make: t.Callable[[pathlib.Path], object], tmp_path: pathlib.Path) -> None:
    path = tmp_path / "progress"
    make(path)
    with Progress(str(path)) as run:
        run.begin_writing(1, None)
        threading.Event().wait(3 * SECONDS)
    assert path.is_symlink() or path.read_text() == "mine"


@pytest.mark.parametrize("path", [None, "/nowhere/progress"])
def test_without_a_file_the_run_goes_on(path: str | None) -> None:
    with Progress(path) as run:
        run.begin_writing(1, None)
        run.note(Result("a@example.com", "failed"))


def test_a_pipe_or_socket_is_abandoned_when_its_reader_has_gone(tmp_path: pathlib.Path) -> None:
    reader, writer = os.pipe()
    near, far = socket.socketpair()
    with open(tmp_path / "file", "w") as file:
        outputs = [writer, near.fileno(), file.fileno()]
        assert [is_abandoned(output) for output in outputs] == [False, False, False]
        os.close(reader)
        far.close()
        assert [is_abandoned(output) for output in outputs] == [True, True, False]
    os.close(writer)
    near.close()


@pytest.fixture
def program(tmp_path: pathlib.Path) -> t.Iterator[subprocess.Popen[bytes]]:
    """PROGRAM at work; its answer would go to a pipe."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "progress"), str(tmp_path / "ended")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        wait_until(lambda: (tmp_path / "progress").exists() and CATCHES.search(status(process.pid)))
        yield process
        process.kill()


def test_without_a_reader_the_run_is_interrupted(program: subprocess.Popen[bytes], tmp_path: pathlib.Path) -> None:
    assert program.stdout
    program.stdout.close()
    assert program.wait(60) == 0
    assert (tmp_path / "ended").exists()
    assert not (tmp_path / "progress").exists()


def test_of_many_signals_one_interrupts(program: subprocess.Popen[bytes], tmp_path: pathlib.Path) -> None:
    # At its very end, Python has no handlers any more.
    while program.poll() is None and not (tmp_path / "ended").exists():
        program.send_signal(signal.SIGINT)
        program.send_signal(signal.SIGTERM)
    program.wait(60)
    assert (tmp_path / "ended").exists()
    assert not (tmp_path / "progress").exists()
