# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a good token costs: ratios of rows measured side by side in one run, and counts of requests. `make benchmark`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.simulator.process import Simulator

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = "- hosts: localhost\n  gather_facts: false\n  vars:\n    webex_store: {kind: vault_file, path: token.yml}\n  tasks:\n"
GET_TOKEN = "    - collabops.webex.service_app_token:\n        store: '{{ webex_store }}'\n"
NOTHING = "    - ansible.builtin.ping:\n"
WORDS = "    - ansible.builtin.debug:\n        msg: nothing\n"
TASKS = 30
ROUNDS = 3


class Desk:
    """A folder with a vault file in it, and playbooks that are timed there."""

    def __init__(self, folder: Path, webex: Simulator) -> None:
        self.folder = folder
        self.webex = webex
        link = folder / "collections" / "ansible_collections" / "collabops"
        link.mkdir(parents=True)
        (link / "webex").symlink_to(ROOT)
        (folder / "password").write_text("a vault password", encoding="utf-8")
        app = webex.credentials["service_app"]
        self.environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "password"),
            "WEBEX_BASE_URL": webex.base_url,
            "WEBEX_CLIENT_ID": app["client_id"],
            "WEBEX_CLIENT_SECRET": app["client_secret"],
            "WEBEX_REFRESH_TOKEN": app["refresh_token"],
        }

    def seconds(self, tasks: str) -> float:
        """Return how long a playbook with these tasks takes."""
        (self.folder / "playbook.yml").write_text(PLAYBOOK + tasks, encoding="utf-8")
        start = time.monotonic()
        command = [Path(sys.executable).parent / "ansible-playbook", "playbook.yml"]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - start


def main() -> None:
    """Measure, and print the table."""
    with Simulator() as webex, tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), webex)
        desk.seconds(GET_TOKEN)
        webex.clear_journal()
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
                times[name].append(desk.seconds(tasks))
        median = {name: statistics.median(values) for name, values in times.items()}
        one, many = list(rows)[0], list(rows)[2]
        print(f"{'':52}{'seconds':>9}{'ratio':>8}")
        for number, name in enumerate(rows):
            base = median[one if number < 2 else many]
            print(f"{name:52}{median[name]:9.2f}{median[name] / base:8.2f}")
        print(f"requests to Webex in all of that: {len(webex.journal())}")


if __name__ == "__main__":
    main()
