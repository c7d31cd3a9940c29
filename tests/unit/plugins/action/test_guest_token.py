# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import sys
import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.collabops.webex.plugins.action.guest_token import SPEC, ActionModule
from ansible_collections.collabops.webex.plugins.module_utils import _requirements
from ansible_collections.collabops.webex.plugins.modules import guest_token as documentation
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, documentation_of, run_action


@pytest.fixture
def options(webex: Simulator) -> dict[str, t.Any]:
    """What a task says, with a token that may make guests."""
    token = webex.token(kind="service_app", scopes=["guest-issuer:write"])["access_token"]
    return {"base_url": webex.base_url, "access_token": token, "subject": "visitor-1", "display_name": "Alex"}


def act(options: dict[str, t.Any], check_mode: bool = False) -> dict[str, t.Any]:
    return run_action("guest_token", ActionModule, options, DataLoader(), check_mode)


@pytest.fixture
def _no_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ModuleNotFoundError("No module named 'requests'", name="requests")
    monkeypatch.setattr(_requirements, "REQUESTS_IMPORT_ERROR", error)


@pytest.mark.usefixtures("_no_requests")
def test_a_missing_package_is_a_failure_that_names_ansibles_python(options: dict[str, t.Any], webex: Simulator) -> None:
    result = act(options)
    assert (result["failed"], result["changed"]) == (True, False)
    assert f"The Python package requests is missing ({sys.executable} on " in result["msg"]
    assert asked(webex) == []


def test_a_token_is_made_each_time(options: dict[str, t.Any], webex: Simulator) -> None:
    first, second = act(options), act(options)
    assert first["changed"]
    assert second["changed"]
    assert first["id"] == second["id"]
    assert first["access_token"] != second["access_token"]
    assert asked(webex) == ["POST /guests/token"] * 2


def test_the_result_is_censored_and_documented(options: dict[str, t.Any]) -> None:
    result = act(options)
    assert result["_ansible_no_log"] is True
    assert set(result) == {*yaml.safe_load(documentation.RETURN), "changed", "_ansible_no_log"}


def test_the_options_are_those_that_are_documented() -> None:
    documented = documentation_of(documentation.DOCUMENTATION)["options"]
    assert documented.keys() == SPEC.keys()
    assert SPEC["access_token"]["no_log"] is True
    for name in ("subject", "display_name"):
        assert documented[name]["required"] == SPEC[name]["required"]


def test_check_mode_sends_nothing_and_has_the_same_keys(options: dict[str, t.Any], webex: Simulator) -> None:
    foreseen = act(options, check_mode=True)
    assert asked(webex) == []
    assert (foreseen["changed"], foreseen["access_token"], foreseen["subject"]) == (True, None, "visitor-1")
    assert foreseen.keys() == act(options).keys()


def test_the_token_may_come_from_the_environment(options: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", options.pop("access_token"))
    assert act(options)["changed"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"subject": ""}, "subject"),
        ({"display_name": "  "}, "display_name"),
        ({"access_token": None}, "access_token"),
        ({"access_token": "two words"}, "access_token"),
        ({"base_url": "http://webexapis.com/v1"}, "base_url"),
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


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 500}, None])
def test_a_failure_can_be_read_and_holds_no_secret(
    options: dict[str, t.Any], webex: Simulator, fault: dict[str, t.Any] | None
) -> None:
    if fault:
        webex.fault(**fault)
    else:
        options["access_token"] = webex.token(kind="service_app", scopes=[])["access_token"]
    result = act(options)
    assert result["failed"]
    assert "_ansible_no_log" not in result
    assert options["access_token"] not in json.dumps(result)
