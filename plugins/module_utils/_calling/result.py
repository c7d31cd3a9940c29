# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each user of a list ended, or would end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .._errors import WebexError
from .bulk_plan import Work
from .model import CallingState, Plan

UNDONE = ("failed", "skipped")
OUTCOMES = ("ok", "enabled", "changed", "skipped", "failed")
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Result:
    """How one user ended: ``ok`` (nothing to do), ``enabled``, ``changed``, ``skipped`` or ``failed``.

    *before* is the state before anything was done, *seen* the one that was read afterwards, if it was read for them alone.
    """

    who: str
    outcome: str
    plan: Plan | None = None
    error: WebexError | None = None
    verified: bool = True
    before: CallingState | None = None
    seen: CallingState | None = None

    @property
    def is_done(self) -> bool:
        """Whether something was changed."""
        return self.outcome in ("enabled", "changed")

    @property
    def reason(self) -> str | None:
        """Why the user failed or was skipped, and what to do; the tracking id is a field of its own."""
        return self.error.without_tracking_id() if self.error else None

    def shown(self) -> dict[str, Any]:
        """Return the result as the module shows it."""
        state = self.plan.after if self.plan and self.outcome in ("ok", "enabled", "changed") else None
        return {
            "user": self.who,
            "person_id": self.plan.person.get("id") if self.plan else None,
            "outcome": self.outcome,
            "action": self.plan.action if self.plan else "none",
            "verified": self.verified,
            **(state.shown() if state else {}),
            **({"notes": list(self.plan.notes)} if self.plan and self.plan.notes else {}),
            "reason": self.reason,
            "error_codes": getattr(self.error, "error_codes", []),
            "tracking_id": getattr(self.error, "tracking_id", None),
        }


def outcome_of(plan: Plan) -> str:
    """Return the outcome of a plan that is carried out."""
    if not plan.changes:
        return "ok"
    return "enabled" if plan.action == "enable" else "changed"


def preview(work: Work, stopped: bool) -> list[Result]:
    """Return what carry_out() would bring about or, if it was *stopped* by problems, that it did not."""
    return [
        Result(user.who, "skipped", user.plan, WebexError("Others of the list have problems, so nothing was written."))
        if stopped and user.plan.changes
        else Result(user.who, outcome_of(user.plan), user.plan, before=user.before)
        for user in work.users
    ]


def summary(results: Iterable[Result]) -> str:
    """Return one sentence on how many failed or were skipped, and why: each reason once, with some who have it."""
    results = list(results)
    counts = Counter(result.outcome for result in results)
    skipped = f", and {counts['skipped']} were skipped" if counts["skipped"] else ""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for result in results:
        if result.outcome in UNDONE:
            by_reason[result.reason or "no reason"].append(result.who)
    sentences, left = [], MOST_NAMED
    for reason, names in by_reason.items():
        if not left:
            break
        named, more = names[:left], len(names) - left
        left -= len(named)
        also = f" and {more} more" if more > 0 else ""
        sentences.append(f"{', '.join(named)}{also}: {reason}")
    told = len(sentences)
    rest = sum(len(names) for names in list(by_reason.values())[told:])
    if rest:
        sentences.append(f"And {rest} more for other reasons: see the return value users.")
    return f"{counts['failed']} of {len(results)} users failed{skipped}. {' '.join(sentences)}"
