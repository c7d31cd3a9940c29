# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling import (
    CallingError,
    CallingState,
    License,
    Organization,
    Plan,
    Wanted,
    check,
    choose_license,
    execute,
    make_plan,
    matching_licenses,
    same_number,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, Refused, RequestError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

NUMBER = "+493055502003"
WRITE = "PATCH /licenses/users"


class Org:
    """The simulator's organization, and the way from a wish to what becomes of it."""

    def __init__(self, webex: Simulator, client: WebexClient) -> None:
        self.webex = webex
        self.client = client
        self.clock = Clock()

    def plan(self, allow_move: bool = False, **wanted: str | None) -> Plan:
        """Plan with fresh eyes; ivan@example.com has Professional, Berlin, 2001 and +493055502001."""
        return make_plan(Organization(self.client), check(Wanted(**wanted)), allow_move)

    def allow_jobs(self) -> None:
        """Give the service app the scope that the move job needs."""
        app = self.webex.credentials["service_app"]["client_id"]
        scopes = [*self.webex.service_app(app)["scopes"], "spark-admin:telephony_config_write"]
        self.webex.service_app(app, scopes=scopes, regrant=True)

    def execute(self, plan: Plan, patience: float = 30) -> tuple[CallingState, bool]:
        """Carry a plan out, without waiting."""
        times = {"clock": self.clock.monotonic, "sleep": self.clock.sleep}
        return execute(self.client, Organization(self.client), plan, patience=patience, **times)

    def apply(self, **wanted: str | None) -> tuple[Plan, CallingState, bool]:
        """Plan, carry out, and say what is then."""
        plan = self.plan(**wanted)
        return plan, *self.execute(plan)

    def person(self, name: str) -> dict[str, t.Any]:
        """What the simulator knows of a person."""
        return next(one for one in self.webex.state()["people"] if one["email"] == f"{name}@example.com")

    def license(self, name: str, subscription: str = "Sub-2") -> dict[str, t.Any]:
        """What the simulator knows of a license."""
        licenses = self.webex.state()["licenses"]
        return next(one for one in licenses if (one["name"], one["subscription"]) == (name, subscription))

    def add(self, name: str, license_name: str = "Webex Calling - Standard", **options: str) -> None:
        """Put a calling user into the organization, past all rules."""
        body = {"email": f"{name}@example.com", "licenses": [license_name], "location": "Berlin", **options}
        self.webex.control("POST", "/people", body)

    def use_up(self, name: str) -> None:
        """Leave no free unit of a license in any subscription."""
        for one in self.webex.state()["licenses"]:
            if one["name"] == name:
                self.webex.control("PATCH", f"/licenses/{one['id']}", {"total_units": one["consumed_units"]})


@pytest.fixture
def org(webex: Simulator, client: WebexClient) -> Org:
    """The simulator's organization."""
    return Org(webex, client)


# What is asked for, by itself


def test_a_number_and_an_extension_are_put_into_their_plain_form() -> None:
    checked = check(Wanted(email="a@b", phone_number="+49 (30) 555-0.2003", extension=" 2001 "))
    assert (checked.phone_number, checked.extension) == ("+493055502003", "2001")


@pytest.mark.parametrize(
    ("wanted", "option"),
    [
        ({}, "email"),
        ({"email": "a@b", "person_id": "x"}, "email"),
        ({"email": "alice"}, "email"),
        ({"email": "a@b, c@d"}, "email"),
        ({"email": "a@b", "state": "enabled"}, "state"),
        ({"email": "a@b", "phone_number": "call me"}, "phone_number"),
        ({"email": "a@b", "phone_number": "+1234567890123456"}, "phone_number"),
        ({"email": "a@b", "location": "Berlin", "extension": "20x"}, "extension"),
        ({"email": "a@b", "location": "Berlin"}, "extension"),
        ({"email": "a@b", "extension": "2001"}, "location"),
    ],
)
def test_what_is_wrong_by_itself_is_refused(wanted: dict[str, str], option: str) -> None:
    with pytest.raises(OptionError) as error:
        check(Wanted(**wanted))
    assert error.value.option == option


