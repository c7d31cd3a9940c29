# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action says while it works: lines on the standard error of ansible-playbook, in its log, and in AWX."""

from __future__ import annotations

import os
from contextlib import suppress

from ansible.utils.display import Display


class Voice:
    """Says lines that begin with the same words. Standard output is left to the callback, which may print JSON."""

    def __init__(self, prefix: str, is_silent: bool = False) -> None:
        """Begin each line with *prefix*; say nothing but what is urgent if *is_silent*."""
        self._prefix, self._is_silent = prefix, is_silent
        self._stderr = _stderr_of_playbook()

    def say(self, text: str) -> None:
        """Say a line, by way of the process that prints everything."""
        if not self._is_silent:
            Display().display(f"{self._prefix}: {text}", stderr=True)

    def say_urgently(self, text: str) -> None:
        """Say a line even if that process is about to end, and prints nothing any more."""
        with suppress(OSError):
            os.write(self._stderr, f"\n{self._prefix}: {text}\n".encode())


def _stderr_of_playbook() -> int:
    """Return a descriptor of its standard error: a worker of ansible-core 2.19 and newer has none of its own."""
    with suppress(OSError):
        return os.open(f"/proc/{os.getppid()}/fd/2", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY | os.O_CLOEXEC)
    return 2
