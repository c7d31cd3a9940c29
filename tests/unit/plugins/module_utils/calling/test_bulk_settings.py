# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a list: after the license, only for those who name them, and true to what Webex has."""

from __future__ import annotations

import signal
import threading
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling import settings_write
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import check_each, read_and_plan
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import Rules
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import NO_CALLBACK, Result, preview
from ansible_collections.collabops.webex.plugins.module_utils._calling.schedule import Schedule
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.tests.unit.organizations import (
    Json,
    SimulatedOrganization,
    alice,
    ivan,
    people,
)
from ansible_collections.collabops.webex.tests.unit.support import asked

SETTINGS: Json = {
    "emergency_callback": "location",
    "voicemail": {"enabled": True, "email_copy": True},
    "time_zone": "Europe/London",
}
LICENSE = "PATCH /licenses/users"


@pytest.fixture
def org(bulk: SimulatedOrganization) -> SimulatedOrganization:
    """The organization, with a token that may write settings, and 20 people of whom 10 have calling."""
    bulk.webex.reset(people=20, enabled=10)
    bulk.allow_settings()
    return bulk


def outcomes(results: dict[str, Result]) -> Counter[str]:
    return Counter(result.outcome for result in results.values())


def settings_of(org: SimulatedOrganization, name: str) -> Json:
    """What Webex has of a person's settings."""
    return dict(org.person(name)["settings"])


def has_all(org: SimulatedOrganization, name: str) -> bool:
    """Whether a person has SETTINGS."""
    found = settings_of(org, name)
    callback, voicemail, locale = (found.get(part, {}) for part in ("emergencyCallbackNumber", "voicemail", "person"))
    return (
        callback.get("selected") == "LOCATION_ECBN"
        and voicemail.get("emailCopyOfMessage", {}).get("enabled") is True
        and locale.get("timeZone") == "Europe/London"
    )


def with_settings(users: list[Wanted], settings: Json | None = None) -> list[Wanted]:
    return [replace(user, settings=SETTINGS if settings is None else settings) for user in users]


def test_a_token_that_is_refused_while_settings_are_read_ends_it(org: SimulatedOrganization) -> None:
    org.webex.fault(kind="status", status=401, path="features/voicemail$", method="GET", times=None)
    with pytest.raises(Refused) as error:
        foretold(org, with_settings(people(1, 2)))
    assert error.value.status == 401


