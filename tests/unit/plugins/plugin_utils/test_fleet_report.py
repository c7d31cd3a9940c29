# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a run over many organizations, when many of them fail in many ways."""

from __future__ import annotations

import typing as t

from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._organization_list import Organization
from ansible_collections.collabops.webex.plugins.plugin_utils._fleet_report import (
    MOST_NAMES,
    MOST_REASONS,
    MOST_ROWS,
    Progress,
    Row,
    grouped_warnings,
    result_of,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock

STORE: dict[str, t.Any] = {"kind": "vault_file", "path": "x.yml"}


def row(number: int, status: str = "refreshed", error: WebexError | None = None, *warnings: str) -> Row:
    return Row(Organization(f"uuid-{number}", f"c{number}"), status, STORE, error=error, warnings=warnings)


def refusal(number: int, remedy: str = "mint a new pair.") -> Refused:
    return Refused(request="POST /access_token", status=400, reason="dead", tracking_id=f"T{number}", remedy=remedy)


def test_who_needs_the_same_is_told_in_one_line() -> None:
    rows = [row(number, "failed", refusal(number)) for number in range(30)]
    rows += [row(30, "failed", refusal(30, "correct it.")), row(31)]
    result = result_of(rows)
    first, many, one = result["msg"].splitlines()
    assert first == "32 organizations: 1 refreshed, 31 failed."
    names = ", ".join(f"c{number}" for number in range(MOST_NAMES))
    assert many == (
        f"30 failed ({names} and 20 more): POST /access_token was answered with 400: dead. What to do: mint a new pair."
    )
    assert one.startswith("1 failed (c30): ")
    assert "T0" not in result["msg"]
    assert result["organizations"][0]["tracking_id"] == "T0"


def test_a_thousand_failures_are_no_wall() -> None:
    rows = [row(number, "failed", refusal(number, f"remedy {number}.")) for number in range(1000)]
    result = result_of(rows)
    assert len(result["organizations"]) == MOST_ROWS
    lines = result["msg"].splitlines()
    assert (len(lines), lines[-1]) == (1 + MOST_REASONS + 1, f"There are {1000 - MOST_REASONS} more reasons.")


def test_all_rows_are_shown_if_none_failed() -> None:
    result = result_of([row(number) for number in range(1000)])
    assert (len(result["organizations"]), result["changed"]) == (1000, True)
    assert "failed" not in result


def test_no_organization_at_all_is_nothing_to_do() -> None:
    result = result_of([])
    assert (result["msg"], result["changed"], result["organizations"]) == ("0 organizations: nothing to do.", False, [])


def test_a_warning_is_shown_once() -> None:
    rows = [row(number, "refreshed", None, "the folder is open") for number in range(12)] + [
        row(12, "fresh", None, "other")
    ]
    first, second = grouped_warnings(rows)
    assert first.endswith("c9 and 2 more: the folder is open")
    assert second == "c12: other"
    many = [row(number, "fresh", None, f"warning {number}") for number in range(50)]
    assert (
        grouped_warnings(many)[-1] == f"There are {50 - MOST_REASONS} more warnings; see `organizations` of the result."
    )


def test_progress_says_a_line_now_and_then() -> None:
    clock, said = Clock(), []
    progress = Progress(100, said.append, clock.monotonic)
    for number in range(20):
        clock.sleep(1)
        progress.note(row(number, "failed" if number == 3 else "refreshed"))
    assert said[0] == "5 of 100 organizations (4 refreshed, 1 failed), about 1 min 35 s left"
    assert len(said) == 4
