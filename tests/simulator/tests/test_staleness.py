# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that show the state before a write, each kind by itself; and what a read costs among many people."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from tests.loopback.waiting import wait_until
from tests.simulator.app import Simulator as Application
from tests.simulator.history import History
from tests.simulator.web import Call
from tests.simulator.world import World

from .conftest import Ids, Webex
from .test_api import add, remove

LONG = 3600.0  # seconds: longer than any test takes


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_each_write_becomes_visible_after_its_own_delay() -> None:
    clock = Clock()
    history: History[str] = History(clock)
    history.remember("alice", "first", 10)
    clock.now = 4
    history.remember("alice", "second", 10)
    seen = []
    for clock.now in (4, 9.9, 10, 13.9, 14):
        seen.append((history.seen("alice", "third"), history.old()))
    first, second = ("first", {"alice": "first"}), ("second", {"alice": "second"})
    assert seen == [first, first, second, second, ("third", {})]
    history.remember("alice", "third", 0)
    assert history.seen("alice", "fourth") == "fourth"
    history.remember("alice", "fourth", 1)
    history.forget("alice")
    assert history.old() == {}


def views(webex: Webex, ids: Ids) -> dict[str, Callable[[], Any]]:
    """What each kind of read says of ivan."""

    def person(shown: dict[str, Any]) -> Any:
        return {key: shown.get(key) for key in ("licenses", "locationId", "extension", "phoneNumbers", "displayName")}

    return {
        "person": lambda: person(webex.person_by_id("ivan")),
        "people": lambda: person(webex.person("ivan")),
        "holders": lambda: (webex.holders(ids.professional_full), webex.holders(ids.standard)),
        "numbers": lambda: (webex.numbers(phoneNumber="+493055502001"), webex.numbers(extension="2001")),
        "counts": lambda: [
            (item["consumedUnits"], item["consumedByUsers"]) for item in webex.get("/licenses").body["items"]
        ],
    }


@pytest.mark.parametrize("kind", ["person", "people", "holders", "numbers", "counts"])
def test_one_kind_of_read_is_stale_and_no_other(webex: Webex, ids: Ids, kind: str) -> None:
    read = views(webex, ids)
    before = {name: view() for name, view in read.items()}
    webex.simulator.configure(**{f"stale_{kind}": LONG})
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    assert webex.put("ivan", displayName="Iwan").status == 200
    changed = {name: view() != before[name] for name, view in read.items()}
    assert changed == {name: name != kind for name in read}


def test_stale_seconds_is_short_for_both_reads_of_people(webex: Webex, ids: Ids) -> None:
    read = views(webex, ids)
    before = {name: view() for name, view in read.items()}
    webex.simulator.configure(stale_seconds=LONG)
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    assert [name for name, view in read.items() if view() == before[name]] == ["person", "people"]


def test_it_ends(webex: Webex, ids: Ids) -> None:
    webex.simulator.stale(0.2)
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200
    wait_until(lambda: webex.numbers(extension="2002") and "extension" in webex.person_by_id("alice"))


def test_the_old_licenses_can_go_back_in_a_put(webex: Webex, ids: Ids) -> None:
    webex.simulator.configure(stale_person=LONG)
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200
    assert webex.put("alice", licenses=webex.person_by_id("alice")["licenses"]).status == 200
    alice = webex.simulator.person("alice")
    assert (alice["extension"], "Webex Calling - Professional" in alice["licenses"]) == (None, False)


def test_the_answer_of_a_write_is_fresh(webex: Webex, ids: Ids) -> None:
    webex.simulator.stale(LONG)
    answer = webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002"))
    assert ids.professional in answer.body["licenses"]
    assert webex.put("alice", extension="2003").body["extension"] == "2003"


