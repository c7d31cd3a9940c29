# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of ours, which is fed back in as a list: to try those again who failed or were skipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._calling.wish import OWN_OPTIONS
from .._errors import OptionError
from .columns import Meaning, Translation, bare, understand
from .formulas import unguarded
from .plain_list import Entry, PlainList
from .problems import EmptyListError, counted, shown
from .table import Row
from .values import text_of

_AGAIN, _DONE = ("failed", "skipped"), ("enabled", "changed", "ok", "unchanged")
_KNOWN = {bare(option): option for option in OWN_OPTIONS}


class RunReport(PlainList):
    """A report of our own, as CSV or JSON: those who failed or were skipped are to be tried again."""

    @staticmethod
    def wrote(names: Sequence[str], translation: Translation) -> bool:
        """Tell whether the columns are those of a report."""
        return any(bare(name) == "outcome" and name not in translation for name in names)

    def __init__(self, names: Sequence[str], translation: Translation) -> None:
        """Take the names of all columns; the translation is for the list that came before."""
        super().__init__(names, Translation(None))

    def _understood(self, names: tuple[str, ...]) -> Meaning:
        return understand(names, self._translation, _KNOWN, strict=False)

    def entry(self, row: Row) -> Entry | None:
        """Return a user who failed or was skipped; None if they are done. Raises OptionError for another outcome."""
        values = dict(zip(map(bare, row.names), row.values, strict=False))
        outcome = text_of(values.get("outcome")).lower()
        if outcome in _DONE:
            return None
        if outcome not in _AGAIN:
            raise OptionError(
                "outcome",
                f"{shown(outcome)} is no outcome of a run.",
                'write failed, or, if this is no report of a run, leave the column out: columns: {"outcome": ""}.',
            )
        options = {option: _unguarded(value) for option, value in self._options(row).items()}
        if text_of(options.get("email")):
            # A report has both; the address is how the list before named the person, or could have.
            options.pop("person_id", None)
        return Entry(row.place, options)

    def notes(self, left_out: int) -> list[str]:
        """Return how many were done already."""
        rest = f" Left out, done already: {counted(left_out, 'user')}." if left_out else ""
        return [f"This is the report of a run.{rest}"]

    def nobody(self, left_out: int) -> EmptyListError:
        """Return the error for a report in which all are done."""
        if not left_out:
            return super().nobody(left_out)
        return EmptyListError(
            f"Nobody failed or was skipped in this report of a run ({counted(left_out, 'user')}), so nobody is left to do."
        )


def _unguarded(value: Any) -> Any:
    return unguarded(value) if isinstance(value, str) else value