def test_taking_calling_away_needs_nothing_but_the_person() -> None:
    assert check(Wanted(person_id="x", state="absent")).state == "absent"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("+49 30 1", "49301", True), ("+49301", "+49302", False), (None, None, False), ("+1", None, False)],
)
def test_numbers_are_compared_by_their_digits(one: str | None, other: str | None, same: bool) -> None:
    assert same_number(one, other) is same


# Licenses


def licenses(*units: tuple[str, int, int]) -> list[License]:
    """Licenses of one subscription each."""
    return [License(f"id-{n}", name, f"Sub-{n}", total, consumed) for n, (name, total, consumed) in enumerate(units)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Webex Calling - Professional", "professional"),
        ("Webex Calling - Standard", "standard"),
        ("Webex Calling - Basic", "standard"),
        ("Webex Calling - Workspaces", None),
        ("Messaging - Professional", None),
    ],
)
def test_the_kind_of_a_license_is_known_by_its_name(name: str, kind: str | None) -> None:
    assert licenses((name, 1, 0))[0].kind == kind


def test_an_id_comes_before_a_name_and_a_name_before_a_kind() -> None:
    every = licenses(("id-1", 1, 0), ("Webex Calling - Professional", 1, 0), ("professional", 1, 0))
    assert [one.id for one in matching_licenses(every, "id-1")] == ["id-1"]
    assert [one.id for one in matching_licenses(every, "Professional")] == ["id-2"]
    assert [one.id for one in matching_licenses(every[:2], "professional")] == ["id-1"]


def test_the_subscription_with_the_most_free_units_is_taken() -> None:
    name = "Webex Calling - Professional"
    assert choose_license(licenses((name, 5, 3), (name, 9, 2), (name, 5, 5)), "professional", None).id == "id-1"


def test_unlimited_is_more_than_any_number() -> None:
    name = "Webex Calling - Professional"
    assert choose_license(licenses((name, 900, 3), (name, -1, 5000)), "professional", None).id == "id-1"


def test_the_license_that_is_held_is_kept_though_none_is_free() -> None:
    every = licenses(("Webex Calling - Professional", 1, 1), ("Webex Calling - Professional", 5, 0))
    assert choose_license(every, "professional", every[0]) is every[0]


# What cannot be done is found before anything is written


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"email": "nobody@example.com"}, "There is no person nobody@example.com"),
        ({"person_id": "nonsense"}, "There is no person nonsense"),
        ({"license": "gold"}, "'gold' is not a license of this organization.*What to do: choose professional"),
        ({"license": "Messaging - Advanced"}, "is not a calling license for people"),
        ({"license": "Webex Calling - Workspaces"}, "is not a calling license for people"),
        ({"location": "Atlantis"}, "'Atlantis' does not exist.*name one of: Berlin, London"),
        ({"location": "Warehouse"}, "'Warehouse' is not enabled for Webex Calling"),
        ({"extension": "2001"}, "extension 2001 in Berlin is in use by Ivan Example"),
        ({"phone_number": "+49301"}, r"\+49301 is not in the inventory in Berlin"),
        ({"phone_number": "+49301", "location": None}, r"\+49301 is not in the inventory\."),
        ({"phone_number": "+442071838001"}, "is not in the inventory in Berlin"),
        ({"phone_number": "+493055502001"}, "is in use by Ivan Example"),
        ({"email": "ivan@example.com", "location": "London"}, "has calling in another location .Berlin. already"),
        ({"email": "ivan@example.com", "license": "standard"}, "does not change it to Webex Calling - Standard"),
    ],
)
def test_what_cannot_be_done_is_refused(org: Org, wanted: dict[str, str | None], words: str) -> None:
    if "person_id" in wanted:
        wanted["email"] = None
    with pytest.raises(CallingError, match=words):
        org.plan(**{"email": "alice@example.com", "location": "Berlin", "extension": "2002", **wanted})
    assert org.webex.writes() == []


