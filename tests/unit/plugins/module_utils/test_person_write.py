# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.licenses import REFUSE
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    OptionError,
    Refused,
    RequestError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._people import PersonError, find_person
from ansible_collections.collabops.webex.plugins.module_utils._person_plan import (
    PersonPlan,
    WantedPerson,
    differences,
    plan_for,
    plan_person,
)
from ansible_collections.collabops.webex.plugins.module_utils._person_write import Outcome, carry_out
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

NORA = "nora@example.com"
MESSAGING, MEETING = "Messaging - Advanced", "Meeting - Webex Meeting Center"
PROFESSIONAL = "Webex Calling - Professional"


class People:
    """The simulator's people, and the way from a wish to what becomes of it."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def plan(
        self,
        email: str = NORA,
        state: str = "present",
        licenses: list[str] | None = None,
        ignored: t.Sequence[str] = (),
        overage: str = "allow",
        **properties: t.Any,
    ) -> PersonPlan:
        """Read and plan."""
        return plan_person(self.client, WantedPerson(email, state, properties, licenses, ignored, overage))

    def carry_out(self, plan: PersonPlan, patience: float = 30) -> Outcome:
        """Carry a plan out, without waiting."""
        return carry_out(self.client, plan, Patience(patience, self.clock.monotonic, self.clock.sleep))

    def apply(self, email: str = NORA, state: str = "present", **wanted: t.Any) -> Outcome:
        """Plan, and carry the plan out."""
        return self.carry_out(self.plan(email, state, **wanted))

    def known(self, email: str = NORA) -> dict[str, t.Any] | None:
        """What the simulator knows of a person."""
        return next((person for person in self.webex.state()["people"] if person["email"] == email), None)

    def writes(self) -> list[str]:
        """The writing requests, with ids left out."""
        return [request.split(" /people/")[0] for request in asked(self.webex) if not request.startswith("GET ")]

    def use_up(self, name: str) -> None:
        """Leave no free unit of a license."""
        for license_ in self.webex.state()["licenses"]:
            if license_["name"] == name:
                self.webex.control("PATCH", f"/licenses/{license_['id']}", {"total_units": license_["consumed_units"]})


@pytest.fixture
def people(webex: Simulator, client: WebexClient) -> People:
    """The simulator's people."""
    return People(webex, client)


def shown(outcome: Outcome, *names: str) -> tuple[t.Any, ...]:
    """What a person shows after a change that was verified."""
    assert outcome.verified
    assert outcome.person
    return tuple(outcome.person[name] for name in names)


# Creating


def test_a_person_is_created_with_one_write(people: People) -> None:
    outcome = people.apply(firstName="Nora", lastName="Example", department="Sales", licenses=[MESSAGING])
    assert shown(outcome, "displayName", "department") == ("Nora Example", "Sales")
    known = people.known()
    assert known
    assert known["licenses"] == [MESSAGING]
    assert people.writes() == ["POST /people"]
    assert not people.plan(firstName="Nora", department="Sales", licenses=[MESSAGING]).changes


def test_a_person_who_is_created_needs_a_name(people: People) -> None:
    with pytest.raises(PersonError, match="without a name none can be created"):
        people.plan(department="Sales")


def test_an_error_that_created_the_person_all_the_same_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="POST", status=400)
    assert people.apply(displayName="Nora").verified
    assert people.writes() == ["POST /people"]


@pytest.mark.parametrize("fault", [{"kind": "apply_then_fail", "status": 502}, {"kind": "truncated"}])
def test_a_lost_answer_that_shows_late_is_a_success(people: People, fault: dict[str, t.Any]) -> None:
    plan = people.plan(displayName="Nora")
    people.webex.configure(stale_seconds=0.3)
    people.clock.on_nap = lambda: time.sleep(0.2)
    people.webex.fault(method="POST", **fault)
    assert people.carry_out(plan).verified
    assert people.writes() == ["POST /people"]


