# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.collabops.webex.plugins.module_utils._calling.list_report import report


def test_a_report_has_everybody_once_in_the_order_of_the_list() -> None:
    users = [{"email": f"{name}@x", "location": "Berlin"} for name in "abcdef"] + [{"person_id": "P7"}]
    results = [
        {"user": "f@x", "outcome": "failed", "reason": "no", "person_id": None},
        {"user": "b@x", "outcome": "enabled", "location": "Hamburg", "person_id": "P2"},
        {"user": "a@x", "outcome": "changed", "person_id": "P1"},
        {"user": "c@x", "outcome": "skipped", "reason": "later"},
        {"user": "P7", "outcome": "enabled", "person_id": None},
        {"user": "c@x", "outcome": "ok"},
        {"user": "stranger@x", "outcome": "ok"},
    ]
    found = report(users, results, {"outcome": "failed", "reason": "the task ended"})
    ends = {end: [row["user"] for row in found[end]] for end in ("changed", "unchanged", "skipped", "failed")}
    assert ends == {
        "changed": ["a@x", "b@x", "P7"],
        "unchanged": ["c@x"],
        "skipped": [],
        "failed": ["d@x", "e@x", "f@x"],
    }
    assert found["counts"] == {"enabled": 2, "changed": 1, "ok": 1, "skipped": 0, "failed": 3}
    assert found["words"] == "2 enabled, 1 changed, 1 unchanged, 3 failed"
    assert found["due"] == [users[0], users[1], users[6]]
    assert [row["person_id"] for row in found["changed"]] == ["P1", "P2", "P7"]
    assert [row["location"] for row in found["changed"]] == ["Berlin", "Hamburg", None]
    assert [row["reason"] for row in found["failed"]] == ["the task ended", "the task ended", "no"]


def test_those_who_give_back_are_due_first() -> None:
    users = [{"email": "a@x", "state": "present"}, {"email": "b@x", "state": "absent"}, {"email": "c@x"}]
    found = report(users, [{"user": user["email"], "outcome": "changed"} for user in users])
    assert [user["email"] for user in found["due"]] == ["b@x", "a@x", "c@x"]
    assert [row["user"] for row in found["changed"]] == ["a@x", "b@x", "c@x"]


def test_a_report_on_nobody_says_so() -> None:
    assert report([], [])["words"] == "nobody"
