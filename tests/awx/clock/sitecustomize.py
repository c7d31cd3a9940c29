# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets jobs run on another day: JOB_CLOCK_OFFSET seconds from now. It is in force where this folder is in PYTHONPATH.

Python knows one sitecustomize, so this one also does what that of `tests/tools/bytecode` does.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import pathlib

OFFSET = datetime.timedelta(seconds=float(os.environ.get("JOB_CLOCK_OFFSET", "0")))
BYTECODE = pathlib.Path(__file__).parents[2] / "tools" / "bytecode" / "sitecustomize.py"


class ShiftedDatetime(datetime.datetime):
    """Points in time, of which the present one is shifted."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> ShiftedDatetime:
        """The time of the job's day."""
        return super().now(tz) + OFFSET


# Ansible writes points in time into the programs that it sends, as Python shows them.
ShiftedDatetime.__name__ = "datetime.datetime"
datetime.datetime = ShiftedDatetime  # type: ignore[misc]
spec = importlib.util.spec_from_file_location("bytecode_of_modules", BYTECODE)
assert spec
assert spec.loader
spec.loader.exec_module(importlib.util.module_from_spec(spec))
