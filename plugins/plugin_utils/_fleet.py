# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of one service app in many organizations, several at once: one that fails stops none of the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..module_utils._errors import (
    Interrupted,
    OptionError,
    OutOfTime,
    Refused,
    Unreachable,
    UntrustedCertificate,
    WebexError,
)
from ..module_utils._line import Line
from ..module_utils._organization_list import Organization
from ..module_utils._parallel import run_parallel
from ..module_utils._remedies import INTERRUPTED, MORE_TIME
from ._custody.broker import obtain
from ._custody.keeper import REFRESH_BUDGET
from ._custody.request import Outcome, Request
from ._custody.stores import open_store
from ._custody.stores.base import NoStore, Store
from ._fleet_report import Row
from ._signals import put_off

# Organizations under way for each request that may be: while some wait for Webex, others decrypt and write.
ORGANIZATIONS_PER_REQUEST = 3
# So often an organization has its turn, if Webex limits the rate just then.
TURNS = 3
# Errors that all others would meet too, since they are about the way to Webex.
NO_WAY = (Unreachable, UntrustedCertificate)
REPORT_IT = "report it: it is a mistake of this collection."


@dataclass(frozen=True)
class Member:
    """An organization, and the store of its tokens."""

    organization: Organization
    store: Store


def open_members(
    organizations: Sequence[Organization],
    template: dict[str, Any],
    checked: Callable[[Any], dict[str, Any]],
    loader: Any,
) -> list[Member]:
    """Return each of the *organizations* with its store, which *template* describes if its entry does not.

    *checked* returns the suboptions of a store with their types. Raises OptionError, also if two have the same store.
    """
    members = [Member(org, _open(org, template, checked, loader)) for org in organizations]
    owners: dict[str, str] = {}
    for member in members:
        alias = member.organization.alias
        other = owners.setdefault(member.store.identity, alias)
        if other != alias:
            raise OptionError(
                "store",
                f"{member.store.name} would be that of {other} and of {alias}.",
                "put `{org_id}` or `{inventory_hostname}` into its address, so that each organization has its own.",
            )
    return members


def _open(org: Organization, template: dict[str, Any], checked: Callable[[Any], dict[str, Any]], loader: Any) -> Store:
    own = org.store or {}
    given = {name: value for name, value in template.items() if value is not None}
    try:
        options = checked(own if "kind" in own else {**given, **own}) if own else template
        store = open_store(options, loader, org.org_id, org.alias)
        if isinstance(store, NoStore):
            raise OptionError("store.kind", "is none, which keeps nothing.", "name a store, for example vault_file.")
    except OptionError as error:
        error.problem = f"{org.alias}: {error.problem}"
        raise
    return store


class FleetRun:
    """One run over all organizations: so many at once, at one pace, and no longer than it may take."""

    def __init__(
        self,
        members: Sequence[Member],
        request: Request,
        line: Line,
        time_budget: float,
        on_row: Callable[[Row], object] = lambda row: None,
    ) -> None:
        """Ask for *request* in each organization, by way of *line*; begin with none after *time_budget* seconds.

        *on_row* is called, in any thread, with the outcome of each.
        """
        self._members, self._request, self._line = members, request, line
        self._ends = time.monotonic() + time_budget
        self._time_budget, self._on_row = time_budget, on_row
        self._reason_to_end: WebexError | None = None
        self._parent = os.getppid()
        self._is_interrupted = False

    def run(self, report: Callable[[Sequence[Row], bool], Any]) -> Any:
        """Return what *report* makes of the rows of all organizations, in order, and of whether the run was interrupted.

        A signal that would end this run is put off until what is under way is done: no thread may lose what Webex has
        just answered. Nothing new is begun.
        """
        seconds = REFRESH_BUDGET + max((member.store.save_time for member in self._members), default=0.0)
        with put_off(seconds, self._interrupt):
            workers = self._line.pace.most * ORGANIZATIONS_PER_REQUEST
            rows = run_parallel(workers, self._row_of, self._members)
            # Before the signal does what it would have done.
            return report(rows, self._is_interrupted)

    @property
    def is_orphaned(self) -> bool:
        """Whether the ansible-playbook that this worker belongs to has ended, so that nobody reads its result."""
        return os.getppid() != self._parent

    def _interrupt(self, _number: int) -> None:
        self._is_interrupted = True
        self._line.stop()

    def _row_of(self, member: Member) -> Row:
        try:
            row = self._attempt(member)
        except Exception as error:  # pylint: disable=broad-except  # a mistake of ours in one must not cost the others
            row = Row.failed(member.organization, member.store, WebexError(f"{type(error).__name__}.", REPORT_IT))
        self._on_row(row)
        return row

    def _attempt(self, member: Member) -> Row:
        """Return the outcome of an organization; again, if it was only told to come back later."""
        for turn in range(1, TURNS + 1):
            self._line.pace.rest()
            reason = self._reason_to_skip()
            if reason:
                return Row.skipped(member.organization, member.store, reason)
            try:
                return Row.done(member.organization, member.store, self._obtain(member))
            except Interrupted as error:
                return Row.skipped(member.organization, member.store, error)
            except WebexError as error:
                if isinstance(error, NO_WAY):
                    self._reason_to_end = error
                if turn == TURNS or not _is_held_back(error):
                    return Row.failed(member.organization, member.store, error)
        raise AssertionError("the last turn has an outcome")

    def _obtain(self, member: Member) -> Outcome:
        # A refresh token of the options or the environment would be that of one organization.
        settings = replace(self._request.settings, org_id=member.organization.org_id, refresh_token=None)
        return obtain(member.store, replace(self._request, settings=settings, line=self._line))

    def _reason_to_skip(self) -> WebexError | None:
        if self._is_interrupted or self.is_orphaned:
            return WebexError("It was not begun.", INTERRUPTED)
        if self._reason_to_end:
            return WebexError(
                f"It was not begun, since Webex cannot be reached: {self._reason_to_end.message}",
                self._reason_to_end.remedy,
            )
        if time.monotonic() >= self._ends:
            return WebexError(f"It was not begun: the task's {self._time_budget:g} seconds are used up.", MORE_TIME)
        return None


def _is_held_back(error: WebexError) -> bool:
    """Tell whether nothing was asked of Webex, because it limits the rate of requests."""
    if isinstance(error, Refused):
        return error.status == 429
    return isinstance(error, OutOfTime) and not error.unclear
