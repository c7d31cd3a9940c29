# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import calling_user
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
WRITE = "PATCH /licenses/users"


@pytest.fixture
def user(run: t.Any, settings: Settings) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token."""
    connection = {"access_token": settings.access_token, "base_url": settings.base_url}
    return lambda **arguments: run(calling_user.main, **connection, **arguments)


def test_a_user_is_enabled(user: t.Any, webex: Simulator) -> None:
    result = user(**ALICE)
    assert (result["changed"], result["action"], result["verified"]) == (True, "enable", True)
    assert result["user"] == {
        "person_id": next(one["id"] for one in webex.state()["people"] if one["email"] == "alice@example.com"),
        "email": "alice@example.com",
        "display_name": "Alice Example",
        "enabled": True,
        "license": "Webex Calling - Professional",
        "license_id": result["user"]["license_id"],
        "location": "Berlin",
        "location_id": result["user"]["location_id"],
        "extension": "2002",
        "phone_number": None,
    }


def test_a_second_time_nothing_is_written(user: t.Any, webex: Simulator) -> None:
    user(**ALICE)
    webex.clear_journal()
    result = user(**ALICE)
    assert (result["changed"], result["action"]) == (False, "none")
    assert result["diff"]["before"] == result["diff"]["after"]
    assert webex.writes() == []


def test_check_mode_tells_the_same_and_writes_nothing(user: t.Any, webex: Simulator) -> None:
    said = user(check_mode=True, **ALICE)
    assert webex.writes() == []
    done = user(**ALICE)
    assert said == done


def test_who_is_missing_is_created(user: t.Any, webex: Simulator) -> None:
    judy = {"email": "judy@example.com", "location": "Berlin", "extension": "2010", "display_name": "Judy"}
    assert "create_people=true" in user(**judy)["msg"]
    told = user(check_mode=True, create_people=True, **judy)
    assert webex.writes() == []
    done = user(create_people=True, **judy)
    assert [(result["changed"], result["action"], result["created"]) for result in (told, done)] == [
        (True, "enable", True)
    ] * 2
    assert [result["user"]["person_id"] for result in (told, done)] == [None, webex.person("judy")["id"]]
    assert [entry["path"] for entry in webex.writes()] == ["/v1/people", "/v1/licenses/users"]
    again = user(create_people=True, **judy)
    assert (again["changed"], again["created"]) == (False, False)


def test_the_difference_is_shown(user: t.Any) -> None:
    diff = user(email="ivan@example.com", location="Berlin", extension="2050")["diff"]
    assert {key for key in diff["before"] if diff["before"][key] != diff["after"][key]} == {"extension"}


def test_calling_is_taken_away(user: t.Any) -> None:
    result = user(email="ivan@example.com", state="absent")
    assert (result["action"], result["user"]["enabled"], result["user"]["extension"]) == ("disable", False, None)


def test_a_number_is_taken_away_and_the_extension_stays(user: t.Any, webex: Simulator) -> None:
    result = user(email="ivan@example.com", location="Berlin", extension="2001", remove_phone_number=True)
    assert (result["action"], result["user"]["extension"], result["user"]["phone_number"]) == ("update", "2001", None)
    assert webex.person("ivan")["phone_number"] is None


def test_without_a_license_who_holds_one_keeps_it(user: t.Any, webex: Simulator) -> None:
    nora = {"email": "nora@example.com", "location": "Berlin", "extension": "3001"}
    webex.add_person(licenses=["Webex Calling - Standard"], **nora)
    result = user(**{**nora, "extension": "3002"})
    assert (result["action"], result["user"]["license"]) == ("update", "Webex Calling - Standard")
    assert (
        user(**{**nora, "extension": "3002"}, license="professional")["user"]["license_id"]
        != result["user"]["license_id"]
    )


def test_a_move_needs_to_be_allowed(user: t.Any, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    needed = ["spark-admin:telephony_config_write", "identity:groups_rw"]
    webex.service_app(client_id, scopes=[*webex.service_app(client_id)["scopes"], *needed], regrant=True)
    move = {"email": "ivan@example.com", "location": "London", "extension": "2001"}
    assert "allow_move=true" in user(**move)["msg"]
    result = user(**move, allow_move=True)
    assert (result["changed"], result["action"], result["user"]["location"]) == (True, "move", "London")


def test_a_person_who_does_not_exist_is_absent(user: t.Any) -> None:
    result = user(email="nobody@example.com", state="absent")
    assert (result["changed"], result["user"]["email"]) == (False, "nobody@example.com")


def test_a_change_that_does_not_show_is_a_warning(user: t.Any, webex: Simulator) -> None:
    webex.configure(stale_seconds=3600)
    result = user(wait_timeout=0, **ALICE)
    assert (result["changed"], result["verified"]) == (True, False)
    # ALICE has no phone number, and nothing is said of whom emergency services call back.
    assert len(result["warnings"]) == 2
    assert "did not show it yet" in str(result["warnings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"location": "Berlin", "extension": "2002"}, "email, person_id"),
        ({**ALICE, "person_id": "x"}, "mutually exclusive"),
        ({"email": "alice@example.com"}, "extension, phone_number"),
        ({**ALICE, "extension": "20x"}, "extension: '20x' is not an extension"),
        ({"email": "alice@example.com", "extension": "2002"}, "location: alice@example.com has no location"),
        ({**ALICE, "state": "enabled"}, "state"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    user: t.Any, webex: Simulator, arguments: dict[str, str], words: str
) -> None:
    result = user(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_what_cannot_be_done_is_a_failure_before_any_write(user: t.Any, webex: Simulator) -> None:
    result = user(**{**ALICE, "extension": "2001"})
    assert "in use by Ivan Example" in result["msg"]
    assert result["error"]["remedy"]
    assert webex.writes() == []


def test_a_missing_scope_is_a_failure_that_says_how_to_add_it(user: t.Any, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    webex.service_app(client_id, scopes=["spark-admin:people_read"], regrant=True)
    result = user(**ALICE)
    assert result["error"]["status"] == 403
    assert "service_app_scopes_info" in result["msg"]
    assert webex.writes() == []


def test_a_failure_that_did_its_work_is_a_success(user: t.Any, webex: Simulator) -> None:
    webex.fault(kind="apply_then_fail", method="PATCH")
    result = user(**ALICE)
    assert (result["changed"], result["verified"]) == (True, True)
    assert asked(webex).count(WRITE) == 1


@pytest.fixture
def leave(run: t.Any, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Takes calling away from somebody with two telephones, with a token that may do everything."""
    for _number in range(2):
        webex.add_device("ivan@example.com")
    token = webex.credentials["personal_access_token"]["access_token"]
    wanted = {"email": "ivan@example.com", "state": "absent", "release": True}
    return lambda **more: run(calling_user.main, access_token=token, base_url=webex.base_url, **{**wanted, **more})


