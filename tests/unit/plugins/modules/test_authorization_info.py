# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.modules import authorization_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked


@pytest.fixture
def grants(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with the integration's token."""
    token = webex.credentials["integration"]["access_token"]
    connection = {"base_url": webex.base_url, "access_token": token}
    return lambda **arguments: run(authorization_info.main, **{**connection, **arguments})


def test_the_grants_of_a_person_are_what_is_documented(grants: t.Any, webex: Simulator) -> None:
    result = grants(email="admin@example.com")
    assert not result["changed"]
    assert {one["type"] for one in result["authorizations"]} == {"access", "refresh"}
    assert {one["application_name"] for one in result["authorizations"]} == {"Token keeper"}
    (sample,) = yaml.safe_load(authorization_info.RETURN)["authorizations"]["sample"]
    assert sample.keys() <= result["authorizations"][0].keys()
    assert asked(webex) == ["GET /authorizations"]


def test_a_machine_account_is_found_by_its_id(grants: t.Any, webex: Simulator) -> None:
    (app,) = webex.state()["service_apps"]
    result = grants(person_id=app["grants"][0]["person_id"])
    assert {one["client_id"] for one in result["authorizations"]} == {app["client_id"]}


def test_a_client_can_be_chosen(grants: t.Any, webex: Simulator) -> None:
    integration = webex.credentials["integration"]["client_id"]
    everything = grants(email="admin@example.com")["authorizations"]
    assert grants(email="admin@example.com", client_id=integration)["authorizations"] == everything
    assert grants(email="admin@example.com", client_id="C0")["authorizations"] == []


def test_check_mode_reads(grants: t.Any) -> None:
    everything = grants(email="admin@example.com")
    assert grants(email="admin@example.com", check_mode=True) == everything


def test_a_person_without_any_is_an_empty_list(grants: t.Any) -> None:
    assert grants(email="alice@example.com")["authorizations"] == []


def test_nobody_is_a_failure(grants: t.Any) -> None:
    assert grants(email="nobody@example.com")["error"]["status"] == 404


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "one of the following is required: email, person_id"),
        ({"client_id": "C"}, "one of the following is required"),
        ({"email": "a@example.com", "person_id": "p"}, "mutually exclusive"),
        ({"email": "a@example.com", "access_token": None}, "access_token: is missing"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    grants: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = grants(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_a_token_that_may_not_is_a_failure(grants: t.Any, webex: Simulator) -> None:
    token = webex.credentials["service_app"]["access_token"]
    assert grants(email="admin@example.com", access_token=token)["error"]["status"] == 403
