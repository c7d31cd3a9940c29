# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import dataclasses
import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import BrokenAnswer, OptionError, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._webhooks import (
    ALWAYS,
    IF_DIFFERENT,
    ON_CREATE,
    WantedWebhook,
    carry_out,
    difference,
    plan_absent,
    plan_present,
    refuse_government_cloud,
    webhooks_of,
)
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, Server

Json = dict[str, t.Any]

SECRET, OTHER_SECRET = "a-secret-of-the-webhook", "another-secret-of-the-webhook"
TARGET = "https://events.example.com/webex"
BOTH = WantedWebhook("New customers", "C0", target_url=TARGET, secret=SECRET)
ONE = dataclasses.replace(BOTH, events=("authorized",))


class Desk:
    """Somebody who registers webhooks, as the integration."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex, self.client = webex, client

    def register(self, wanted: WantedWebhook = BOTH, plan: t.Any = plan_present) -> list[tuple[str, str]]:
        """Plan, and carry the plan out; the actions by event."""
        steps = plan(wanted, webhooks_of(self.client))
        for step in steps:
            carry_out(self.client, wanted, step)
        return [(step.event, step.action) for step in steps]

    def registered(self) -> list[Json]:
        """What there is."""
        return webhooks_of(self.client)

    def add(self, **webhook: t.Any) -> None:
        """Register a webhook past all rules."""
        names = ("name", "targetUrl", "resource", "event", "filter", "secret")
        self.client.post("/webhooks", {name: webhook[name] for name in names if name in webhook})


@pytest.fixture
def desk(webex: Simulator, settings: Settings, clock: Clock) -> t.Iterator[Desk]:
    token = webex.credentials["integration"]["access_token"]
    with WebexClient(dataclasses.replace(settings, access_token=token)) as client:
        yield Desk(webex, client)


@pytest.mark.parametrize(
    ("is_shown", "update_secret", "is_changed"),
    [
        (True, IF_DIFFERENT, True),
        (True, ON_CREATE, False),
        (False, IF_DIFFERENT, False),
        (False, ON_CREATE, False),
        (False, ALWAYS, True),
    ],
)
def test_when_a_secret_is_replaced(desk: Desk, is_shown: bool, update_secret: str, is_changed: bool) -> None:
    desk.register(ONE)
    desk.webex.configure(show_webhook_secret=is_shown)
    wanted = dataclasses.replace(ONE, secret=OTHER_SECRET, update_secret=update_secret)
    assert desk.register(wanted) == [("authorized", "update" if is_changed else "none")]
    desk.webex.configure(show_webhook_secret=True)
    assert desk.registered()[0]["secret"] == (OTHER_SECRET if is_changed else SECRET)


def test_of_a_secret_the_difference_says_only_that_it_is_set(desk: Desk) -> None:
    created = difference(ONE, plan_present(ONE, desk.registered()))
    desk.register(ONE)
    wanted = dataclasses.replace(ONE, secret=OTHER_SECRET, update_secret=ALWAYS)
    changed = difference(wanted, plan_present(wanted, desk.registered()))
    assert [each["after"]["authorized"][0]["secret"] for each in (created, changed)] == ["set anew"] * 2
    assert (created["before"], changed["before"]["authorized"][0]["targetUrl"]) == ({}, TARGET)
    assert not {SECRET, OTHER_SECRET} & set(json.dumps([created, changed]).split('"'))


def test_other_webhooks_stay_as_they_are(desk: Desk) -> None:
    desk.register(dataclasses.replace(BOTH, name="Another name"))
    desk.register(dataclasses.replace(BOTH, application_id="C1"))
    for event in BOTH.events:
        desk.add(name=BOTH.name, targetUrl=TARGET, resource="serviceApp", event=event)
    others = desk.registered()
    assert len(others) == 6
    assert [action for _event, action in desk.register()] == ["create"] * 2
    assert [action for _event, action in desk.register(plan=plan_absent)] == ["delete"] * 2
    assert desk.registered() == others


def test_the_cluster_in_the_filter_may_be_another_one(desk: Desk) -> None:
    in_europe = base64.urlsafe_b64encode(b"ciscospark://eu/APPLICATION/C0").decode().rstrip("=")
    desk.register(dataclasses.replace(ONE, application_id=in_europe))
    assert desk.register(ONE) == [("authorized", "none")]


def test_of_two_that_are_the_same_one_is_kept(desk: Desk) -> None:
    desk.register()
    first = desk.registered()
    desk.add(**first[0])
    assert desk.register() == [("authorized", "none"), ("authorized", "delete"), ("deauthorized", "none")]
    assert desk.registered() == first


def test_one_of_many_pages_is_found(desk: Desk) -> None:
    desk.webex.configure(max_page_size=1)
    desk.register()
    assert [action for _event, action in desk.register()] == ["none", "none"]


def test_a_registration_that_is_answered_with_an_error_is_looked_for_and_not_repeated(desk: Desk) -> None:
    desk.webex.fault(kind="apply_then_fail", method="POST", path="webhooks", status=502)
    assert desk.register(ONE) == [("authorized", "create")]
    assert (len(desk.webex.writes()), len(desk.registered())) == (1, 1)


@pytest.mark.parametrize("status", [400, 502])
def test_a_registration_that_did_not_happen_is_an_error(desk: Desk, status: int) -> None:
    desk.webex.fault(kind="status", method="POST", path="webhooks", status=status)
    with pytest.raises(WebexError, match=f"was answered with {status}"):
        desk.register(ONE)
    assert (len(desk.webex.writes()), desk.registered()) == (1, [])


def test_a_registration_that_is_not_active_is_an_error(desk: Desk) -> None:
    desk.webex.fault(kind="apply_then_fail", method="POST", path="webhooks", status=200, body={"status": "inactive"})
    with pytest.raises(WebexError, match="does not say that it is active"):
        desk.register(ONE)


@pytest.mark.parametrize(("status", "is_done"), [(404, True), (403, False)])
def test_only_a_webhook_that_is_gone_already_counts_as_deleted(desk: Desk, status: int, is_done: bool) -> None:
    desk.register(ONE)
    desk.webex.fault(kind="status", method="DELETE", status=status)
    if is_done:
        assert desk.register(ONE, plan_absent) == [("authorized", "delete")]
    else:
        with pytest.raises(WebexError, match="was answered with 403"):
            desk.register(ONE, plan_absent)


@pytest.mark.parametrize("items", [["text"], [{}], [{"id": ""}], [{"id": 5}]])
def test_a_list_of_something_else_is_an_error(items: list[t.Any]) -> None:
    with (
        Server([(200, {}, json.dumps({"items": items}))]) as server,
        WebexClient(Settings(base_url=server.base_url, access_token="token")) as client,
        pytest.raises(BrokenAnswer, match="no list of webhooks"),
    ):
        webhooks_of(client)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "name: is empty"),
        ({"application_id": ""}, "application_id: is missing"),
        ({"events": ()}, "events: is empty"),
        ({"secret": ""}, "secret: is missing"),
        ({"secret": "two words"}, "secret: has blanks"),
        ({"target_url": ""}, "target_url: is not a URL"),
        ({"target_url": "events.example.com"}, "target_url: is not a URL"),
        ({"target_url": "https://[x"}, "target_url: is not a URL"),
        ({"target_url": "https://events.example.com:0/"}, "target_url: is not a URL"),
        ({"target_url": "http://events.example.com/"}, "is not HTTPS"),
        ({"target_url": "https://user:password@events.example.com/"}, "has a user or a password in it"),
    ],
)
def test_what_cannot_be_registered_is_refused(changes: Json, message: str) -> None:
    with pytest.raises(OptionError) as error:
        dataclasses.replace(BOTH, **changes).check().check_target()
    assert message in str(error.value)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("url", [TARGET, "http://127.0.0.1:8123/", "http://localhost/"])
def test_an_address_is_https_or_on_this_machine(url: str) -> None:
    wanted = dataclasses.replace(BOTH, target_url=url)
    assert wanted.check().check_target() is wanted


@pytest.mark.parametrize(("host", "is_refused"), [("api-usgov.webex.com", True), ("webexapis.com", False)])
def test_the_government_cloud_has_no_such_webhooks(host: str, is_refused: bool) -> None:
    with WebexClient(Settings(base_url=f"https://{host}/v1", access_token="token")) as client:
        if is_refused:
            with pytest.raises(OptionError, match="the government cloud does not offer webhooks"):
                refuse_government_cloud(client)
        else:
            refuse_government_cloud(client)
