# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to keep the tokens of a service app valid in a thousand organizations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.plugin_utils._stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._stores import open_store

from tests.benchmark.desk import Desk

ORGANIZATIONS = 1_000
LATENCY = 0.05
CONCURRENCY = 8
# Of each: a refresh, and the proof of the new token.
REQUESTS = 2
TASK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.service_app_tokens:
        organizations: "{{ organizations }}"
        concurrency: "{{ concurrency }}"
        store:
          kind: vault_file
          path: "{{ folder }}/{org_id}.yml"
"""
NOTHING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ organizations | length }}"
"""


def fresh(desk: Desk, count: int) -> list[dict[str, str]]:
    """Put so many organizations into the simulator, each with a store whose tokens are due; return their list."""
    desk.webex.reset()
    organizations = desk.webex.add_organizations(count=count)
    folder = desk.folder / "tokens"
    folder.mkdir(exist_ok=True)
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"a vault password"))])
    app = desk.webex.credentials["service_app"]

    def put(org: dict[str, str]) -> None:
        long_ago = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=20)
        tokens = TokenSet(
            access_token=org["access_token"],
            refresh_token=org["refresh_token"],
            client_id=app["client_id"],
            obtained_at=long_ago,
            expires_at=long_ago + timedelta(days=14),
            org_id=org["org_id"],
        )
        path = str(folder / f"{org['uuid']}.yml")
        open_store({"kind": "vault_file", "path": path}, loader).save(StoredTokens(tokens))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put, organizations))
    desk.webex.clear_journal()
    desk.webex.configure(latency_ms=LATENCY * 1000)
    return [{"org_id": org["org_id"], "alias": f"customer-{number:04}"} for number, org in enumerate(organizations, 1)]


def measure(desk: Desk) -> None:
    """Measure, and print a row for each way."""
    for _ in range(1):
        listed = fresh(desk, ORGANIZATIONS)
        variables = {"organizations": listed, "folder": str(desk.folder / "tokens"), "concurrency": CONCURRENCY}
        floor = ORGANIZATIONS * REQUESTS * LATENCY / CONCURRENCY
        base = desk.play(NOTHING, variables)
        first = desk.play(TASK, variables)
        journal = desk.webex.journal()
        span = journal[-1]["at"] - journal[0]["at"] + LATENCY
        print(
            f"floor {floor:.2f} base {base.seconds:.2f} first {first.seconds:.2f} ({(first.seconds - base.seconds) / floor:.2f}) span {span:.2f} {span / floor:.2f} cpu {first.cpu:.2f} memory {first.memory:.0f} requests {len(journal)}",
            flush=True,
        )
        desk.webex.clear_journal()
        second = desk.play(TASK, variables)
        print(f"second {second.seconds:.2f} cpu {second.cpu:.2f} requests {len(desk.webex.journal())}")
