# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a good token costs: ratios of rows measured side by side, and counts of requests."""

from __future__ import annotations

import statistics

from tests.benchmark.desk import Desk

PLAYBOOK = "- hosts: localhost\n  gather_facts: false\n  vars:\n    webex_store: {kind: vault_file, path: token.yml}\n  tasks:\n"
GET_TOKEN = "    - collabops.webex.service_app_token:\n        store: '{{ webex_store }}'\n"
NOTHING = "    - ansible.builtin.ping:\n"
WORDS = "    - ansible.builtin.debug:\n        msg: nothing\n"
TASKS = 30
ROUNDS = 3


def measure(desk: Desk) -> None:
    """Measure, and print the table."""
    desk.webex.reset()
    desk.play(PLAYBOOK + GET_TOKEN)
    desk.webex.clear_journal()
    rows = {
        "playbook with one task that does nothing (ping)": NOTHING,
        "playbook with one task that gets a good token": GET_TOKEN,
        f"{TASKS} tasks that do nothing (ping)": NOTHING * TASKS,
        f"{TASKS} tasks that print a word (debug)": WORDS * TASKS,
        f"{TASKS} tasks that get a good token": GET_TOKEN * TASKS,
    }
    # Round by round, so that whatever else the machine does touches all rows alike.
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _round in range(ROUNDS):
        for name, tasks in rows.items():
            times[name].append(desk.play(PLAYBOOK + tasks).seconds)
    median = {name: statistics.median(values) for name, values in times.items()}
    one, many = list(rows)[0], list(rows)[2]
    print(f"\nA good token: median of {ROUNDS} rounds\n{'':52}{'seconds':>9}{'ratio':>8}")
    for number, name in enumerate(rows):
        base = median[one if number < 2 else many]
        print(f"{name:52}{median[name]:9.2f}{median[name] / base:8.2f}")
    print(f"requests to Webex in all of that: {len(desk.webex.journal())}", flush=True)
