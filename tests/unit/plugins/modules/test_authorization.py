# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.modules import authorization
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

EVERYTHING = "DELETE /authorizations"


@pytest.fixture
def away(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with the integration's token."""
    token = webex.credentials["integration"]["access_token"]
    connection = {"base_url": webex.base_url, "access_token": token}
    return lambda **arguments: run(authorization.main, **{**connection, **arguments})


@pytest.fixture
def app(webex: Simulator) -> dict[str, str]:
    """The service app, and the account that it acts as."""
    (described,) = webex.state()["service_apps"]
    return {"client_id": described["client_id"], "person_id": described["grants"][0]["person_id"]}


def alive(webex: Simulator) -> dict[str, set[bool]]:
    """Whether the refresh tokens of each client are alive."""
    state = webex.state()
    clients = [*state["service_apps"], *state["integrations"]]
    return {one["kind"]: {grant["refresh_token_alive"] for grant in one["grants"]} for one in clients}


def test_what_a_client_has_of_a_person_is_revoked(away: t.Any, app: dict[str, str], webex: Simulator) -> None:
    result = away(**app)
    assert (result["changed"], len(result["revoked"])) == (True, 2)
    assert yaml.safe_load(authorization.RETURN).keys() <= result.keys()
    assert alive(webex) == {"service_app": {False}, "integration": {True}}


def test_a_second_run_changes_nothing_and_only_reads(away: t.Any, app: dict[str, str], webex: Simulator) -> None:
    away(**app)
    webex.clear_journal()
    again = away(**app)
    assert (again["changed"], again["revoked"], webex.writes()) == (False, [], [])


def test_check_mode_only_reads_and_tells_what_the_run_then_does(
    away: t.Any, app: dict[str, str], webex: Simulator
) -> None:
    # A second grant: two refresh tokens, two access tokens.
    webex.token(kind="service_app")
    for _time in range(2):
        foreseen = away(check_mode=True, **app)
        assert webex.writes() == []
        done = away(**app)
        assert (foreseen["changed"], foreseen["revoked"]) == (done["changed"], done["revoked"])
        webex.clear_journal()
    assert alive(webex)["service_app"] == {False}


def test_other_clients_of_that_person_keep_theirs(away: t.Any, webex: Simulator) -> None:
    result = away(client_id="C0", email="admin@example.com")
    assert (result["changed"], webex.writes()) == (False, [])


def test_a_person_may_be_named_by_address(away: t.Any, webex: Simulator) -> None:
    integration = webex.credentials["integration"]["client_id"]
    token = webex.credentials["personal_access_token"]["access_token"]
    result = away(access_token=token, client_id=integration, email="admin@example.com")
    assert (result["changed"], "warnings" in result) == (True, False)
    assert alive(webex) == {"service_app": {True}, "integration": {False}}


@pytest.mark.parametrize("person", [{}, {"email": "admin@example.com"}])
def test_the_token_that_is_used_may_be_among_what_is_revoked(
    away: t.Any, webex: Simulator, person: dict[str, str]
) -> None:
    own = {"client_id": webex.credentials["integration"]["client_id"], **person}
    foreseen, result = away(check_mode=True, **own), away(**own)
    assert (result["changed"], result["revoked"]) == (True, foreseen["revoked"])
    assert "The access token used is among what was revoked" in str(result["warnings"])
    assert "warnings" not in foreseen
    assert alive(webex) == {"service_app": {True}, "integration": {False}}
    again = away(**own)
    assert (again["failed"], again["error"]["status"]) == (True, 401)


def test_the_token_that_is_used_may_be_the_one_that_is_revoked(away: t.Any, webex: Simulator) -> None:
    integration = webex.credentials["integration"]["client_id"]
    refresh, access = away(check_mode=True, client_id=integration, email="admin@example.com")["revoked"]
    result = away(authorization_id=access)
    assert (result["changed"], result["revoked"]) == (True, [access])
    assert "The access token used is among what was revoked" in str(result["warnings"])
    assert alive(webex)["integration"] == {True}


def test_that_webex_does_not_answer_afterwards_is_no_failure(
    away: t.Any, app: dict[str, str], webex: Simulator
) -> None:
    webex.fault(kind="status", status=400, path="tokenExpiry")
    result = away(**app)
    assert (result["changed"], "warnings" in result) == (True, False)


def test_what_is_left_when_the_token_that_is_used_falls_too_early_is_said(away: t.Any, webex: Simulator) -> None:
    integration = webex.credentials["integration"]["client_id"]
    own = {"client_id": integration, "email": "admin@example.com"}
    webex.token(kind="integration")
    first, second, *access = away(check_mode=True, **own)["revoked"]
    result = away(**own)
    assert result["error"]["status"] == 401
    left = ", ".join([second, *access])
    assert f"Revoked so far: {first}. The access token used went with that, so these are left: {left}." in result["msg"]
    assert "another client" in result["error"]["remedy"]


def test_one_authorization_is_revoked_once(away: t.Any, app: dict[str, str]) -> None:
    one = away(check_mode=True, **app)["revoked"][0]
    first, second = (away(authorization_id=one) for _time in range(2))
    assert (first["changed"], first["revoked"]) == (True, [one])
    assert (second["changed"], second["revoked"]) == (False, [])


@pytest.mark.usefixtures("clock")
def test_a_grant_that_is_gone_when_the_request_is_repeated_was_revoked(
    away: t.Any, app: dict[str, str], webex: Simulator
) -> None:
    grant = away(check_mode=True, **app)["revoked"][0]
    webex.fault(kind="apply_then_fail", status=502, method="DELETE")
    result = away(authorization_id=grant)
    assert [entry["status"] for entry in webex.writes()] == [502, 404]
    assert (result["changed"], result["revoked"]) == (True, [grant])


@pytest.mark.usefixtures("clock")
def test_a_grant_that_was_not_there_is_no_change_though_the_request_had_to_wait(away: t.Any, webex: Simulator) -> None:
    webex.fault(kind="status", status=429, retry_after=1, method="DELETE")
    result = away(authorization_id="nothing")
    assert [entry["status"] for entry in webex.writes()] == [429, 404]
    assert (result["changed"], result["revoked"]) == (False, [])


@pytest.mark.parametrize("check_mode", [False, True])
def test_everything_of_a_client_is_revoked(
    away: t.Any, app: dict[str, str], webex: Simulator, check_mode: bool
) -> None:
    result = away(client_id=app["client_id"], check_mode=check_mode)
    assert (result["changed"], result["revoked"]) == (True, [])
    assert asked(webex) == ([] if check_mode else [EVERYTHING, "GET /authorizations/tokenExpiry"])
    assert alive(webex) == {"service_app": {check_mode}, "integration": {True}}


@pytest.mark.parametrize("person", ["email", "person_id"])
def test_an_empty_person_does_not_mean_everybody(
    away: t.Any, app: dict[str, str], webex: Simulator, person: str
) -> None:
    assert away(client_id=app["client_id"], **{person: ""})["failed"]
    assert webex.writes() == []
    assert alive(webex) == {"service_app": {True}, "integration": {True}}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "one of the following is required: authorization_id, client_id"),
        ({"email": "a@example.com"}, "one of the following is required"),
        ({"authorization_id": "x", "client_id": "C"}, "mutually exclusive"),
        ({"authorization_id": "x", "email": "a@example.com"}, "mutually exclusive"),
        ({"authorization_id": "x", "person_id": "p"}, "mutually exclusive"),
        ({"client_id": "C", "email": "a@example.com", "person_id": "p"}, "mutually exclusive"),
        ({"client_id": "C", "state": "present"}, "value of state must be one of: absent"),
        ({"client_id": "C", "access_token": None}, "access_token: is missing"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    away: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = away(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_a_token_that_may_not_is_a_failure(away: t.Any, app: dict[str, str], webex: Simulator) -> None:
    token = webex.credentials["service_app"]["access_token"]
    for arguments in ({"client_id": app["client_id"]}, {"authorization_id": "x"}, app):
        result = away(access_token=token, **arguments)
        assert result["error"]["status"] == 403
        assert "trackingId" in result["msg"]
