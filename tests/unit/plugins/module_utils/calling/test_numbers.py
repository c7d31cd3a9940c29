# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a location, from the wish to what becomes of it: plan, requests, and what happens after errors."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError
from ansible_collections.collabops.webex.plugins.module_utils._calling.number_plan import (
    ABSENT,
    ACTIVE,
    INACTIVE,
    PRESENT,
    NumberPlan,
    WantedNumbers,
    plan_numbers,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.number_write import Outcome, carry_out
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    OptionError,
    Refused,
    RequestError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked, process, wait_until

IVANS = "+493055502001"
FREE = [f"+4930555020{number:02}" for number in range(2, 21)]
NEW = [f"+49305550{number}" for number in range(3001, 3013)]
INVENTORY = "GET /telephony/config/numbers"
SCOPES = ("spark-admin:telephony_config_read", "spark-admin:telephony_config_write", "spark-admin:telephony_pstn_read")


class Numbers:
    """The numbers of the simulator's Berlin, and the way from a wish to what becomes of it."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def plan(self, numbers: t.Iterable[str], state: str, location: str = "Berlin", **more: t.Any) -> NumberPlan:
        """Read and plan."""
        return plan_numbers(self.client, WantedNumbers(location, tuple(numbers), state, **more))

    def carry_out(self, plan: NumberPlan, patience: float = 30) -> Outcome:
        """Carry a plan out, without waiting."""
        return carry_out(self.client, plan, Patience(patience, self.clock.monotonic, self.clock.sleep))

    def apply(self, numbers: t.Iterable[str], state: str, **more: t.Any) -> Outcome:
        """Plan, and carry the plan out."""
        return self.carry_out(self.plan(numbers, state, **more))

    def known(self) -> dict[str, str]:
        """The numbers that the simulator has in Berlin, and their states."""
        numbers = self.webex.state()["numbers"]
        return {number["phone_number"]: number["state"] for number in numbers if number["location"] == "Berlin"}

    def writes(self) -> list[tuple[str, t.Any]]:
        """The writing requests: their methods and bodies."""
        return [(entry["method"], entry["body"]) for entry in self.webex.writes()]


@pytest.fixture
def allowed(webex: Simulator, settings: Settings) -> Settings:
    """The settings with a token that may change numbers."""
    return replace(settings, access_token=webex.token(kind="service_app", scopes=list(SCOPES))["access_token"])


@pytest.fixture
def numbers(webex: Simulator, allowed: Settings, clock: Clock) -> t.Iterator[Numbers]:
    """The numbers of Berlin."""
    with WebexClient(allowed) as client:
        yield Numbers(webex, client)


# What is written


def test_numbers_are_added_in_the_state_that_is_asked_for(numbers: Numbers) -> None:
    before = numbers.known()
    assert numbers.apply(NEW[:2], ACTIVE, number_type="did").verified
    assert numbers.apply(NEW[2:4], INACTIVE, number_type="toll_free").verified
    assert numbers.apply(NEW[4:5], PRESENT).verified
    states = ["ACTIVE", "ACTIVE", "INACTIVE", "INACTIVE", "INACTIVE"]
    assert numbers.known() == {**before, **dict(zip(NEW, states, strict=False))}
    assert numbers.writes() == [
        ("POST", {"phoneNumbers": NEW[:2], "numberType": "DID", "state": "ACTIVE"}),
        ("POST", {"phoneNumbers": NEW[2:4], "numberType": "TOLLFREE", "state": "INACTIVE"}),
        ("POST", {"phoneNumbers": NEW[4:5]}),
    ]


def test_only_what_differs_is_written(numbers: Numbers) -> None:
    numbers.webex.add_numbers("Berlin", NEW[0], state="INACTIVE")
    outcome = numbers.apply([NEW[0], FREE[0], IVANS, NEW[1]], ACTIVE)
    assert (outcome.verified, {item["state"] for item in outcome.items}, len(outcome.items)) == (True, {"ACTIVE"}, 4)
    assert sorted(numbers.writes()) == [
        ("POST", {"phoneNumbers": [NEW[1]], "state": "ACTIVE"}),
        ("PUT", {"phoneNumbers": [NEW[0]], "action": "ACTIVATE"}),
    ]


def test_numbers_are_deactivated_and_removed(numbers: Numbers) -> None:
    left = {number: state for number, state in numbers.known().items() if number not in FREE[:7]}
    assert numbers.apply(FREE[:7], INACTIVE).verified
    assert numbers.writes() == [("PUT", {"phoneNumbers": FREE[:7], "action": "DEACTIVATE"})]
    assert numbers.apply(FREE[:7], ABSENT).items == []
    assert numbers.writes()[1:] == [("DELETE", {"phoneNumbers": batch}) for batch in (FREE[:5], FREE[5:7])]
    assert numbers.known() == left


@pytest.mark.parametrize("state", [PRESENT, ACTIVE])
def test_what_is_so_already_takes_one_read_of_the_inventory(numbers: Numbers, state: str) -> None:
    plan = numbers.plan(["+49 30 5550-2002", *FREE, IVANS], state)
    assert (plan.steps, plan.difference()) == ({}, {"before": {}, "after": {}})
    assert asked(numbers.webex) == ["GET /telephony/config/locations", INVENTORY]


def test_a_hundred_numbers_are_one_request(numbers: Numbers) -> None:
    many = [f"+4930555{number}" for number in range(10000, 10150)]
    assert numbers.apply(many, ACTIVE).verified
    assert [len(body["phoneNumbers"]) for _method, body in numbers.writes()] == [100, 50]


def test_the_plan_tells_what_will_be(numbers: Numbers) -> None:
    plan = numbers.plan([FREE[0], NEW[0]], INACTIVE)
    assert plan.difference() == {
        "before": {FREE[0]: "active", NEW[0]: "absent"},
        "after": {FREE[0]: "inactive", NEW[0]: "inactive"},
    }
    assert [(item["phoneNumber"], item["state"]) for item in plan.after] == [
        (FREE[0], "INACTIVE"),
        (NEW[0], "INACTIVE"),
    ]
    assert numbers.plan([FREE[0]], ABSENT).after == []


# What is refused


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "is empty"),
        (["030 5550"], "no country code: '030 5550'"),
        (["+49305550x"], "is not a phone number"),
        ([""], "no country code: ''"),
    ],
)
def test_what_is_no_number_is_refused_before_any_request(numbers: Numbers, texts: list[str], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        numbers.plan(texts, PRESENT)
    assert asked(numbers.webex) == []


@pytest.mark.parametrize(
    ("state", "options", "words"),
    [
        (ABSENT, {"owner": {"email": "alice@example.com"}}, "it belongs to Alice Example"),
        (INACTIVE, {"owner": {"email": "alice@example.com"}}, "it belongs to Alice Example"),
        (ABSENT, {"owner": {"type": "HUNT_GROUP", "name": "Sales"}}, "it belongs to the hunt group Sales"),
        (ABSENT, {"main": True}, "it is the main number"),
        (ABSENT, {"mobile": True}, "it is a mobile number"),
        (ACTIVE, {"mobile": True, "state": "INACTIVE"}, "it is a mobile number"),
    ],
)
def test_a_number_that_is_not_to_be_had_stops_all_of_them(
    numbers: Numbers, state: str, options: dict[str, t.Any], words: str
) -> None:
    numbers.webex.change_location("Berlin", pstn="CISCO_PSTN")  # the number is looked at first
    numbers.webex.add_numbers("Berlin", NEW[0], **options)
    with pytest.raises(CallingError, match=rf"\{NEW[0]} \({words}"):
        numbers.plan([*FREE[:3], NEW[0]], state)
    assert numbers.writes() == []


def test_a_number_that_somebody_gets_meanwhile_is_left_to_them(numbers: Numbers) -> None:
    plan = numbers.plan(FREE[:7], ABSENT)
    numbers.webex.add_person(
        "nora@example.com", location="Berlin", phone_number=FREE[6], licenses=["Webex Calling - Standard"]
    )
    with pytest.raises(CallingError, match="belongs to Nora"):
        numbers.carry_out(plan)
    assert numbers.writes() == [("DELETE", {"phoneNumbers": FREE[:5]})]
    assert numbers.webex.person("nora")["phone_number"] == FREE[6]


@pytest.mark.parametrize("state", [PRESENT, ACTIVE, INACTIVE])
def test_a_number_of_another_location_is_refused(numbers: Numbers, state: str) -> None:
    with pytest.raises(CallingError, match=r"not of this location: \+442071838001 \(London\)"):
        numbers.plan(["+442071838001", NEW[0]], state)
    assert numbers.plan(["+442071838001"], ABSENT).steps == {}


def test_a_number_that_only_the_newer_read_shows_is_there(numbers: Numbers) -> None:
    numbers.webex.fault(kind="status", status=200, path="/config/numbers$", body={"phoneNumbers": []})
    assert numbers.plan([FREE[0], NEW[0]], INACTIVE).steps == {"deactivate": [FREE[0]], "add": [NEW[0]]}


@pytest.mark.parametrize(
    ("pstn", "words"), [("CISCO_PSTN", "is integrated"), ("INTEGRATED_CCP", "is integrated"), (None, "no connection")]
)
@pytest.mark.parametrize("state", [ACTIVE, INACTIVE, ABSENT])
def test_an_integrated_connection_is_left_alone(numbers: Numbers, state: str, pstn: str | None, words: str) -> None:
    numbers.webex.change_location("Berlin", pstn=pstn)
    with pytest.raises(CallingError, match=words):
        numbers.plan([NEW[0]] if state == ACTIVE else [FREE[0]], state)
    assert numbers.writes() == []


@pytest.mark.parametrize("body", [{"id": "x"}, {"id": "x", "pstnConnectionType": "NEW_KIND"}])
def test_a_connection_that_is_not_known_to_be_harmless_is_left_alone(numbers: Numbers, body: dict[str, str]) -> None:
    numbers.webex.fault(kind="status", status=200, path="/connection$", body=body)
    with pytest.raises(CallingError, match="not known not to be"):
        numbers.plan(NEW, ACTIVE)


def test_without_the_scope_for_the_connection_nothing_is_written(numbers: Numbers, settings: Settings) -> None:
    token = numbers.webex.token(kind="service_app", scopes=list(SCOPES[:2]))["access_token"]
    with WebexClient(replace(settings, access_token=token)) as client:
        numbers.client = client
        with pytest.raises(Refused, match="needs spark-admin:telephony_pstn_read"):
            numbers.plan(NEW, ACTIVE)
    assert numbers.writes() == []


# After errors


@pytest.mark.parametrize(
    "fault",
    [{"kind": "apply_then_fail", "status": 502}, {"kind": "truncated"}, {"kind": "apply_then_fail", "status": 400}],
)
@pytest.mark.parametrize(("method", "state"), [("POST", ACTIVE), ("PUT", INACTIVE), ("DELETE", ABSENT)])
def test_what_was_done_in_spite_of_an_error_is_done(
    numbers: Numbers, method: str, state: str, fault: dict[str, t.Any]
) -> None:
    numbers.webex.fault(method=method, **fault)
    assert numbers.apply(NEW[:3] if method == "POST" else FREE[:3], state).verified
    assert [written for written, _body in numbers.writes()].count("POST") == (method == "POST")


def test_a_lost_answer_that_shows_late_is_not_sent_again(numbers: Numbers) -> None:
    plan = numbers.plan(NEW, ACTIVE)
    numbers.webex.stale(0.3, "numbers")
    numbers.clock.on_nap = lambda: time.sleep(0.2)
    numbers.webex.fault(kind="apply_then_fail", status=500, method="POST")
    assert numbers.carry_out(plan).verified
    assert len(numbers.writes()) == 1


def test_an_addition_that_did_nothing_is_sent_once_more_after_a_look(numbers: Numbers) -> None:
    numbers.webex.fault(kind="status", status=500, method="POST")
    assert numbers.apply(NEW, ACTIVE).verified
    assert 15 < sum(numbers.clock.naps) <= 30
    assert numbers.writes() == [("POST", {"phoneNumbers": NEW, "state": "ACTIVE"})] * 2


def test_a_failure_that_goes_on_is_an_error_that_tells_how_far_it_came(numbers: Numbers) -> None:
    numbers.webex.fault(kind="status", status=500, method="DELETE", skip=1, times=None)
    with pytest.raises(Refused, match=rf"500.* 5 of 7 numbers are absent; not \{FREE[5]}, \{FREE[6]}"):
        numbers.apply(FREE[:7], ABSENT)
    assert not set(FREE[:5]) & set(numbers.known())


def test_what_was_added_only_in_part_is_told(numbers: Numbers) -> None:
    plan = numbers.plan(NEW[:3], ACTIVE)
    numbers.webex.add_numbers("London", NEW[2])
    numbers.webex.configure(add_in_part=True)
    with pytest.raises(Refused, match=rf"DN is unavailable.* 2 of 3 numbers are active; not \{NEW[2]}\."):
        numbers.carry_out(plan)
    assert len(numbers.writes()) == 1
    assert 0 < sum(numbers.clock.naps) <= 5


def test_an_end_that_cannot_be_looked_at_is_told(numbers: Numbers) -> None:
    plan = numbers.plan(NEW, ACTIVE)
    numbers.webex.fault(kind="status", status=500, times=None)
    with pytest.raises(RequestError, match="Whether it was done is unknown"):
        numbers.carry_out(plan)


def test_a_change_that_is_accepted_and_cannot_be_seen_is_told(numbers: Numbers) -> None:
    plan = numbers.plan(NEW, ACTIVE)
    numbers.webex.fault(kind="status", status=403, method="GET", times=None)
    with pytest.raises(Refused, match="accepted the change of 12 numbers, but it cannot be seen"):
        numbers.carry_out(plan)


def test_a_change_that_does_not_show_is_not_verified(numbers: Numbers) -> None:
    plan = numbers.plan(NEW, ACTIVE)
    numbers.webex.stale(3600, "numbers")
    assert numbers.carry_out(plan) == Outcome([], False)


@pytest.mark.parametrize("sent", [1, 2])
def test_a_run_that_is_killed_is_finished_by_the_next(numbers: Numbers, allowed: Settings, sent: int) -> None:
    before, kept = numbers.known(), FREE[12:]
    numbers.webex.fault(kind="slow", method="DELETE", seconds=60, skip=sent - 1)

    def remove() -> None:
        with WebexClient(allowed) as client:
            Numbers(numbers.webex, client).apply(FREE[:12], ABSENT)

    with process(remove):
        wait_until(lambda: len(numbers.known()) == len(before) - 5 * sent)
    numbers.webex.clear_faults()
    assert numbers.apply(FREE[:12], ABSENT).verified
    assert set(numbers.known()) == {IVANS, *kept}
    assert numbers.webex.person("ivan")["phone_number"] == IVANS


def test_among_faults_nothing_is_lost_and_nothing_false_is_told(numbers: Numbers, allowed: Settings) -> None:
    others = {number: state for number, state in numbers.known().items() if number not in FREE}
    numbers.webex.fail_at_random(retry_after=0)
    numbers.clock.on_nap = lambda: time.sleep(0.01)
    wishes = [(NEW, ACTIVE), (FREE, INACTIVE), (NEW, INACTIVE), (NEW, ABSENT), (FREE, ACTIVE)] * 3
    came_true = 0
    with WebexClient(replace(allowed, timeout=1)) as impatient:
        numbers.client = impatient
        for wish, state in wishes:
            try:
                outcome = numbers.apply(wish, state)
            except WebexError:
                continue
            came_true += 1
            known = numbers.known()
            assert outcome.verified
            assert {known.get(number) for number in wish} == {None if state == ABSENT else state.upper()}
            assert others.items() <= known.items()
    assert came_true > len(wishes) / 2
