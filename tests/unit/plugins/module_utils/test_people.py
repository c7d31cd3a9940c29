# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, Refused, RequestError
from ansible_collections.collabops.webex.plugins.module_utils._people import (
    PersonError,
    PersonPlan,
    carry_out,
    find_person,
    plan_person,
    put_body,
)
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

NORA = "nora@example.com"
MESSAGING, MEETING = "Messaging - Advanced", "Meeting - Webex Meeting Center"
Ended = t.Tuple[t.Optional[t.Dict[str, t.Any]], bool]  # noqa: UP006, UP045 - pylint of 2.16 knows no others


class People:
    """The simulator's people, and the way from a wish to what becomes of it."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def plan(self, email: str = NORA, state: str = "present", **wanted: t.Any) -> PersonPlan:
        """Read and plan."""
        return plan_person(self.client, email, state, wanted)

    def carry_out(self, plan: PersonPlan, patience: float = 30) -> Ended:
        """Carry a plan out, without waiting."""
        return carry_out(self.client, plan, patience=patience, clock=self.clock.monotonic, sleep=self.clock.sleep)

    def apply(self, email: str = NORA, state: str = "present", **wanted: t.Any) -> Ended:
        """Plan, and carry the plan out."""
        return self.carry_out(self.plan(email, state, **wanted))

    def known(self, email: str = NORA) -> dict[str, t.Any] | None:
        """What the simulator knows of a person."""
        return next((one for one in self.webex.state()["people"] if one["email"] == email), None)

    def writes(self) -> list[str]:
        """The writing requests, with ids left out."""
        return [one.split("/people/")[0] for one in asked(self.webex) if not one.startswith("GET ")]

    def use_up(self, name: str) -> None:
        """Leave no free unit of a license."""
        for one in self.webex.state()["licenses"]:
            if one["name"] == name:
                self.webex.control("PATCH", f"/licenses/{one['id']}", {"total_units": one["consumed_units"]})


@pytest.fixture
def people(webex: Simulator, client: WebexClient) -> People:
    """The simulator's people."""
    return People(webex, client)


def test_a_person_is_found_by_address_and_by_id(client: WebexClient) -> None:
    ivan = find_person(client, email="IVAN@example.com")
    assert ivan
    assert ivan["extension"] == "2001"
    assert find_person(client, person_id=ivan["id"]) == ivan
    assert find_person(client, email=NORA) is None
    assert find_person(client, person_id="nobody") is None


def test_what_is_sent_is_what_was_read_with_the_changes() -> None:
    person = {
        "id": "x",
        "displayName": "Ivan",
        "nickName": "Ivan",
        "licenses": ["a", "b"],
        "loginEnabled": "true",
        "created": "2025",
        "phoneNumbers": [{"type": "work", "value": "+1"}, {"type": "work_extension", "value": "80302001"}],
    }
    assert put_body(person, {"title": "GM"}) == {
        "displayName": "Ivan",
        "licenses": ["a", "b"],
        "loginEnabled": True,
        "phoneNumbers": [{"type": "work", "value": "+1"}],
        "title": "GM",
    }


# Creating


def test_a_person_is_created_with_one_write(people: People) -> None:
    found, verified = people.apply(firstName="Nora", lastName="Example", department="Sales", licenses=[MESSAGING])
    assert found
    assert verified
    assert (found["displayName"], found["department"]) == ("Nora Example", "Sales")
    known = people.known()
    assert known
    assert known["licenses"] == [MESSAGING]
    assert people.writes() == ["POST /people"]
    assert not people.plan(firstName="Nora", department="Sales", licenses=[MESSAGING]).changes


def test_whoever_is_created_needs_a_name(people: People) -> None:
    with pytest.raises(PersonError, match="without a name none can be created"):
        people.plan(department="Sales")


def test_an_error_that_created_the_person_all_the_same_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="POST", status=400)
    assert people.apply(displayName="Nora")[1]
    assert people.writes() == ["POST /people"]


