# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.table import OPTIONS
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import calling_user_settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

EVERYTHING: dict[str, t.Any] = {
    "emergency_callback": "location",
    "caller_id": {"number": "location", "name": "Sales"},
    "voicemail": {"enabled": True, "email_copy": True, "email_copy_to": "ivan@example.com"},
    "voicemail_passcode": "7294817",
    "outgoing_permissions": {"block": ["international", "national"]},
    "call_forwarding": {"no_answer": "2002", "rings": 4},
    "time_zone": "Europe/London",
    "language": "Deutsch",
    "numbers": ["+493055502003"],
}
WRITES = 7


@pytest.fixture
def org(webex: Simulator) -> Simulator:
    """An organization whose location can be called back, and a token that may write settings."""
    scopes = ["spark-admin:people_read", "spark-admin:people_write"]
    scopes += ["spark-admin:telephony_config_read", "spark-admin:telephony_config_write"]
    webex.service_app(webex.credentials["service_app"]["client_id"], scopes=scopes, regrant=True)
    webex.add_numbers("Berlin", "+493055502000", main=True)
    return webex


@pytest.fixture
def apply(run: t.Any, org: Simulator, settings: Settings) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token, for ivan unless said otherwise."""
    connection = {"access_token": settings.access_token, "base_url": settings.base_url, "wait_timeout": 0.3}

    def apply_to(**arguments: t.Any) -> dict[str, t.Any]:
        who = {} if "person_id" in arguments or "email" in arguments else {"email": "ivan@example.com"}
        return dict(run(calling_user_settings.main, **connection, **who, **arguments))

    return apply_to


def warnings(result: dict[str, t.Any]) -> str:
    return json.dumps(result.get("warnings", []))


def test_everything_is_set_with_one_write_each_and_only_once(apply: t.Any, org: Simulator) -> None:
    result = apply(**EVERYTHING)
    assert result["changed"]
    assert len(org.writes()) == WRITES == len(result["changed_settings"])
    shown = result["settings"]
    assert {name: shown[name] for name in ("emergency_callback", "time_zone", "language", "numbers")} == {
        name: EVERYTHING[name] for name in ("emergency_callback", "time_zone", "language", "numbers")
    }
    assert shown["voicemail"].items() >= EVERYTHING["voicemail"].items()
    assert result["user"]["email"] == "ivan@example.com"
    org.clear_journal()
    again = apply(**EVERYTHING)
    assert (again["changed"], again["changed_settings"], org.writes()) == (False, [], [])
    assert again["settings"] == shown
    assert len(asked(org)) == 1 + WRITES


def test_check_mode_foretells_and_writes_nothing(apply: t.Any, org: Simulator) -> None:
    foretold = apply(check_mode=True, **EVERYTHING)
    assert org.writes() == []
    done = apply(**EVERYTHING)
    for part in ("changed", "changed_settings", "settings", "diff", "user"):
        assert foretold[part] == done[part]


def test_without_an_option_all_is_read(apply: t.Any, org: Simulator) -> None:
    result = apply()
    assert (result["changed"], org.writes()) == (False, [])
    hidden = {"voicemail_passcode", "voicemail_passcode_update", "remove_numbers"}
    assert set(result["settings"]) == set(OPTIONS) - hidden


def test_somebody_is_found_by_their_id(apply: t.Any, org: Simulator) -> None:
    result = apply(person_id=org.person("ivan")["id"], time_zone="Europe/London")
    assert result["changed"]


def test_one_that_fails_leaves_the_others_done_and_says_which(apply: t.Any, org: Simulator) -> None:
    org.configure(locked_features=["voicemail"])
    result = apply(**EVERYTHING)
    assert result["failed"]
    assert result["changed"]
    assert "voicemail may" not in result["msg"]
    assert result["msg"].startswith("voicemail: ")
    assert "Control Hub may have locked voicemail" in result["msg"]
    assert "not: voicemail." in result["msg"]
    assert result["error"]["tracking_id"].startswith("SIM_")
    assert len(result["changed_settings"]) == WRITES - 1
    assert org.person("ivan")["settings"]["person"]["timeZone"] == "Europe/London"


def test_an_extension_only_user_without_callback_is_a_warning_by_name(apply: t.Any, org: Simulator) -> None:
    org.add_person("nora@example.com", licenses=["Webex Calling - Standard"], location="Berlin", extension="2003")
    org.add_person("otto@example.com", licenses=["Webex Calling - Standard"], location="Berlin", extension="2004")
    # Warnings of one process add up.
    assert warnings(apply(time_zone="Europe/London")) == "[]"
    assert warnings(apply(email="nora@example.com", emergency_callback="location")) == "[]"
    assert warnings(apply(email="nora@example.com", language="Deutsch")) == "[]"
    assert "otto@example.com: emergency services have no number" in warnings(
        apply(email="otto@example.com", language="Polski")
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"emergency_callback": "nobody"}, "emergency_callback: 'nobody'.*direct_line, location"),
        ({"voicemail_passcode": "1234"}, "voicemail_passcode: does not have from 6 to 30"),
        ({"email": "ivan"}, "email: 'ivan' is not an e-mail address"),
        ({"email": "nobody@example.com"}, "no person nobody@example.com"),
        ({"email": "alice@example.com", "time_zone": "Europe/London"}, "alice@example.com has no Webex Calling"),
    ],
)
def test_what_cannot_be_says_what_would_be_right(
    apply: t.Any, org: Simulator, arguments: dict[str, t.Any], says: str
) -> None:
    result = apply(**arguments)
    assert result["failed"]
    assert re.search(says, result["msg"])
    assert result["error"]["remedy"]
    assert org.writes() == []


def test_the_passcode_is_in_no_output(apply: t.Any, org: Simulator) -> None:
    off = apply(voicemail={"enabled": False})
    on = {"voicemail": {"enabled": True}, "voicemail_passcode": "7294817"}
    results = [off, apply(check_mode=True, **on), apply(**on)]
    org.fault(method="PUT", path="passcode", kind="status", status=400, body={"message": "7294817 is weak"})
    results.append(apply(voicemail_passcode="7294817", voicemail_passcode_update="always"))
    assert results[-1]["failed"]
    assert org.person("ivan")["passcodes"] == 1
    assert "7294817" not in json.dumps(results)
