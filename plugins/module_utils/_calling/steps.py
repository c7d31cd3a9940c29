# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a list: one step for each user who needs something, and one more for those who make room before."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._client import WebexClient
from .._errors import WebexError
from .._patience import Patience
from .model import CallingState, License, Plan
from .plan import Rules
from .planned_user import PlannedUser
from .result import Result, outcome_of

DUE, OPEN, DONE, FAILED, SKIPPED = "due", "open", "done", "failed", "skipped"


@dataclass(slots=True)
class Step:
    """One write of one user. *error* says why it failed, was skipped, or why its end is open.

    *licenses* are those that an answer of Webex said the person has, *seen* is what was read last. *created* says that the
    person was created for it, *left* what of calling could not be given back before.
    """

    user: PlannedUser
    plan: Plan
    is_parking: bool = False
    attempts: int = 0
    verdict: str = DUE
    error: WebexError | None = None
    licenses: tuple[License, ...] | None = None
    seen: CallingState | None = None
    created: bool = False
    left: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether the person still has to be created."""
        return self.plan.creates and not self.created

    def end(self, verdict: str, error: WebexError | None = None) -> None:
        """Note how the step stands: due, open, done, failed or skipped."""
        self.verdict, self.error = verdict, error

    def result(self, verified: bool = True, seen: CallingState | None = None) -> Result:
        """Return how the user ended."""
        outcome = outcome_of(self.user.plan) if self.verdict == DONE else self.verdict
        return Result(
            self.user.who,
            outcome,
            self.user.plan,
            self.error,
            verified,
            self.user.before,
            seen,
            created=self.created,
            left=self.left,
        )


@dataclass(frozen=True)
class Way:
    """How a list is written: with how many *workers*, after how many failures the rest is skipped, how long to wait."""

    workers: int
    patience: Patience
    max_failures: int | None = None
    rules: Rules = field(default_factory=Rules)


def reason_to_skip(client: WebexClient, way: Way, stop: WebexError | None, failures: int) -> WebexError | None:
    """Return why nobody else is tried after so many *failures*, or after what is to *stop* all; None if there is no reason."""
    if stop:
        return stop
    if way.max_failures is not None and failures >= way.max_failures:
        return WebexError("Too many others failed before.")
    if client.time_left <= 0:
        return WebexError("The time budget was used up.", "run again for the rest.")
    return None


def parking_of(number: int) -> int:
    """Return the number of the step in which user *number* makes room for others."""
    return -number - 1
