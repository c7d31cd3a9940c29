# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the settings of a list, after the licenses, with many workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .._client import WebexClient
from .._errors import WebexError, with_more
from .planned_user import PlannedUser
from .result import Result
from .schedule import Schedule, work_off
from .settings.person import PersonSettings, apply_all
from .settings_plan import subject_of
from .steps import Way, reason_to_skip

if TYPE_CHECKING:
    from .settle import Judge


class SettingsWriter:
    """Writes the settings that are due of those whose license is as wanted."""

    def __init__(
        self,
        client: WebexClient,
        users: Sequence[PlannedUser],
        results: Sequence[Result],
        way: Way,
        judge: Judge,
        progress: Callable[[Result], None],
    ) -> None:
        """Go on from *results*, one for each of *users*; what has stopped the *judge* stops this, too."""
        self._client, self._users, self._way, self._judge, self._progress = client, users, way, judge, progress
        self._results = list(results)
        self._left: set[int] = set()
        self._failures = sum(result.outcome == "failed" for result in results)

    def run(self) -> list[Result]:
        """Write, and return the results. Never raises for one user; an interruption skips the rest."""
        due = []
        for number, user in enumerate(self._users):
            if self._results[number].outcome in ("ok", "enabled", "changed"):
                self._results[number] = replace(self._results[number], settings=user.settings)
                due += [number] if user.due else []
        self._left = set(due)
        schedule = Schedule(due, {}, {})

        def do(number: int) -> None:
            self._do(number)
            schedule.end(number, True)

        try:
            work_off(schedule, do, min(self._way.workers, len(due)))
        except KeyboardInterrupt:
            self._judge.interrupt()
        for number in sorted(self._left):
            self._skip(number, self._reason_to_skip())
        return self._results

    def _reason_to_skip(self) -> WebexError | None:
        return reason_to_skip(self._client, self._way, self._judge.stop, self._failures)

    def _do(self, number: int) -> None:
        reason = self._reason_to_skip()
        if reason:
            return self._skip(number, reason)
        user = self._users[number]
        patience = self._way.patience.at_most(self._client.time_left)
        try:
            done = apply_all(user.due, subject_of(self._client, user), user.wanted.settings or {}, patience)
        except Exception as error:
            text = self._client.scrub(f"{type(error).__name__}: {error}")
            return self._fail(
                number, WebexError(f"An unexpected error: {text}.", "report it, with the output at -vvv.")
            )
        if done.stop:
            self._judge.stop = done.stop
        result, settings = self._results[number], _joined(user.settings, done)
        if settings.error:
            return self._fail(number, settings.error, settings)
        outcome = "changed" if result.outcome == "ok" and settings.is_changed else result.outcome
        return self._end(number, replace(result, outcome=outcome, settings=settings))

    def _fail(self, number: int, error: WebexError, settings: PersonSettings | None = None) -> None:
        result = self._results[number]
        if result.is_done:
            state = self._users[number].plan.after
            error = with_more(error, f" Calling itself is as wanted: {state.line()}.")
        has_written = result.is_done or bool(settings and settings.is_changed)
        self._end(number, replace(result, outcome="failed", error=error, settings=settings, has_written=has_written))

    def _skip(self, number: int, reason: WebexError | None) -> None:
        result = self._results[number]
        names = ", ".join(setting.name for setting in self._users[number].due)
        error = with_more(reason or WebexError("It was not reached."), f" Not set: {names}.")
        self._end(number, replace(result, outcome="skipped", error=error, settings=None, has_written=result.is_done))

    def _end(self, number: int, result: Result) -> None:
        self._left.discard(number)
        self._results[number] = result
        self._failures += result.outcome == "failed"
        self._progress(result)


def _joined(before: PersonSettings | None, done: PersonSettings) -> PersonSettings:
    """Return all wanted settings of a user: those that were done now, and those that were as wanted before."""
    known = {outcome.name: outcome for outcome in (*(before.outcomes if before else ()), *done.outcomes)}
    tried = {outcome.name for outcome in done.outcomes} | set(done.not_tried)
    kept = [outcome for name, outcome in known.items() if name not in tried]
    return PersonSettings((*kept, *done.outcomes), done.not_tried)
