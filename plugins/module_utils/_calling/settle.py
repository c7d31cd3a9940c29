# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error of a write means, and how it goes on: the person is looked at before anything is said or repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._client import WebexClient
from .._errors import RequestError, WebexError, with_more
from .._parallel import run_parallel
from .._remedies import is_explained
from .model import NO_CALLING, CallingState
from .organization import Organization
from .plan import OldRead, make_plan
from .steps import DONE, DUE, FAILED, OPEN, Step, Way
from .write import NotGranted, OldPlan, fits, give_back

# How often a user is written at most, each time after a look at what is.
ATTEMPTS = 3
# How long a refusal that nothing explains is taken for one of an old read, in seconds.
REFUSAL_PATIENCE = 10.0


class Judge:
    """Decides on the ends of steps. ``stop`` is an error that every further request would meet, too."""

    def __init__(self, client: WebexClient, live: Organization, way: Way) -> None:
        """*live* is an uncached organization."""
        self._client, self._live, self._way = client, live, way
        self.stop: WebexError | None = None

    def interrupt(self) -> None:
        """Stop, because the run was interrupted."""
        self.stop = WebexError("The run was interrupted.", "run again for the rest.")

    def note(self, error: RequestError) -> None:
        """Stop if every further request would meet the same error."""
        if error.hits_everybody:
            self.stop = error

    def judge(self, step: Step, error: BaseException) -> None:
        """Decide what an error means: the step has failed, it was done all the same, or its end is open."""
        if isinstance(error, KeyboardInterrupt):
            self.interrupt()
            step.end(FAILED, WebexError("The run was interrupted while Webex was asked to do it.", "look at the user."))
        elif isinstance(error, OldRead):
            step.licenses = error.licenses if isinstance(error, OldPlan) else None
            step.end(OPEN, error)
        elif isinstance(error, RequestError):
            self.note(error)
            if error.unclear or not is_explained(error):
                step.end(OPEN, error)
            else:
                self._look_after_refusal(step, error)
        elif isinstance(error, NotGranted):
            self._look_after_refusal(step, error)
        elif isinstance(error, WebexError):
            step.end(FAILED, error)
        else:
            text = self._client.scrub(f"{type(error).__name__}: {error}")
            step.end(FAILED, WebexError(f"An unexpected error: {text}.", "report it, with the output at -vvv."))

    def _look_after_refusal(self, step: Step, error: WebexError) -> None:
        if not self.stop and self._read(step, error):
            if step.seen and step.plan.is_done(step.seen):
                step.end(DONE)
            else:
                self.fail(step, error)
        elif step.verdict == DUE:
            step.end(FAILED, error)

    def _read(self, step: Step, error: WebexError) -> bool:
        """Read the person of a step; if that cannot be, the step has failed with *error*."""
        try:
            person = self._live.person(step.plan.known_as) or {}
            if person:  # created a moment ago, and known by the address so far
                step.plan.person.setdefault("id", person["id"])
            step.seen = self._live.state_of(person)
        except RequestError as unread:
            unknown = f" Whether it was done is unknown, since the user cannot be read: {unread.message}"
            step.end(FAILED, with_more(error, unknown))
            return False
        if isinstance(error, OldRead) and not isinstance(error, OldPlan) and not fits(step.plan, person, step.seen):
            step.seen = None
        return True

    def settle(self, steps: Sequence[Step]) -> None:
        """Look at the people of open steps until each is done, due again (otherwise or once more), or has failed."""
        is_unclear = any(not isinstance(step.error, RequestError) or step.error.unclear for step in steps)
        patience = self._way.patience.at_most(self._client.time_left)
        left = list(steps)
        for _look in (patience if is_unclear else patience.at_most(REFUSAL_PATIENCE)).looks():
            run_parallel(self._way.workers, self._look, left)
            left = [step for step in left if step.verdict == OPEN]
            if not left:
                return
        for step in left:
            self._end_of_patience(step)

    def _look(self, step: Step) -> None:
        if step.error is None or not self._read(step, step.error) or step.seen is None:
            return
        seen = step.seen
        if step.licenses is not None and _ids(seen) != {license_.id for license_ in step.licenses}:
            return  # older than what an answer said
        if step.plan.is_done(seen):
            step.end(DONE)
        elif isinstance(step.error, OldRead) or not is_same(seen, step.plan.before):
            self._plan_anew(step)

    def _plan_anew(self, step: Step) -> None:
        """Plan from what was seen now; what is left to do is due again."""
        error = step.error
        if step.attempts >= ATTEMPTS or error is None or step.seen is None:
            return self.fail(step, error)
        if step.is_parking or (step.created and step.seen == NO_CALLING):
            step.plan = replace(step.plan, before=step.seen)
        else:
            known = step.plan.known_as
            wanted = replace(step.user.wanted, email=known.email, person_id=known.person_id)
            try:
                plan = make_plan(self._live, wanted, self._way.rules)
            except OldRead:
                return None
            except WebexError as refusal:
                return step.end(FAILED, refusal)
            step.plan.person["displayName"] = plan.person.get("displayName")
            step.plan = replace(plan, person=step.plan.person)
        return step.end(DUE if step.plan.changes else DONE)

    def _end_of_patience(self, step: Step) -> None:
        """Decide about a step that is still open: nothing that contradicts the plan has shown."""
        error = step.error
        is_unclear = isinstance(error, RequestError) and error.unclear
        if is_unclear and step.licenses is None and not step.plan.moves:
            # It was looked at as long as changes may take to show: it was not done, and is sent once more.
            self._plan_anew(step)
        if step.verdict == OPEN:
            self.fail(step, error)

    def fail(self, step: Step, error: WebexError | None) -> None:
        """Let a step fail, with what is now; a license that was lost on the way is given back if it can be."""
        plan, seen = step.plan, step.seen
        if error and seen and isinstance(error, (RequestError, NotGranted)):
            now = ", ".join(f"{key}: {value}" for key, value in seen.shown().items() if value is not None)
            more = f" The user was read again; now {now}."
            is_lost = plan.before.license and plan.after.license and seen.license is None
            if is_lost and isinstance(error, RequestError) and not self.stop:
                more += f" The license before was lost on the way. {give_back(self._client, plan)}"
            error = with_more(error, more)
        step.end(FAILED, error)


def _ids(state: CallingState) -> set[str]:
    return {license_.id for license_ in state.licenses}


def is_same(state: CallingState, other: CallingState) -> bool:
    """Tell whether two states, as read, are the same; the name of a location is only a courtesy."""
    return replace(state, location=None) == replace(other, location=None)