def test_a_license_without_free_units_is_refused_with_its_use(org: Org) -> None:
    org.use_up("Webex Calling - Professional")
    with pytest.raises(CallingError, match=r"Sub-1\): 5 of 5 units in use; .*Sub-2\): 0 of 0 units in use"):
        org.plan(email="alice@example.com", location="Berlin", extension="2002")
    assert org.webex.writes() == []


def test_a_missing_scope_is_an_error_and_not_a_missing_person(org: Org) -> None:
    org.webex.fault(kind="status", status=403, path="/people/")
    with pytest.raises(Refused):
        org.plan(person_id=org.person("alice")["id"], state="absent")


# Nothing to do


@pytest.mark.parametrize(
    "wanted",
    [
        {"location": "Berlin", "extension": "2001"},
        {"location": "berlin", "phone_number": "+49 30 5550 2001"},
        {"phone_number": "493055502001"},
        {"extension": "2001", "location": "Berlin", "license": "Webex Calling - Professional"},
    ],
)
def test_what_is_so_already_is_left_alone(org: Org, wanted: dict[str, str]) -> None:
    plan = org.plan(email="IVAN@example.com", **wanted)
    assert (plan.changes, plan.action) == (False, "none")
    assert len(asked(org.webex)) <= 3


def test_the_location_can_be_given_by_its_id(org: Org) -> None:
    berlin = next(one["id"] for one in org.webex.state()["locations"] if one["name"] == "Berlin")
    assert not org.plan(email="ivan@example.com", location=berlin, extension="2001").changes


@pytest.mark.parametrize(
    "person", [{"email": "alice@example.com"}, {"email": "nobody@example.com"}, {"person_id": "x"}]
)
def test_who_has_no_calling_is_absent_already(org: Org, person: dict[str, str]) -> None:
    assert not org.plan(**person, state="absent").changes


# What is done


def test_enabling_takes_one_write(org: Org) -> None:
    plan, state, verified = org.apply(email="alice@example.com", location="Berlin", extension="2002")
    alice = org.person("alice")
    assert (plan.action, verified, state.extension) == ("enable", True, "2002")
    assert (alice["location"], alice["extension"]) == ("Berlin", "2002")
    assert org.license("Webex Calling - Professional")["id"] in alice["license_ids"]
    assert [f"{one['method']} {one['path']}" for one in org.webex.writes()] == ["PATCH /v1/licenses/users"]
    assert org.clock.naps == []


def test_a_number_brings_its_location_along(org: Org) -> None:
    _plan, state, _verified = org.apply(email="bob@example.com", license="standard", phone_number="+442071838001")
    bob = org.person("bob")
    assert (bob["location"], bob["phone_number"], state.location) == ("London", "+442071838001", "London")
    assert "Webex Calling - Standard" in bob["licenses"]


def test_a_number_is_written_as_the_inventory_writes_it(org: Org) -> None:
    org.apply(email="bob@example.com", location="Berlin", phone_number=NUMBER.removeprefix("+"))
    assert org.person("bob")["phone_number"] == NUMBER


def test_an_extension_of_another_location_is_free(org: Org) -> None:
    org.apply(email="alice@example.com", location="London", extension="2001")
    assert (org.person("alice")["location"], org.person("alice")["extension"]) == ("London", "2001")


def test_an_extension_is_changed_and_everything_else_stays(org: Org) -> None:
    before = org.person("ivan")
    plan, _state, verified = org.apply(email="ivan@example.com", location="Berlin", extension="2050")
    assert (plan.action, verified) == ("update", True)
    assert org.person("ivan") == {**before, "extension": "2050"}


def test_a_number_is_changed_and_everything_else_stays(org: Org) -> None:
    before = org.person("ivan")
    org.apply(email="ivan@example.com", phone_number=NUMBER)
    assert org.person("ivan") == {**before, "phone_number": NUMBER}


