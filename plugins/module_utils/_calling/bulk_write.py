# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the plans of a list, with many workers, in rounds: write, look at what is unclear, write the rest.

Nothing is written a second time, or otherwise than planned, before the person was looked at; and not as long as what is
read is known to be old.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from .._client import WebexClient
from .._errors import RequestError, WebexError, with_more
from .bulk_plan import Work
from .bulk_read import BulkOrganization
from .create import Creator, once_known
from .model import CallingError
from .move import MOST_USERS, move
from .release import stop_forwarding
from .result import Result
from .schedule import Schedule, work_off
from .settings_write import SettingsWriter
from .settle import Judge
from .steps import DONE, DUE, FAILED, OPEN, SKIPPED, Step, Way, parking_of, reason_to_skip
from .verify import Change, Look
from .write import assign, write


def carry_out(
    client: WebexClient,
    organization: BulkOrganization,
    work: Work,
    way: Way,
    progress: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Write every plan, then see that it shows, then write the settings; return a result for each planned user.

    Never raises for one user. When it is interrupted (KeyboardInterrupt), the rest is skipped, and all is reported.
    """
    writer = Writer(client, organization, work, way, progress)
    organization.forget()
    writer.run()
    results = writer.results(organization)
    return SettingsWriter(client, work.users, results, way, writer.judge, progress).run()


class Writer:
    """Carries out the plans of a list; see carry_out()."""

    def __init__(
        self,
        client: WebexClient,
        organization: BulkOrganization,
        work: Work,
        way: Way,
        progress: Callable[[Result], None] = lambda result: None,
    ) -> None:
        self.client, self.work, self.way, self.progress = client, work, way, progress
        self.live = organization.uncached()
        self.judge = Judge(client, self.live, way)
        self._one_job = threading.Lock()
        self._failures = 0
        self._unsettled = 0
        self.steps: dict[int, Step] = {}
        for number, user in enumerate(work.users):
            if user.parking:
                self.steps[parking_of(number)] = Step(user, user.parking, is_parking=True)
            if user.plan.changes:
                self.steps[number] = Step(user, user.plan)

    # Rounds

    def run(self) -> None:
        """Write in rounds, until nothing is open any more."""
        try:
            self._create_people()
            self._round()
            while not self.judge.stop and (open_steps := [self.steps[number] for number in self._numbers(OPEN)]):
                self.judge.settle(open_steps)
                for step in open_steps:
                    self._report(step)
                self._round()
        except KeyboardInterrupt:
            self.judge.interrupt()
        for number in self._numbers(OPEN):
            self.steps[number].end(FAILED, self.steps[number].error)
        self._fail_those_who_waited()
        for number in self._numbers(DUE):
            self.steps[number].end(SKIPPED, self._reason_to_skip())
        for step in self.steps.values():
            if step.created and step.error:
                step.error = with_more(step.error, " The person was created before.")

    def _create_people(self) -> None:
        """Create those who do not exist yet."""
        missing = [step for step in self.steps.values() if step.is_missing]
        Creator(self.client, self.live, self.judge, self.way, self._reason_not_to_create).create(missing)
        for step in missing:
            self._report(step)

    def _reason_not_to_create(self) -> WebexError | None:
        if self.way.max_failures is not None:
            self._failures = len(self._numbers(FAILED))
        return self._reason_to_skip()

    def _numbers(self, verdict: str) -> list[int]:
        return [number for number, step in self.steps.items() if step.verdict == verdict]

    def _waits_of(self, number: int) -> list[int]:
        """Return the steps that must be done before a step."""
        if number < 0:
            return []
        order = self.work.order
        # The own one first: if it fails, that is the reason.
        waits = [parking_of(number), *order.waits.get(number, ()), *map(parking_of, order.parks.get(number, ()))]
        return [other for other in waits if other in self.steps]

    def _round(self) -> None:
        """Write all steps that are due, each after those that it waits for."""
        self._fail_those_who_waited()
        self._failures, self._unsettled = len(self._numbers(FAILED)), 0
        due = sorted(self._numbers(DUE), key=self._priority)
        waits = {number: self._waits_of(number) for number in due}
        blocked = {n for n in due if any(self.steps[other].verdict == OPEN for other in waits[n])}
        schedule = Schedule(due, waits, self.work.order.units, blocked)
        work_off(schedule, lambda number: self._do(schedule, number), min(self.way.workers, len(due)))

    def _priority(self, number: int) -> int:
        """Return where a step belongs: those who make room or give back come first, moves last, many in one job."""
        plan = self.steps[number].plan
        if number < 0 or plan.after.license is None:
            return 0
        return 2 if plan.moves else 1

    def _fail_those_who_waited(self) -> None:
        """Fail or skip the steps that wait for one that was not done, and those that wait for them."""
        lost = True
        while lost:
            lost = False
            for number in self._numbers(DUE):
                others = [self.steps[other] for other in self._waits_of(number)]
                other = next((other for other in others if other.verdict in (FAILED, SKIPPED)), None)
                if other:
                    step = self.steps[number]
                    is_told = other.verdict == SKIPPED or other.user is step.user
                    step.end(other.verdict, other.error if is_told else _waited_in_vain(step, other))
                    lost = True

    # One step

    def _do(self, schedule: Schedule, number: int) -> None:
        numbers = [number]
        reason = self._reason_to_skip()
        if not reason and self._may_have_failed_enough():
            return schedule.leave(number)
        if not reason and self.steps[number].plan.moves:
            with self._one_job:
                numbers += schedule.take_more(lambda other: self.steps[other].plan.moves, MOST_USERS - 1)
                self._move([self.steps[other] for other in numbers])
        elif not reason:
            self._write(self.steps[number])
        for other in numbers:
            step = self.steps[other]
            if reason:
                step.end(SKIPPED, reason)
            if step.verdict == OPEN:
                self._unsettled += isinstance(step.error, RequestError)
                schedule.leave(other)
                continue
            schedule.end(other, step.verdict == DONE)
            self._failures += step.verdict == FAILED
            self._report(step)
        if self.judge.stop:
            schedule.stop()
        return None

    def _may_have_failed_enough(self) -> bool:
        """Tell whether it must be known how open ends ended, before it is known whether anybody else is tried."""
        most = self.way.max_failures
        return most is not None and self._failures + self._unsettled >= most

    def _reason_to_skip(self) -> WebexError | None:
        return reason_to_skip(self.client, self.way, self.judge.stop, self._failures)

    def _report(self, step: Step) -> None:
        has_settings_left = step.verdict == DONE and step.user.due
        if step.verdict not in (DUE, OPEN) and not step.is_parking and not has_settings_left:
            self.progress(step.result())

    def _write(self, step: Step) -> None:
        step.attempts += 1
        try:
            if self.way.rules.release and step.plan.action == "disable":
                step.left = stop_forwarding(self.client, step.plan, self.way.patience.at_most(self.client.time_left))
            if self.way.rules.create_people:
                # Those whom an earlier task has half created can be as new.
                patience = self.way.patience.at_most(self.client.time_left)
                step.licenses = once_known(patience, lambda: write(self.client, self.live, step.plan))
            else:
                step.licenses = write(self.client, self.live, step.plan)
        except (Exception, KeyboardInterrupt) as error:
            self.judge.judge(step, error)
        else:
            step.end(DONE)

    def _move(self, steps: list[Step]) -> None:
        """Move users with one job; those who get another license, too, get it afterwards."""
        for step in steps:
            step.attempts += 1
        try:
            errors = move(self.client, [step.plan for step in steps], self.way.patience)
        except (Exception, KeyboardInterrupt) as failure:
            for step in steps:
                self.judge.judge(step, failure)
            return
        for step in steps:
            refusal = errors.get(step.plan.key)
            try:
                if refusal:
                    raise refusal
                if step.plan.changes_license:
                    step.licenses = assign(self.client, self.live, step.plan)
            except (Exception, KeyboardInterrupt) as failure:
                self.judge.judge(step, failure)
            else:
                step.end(DONE)

    # Results

    def results(self, organization: BulkOrganization) -> list[Result]:
        """Look whether all changes show, and return how each user ended."""
        done = [self.steps[number] for number in self._numbers(DONE) if number >= 0]
        changes = [Change(step.user.wanted, step.plan, step.licenses) for step in done if step.plan.changes]
        patience = self.way.patience.at_most(self.client.time_left)
        look = Look(organization, self.live, changes, self.way.workers)
        if not self.judge.stop:
            with contextlib.suppress(KeyboardInterrupt):
                look.until_all_is_seen(patience)
        results = []
        for number, user in enumerate(self.work.users):
            if number in self.steps:
                key = self.steps[number].plan.key
                results.append(self.steps[number].result(key not in look.waiting, look.seen.get(key)))
            else:
                results.append(Result(user.who, "ok", user.plan, before=user.plan.before, seen=user.plan.before))
        return results


def _waited_in_vain(step: Step, other: Step) -> CallingError:
    who = other.user.who
    return CallingError(
        f"{step.user.who} gets what {who} had, and that was not given up.", f"see {who}, and run again."
    )
