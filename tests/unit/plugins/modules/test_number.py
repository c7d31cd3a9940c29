# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.modules import number
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

IVANS, FREE, NEW = "+493055502001", "+493055502002", "+493055503001"
SCOPES = ("spark-admin:telephony_config_read", "spark-admin:telephony_config_write", "spark-admin:telephony_pstn_read")
LISTS = ("added", "activated", "deactivated", "removed")


@pytest.fixture
def apply(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module for Berlin, with a token that may change numbers."""
    token = webex.token(kind="service_app", scopes=list(SCOPES))["access_token"]
    connection = {"access_token": token, "base_url": webex.base_url}
    return lambda **arguments: run(number.main, **{**connection, "location": "Berlin", **arguments})


@pytest.mark.parametrize(
    ("arguments", "lists"),
    [
        ({"phone_numbers": [NEW, FREE], "state": "active"}, {"added": [NEW]}),
        ({"phone_numbers": [NEW, FREE], "state": "inactive"}, {"added": [NEW], "deactivated": [FREE]}),
        ({"phone_numbers": [NEW, FREE], "state": "absent"}, {"removed": [FREE]}),
        ({"phone_numbers": [FREE]}, {}),
    ],
)
def test_check_mode_tells_the_same_as_the_run_and_a_second_run_changes_nothing(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], lists: dict[str, list[str]]
) -> None:
    foreseen = apply(check_mode=True, **arguments)
    assert webex.writes() == []
    result = apply(**arguments)
    assert {name: result[name] for name in LISTS if result[name]} == lists
    assert (result["changed"], result["verified"]) == (bool(lists), True)
    assert all(foreseen[key] == result[key] for key in (*LISTS, "changed", "verified", "diff"))
    shown = [[(item["phone_number"], item.get("state")) for item in answer["numbers"]] for answer in (foreseen, result)]
    assert shown[0] == shown[1]
    webex.clear_journal()
    again = apply(**arguments)
    assert (again["changed"], again["diff"]["before"], webex.writes()) == (False, {}, [])


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"phone_numbers": [IVANS, FREE], "state": "absent"}, "it belongs to Ivan Example"),
        ({"phone_numbers": ["+442071838001"]}, "not of this location"),
        ({"phone_numbers": [NEW], "location": "Warehouse"}, "does not exist, or is not enabled for Webex Calling"),
        ({"phone_numbers": [NEW], "location": "Atlantis"}, "does not exist"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str, check_mode: bool
) -> None:
    result = apply(check_mode=check_mode, **arguments)
    assert words in result["msg"]
    assert webex.writes() == []


def test_an_integrated_connection_is_a_failure_that_says_why(apply: t.Any, webex: Simulator) -> None:
    webex.change_location("Berlin", pstn="CISCO_PSTN")
    assert "warns of damaged data" in apply(phone_numbers=[NEW])["msg"]
    assert not apply(phone_numbers=[FREE])["changed"]


def test_a_change_that_does_not_show_is_a_warning(apply: t.Any, webex: Simulator) -> None:
    webex.stale(3600, "numbers")
    result = apply(phone_numbers=[NEW], wait_timeout=0)
    assert (result["changed"], result["verified"]) == (True, False)
    assert "look again later" in str(result["warnings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "phone_numbers"),
        ({"phone_numbers": []}, "is empty"),
        ({"phone_numbers": ["2001"]}, "no country code"),
        ({"phone_numbers": [NEW], "state": "here"}, "state"),
        ({"phone_numbers": [NEW], "number_type": "mobile"}, "number_type"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = apply(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []
