# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One location, from the wish to what becomes of it: plan, requests, and what happens after errors."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    OptionError,
    Refused,
    RequestError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._location_plan import (
    LocationError,
    LocationPlan,
    WantedLocation,
    plan_location,
)
from ansible_collections.collabops.webex.plugins.module_utils._location_write import Outcome, carry_out
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked, process, wait_until

HARBOUR = {"address1": "Kai 1", "city": "Hamburg", "state": "HH", "postalCode": "20457", "country": "DE"}
HAMBURG: dict[str, t.Any] = {
    "timeZone": "Europe/Berlin",
    "preferredLanguage": "de_de",
    "announcementLanguage": "de_de",
    "address": HARBOUR,
}
LISTS = ["GET /locations", "GET /telephony/config/locations"]
CREATE, ENABLE = "POST /locations", "POST /telephony/config/locations"
SCOPES = (
    "spark-admin:locations_read",
    "spark-admin:locations_write",
    "spark-admin:telephony_config_read",
    "spark-admin:telephony_config_write",
)


class Locations:
    """The simulator's locations, and the way from a wish to what becomes of it."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def plan(self, name: str = "Hamburg", calling: bool = True, **properties: t.Any) -> LocationPlan:
        """Read and plan."""
        return plan_location(self.client, WantedLocation(name, calling, properties))

    def carry_out(self, plan: LocationPlan, patience: float = 30) -> Outcome:
        """Carry a plan out, without waiting."""
        return carry_out(self.client, plan, Patience(patience, self.clock.monotonic, self.clock.sleep))

    def apply(self, name: str = "Hamburg", calling: bool = True, **properties: t.Any) -> Outcome:
        """Plan, and carry the plan out."""
        return self.carry_out(self.plan(name, calling, **properties))

    def names(self) -> list[str]:
        """The names of the locations that the simulator has."""
        return [location["name"] for location in self.webex.state()["locations"]]

    def writes(self) -> list[str]:
        """The writing requests."""
        return [request for request in asked(self.webex) if not request.startswith("GET ")]


@pytest.fixture
def allowed(webex: Simulator, settings: Settings) -> Settings:
    """The settings with a token that may change locations."""
    return replace(settings, access_token=webex.token(kind="service_app", scopes=list(SCOPES))["access_token"])


@pytest.fixture
def locations(webex: Simulator, allowed: Settings, clock: Clock) -> t.Iterator[Locations]:
    """The simulator's locations."""
    with WebexClient(allowed) as client:
        yield Locations(webex, client)


# What is written


def test_a_location_is_created_and_enabled(locations: Locations) -> None:
    assert locations.plan(**HAMBURG, notes="harbour").actions == ["create", "enable"]
    outcome = locations.apply(**HAMBURG, notes="harbour")
    assert outcome.verified
    assert outcome.sight.plain
    assert outcome.sight.plain["notes"] == "harbour"
    creation, enabling = (entry["body"] for entry in locations.webex.writes())
    assert creation == {"name": "Hamburg", **HAMBURG, "notes": "harbour"}
    assert enabling == {"id": outcome.sight.plain["id"], "name": "Hamburg", **HAMBURG}
    known = locations.webex.location("Hamburg")
    assert (known["calling"], known["announcement_language"]) == (True, "de_de")
    locations.webex.clear_journal()
    assert locations.plan("hamburg", **HAMBURG).actions == []
    assert asked(locations.webex) == LISTS


def test_a_location_without_calling(locations: Locations) -> None:
    assert locations.apply(calling=False, **HAMBURG).verified
    assert locations.writes() == [CREATE]
    assert not locations.webex.location("Hamburg")["calling"]
    # One that has it, keeps it.
    assert locations.plan("Berlin", calling=False).actions == []


def test_only_what_is_named_and_differs_is_changed(locations: Locations) -> None:
    plan = locations.plan("London", timeZone="Europe/Dublin", preferredLanguage="en_gb")
    assert plan.difference() == {"before": {"timeZone": "Europe/London"}, "after": {"timeZone": "Europe/Dublin"}}
    assert locations.carry_out(plan).verified
    (change,) = locations.webex.writes()
    assert (change["method"], change["body"]) == ("PUT", {"timeZone": "Europe/Dublin"})
    assert locations.webex.location("London")["preferred_language"] == "en_GB"


