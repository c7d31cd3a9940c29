# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many organizations: the inventory as users look at it, and playbooks that may write in some organizations only."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.integration.scenarios.conftest import BIN, Workplace, wait_until
from tests.simulator.process import Simulator

pytestmark = pytest.mark.any_core

INVENTORY = "webex_organizations.yml"
# Every way in which a module runs: none of them may write to Globex, which is read-only.
PLAY = """\
- hosts: webex_organizations
  gather_facts: false
  module_defaults:
    group/collabops.webex.webex:
      access_token: "{{ tokens[inventory_hostname] }}"
  vars:
    tokens: "{{ lookup('ansible.builtin.env', 'TOKENS') | from_json }}"
  tasks:
    - name: Read
      collabops.webex.person_info:
      register: read

    - name: Each host reads its own organization
      ansible.builtin.assert:
        that: read.people | map(attribute='org_id') | unique == [webex_org_id]

    - name: Write
      collabops.webex.person:
        email: "{{ item }}@{{ webex_org_alias }}.example"
        display_name: New
      loop: [one]
      ignore_errors: true
      register: written

    - name: Write in check mode
      collabops.webex.person:
        email: three@{{ webex_org_alias }}.example
        display_name: New
      check_mode: true
      diff: true
      ignore_errors: true
      register: checked

    - name: Write in the background
      collabops.webex.person:
        email: four@{{ webex_org_alias }}.example
        display_name: New
      async: 60
      poll: 1
      ignore_errors: true
      register: background

    - name: Only one of them may be written to
      ansible.builtin.assert:
        that:
          - written.results | map(attribute='changed') | unique == [expected]
          - checked is changed == expected
          - background is changed == expected
          - expected or 'read-only' in written.results[0].msg
          - expected or 'read-only' in checked.msg
          - expected or 'read-only' in background.msg
      vars:
        expected: "{{ inventory_hostname == 'acme' }}"

- hosts: localhost
  gather_facts: false
  vars:
    tokens: "{{ lookup('ansible.builtin.env', 'TOKENS') | from_json }}"
  tasks:
    - name: Write where an alias says
      collabops.webex.person:
        access_token: "{{ tokens.acme }}"
        org_id: acme
        email: five@acme.example
        display_name: New

    - name: Not where the token is of another organization
      collabops.webex.person:
        access_token: "{{ tokens.globex }}"
        org_id: acme
        email: six@acme.example
        display_name: New
      register: refused
      failed_when: refused is not failed or 'is that of globex' not in refused.msg
"""

# What AWX makes of an inventory: a script, which prints what ansible-inventory exports.
SCRIPT = """\
#!/bin/sh
cat exported.json
"""
PLAY_OF_AWX = """\
- hosts: acme,globex
  gather_facts: false
  tasks:
    - collabops.webex.person:
        access_token: "{{ (lookup('ansible.builtin.env', 'TOKENS') | from_json)[inventory_hostname] }}"
        email: new@{{ webex_org_alias }}.example
        display_name: New
      check_mode: true
"""


@pytest.fixture
def customers(webex: Simulator, user: Workplace) -> dict[str, dict[str, str]]:
    """Two customers of a partner, of whom Acme may be written to; their tokens are in the environment."""
    acme, globex = webex.add_organizations("Acme", "Globex")
    entries = [{"org_id": acme["org_id"], "alias": "acme", "writable": True}]
    user.write(INVENTORY, json.dumps({"plugin": "collabops.webex.organizations", "organizations": entries}))
    user.environment["TOKENS"] = json.dumps({"acme": acme["access_token"], "globex": globex["access_token"]})
    return {"acme": acme, "globex": globex}


def inventory(user: Workplace, *arguments: str, **environment: str) -> str:
    """Return what ansible-inventory prints; kept, so that no secret may be in it."""
    process = subprocess.run(
        [BIN / "ansible-inventory", "-i", INVENTORY, *arguments],
        cwd=user.folder,
        env={**user.environment, "ANSIBLE_VERBOSITY": "0", **environment},
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    user.printed[f"ansible-inventory {arguments} {len(user.printed)}"] = (process.stdout + process.stderr).encode()
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout


def test_the_inventory_shows_no_secret(user: Workplace, webex: Simulator, customers: Any) -> None:
    """That includes the cache, which is looked through with all that is left behind."""
    token = webex.credentials["personal_access_token"]["access_token"]
    entries = [{"org_id": customers["acme"]["org_id"], "alias": "acme", "writable": True, "vars": {"region": "emea"}}]
    config = {
        "plugin": "collabops.webex.organizations",
        "organizations": entries,
        "store": {"kind": "vault_file", "path": "tokens/{org_id}.yml"},
        "discover": ["organizations"],
        "keyed_groups": [{"key": "region", "prefix": "region"}],
        "groups": {"unlisted": "not webex_org_writable"},
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(user.root / "inventory cache"),
    }
    user.write(INVENTORY, json.dumps(config))
    listing = json.loads(inventory(user, "--list", WEBEX_ACCESS_TOKEN=token))
    assert listing["region_emea"]["hosts"] == ["acme"]
    assert sorted(listing["unlisted"]["hosts"]) == ["example-gmbh", "globex"]
    shown = listing["_meta"]["hostvars"]
    assert sorted(shown) == ["acme", "example-gmbh", "globex"]
    assert shown["acme"]["webex_org_store"]["path"].endswith(f"/tokens/{customers['acme']['uuid']}.yml")
    assert (shown["acme"]["webex_org_writable"], shown["globex"]["webex_org_writable"]) == (True, False)
    assert shown["acme"]["webex_org_name"] == "Acme"
    user.write("exported.json", inventory(user, "--list", "--export", WEBEX_ACCESS_TOKEN=token))
    # The second look was one into the cache.
    assert [entry["path"] for entry in webex.journal()] == ["/v1/organizations"]
    assert list((user.root / "inventory cache").iterdir())
    user.write("exported", SCRIPT).chmod(0o755)
    run = user.play(PLAY_OF_AWX, "-i", "exported")
    assert "changed: [acme]" in run.output
    assert "The organization globex (Globex) is read-only" in run.failures()[0]


def test_only_what_the_list_calls_writable_is_written_to(user: Workplace, webex: Simulator, customers: Any) -> None:
    config = json.loads((user.folder / INVENTORY).read_text())
    config["organizations"].append({"org_id": customers["globex"]["org_id"], "alias": "globex"})
    user.write(INVENTORY, json.dumps(config))
    run = user.play(PLAY, "-i", INVENTORY, ANSIBLE_ASYNC_DIR=str(user.root / "async"))
    # Ansible removes the copy of a module that ran in the background some seconds after its end.
    wait_until(lambda: not list((user.root / "temporary" / "remote").iterdir()))
    assert run.status == 0
    assert "WARNING" not in run.output
    assert "DEPRECAT" not in run.output
    writes = [entry for entry in webex.journal() if entry["method"] != "GET"]
    assert {entry["body"]["orgId"] for entry in writes} == {customers["acme"]["org_id"]}
    assert sorted(email for entry in writes for email in entry["body"]["emails"]) == [
        f"{name}@acme.example" for name in ("five", "four", "one")
    ]
