# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a run over many organizations: a row for each, how many there are of which kind, and why some failed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..module_utils._errors import WebexError
from ..module_utils._organization_list import Organization
from ..module_utils._time import to_iso
from ._custody.request import Outcome
from ._custody.stores.base import Store
from ._watched_run import LINE_SECONDS, LINES_OF_A_RUN, span

FRESH, REFRESHED, MINTED, FAILED, SKIPPED = STATUSES = ("fresh", "refreshed", "minted", "failed", "skipped")
UNDONE = (FAILED, SKIPPED)
# In a message, so many organizations are named for each reason, and so many reasons.
MOST_NAMES = 10
MOST_REASONS = 20
# Ansible prints all that a failed task returns: so many rows.
MOST_ROWS = 100


@dataclass(frozen=True)
class Row:
    """The outcome of one organization. It holds no token."""

    organization: Organization
    status: str
    store: dict[str, Any]
    expires_at: str | None = None
    refresh_token_expires_at: str | None = None
    error: WebexError | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def done(cls, organization: Organization, store: Store, outcome: Outcome) -> Row:
        """Return the row of an organization that has a good token, or in check mode would get one."""
        status = MINTED if outcome.minted else REFRESHED if outcome.refreshed else FRESH
        tokens = outcome.token_set
        return cls(
            organization,
            status,
            store.describe(),
            to_iso(tokens.expires_at) if tokens else None,
            to_iso(tokens.refresh_token_expires_at) if tokens else None,
            warnings=(*store.warnings(), *outcome.warnings),
        )

    @classmethod
    def failed(cls, organization: Organization, store: Store, error: WebexError) -> Row:
        """Return the row of an organization that has no good token, for *error*."""
        return cls(organization, FAILED, store.describe(), error=error)

    @classmethod
    def skipped(cls, organization: Organization, store: Store, reason: WebexError) -> Row:
        """Return the row of an organization for which nothing was done, for *reason*."""
        return cls(organization, SKIPPED, store.describe(), error=reason)

    @property
    def recovery(self) -> str | None:
        """A text with tokens that the store did not take."""
        return getattr(self.error, "recovery", None)

    def shown(self) -> dict[str, Any]:
        """Return it as a result shows it."""
        return {
            "org_id": self.organization.org_id,
            "alias": self.organization.alias,
            "name": self.organization.name,
            "status": self.status,
            "changed": self.status in (REFRESHED, MINTED),
            "expires_at": self.expires_at,
            "refresh_token_expires_at": self.refresh_token_expires_at,
            "store": self.store,
            "msg": self.error.message if self.error else None,
            "remedy": self.error.remedy if self.error else None,
            "tracking_id": self.error.tracking_id if self.error else None,
            "recovery": self.recovery,
            "warnings": list(self.warnings),
        }


def result_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the result of a task. It has failed if an organization failed or was skipped, and then shows only those."""
    counts = Counter(row.status for row in rows)
    undone = [row for row in rows if row.status in UNDONE]
    result: dict[str, Any] = {
        "changed": any(row.status in (REFRESHED, MINTED) for row in rows),
        "counts": {"total": len(rows), **{status: counts[status] for status in STATUSES}},
        "organizations": [row.shown() for row in _rows_to_show(undone) or rows],
        "msg": summary(rows),
    }
    if undone:
        result |= {"failed": True, "msg": "\n".join([summary(rows), *reasons(undone)])}
    return result


def _rows_to_show(undone: Sequence[Row]) -> list[Row]:
    """Return the first of the rows, and those with tokens that are nowhere else."""
    return [*undone[:MOST_ROWS], *(row for row in undone[MOST_ROWS:] if row.recovery)]


def summary(rows: Sequence[Row]) -> str:
    """Return how many organizations had which outcome: ``1000 organizations: 994 fresh, 6 failed.``"""
    counts = Counter(row.status for row in rows)
    parts = [f"{counts[status]} {status}" for status in STATUSES if counts[status]]
    return f"{len(rows)} organization{'' if len(rows) == 1 else 's'}: {', '.join(parts) or 'nothing to do'}."


def reasons(undone: Iterable[Row]) -> list[str]:
    """Return a line for each thing that is to be done, with who needs it and what the first of them says."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in undone:
        error = row.error
        key = (error.remedy or error.problem) if error else ""
        groups.setdefault((row.status, key), []).append(row)
    lines = [_reason(status, rows) for (status, _key), rows in list(groups.items())[:MOST_REASONS]]
    return [*lines, *([f"There are {len(groups) - MOST_REASONS} more reasons."] if len(groups) > MOST_REASONS else [])]


def _reason(status: str, rows: Sequence[Row]) -> str:
    error = rows[0].error
    return f"{len(rows)} {status} ({listed([row.organization.alias for row in rows])}): {error.without_tracking_id() if error else ''}"


def listed(names: Sequence[str]) -> str:
    """Return the first of the *names*, and how many more there are."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def grouped_warnings(rows: Iterable[Row]) -> list[str]:
    """Return the warnings of all rows, each once, with whom it is about; no more than a few."""
    owners: dict[str, list[str]] = {}
    for row in rows:
        for warning in row.warnings:
            owners.setdefault(warning, []).append(row.organization.alias)
    texts = [f"{listed(aliases)}: {warning}" for warning, aliases in list(owners.items())[:MOST_REASONS]]
    more = len(owners) - MOST_REASONS
    return [*texts, *([f"There are {more} more warnings; see `organizations` of the result."] if more > 0 else [])]


class Progress:
    """The lines that say how far a run is: a few seconds apart, further apart the longer it takes."""

    def __init__(self, total: int, say: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        """*say* is called with each line; *clock* is in seconds."""
        self._total, self._say, self._clock = total, say, clock
        self._begin = self._last = clock()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, row: Row) -> None:
        """Count a row, and say a line if it is time for one."""
        with self._lock:
            self._counts[row.status] += 1
            now = self._clock()
            if now - self._last < max(LINE_SECONDS, (now - self._begin) / LINES_OF_A_RUN):
                return
            self._last = now
            line = self._line(now)
        self._say(line)

    def _line(self, now: float) -> str:
        done = self._counts.total()
        parts = [f"{self._counts[status]} {status}" for status in STATUSES if self._counts[status]]
        left = span((self._total - done) * (now - self._begin) / done)
        return f"{done} of {self._total} organizations ({', '.join(parts)}), about {left} left"
