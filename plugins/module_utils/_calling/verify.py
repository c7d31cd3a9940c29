# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking whether what was written shows: in bulk if many were written, and always by the reads that decide next time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .._errors import RequestError
from .._parallel import run_parallel, run_side_by_side
from .._patience import Patience
from .bulk_read import BulkOrganization
from .model import NO_CALLING, CallingState, License, Plan, Wanted
from .organization import Organization


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was written: whose, what, and the calling licenses that Webex's answer said, if it did."""

    wanted: Wanted
    plan: Plan
    licenses: tuple[License, ...] | None

    @property
    def key(self) -> str:
        """What tells the person from others."""
        return self.plan.key


class Look:
    """Looks whether changes show. *waiting* are those that do not yet, by bare person id; *seen* what single reads said.

    Of many, the numbers and holders are read in bulk, and of those written last each person, too: the next task may
    decide by either. Licenses are not read again if Webex's answers said them.
    """

    def __init__(
        self, organization: BulkOrganization, live: Organization, changes: Sequence[Change], workers: int
    ) -> None:
        self._organization, self._live, self._workers = organization, live, workers
        self.waiting = {change.key: change for change in changes}
        self.seen: dict[str, CallingState] = {}
        known = {change.key: change.licenses for change in changes}
        self._licenses = None if None in known.values() else {key: told or () for key, told in known.items()}
        # With the numbers, which are read beside them, they are as many as there are workers.
        self._last = {change.key for change in changes[-max(workers - 1, 1) :]}

    def until_all_is_seen(self, patience: Patience) -> None:
        """Look until every change shows, within *patience*. What cannot be read counts as not seen."""
        for _look in patience.looks() if self.waiting else ():
            try:
                self._once()
            except RequestError:
                # What was written is written, and has to be reported.
                return
            if not self.waiting:
                return

    def _once(self) -> None:
        in_bulk = len(self.waiting) > self._organization.requests_for_all()
        singly = [change for key, change in self.waiting.items() if not in_bulk or key in self._last]
        unseen: set[str] = set()
        reads: list[Callable[[], object]] = [lambda: unseen.update(self._read_singly(singly))]
        if in_bulk:
            reads.append(lambda: unseen.update(self._read_in_bulk()))
        run_side_by_side(reads)
        self.waiting = {key: change for key, change in self.waiting.items() if key in unseen}

    def _read_in_bulk(self) -> set[str]:
        """Read everybody who has calling, and return the bare ids of those who are not as planned."""
        # A person who is not among them has no calling.
        unseen = {key for key, change in self.waiting.items() if not change.plan.is_done(NO_CALLING)}
        for key, state in self._organization.states(self._licenses):
            if key in self.waiting:
                (unseen.discard if self.waiting[key].plan.is_done(state) else unseen.add)(key)
        return unseen

    def _read_singly(self, changes: Sequence[Change]) -> set[str]:
        """Read people one by one, and return the bare ids of those who are not as planned."""

        def read(change: Change) -> None:
            self.seen[change.key] = self._live.state_of(self._live.person(change.wanted) or {})

        run_parallel(self._workers, read, changes)
        return {change.key for change in changes if not change.plan.is_done(self.seen[change.key])}
