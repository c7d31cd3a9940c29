# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import person
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

NORA: dict[str, t.Any] = {
    "email": "nora@example.com",
    "first_name": "Nora",
    "last_name": "Example",
    "department": "Sales",
    "addresses": [{"locality": "Berlin", "street_address": "Allee 1"}],
    "licenses": ["Messaging - Advanced"],
}


@pytest.fixture
def apply(run: t.Any, settings: Settings) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token."""
    connection = {"access_token": settings.access_token, "base_url": settings.base_url}
    return lambda **arguments: run(person.main, **connection, **arguments)


def test_a_person_is_created(apply: t.Any) -> None:
    result = apply(**NORA)
    assert (result["changed"], result["action"], result["verified"]) == (True, "create", True)
    created = result["person"]
    assert (created["emails"], created["display_name"], created["department"]) == (
        ["nora@example.com"],
        "Nora Example",
        "Sales",
    )
    assert created["addresses"] == [{"type": "work", "locality": "Berlin", "street_address": "Allee 1"}]
    assert len(created["licenses"]) == 1


def test_a_second_time_nothing_is_written(apply: t.Any, webex: Simulator) -> None:
    apply(**NORA)
    webex.clear_journal()
    result = apply(**NORA)
    assert (result["changed"], result["action"]) == (False, "none")
    assert result["diff"]["before"] == result["diff"]["after"]
    assert webex.writes() == []


@pytest.mark.parametrize(
    "arguments",
    [NORA, {"email": "alice@example.com", "title": "GM"}, {"email": "alice@example.com", "state": "absent"}],
)
def test_check_mode_tells_the_same_and_writes_nothing(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any]
) -> None:
    preview = apply(check_mode=True, **arguments)
    assert webex.writes() == []
    result = apply(**arguments)
    assert all(preview[key] == result[key] for key in ("changed", "action", "verified", "implicit_licenses", "diff"))
    assert (preview["person"] is None) == (result["person"] is None)


def test_the_difference_shows_what_changes(apply: t.Any) -> None:
    diff = apply(email="alice@example.com", title="GM", display_name="Alice Example")["diff"]
    assert diff == {"before": {"title": None}, "after": {"title": "GM"}}


def test_a_person_is_deleted(apply: t.Any) -> None:
    result = apply(email="alice@example.com", state="absent")
    assert (result["changed"], result["action"], result["person"]) == (True, "delete", None)
    assert not apply(email="alice@example.com", state="absent")["changed"]


def test_a_change_that_does_not_show_is_a_warning(apply: t.Any, webex: Simulator) -> None:
    webex.configure(stale_seconds=3600)
    result = apply(wait_timeout=0, **NORA)
    assert (result["changed"], result["verified"], result["person"]) == (True, False, None)
    assert "look again later" in str(result["warnings"])


def test_an_implicit_license_is_reported_once_and_then_ignored(apply: t.Any, webex: Simulator) -> None:
    alice = next(person for person in webex.state()["people"] if person["email"] == "alice@example.com")
    body = {"personId": alice["id"], "licenses": alice["license_ids"]}
    webex.fault(kind="status", method="PATCH", status=200, body=body)
    wanted = {"email": "alice@example.com", "licenses": ["Messaging - Advanced"]}
    result = apply(**wanted)
    assert (result["changed"], result["verified"]) == (True, True)
    assert result["implicit_licenses"] == ["Meeting - Webex Meeting Center"]
    assert "Name them in `ignore_licenses`" in str(result["warnings"])
    webex.clear_journal()
    again = apply(ignore_licenses=result["implicit_licenses"], **wanted)
    assert (again["changed"], again["implicit_licenses"], webex.writes()) == (False, [], [])


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_license_that_seems_used_up_is_a_warning_or_a_failure(
    apply: t.Any, webex: Simulator, check_mode: bool
) -> None:
    name = "Messaging - Advanced"
    used = next(item["consumed_units"] for item in webex.state()["licenses"] if item["name"] == name)
    webex.control("PATCH", f"/licenses/{name}", {"total_units": used})
    refused = apply(check_mode=check_mode, license_overage="refuse", **NORA)
    assert refused["failed"]
    assert "No free license" in refused["msg"]
    assert webex.writes() == []
    preview = apply(check_mode=True, **NORA)
    assert "so Webex decides" in str(preview["warnings"])


def test_an_error_that_created_the_person_all_the_same_is_a_success(apply: t.Any, webex: Simulator) -> None:
    webex.fault(kind="apply_then_fail", method="POST", status=400)
    assert apply(**NORA)["action"] == "create"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"display_name": "Nora"}, "email"),
        ({"email": "nora"}, "is not an e-mail address"),
        ({**NORA, "state": "here"}, "state"),
        ({**NORA, "addresses": [{"city": "Berlin"}]}, "city"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = apply(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_a_missing_scope_is_a_failure_that_says_how_to_add_it(apply: t.Any, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    webex.service_app(client_id, scopes=["spark-admin:people_read", "spark-admin:licenses_read"], regrant=True)
    result = apply(**NORA)
    assert result["error"]["status"] == 403
    assert "service_app_scopes_info" in result["msg"]
