# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to keep the tokens of a service app valid in a thousand organizations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.benchmark.desk import ROOT, Desk, Play

ORGANIZATIONS = 1_000
LATENCY = 0.05
CONCURRENCY = 8
# Of each: a refresh, and the proof of the new token.
REQUESTS = 2
FORKS = 20
SLICES = 4
# Of those that fail: their refresh tokens were revoked, Webex does not answer within the budget, a gateway answers with a page.
REVOKED, SLOW, HTML = 3, 2, 1
TASK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.service_app_tokens:
        organizations: "{{ organizations }}"
        concurrency: "{{ concurrency }}"
        store: {kind: vault_file, path: "{{ folder }}/{org_id}.yml"}
"""
NOTHING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ organizations | length }}"
"""
HOSTS = """
- hosts: webex_organizations
  gather_facts: false
  tasks:
    - collabops.webex.service_app_token:
        org_id: "{{ webex_org_id }}"
        store: {kind: vault_file, path: "{{ folder }}/{org_id}.yml"}
"""
PLAYBOOK = "- import_playbook: collabops.webex.refresh_fleet\n"


class Fleet:
    """The organizations, each with a store in which the tokens are due."""

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk, self.count = desk, count
        self.folder = desk.folder / "tokens"
        self.folder.mkdir(exist_ok=True)
        desk.webex.reset()
        self.customers = desk.webex.add_organizations(count=count)
        self._put_tokens()
        hosts = {f"customer-{number:04}": self._variables(org) for number, org in enumerate(self.customers, 1)}
        inventory = {"webex_organizations": {"hosts": hosts}}
        (desk.folder / "fleet.yml").write_text(json.dumps(inventory), encoding="utf-8")
        self.variables: dict[str, Any] = {
            "organizations": [
                {"org_id": values["webex_org_id"], "alias": alias, "name": values["webex_org_name"]}
                for alias, values in hosts.items()
            ],
            "folder": str(self.folder),
            "concurrency": CONCURRENCY,
        }
        desk.webex.clear_journal()
        desk.webex.configure(latency_ms=LATENCY * 1000)

    def _path(self, org: dict[str, str]) -> str:
        return str(self.folder / f"{org['uuid']}.yml")

    def _variables(self, org: dict[str, str]) -> dict[str, Any]:
        store = {"kind": "vault_file", "path": self._path(org)}
        python = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        return {**python, "webex_org_id": org["org_id"], "webex_org_name": org["name"], "webex_org_store": store}

    def _put_tokens(self) -> None:
        """Store tokens that are due, for each of them."""
        order = {
            "client_id": self.desk.webex.credentials["service_app"]["client_id"],
            "customers": [{**org, "path": self._path(org)} for org in self.customers],
        }
        search_path = f"{self.desk.environment['PYTHONPATH']}{os.pathsep}{ROOT}"
        subprocess.run(
            [sys.executable, Path(__file__).with_name("put_tokens.py")],
            input=json.dumps(order),
            env={**self.desk.environment, "PYTHONPATH": search_path},
            text=True,
            check=True,
        )

    def break_some(self) -> int:
        """Let some of them fail, as an operator meets it, and return how many."""
        names = [org["name"] for org in self.customers]
        client_id = self.desk.webex.credentials["service_app"]["client_id"]
        for name in names[:REVOKED]:
            self.desk.webex.service_app(client_id, revoke=True, org=name)
        for name in names[REVOKED : REVOKED + SLOW]:
            self.desk.webex.fault(kind="timeout", org=name, path="/access_token$", seconds=300)
        self.desk.webex.fault(kind="html", org=names[REVOKED + SLOW], path="/access_token$", times=None)
        return REVOKED + SLOW + HTML

    def one_task(self, fails: bool = False) -> Play:
        """Run the one task for all of them."""
        return self.desk.play(TASK, self.variables, fails=fails)

    def many_hosts(self, playbook: str, *arguments: str, name: str = "play") -> Play:
        """Run a playbook that has a host for each."""
        inventory = ("-i", str(self.desk.folder / "fleet.yml"), "-f", str(FORKS))
        return self.desk.play(playbook, {"folder": str(self.folder)}, *inventory, *arguments, name=name)

    def slices(self) -> Play:
        """Run as many playbooks at once as AWX makes jobs of slices, each with its share of the hosts."""
        aliases = [entry["alias"] for entry in self.variables["organizations"]]

        def play(number: int) -> Play:
            (self.desk.folder / f"slice{number}.txt").write_text("\n".join(aliases[number::SLICES]), encoding="utf-8")
            return self.many_hosts(HOSTS, "--limit", f"@slice{number}.txt", name=f"slice{number}")

        start = time.monotonic()
        with ThreadPoolExecutor(SLICES) as pool:
            plays = list(pool.map(play, range(SLICES)))
        seconds = time.monotonic() - start
        return Play(seconds, sum(play.cpu for play in plays), max(play.memory for play in plays))


