# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import Work
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingError,
    CallingState,
    Plan,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.planned_user import PlannedUser
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import (
    MOST_NAMED,
    Result,
    outcome_of,
    preview,
    summary,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import DONE, FAILED, Step
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.tests.unit.organizations import PROFESSIONAL

STATE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", "+4930001")
PERSON = {"id": "ann"}
ENABLE, DISABLE, NOTHING = Plan(PERSON, NO_CALLING, STATE), Plan(PERSON, STATE, NO_CALLING), Plan(PERSON, STATE, STATE)
CHANGE = Plan(PERSON, STATE, replace(STATE, extension="7"), ("a note",))


@pytest.mark.parametrize(
    ("plan", "outcome"), [(NOTHING, "ok"), (ENABLE, "enabled"), (DISABLE, "changed"), (CHANGE, "changed")]
)
def test_the_outcome_of_a_plan_that_is_carried_out(plan: Plan, outcome: str) -> None:
    assert outcome_of(plan) == outcome
    assert Result("ann", outcome).is_done is (plan is not NOTHING)


@pytest.mark.parametrize("outcome", ["skipped", "failed", "ok"])
def test_nothing_was_done_for_the_others(outcome: str) -> None:
    assert not Result("ann", outcome).is_done


def test_a_result_is_shown_with_the_state_that_is_then() -> None:
    assert Result("a@b", "changed", CHANGE, verified=False).shown() == {
        "user": "a@b",
        "person_id": "ann",
        "outcome": "changed",
        "action": "update",
        "verified": False,
        **CHANGE.after.shown(),
        "notes": ["a note"],
        "reason": None,
        "remedy": None,
        "error_codes": [],
        "tracking_id": None,
    }


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_of_who_is_not_done_no_state_is_shown(outcome: str) -> None:
    error = Refused(
        request="PATCH /licenses/users", status=400, reason="no", error_codes=["4"], tracking_id="T1", remedy="try."
    )
    assert Result("a@b", outcome, ENABLE, error).shown() == {
        "user": "a@b",
        "person_id": "ann",
        "outcome": outcome,
        "action": "enable",
        "verified": True,
        "reason": "PATCH /licenses/users was answered with 400: no. errorCode 4.",
        "remedy": "try.",
        "error_codes": ["4"],
        "tracking_id": "T1",
    }


def test_of_who_could_not_be_planned_the_reason_is_shown() -> None:
    assert Result("a@b", "failed", error=CallingError("no", "yes.")).shown() == {
        "user": "a@b",
        "person_id": None,
        "outcome": "failed",
        "action": "none",
        "verified": True,
        "reason": "no",
        "remedy": "yes.",
        "error_codes": [],
        "tracking_id": None,
    }


def test_a_step_ends_as_its_user() -> None:
    user = PlannedUser(Wanted(email="a@b"), ENABLE)
    step = Step(user, ENABLE)
    assert step.verdict == "due"
    step.end(DONE)
    assert step.result(False, STATE) == Result("a@b", "enabled", ENABLE, None, False, NO_CALLING, STATE)
    error = CallingError("no")
    step.end(FAILED, error)
    assert step.result() == Result("a@b", "failed", ENABLE, error, True, NO_CALLING, None)


def work() -> Work:
    """Two users, of whom one needs something."""
    return Work(
        [PlannedUser(Wanted(email="a@b"), CHANGE), PlannedUser(Wanted(email="c@d"), NOTHING)],
        [("e@f", CallingError("no"))],
    )


def test_a_preview_is_what_would_be() -> None:
    assert preview(work(), stopped=False) == [
        Result("a@b", "changed", CHANGE, before=STATE),
        Result("c@d", "ok", NOTHING, before=STATE),
    ]


def test_if_others_have_problems_nothing_is_previewed() -> None:
    first, second = preview(work(), stopped=True)
    assert (first.who, first.outcome, str(first.error)) == (
        "a@b",
        "skipped",
        "Others of the list have problems, so nothing was written.",
    )
    assert second == Result("c@d", "ok", NOTHING, before=STATE)


def failed(who: str, reason: str | None = "no", outcome: str = "failed") -> Result:
    return Result(who, outcome, error=CallingError(reason) if reason else None)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "0 of 0 users failed. "),
        ([failed("a"), Result("b", "ok")], "1 of 2 users failed. a: no"),
        ([failed("a"), failed("b"), failed("c", "other")], "3 of 3 users failed. a, b: no c: other"),
        (
            [failed("a", "late", "skipped"), failed("b", "late", "skipped"), failed("c")],
            "1 of 3 users failed, and 2 were skipped. a, b: late c: no",
        ),
        ([failed("a", None)], "1 of 1 users failed. a: no reason"),
        (
            [failed(f"u{n}") for n in range(1001)],
            "1001 of 1001 users failed. u0, u1, u2, u3, u4, u5, u6, u7, u8, u9 and 991 more: no",
        ),
        (
            [*(failed(f"u{n}") for n in range(8)), *(failed(f"v{n}", "other") for n in range(5)), failed("w", "third")],
            "14 of 14 users failed. u0, u1, u2, u3, u4, u5, u6, u7: no v0, v1 and 3 more: other And 1 more for other "
            "reasons: see the return value users.",
        ),
    ],
)
def test_each_reason_is_told_once_with_ten_users_at_most(results: list[Result], words: str) -> None:
    assert MOST_NAMED == 10
    assert summary(iter(results)) == words


def test_reasons_that_differ_in_the_tracking_id_are_one() -> None:
    results: list[t.Any] = [
        Result(f"u{n}", "failed", error=Refused(request="PATCH /x", status=400, reason="no", tracking_id=f"T{n}"))
        for n in range(3)
    ]
    assert summary(results).startswith("3 of 3 users failed. u0, u1, u2: PATCH /x was answered with 400: no.")
    assert "T1" not in summary(results)
