# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._scopes import PROFILES
from ansible_collections.collabops.webex.plugins.modules import service_app_scopes
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

SEVEN = [any_of[0] for any_of in PROFILES["calling_user_enablement"]]


@pytest.fixture
def scopes(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with the service app's token."""
    token = webex.credentials["service_app"]["access_token"]
    connection = {"base_url": webex.base_url, "access_token": token}
    return lambda **arguments: run(service_app_scopes.main, **{**connection, **arguments})


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "scopes: nothing is required"),
        ({"profile": "none"}, "profile"),
        ({"modules": ["none"]}, "modules: 'none' is not known"),
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
