# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks about service apps: how they are registered, what they send, and when they are switched off."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.loopback.waiting import wait_until
from tests.simulator.process import Simulator

from .conftest import Webex

# As long as secrets are that can be looked for.
SECRET, ANOTHER = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
READ, WRITE = "application:webhooks_read", "application:webhooks_write"


class Receiver(ThreadingHTTPServer):
    """Takes notifications, and answers each with ``status``."""

    status = 200
    # A hundred come at once.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[bytes, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webex"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["X-Spark-Signature"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def keeper(simulator: Simulator) -> Webex:
    """The default integration."""
    return Webex(simulator, simulator.credentials["integration"]["access_token"])


def registration(simulator: Simulator, receiver: Receiver | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Customers",
        "targetUrl": receiver.url if receiver else "http://127.0.0.1:9/",
        "resource": "serviceApp",
        "event": "authorized",
        "filter": f"id={simulator.credentials['service_app']['application_id']}",
        "secret": SECRET,
        **changes,
    }


def delivered(simulator: Simulator) -> list[dict[str, Any]]:
    """All deliveries, once none is on its way."""

    def finished() -> list[dict[str, Any]]:
        deliveries = [delivery for hook in simulator.state()["webhooks"] for delivery in hook["deliveries"]]
        return [] if any(delivery["status"] is None for delivery in deliveries) else deliveries

    return wait_until(finished)


def authorize(simulator: Simulator, authorized: bool = True, org: str = "other") -> None:
    simulator.service_app(simulator.credentials["service_app"]["client_id"], authorized=authorized, org=org)


def test_a_webhook_is_made_shown_changed_and_deleted(keeper: Webex) -> None:
    body = registration(keeper.simulator)
    made = keeper.call("POST", "/webhooks", body).body
    assert body.items() <= made.items()
    assert made["status"] == "active"
    path = f"/webhooks/{made['id']}"
    assert keeper.get(path).body == made
    assert keeper.get("/webhooks").body["items"] == [made]
    changes = {"name": "New", "targetUrl": "http://127.0.0.1:9/new", "secret": ANOTHER, "event": "deauthorized"}
    changed = keeper.call("PUT", path, changes).body
    assert changed == {**made, **changes, "event": "authorized"}
    assert keeper.call("DELETE", path).status == 204
    assert keeper.get(path).status == keeper.call("DELETE", path).status == 404


def test_a_put_without_a_secret_loses_it_or_not(keeper: Webex) -> None:
    made = keeper.call("POST", "/webhooks", registration(keeper.simulator)).body
    changes = {"name": "x", "targetUrl": made["targetUrl"]}
    keeper.simulator.configure(put_webhook_secret="keep")
    assert keeper.call("PUT", f"/webhooks/{made['id']}", changes).body["secret"] == SECRET
    keeper.simulator.configure(put_webhook_secret="lose")
    assert "secret" not in keeper.call("PUT", f"/webhooks/{made['id']}", changes).body


def test_the_secret_can_be_hidden(keeper: Webex) -> None:
    keeper.simulator.configure(show_webhook_secret=False)
    keeper.call("POST", "/webhooks", registration(keeper.simulator))
    assert "secret" not in keeper.get("/webhooks").body["items"][0]


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"targetUrl": None}, {"resource": "rooms"}, {"event": "created"}, {"secret": 1}]
)
def test_what_is_no_webhook_is_refused(keeper: Webex, change: dict[str, Any]) -> None:
    assert keeper.call("POST", "/webhooks", registration(keeper.simulator, **change)).status == 400
    assert keeper.get("/webhooks").body["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "", READ),
        ("POST", "", WRITE),
        ("GET", "/x", READ),
        ("PUT", "/x", WRITE),
        ("DELETE", "/x", WRITE),
    ],
)
def test_an_integration_with_the_scope_may(simulator: Simulator, method: str, path: str, scope: str) -> None:
    def status(kind: str, *scopes: str) -> int:
        token = simulator.token(kind=kind, scopes=list(scopes))["access_token"]
        body = registration(simulator) if method in ("POST", "PUT") else None
        return Webex(simulator, token).call(method, f"/webhooks{path}", body).status

    assert status("integration", scope) == (404 if path else 200)
    assert status("integration", *{READ, WRITE} - {scope}) == 403
    assert status("service_app", READ, WRITE) == 403


