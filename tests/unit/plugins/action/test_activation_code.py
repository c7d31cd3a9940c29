# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.collabops.webex.plugins.action.activation_code import SPEC, ActionModule
from ansible_collections.collabops.webex.plugins.modules import activation_code as documentation
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, documentation_of, run_action

READS = ["GET /people", "GET /licenses"]
CODE = "POST /devices/activationCode"
SCOPES = (
    "spark-admin:people_read",
    "spark-admin:licenses_read",
    "spark-admin:devices_write",
    "identity:one_time_password",
)


@pytest.fixture
def options(webex: Simulator) -> dict[str, t.Any]:
    """What a task says, with a token that may make codes."""
    token = webex.token(kind="service_app", scopes=list(SCOPES))["access_token"]
    return {"base_url": webex.base_url, "access_token": token, "email": "ivan@example.com", "model": "DMS Cisco 8865"}


def act(options: dict[str, t.Any], check_mode: bool = False) -> dict[str, t.Any]:
    return run_action("activation_code", ActionModule, options, DataLoader(), check_mode)


def test_a_code_is_made_each_time(options: dict[str, t.Any], webex: Simulator) -> None:
    first, second = act(options), act(options)
    assert (first["changed"], second["changed"]) == (True, True)
    assert first["code"] != second["code"]
    assert {first["code"], second["code"]} <= set(webex.secrets())
    assert first["person_id"] == webex.person("ivan")["id"]
    assert asked(webex) == [*READS, CODE] * 2


@pytest.mark.parametrize("shown", [False, True])
def test_the_result_is_censored_unless_the_task_says_otherwise_and_documented(
    options: dict[str, t.Any], shown: bool
) -> None:
    result = act({**options, "show_code": shown})
    assert result.pop("_ansible_no_log", False) is not shown
    assert set(result) == {*yaml.safe_load(documentation.RETURN), "changed"}


def test_the_options_are_those_that_are_documented() -> None:
    documented = documentation_of(documentation.DOCUMENTATION)["options"]
    assert documented.keys() == SPEC.keys()
    for name in ("email", "person_id", "model", "show_code"):
        for key in ("type", "required", "default"):
            assert documented[name].get(key) == SPEC[name].get(key)


def test_check_mode_reads_only_and_has_the_same_keys(options: dict[str, t.Any], webex: Simulator) -> None:
    foreseen = act(options, check_mode=True)
    assert asked(webex) == READS
    assert (foreseen["changed"], foreseen["code"], foreseen["expires_at"]) == (True, None, None)
    assert foreseen.keys() == act(options).keys()


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_person_with_a_standard_license_is_refused_with_the_reason(
    options: dict[str, t.Any], webex: Simulator, check_mode: bool
) -> None:
    webex.add_person("nora@example.com", licenses=["Webex Calling - Standard"])
    result = act({**options, "email": "nora@example.com"}, check_mode)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "would switch Webex Calling off in their mobile, tablet, desktop and browser apps" in result["msg"]
    assert webex.writes() == []


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"email": None}, "email"),
        ({"person_id": "x"}, "email"),
        ({"model": ""}, "model"),
        ({"access_token": None}, "access_token"),
        ({"name": "x"}, "options"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    options: dict[str, t.Any], webex: Simulator, changes: dict[str, t.Any], option: str, check_mode: bool
) -> None:
    result = act({**options, **changes}, check_mode)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["option"] == option
    assert asked(webex) == []


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "apply_then_fail"}])
def test_a_failure_can_be_read_and_holds_no_secret(
    options: dict[str, t.Any], webex: Simulator, fault: dict[str, t.Any]
) -> None:
    webex.fault(method="POST", **fault)
    result = act(options)
    assert result["failed"]
    assert "_ansible_no_log" not in result
    assert not any(secret in json.dumps(result) for secret in webex.secrets())