@pytest.mark.parametrize("fault", [{"kind": "apply_then_fail", "status": 502}, {"kind": "truncated"}])
def test_a_lost_answer_that_shows_late_is_a_success(people: People, fault: dict[str, t.Any]) -> None:
    plan = people.plan(displayName="Nora")
    people.webex.configure(stale_seconds=0.3)
    people.clock.on_nap = lambda: time.sleep(0.2)
    people.webex.fault(method="POST", **fault)
    assert people.carry_out(plan)[1]
    assert people.writes() == ["POST /people"]


def test_what_was_created_only_in_part_is_completed(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.fault(kind="status", status=500, method="POST")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Nora"})
    found, verified = people.carry_out(plan)
    assert found
    assert (found["title"], verified) == ("GM", True)
    assert [entry["method"] for entry in people.webex.writes()] == ["POST", "PUT"]


def test_who_was_created_meanwhile_is_changed(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Another"})
    found, verified = people.carry_out(plan)
    assert found
    assert (found["displayName"], found["title"], verified) == ("Nora", "GM", True)


def test_an_error_of_the_completion_tells_both(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Nora"})
    people.webex.fault(kind="status", status=400, method="PUT", times=None)
    with pytest.raises(Refused, match="PUT .*400.*without the wanted title.*was created, though: POST .*409"):
        people.carry_out(plan)


def test_a_failure_that_did_nothing_is_an_error_and_nothing_is_repeated(people: People) -> None:
    people.webex.fault(kind="status", status=500, method="POST", times=None)
    with pytest.raises(Refused, match="500.*looked up again; there is no person nora"):
        people.apply(displayName="Nora")
    assert people.writes() == ["POST /people"]
    assert 0 < sum(people.clock.naps) <= 30


def test_an_address_that_belongs_to_somebody_elsewhere_is_an_error(people: People) -> None:
    people.webex.fault(kind="status", status=409, method="POST")
    with pytest.raises(Refused, match="409"):
        people.apply(displayName="Nora")


def test_a_failure_after_which_nothing_can_be_read_says_so(people: People) -> None:
    plan = people.plan(displayName="Nora")
    people.webex.fault(kind="status", status=500, times=None)
    with pytest.raises(RequestError, match="What became of it is not known") as error:
        people.carry_out(plan)
    assert error.value.request.startswith("POST")


def test_who_may_not_log_in_is_told_so_after_the_creation(people: People) -> None:
    found, verified = people.apply(displayName="Nora", loginEnabled=False)
    assert found
    assert (found["loginEnabled"], verified) == ("false", True)
    assert "loginEnabled" not in people.webex.writes()[0]["body"]


# Changing


def test_only_what_differs_is_a_change_and_everything_else_stays(people: People) -> None:
    before = people.known("ivan@example.com")
    plan = people.plan("Ivan@example.com", displayName="Ivan Example", title="GM", department=None)
    assert (plan.action, plan.changes) == ("update", {"title": "GM"})
    found, verified = people.carry_out(plan)
    assert found
    assert (found["title"], verified) == ("GM", True)
    assert people.known("ivan@example.com") == before
    (write,) = people.webex.writes()
    assert write["method"] == "PUT"
    assert (write["body"]["displayName"], write["body"]["extension"]) == ("Ivan Example", "2001")
    assert len(write["body"]["licenses"]) == 3


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"displayName": "Ivan Example", "firstName": "Ivan"},
        {"department": ""},
        {"loginEnabled": True},
        {"licenses": [MEETING, MESSAGING]},
        {"licenses": [MESSAGING, MEETING, "Webex Calling - Professional"]},
        {"addresses": []},
    ],
)
def test_what_is_so_already_is_left_alone(people: People, wanted: dict[str, t.Any]) -> None:
    assert people.plan("ivan@example.com", **wanted).action == "none"


def test_a_property_can_be_emptied(people: People) -> None:
    people.apply("alice@example.com", department="Sales")
    assert people.plan("alice@example.com", department="Sales").action == "none"
    people.apply("alice@example.com", department="")
    assert people.plan("alice@example.com", department="").action == "none"