def test_standard_is_raised_to_professional_with_what_there_is(org: Org) -> None:
    org.add("nora", extension="3001", phone_number=NUMBER)
    plan, _state, verified = org.apply(email="nora@example.com", location="Berlin", extension="3001")
    nora = org.person("nora")
    assert (plan.action, verified) == ("update", True)
    assert nora["licenses"] == ["Webex Calling - Professional"]
    assert (nora["extension"], nora["phone_number"]) == ("3001", NUMBER)


def test_standard_is_raised_to_professional_with_another_extension(org: Org) -> None:
    org.add("nora", extension="3001")
    _plan, state, verified = org.apply(email="nora@example.com", location="Berlin", extension="3002")
    assert (verified, state.extension) == (True, "3002")
    assert org.person("nora")["licenses"] == ["Webex Calling - Professional"]


def test_calling_is_taken_away_and_other_licenses_stay(org: Org) -> None:
    plan, state, verified = org.apply(email="ivan@example.com", state="absent")
    ivan = org.person("ivan")
    assert (plan.action, verified, state) == ("disable", True, CallingState())
    assert ivan["licenses"] == ["Messaging - Advanced", "Meeting - Webex Meeting Center"]
    assert (ivan["location"], ivan["extension"], ivan["phone_number"]) == (None, None, None)


@pytest.mark.parametrize(
    "wanted",
    [
        {"email": "alice@example.com", "location": "Berlin", "extension": "2002"},
        {"email": "bob@example.com", "license": "standard", "phone_number": NUMBER},
        {"email": "ivan@example.com", "location": "Berlin", "extension": "2050", "phone_number": NUMBER},
        {"email": "ivan@example.com", "state": "absent"},
    ],
)
def test_a_second_time_there_is_nothing_to_do(org: Org, wanted: dict[str, str]) -> None:
    assert org.plan(**wanted).changes
    org.apply(**wanted)
    assert not org.plan(**wanted).changes


def test_the_organization_is_read_page_by_page(org: Org) -> None:
    org.webex.configure(max_page_size=1)
    with pytest.raises(CallingError, match="in use by Ivan Example"):
        org.plan(email="alice@example.com", location="Berlin", extension="2001")


# What goes wrong


