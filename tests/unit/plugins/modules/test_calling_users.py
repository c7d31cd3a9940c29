# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import calling_users
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
IVAN = {"email": "ivan@example.com", "location": "Berlin", "extension": "2001"}
NOBODY = {"email": "nobody@example.com", "location": "Berlin", "extension": "2003"}


def people(first: int, last: int) -> list[dict[str, str]]:
    """The generated people of the simulator, as they are if they were enabled from the start."""
    return [
        {"email": f"user{n:05}@example.com", "location": "Berlin", "extension": str(10_000 + n)}
        for n in range(first, last + 1)
    ]


@pytest.fixture
def apply(run: t.Any, settings: Settings) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token."""
    connection = {"access_token": settings.access_token, "base_url": settings.base_url}
    return lambda users, **arguments: run(calling_users.main, users=users, **connection, **arguments)


def test_users_are_enabled_and_each_is_told(apply: t.Any, webex: Simulator) -> None:
    result = apply([ALICE, IVAN])
    assert result["changed"]
    assert result["counts"] == {"ok": 1, "enabled": 1, "changed": 0, "skipped": 0, "failed": 0}
    alice = next(one for one in result["users"] if one["user"] == "alice@example.com")
    assert "emergency_callback" in alice.pop("notes")[0]
    assert alice == {
        "user": "alice@example.com",
        "person_id": next(one["id"] for one in webex.state()["people"] if one["email"] == "alice@example.com"),
        "outcome": "enabled",
        "action": "enable",
        "verified": True,
        "enabled": True,
        "license": "Webex Calling - Professional",
        "license_id": alice["license_id"],
        "location": "Berlin",
        "location_id": alice["location_id"],
        "extension": "2002",
        "phone_number": None,
        "reason": None,
        "remedy": None,
        "error_codes": [],
        "tracking_id": None,
    }


NEW = {**NOBODY, "first_name": "No", "last_name": "Body"}


def test_who_is_missing_is_created_and_check_mode_says_so(apply: t.Any, webex: Simulator) -> None:
    told = apply([NEW, ALICE], create_people=True, check_mode=True)
    assert webex.writes() == []
    done = apply([NEW, ALICE], create_people=True)
    for result in (told, done):
        assert result["changed"]
        created = {user["user"]: user.get("created", False) for user in result["users"]}
        assert created == {"nobody@example.com": True, "alice@example.com": False}
        assert result["counts"]["enabled"] == 2
        assert "nobody@example.com: no such person\n" in result["diff"]["before"]
        assert "alice@example.com: no calling\n" in result["diff"]["before"]
    assert told["diff"] == done["diff"]
    nobody = webex.person("nobody")
    assert (nobody["display_name"], nobody["extension"]) == ("No Body", "2003")
    webex.clear_journal()
    again = apply([NEW, ALICE], create_people=True)
    assert (again["changed"], again["counts"]["ok"], webex.writes()) == (False, 2, [])


def test_who_was_created_and_got_no_license_is_a_change(apply: t.Any, webex: Simulator) -> None:
    webex.fault(kind="partial")
    result = apply([NEW], create_people=True, wait_timeout=0)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "The person was created before." in result["msg"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_a_name_nobody_is_created(apply: t.Any, webex: Simulator, check_mode: bool) -> None:
    result = apply([NOBODY, ALICE], create_people=True, check_mode=check_mode)
    assert "nobody@example.com" in result["msg"]
    assert "without a name none can be created" in result["msg"]
    assert webex.writes() == []


def test_a_second_time_nothing_is_written(apply: t.Any, webex: Simulator) -> None:
    apply([ALICE, IVAN])
    webex.clear_journal()
    result = apply([ALICE, IVAN])
    assert (result["changed"], result["counts"]["ok"]) == (False, 2)
    assert result["diff"] == {"before": "", "after": ""}
    assert webex.writes() == []


def test_check_mode_plans_five_thousand_as_they_are_then_done(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=5000, enabled=4950)
    users = [*people(1, 4990), {**people(4991, 4991)[0], "phone_number": "+493055502002"}, {**IVAN, "state": "absent"}]
    users[6]["extension"] = "77"
    said = apply(users, check_mode=True)
    assert webex.writes() == []
    assert len(asked(webex)) <= 70
    assert said["counts"] == {"ok": 4949, "enabled": 41, "changed": 2, "skipped": 0, "failed": 0}
    done = apply(users)
    assert len(webex.writes()) == 43
    assert {one["user"]: one for one in said["users"]} == {one["user"]: one for one in done["users"]}
    assert (said["changed"], said["counts"]) == (done["changed"], done["counts"])


def test_the_difference_is_a_line_for_each_who_changes(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=100, enabled=99)
    users = people(1, 100)
    users[4]["extension"] = "77"
    diff = apply(users, check_mode=True)["diff"]
    berlin = "Webex Calling - Professional, Berlin"
    assert sorted(diff["before"].splitlines()) == [
        f"user00005@example.com: {berlin}, 10005, -",
        "user00100@example.com: no calling",
    ]
    assert sorted(diff["after"].splitlines()) == [
        f"user00005@example.com: {berlin}, 77, -",
        f"user00100@example.com: {berlin}, 10100, -",
    ]


def test_an_exchange_is_told_with_its_way_and_its_time(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=3, enabled=3)
    first, second, third = people(1, 3)
    users = [{**first, "extension": "10002"}, {**second, "extension": "10001"}, third]
    previewed = apply(users, check_mode=True)
    assert (previewed["exchanges"], previewed["estimate"]["requests"]) == (True, 6)
    assert previewed["traffic"]["requests"] == len(asked(webex))
    assert webex.writes() == []
    done = apply(users)
    assert done["counts"] == {"ok": 1, "enabled": 0, "changed": 2, "skipped": 0, "failed": 0}
    (swapped,) = (user for user in done["users"] if user["user"] == "user00002@example.com")
    assert swapped["notes"] == ["has the extension 10004 for a moment, since 10002 is exchanged"]
    assert not apply(users)["exchanges"]


def test_a_refused_token_is_a_failure_that_stops_the_rest(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=20)
    webex.fault(kind="status", status=401, method="PATCH", times=None)
    result = apply(people(1, 20), concurrency=1)
    assert result["counts"] == {"ok": 0, "enabled": 0, "changed": 0, "skipped": 19, "failed": 1}
    assert len(webex.writes()) == 1
    assert result["error"]["status"] == 401


def test_any_problem_stops_everything_and_all_are_told(apply: t.Any, webex: Simulator) -> None:
    wrong = {"email": "bob@example.com", "location": "Berlin", "extension": "20x"}
    result = apply([ALICE, NOBODY, wrong, {"location": "Berlin"}, {**ALICE, "email": "carol@example.com"}, IVAN])
    assert result["failed"]
    assert not result["changed"]
    assert result["counts"] == {"ok": 1, "enabled": 0, "changed": 0, "skipped": 1, "failed": 4}
    reasons = {one["user"]: one["reason"] for one in result["users"] if one.get("reason")}
    assert "There is no person" in reasons["nobody@example.com"]
    assert "'20x' is not an extension" in reasons["bob@example.com"]
    assert "one of email and person_id" in reasons["user 4"]
    assert "to have the same extension" in reasons["carol@example.com"]
    assert "Others of the list have problems" in reasons["alice@example.com"]
    assert all("enabled" not in one for one in result["users"] if one["outcome"] in ("skipped", "failed"))
    assert [one["outcome"] for one in result["users"][:4]] == ["failed"] * 4
    assert "4 of 6 users failed" in result["msg"]
    assert webex.writes() == []


def test_with_skip_the_good_ones_go_ahead(apply: t.Any, webex: Simulator) -> None:
    result = apply([NOBODY, ALICE, {"email": "bob"}], on_error="skip")
    assert result["failed"]
    assert result["changed"]
    assert result["counts"] == {"ok": 0, "enabled": 1, "changed": 0, "skipped": 0, "failed": 2}
    assert len(webex.writes()) == 1


def test_a_long_list_of_failures_is_cut_in_the_message_only(apply: t.Any) -> None:
    result = apply([{**NOBODY, "email": f"nobody{n}@example.com", "extension": str(3000 + n)} for n in range(15)])
    assert "And 5 more" in result["msg"]
    assert len(result["users"]) == 15


def test_failures_have_what_webex_said(apply: t.Any, webex: Simulator) -> None:
    body = {"message": "no", "errors": [{"description": "bad", "errorCode": 400411}], "trackingId": "SIM_1"}
    webex.fault(kind="status", status=400, method="PATCH", body=body)
    (user,) = apply([ALICE])["users"]
    assert (user["outcome"], user["error_codes"], user["tracking_id"]) == ("failed", ["400411"], "SIM_1")


def test_the_first_failure_can_be_the_last(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=50)
    webex.fault(kind="status", status=400, method="PATCH", times=None)
    result = apply(people(1, 50), max_failures=1, concurrency=1)
    assert (result["counts"]["failed"], result["counts"]["skipped"]) == (1, 49)


def test_calling_is_taken_away(apply: t.Any) -> None:
    result = apply([{"email": "ivan@example.com", "state": "absent"}])
    (ivan,) = result["users"]
    assert (ivan["outcome"], ivan["action"], ivan["enabled"]) == ("changed", "disable", False)
    assert result["diff"]["after"] == "ivan@example.com: no calling\n"


def test_a_move_is_a_problem_unless_it_is_allowed(apply: t.Any, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    needed = ["spark-admin:telephony_config_write", "identity:groups_rw"]
    scopes = [*webex.service_app(client_id)["scopes"], *needed]
    webex.service_app(client_id, scopes=scopes, regrant=True)
    move = [{**IVAN, "location": "London"}]
    assert "allow_move=true" in apply(move)["users"][0]["remedy"]
    (ivan,) = apply(move, allow_move=True)["users"]
    assert (ivan["outcome"], ivan["action"], ivan["location"]) == ("changed", "move", "London")


def test_a_change_that_does_not_show_is_a_warning(apply: t.Any, webex: Simulator) -> None:
    webex.configure(stale_seconds=3600)
    result = apply([ALICE], wait_timeout=0)
    assert (result["changed"], result["users"][0]["verified"]) == (True, False)
    assert "look again later" in str(result["warnings"])


def test_a_budget_ends_the_task(apply: t.Any, webex: Simulator) -> None:
    webex.reset(people=100)
    webex.configure(latency_ms=100)
    result = apply(people(1, 100), time_budget=1.5, concurrency=2)
    skipped = result["counts"]["skipped"]
    assert skipped > 30
    assert result["failed"]
    assert f"0 of 100 users failed, and {skipped} were skipped." in result["msg"]
    assert "The time budget was used up" in result["msg"]
    assert [one["outcome"] for one in result["users"][:skipped]] == ["skipped"] * skipped
    assert apply(people(1, 100))["counts"] == {
        "ok": 100 - skipped,
        "enabled": skipped,
        "changed": 0,
        "skipped": 0,
        "failed": 0,
    }


def test_nobody_is_nothing_to_do(apply: t.Any, webex: Simulator) -> None:
    result = apply([])
    assert (result["changed"], result["users"]) == (False, [])
    assert webex.writes() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"concurrency": 0}, "concurrency: 0 is not from 1 to 100"),
        ({"concurrency": 101}, "concurrency: 101"),
        ({"max_failures": 0}, "max_failures: 0 is not at least 1"),
        ({"on_error": "wait"}, "on_error"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    apply: t.Any, webex: Simulator, arguments: dict[str, t.Any], words: str
) -> None:
    result = apply([ALICE], **arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert asked(webex) == []


def test_a_missing_scope_is_a_failure_of_the_task(apply: t.Any, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    webex.service_app(client_id, scopes=["spark-admin:people_read"], regrant=True)
    assert apply([ALICE])["error"]["status"] == 403


def test_leavers_give_devices_back_unless_their_calling_stays(run: t.Any, webex: Simulator) -> None:
    webex.reset(people=3, enabled=3)
    users = [{"email": f"user0000{number}@example.com", "state": "absent"} for number in (1, 2, 3)]
    for user in [*users, IVAN]:
        webex.add_device(user["email"])
    token = webex.credentials["personal_access_token"]["access_token"]
    connection = {"access_token": token, "base_url": webex.base_url, "concurrency": 1, "wait_timeout": 0}

    def leave(**more: t.Any) -> dict[str, t.Any]:
        return dict(run(calling_users.main, users=[*users, IVAN], release=True, **connection, **more))

    foreseen = leave(check_mode=True)
    assert webex.writes() == []
    assert [len(answer["devices"]) for answer in foreseen["released"]] == [1, 1, 1]
    webex.fault(kind="status", status=400, method="PATCH")
    result = leave()
    assert (result["failed"], result["counts"]["changed"], len(result["released"])) == (True, 2, 2)
    (kept,) = [
        user["email"] for user in users if user["email"] not in [answer["user"] for answer in result["released"]]
    ]
    assert {device["owner"] for device in webex.state()["devices"]} == {kept, "ivan@example.com"}
    assert [answer["user"] for answer in leave()["released"]] == [kept]
    again = leave()
    assert (again["changed"], again["released"]) == (False, [])
    assert [device["owner"] for device in webex.state()["devices"]] == ["ivan@example.com"]


def test_a_token_that_may_not_read_devices_fails_before_anything_is_written(apply: t.Any, webex: Simulator) -> None:
    result = apply([{**IVAN, "state": "absent"}], release=True)
    assert "needs spark-admin:devices_read" in result["msg"]
    assert webex.writes() == []