def test_an_address_is_changed_as_a_whole(locations: Locations) -> None:
    plan = locations.plan("Berlin", address={**HARBOUR, "city": "Berlin"})
    assert locations.carry_out(plan).verified
    assert locations.webex.location("Berlin")["address"] == {**HARBOUR, "city": "Berlin"}
    assert locations.plan("Berlin", address={**HARBOUR, "city": "Berlin", "address2": ""}).actions == []


def test_a_location_that_exists_is_enabled_with_the_values_of_the_user(locations: Locations) -> None:
    plan = locations.plan("warehouse", **HAMBURG)
    assert plan.actions == ["update", "enable"]
    assert plan.difference() == {
        "before": {"address": {"city": "Potsdam", "country": "DE"}, "callingEnabled": False},
        "after": {"address": HARBOUR, "callingEnabled": True},
    }
    assert locations.carry_out(plan).verified
    assert locations.webex.location("Warehouse")["calling"]
    assert locations.webex.writes()[-1]["body"]["name"] == "Warehouse"


# What is refused


@pytest.mark.parametrize(
    ("name", "calling", "words"),
    [(" ", True, "is empty"), ("H" * 81, True, "81 characters.*80"), ("H" * 257, False, "257 characters.*256")],
)
def test_a_name_that_cannot_be_is_refused_before_any_request(
    locations: Locations, name: str, calling: bool, words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        locations.plan(name, calling, **HAMBURG)
    assert asked(locations.webex) == []


@pytest.mark.parametrize(("name", "words"), [("Hamburg", "does not exist"), ("Warehouse", "is not enabled")])
def test_what_is_missing_is_named(locations: Locations, name: str, words: str) -> None:
    with pytest.raises(LocationError, match=f"{words}.*wants: announcement_language, address"):
        locations.plan(name, timeZone="Europe/Berlin", preferredLanguage="de_de")


def test_two_locations_of_the_same_name_are_refused(locations: Locations) -> None:
    for _number in range(2):
        locations.client.post("/locations", {"name": "Hamburg", **HAMBURG})
    with pytest.raises(LocationError, match="Several locations are called 'Hamburg'"):
        locations.plan(**HAMBURG)


def test_what_webex_does_not_show_is_left_alone_and_told(locations: Locations) -> None:
    body = {"items": [{"id": locations.webex.location("Berlin")["id"], "name": "Berlin"}]}
    locations.webex.fault(kind="status", status=200, path="/v1/locations$", body=body)
    plan = locations.plan("Berlin", timeZone="Europe/Paris")
    assert plan.actions == []
    assert "does not show these of the location Berlin" in plan.notes[0]
    assert "time_zone" in plan.notes[0]


@pytest.mark.parametrize("path", ["/v1/locations$", "/telephony/config/locations$"])
def test_a_location_that_one_list_does_not_show_yet_is_not_created_again(locations: Locations, path: str) -> None:
    key = "locations" if "telephony" in path else "items"
    locations.webex.fault(kind="status", status=200, path=path, body={key: []})
    plan = locations.plan("Berlin", **HAMBURG)
    assert "create" not in plan.actions


# After errors


LOST = [
    {"kind": "apply_then_fail", "status": 502},
    {"kind": "apply_then_fail", "status": 400},
    {"kind": "truncated"},
]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("path", ["/v1/locations$", "/telephony/config/locations$"])
def test_what_was_done_in_spite_of_an_error_is_done(locations: Locations, path: str, fault: dict[str, t.Any]) -> None:
    locations.webex.fault(method="POST", path=path, **fault)
    assert locations.apply(**HAMBURG).verified
    assert locations.writes() == [CREATE, ENABLE]
    assert locations.names().count("Hamburg") == 1


def test_a_lost_answer_that_shows_late_is_not_sent_again(locations: Locations) -> None:
    plan = locations.plan(**HAMBURG)
    locations.webex.stale(0.3, "locations")
    locations.clock.on_nap = lambda: time.sleep(0.2)
    locations.webex.fault(kind="apply_then_fail", status=500, method="POST", times=2)
    assert locations.carry_out(plan).verified
    assert locations.writes() == [CREATE, ENABLE]


def test_a_creation_is_never_sent_twice_even_if_it_does_not_show(locations: Locations) -> None:
    plan = locations.plan(**HAMBURG)
    locations.webex.stale(3600, "locations")
    locations.webex.fault(kind="apply_then_fail", status=500, method="POST")
    with pytest.raises(Refused, match="500.*there is none of that name"):
        locations.carry_out(plan)
    assert locations.writes() == [CREATE]
    assert sum(locations.clock.naps) > 15


def test_a_creation_that_was_accepted_and_does_not_show_goes_on(locations: Locations) -> None:
    plan = locations.plan(**HAMBURG)
    locations.webex.stale(3600, "locations")
    assert not locations.carry_out(plan).verified
    assert locations.writes() == [CREATE, ENABLE]


def test_a_creation_that_tells_no_id_and_does_not_show_ends_there(locations: Locations) -> None:
    locations.webex.fault(kind="empty", status=201, method="POST")
    with pytest.raises(LocationError, match="does not show it yet"):
        locations.apply(**HAMBURG)
    assert locations.writes() == [CREATE]


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "/v1/locations$", "there is none of that name"),
        ("POST", "/telephony/config/locations$", "calling is not enabled there"),
        ("PUT", "/v1/locations/", "it does not show the change"),
    ],
)
def test_a_refusal_tells_what_is_now_and_is_not_repeated(
    locations: Locations, method: str, path: str, words: str
) -> None:
    locations.webex.fault(kind="status", status=400, method=method, path=path)
    with pytest.raises(Refused, match=f"400.*The locations were read again, and {words}"):
        locations.apply("Warehouse" if method == "PUT" else "Hamburg", **{**HAMBURG, "timeZone": "Europe/Paris"})
    assert 0 < sum(locations.clock.naps) <= 5
    assert locations.names().count("Hamburg") == ("telephony" in path)