def test_the_list_has_pages(keeper: Webex) -> None:
    for name in "abc":
        keeper.call("POST", "/webhooks", registration(keeper.simulator, name=name))
    assert [[hook["name"] for hook in page] for page in keeper.pages("/webhooks", max=2)] == [["a", "b"], ["c"]]


def test_a_notification_is_signed_and_names_the_customer(keeper: Webex, receiver: Receiver) -> None:
    simulator = keeper.simulator
    hook = keeper.call("POST", "/webhooks", registration(simulator, receiver)).body
    authorize(simulator)
    assert delivered(simulator) == [
        {"event": "authorized", "org_id": simulator.state()["other_org"]["org_id"], "status": 200}
    ]
    ((body, signature),) = receiver.received
    assert signature == hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    notification = json.loads(body)
    assert (notification["resource"], notification["event"], notification["id"]) == (
        "serviceApp",
        "authorized",
        hook["id"],
    )
    assert notification["orgId"] == simulator.credentials["org_id"]
    assert notification["data"].keys() == {"id", "authorizerOrgId", "authorizationDate"}
    assert notification["data"]["id"] == simulator.credentials["service_app"]["application_id"]
    assert notification["data"]["authorizerOrgId"] == simulator.state()["other_org"]["org_id"]


def test_each_webhook_gets_what_it_asked_for(keeper: Webex, receiver: Receiver) -> None:
    simulator = keeper.simulator
    for name, changes in (
        ("all apps", {"filter": None}),
        ("another app", {"filter": f"id={simulator.credentials['org_id']}"}),
        ("gone", {"event": "deauthorized"}),
    ):
        keeper.call("POST", "/webhooks", registration(simulator, receiver, name=name, **changes))
    authorize(simulator)
    authorize(simulator, authorized=False)
    delivered(simulator)
    bodies = [json.loads(body) for body, _signature in receiver.received]
    assert sorted(body["name"] for body in bodies) == ["all apps", "gone"]
    # A deauthorization tells when the app was authorized.
    assert len({body["data"]["authorizationDate"] for body in bodies}) == 1


def test_without_a_secret_nothing_is_signed(keeper: Webex, receiver: Receiver) -> None:
    keeper.call("POST", "/webhooks", registration(keeper.simulator, receiver, secret=None))
    authorize(keeper.simulator)
    delivered(keeper.simulator)
    assert [signature for _body, signature in receiver.received] == [None]


def test_a_hundred_failures_switch_a_webhook_off_until_it_is_switched_on(keeper: Webex, receiver: Receiver) -> None:
    simulator = keeper.simulator
    receiver.status = 503
    hook = keeper.call("POST", "/webhooks", registration(simulator, receiver)).body
    for _time in range(100):
        authorize(simulator)
    delivered(simulator)
    assert keeper.get(f"/webhooks/{hook['id']}").body["status"] == "inactive"
    authorize(simulator)
    assert len(delivered(simulator)) == len(receiver.received) == 100
    receiver.status = 200
    changes = {"name": hook["name"], "targetUrl": hook["targetUrl"], "status": "active"}
    assert keeper.call("PUT", f"/webhooks/{hook['id']}", changes).body["status"] == "active"
    authorize(simulator)
    assert delivered(simulator)[-1]["status"] == 200


def test_failures_that_are_old_do_not_count(keeper: Webex) -> None:
    simulator = keeper.simulator
    keeper.call("POST", "/webhooks", registration(simulator))
    for offset in (0, 301):
        simulator.configure(clock_offset=offset)
        for _time in range(60):
            authorize(simulator)
        delivered(simulator)
    (hook,) = simulator.state()["webhooks"]
    assert (hook["active"], hook["failures"]) == (True, 60)
    assert {delivery["status"] for delivery in hook["deliveries"]} == {0}


def test_the_secret_is_known_and_not_in_the_journal(keeper: Webex) -> None:
    keeper.call("POST", "/webhooks", registration(keeper.simulator))
    assert SECRET in keeper.simulator.secrets()
    assert SECRET not in json.dumps([keeper.simulator.journal(), keeper.simulator.state()])
