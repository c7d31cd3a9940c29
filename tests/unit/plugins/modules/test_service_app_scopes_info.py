# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._scopes import PROFILES, least, requirements
from ansible_collections.collabops.webex.plugins.modules import service_app_scopes_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

SEVEN = [any_of[0] for any_of in PROFILES["calling_user_enablement"]]


@pytest.fixture
def scopes(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with the service app's token."""
    token = webex.credentials["service_app"]["access_token"]
    connection = {"base_url": webex.base_url, "access_token": token}
    return lambda **arguments: run(service_app_scopes_info.main, **{**connection, **arguments})


def test_a_complete_grant_is_valid_without_a_request_or_a_token(scopes: t.Any, webex: Simulator) -> None:
    result = scopes(profile="calling_user_enablement", granted=SEVEN, access_token=None)
    assert (result["valid"], result["changed"], result["granted"]) == (True, False, SEVEN)
    assert asked(webex) == []


def test_a_missing_scope_is_a_failure_with_the_whole_verdict(scopes: t.Any) -> None:
    result = scopes(profile="calling_user_enablement", granted=SEVEN[:-1])
    assert (result["failed"], result["valid"]) == (True, False)
    assert result["missing"] == [SEVEN[-1]]
    assert f"{SEVEN[-1]} (change people and their licenses), needed by the profile" in result["msg"]
    assert "Control Hub" in result["error"]["remedy"]
    assert {one["verdict"] for one in result["scopes"]} == {"granted", "missing"}


def test_without_a_grant_requests_find_out(scopes: t.Any, webex: Simulator) -> None:
    result = scopes(profile="calling_user_enablement")
    assert result["valid"]
    assert set(result["granted"]) == {
        "spark-admin:licenses_read",
        "spark-admin:people_read",
        "spark-admin:telephony_config_read",
    }
    assert "spark-admin:people_write" in result["unverified"]
    assert webex.writes() == []


def test_without_probes_nothing_is_asked_and_no_token_needed(scopes: t.Any, webex: Simulator) -> None:
    result = scopes(profile="calling_user_enablement", probe=False, access_token=None)
    assert (result["valid"], result["unverified"]) == (True, SEVEN)
    assert asked(webex) == []


def test_what_is_unverified_is_a_failure_if_strict(scopes: t.Any) -> None:
    result = scopes(scopes=["spark-admin:people_write"], strict=True)
    assert result["failed"]
    assert "which cannot be verified" in result["msg"]


def test_the_modules_to_be_used_can_be_named(scopes: t.Any) -> None:
    result = scopes(modules=["collabops.webex.location_info"], granted=SEVEN)
    assert result["granted"] == [
        "spark-admin:locations_read or spark-admin:people_read or spark-admin:device_read",
        "spark-admin:telephony_config_read",
    ]


# From use


@pytest.fixture
def playbook(tmp_path: pathlib.Path) -> str:
    """A playbook that uses two modules, and something that cannot be followed."""
    path = tmp_path / "site.yml"
    tasks = [
        {"collabops.webex.license_info": {}},
        {"collabops.webex.person_info": {"email": "x"}},
        {"ansible.builtin.include_tasks": "{{ country }}.yml"},
    ]
    path.write_text(json.dumps([{"hosts": "all", "tasks": tasks}]), encoding="utf-8")
    return str(path)


def test_what_a_playbook_needs_is_required(scopes: t.Any, playbook: str, webex: Simulator) -> None:
    result = scopes(playbook=playbook, granted=SEVEN)
    assert (result["valid"], result["modules"]) == (True, ["license_info", "person_info"])
    assert result["least"] == ["spark-admin:licenses_read", "spark-admin:people_read"]
    assert result["excess"] == sorted(set(SEVEN) - set(result["least"]))
    assert result["unresolved"] == ["site.yml: include of {{ country }}.yml"]
    assert "cannot be followed" in str(result["warnings"])
    assert asked(webex) == []


def test_what_a_playbook_needs_and_is_not_there_is_named_with_its_place(scopes: t.Any, playbook: str) -> None:
    result = scopes(playbook=playbook, granted=["spark-admin:people_read"])
    assert result["missing"] == ["spark-admin:licenses_read"]
    assert "needed by the module license_info (site.yml)" in result["msg"]


def test_what_cannot_be_followed_is_a_failure_if_strict(scopes: t.Any, playbook: str) -> None:
    result = scopes(playbook=playbook, granted=SEVEN, strict=True)
    assert (result["failed"], result["valid"]) == (True, False)
    assert "include of {{ country }}.yml" in result["msg"]
    assert result["error"]["remedy"]


def test_a_playbook_that_needs_nothing_is_valid(scopes: t.Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "site.yml").write_text("- hosts: all\n", encoding="utf-8")
    result = scopes(playbook=str(tmp_path / "site.yml"), granted=["spark:kms"])
    assert (result["valid"], result["least"], result["excess"]) == (True, [], ["spark:kms"])


def test_what_a_role_needs_is_required(scopes: t.Any) -> None:
    role = pathlib.Path(__file__).resolve().parents[4] / "roles" / "calling_users"
    result = scopes(role=str(role), granted=SEVEN)
    assert (result["valid"], result["modules"], result["unresolved"]) == (True, ["calling_users"], [])
    assert "warnings" not in result


def test_what_is_granted_beyond_need_is_not_known_without_the_grant(scopes: t.Any) -> None:
    assert "excess" not in scopes(scopes=["spark-admin:licenses_read"])


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_can_be_checked(scopes: t.Any, profile: str) -> None:
    granted = least(requirements([], profile))
    assert scopes(profile=profile, granted=granted)["excess"] == []


def test_a_profile_may_be_the_user_s_own(scopes: t.Any) -> None:
    own = {"helpdesk": ["spark-admin:people_read", ["spark-admin:locations_read", "spark-admin:device_read"]]}
    result = scopes(profile="helpdesk", profiles=own, granted=["spark-admin:people_read"])
    assert result["missing"] == ["spark-admin:locations_read or spark-admin:device_read"]


def test_too_many_scopes_for_one_app_are_a_warning(scopes: t.Any) -> None:
    names = [f"spark-admin:scope_number_{number:03}" for number in range(32)]
    result = scopes(scopes=names, granted=names)
    assert "880 characters" in str(result["warnings"])


def test_every_return_value_is_documented(scopes: t.Any, playbook: str) -> None:
    result = scopes(playbook=playbook, granted=SEVEN)
    documented = yaml.safe_load(service_app_scopes_info.RETURN)
    assert set(result) - {"changed", "invocation", "warnings"} == set(documented)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "scopes: nothing is required"),
        ({"profile": "none"}, "profile"),
        ({"profile": "mine", "profiles": {"mine": "x"}}, "profiles: mine is not a list"),
        ({"modules": ["calling_usr"]}, "modules: 'calling_usr' is unknown. What to do: choose from"),
        ({"playbook": "/nowhere.yml"}, "playbook: /nowhere.yml cannot be read"),
        ({"role": "/nowhere"}, "role: /nowhere is not a folder"),
        ({"playbook": "x", "role": "y"}, "mutually exclusive"),
        ({"scopes": ["spark:people_read"], "access_token": None}, "access_token: is missing"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    scopes: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = scopes(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_a_dead_token_is_a_failure(scopes: t.Any) -> None:
    assert scopes(scopes=["spark:people_read"], access_token="dead")["error"]["status"] == 401