def test_an_end_that_cannot_be_looked_at_is_told(locations: Locations) -> None:
    plan = locations.plan(**HAMBURG)
    locations.webex.fault(kind="status", status=500, times=None)
    with pytest.raises(RequestError, match="Whether it was done is unknown"):
        locations.carry_out(plan)


def test_a_change_that_is_accepted_and_cannot_be_seen_is_told(locations: Locations) -> None:
    plan = locations.plan(**HAMBURG)
    locations.webex.fault(kind="status", status=403, method="GET", times=None)
    with pytest.raises(Refused, match="accepted the change of Hamburg, but it cannot be seen"):
        locations.carry_out(plan)


@pytest.mark.parametrize("path", ["/v1/locations$", "/telephony/config/locations$"])
def test_a_run_that_is_killed_is_finished_by_the_next(locations: Locations, allowed: Settings, path: str) -> None:
    locations.webex.fault(kind="slow", method="POST", path=path, seconds=60)

    def create() -> None:
        with WebexClient(allowed) as client:
            Locations(locations.webex, client).apply(**HAMBURG)

    def is_done() -> bool:
        is_there = "Hamburg" in locations.names()
        return is_there and ("telephony" not in path or bool(locations.webex.location("Hamburg")["calling"]))

    with process(create):
        wait_until(is_done)
    locations.webex.clear_faults()
    assert locations.apply(**HAMBURG).verified
    assert locations.names().count("Hamburg") == 1
    assert locations.webex.location("Hamburg")["calling"]


def test_among_faults_nothing_is_there_twice_and_nothing_false_is_told(locations: Locations, allowed: Settings) -> None:
    locations.webex.fail_at_random(retry_after=0)
    locations.clock.on_nap = lambda: time.sleep(0.01)
    came_true = 0
    with WebexClient(replace(allowed, timeout=1)) as impatient:
        locations.client = impatient
        for step in range(24):
            wanted = {**HAMBURG, "timeZone": ("Europe/Berlin", "Europe/Paris")[step % 2]}
            name = f"Place {step // 3}"
            try:
                outcome = locations.apply(name, **wanted)
            except WebexError:
                continue
            came_true += 1
            known = locations.webex.location(name)
            assert outcome.verified
            assert (known["calling"], known["time_zone"]) == (True, wanted["timeZone"])
    assert came_true > 12
    assert len(set(locations.names())) == len(locations.names())
