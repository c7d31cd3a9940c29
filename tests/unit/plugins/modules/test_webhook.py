# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
import urllib.request

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.modules import webhook
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, wait_until

Register = t.Callable[..., dict[str, t.Any]]

SECRET = "a-secret-of-the-webhook"
TARGET = "https://events.example.com/webex"


@pytest.fixture
def register(run: t.Any, webex: Simulator) -> Register:
    """Runs the module with the integration's token."""
    arguments = {
        "base_url": webex.base_url,
        "access_token": webex.credentials["integration"]["access_token"],
        "name": "New customers",
        "client_id": webex.credentials["service_app"]["client_id"],
        "target_url": TARGET,
        "secret": SECRET,
    }

    def register_with(**changes: t.Any) -> dict[str, t.Any]:
        given = {name: value for name, value in {**arguments, **changes}.items() if value is not None}
        result: dict[str, t.Any] = run(webhook.main, **given)
        return result

    return register_with


@pytest.fixture
def call(webex: Simulator) -> t.Callable[..., t.Any]:
    """Asks the simulator as the integration does."""

    def send(method: str, path: str, body: t.Any = None) -> t.Any:
        token = webex.credentials["integration"]["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{webex.base_url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    return send


def actions(result: dict[str, t.Any]) -> dict[str, str]:
    return {action["event"]: action["action"] for action in result["actions"]}


def registered(call: t.Callable[..., t.Any]) -> list[dict[str, t.Any]]:
    items: list[dict[str, t.Any]] = call("GET", "/webhooks")["items"]
    return items


def test_both_events_are_registered(register: Register, call: t.Any, webex: Simulator) -> None:
    result = register()
    assert (result["changed"], actions(result)) == (True, {"authorized": "create", "deauthorized": "create"})
    assert yaml.safe_load(webhook.RETURN).keys() <= result.keys()
    application = webex.credentials["service_app"]["application_id"]
    for hook in registered(call):
        assert (hook["targetUrl"], hook["secret"], hook["filter"]) == (TARGET, SECRET, f"id={application}")
    assert [(shown["event"], shown["status"]) for shown in result["webhooks"]] == [
        ("authorized", "active"),
        ("deauthorized", "active"),
    ]
    assert SECRET not in json.dumps(result)


def test_a_second_run_changes_nothing_and_only_reads(register: Register, webex: Simulator) -> None:
    first = register()
    webex.clear_journal()
    again = register()
    assert (again["changed"], actions(again)) == (False, {"authorized": "none", "deauthorized": "none"})
    assert (again["diff"], again["webhooks"]) == ({"before": {}, "after": {}}, first["webhooks"])
    assert asked(webex) == ["GET /webhooks"]


def test_the_application_id_names_the_same_service_app(register: Register, webex: Simulator) -> None:
    register()
    assert not register(client_id=None, application_id=webex.credentials["service_app"]["application_id"])["changed"]


def test_check_mode_only_reads_and_tells_what_the_run_then_does(register: Register, webex: Simulator) -> None:
    for arguments in ({}, {"target_url": f"{TARGET}/new"}, {"update_secret": "always"}, {"state": "absent"}, {}):
        webex.clear_journal()
        foreseen = register(check_mode=True, **arguments)
        assert webex.writes() == []
        done = register(**arguments)
        assert (foreseen["changed"], foreseen["actions"], foreseen["diff"]) == (
            done["changed"],
            done["actions"],
            done["diff"],
        )


def test_what_differs_is_corrected_and_nothing_is_sent_that_cannot_be_changed(
    register: Register, call: t.Any, webex: Simulator
) -> None:
    register()
    webex.clear_journal()
    result = register(target_url=f"{TARGET}/new", events=["authorized"])
    assert result["actions"] == [{"event": "authorized", "action": "update", "changes": ["targetUrl"]}]
    assert result["diff"]["before"]["authorized"][0]["target_url"] == TARGET
    assert result["diff"]["after"]["authorized"][0]["target_url"] == f"{TARGET}/new"
    (put,) = webex.writes()
    assert put["body"].keys() == {"name", "targetUrl", "secret", "status"}
    # The simulator loses a secret that is not sent.
    assert {hook["event"]: (hook["targetUrl"], hook["secret"]) for hook in registered(call)} == {
        "authorized": (f"{TARGET}/new", SECRET),
        "deauthorized": (TARGET, SECRET),
    }


def test_a_webhook_that_webex_has_switched_off_is_switched_on(
    register: Register, call: t.Any, webex: Simulator
) -> None:
    # Nobody listens there.
    register(target_url="http://127.0.0.1:9/", events=["authorized"])
    for _time in range(100):
        webex.service_app(webex.credentials["service_app"]["client_id"], authorized=True)
    wait_until(lambda: registered(call)[0]["status"] != "active")
    result = register(target_url="http://127.0.0.1:9/", events=["authorized"])
    assert result["actions"] == [{"event": "authorized", "action": "update", "changes": ["status"]}]
    assert registered(call)[0]["status"] == result["webhooks"][0]["status"] == "active"


def test_absent_deletes_them_once(register: Register, call: t.Any, webex: Simulator) -> None:
    register()
    gone = register(state="absent", target_url=None, secret=None)
    assert (gone["changed"], gone["webhooks"], registered(call)) == (True, [], [])
    assert gone["diff"]["after"] == {}
    webex.clear_journal()
    assert not register(state="absent")["changed"]
    assert webex.writes() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"secret": None}, "state is present but all of the following are missing: secret"),
        ({"target_url": None}, "state is present but all of the following are missing: target_url"),
        ({"client_id": None}, "one of the following is required: client_id, application_id"),
        ({"application_id": "x"}, "mutually exclusive"),
        ({"client_id": ""}, "application_id: is missing"),
        ({"events": ["created"]}, "value of events must be one or more of"),
        ({"target_url": "https://user:password@events.example.com/"}, "has a user or a password in it"),
        ({"base_url": "https://api-usgov.webex.com/v1"}, "the government cloud does not offer webhooks"),
    ],
)
def test_bad_input_is_refused_before_a_request(
    register: Register, webex: Simulator, arguments: dict[str, t.Any], message: str
) -> None:
    result = register(**arguments)
    assert result["failed"]
    assert message in result["msg"]
    assert SECRET not in json.dumps(result)
    assert webex.writes() == []


def test_a_service_app_is_told_that_it_takes_an_integration(register: Register, webex: Simulator) -> None:
    result = register(access_token=webex.credentials["service_app"]["access_token"])
    assert result["error"]["status"] == 403
    assert "an integration" in result["error"]["remedy"]


def test_a_secret_that_the_answer_quotes_is_not_shown(register: Register, webex: Simulator) -> None:
    webex.fault(kind="status", method="POST", status=400, body={"message": f"{SECRET} is too short"})
    result = register()
    assert result["error"]["status"] == 400
    assert SECRET not in json.dumps(result)
