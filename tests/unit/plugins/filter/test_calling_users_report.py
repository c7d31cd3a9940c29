# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each user of a list."""

from __future__ import annotations

from ansible_collections.collabops.webex.plugins.filter.calling_users_report import FilterModule

report = FilterModule().filters()["calling_users_report"]
ALICE = {"email": "alice@example.com", "extension": "2002"}
BOB = {"email": "bob@example.com", "extension": "2003"}


def test_users_are_told_by_their_end_and_in_their_order() -> None:
    results = [
        {"user": "bob@example.com", "outcome": "enabled", "license": "Webex Calling - Professional"},
        {"user": "alice@example.com", "outcome": "ok"},
    ]
    told = report([ALICE, BOB], results)
    assert [row["user"] for row in told["changed"]] == ["bob@example.com"]
    assert [row["user"] for row in told["unchanged"]] == ["alice@example.com"]
    assert told["changed"][0]["license"] == "Webex Calling - Professional"
    assert told["due"] == [BOB]
    assert (told["failed"], told["skipped"]) == ([], [])


def test_the_last_result_of_a_user_counts() -> None:
    results = [
        {"user": "bob@example.com", "outcome": "failed", "reason": "no"},
        {"user": "bob@example.com", "outcome": "ok"},
    ]
    assert report([BOB], results)["counts"]["ok"] == 1


def test_a_user_without_a_result_is_what_the_caller_says() -> None:
    assert report([BOB], [])["skipped"][0]["user"] == "bob@example.com"
    failed = report([BOB], [], {"outcome": "failed", "reason": "the task ended before"})["failed"]
    assert failed[0]["reason"] == "the task ended before"
