# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal
import threading
import time
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling import bulk_write
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Plan, Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result, preview
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import parking_of
from ansible_collections.collabops.webex.plugins.module_utils._client import Answer, WebexClient
from ansible_collections.collabops.webex.tests.unit.organizations import (
    PROFESSIONAL,
    Json,
    SimulatedOrganization,
    alice,
    ivan,
    people,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked, statuses

WRITE = "PATCH /licenses/users"
MOVE = "POST /telephony/config/jobs/person/moveLocation"
NUMBER = "+493055502003"


def gone(name: str) -> Wanted:
    return Wanted(email=f"{name}@example.com", state="absent")


def outcomes(results: dict[str, Result]) -> Counter[str]:
    """How many had which outcome."""
    return Counter(result.outcome for result in results.values())


def reasons(results: dict[str, Result]) -> set[str]:
    """Why users failed or were skipped."""
    return {str(result.error) for result in results.values() if result.error}


def all_verified(results: dict[str, Result]) -> bool:
    return all(result.verified for result in results.values())


# One user


def test_enabling_takes_one_write(bulk: SimulatedOrganization) -> None:
    result = bulk.apply_one(alice())
    person = bulk.person("alice")
    assert (result.outcome, result.verified, result.error) == ("enabled", True, None)
    assert result.seen is not None
    assert (result.seen.extension, result.seen.location) == ("2002", "Berlin")
    assert (person["location"], person["extension"]) == ("Berlin", "2002")
    assert PROFESSIONAL.name in person["licenses"]
    assert bulk.writes() == [WRITE]
    assert bulk.clock.naps == []


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        (
            {"license": "standard", "location": None, "extension": None, "phone_number": "+442071838001"},
            {"location": "London", "extension": None, "phone_number": "+442071838001"},
        ),
        ({"phone_number": NUMBER.removeprefix("+")}, {"phone_number": NUMBER}),
        ({"location": "London", "extension": "2001"}, {"location": "London", "extension": "2001"}),
    ],
)
def test_who_is_enabled_has_what_is_named(bulk: SimulatedOrganization, wanted: dict[str, t.Any], changes: Json) -> None:
    result = bulk.apply_one(alice(**wanted))
    assert (result.outcome, result.verified) == ("enabled", True)
    person = bulk.person("alice")
    assert {name: person[name] for name in changes} == changes


@pytest.mark.parametrize("extension", ["3001", "3002"])
def test_standard_is_raised_to_professional_with_what_there_is(bulk: SimulatedOrganization, extension: str) -> None:
    bulk.add("nora", extension="3001", phone_number=NUMBER)
    result = bulk.apply_one(
        Wanted(email="nora@example.com", location="Berlin", extension=extension, license="professional")
    )
    nora = bulk.person("nora")
    assert (result.outcome, result.verified) == ("changed", True)
    assert nora["licenses"] == [PROFESSIONAL.name]
    assert (nora["extension"], nora["phone_number"]) == (extension, NUMBER)
    assert bulk.writes() == [WRITE]


def test_nobody_is_raised_unasked(bulk: SimulatedOrganization) -> None:
    bulk.add("nora", extension="3001")
    result = bulk.apply_one(Wanted(email="nora@example.com", location="Berlin", extension="3001"))
    assert (result.outcome, bulk.writes()) == ("ok", [])


def test_calling_is_taken_away_and_other_licenses_stay(bulk: SimulatedOrganization) -> None:
    result = bulk.apply_one(gone("ivan"))
    person = bulk.person("ivan")
    assert (result.outcome, result.verified) == ("changed", True)
    assert person["licenses"] == ["Messaging - Advanced", "Meeting - Webex Meeting Center"]
    assert (person["location"], person["extension"], person["phone_number"]) == (None, None, None)


def test_several_calling_licenses_are_all_taken_away(bulk: SimulatedOrganization) -> None:
    bulk.webex.add_license("Webex Calling", subscription="Sub-9", total_units=5, holders=["ivan@example.com"])
    assert bulk.apply_one(gone("ivan")).outcome == "changed"
    assert bulk.person("ivan")["licenses"] == ["Messaging - Advanced", "Meeting - Webex Meeting Center"]
    assert bulk.writes() == [WRITE]


@pytest.mark.parametrize(
    "wanted",
    [
        alice(),
        Wanted(email="bob@example.com", license="standard", phone_number=NUMBER),
        ivan(extension="2050", phone_number=NUMBER),
        ivan(remove_phone_number=True),
        gone("ivan"),
    ],
)
def test_a_second_time_there_is_nothing_to_do(bulk: SimulatedOrganization, wanted: Wanted) -> None:
    assert bulk.apply_one(wanted).is_done
    bulk.webex.clear_journal()
    assert bulk.apply_one(wanted).outcome == "ok"
    assert bulk.writes() == []


