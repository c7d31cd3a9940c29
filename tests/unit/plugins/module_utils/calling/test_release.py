# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that go back with calling, and what is told of the rest."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import NO_CALLING, Plan, Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.planned_user import PlannedUser
from ansible_collections.collabops.webex.plugins.module_utils._calling.release import (
    Leaver,
    Released,
    foresee,
    leavers_of,
    release,
    warnings_of,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, process, wait_until

SCOPES = ("spark-admin:devices_read", "spark-admin:devices_write", "spark-admin:telephony_config_read")
NAMES = ("alice", "bob", "carol")


class Leavers:
    """People of the simulator without calling, and their telephones."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def named(self, *names: str) -> list[Leaver]:
        """These people."""
        return [Leaver(f"{name}@example.com", self.webex.person(name)["id"]) for name in names]

    def release(self, *names: str) -> list[Released]:
        """Let these people give back what they have, without waiting."""
        patience = Patience(30, self.clock.monotonic, self.clock.sleep)
        return release(self.client, self.named(*names), patience, workers=2)

    def owners(self) -> list[str]:
        """Whose the telephones are that there are."""
        return [device["owner"].partition("@")[0] for device in self.webex.state()["devices"]]


@pytest.fixture
def allowed(webex: Simulator, settings: Settings) -> Settings:
    """The settings with a token that may delete devices."""
    return replace(settings, access_token=webex.token(kind="service_app", scopes=list(SCOPES))["access_token"])


@pytest.fixture
def leavers(webex: Simulator, allowed: Settings, clock: Clock) -> t.Iterator[Leavers]:
    """Alice with two telephones, Bob and Dave with one each, and Carol with none."""
    for name in ("alice", "alice", "bob", "dave"):
        webex.add_device(f"{name}@example.com")
    with WebexClient(allowed) as client:
        yield Leavers(webex, client)


def test_devices_of_leavers_go_and_those_of_others_stay(leavers: Leavers) -> None:
    leavers.webex.configure(max_page_size=1)
    foreseen = foresee(leavers.client, leavers.named(*NAMES))
    assert leavers.webex.writes() == []
    released = leavers.release(*NAMES)
    assert released == foreseen
    assert [(answer.who, len(answer.devices), answer.left) for answer in released] == [
        ("alice@example.com", 2, ()),
        ("bob@example.com", 1, ()),
    ]
    assert released[1].shown()["devices"] == ["Cisco 8865 000000000003"]
    assert leavers.owners() == ["dave"]
    assert leavers.release(*NAMES) == []


def test_of_one_leaver_only_their_devices_are_read(leavers: Leavers) -> None:
    assert len(leavers.release("bob")[0].devices) == 1
    reads = [entry for entry in leavers.webex.journal() if entry["path"] == "/v1/devices"]
    assert [entry["query"] for entry in reads] == [{"personId": leavers.webex.person("bob")["id"]}]
    assert leavers.owners() == ["alice", "alice", "dave"]


def test_a_list_that_shows_devices_of_others_takes_none_of_them(leavers: Leavers) -> None:
    dave = leavers.webex.person("dave")["id"]
    body = {"items": [{"id": "x", "personId": dave}, {"id": "y", "workspaceId": "w"}]}
    leavers.webex.fault(kind="status", status=200, path="/v1/devices$", body=body)
    assert leavers.release("carol") == []
    assert leavers.webex.writes() == []


def test_without_leavers_nothing_is_asked(leavers: Leavers) -> None:
    assert (foresee(leavers.client, []), leavers.release()) == ([], [])
    assert leavers.webex.journal() == []


def test_a_device_that_cannot_be_given_back_is_told_with_the_reason(leavers: Leavers) -> None:
    leavers.webex.fault(kind="status", status=409, method="DELETE")
    (alice,) = leavers.release("alice")
    assert (len(alice.devices), len(alice.left)) == (1, 1)
    assert "the device Cisco 8865" in alice.left[0]
    assert "409" in alice.left[0]
    assert leavers.owners() == ["alice", "bob", "dave"]
    assert warnings_of([alice]) == [f"alice@example.com could not give everything back. {alice.left[0]}"]


@pytest.mark.parametrize(
    "fault", [{"kind": "apply_then_fail", "status": 502}, {"kind": "apply_then_fail", "status": 409}]
)
def test_a_device_that_went_in_spite_of_an_error_is_given_back(leavers: Leavers, fault: dict[str, t.Any]) -> None:
    leavers.webex.fault(method="DELETE", **fault)
    (bob,) = leavers.release("bob")
    assert (len(bob.devices), bob.left) == (1, ())


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_not_known_is_told_and_nothing_is_raised(leavers: Leavers, method: str) -> None:
    people = leavers.named("bob")
    leavers.webex.fault(kind="status", status=403, method=method, times=None)
    if method == "GET":
        with pytest.raises(Refused, match="needs spark-admin:devices_read"):
            foresee(leavers.client, people)
    (bob,) = release(leavers.client, people, Patience(0))
    assert "What is left is unknown" in bob.left[0] if method == "GET" else "the device" in bob.left[0]
    assert "403" in bob.left[0]
    assert "bob" in leavers.owners()


def test_numbers_that_stay_theirs_are_told(leavers: Leavers) -> None:
    left = "the phone number +493055502001: Webex still shows it as theirs"
    assert leavers.release("ivan", "carol") == [Released("ivan@example.com", (), (left,))]
    assert sum(leavers.clock.naps) > 15


def test_numbers_that_go_a_little_later_are_not_told(leavers: Leavers, settings: Settings) -> None:
    license_id = leavers.webex.license("Webex Calling - Professional", "Sub-1")["id"]
    leavers.webex.stale(0.3, "numbers")
    with WebexClient(settings) as admin:
        removal = {"id": license_id, "operation": "remove"}
        admin.patch("/licenses/users", {"email": "ivan@example.com", "licenses": [removal]})
    leavers.clock.on_nap = lambda: time.sleep(0.2)
    assert leavers.release("ivan") == []


def test_a_run_that_is_killed_is_finished_by_the_next(leavers: Leavers, allowed: Settings) -> None:
    leavers.webex.fault(kind="slow", method="DELETE", seconds=60, skip=1)
    people = leavers.named("alice", "bob")

    def give_back() -> None:
        with WebexClient(allowed) as client:
            release(client, people, Patience(0))

    with process(give_back):
        wait_until(lambda: len(leavers.owners()) == 2)
    leavers.webex.clear_faults()
    assert [len(answer.devices) for answer in leavers.release("alice", "bob")] == [1]
    assert leavers.owners() == ["dave"]


def test_among_faults_nothing_false_is_told(leavers: Leavers, allowed: Settings) -> None:
    leavers.webex.fail_at_random(retry_after=0)
    leavers.clock.on_nap = lambda: time.sleep(0.01)
    with WebexClient(replace(allowed, timeout=1)) as impatient:
        leavers.client = impatient
        for _round in range(8):
            answers = leavers.release("alice", "bob")
            assert "dave" in leavers.owners()
            assert any(answer.left for answer in answers) or leavers.owners() == ["dave"]
            for name in ("alice", "bob"):
                leavers.webex.add_device(f"{name}@example.com")
        leavers.webex.clear_faults()
        leavers.release("alice", "bob")
    assert leavers.owners() == ["dave"]


def test_leavers_are_those_who_exist_and_are_to_have_no_calling() -> None:
    person = {"id": "p"}
    users = [
        PlannedUser(Wanted(email="a@example.com", state="absent"), Plan(person, NO_CALLING, NO_CALLING)),
        PlannedUser(Wanted(email="b@example.com"), Plan(person, NO_CALLING, NO_CALLING)),
        PlannedUser(Wanted(email="c@example.com", state="absent"), Plan({"emails": []}, NO_CALLING, NO_CALLING)),
    ]
    assert leavers_of(users) == [Leaver("a@example.com", "p")]
