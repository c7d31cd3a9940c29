# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role calling_users costs beside the module, for an export of Control Hub with thousands of people."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmark.desk import Desk, Play
from tests.benchmark.users import CONCURRENCY, LATENCY, check, fresh, make_users

PEOPLE = 5_000
PLAY = "- hosts: localhost\n  gather_facts: false\n"
MODULE = f"{PLAY}  tasks:\n    - collabops.webex.calling_users:\n        "
ROLE = f"{PLAY}  roles:\n    - collabops.webex.calling_users\n"
HEADER = (
    "First Name",
    "Last Name",
    "Display Name",
    "User ID/Email (Required)",
    "User Status",
    "Extension",
    "Phone Number",
    "Location",
    "Webex Calling VAR Professional [Sub-1]",
)


def measure(desk: Desk) -> None:
    """Measure, and print a row for each way and state of the org. The second run of the role must write nothing."""
    users = make_users(PEOPLE)
    write_export(desk.folder / "export.csv", users)
    ways: dict[str, tuple[str, Mapping[str, Any]]] = {
        "one task, users as YAML": (MODULE + 'users: "{{ users }}"\n', {"users": users}),
        "one task, an export": (MODULE + "src: export.csv\n", {}),
        "role, an export": (ROLE, {"calling_users_src": "export.csv"}),
        "role, an export, with reports": (
            ROLE,
            {"calling_users_src": "export.csv", "calling_users_report_dir": "reports"},
        ),
        "role, users as YAML": (ROLE, {"calling_users_list": users}),
    }
    print(
        f"\n{PEOPLE} users, {LATENCY * 1000:.0f} ms latency, {CONCURRENCY} requests at once. cpu: of ansible-playbook and all that it\n"
        "started; memory: of the largest of these processes, in MiB; ratios: to the first row."
    )
    for state, enabled in (("none", 0), ("all", PEOPLE)):
        print(
            f"\n{state + ' of them enabled already':34}{'seconds':>9}{'ratio':>7}{'cpu':>8}{'ratio':>7}{'memory':>8}"
            f"{'requests':>10}{'writes':>8}"
        )
        first: Play | None = None
        for name, (playbook, variables) in ways.items():
            fresh(desk, PEOPLE, enabled)
            play = desk.play(playbook, variables)
            requests, writes = len(desk.webex.journal()), len(desk.webex.writes())
            check(desk, users)
            first = first or play
            print(
                f"{name:34}{play.seconds:9.2f}{play.seconds / first.seconds:7.2f}{play.cpu:8.2f}{play.cpu / first.cpu:7.2f}"
                f"{play.memory:8.0f}{requests:10}{writes:8}",
                flush=True,
            )
            if writes != PEOPLE - enabled:
                raise SystemExit(f"{writes} writes, where {PEOPLE - enabled} users needed one")
            desk.webex.clear_journal()
            if "reports" in name:
                desk.play(playbook, variables)
                print(f"{'the same once more':34}{'':>39}{len(desk.webex.journal()):10}{len(desk.webex.writes()):8}")


def write_export(path: Path, users: list[dict[str, str]]) -> None:
    """Write the users as Control Hub exports them; half as many again have no calling, and are none of our business."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number, user in enumerate(users):
            names = ("Una", f"User {number}", f"Una User {number}")
            writer.writerow([*names, user["email"], "Active", user["extension"], "", user["location"], "TRUE"])
            if number % 2:
                writer.writerow([*names, f"guest{number}@example.com", "Active", "", "", "", "FALSE"])
