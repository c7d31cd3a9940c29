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
from .planned_user import PlannedUser
from .settings import emergency_callback
from .settings.person import PersonSettings

UNDONE = ("failed", "skipped")
OUTCOMES = ("ok", "enabled", "changed", "skipped", "failed")
MOST_NAMED = 10
# What Webex has for them is not read: for many users, that would be many requests.
NO_CALLBACK = (
    "has no phone number, and nothing is said of the emergency callback, so that emergency services may have no number to "
    "call back; set emergency_callback, for example to location"
)


@dataclass(frozen=True, slots=True)
class Result:
    """How one user ended: ``ok`` (nothing to do), ``enabled``, ``changed``, ``skipped`` or ``failed``.

    *before* is the state before anything was done, *seen* the one that was read afterwards, if it was read for them alone.
    *created*: the person was created, however it ended. *left* could not be given back before calling was taken away.
    *settings* are those that are wanted. *has_written*: calling was enabled or changed before the user failed or was skipped.
    """

    who: str
    outcome: str
    plan: Plan | None = None
    error: WebexError | None = None
    verified: bool = True
    before: CallingState | None = None
    seen: CallingState | None = None
    settings: PersonSettings | None = None
    has_written: bool = False
    created: bool = False
    left: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether something was changed, be it that the user failed or was skipped afterwards."""
        return self.is_done or self.has_written or self.created

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user of the task should know of the way."""
        notes = self.plan.notes if self.plan else ()
        if self.settings:
            notes += self.settings.notes
        return (*notes, NO_CALLBACK) if self._may_lack_callback else notes

    @property
    def _may_lack_callback(self) -> bool:
        """Whether the user is left without a phone number, and nothing is asked for instead."""
        if not self.plan or not self.is_done or not self.plan.after.license or self.plan.after.phone_number:
            return False
        outcomes = self.settings.outcomes if self.settings else ()
        is_asked_for = any(outcome.name == emergency_callback.OPTION for outcome in outcomes)
        had_one = self.before is None or not self.before.license or bool(self.before.phone_number)
        return had_one and not is_asked_for

    @property
    def is_done(self) -> bool:
        """Whether all that was to be changed was changed."""
        return self.outcome in ("enabled", "changed")

    def shown(self) -> dict[str, Any]:
        """Return the result as the module shows it."""
        state = self.plan.after if self.plan and self.outcome in ("ok", "enabled", "changed") else None
        return {
            "user": self.who,
            "person_id": self.plan.person.get("id") if self.plan else None,
            "outcome": self.outcome,
            "action": self.plan.action if self.plan else "none",
            "verified": self.verified,
            **({"created": True} if self.created else {}),
            **(state.shown() if state else {}),
            **self._shown_settings(),
            **({"notes": list(self.notes)} if self.notes else {}),
            "reason": self.error.problem if self.error else None,
            "remedy": self.error.remedy if self.error else None,
            "error_codes": getattr(self.error, "error_codes", []),
            "tracking_id": self.error.tracking_id if self.error else None,
        }

    def _shown_settings(self) -> dict[str, Any]:
        if self.settings is None:
            return {}
        return {"settings": self.settings.shown(), "changed_settings": self.settings.changed}


def outcome_of(plan: Plan) -> str:
    """Return the outcome of a plan that is carried out."""
    if not plan.changes:
        return "ok"
    return "enabled" if plan.action == "enable" else "changed"


def preview(work: Work, stopped: bool) -> list[Result]:
    """Return what carry_out() would bring about or, if it was *stopped* by problems, that it did not."""
    return [
        Result(user.who, "skipped", user.plan, WebexError("Others of the list have problems, so nothing was written."))
        if stopped and user.changes
        else _foretold(user)
        for user in work.users
    ]


def _foretold(user: PlannedUser) -> Result:
    error = user.settings.error if user.settings else None
    outcome = outcome_of(user.plan)
    if outcome == "ok" and user.due:
        outcome = "changed"
    return Result(
        user.who,
        "failed" if error else outcome,
        user.plan,
        error,
        before=user.before,
        settings=user.settings,
        created=user.plan.creates,
    )


def summary(results: Iterable[Result]) -> str:
    """Return one sentence on how many failed or were skipped, and why: each reason once, with some who have it."""
    results = list(results)
    counts = Counter(result.outcome for result in results)
    skipped = f", and {counts['skipped']} were skipped" if counts["skipped"] else ""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for result in results:
        if result.outcome in UNDONE:
            by_reason[result.error.without_tracking_id() if result.error else "no reason"].append(result.who)
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