def test_a_refusal_is_an_error_that_says_what_is_now(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.fault(kind="status", status=400, method="PATCH", body={"errors": [{"errorCode": 400411}]})
    with pytest.raises(RequestError, match="The user was read again; now enabled: False") as error:
        org.execute(plan)
    assert "a calling license needs its properties" in str(error.value)
    assert org.clock.naps == []


def test_a_license_that_is_not_granted_is_an_error(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.fault(kind="partial")
    with pytest.raises(CallingError, match="206: Webex did not grant Webex Calling - Professional"):
        org.execute(plan)


def test_a_free_unit_that_goes_to_somebody_else_meanwhile_is_an_error(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.use_up("Webex Calling - Professional")
    with pytest.raises(CallingError, match="206"):
        org.execute(plan)
    assert org.person("alice")["extension"] is None


@pytest.mark.parametrize(
    ("wanted", "method"),
    [
        ({"email": "alice@example.com", "location": "Berlin", "extension": "2002"}, "PATCH"),
        ({"email": "ivan@example.com", "state": "absent"}, "PATCH"),
        ({"email": "ivan@example.com", "location": "Berlin", "extension": "2050"}, "PUT"),
    ],
)
def test_a_failure_that_did_its_work_is_a_success(org: Org, wanted: dict[str, str], method: str) -> None:
    plan = org.plan(**wanted)
    org.webex.fault(kind="apply_then_fail", status=500, method=method, times=None)
    found, verified = org.execute(plan)
    assert verified
    assert found.satisfies(plan.after)
    if method == "PATCH":
        assert asked(org.webex).count(WRITE) == 1


def test_a_lost_answer_of_a_call_that_did_its_work_is_a_success(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.fault(kind="truncated", method="PATCH")
    assert org.execute(plan)[1]
    assert asked(org.webex).count(WRITE) == 1


def test_a_failure_that_did_nothing_is_an_error_that_says_what_is_now(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.fault(kind="status", status=502, method="PATCH")
    with pytest.raises(Refused, match="502.*The user was read again; now enabled: False"):
        org.execute(plan, patience=20)
    assert asked(org.webex).count(WRITE) == 1
    assert 0 < sum(org.clock.naps) <= 20


def test_a_refusal_after_everything_was_done_already_is_a_success(org: Org) -> None:
    org.add("nora", extension="3001")
    plan = org.plan(email="nora@example.com", location="Berlin", extension="3002")
    org.webex.fault(kind="status", status=400, method="PUT")
    found, verified = org.execute(plan)
    assert (verified, found.extension) == (True, "3002")


# What is read back late


def test_a_change_that_does_not_show_is_waited_for_in_bounds(org: Org) -> None:
    org.webex.configure(stale_seconds=3600)
    _plan, state, verified = org.apply(email="alice@example.com", location="Berlin", extension="2002")
    assert (verified, state) == (False, CallingState())
    assert 15 < sum(org.clock.naps) <= 30
    assert max(org.clock.naps) <= 5
    assert asked(org.webex).count(WRITE) == 1


def test_without_patience_nothing_is_waited_for(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.configure(stale_seconds=3600)
    assert org.execute(plan, patience=0) == (CallingState(), False)
    assert org.clock.naps == []


def test_a_change_that_shows_late_is_verified(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.configure(stale_seconds=0.2)
    found, verified = org.execute(plan, patience=1e6)
    assert (verified, found.extension) == (True, "2002")
    assert org.clock.naps


# Another location: the move job

MOVE = "POST /telephony/config/jobs/person/moveLocation"
IVAN = {"email": "ivan@example.com", "location": "London", "extension": "2001"}


def test_a_move_keeps_the_number_and_what_is_not_said(org: Org) -> None:
    org.allow_jobs()
    before = org.person("ivan")
    plan = org.plan(allow_move=True, **IVAN)
    assert plan.action == "move"
    found, verified = org.execute(plan)
    assert (verified, found.location) == (True, "London")
    assert org.person("ivan") == {**before, "location": "London"}
    (write,) = org.webex.writes()
    assert write["body"] == {
        "usersList": [{"locationId": found.location_id, "validate": False, "users": [{"userId": before["id"]}]}]
    }
    assert not org.plan(allow_move=True, **IVAN).changes


def test_a_move_takes_a_new_number_and_extension_along(org: Org) -> None:
    org.allow_jobs()
    wanted = {**IVAN, "extension": "3001", "phone_number": "+442071838001"}
    assert org.execute(org.plan(allow_move=True, **wanted))[1]
    ivan = org.person("ivan")
    assert (ivan["location"], ivan["extension"], ivan["phone_number"]) == ("London", "3001", "+442071838001")


def test_a_move_can_raise_the_license_too(org: Org) -> None:
    org.allow_jobs()
    org.add("nora", extension="3001")
    plan = org.plan(allow_move=True, email="nora@example.com", location="London", extension="3001")
    assert org.execute(plan)[1]
    nora = org.person("nora")
    assert (nora["location"], nora["extension"], nora["licenses"]) == (
        "London",
        "3001",
        ["Webex Calling - Professional"],
    )


@pytest.mark.parametrize("wanted", [{}, {"extension": None, "phone_number": "+442071838001"}])
def test_a_move_to_where_the_extension_is_in_use_is_refused(org: Org, wanted: dict[str, str | None]) -> None:
    org.add("nora", location="London", extension="2001")
    with pytest.raises(CallingError, match="extension 2001 in London is in use by Nora"):
        org.plan(allow_move=True, **{**IVAN, **wanted})


def test_a_move_job_is_polled_to_its_end(org: Org) -> None:
    org.allow_jobs()
    org.webex.configure(move_seconds=0.3)
    org.clock.on_nap = lambda: time.sleep(0.1)
    assert org.execute(org.plan(allow_move=True, **IVAN))[1]
    assert asked(org.webex).count(MOVE) == 1
    assert org.person("ivan")["location"] == "London"
    assert max(org.clock.naps) <= 5


def test_a_move_job_that_does_not_end_is_an_error_within_bounds(org: Org) -> None:
    org.allow_jobs()
    org.webex.configure(move_seconds=3600)
    with pytest.raises(CallingError, match="has not ended within 240 seconds.*run again when it has ended"):
        org.execute(org.plan(allow_move=True, **IVAN))
    assert 200 < sum(org.clock.naps) <= 240


def test_a_move_job_that_fails_says_why(org: Org) -> None:
    org.allow_jobs()
    org.webex.configure(move_failure="Following devices are in the way.")
    with pytest.raises(CallingError, match="Webex did not move the user: 19601 Following devices are in the way"):
        org.execute(org.plan(allow_move=True, **IVAN))


def test_what_webex_says_against_a_move_at_once_is_an_error(org: Org) -> None:
    org.allow_jobs()
    plan = org.plan(allow_move=True, **IVAN)
    org.add("nora", location="London", extension="2001")
    with pytest.raises(CallingError, match="did not move the user: 4202 The extension is not available"):
        org.execute(plan)


@pytest.mark.parametrize(
    ("started", "job", "errors", "words"),
    [
        # Both notations of the first answer, and of the end, are in wxc_sdk.
        ({"jobDetails": {"id": "1", "latestExecutionStatus": "FAILED"}}, {}, [], "the job 1 failed"),
        (
            {"response": {"jobDetails": {"id": "1", "latestExecutionStatus": "STARTING"}}},
            {"id": "1", "latestExecutionStatus": "COMPLETED", "latestExecutionExitCode": "COMPLETED_WITH_ERRORS"},
            [{"error": {"key": "400", "message": [{"code": "25378", "description": "Same location."}]}}],
            "25378 Same location",
        ),
        ({"usersList": [{"errors": [{"code": 4003, "message": "User Not Found"}]}]}, {}, [], "4003 User Not Found"),
        ({}, {}, [], "The move job without an id has not ended"),
    ],
)
def test_every_notation_of_a_failure_is_understood(
    org: Org, started: dict[str, t.Any], job: dict[str, t.Any], errors: list[t.Any], words: str
) -> None:
    plan = org.plan(allow_move=True, **IVAN)
    fault: dict[str, t.Any] = {"kind": "status", "status": 200, "times": None}
    org.webex.fault(method="POST", path="moveLocation$", body=started, **fault)
    org.webex.fault(path="/errors$", body={"items": errors}, **fault)
    org.webex.fault(method="GET", path="moveLocation/1$", body=job, **fault)
    with pytest.raises(CallingError, match=words):
        org.execute(plan)


def test_without_its_scope_a_move_is_refused(org: Org) -> None:
    with pytest.raises(Refused, match="403.*The user was read again; now enabled: True"):
        org.execute(org.plan(allow_move=True, **IVAN))


# What must not be guessed


def test_a_person_who_is_gone_is_not_overwritten(org: Org) -> None:
    plan = org.plan(email="ivan@example.com", location="Berlin", extension="2050")
    org.webex.fault(kind="status", status=404, method="GET", path="/people/", times=None)
    with pytest.raises(CallingError, match="is not there any more"):
        org.execute(plan)
    assert org.webex.writes() == []


def test_a_failure_after_which_nothing_can_be_read_says_so(org: Org) -> None:
    plan = org.plan(email="alice@example.com", location="Berlin", extension="2002")
    org.webex.fault(kind="status", status=500, times=None)
    with pytest.raises(RequestError, match="What became of it is not known") as error:
        org.execute(plan)
    assert error.value.request.startswith("PATCH")
    assert not error.value.was_checked
