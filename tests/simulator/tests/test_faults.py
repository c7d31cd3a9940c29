# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order, limits and the journal."""

from __future__ import annotations

import http.client
import time
import urllib.error
from typing import Any

import pytest

from tests.simulator.process import Simulator

from .conftest import Ids, Webex
from .test_api import add


def test_status(webex: Webex) -> None:
    webex.simulator.fault(kind="status", path="^/v1/people$", status=503, retry_after=7)
    failed = webex.get("/people")
    assert (failed.status, failed.headers["Retry-After"]) == (503, "7")
    assert failed.body["trackingId"] == failed.headers["trackingid"]
    assert webex.get("/people").status == 200
    webex.simulator.fault(kind="status", status=423, body={"reason": "locked"})
    assert webex.get("/people").body == {"reason": "locked"}
    webex.simulator.fault(kind="status", body="no JSON")
    assert webex.get("/people").text == "no JSON"


def test_a_fault_of_one_organization(webex: Webex) -> None:
    simulator = webex.simulator
    acme, globex = simulator.add_organizations("Acme", "Globex")
    simulator.fault(kind="html", org="Acme", times=None)
    for org, statuses in ((acme, (502, 502)), (globex, (200, 200))):
        refreshed = webex.refresh(refresh_token=org["refresh_token"])
        read = Webex(simulator, org["access_token"]).get("/people/me")
        assert (refreshed.status, read.status) == statuses
    integration = Webex(simulator, simulator.credentials["integration"]["access_token"])
    app = simulator.credentials["service_app"]
    for org, status in ((acme, 502), (globex, 200)):
        body = {"clientId": app["client_id"], "clientSecret": app["client_secret"], "targetOrgId": org["org_id"]}
        assert integration.call("POST", f"/applications/{app['application_id']}/token", body).status == status


@pytest.mark.parametrize("retry_after", [3, "soon", "rand(30),add(30)", None])
def test_locked_and_throttled_with_any_retry_after(webex: Webex, retry_after: int | str | None) -> None:
    for status in (423, 429):
        webex.simulator.fault(kind="status", status=status, retry_after=retry_after)
        failed = webex.get("/people")
        expected = None if retry_after is None else str(retry_after)
        assert (failed.status, failed.headers["Retry-After"]) == (status, expected)


