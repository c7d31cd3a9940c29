# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.modules import location
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

HAMBURG: dict[str, t.Any] = {
    "name": "Hamburg",
    "time_zone": "Europe/Berlin",
    "preferred_language": "de_de",
    "announcement_language": "de_de",
    "address": {"address1": "Kai 1", "city": "Hamburg", "state": "HH", "postal_code": "20457", "country": "DE"},
}
SCOPES = (
    "spark-admin:locations_read",
    "spark-admin:locations_write",
    "spark-admin:telephony_config_read",
    "spark-admin:telephony_config_write",
)


@pytest.fixture
def apply(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token that may change locations."""
    token = webex.token(kind="service_app", scopes=list(SCOPES))["access_token"]
    return lambda **arguments: run(location.main, access_token=token, base_url=webex.base_url, **arguments)


@pytest.mark.parametrize(
    ("arguments", "actions"),
    [
        (HAMBURG, ["create", "enable"]),
        ({**HAMBURG, "calling": False}, ["create"]),
        ({**HAMBURG, "name": "Warehouse"}, ["update", "enable"]),
        ({"name": "London", "time_zone": "Europe/Dublin"}, ["update"]),
        ({"name": "London"}, []),
    ],
)
def test_check_mode_tells_the_same_as_the_run_and_a_second_run_changes_nothing(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], actions: list[str]
) -> None:
    foreseen = apply(check_mode=True, **arguments)
    assert webex.writes() == []
    result = apply(**arguments)
    assert (result["changed"], result["actions"], result["verified"]) == (bool(actions), actions, True)
    assert all(foreseen[key] == result[key] for key in ("changed", "actions", "verified", "diff"))
    keys = ("name", "time_zone", "address", "calling_enabled")
    assert [foreseen["location"][key] for key in keys] == [result["location"][key] for key in keys]
    webex.clear_journal()
    again = apply(**arguments)
    assert (again["changed"], again["diff"], webex.writes()) == (False, {"before": {}, "after": {}}, [])


def test_the_difference_shows_what_changes(apply: t.Any) -> None:
    assert apply(**HAMBURG)["diff"] == {"before": {}, "after": {**HAMBURG, "calling_enabled": True}}
    changed = apply(name="Hamburg", preferred_language="en_gb")["diff"]
    assert changed == {"before": {"preferred_language": "de_de"}, "after": {"preferred_language": "en_gb"}}


def test_a_change_that_does_not_show_is_a_warning(apply: t.Any, webex: Simulator) -> None:
    webex.stale(3600, "locations")
    result = apply(wait_timeout=0, **HAMBURG)
    assert (result["changed"], result["verified"]) == (True, False)
    assert "look again later" in str(result["warnings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "name"),
        ({"name": " "}, "is empty"),
        ({**HAMBURG, "name": "H" * 81}, "81 characters"),
        ({"name": "Hamburg", "address": {"city": "Hamburg"}}, "address1"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = apply(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_missing_is_a_failure_that_names_it(apply: t.Any, webex: Simulator, check_mode: bool) -> None:
    result = apply(check_mode=check_mode, name="Hamburg", time_zone="Europe/Berlin")
    assert "wants: preferred_language, announcement_language, address" in result["msg"]
    assert webex.writes() == []
