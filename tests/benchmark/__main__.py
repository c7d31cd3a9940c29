# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ratios of rows measured side by side in one run, and counts of requests. `make benchmark`.

``python -m tests.benchmark [tokens] [users] [growth] [newcomers] [role] [rate] [fleet]`` measures only these.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.benchmark import fleet, newcomers, rate, role, tokens, users
from tests.benchmark.desk import Desk
from tests.simulator.process import Simulator

TABLES = {
    "tokens": tokens.measure,
    "users": users.measure,
    "growth": users.growth,
    "newcomers": newcomers.measure,
    "role": role.measure,
    "rate": rate.measure,
    "fleet": fleet.measure,
}


def main(wanted: list[str]) -> None:
    """Measure, and print the tables."""
    print(
        f"{os.cpu_count()} processors, of which the simulator takes its share; load {os.getloadavg()[0]:.1f} at the start"
    )
    with Simulator() as webex, tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), webex)
        for name in wanted or TABLES:
            TABLES[name](desk)
    print(
        f"\nload {os.getloadavg()[0]:.1f} at the end: with other work on the machine, times say less, requests the same"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