def test_who_is_new_or_has_a_new_address_is_found_late(webex: Webex) -> None:
    webex.simulator.stale(LONG)
    made = webex.call("POST", "/people", {"emails": ["k@example.com"], "displayName": "K"})
    assert webex.get("/people", email="k@example.com").body["items"] == []
    assert webex.get(f"/people/{made.body['id']}").status == 404
    assert webex.put("bob", emails=["robert@example.com"]).status == 200
    assert webex.get("/people", email="robert@example.com").body["items"] == []
    (bob,) = webex.get("/people", email="BOB@example.com").body["items"]
    assert bob["emails"] == ["bob@example.com"]


def test_a_number_that_changed_hands_is_still_its_first_owner_s(webex: Webex, ids: Ids) -> None:
    number, ivan = "+493055502001", webex.simulator.person("ivan")["id"]
    before, extension = webex.numbers(phoneNumber=number), webex.numbers(extension="2001")
    webex.simulator.configure(stale_numbers=LONG)
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    properties = {"locationId": ids.berlin, "phoneNumber": number, "extension": "2001"}
    assert webex.assign("alice", add(ids.professional, **properties)).status == 200
    assert webex.numbers(phoneNumber=number) == webex.numbers(ownerId=ivan) == before
    assert webex.numbers(extension="2001") == extension
    assert webex.numbers(ownerId=webex.simulator.person("alice")["id"]) == []
    assert len(webex.numbers()) == 30
    assert len(webex.numbers(available="true")) == 29


def test_a_move_is_stale_too(admin: Webex, ids: Ids) -> None:
    admin.simulator.stale(LONG)
    entry = {"locationId": ids.london, "validate": False, "users": [{"userId": admin.person("ivan")["id"]}]}
    path = "/telephony/config/jobs/person/moveLocation"
    assert admin.call("POST", path, {"usersList": [entry]}).status == 201
    assert admin.person("ivan")["locationId"] == ids.berlin
    assert admin.numbers(phoneNumber="+493055502001")[0]["location"]["id"] == ids.berlin
    assert admin.simulator.person("ivan")["location"] == "London"


# -- many people ---------------------------------------------------------------------------------------------------


def lines_run(action: Callable[[], Any]) -> int:
    """How many lines of Python an action takes: what it costs, on any machine."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def cost(people: int) -> dict[str, int]:
    """What single calls cost in an org with so many people, half of whom have calling."""
    world = World()
    world.reset(people=people, enabled=people // 2, numbers=people)
    application, org = Application(world), world.default
    token = world.book.tokens[world.credentials.personal_access_token["access_token"]]
    berlin = next(place.id for place in org.locations.values() if place.name == "Berlin")
    professional = next(license.id for license in org.licenses.values() if license.free and license.calling)
    user = org.by_email("user00001@example.com")
    assert user is not None

    def ask(method: str, path: str, body: bytes = b"", **query: str) -> None:
        answer = application.handle(Call(world, method, f"/v1{path}", query, body, "application/json", token), None)
        assert answer.status_code == 200, answer.body

    properties = f'{{"locationId": "{berlin}", "extension": "9001"}}'
    license = f'{{"id": "{professional}", "properties": {properties}}}'
    assign = f'{{"email": "alice@example.com", "licenses": [{license}]}}'.encode()
    return {
        "assign": lines_run(lambda: ask("PATCH", "/licenses/users", assign)),
        "put": lines_run(lambda: ask("PUT", f"/people/{user.id}", b'{"displayName": "U"}', callingData="true")),
        "person": lines_run(lambda: ask("GET", f"/people/{user.id}", callingData="true")),
        "email": lines_run(lambda: ask("GET", "/people", email="user00002@example.com")),
        "number": lines_run(lambda: ask("GET", "/telephony/config/numbers", phoneNumber="+49306000001")),
        "extension": lines_run(lambda: ask("GET", "/telephony/config/numbers", extension="9001")),
        "owner": lines_run(lambda: ask("GET", "/telephony/config/numbers", ownerId=user.id)),
        "counts": lines_run(lambda: ask("GET", "/licenses")),
    }


def test_a_single_call_costs_the_same_among_5_000_people() -> None:
    few, many = cost(50), cost(5000)
    assert {name: lines for name, lines in many.items() if lines > few[name] + 50} == {}