def test_an_unexpected_error_is_the_failure_of_one_user_and_shows_no_secret(
    org: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, apply_all = org.settings.access_token, settings_write.apply_all

    def break_once(*arguments: t.Any) -> t.Any:
        monkeypatch.setattr(settings_write, "apply_all", apply_all)
        raise KeyError(token)

    monkeypatch.setattr(settings_write, "apply_all", break_once)
    org.workers = 1
    results = org.apply(with_settings(people(1, 2)))
    (failed,) = [result for result in results.values() if result.outcome == "failed"]
    assert "An unexpected error: KeyError: '***'. What to do: report it" in str(failed.error)
    assert outcomes(results) == {"failed": 1, "changed": 1}


def foretold(org: SimulatedOrganization, users: list[Wanted]) -> dict[str, Result]:
    """What check mode says."""
    with org.client() as client:
        organization = BulkOrganization(client, users, org.workers)
        work = read_and_plan(organization, users, Rules(), org.patience(0))
        return {result.who: result for result in preview(work, stopped=False)}


def test_newcomers_and_others_get_their_settings_and_a_second_run_writes_nothing(org: SimulatedOrganization) -> None:
    users = with_settings(people(1, 20))
    said = foretold(org, users)
    assert org.writes() == []
    results = org.apply(users)
    assert outcomes(results) == outcomes(said) == {"enabled": 10, "changed": 10}
    assert all(has_all(org, f"user{n:05}") for n in range(1, 21))
    assert org.writes().count(LICENSE) == 10
    assert len(org.writes()) == 10 + 20 * 3
    shown = results["user00020@example.com"].shown()
    assert shown["settings"]["emergency_callback"] == "location"
    assert shown["changed_settings"] == ["emergency_callback", "voicemail", "time_zone and language"]

    org.webex.clear_journal()
    again = org.apply(users)
    assert (outcomes(again), org.writes()) == ({"ok": 20}, [])
    reads = [request for request in asked(org.webex) if "/config/people/" in request or "/features/" in request]
    assert len(reads) == 20 * len(SETTINGS)
    assert again["user00001@example.com"].shown()["settings"] == results["user00001@example.com"].shown()["settings"]


def test_nobody_is_asked_for_settings_that_they_do_not_name(org: SimulatedOrganization) -> None:
    users = [*people(1, 4), *with_settings(people(5, 5), {"time_zone": "Europe/London"})]
    org.apply(users)
    asked_for = [request for request in asked(org.webex) if "/config/people/" in request or "/features/" in request]
    assert len(asked_for) == 4
    assert len({request.rpartition("/")[2] for request in asked_for}) == 1
    assert settings_of(org, "user00004") == {}


def test_check_mode_and_run_agree_about_those_who_have_calling(org: SimulatedOrganization) -> None:
    users = with_settings(people(1, 2))
    said, done = foretold(org, users), org.apply(users)
    for who, result in done.items():
        assert result.shown() == said[who].shown()
        assert result.settings is not None
        assert said[who].settings is not None
        assert result.settings.difference() == said[who].settings.difference()


def test_an_absent_user_has_no_settings(org: SimulatedOrganization) -> None:
    (user,) = with_settings(people(1, 1, state="absent"))
    result = org.apply_one(user)
    assert (result.outcome, org.writes()) == ("changed", [LICENSE])


def test_a_setting_that_fails_is_its_users_failure_only_and_the_license_stays(org: SimulatedOrganization) -> None:
    org.webex.configure(locked_features=["voicemail"])
    users = [*with_settings(people(10, 11)), *with_settings(people(12, 12), {"time_zone": "Europe/London"})]
    results = org.apply(users)
    assert outcomes(results) == {"failed": 2, "enabled": 1}
    for n, was_enabled in ((10, False), (11, True)):
        result = results[f"user{n:05}@example.com"]
        message = str(result.error)
        assert message.startswith("voicemail: ")
        assert "may have locked voicemail" in message
        assert "Settings as wanted: emergency_callback, time_zone and language; not: voicemail." in message
        assert ("Calling itself is as wanted" in message) == was_enabled
        assert result.is_changed
        assert result.shown()["tracking_id"].startswith("SIM_")
        assert settings_of(org, f"user{n:05}")["person"]["timeZone"] == "Europe/London"
        assert org.person(f"user{n:05}")["extension"] == str(10_000 + n)
    org.webex.configure(locked_features=[])
    assert outcomes(org.apply(users)) == {"changed": 2, "ok": 1}


def test_who_gets_no_license_gets_no_settings(org: SimulatedOrganization) -> None:
    org.webex.fault(method="PATCH", kind="status", status=400, code=400000, times=None)
    result = org.apply_one(alice(settings=SETTINGS))
    assert (result.outcome, result.settings) == ("failed", None)
    assert set(org.writes()) == {LICENSE}


def test_settings_that_come_late_after_the_license_are_waited_for(org: SimulatedOrganization) -> None:
    org.webex.configure(settings_delay=3600)
    org.clock.on_nap = lambda: org.webex.configure(settings_delay=0)
    result = org.apply_one(alice(settings=SETTINGS))
    assert (result.outcome, result.error) == ("enabled", None)
    assert has_all(org, "alice")


def test_a_move_comes_before_the_settings(org: SimulatedOrganization) -> None:
    org.allow_jobs()
    result = org.apply_one(ivan(location="London", settings={"time_zone": "Europe/Paris"}), allow_move=True)
    assert (result.outcome, result.error) == ("changed", None)
    order = [request.split(" ")[0] + request.rpartition("/")[2][:4] for request in org.writes()]
    assert order[0] == "POSTmove"
    assert settings_of(org, "ivan")["person"]["timeZone"] == "Europe/Paris"


# How it ends


def test_a_refused_token_stops_all_and_what_is_done_is_said(org: SimulatedOrganization) -> None:
    org.workers = 1
    users = with_settings(people(11, 13))
    org.webex.fault(method="PUT", kind="status", status=401, skip=1, times=None)
    results = org.apply(users)
    assert outcomes(results) == {"failed": 1, "skipped": 2}
    assert all(result.is_changed for result in results.values())
    assert [request for request in org.writes() if request != LICENSE][2:] == []
    failed = next(result for result in results.values() if result.outcome == "failed")
    assert "Settings as wanted: emergency_callback; not: voicemail, time_zone and language." in str(failed.error)
    skipped = next(result for result in results.values() if result.outcome == "skipped")
    assert "Not set: emergency_callback, voicemail, time_zone and language." in str(skipped.error)


def test_after_so_many_failures_the_rest_is_skipped(org: SimulatedOrganization) -> None:
    org.workers = 1
    org.webex.configure(locked_features=["voicemail"])
    results = org.apply(with_settings(people(1, 5)), max_failures=2)
    assert outcomes(results) == {"failed": 2, "skipped": 3}
    assert any("Too many others failed before." in str(result.error) for result in results.values())


def test_an_interrupted_run_says_what_is_done(org: SimulatedOrganization, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, is_stopped, counted = Schedule.stop, threading.Event(), list[Result]()
    org.workers = 1

    def stopping(schedule: Schedule) -> None:
        stop(schedule)
        is_stopped.set()

    def note(result: Result) -> None:
        counted.append(result)
        if len(counted) == 3:
            # To the main thread: threads that other tests have left might take it.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            assert is_stopped.wait(60)

    monkeypatch.setattr(Schedule, "stop", stopping)
    results = org.apply(with_settings(people(1, 10)), progress=note)
    assert outcomes(results) == {"changed": 3, "skipped": 7}
    for who, result in results.items():
        name = who.partition("@")[0]
        assert has_all(org, name) == (result.outcome == "changed")
        if result.outcome == "skipped":
            assert "The run was interrupted." in str(result.error)
    assert outcomes(org.apply(with_settings(people(1, 10)))) == {"ok": 3, "changed": 7}
    assert all(has_all(org, f"user{n:05}") for n in range(1, 11))


def test_each_who_is_changed_is_counted_once_as_the_run_goes_on(org: SimulatedOrganization) -> None:
    told: list[str] = []
    users = [*with_settings(people(9, 12)), *people(13, 14), ivan()]
    org.apply(users, progress=lambda result: told.append(result.who))
    assert sorted(told) == sorted(user.who for user in users if user.who != "ivan@example.com")


def test_with_failures_everywhere_nothing_is_lost_and_nothing_false(org: SimulatedOrganization) -> None:
    users = with_settings(people(1, 20))
    for kind in (
        {"kind": "status", "status": 500},
        {"kind": "apply_then_fail", "status": 502},
        {"kind": "reset"},
        {"kind": "truncated"},
    ):
        org.webex.fault(times=None, probability=0.025, **kind)
    results = org.apply(users)
    org.webex.clear_faults()
    for who, result in results.items():
        if result.outcome in ("enabled", "changed", "ok"):
            assert has_all(org, who.partition("@")[0])
        else:
            assert result.error is not None
    rest = org.apply(users)
    assert outcomes(rest)["failed"] == 0
    assert all(has_all(org, f"user{n:05}") for n in range(1, 21))
    assert org.consumed() == 21


# Who has no number of their own


def test_an_extension_only_newcomer_is_noted_unless_the_callback_is_named(
    org: SimulatedOrganization,
) -> None:
    numbered = people(14, 14, extension=None, phone_number="+493055502003")
    users = [*people(11, 12), *with_settings(people(13, 13), {"emergency_callback": "location"}), *numbered]
    results = org.apply(users)
    notes = {who: result.notes for who, result in results.items() if result.notes}
    assert notes == {f"user{n:05}@example.com": (NO_CALLBACK,) for n in (11, 12)}
    assert foretold(org, people(15, 15))["user00015@example.com"].notes == (NO_CALLBACK,)


def test_who_loses_the_number_is_noted_too(org: SimulatedOrganization) -> None:
    assert org.apply_one(ivan(remove_phone_number=True)).notes == (NO_CALLBACK,)
    assert org.apply_one(ivan()).notes == ()


def test_what_is_estimated_counts_the_settings(org: SimulatedOrganization) -> None:
    users = with_settings(people(9, 12))
    with org.client() as client:
        work = read_and_plan(BulkOrganization(client, users, 8), users, Rules(), org.patience(0))
        assert work.estimate(client)["requests"] == 2 + 4 * 3 * 3
        assert len(work.changes) == 4


def test_settings_are_no_reason_to_read_anything_of_the_others(org: SimulatedOrganization) -> None:
    def plain(users: list[Wanted]) -> list[str]:
        org.webex.clear_journal()
        foretold(org, users)
        return sorted(request for request in asked(org.webex) if "/config/people/" not in request)

    assert plain(with_settings(people(1, 10), {"time_zone": "UTC"})) == plain(people(1, 10))


def test_options_of_a_user_are_split_into_license_and_settings() -> None:
    raw: dict[str, t.Any] = {"email": "a@example.com", "location": "Berlin", "extension": "1", "numbers": None}
    sound, problems = check_each([raw, {**raw, "time_zone": "UTC"}, {**raw, "voicemail": {"rings": 99}}])
    assert [user.settings for user in sound] == [None, {"time_zone": "UTC"}]
    assert [(who, str(error)[:16]) for who, error in problems] == [("a@example.com", "voicemail.rings:")]