SHAPES: dict[str, Any] = {
    "errors_code_message": {"errors": [{"code": "4152", "message": "Location Not Found"}]},
    "error_list": {"error": [{"code": "4152", "message": "Location Not Found"}]},
    "error_key": {"error": {"key": "400", "message": [{"code": "4152", "description": "Location Not Found"}]}},
    "webex": {"message": "Location Not Found", "errors": [{"description": "Location Not Found", "errorCode": 4152}]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_errors(admin: Webex, ids: Ids, shape: str) -> None:
    admin.simulator.configure(error_shape=shape)
    entry = {"locationId": ids.warehouse, "validate": False, "users": [{"userId": admin.person("ivan")["id"]}]}
    refused = admin.call("POST", "/telephony/config/jobs/person/moveLocation", {"usersList": [entry]})
    assert (refused.status, refused.body.items() >= SHAPES[shape].items()) == (400, True)
    assert admin.get("/people/unknown").body.keys() == {"message", "errors", "trackingId"}  # telephony only
    admin.simulator.fault(kind="status", status=400, shape=shape, message="Location Not Found", code=4152)
    assert admin.get("/people").body.items() >= SHAPES[shape].items()


def test_before_the_handler(webex: Webex, ids: Ids) -> None:
    for kind in ("status", "html", "empty"):
        webex.simulator.fault(kind=kind, method="PATCH", path="/licenses/users")
        webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002"))
    assert "extension" not in webex.person("alice")


def test_apply_then_fail(webex: Webex, ids: Ids) -> None:
    webex.simulator.fault(kind="apply_then_fail", path="/licenses/users", status=502)
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 502
    assert webex.person("alice")["extension"] == "2002"


def test_partial(webex: Webex, ids: Ids) -> None:
    webex.simulator.fault(kind="partial")
    answer = webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002"))
    assert answer.status == 206
    assert ids.professional not in answer.body["licenses"]
    assert "extension" not in webex.person("alice")


def test_html_and_empty(webex: Webex) -> None:
    webex.simulator.fault(kind="html")
    page = webex.get("/people")
    assert (page.status, page.headers.get_content_type()) == (502, "text/html")
    webex.simulator.fault(kind="empty")
    nothing = webex.get("/people")
    assert (nothing.status, nothing.text) == (200, "")


def test_redirect(webex: Webex) -> None:
    webex.simulator.fault(kind="redirect", status=307, location="http://elsewhere.example/")
    answer = webex.get("/people")
    assert (answer.status, answer.headers["Location"]) == (307, "http://elsewhere.example/")


def test_reset(webex: Webex, ids: Ids) -> None:
    webex.simulator.fault(kind="reset", path="/licenses/users")
    with pytest.raises((ConnectionResetError, urllib.error.URLError)) as caught:
        webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002"))
    reason = getattr(caught.value, "reason", caught.value)
    assert isinstance(reason, ConnectionResetError)
    assert "extension" not in webex.person("alice")
    assert webex.simulator.journal()[0]["fault"] == "reset"
    assert webex.simulator.journal()[0]["status"] is None


def test_truncated(webex: Webex) -> None:
    whole = webex.get("/licenses").text
    webex.simulator.fault(kind="truncated")
    with pytest.raises(http.client.IncompleteRead) as caught:
        webex.get("/licenses")
    assert 0 < len(caught.value.partial) < len(whole)
    assert len(caught.value.partial) + (caught.value.expected or 0) == len(whole)


def test_timeout(webex: Webex) -> None:
    webex.simulator.fault(kind="timeout", seconds=0.4)
    started = time.monotonic()
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        webex.get("/people")
    assert time.monotonic() - started > 0.3
    assert webex.get("/people").status == 200


def test_slow(webex: Webex, ids: Ids) -> None:
    webex.simulator.fault(kind="slow", seconds=0.4, path="/licenses/users")
    started = time.monotonic()
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200
    assert time.monotonic() - started > 0.3
    assert webex.person("alice")["extension"] == "2002"


def test_down_and_up(webex: Webex) -> None:
    webex.simulator.down()
    webex.simulator.down()
    for _unused in range(3):
        with pytest.raises(urllib.error.URLError) as caught:
            webex.get("/people")
        assert isinstance(caught.value.reason, ConnectionRefusedError)
    assert webex.simulator.journal() == []
    webex.simulator.up()
    webex.simulator.up()
    assert webex.get("/people").status == 200
    webex.simulator.down()
    webex.simulator.reset()
    assert webex.get("/people").status == 200


def test_restart(webex: Webex) -> None:
    started = time.monotonic()
    host = webex.simulator.base_url.removeprefix("http://").partition("/")[0]
    idle = http.client.HTTPConnection(host, timeout=20)
    idle.request("GET", "/v1/people")
    idle.getresponse().read()
    webex.simulator.fault(kind="restart", seconds=0.5, path="/licenses")
    with pytest.raises((ConnectionResetError, urllib.error.URLError)) as caught:
        webex.get("/licenses")
    assert isinstance(getattr(caught.value, "reason", caught.value), ConnectionResetError)
    with pytest.raises(ConnectionResetError):
        idle.sock.recv(1)
    attempts = [attempt(webex)]
    while attempts[-1] != "200" and time.monotonic() < started + 60:
        time.sleep(0.05)
        attempts.append(attempt(webex))
    assert set(attempts) == {"ConnectionRefusedError", "200"}


def attempt(webex: Webex) -> str:
    """The status of an answer, or why there is none."""
    try:
        return str(webex.get("/licenses").status)
    except urllib.error.URLError as error:
        return type(error.reason).__name__


def test_which_requests_are_hit(webex: Webex) -> None:
    simulator = webex.simulator
    simulator.fault(kind="status", path="/people", times=2, skip=1)
    assert [webex.get("/people").status for _unused in range(4)] == [200, 500, 500, 200]
    assert simulator.faults()[0]["hits"] == 2
    simulator.clear_faults()
    assert simulator.faults() == []
    simulator.fault(kind="status", method="DELETE", times=None)
    assert webex.get("/people").status == 200
    assert {webex.call("DELETE", "/people/x").status for _unused in range(5)} == {500}
    simulator.clear_faults()
    simulator.fault(kind="status", probability=0.5, times=None)
    assert {webex.get("/people").status for _unused in range(40)} == {200, 500}
    for order in (
        {"kind": "surprise"},
        {"kind": "redirect"},
        {"kind": "status", "shape": "x"},
        {"kind": "status", "path": "("},
        {"what": 1},
    ):
        with pytest.raises(ValueError, match="POST /faults"):
            simulator.fault(**order)


def test_rate_limit(webex: Webex, admin: Webex) -> None:
    webex.simulator.configure(rate_limit=3)
    answers = [webex.get("/people/me") for _unused in range(50)]
    assert {answer.headers["Retry-After"] for answer in answers if answer.status == 429} == {"1"}
    assert admin.get("/people/me").status == 200
    time.sleep(1.1)
    assert webex.get("/people/me").status == 200
    served = [request["at"] for request in webex.simulator.journal() if request["status"] == 200]
    own = served[:-2]  # without the last ones, of the other token and after the pause
    assert len(own) >= 3
    assert all(fourth - first > 0.9 for first, fourth in zip(own, own[3:], strict=False))


def test_latency(webex: Webex) -> None:
    webex.simulator.configure(latency_ms=300)
    started = time.monotonic()
    webex.get("/people/me")
    assert time.monotonic() - started >= 0.3


def test_journal(webex: Webex, ids: Ids) -> None:
    simulator = webex.simulator
    client_id = simulator.credentials["service_app"]["client_id"]
    webex.get("/people", email="alice@example.com")
    webex.assign("alice", add(ids.messaging))
    webex.refresh()
    Webex(simulator, None).get("/people")
    read, write, refresh, anonymous = simulator.journal()
    assert (read["n"], read["method"], read["path"], read["status"]) == (1, "GET", "/v1/people", 200)
    assert read["query"] == {"email": "alice@example.com"}
    assert (read["client_id"], read["token_kind"]) == (client_id, "service_app")
    assert write["body"]["licenses"][0]["id"] == ids.messaging
    assert (refresh["client_id"], refresh["token_kind"], refresh["status"]) == (client_id, None, 200)
    assert refresh["body"]["grant_type"] == "refresh_token"
    assert refresh["body"]["refresh_token"] == refresh["body"]["client_secret"] == "***"
    assert (anonymous["client_id"], anonymous["token_id"], anonymous["status"]) == (None, None, 401)
    assert [request["n"] for request in simulator.writes()] == [2, 3]
    known = simulator.journal()
    assert simulator.control("DELETE", "/journal") == {"requests": known}
    assert simulator.journal() == []


def secrets(credentials: dict[str, Any]) -> list[str]:
    """Every secret of the ready line."""
    return [
        value
        for group in credentials.values()
        if isinstance(group, dict)
        for name, value in group.items()
        if name.endswith(("token", "secret"))
    ]


def test_no_secret_is_told(webex: Webex) -> None:
    app, simulator = webex.simulator.credentials["service_app"], webex.simulator
    keeper = Webex(simulator, simulator.credentials["integration"]["access_token"])
    body = {
        "clientId": app["client_id"],
        "clientSecret": app["client_secret"],
        "targetOrgId": simulator.credentials["org_id"],
    }
    assert keeper.call("POST", f"/applications/{app['application_id']}/token", body).status == 200
    webex.refresh()
    told = f"{simulator.journal()}{simulator.state()}"
    assert len(secrets(simulator.credentials)) == 8
    assert not [secret for secret in secrets(simulator.credentials) if secret in told]


def test_config(simulator: Simulator) -> None:
    assert simulator.configure(latency_ms=1)["latency_ms"] == 1
    for change in (
        {"speed": 1},
        {"latency_ms": "fast"},
        {"refusal_shape": "rude"},
        {"dead_refresh_status": 500},
        {"max_page_size": 0},
    ):
        with pytest.raises(ValueError, match="PATCH /config"):
            simulator.configure(**change)
    simulator.reset()
    assert simulator.configure()["latency_ms"] == 0