def test_what_was_created_only_in_part_is_completed(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.fault(kind="status", status=500, method="POST")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Nora"})
    assert shown(people.carry_out(plan), "title") == ("GM",)
    assert [entry["method"] for entry in people.webex.writes()] == ["POST", "PUT"]


def test_who_was_created_meanwhile_is_changed(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Another"})
    assert shown(people.carry_out(plan), "displayName", "title") == ("Nora", "GM")


def test_an_address_that_is_taken_but_not_shown_yet_is_waited_for(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.configure(stale_seconds=0.3)
    people.client.post("/people", {"emails": [NORA], "displayName": "Nora"})
    people.clock.on_nap = lambda: time.sleep(0.2)
    assert shown(people.carry_out(plan), "title") == ("GM",)


def test_a_person_who_is_gone_after_a_lost_change_is_not_created_again(people: People) -> None:
    plan = people.plan("alice@example.com", title="GM", displayName="Alice")
    people.apply("alice@example.com", "absent")
    people.webex.fault(kind="status", status=500, method="PUT", times=None)
    with pytest.raises(Refused, match="500.*there is no person alice@example.com"):
        people.carry_out(plan)
    assert people.known("alice@example.com") is None


def test_an_error_of_the_completion_tells_both(people: People) -> None:
    plan = people.plan(displayName="Nora", title="GM")
    people.webex.control("POST", "/people", {"email": NORA, "display_name": "Nora"})
    people.webex.fault(kind="status", status=400, method="PUT", times=None)
    with pytest.raises(Refused, match="PUT .*400.*does not show the wanted title.*was created, though: POST .*409"):
        people.carry_out(plan)


def test_an_unclear_failure_that_did_nothing_is_repeated_after_a_look_and_only_once(people: People) -> None:
    people.webex.fault(kind="status", status=500, method="POST")
    assert people.apply(displayName="Nora").verified
    # A look before the repetition, for the whole patience.
    assert 15 < sum(people.clock.naps) <= 30
    requests = asked(people.webex)
    first, second = (number for number, request in enumerate(requests) if request == "POST /people")
    assert requests[first + 1 : second] == ["GET /people"] * (second - first - 1)


def test_a_failure_that_goes_on_is_an_error(people: People) -> None:
    people.webex.fault(kind="status", status=500, method="POST", times=None)
    with pytest.raises(Refused, match="500.*looked up again; there is no person nora.*Before that, the same failed"):
        people.apply(displayName="Nora")
    assert people.writes() == ["POST /people"] * 2


def test_a_clear_refusal_is_not_repeated(people: People) -> None:
    people.webex.fault(kind="status", status=400, method="POST", times=None)
    with pytest.raises(Refused, match="400.*looked up again; there is no person nora"):
        people.apply(displayName="Nora")
    assert people.writes() == ["POST /people"]
    assert 0 < sum(people.clock.naps) <= 5


def test_a_person_who_is_gone_is_not_created_again_by_a_change(people: People) -> None:
    plan = people.plan("alice@example.com", title="GM")
    people.apply("alice@example.com", "absent")
    with pytest.raises(Refused, match="404.*there is no person alice@example.com"):
        people.carry_out(plan)
    assert people.writes() == ["DELETE", "PUT"]


def test_an_address_that_belongs_to_somebody_elsewhere_is_an_error(people: People) -> None:
    people.webex.fault(kind="status", status=409, method="POST")
    with pytest.raises(Refused, match="409"):
        people.apply(displayName="Nora")


def test_a_failure_after_which_nothing_can_be_read_says_so(people: People) -> None:
    plan = people.plan(displayName="Nora")
    people.webex.fault(kind="status", status=500, times=None)
    with pytest.raises(RequestError, match="Whether it was done is unknown") as error:
        people.carry_out(plan)
    assert error.value.request.startswith("POST")


def test_who_may_not_log_in_is_told_so_after_the_creation(people: People) -> None:
    assert shown(people.apply(displayName="Nora", loginEnabled=False), "loginEnabled") == ("false",)
    assert "loginEnabled" not in people.webex.writes()[0]["body"]


# Changing


def test_only_what_differs_is_a_change_and_everything_else_stays(people: People) -> None:
    before = people.known("ivan@example.com")
    plan = people.plan("Ivan@example.com", displayName="Ivan Example", title="GM")
    assert (plan.action, plan.changes) == ("update", {"title": "GM"})
    assert shown(people.carry_out(plan), "title") == ("GM",)
    assert people.known("ivan@example.com") == before
    (write,) = people.webex.writes()
    assert write["method"] == "PUT"
    assert write["query"]["callingData"] == "true"
    assert write["body"] == {"displayName": "Ivan Example", "emails": ["ivan@example.com"], "title": "GM"}


def test_of_several_addresses_the_primary_one_is_listed_first(people: People) -> None:
    ivan = find_person(people.client, email="ivan@example.com")
    assert ivan
    wanted = WantedPerson("ivan@example.com", properties={"title": "GM"})
    aliased = {**ivan, "emails": ["alias@example.com", "ivan@example.com"]}
    assert people.carry_out(plan_for(people.client, wanted, None, aliased)).verified
    (write,) = people.webex.writes()
    assert write["body"]["emails"] == ["ivan@example.com", "alias@example.com"]


def test_which_address_is_the_primary_one_is_asked_only_for_a_change(people: People) -> None:
    alice = find_person(people.client, email="alice@example.com")
    assert alice
    aliased = {**alice, "emails": ["b@example.com", "c@example.com"]}
    people.webex.clear_journal()
    wanted = WantedPerson("alice@example.com", properties={"displayName": "Alice Example"})
    assert plan_for(people.client, wanted, None, aliased).action == "none"
    assert asked(people.webex) == []
    with pytest.raises(PersonError, match="b@example.com, c@example.com.*Nothing was written"):
        plan_for(people.client, replace(wanted, properties={"title": "GM"}), None, aliased)


def test_a_number_of_a_directory_is_never_sent(people: People) -> None:
    alice = find_person(people.client, email="alice@example.com")
    assert alice
    listed = {**alice, "phoneNumbers": [{"type": "work", "value": "+493012345"}]}
    wanted = WantedPerson("alice@example.com", properties={"title": "GM"})
    assert people.carry_out(plan_for(people.client, wanted, None, listed)).verified
    assert "phoneNumbers" not in people.webex.writes()[0]["body"]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"displayName": "Ivan Example", "firstName": "Ivan"},
        {"department": ""},
        {"loginEnabled": True},
        {"licenses": [MEETING, MESSAGING]},
        {"licenses": [MESSAGING, MEETING, PROFESSIONAL]},
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
    assert sorted(ivan["licenses"]) == [MEETING, PROFESSIONAL]
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


def test_licenses_are_given_and_taken_one_by_one(people: People) -> None:
    ids = {license_["name"]: license_["id"] for license_ in people.webex.state()["licenses"]}
    people.apply("alice@example.com", licenses=[MEETING])
    people.apply("alice@example.com", licenses=[MESSAGING])
    requests = [write["body"]["licenses"] for write in people.webex.writes()]
    assert requests == [
        [{"id": ids[MESSAGING], "operation": "remove"}],
        [{"id": ids[MEETING], "operation": "remove"}, {"id": ids[MESSAGING], "operation": "add"}],
    ]
    assert people.plan("alice@example.com", licenses=[MESSAGING]).action == "none"


@pytest.mark.parametrize("licenses", [[], [MESSAGING], [MEETING]])
def test_calling_that_a_read_does_not_show_yet_is_not_lost(people: People, licenses: list[str]) -> None:
    people.webex.configure(stale_seconds=3600)
    professional = max(
        (item for item in people.webex.state()["licenses"] if item["name"] == PROFESSIONAL),
        key=lambda item: item["total_units"] - item["consumed_units"],
    )
    alice, london = people.known("alice@example.com"), people.webex.state()["locations"][1]
    assert alice
    properties = {"locationId": london["id"], "extension": "3001"}
    operation = {"id": professional["id"], "operation": "add", "properties": properties}
    people.client.patch("/licenses/users", {"personId": alice["id"], "licenses": [operation]})
    outcome = people.apply("alice@example.com", licenses=licenses, title="GM")
    assert not outcome.verified
    known = people.known("alice@example.com")
    assert known
    assert (sorted(known["licenses"]), known["extension"]) == (sorted([*licenses, PROFESSIONAL]), "3001")


def test_a_license_that_only_the_answer_shows_is_taken_away_too(people: People) -> None:
    people.apply("alice@example.com", licenses=[])
    plan = people.plan("alice@example.com", licenses=[MESSAGING])
    people.apply("alice@example.com", licenses=[MEETING])
    people.webex.clear_journal()
    assert people.carry_out(plan).verified
    known = people.known("alice@example.com")
    assert known
    assert known["licenses"] == [MESSAGING]
    assert people.writes() == ["PATCH /licenses/users"] * 2


def test_a_license_that_the_organization_does_not_list_is_left_alone(people: People) -> None:
    alice = find_person(people.client, email="alice@example.com")
    assert alice
    licenses = people.plan("alice@example.com", licenses=[]).licenses
    wanted = WantedPerson("alice@example.com", licenses=[MESSAGING, MEETING])
    foreign = {**alice, "licenses": ["foreign", *alice["licenses"]]}
    assert plan_for(people.client, wanted, licenses, foreign).action == "none"


def test_ignored_licenses_stay(people: People) -> None:
    for name in (MEETING, MEETING.upper()):
        assert people.plan("alice@example.com", licenses=[MESSAGING], ignored=[name]).action == "none"
    people.apply("alice@example.com", licenses=[], ignored=[MEETING])
    known = people.known("alice@example.com")
    assert known
    assert known["licenses"] == [MEETING]
    # They are not given, though.
    assert people.plan(displayName="Nora", licenses=[], ignored=[MEETING]).changes["licenses"] == []


def test_of_licenses_with_the_same_name_all_that_are_held_stay_and_the_freest_is_given(people: People) -> None:
    plan = people.plan("alice@example.com", licenses=[MESSAGING])
    first, second = (license_ for license_ in plan.licenses or () if license_.name in (MESSAGING, MEETING))
    twins = [replace(first, consumed=9, total=10), replace(second, name=first.name, consumed=1, total=10)]
    wanted = WantedPerson("alice@example.com", properties={"displayName": "Alice Example"}, licenses=[first.name])
    assert plan_for(people.client, wanted, twins, plan.before).action == "none"
    assert plan_for(people.client, wanted, twins, None).changes["licenses"] == [second.id]


def test_screen_share_stays_by_itself(people: People) -> None:
    plan = people.plan("alice@example.com", licenses=[MESSAGING])
    assert plan.licenses
    renamed = [
        replace(license_, name="Webex Screen Share") if license_.name == MEETING else license_
        for license_ in plan.licenses
    ]
    assert plan.action == "update"
    assert plan_for(people.client, plan.wanted, renamed, plan.before).action == "none"


def test_a_license_that_seems_used_up_is_a_note_or_a_refusal(people: People) -> None:
    people.use_up(MESSAGING)
    kept = people.plan("alice@example.com", licenses=[MESSAGING, MEETING], overage=REFUSE)
    assert (kept.action, kept.notes) == ("none", ())
    allowed = people.plan(displayName="Nora", licenses=[MESSAGING])
    assert "no unit of the license seems to be free, so Webex decides: Messaging - Advanced" in allowed.notes[0]
    with pytest.raises(PersonError, match="No free license: Messaging - Advanced.*license_overage=allow"):
        people.plan(displayName="Nora", licenses=[MESSAGING], overage=REFUSE)


def test_a_license_that_is_not_granted_is_an_error(people: People) -> None:
    people.use_up(MESSAGING)
    with pytest.raises(PersonError, match="everything for nora@.* but to give the license Messaging - Advanced"):
        people.apply(displayName="Nora", licenses=[MESSAGING])
    assert people.known()


def test_a_partial_answer_is_compared_with_what_was_asked(people: People) -> None:
    people.webex.fault(kind="partial")
    with pytest.raises(PersonError, match="but to take away the license Meeting.*ignore_licenses"):
        people.apply("alice@example.com", licenses=[MESSAGING])
    assert people.writes() == ["PATCH /licenses/users"]


def test_a_license_that_stays_after_a_success_is_implicit(people: People) -> None:
    alice = people.known("alice@example.com")
    assert alice
    body = {"personId": alice["id"], "licenses": alice["license_ids"]}
    people.webex.fault(kind="status", method="PATCH", status=200, body=body)
    outcome = people.apply("alice@example.com", licenses=[MESSAGING])
    assert (outcome.verified, outcome.implicit_licenses) == (True, (MEETING,))
    again = people.plan("alice@example.com", licenses=[MESSAGING], ignored=outcome.implicit_licenses)
    assert again.action == "none"


def test_the_refusal_to_take_an_implicit_license_names_it_and_the_option(people: People) -> None:
    alice = people.known("alice@example.com")
    assert alice
    description = f"Screen Share {alice['license_ids'][1]} is implicitly assigned and cannot be removed"
    body = {"message": "License assignment failed", "errors": [{"errorCode": 700006, "description": description}]}
    people.webex.fault(kind="status", method="PATCH", status=400, body=body)
    with pytest.raises(Refused, match=f"700006.*name it in `ignore_licenses`: {alice['licenses'][1]}\\.$"):
        people.apply("alice@example.com", licenses=[])


def test_a_lost_license_request_is_repeated_only_after_a_look(people: People) -> None:
    people.webex.fault(kind="status", method="PATCH", status=500)
    assert people.apply("alice@example.com", licenses=[MESSAGING]).verified
    assert people.writes() == ["PATCH /licenses/users"] * 2
    people.webex.fault(kind="apply_then_fail", method="PATCH", status=500)
    assert people.apply("alice@example.com", licenses=[MEETING]).verified
    assert people.writes() == ["PATCH /licenses/users"] * 3


def test_an_error_that_changed_the_person_all_the_same_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="PUT", status=400)
    assert people.apply("alice@example.com", title="GM").verified


def test_a_refused_change_says_what_is_now(people: People) -> None:
    people.webex.fault(kind="status", method="PUT", status=400)
    with pytest.raises(Refused, match="400.*does not show the wanted title"):
        people.apply("alice@example.com", title="GM")


def test_a_change_that_does_not_show_is_waited_for_in_bounds(people: People) -> None:
    people.webex.configure(stale_seconds=3600)
    outcome = people.apply("alice@example.com", title="GM")
    assert outcome.person
    assert not outcome.verified
    assert 15 < sum(people.clock.naps) <= 30


def test_a_change_that_was_accepted_and_cannot_be_seen_says_so(people: People) -> None:
    plan = people.plan("alice@example.com", title="GM")
    people.webex.fault(kind="status", method="GET", status=403, times=None)
    with pytest.raises(Refused, match="accepted the change of alice@example.com, but it cannot be seen.*403"):
        people.carry_out(plan)


def test_a_lost_change_is_repeated_after_a_look_for_the_whole_patience(people: People) -> None:
    people.webex.fault(kind="reset", method="PUT", times=4)
    outcome = people.apply("alice@example.com", title="GM", licenses=[MESSAGING])
    assert shown(outcome, "title") == ("GM",)
    assert sum(people.clock.naps) > 15
    assert people.webex.writes()[-1]["method"] == "PATCH"


# Deleting


def test_a_person_is_deleted(people: People) -> None:
    assert people.apply("alice@example.com", "absent") == Outcome(None, True)
    assert people.known("alice@example.com") is None
    assert people.plan("alice@example.com", "absent", licenses=[MESSAGING]).action == "none"
    assert "GET /licenses" not in asked(people.webex)
    assert [entry["method"] for entry in people.webex.writes()] == ["DELETE"]


def test_who_is_gone_meanwhile_is_gone(people: People) -> None:
    plan = people.plan("alice@example.com", "absent")
    people.apply("alice@example.com", "absent")
    assert people.carry_out(plan) == Outcome(None, True)


def test_a_deletion_that_failed_but_did_its_work_is_a_success(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", method="DELETE", status=500)
    assert people.apply("alice@example.com", "absent") == Outcome(None, True)


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


# Everything at once


def walk(
    people: People, webex: Simulator, stale_seconds: float, faults: bool, seed: int, steps: int
) -> tuple[int, int]:
    """Wish at random, again and again, and compare each time; returns how many wishes came true, and how many failed."""
    webex.configure(stale_seconds=stale_seconds)
    if faults:
        webex.fail_at_random(retry_after=0)
    people.clock.on_nap = lambda: time.sleep(0.02)
    chance = random.Random(seed)
    true = failed = 0
    for step in range(steps):
        email = chance.choice([NORA, "alice@example.com", "ivan@example.com"])
        wanted: dict[str, t.Any] = {"displayName": f"Name {step}"}
        if chance.random() < 0.6:
            wanted["licenses"] = chance.sample([MESSAGING, MEETING], chance.randrange(3))
        state = "absent" if email != "ivan@example.com" and chance.random() < 0.25 else "present"
        try:
            outcome = people.apply(email, state, **wanted)
        except WebexError:
            failed += 1
            continue
        true += 1
        assert outcome.verified
        known = people.known(email)
        if state == "absent":
            assert known is None
            continue
        assert known
        assert known["display_name"] == wanted["displayName"]
        if "licenses" in wanted:
            calling = [PROFESSIONAL] if email.startswith("ivan") else []
            assert sorted(known["licenses"]) == sorted([*wanted["licenses"], *calling])
    ivan = people.known("ivan@example.com")
    assert ivan
    assert (ivan["extension"], ivan["phone_number"]) == ("2001", "+493055502001")
    return true, failed


def test_the_organization_is_as_wished_last(people: People, webex: Simulator) -> None:
    assert walk(people, webex, stale_seconds=0.1, faults=False, seed=7, steps=60) == (60, 0)


def test_among_faults_every_wish_comes_true_or_fails_and_says_so(
    people: People, webex: Simulator, settings: Settings
) -> None:
    with WebexClient(replace(settings, timeout=1)) as impatient:
        people.client = impatient
        true, failed = walk(people, webex, stale_seconds=0.1, faults=True, seed=11, steps=60)
    assert true + failed == 60
    assert true > 50


def test_an_answer_that_does_not_say_whom_it_created_is_looked_after(people: People) -> None:
    people.webex.fault(kind="apply_then_fail", status=200, body={}, method="POST", path="/people$")
    outcome = people.apply(displayName="Nora")
    assert outcome.verified
    assert people.known() is not None
    assert people.writes() == ["POST /people"]


@pytest.mark.parametrize("body", [{}, {"licenses": []}], ids=["nothing", "no license"])
def test_an_answer_that_does_not_show_what_was_given_is_looked_after(people: People, body: t.Any) -> None:
    people.apply(displayName="Nora")
    people.webex.clear_journal()
    people.webex.fault(kind="apply_then_fail", status=200, body=body, method="PATCH", path="/licenses/users$")
    outcome = people.apply(licenses=[MEETING])
    known = people.known()
    assert known is not None
    assert (outcome.verified, known["licenses"]) == (True, [MEETING])
    assert people.writes() == ["PATCH /licenses/users"]


MANAGER = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9BQkMtMQ"  # ciscospark://us/PEOPLE/ABC-1


@pytest.mark.parametrize(
    ("key", "has", "wanted", "is_same"),
    [
        ("managerId", MANAGER, "abc-1", True),
        ("managerId", MANAGER, "abc-2", False),
        ("managerId", None, "", True),
        ("managerId", None, "abc-1", False),
        ("licenses", ["b", "A"], ["a", "b"], True),
        ("licenses", ["a"], ["a", "b"], False),
        ("licenses", None, [], True),
        ("loginEnabled", "true", True, True),
        ("loginEnabled", None, True, False),
        ("title", None, "", True),
        ("title", "Boss", "boss", False),
    ],
)
def test_what_differs_only_in_its_notation_is_not_changed(key: str, has: t.Any, wanted: t.Any, is_same: bool) -> None:
    assert differences({key: has}, {key: wanted}) == ({} if is_same else {key: wanted})
