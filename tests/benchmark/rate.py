# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of what a rate limit allows is used, with how many 429s; and what a request costs without a limit.

``python -m tests.benchmark.rate`` measures only this.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.benchmark.desk import Desk
from tests.simulator.process import Simulator

LIMITS = (20, 50, 100)
SECONDS = 8
WORKERS = 8
LATENCY_MS = 20
UNLIMITED = 2_000


def measure(desk: Desk) -> None:
    """Measure, and print a row for each limit."""
    print(
        f"\n{WORKERS} threads, {LATENCY_MS} ms latency, {SECONDS} s worth of requests.\n"
        "used: requests to what the limit allows in the time that they took\n\n"
        f"{'requests a second':20}{'requests':>10}{'seconds':>9}{'used':>7}{'429s':>6}{'waited':>8}{'CPU ms each':>13}"
    )
    for limit in (*LIMITS, None):
        print_row(desk, limit, UNLIMITED if limit is None else limit * SECONDS)


def print_row(desk: Desk, limit: int | None, requests: int) -> None:
    """Measure under one limit, and print a row."""
    # The simulator counts the requests of the last second, and those of the row before are none of this one's.
    time.sleep(2)
    desk.webex.clear_journal()
    desk.webex.configure(rate_limit=limit, latency_ms=LATENCY_MS if limit else 0)
    done = desk.run(sys.executable, "at_a_rate.py", {"requests": requests, "workers": WORKERS})
    desk.webex.configure(rate_limit=None, latency_ms=0)
    refused = sum(entry["status"] == 429 for entry in desk.webex.journal())
    used = f"{requests / done.work / limit:.0%}" if limit else "-"
    print(
        f"{limit or 'no limit':<20}{requests:10}{done.work:9.2f}{used:>7}{refused:6}"
        f"{done.result['seconds_waited']:8.1f}{done.cpu / requests * 1000:13.2f}",
        flush=True,
    )


def main() -> None:
    """Measure with a simulator of its own."""
    with Simulator() as webex, tempfile.TemporaryDirectory() as folder:
        measure(Desk(Path(folder), webex))


if __name__ == "__main__":
    main()