def measure(desk: Desk) -> None:
    """Measure, and print a row for each way. Raises SystemExit if a way has sent another number of requests than it must."""
    floor = ORGANIZATIONS * REQUESTS * LATENCY / CONCURRENCY
    print(
        f"\n{ORGANIZATIONS} organizations, all due, {LATENCY * 1000:.0f} ms latency, {CONCURRENCY} requests at once, {FORKS} forks.\n"
        "floor: the requests times latency over those that are under way at once; ratio: to the floor of one task, without the\n"
        "start of ansible-playbook; cpu: of all processes; memory: of the largest process, in MiB\n\n"
        f"{'':52}{'seconds':>9}{'ratio':>7}{'cpu':>8}{'memory':>8}{'requests':>10}"
    )
    fleet = Fleet(desk, ORGANIZATIONS)
    print(f"{'floor of one task':52}{floor:9.2f}{1:7.2f}{'':16}{ORGANIZATIONS * REQUESTS:10}", flush=True)
    start = desk.play(NOTHING, fleet.variables)
    _row(fleet, "a playbook that only has the list", start, None, 0)
    _row(fleet, "one task", fleet.one_task(), start.seconds, ORGANIZATIONS * REQUESTS)
    _row(fleet, "one task, a second run", fleet.one_task(), None, 0)
    broken = Fleet(desk, ORGANIZATIONS)
    failing = broken.break_some()
    # The slow ones take the 45 seconds that each may.
    answered = ORGANIZATIONS * REQUESTS - failing
    _row(broken, f"one task, {failing} of them failing", broken.one_task(fails=True), None, answered)
    output = (desk.folder / "play.out").read_text(encoding="utf-8")
    summary = f"{ORGANIZATIONS} organizations: {ORGANIZATIONS - failing} refreshed, {failing} failed."
    print(f"    {summary}" if summary in output else output[-5000:])
    many = Fleet(desk, ORGANIZATIONS)
    _row(many, "a host for each, service_app_token", many.many_hosts(HOSTS), start.seconds, ORGANIZATIONS * REQUESTS)
    sliced = Fleet(desk, ORGANIZATIONS)
    _row(sliced, f"the same in {SLICES} slices at once", sliced.slices(), start.seconds, ORGANIZATIONS * REQUESTS)
    whole = Fleet(desk, ORGANIZATIONS)
    play = whole.many_hosts(PLAYBOOK)
    _row(whole, "the playbook refresh_fleet, with the look at all", play, start.seconds, ORGANIZATIONS * (REQUESTS + 1))


def _row(fleet: Fleet, name: str, play: Play, start: float | None, requests: int) -> None:
    """Print a row; its ratio leaves out the seconds of the *start*, and there is none without that."""
    sent = len(fleet.desk.webex.journal())
    fleet.desk.webex.clear_journal()
    floor = fleet.count * REQUESTS * LATENCY / CONCURRENCY
    ratio = f"{(play.seconds - start) / floor:.2f}" if start is not None else "-"
    print(f"{name:52}{play.seconds:9.2f}{ratio:>7}{play.cpu:8.2f}{play.memory:8.0f}{sent:10}", flush=True)
    if sent != requests:
        raise SystemExit(f"{sent} requests were sent, and {requests} had to be")
