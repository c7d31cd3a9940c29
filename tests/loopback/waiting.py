# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: wait for what another process or thread does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
# How long to wait at the most: only what never comes takes so long, since a busy machine has time.
SECONDS = 300.0


def wait_until(
    condition: Callable[[], Found], seconds: float = SECONDS, process: subprocess.Popen[str] | None = None
) -> Found:
    """Return what *condition* returns as soon as that is true; it fails after *seconds*, or if *process* ends before."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        assert process is None or process.poll() is None, "the process has ended before"
        time.sleep(0.02)
    return found
