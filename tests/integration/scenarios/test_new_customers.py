# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that Event-Driven Ansible runs when a customer authorizes the service app, or takes that back."""

from __future__ import annotations

import base64
import json

import pytest

from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator

pytestmark = pytest.mark.any_core

AUTHORIZE, DEAUTHORIZE = "collabops.webex.authorize_organization", "collabops.webex.deauthorize_organization"


@pytest.fixture
def integration(user: Workplace, webex: Simulator) -> dict[str, str]:
    """The environment of a service app that is authorized in another organization, and of an integration that mints."""
    client_id = webex.credentials["service_app"]["client_id"]
    webex.service_app(client_id, authorized=True, org="other")
    store = {"kind": "vault_file", "path": f"{user.folder}/{{org_id}}.yml"}
    user.write("inventory.yml", json.dumps({"all": {"vars": {"service_app_token_store": store}}}))
    mint = webex.credentials["integration"]
    return {
        "ANSIBLE_INVENTORY": "inventory.yml",
        "WEBEX_REFRESH_TOKEN": "",
        "WEBEX_INTEGRATION_CLIENT_ID": mint["client_id"],
        "WEBEX_INTEGRATION_CLIENT_SECRET": mint["client_secret"],
        "WEBEX_INTEGRATION_REFRESH_TOKEN": mint["refresh_token"],
    }


def play(user: Workplace, playbook: str, org_id: str, environment: dict[str, str], *arguments: str) -> Run:
    return user.play(playbook, "-e", json.dumps({"webex_org_id": org_id}), *arguments, **environment)


def paths(webex: Simulator) -> list[str]:
    """What was asked of Webex since the last time."""
    requests = [f"{entry['method']} {entry['path']} {entry['status']}" for entry in webex.journal()]
    webex.clear_journal()
    application = webex.credentials["service_app"]["application_id"]
    return [request.replace("/v1/", "").replace(application, "APP") for request in requests]


def test_a_token_is_kept_replaced_if_webex_refuses_it_and_not_removed_in_an_outage(
    user: Workplace, webex: Simulator, integration: dict[str, str]
) -> None:
    other = webex.state()["other_org"]["org_id"]
    foreseen = play(user, AUTHORIZE, other, integration, "--check")
    assert (foreseen.status, paths(webex)) == (0, [])
    first = play(user, AUTHORIZE, other, integration)
    assert (first.status, "a token was minted" in first.output) == (0, True)
    assert paths(webex) == ["POST access_token 200", "POST applications/APP/token 200", "GET people/me 200"]

    again = play(user, AUTHORIZE, other, integration)
    assert (again.status, again.changed(), "the token is still good" in again.output) == (0, 0, True)
    assert [path for path in paths(webex) if not path.startswith("GET")] == []

    webex.service_app(webex.credentials["service_app"]["client_id"], revoke=True)
    replaced = play(user, AUTHORIZE, other, integration)
    assert (replaced.status, "a token was minted" in replaced.output) == (0, True)
    assert "POST applications/APP/token 200" in paths(webex)

    # That Webex does not answer says nothing about an authorization. A bare UUID names the organization, too.
    webex.fault(kind="status", status=503, times=None)
    outage = play(user, DEAUTHORIZE, base64.b64decode(f"{other}==").decode().rpartition("/")[2], integration)
    assert (outage.status, {path.rpartition(" ")[2] for path in paths(webex)}) == (2, {"503"})
    assert "Nothing was removed. POST /access_token was answered with 503" in outage.output
    assert len(list(user.folder.glob("*-*.yml"))) == 1


def test_what_is_no_organization_is_refused(user: Workplace, webex: Simulator, integration: dict[str, str]) -> None:
    # Ansible takes a variable that is given in this way for a template. So the event source hands on nothing like it.
    run = play(user, AUTHORIZE, "{{ 7 * 7 }}", integration)
    assert (run.status, "Set webex_org_id to the id of an organization" in run.output) == (2, True)
    assert paths(webex) == []