def test_the_organization_is_read_page_by_page(bulk: SimulatedOrganization) -> None:
    bulk.webex.configure(max_page_size=1)
    assert "in use by Ivan Example" in str(dict(bulk.plan([alice(extension="2001")]).problems)["alice@example.com"])


# Many users


def test_each_user_is_written_once_and_seen_in_bulk(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=300)
    results = bulk.apply(people(1, 300))
    assert outcomes(results) == {"enabled": 300}
    assert all_verified(results)
    assert bulk.writes() == [WRITE] * 300
    # Of those written last, each is read by themselves, too: the next task may decide by that.
    assert len(asked(bulk.webex)) <= 330
    assert bulk.consumed() == 301


def test_five_hundred_of_whom_five_need_something_take_five_writes(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=500, enabled=497)
    users = people(1, 500)
    users[3:5] = [*people(4, 4, extension="78"), *people(5, 5, phone_number="+493055502002")]
    results = bulk.apply(users)
    assert outcomes(results) == {"ok": 495, "changed": 2, "enabled": 3}
    assert len(bulk.writes()) == 5
    assert len(asked(bulk.webex)) <= 45
    assert all_verified(results)


def test_as_many_requests_are_under_way_as_there_are_workers(
    bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk.webex.reset(people=8)
    together = threading.Barrier(bulk.workers)
    original = WebexClient.patch

    def patch(client: WebexClient, path: str, body: t.Mapping[str, t.Any]) -> Answer:
        together.wait(60)  # until all workers are here
        return original(client, path, body)

    monkeypatch.setattr(WebexClient, "patch", patch)
    assert outcomes(bulk.apply(people(1, 8))) == {"enabled": 8}


def test_calling_is_taken_away_from_many(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=50, enabled=50)
    users = [gone(f"user{n:05}") for n in range(1, 51)]
    results = bulk.apply([*users, gone("nobody")])
    assert outcomes(results) == {"changed": 50, "ok": 1}
    assert bulk.enabled() == {"ivan@example.com": "2001"}


def test_other_licenses_stay_when_an_extension_is_changed(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=30, enabled=30)
    before = bulk.person("user00007")
    bulk.apply([*people(1, 6), *people(7, 7, extension="70")])
    assert bulk.person("user00007") == {**before, "extension": "70"}


def test_a_unit_that_one_gives_back_is_there_for_another(bulk: SimulatedOrganization) -> None:
    bulk.use_up()
    results = bulk.apply([alice(), gone("ivan")])
    assert {who: result.outcome for who, result in results.items()} == {
        "alice@example.com": "enabled",
        "ivan@example.com": "changed",
    }
    assert bulk.enabled() == {"alice@example.com": "2002"}


def test_what_is_previewed_is_what_is_then_done(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=20, enabled=10)
    users = [*people(1, 12), gone("ivan"), *people(13, 13, extension="10001")]
    users[0] = replace(users[0], extension="10099")
    previewed = {result.who: result.shown() for result in preview(bulk.plan(users), False)}
    assert bulk.writes() == []
    assert {who: result.shown() for who, result in bulk.apply(users).items()} == previewed


# What one gives up and another one gets


@pytest.mark.parametrize("others", [0, 20])
@pytest.mark.parametrize(
    "successor",
    [alice(extension="2001"), alice(location=None, extension=None, phone_number="+493055502001")],
    ids=["extension", "number"],
)
def test_what_one_leaves_is_there_for_another(bulk: SimulatedOrganization, successor: Wanted, others: int) -> None:
    # With many others, all numbers are read at once; else those of the location.
    bulk.webex.reset(people=others, enabled=others)
    results = bulk.apply([successor, gone("ivan"), *people(1, others)])
    assert (results["alice@example.com"].outcome, results["ivan@example.com"].outcome) == ("enabled", "changed")
    assert list(bulk.enabled()) == ["alice@example.com", *(str(user.email) for user in people(1, others))]


def test_an_extension_that_one_only_changes_is_there_for_another(bulk: SimulatedOrganization) -> None:
    results = bulk.apply([alice(extension="2001"), ivan(extension="2009")])
    assert outcomes(results) == {"enabled": 1, "changed": 1}
    assert bulk.enabled() == {"alice@example.com": "2001", "ivan@example.com": "2009"}


@pytest.mark.parametrize("stale", [0, 3600])
def test_twenty_who_each_move_up_by_one_take_one_run(bulk: SimulatedOrganization, stale: float) -> None:
    bulk.webex.reset(people=20, enabled=20)
    if stale:
        bulk.webex.stale(stale, "numbers", "holders", "people", "counts")
    results = bulk.apply([replace(user, extension=str(10_001 + n)) for n, user in enumerate(people(1, 20), start=1)])
    assert outcomes(results) == {"changed": 20}
    del (enabled := bulk.enabled())["ivan@example.com"]
    assert list(enabled.values()) == [str(10_001 + n) for n in range(1, 21)]
    assert len(bulk.writes()) == 20


def test_two_who_swap_their_extensions_take_one_run_and_three_writes(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=2, enabled=2)
    first, second = people(1, 2)
    results = bulk.apply([replace(first, extension="10002"), replace(second, extension="10001")])
    assert outcomes(results) == {"changed": 2}
    assert all_verified(results)
    assert (bulk.person("user00001")["extension"], bulk.person("user00002")["extension"]) == ("10002", "10001")
    bodies = [request["body"]["extension"] for request in bulk.webex.writes()]
    assert bodies == ["10003", "10002", "10001"]
    assert results["user00002@example.com"].shown()["notes"] == [
        "has the extension 10003 for a moment, since 10002 is exchanged"
    ]


def test_two_who_swap_their_numbers_take_one_run(bulk: SimulatedOrganization) -> None:
    bulk.add("nora", extension="3001", phone_number=NUMBER)
    nora = Wanted(email="nora@example.com", location="Berlin", extension="3001", phone_number="+493055502001")
    results = bulk.apply([ivan(phone_number=NUMBER), nora])
    assert outcomes(results) == {"changed": 2}
    assert (bulk.person("ivan")["phone_number"], bulk.person("nora")["phone_number"]) == (NUMBER, "+493055502001")
    assert len(bulk.writes()) == 3


def test_who_waits_in_vain_fails_and_says_for_whom(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=3, enabled=3)
    first, second, third = people(1, 3)
    bulk.webex.fault(kind="status", status=403, method="PUT", path=bulk.person("user00003")["id"], times=None)
    users = [replace(first, extension="10002"), replace(second, extension="10003"), replace(third, extension="10009")]
    results = bulk.apply(users)
    assert outcomes(results) == {"failed": 3}
    assert "403" in str(results["user00003@example.com"].error)
    assert str(results["user00002@example.com"].error) == (
        "user00002@example.com gets what user00003@example.com had, and that was not given up. What to do: see "
        "user00003@example.com, and run again."
    )
    assert "user00001@example.com gets what user00002@example.com had" in str(results["user00001@example.com"].error)
    assert len(bulk.writes()) == 1


def test_if_the_parking_fails_the_swap_fails(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=2, enabled=2)
    first, second = people(1, 2)
    bulk.webex.fault(kind="status", status=403, method="PUT", times=None)
    results = bulk.apply([replace(first, extension="10002"), replace(second, extension="10001")])
    assert outcomes(results) == {"failed": 2}
    assert "gets what user00002@example.com had" in str(results["user00001@example.com"].error)
    # What really was wrong is said, and not only who waits for whom.
    assert "403" in str(results["user00002@example.com"].error)
    assert len(bulk.writes()) == 1
    assert [parking_of(number) for number in (0, 1)] == [-1, -2]


# Another location


@pytest.mark.parametrize("answer", ["wxc_sdk", "spec"])
def test_a_move_keeps_what_is_not_named(bulk: SimulatedOrganization, answer: str) -> None:
    """A completed move is reported as one, in whichever form Webex answers."""
    bulk.allow_jobs()
    bulk.webex.configure(move_answer=answer)
    before = bulk.person("ivan")
    result = bulk.apply_one(ivan(location="London"), allow_move=True)
    assert (result.outcome, result.verified, result.error) == ("changed", True, None)
    assert bulk.person("ivan") == {**before, "location": "London"}
    london = bulk.webex.location("London")["id"]
    (write,) = bulk.webex.writes()
    assert write["body"] == {
        "usersList": [{"locationId": london, "validate": False, "users": [{"userId": before["id"]}]}]
    }
    assert bulk.apply_one(ivan(location="London")).outcome == "ok"


@pytest.mark.parametrize("answer", ["wxc_sdk", "spec"])
def test_many_are_moved_with_one_job_and_those_who_cannot_be_are_told(bulk: SimulatedOrganization, answer: str) -> None:
    bulk.webex.reset(people=20, enabled=20)
    bulk.allow_jobs()
    bulk.webex.configure(move_answer=answer, move_failures={"user00012@example.com": "A device is in the way."})
    bulk.workers = 1
    results = bulk.apply([*people(1, 10), *people(11, 20, location="London")], allow_move=True)
    assert outcomes(results) == {"ok": 10, "changed": 9, "failed": 1}
    assert bulk.writes() == [MOVE]
    assert "Webex did not move the user: 19601 A device is in the way" in str(results["user00012@example.com"].error)
    places = [bulk.person(f"user{n:05}")["location"] for n in range(11, 21)]
    assert places == ["London", "Berlin", *["London"] * 8]


def test_a_hundred_users_go_into_one_job(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=130, enabled=130)
    bulk.allow_jobs()
    bulk.workers = 1
    assert outcomes(bulk.apply(people(1, 130, location="London"), allow_move=True)) == {"changed": 130}
    sizes = [sum(len(entry["users"]) for entry in write["body"]["usersList"]) for write in bulk.webex.writes()]
    assert sizes == [100, 30]


def test_a_move_takes_a_new_number_and_extension_along(bulk: SimulatedOrganization) -> None:
    bulk.allow_jobs()
    wanted = ivan(location="London", extension="3001", phone_number="+442071838001")
    assert bulk.apply_one(wanted, allow_move=True).verified
    person = bulk.person("ivan")
    assert (person["location"], person["extension"], person["phone_number"]) == ("London", "3001", "+442071838001")


def test_a_move_can_raise_the_license_too(bulk: SimulatedOrganization) -> None:
    bulk.allow_jobs()
    bulk.add("nora", extension="3001")
    wanted = Wanted(email="nora@example.com", location="London", extension="3001", license="professional")
    result = bulk.apply_one(wanted, allow_move=True)
    nora = bulk.person("nora")
    assert (result.outcome, result.verified) == ("changed", True)
    assert (nora["location"], nora["extension"], nora["licenses"]) == ("London", "3001", [PROFESSIONAL.name])
    assert bulk.writes() == [MOVE, WRITE]


def test_two_who_change_places_take_one_run(bulk: SimulatedOrganization) -> None:
    """Each has the extension that the other one gets, but in another location."""
    bulk.allow_jobs()
    bulk.add("nora", location="London", extension="2001")
    nora = Wanted(email="nora@example.com", location="Berlin", extension="2001")
    results = bulk.apply([ivan(location="London"), nora], allow_move=True)
    assert outcomes(results) == {"changed": 2}
    assert (bulk.person("ivan")["location"], bulk.person("nora")["location"]) == ("London", "Berlin")


def test_a_move_is_not_started_twice(bulk: SimulatedOrganization, clock: Clock) -> None:
    bulk.webex.fault(kind="status", status=500, method="POST", times=None)
    result = bulk.apply_one(ivan(location="London"), allow_move=True)
    assert result.outcome == "failed"
    assert bulk.writes() == [MOVE]


# What goes wrong


def test_a_refusal_is_that_users_alone_and_says_what_webex_said(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=20)
    body = {"message": "no", "errors": [{"description": "bad", "errorCode": 400411}], "trackingId": "SIM_1"}
    bulk.webex.fault(kind="status", status=400, method="PATCH", body=body, skip=5)
    results = bulk.apply(people(1, 20))
    assert outcomes(results) == {"enabled": 19, "failed": 1}
    shown = next(result.shown() for result in results.values() if result.outcome == "failed")
    assert (shown["error_codes"], shown["tracking_id"]) == (["400411"], "SIM_1")
    assert "The user was read again; now enabled: False" in shown["reason"]
    assert "a calling license needs its properties" in shown["remedy"]
    assert bulk.writes() == [WRITE] * 20


def test_a_refusal_that_nothing_explains_may_be_one_of_an_old_read(bulk: SimulatedOrganization) -> None:
    bulk.webex.fault(kind="status", status=400, method="PATCH", body={"message": "odd"}, times=None)
    result = bulk.apply_one(alice())
    assert "400: odd" in str(result.error)
    assert "now enabled: False" in str(result.error)
    assert bulk.writes() == [WRITE]
    assert 5 < sum(bulk.clock.naps) <= 10


@pytest.mark.parametrize("kind", ["partial", "used up"])
def test_a_license_that_is_not_granted_is_an_error(bulk: SimulatedOrganization, kind: str) -> None:
    def strike() -> None:
        if kind == "partial":
            bulk.webex.fault(kind="partial")
        else:
            bulk.use_up()

    result = bulk.apply_one(alice(), between=strike)
    assert "206: Webex did not grant Webex Calling - Professional" in str(result.error)
    assert result.outcome == "failed"
    assert bulk.person("alice")["extension"] is None


def test_enough_failures_stop_the_rest(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.fault(kind="status", status=403, method="PATCH", times=None)
    results = bulk.apply(people(1, 100), max_failures=3)
    assert 3 <= outcomes(results)["failed"] <= 2 + bulk.workers
    assert outcomes(results)["skipped"] == 100 - outcomes(results)["failed"]
    assert len(bulk.writes()) == outcomes(results)["failed"]
    assert "Too many others failed before." in reasons(results)


@pytest.mark.parametrize("status", [403, 400])
def test_the_first_failure_can_be_the_last(bulk: SimulatedOrganization, status: int) -> None:
    """Also a refusal that nothing explains, of which it is not known at first whether it is a failure."""
    bulk.webex.reset(people=20)
    bulk.webex.fault(kind="status", status=status, method="PATCH", times=None)
    bulk.workers = 1
    assert outcomes(bulk.apply(people(1, 20), max_failures=1)) == {"failed": 1, "skipped": 19}
    assert len(bulk.writes()) == 1


def test_an_open_end_that_turns_out_well_stops_nobody(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=20)
    bulk.webex.fault(kind="apply_then_fail", status=500, method="PATCH", times=3)
    assert outcomes(bulk.apply(people(1, 20), max_failures=1)) == {"enabled": 20}
    assert bulk.writes() == [WRITE] * 20


def test_a_refused_token_stops_the_run_at_once(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.fault(kind="status", status=401, method="PATCH", times=None, skip=5)
    results = bulk.apply(people(1, 100))
    assert outcomes(results)["enabled"] == 5
    assert outcomes(results)["failed"] <= bulk.workers
    assert len(bulk.writes()) <= 5 + bulk.workers
    assert all("401" in reason for reason in reasons(results))


@pytest.mark.parametrize("fault", [{"kind": "apply_then_fail", "status": 502}, {"kind": "truncated"}])
def test_a_failure_that_did_its_work_is_not_repeated(bulk: SimulatedOrganization, fault: Json) -> None:
    bulk.webex.reset(people=20)
    bulk.webex.fault(method="PATCH", times=None, **fault)
    results = bulk.apply(people(1, 20))
    assert outcomes(results) == {"enabled": 20}
    assert all_verified(results)
    assert bulk.writes() == [WRITE] * 20


@pytest.mark.parametrize("wanted", [gone("ivan"), ivan(extension="2050")])
def test_a_change_that_did_its_work_is_a_success(bulk: SimulatedOrganization, wanted: Wanted, clock: Clock) -> None:
    bulk.webex.fault(kind="apply_then_fail", status=500, method="PATCH", times=None)
    bulk.webex.fault(kind="apply_then_fail", status=500, method="PUT", times=None)
    result = bulk.apply_one(wanted)
    assert (result.outcome, result.verified, result.error) == ("changed", True, None)


def test_a_failure_that_did_its_work_and_does_not_show_at_once_is_not_repeated(bulk: SimulatedOrganization) -> None:
    bulk.clock.on_nap = lambda: time.sleep(0.1)
    bulk.webex.configure(stale_seconds=0.15)
    bulk.webex.fault(kind="apply_then_fail", method="PATCH")
    assert bulk.apply_one(alice()).outcome == "enabled"
    assert bulk.writes() == [WRITE]


def test_a_failure_that_did_nothing_is_repeated_after_reading(bulk: SimulatedOrganization) -> None:
    bulk.webex.fault(kind="status", status=500, method="PATCH", times=2)
    assert bulk.apply_one(alice()).outcome == "enabled"
    order = asked(bulk.webex)
    first, second, third = (number for number, request in enumerate(order) if request == WRITE)
    read = f"GET /people/{bulk.person('alice')['id']}"
    assert read in order[first:second]
    assert read in order[second:third]


def test_a_failure_that_never_does_anything_ends_after_three_attempts(bulk: SimulatedOrganization) -> None:
    bulk.webex.fault(kind="status", status=502, method="PATCH", times=None)
    result = bulk.apply_one(alice())
    assert result.outcome == "failed"
    assert "502" in str(result.error)
    assert "The user was read again; now enabled: False." in str(result.error)
    assert bulk.writes() == [WRITE] * 3


def test_what_cannot_be_read_after_a_failure_is_not_repeated(bulk: SimulatedOrganization, clock: Clock) -> None:
    bulk.webex.fault(kind="status", status=500, method="PATCH", times=None)
    result = bulk.apply_one(
        alice(), between=lambda: bulk.webex.fault(kind="status", status=500, path="/people/", times=None)
    )
    assert bulk.writes() == [WRITE]
    assert "Whether it was done is unknown, since the user cannot be read" in str(result.error)
    assert result.outcome == "failed"


def test_what_was_written_is_reported_though_it_cannot_be_seen(bulk: SimulatedOrganization, clock: Clock) -> None:
    result = bulk.apply_one(
        alice(), between=lambda: bulk.webex.fault(kind="status", status=500, method="GET", times=None)
    )
    assert (result.outcome, result.verified, result.error) == ("enabled", False, None)


def test_a_person_who_is_gone_meanwhile_is_not_written_with_what_the_lists_said(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=30, enabled=30)
    users = [*people(1, 6), *people(7, 7, extension="70")]
    results = bulk.apply(
        users, between=lambda: bulk.webex.fault(kind="status", status=404, path="/people/", method="GET", times=None)
    )
    assert "is not there any more" in str(results["user00007@example.com"].error)
    assert bulk.writes() == []


def test_an_unexpected_exception_is_one_failed_user_and_shows_no_secret(
    bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk.webex.reset(people=20)
    write, struck = bulk_write.write, bulk.person("user00007")["id"]

    def write_or_break(client: t.Any, organization: t.Any, plan: Plan) -> t.Any:
        if plan.person["id"] == struck:
            raise ValueError(f"odd: {bulk.settings.access_token}")
        return write(client, organization, plan)

    monkeypatch.setattr(bulk_write, "write", write_or_break)
    results = bulk.apply(people(1, 20))
    assert outcomes(results) == {"enabled": 19, "failed": 1}
    assert reasons(results) == {
        "An unexpected error: ValueError: odd: ***. What to do: report it, with the output at -vvv."
    }


# The end comes before all is done


def test_a_used_up_budget_skips_the_rest(bulk: SimulatedOrganization, clock: Clock) -> None:
    bulk.webex.reset(people=100)
    bulk.workers = 4
    done: list[str] = []

    def note(result: Result) -> None:
        if result.outcome == "enabled":
            done.append(result.who)
            if len(done) == 10:
                clock.sleep(bulk.budget)

    results = bulk.apply(people(1, 100), progress=note)
    assert {who for who, result in results.items() if result.outcome == "enabled"} == set(done)
    assert 10 <= len(done) < 10 + bulk.workers
    assert set(bulk.enabled()) - {"ivan@example.com"} == set(done)
    assert outcomes(results)["skipped"] == 100 - len(done)
    assert reasons(results) == {"The time budget was used up. What to do: run again for the rest."}


@pytest.mark.parametrize("workers", [1, 4])
def test_an_interruption_still_reports_who_is_done(bulk: SimulatedOrganization, workers: int) -> None:
    bulk.webex.reset(people=50)
    bulk.webex.configure(latency_ms=50)
    bulk.workers = workers
    done: list[str] = []

    def note(result: Result) -> None:
        done.append(result.who)
        if len(done) == 10:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    results = bulk.apply(people(1, 50), progress=note)
    enabled = {who for who, result in results.items() if result.outcome == "enabled"}
    assert enabled >= set(done)
    assert set(bulk.enabled()) - {"ivan@example.com"} == enabled
    assert len(enabled) < 50
    assert outcomes(results)["skipped"] >= 49 - len(enabled)
    assert "The run was interrupted. What to do: run again for the rest." in reasons(results)


def test_progress_is_told_of_each_user_once(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=4, enabled=2)
    told: list[tuple[str, str]] = []
    first, second, third, fourth = people(1, 4)
    users = [replace(first, extension="10002"), replace(second, extension="10001"), third, fourth]
    bulk.webex.fault(kind="status", status=403, method="PATCH")
    bulk.workers = 1
    bulk.apply(users, progress=lambda result: told.append((result.who, result.outcome)))
    assert sorted(told) == [
        ("user00001@example.com", "changed"),
        ("user00002@example.com", "changed"),
        ("user00003@example.com", "failed"),
        ("user00004@example.com", "enabled"),
    ]


# Reads that are late


@pytest.mark.parametrize("number", [1, 40])
def test_changes_that_show_late_are_waited_for(bulk: SimulatedOrganization, number: int) -> None:
    bulk.webex.reset(people=100)
    bulk.webex.stale(0.3)
    bulk.clock.on_nap = lambda: time.sleep(0.15)
    results = bulk.apply(people(1, number), patience=1e6)
    assert outcomes(results) == {"enabled": number}
    assert all_verified(results)
    assert len(bulk.writes()) == number
    assert bulk.clock.naps


@pytest.mark.parametrize("patience", [0, 30])
def test_changes_that_do_not_show_in_time_are_not_verified(bulk: SimulatedOrganization, patience: float) -> None:
    bulk.webex.stale(3600)
    result = bulk.apply_one(alice(), patience=patience)
    assert (result.outcome, result.verified) == ("enabled", False)
    assert bulk.writes() == [WRITE]
    assert patience / 2 <= sum(bulk.clock.naps) <= patience
    assert not any(pause > 5 for pause in bulk.clock.naps)


@pytest.mark.parametrize("says_licenses", [True, False])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_licenses_are_read_again_only_if_the_answer_did_not_say_them(
    bulk: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch, says_licenses: bool, state: str
) -> None:
    bulk.webex.reset(people=40, enabled=40 if state == "absent" else 0)
    original = WebexClient.patch

    def patch(client: WebexClient, path: str, body: t.Mapping[str, t.Any]) -> Answer:
        answer = original(client, path, body)
        return answer if says_licenses else Answer(answer.status, {"personId": body["personId"]})

    monkeypatch.setattr(WebexClient, "patch", patch)
    results = bulk.apply(people(1, 40, state=state), between=bulk.webex.clear_journal)
    assert outcomes(results) == {"enabled" if state == "present" else "changed": 40}
    assert all_verified(results)
    reads = [request for request in asked(bulk.webex) if request.startswith("GET /licenses/")]
    assert bool(reads) is not says_licenses


@pytest.mark.parametrize("kinds", [(), ("person",), ("people",), ("numbers",), ("holders",), ("counts",)])
def test_a_change_right_after_enabling_takes_nothing_away(bulk: SimulatedOrganization, kinds: tuple[str, ...]) -> None:
    """Issue 9: a play that enabled people and changed them a second later took calling away from them."""
    bulk.webex.reset(people=12)
    bulk.clock.on_nap = lambda: time.sleep(0.05)
    bulk.webex.stale(0.4, *kinds)
    bulk.apply(people(1, 12), patience=0)
    changed = [replace(user, extension=str(20_000 + n)) for n, user in enumerate(people(1, 12), start=1)]
    results = bulk.apply(changed, patience=1e6)
    assert set(outcomes(results)) <= {"changed", "enabled"}
    assert set(reasons(results)) == set()
    enabled = bulk.enabled()
    del enabled["ivan@example.com"]
    assert enabled == {str(user.email): user.extension for user in changed}
    assert bulk.consumed() == 13


@pytest.mark.parametrize("kinds", [("person", "people"), ("numbers",), ("holders", "counts")])
def test_a_number_that_was_just_given_is_carried_into_a_new_license(
    bulk: SimulatedOrganization, kinds: tuple[str, ...]
) -> None:
    """As long as one of two reads shows it. If all of them are old, only `verified` says so."""
    bulk.add("nora", extension="3001")
    nora = Wanted(email="nora@example.com", location="Berlin", extension="3001", phone_number=NUMBER)
    bulk.clock.on_nap = lambda: time.sleep(0.05)
    bulk.webex.stale(0.4, *kinds)
    bulk.apply([nora], patience=0)
    result = bulk.apply_one(replace(nora, phone_number=None, license="professional"), patience=1e6)
    person = bulk.person("nora")
    assert (person["licenses"], person["extension"]) == ([PROFESSIONAL.name], "3001")
    assert (result.outcome, person["phone_number"]) == ("changed", NUMBER)


def test_a_license_beyond_the_total_is_webex_s_decision(bulk: SimulatedOrganization) -> None:
    bulk.use_up()
    bulk.webex.configure(license_overage="allow")
    result = bulk.apply_one(alice())
    assert (result.outcome, result.verified) == ("enabled", True)
    assert "no unit of the license seems to be free" in result.shown()["notes"][0]


def test_every_request_was_understood(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=10, enabled=5)
    bulk.apply([*people(1, 9), *people(10, 10, phone_number=NUMBER)])
    assert set(statuses(bulk.webex)) == {200}


# What Webex has beside calling


@pytest.mark.parametrize("order", ["primary_first", "primary_last", "shuffled"])
def test_of_several_addresses_the_primary_one_stays_the_first(bulk: SimulatedOrganization, order: str) -> None:
    bulk.webex.change_person("ivan@example.com", aliases=["aaa@example.com", "zzz@example.com"])
    bulk.webex.configure(emails_order=order)
    result = bulk.apply_one(ivan(extension="2050"))
    assert (result.outcome, result.error) == ("changed", None)
    (write,) = bulk.webex.writes()
    assert write["body"]["emails"][0] == "ivan@example.com"
    person = bulk.person("ivan")
    assert (person["email"], sorted(person["aliases"])) == ("ivan@example.com", ["aaa@example.com", "zzz@example.com"])


@pytest.mark.parametrize("directory_first", [False, True])
def test_further_numbers_and_those_of_a_directory_stay(bulk: SimulatedOrganization, directory_first: bool) -> None:
    changes: Json = {"alternate_numbers": ["+493055502009"], "directory_numbers": ["+4930777"]}
    bulk.webex.change_person("ivan@example.com", **changes)
    bulk.webex.configure(directory_first=directory_first)
    before = bulk.webex.person("ivan")
    result = bulk.apply_one(ivan(phone_number=NUMBER))
    assert (result.outcome, result.verified, result.error) == ("changed", True, None)
    assert bulk.webex.person("ivan") == {**before, "phone_number": NUMBER}
    numbers = [number["value"] for number in bulk.webex.writes()[0]["body"]["phoneNumbers"]]
    assert numbers == [NUMBER, "+493055502009"]


def test_the_esn_is_nobody_s_phone_number(bulk: SimulatedOrganization) -> None:
    bulk.webex.change_person("ivan@example.com", directory_numbers=[{"type": "work", "value": "80302001"}])
    bulk.webex.configure(directory_first=True)
    assert bulk.apply_one(ivan(phone_number="+493055502001")).outcome == "ok"


@pytest.mark.parametrize("wanted", [ivan(extension="2050"), ivan(phone_number=NUMBER), ivan(remove_phone_number=True)])
def test_a_change_of_a_person_carries_no_licenses(bulk: SimulatedOrganization, wanted: Wanted) -> None:
    bulk.apply_one(wanted)
    (write,) = bulk.webex.writes()
    assert write["body"].keys() <= {"displayName", "emails", "extension", "phoneNumbers"}


# Licenses


def test_a_license_of_an_unknown_tier_is_kept(bulk: SimulatedOrganization) -> None:
    bulk.webex.add_license(
        "Webex Calling", subscription="Sub-9", total_units=9, tier="professional", holders=["alice@example.com"]
    )
    bulk.add("nora", license_name="Webex Calling", extension="3001")
    nora = Wanted(email="nora@example.com", location="Berlin", extension="3002")
    assert bulk.apply_one(nora).outcome == "changed"
    assert bulk.person("nora")["licenses"] == ["Webex Calling"]
    result = bulk.apply_one(replace(nora, license="Webex Calling"))
    assert result.outcome == "ok"


def test_a_license_that_is_named_in_full_is_taken_as_meant(bulk: SimulatedOrganization) -> None:
    bulk.webex.add_license("Customer Assist", subscription="Sub-9", total_units=9, tier="professional")
    result = bulk.apply_one(alice(license="customer assist"))
    assert (result.outcome, result.verified) == ("enabled", True)
    assert "Customer Assist" in bulk.person("alice")["licenses"]
    assert bulk.apply_one(alice(license="Customer Assist", extension="2003")).outcome == "changed"


@pytest.mark.parametrize("others", [0, 30])
def test_a_count_that_lags_takes_calling_from_nobody(bulk: SimulatedOrganization, others: int) -> None:
    """By Webex's counts nobody has a Standard license yet; in bulk and singly."""
    bulk.webex.reset(people=40)
    bulk.webex.stale(3600, "counts")
    bulk.apply(people(1, 3, license="standard"))
    bulk.webex.clear_journal()
    results = bulk.apply([*people(1, 3), *people(4, 3 + others)])
    assert outcomes(results) == ({"ok": 3, "enabled": others} if others else {"ok": 3})
    assert len(bulk.writes()) == others


# Numbers and places


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"reserved": True}, "is a reserved number"),
        ({"service": True}, "is a service number"),
        ({"mobile": True}, "is a mobile number"),
        ({"type": "FAX"}, "is a number of the kind FAX"),
        ({"state": "INACTIVE"}, "is not active"),
    ],
)
def test_a_number_without_an_owner_is_not_free_for_that_alone(
    bulk: SimulatedOrganization, kind: Json, words: str
) -> None:
    bulk.webex.add_numbers("Berlin", "+493055509001", **kind)
    ((who, error),) = bulk.plan([alice(phone_number="+493055509001")]).problems
    assert who == "alice@example.com"
    assert words in str(error)


def test_an_inactive_number_can_be_allowed(bulk: SimulatedOrganization) -> None:
    bulk.webex.add_numbers("Berlin", "+493055509001", state="INACTIVE")
    bulk.webex.configure(inactive_numbers="allow")
    result = bulk.apply_one(alice(phone_number="+493055509001"), allow_inactive_numbers=True)
    assert (result.outcome, result.shown()["phone_number"]) == ("enabled", "+493055509001")
    assert result.shown()["notes"] == ["the phone number +493055509001 is not active: no call reaches it yet"]


def test_a_number_of_a_hunt_group_is_in_use_by_it(bulk: SimulatedOrganization) -> None:
    bulk.webex.add_numbers("Berlin", "+493055509001", owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="77")
    (problem,) = bulk.plan([alice(phone_number="+493055509001")]).problems
    assert "The phone number +493055509001 is in use by the hunt group Sales" in str(problem[1])


def test_a_number_without_its_country_code_is_told_so(bulk: SimulatedOrganization) -> None:
    (problem,) = bulk.plan([alice(phone_number="030 5550 2003")]).problems
    assert "write it with its country code" in str(problem[1])