def test_a_leaver_gives_devices_back_after_calling(leave: t.Any, webex: Simulator) -> None:
    foreseen = leave(check_mode=True)
    assert webex.writes() == []
    result = leave()
    assert foreseen == result
    assert (result["action"], [len(answer["devices"]) for answer in result["released"]]) == ("disable", [2])
    writes = [request.partition(" /devices/")[0] for request in asked(webex) if not request.startswith("GET ")]
    assert writes == [WRITE, "DELETE", "DELETE"]
    again = leave()
    assert (again["changed"], again["released"]) == (False, [])


@pytest.mark.parametrize(
    "options", [{"release": False}, {"state": "present", "location": "Berlin", "extension": "2001"}]
)
def test_nobody_else_gives_devices_back(leave: t.Any, webex: Simulator, options: dict[str, t.Any]) -> None:
    assert leave(**options)["released"] == []
    assert len(webex.state()["devices"]) == 2


@pytest.fixture
def forwarded(webex: Simulator, settings: Settings) -> None:
    """Lets all calls of the leaver go elsewhere."""
    with WebexClient(settings) as client:
        path = f"/people/{webex.person('ivan')['id']}/features/callForwarding"
        client.put(path, {"callForwarding": {"always": {"enabled": True, "destination": "+4930123456"}}})
    webex.clear_journal()


@pytest.mark.usefixtures("forwarded")
def test_call_forwarding_of_a_leaver_is_switched_off_before_calling_goes(leave: t.Any, webex: Simulator) -> None:
    assert [answer["left"] for answer in leave()["released"]] == [[]]
    switched_off, taken, *_devices = webex.writes()
    assert switched_off["path"].endswith("/features/callForwarding")
    assert switched_off["body"] == {"callForwarding": {"always": {"enabled": False}}}
    assert taken["path"] == "/v1/licenses/users"


@pytest.mark.usefixtures("forwarded")
def test_call_forwarding_that_stays_is_told_and_calling_goes_all_the_same(leave: t.Any, webex: Simulator) -> None:
    webex.configure(locked_features=["callForwarding"])
    result = leave()
    ((told,),) = (answer["left"] for answer in result["released"])
    assert told.startswith("call forwarding: ")
    assert "locked" in told
    assert result["action"] == "disable"


def test_a_leaver_whose_calling_stays_keeps_the_devices(leave: t.Any, webex: Simulator) -> None:
    webex.fault(kind="status", status=400, method="PATCH")
    assert leave(wait_timeout=0)["failed"]
    assert len(webex.state()["devices"]) == 2


def test_what_is_left_is_a_warning_and_the_next_run_finishes_it(leave: t.Any, webex: Simulator) -> None:
    webex.fault(kind="status", status=409, method="DELETE")
    first = leave(wait_timeout=0)
    assert (first["changed"], len(first["released"][0]["left"])) == (True, 1)
    assert "could not give everything back. the device Cisco 8865" in str(first["warnings"])
    second = leave()
    assert (second["changed"], second["action"], len(second["released"][0]["devices"])) == (True, "none", 1)
    assert webex.state()["devices"] == []