def test_licenses_are_replaced_only_on_request_and_calling_stays(people: People) -> None:
    people.apply("ivan@example.com", licenses=[MEETING])
    ivan = people.known("ivan@example.com")
    assert ivan
    assert sorted(ivan["licenses"]) == [MEETING, "Webex Calling - Professional"]
    assert (ivan["extension"], ivan["phone_number"]) == ("2001", "+493055502001")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["gold"], "'gold' is not a license of this organization"),
        (["Webex Calling - Standard"], "needs a location.*calling_user"),
    ],
)
def test_licenses_that_cannot_be_given_are_refused(people: People, wanted: list[str], words: str) -> None:
    with pytest.raises(PersonError, match=words):
        people.plan("alice@example.com", licenses=wanted)


def test_a_license_without_free_units_is_refused_unless_it_is_held(people: People) -> None:
    people.use_up(MESSAGING)
    assert people.plan("alice@example.com", licenses=[MESSAGING, MEETING]).action == "none"
    with pytest.raises(PersonError, match="No unit of the license 'Messaging - Advanced' is free"):
        people.plan(displayName="Nora", licenses=[MESSAGING])


def test_a_license_that_is_not_granted_is_an_error(people: People) -> None:
    plan = people.plan(displayName="Nora", licenses=[MESSAGING])
    people.use_up(MESSAGING)
    with pytest.raises(PersonError, match="everything but to grant the license"):
        people.carry_out(plan)


def test_an_error_that_changed_the_person_all_the_same_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="PUT", status=400)
    assert people.apply("alice@example.com", title="GM")[1]


def test_a_refused_change_says_what_is_now(people: People) -> None:
    people.webex.fault(kind="status", method="PUT", status=400)
    with pytest.raises(Refused, match="400.*is there, but without the wanted title"):
        people.apply("alice@example.com", title="GM")


def test_a_change_that_does_not_show_is_waited_for_in_bounds(people: People) -> None:
    people.webex.configure(stale_seconds=3600)
    found, verified = people.apply("alice@example.com", title="GM")
    assert found
    assert not verified
    assert 15 < sum(people.clock.naps) <= 30


# Deleting


def test_a_person_is_deleted(people: People) -> None:
    assert people.apply("alice@example.com", "absent") == (None, True)
    assert people.known("alice@example.com") is None
    assert people.plan("alice@example.com", "absent").action == "none"
    assert [entry["method"] for entry in people.webex.writes()] == ["DELETE"]


def test_who_is_gone_meanwhile_is_gone(people: People) -> None:
    plan = people.plan("alice@example.com", "absent")
    people.apply("alice@example.com", "absent")
    assert people.carry_out(plan) == (None, True)


def test_a_deletion_that_failed_but_did_its_work_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="DELETE", status=500)
    assert people.apply("alice@example.com", "absent") == (None, True)


def test_a_refused_deletion_says_that_the_person_is_still_there(people: People) -> None:
    people.webex.fault(kind="status", method="DELETE", status=403)
    with pytest.raises(Refused, match="403.*is still there"):
        people.apply("alice@example.com", "absent")
    assert len(people.webex.writes()) == 1


# What is wrong by itself


@pytest.mark.parametrize(
    ("email", "wanted", "option"),
    [("nora", {}, "email"), ("a@b, c@d", {}, "email"), (NORA, {"displayName": ""}, "display_name")],
)
def test_what_is_wrong_by_itself_is_refused_before_any_request(
    people: People, email: str, wanted: dict[str, str], option: str
) -> None:
    with pytest.raises(OptionError) as error:
        people.plan(email, **wanted)
    assert error.value.option == option
    assert asked(people.webex) == []


def test_the_difference_shows_only_what_changes(people: People) -> None:
    assert people.plan("ivan@example.com", title="GM").difference() == {
        "before": {"title": None},
        "after": {"title": "GM"},
    }
    assert people.plan(displayName="Nora").difference() == {
        "before": {},
        "after": {"emails": [NORA], "displayName": "Nora"},
    }
    assert people.plan("ivan@example.com", "absent").difference()["after"] == {}
