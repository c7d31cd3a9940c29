# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is reported of a list of users, from the results of the tasks that wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._user_list.columns import COLUMNS
from .model import Wanted

# The outcomes of ``calling_users``, in the order and the words of a report.
OUTCOME_WORDS = {
    "enabled": "enabled",
    "changed": "changed",
    "ok": "unchanged",
    "skipped": "skipped",
    "failed": "failed",
}
# The result of a user who has none.
NO_RESULT: dict[str, Any] = {
    "outcome": "skipped",
    "action": "none",
    "reason": None,
    "error_codes": [],
    "tracking_id": None,
}


def report(
    users: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]],
    otherwise: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return how the *users* ended: lists of those with the same end, in their order, counts, and words.

    An entry has the options of a user, overlaid with the result. *results* are those of ``calling_users``, of which the
    last one of a user counts; *otherwise* is for users without one. ``due`` has the options of those to change; first
    come those who give a unit back, which may be the one that another one gets.
    """
    by_name = {str(result["user"]): result for result in results}
    ends: dict[str, list[dict[str, Any]]] = {end: [] for end in ("changed", "unchanged", "skipped", "failed")}
    counts = dict.fromkeys(OUTCOME_WORDS, 0)
    due: list[Mapping[str, Any]] = []
    for user in users:
        who = Wanted(email=user.get("email"), person_id=user.get("person_id")).who
        result = {**NO_RESULT, **by_name.get(who, otherwise or {})}
        person_id = result.get("person_id") or user.get("person_id")
        row = {"user": who, **dict.fromkeys(COLUMNS), **user, **result, "person_id": person_id}
        outcome = str(row["outcome"])
        counts[outcome] += 1
        ends[{"enabled": "changed", "ok": "unchanged"}.get(outcome, outcome)].append(row)
        if outcome in ("enabled", "changed"):
            due.append(user)
    words = ", ".join(f"{counts[outcome]} {word}" for outcome, word in OUTCOME_WORDS.items() if counts[outcome])
    due.sort(key=lambda user: user.get("state") != "absent")
    return {**ends, "counts": counts, "words": words or "nobody", "due": due}
