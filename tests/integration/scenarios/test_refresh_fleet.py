# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks in many organizations: one host for each, as an inventory of organizations has them."""

from __future__ import annotations

import json
import re

import pytest

from tests.integration.scenarios.conftest import Workplace
from tests.simulator.process import Simulator

pytestmark = pytest.mark.any_core

NAMES = ("acme", "globex", "initech", "umbrella")
INVENTORY = "webex_organizations.yml"
FLEET = ("collabops.webex.refresh_fleet", "-i", INVENTORY)

ONE_TASK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.service_app_tokens:
        organizations: [{org_id: acme}, {org_id: globex}]
        store: {kind: vault_file, path: "tokens/{org_id}.yml"}
        integration_store: {kind: vault_file, path: tokens/integration.yml}
"""


def inventory(organizations: list[dict[str, str]]) -> str:
    """The file of an inventory of organizations, each with a store of its own."""
    listed = [{"org_id": org["org_id"], "alias": org["name"].lower(), "writable": True} for org in organizations]
    store = {"kind": "vault_file", "path": "tokens/{org_id}.yml"}
    return json.dumps({"plugin": "collabops.webex.organizations", "organizations": listed, "store": store})


@pytest.fixture
def fleet(user: Workplace, webex: Simulator) -> list[dict[str, str]]:
    """Four customers who have authorized the service app, and an integration that mints for all of them."""
    organizations = webex.add_organizations(*(name.title() for name in NAMES), tokens=False)
    user.write(INVENTORY, inventory(organizations))
    (user.folder / "tokens").mkdir()
    integration = webex.credentials["integration"]
    for name in ("client_id", "client_secret", "refresh_token"):
        user.environment[f"WEBEX_INTEGRATION_{name}".upper()] = integration[name]
    user.write(
        "variables.json",
        json.dumps({"service_app_token_integration_store": {"kind": "vault_file", "path": "tokens/integration.yml"}}),
    )
    user.environment["ANSIBLE_FORKS"] = "4"
    return organizations


def recap(output: str) -> dict[str, int]:
    """How many tasks failed, by host."""
    return {host: int(failed) for host, failed in re.findall(r"^(\w+) +: ok=.* failed=(\d+)", output, re.MULTILINE)}


def test_refresh_fleet(user: Workplace, webex: Simulator, fleet: list[dict[str, str]]) -> None:
    webex.configure(rotate_refresh_tokens=True)
    first = user.play(*FLEET, "-e", "@variables.json")
    assert (first.status, recap(first.output)) == (0, dict.fromkeys(NAMES, 0))
    assert "Overall: healthy (0 broken, 0 warning, 4 healthy)." in first.output
    paths = [request["path"].rpartition("/")[2] for request in webex.journal()]
    # One integration for all, whichever host came first.
    assert (paths.count("access_token"), paths.count("token"), paths.count("me")) == (1, 4, 4)
    report = json.loads((user.folder / "webex_token_health.json").read_text(encoding="utf-8"))
    assert sorted(report["healthy"]) == list(NAMES)
    assert "WARNING" not in first.output
    assert "DEPRECAT" not in first.output
    # One task finds the same stores, by aliases of the inventory.
    webex.clear_journal()
    task = user.play(ONE_TASK, "-i", INVENTORY)
    assert task.status == 0
    assert "2 organizations: 2 fresh." in task.output
    assert webex.journal() == []
    # A second run sends nothing for tokens. One of them is revoked meanwhile, and found by the look at all.
    webex.clear_journal()
    app = webex.credentials["service_app"]
    webex.service_app(app["client_id"], revoke=True, org="Globex")
    second = user.play(*FLEET, "-e", "@variables.json", "-e", "refresh_fleet_serial=2")
    assert {request["path"] for request in webex.journal()} == {"/v1/authorizations/tokenExpiry"}
    assert second.status != 0
    assert recap(second.output) == {**dict.fromkeys(NAMES, 0), "globex": 1}


def test_one_that_fails_stops_none_of_the_others_and_the_limit_is_kept(
    user: Workplace, webex: Simulator, fleet: list[dict[str, str]]
) -> None:
    webex.service_app(webex.credentials["service_app"]["client_id"], authorized=False, org="Acme")
    # Each batch has one host, so that a batch in which all fail is met.
    run = user.play(*FLEET, "-e", "@variables.json", "-e", "refresh_fleet_serial=1", "--limit", "acme,globex,umbrella")
    assert run.status != 0
    assert recap(run.output) == {"acme": 1, "globex": 0, "umbrella": 0}
    assert "the service app is not authorized in that organization" in run.output
    assert "Overall: broken (1 broken, 0 warning, 2 healthy)." in run.output
    kept = {path.stem for path in (user.folder / "tokens").glob("*.yml")}
    assert kept == {"integration", fleet[1]["uuid"], fleet[3]["uuid"]}


def test_users_are_enabled_in_each_organization_by_its_own_list(
    user: Workplace, webex: Simulator, fleet: list[dict[str, str]]
) -> None:
    for name in NAMES[:2]:
        user.write(f"{name}.csv", f"email,location,extension\nnobody@{name}.example,Berlin,2002\n")
    run = user.play(
        "collabops.webex.enable_calling_users",
        "-i",
        INVENTORY,
        "-e",
        "@variables.json",
        "-e",
        json.dumps(
            {
                "enable_calling_users_hosts": "webex_organizations_writable",
                "calling_users_src": "{{ inventory_hostname }}.csv",
                "calling_users_report_dir": "reports/{{ inventory_hostname }}",
            }
        ),
        "--limit",
        "acme,globex",
    )
    # There are no such people: each list was looked for in its own organization, by a token that was minted for that.
    assert run.status != 0
    assert run.output.count("There is no person nobody@") >= 2
    assert sorted(path.name for path in (user.folder / "reports").iterdir()) == list(NAMES[:2])
    tokens = {entry["token_id"] for entry in webex.journal() if entry["path"] == "/v1/people"}
    assert len(tokens) == 2
    assert not user.vault_file.exists()


def test_a_host_without_a_store_says_what_is_missing(user: Workplace, webex: Simulator) -> None:
    hosts = {"acme": {"webex_org_id": webex.credentials["org_id"]}}
    user.write("static.yml", json.dumps({"webex_organizations": {"hosts": hosts}}))
    run = user.play(FLEET[0], "-i", "static.yml")
    assert run.status != 0
    assert "webex_org_store is not set for this organization" in run.output
    assert webex.journal() == []
