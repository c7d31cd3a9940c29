# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    EmptyListError,
    Reading,
    UserListError,
    read_text,
)

ROW: dict[str, t.Any] = {"email": "a@example.com", "person_id": "P1", "location": "Berlin", "extension": "1"}


def report(*outcomes: str, **more: t.Any) -> str:
    """A report of a run as JSON, in which users ended so."""
    rows = [
        {**ROW, "email": f"{n}@example.com", "extension": str(n), "outcome": o, **more} for n, o in enumerate(outcomes)
    ]
    return json.dumps({"time": "", "counts": {"ok": 1}, "users": rows})


def test_those_who_failed_or_were_skipped_are_read_again() -> None:
    found = read_text(report("failed", "enabled", "changed", "ok", "unchanged", "Skipped"), Reading())
    assert [user["email"] for user in found.users] == ["0@example.com", "5@example.com"]
    assert all("person_id" not in user for user in found.users)
    assert found.left_out == 4
    assert found.notes == ["This is the report of a run. Left out, done already: 4 users."]


@pytest.mark.parametrize("outcome", ["", "perhaps", "enabled?"])
def test_an_outcome_of_no_run_is_refused(outcome: str) -> None:
    with pytest.raises(UserListError, match="line 1: outcome: .* is no outcome of a run. What to do: .*columns: "):
        read_text(report(outcome), Reading())


def test_another_list_can_have_an_outcome_that_is_left_out() -> None:
    found = read_text("Mail,Outcome,Ext,Site\na@example.com,won,1,Berlin\n", Reading(columns={"outcome": ""}))
    assert [user["email"] for user in found.users] == ["a@example.com"]


def test_the_translation_of_the_list_before_does_no_harm() -> None:
    found = read_text(report("failed"), Reading(columns={"Mail": "email", "Desk": "phone_number"}))
    assert [user["email"] for user in found.users] == ["0@example.com"]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-Berlin-", "@home", "\uff1d1", "'s-Gravenhage", "Berlin;'s", "plain"])
def test_values_that_look_like_formulas_come_back_as_they_were(value: str) -> None:
    guarded = f"'{value}" if value[0] in "=+-@\uff1d" else value
    found = read_text(f"email,location,extension,outcome\na@example.com,{guarded},1,failed\n", Reading())
    assert found.users[0]["location"] == value
    assert found.changes == {}


def test_a_report_in_which_all_are_done_is_empty() -> None:
    with pytest.raises(EmptyListError, match=r"Nobody failed or was skipped in this report of a run \(2 users\)"):
        read_text(report("ok", "enabled"), Reading())
    with pytest.raises(EmptyListError, match="has a header, but no users"):
        read_text("email,outcome\n", Reading())
