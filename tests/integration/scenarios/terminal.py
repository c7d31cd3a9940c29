# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user at a real terminal: a pseudo-terminal whose other end waits for questions, and types."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 300.0
PAUSE = 0.05
# Become a program whose controlling terminal is the one on standard input.
ON_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def converse(
    command: Sequence[str | Path], answers: Mapping[str, str], folder: Path, environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run *command* at a terminal, answer each question when it is asked, in order; return the exit status and what was on the screen.

    Raises AssertionError for a question that is not asked.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, *command],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    screen = b""
    try:
        for question, answer in answers.items():
            seen, deadline = len(screen), time.monotonic() + PATIENCE
            # Ansible shows a question, throws away what was typed until then, and only then reads, without blocking.
            while question.encode() not in screen[seen:] or os.get_blocking(theirs):
                screen += _read(ours)
                is_asking = process.poll() is None and time.monotonic() < deadline
                assert is_asking, f"{question!r} was not asked: {screen.decode(errors='replace')}"
            os.write(ours, answer.encode() + b"\r")
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None:
            screen += _read(ours)
            assert time.monotonic() < deadline, f"it does not end: {screen.decode(errors='replace')}"
        while output := _read(ours):
            screen += output
        return process.returncode, screen.decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def _read(terminal: int) -> bytes:
    """Return what is on the screen since the last look, if anything comes soon."""
    readable, _, _ = select.select([terminal], [], [], PAUSE)
    return os.read(terminal, 65536) if readable else b""
