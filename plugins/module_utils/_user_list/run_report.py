# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of ours, which is fed back in as a list: to try those again who failed or were skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import OptionError
from .columns import COLUMNS, Meaning, Translation, bare, understand
from .plain_list import Entry, PlainList
from .problems import EmptyListError, counted, shown
from .values import text_of

_AGAIN, _DONE = ("failed", "skipped"), ("enabled", "changed", "ok", "unchanged")
# In the CSV file, a value that a spreadsheet would take for a formula has an apostrophe before it.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class RunReport(PlainList):
    """A report of our own, as CSV or JSON: those who failed or were skipped are to be tried again."""

    @staticmethod
    def wrote(names: Sequence[str], translation: Translation) -> bool:
        """Tell whether the columns are those of a report."""
        return any(bare(name) == "outcome" and name not in translation for name in names)

    def understood(self, names: Sequence[str], translation: Translation) -> Meaning:
        """Return what the columns mean: they are the options themselves. Translations are for the list before."""
        self._outcome = next(position for position, name in enumerate(names) if bare(name) == "outcome")
        return understand(names, Translation(None), {bare(option): option for option in COLUMNS}, strict=False)

    def entry(self, where: str, cells: Mapping[int, Any]) -> Entry | None:
        outcome = text_of(cells.get(self._outcome)).lower()
        if outcome in _DONE:
            return None
        if outcome not in _AGAIN:
            raise OptionError(
                "outcome",
                f"{shown(outcome)} is no outcome of a run.",
                'write failed, or, if this is no report of a run, leave the column out: columns: {"outcome": ""}.',
            )
        options = {option: _unguarded(cells.get(position)) for position, option in self.meaning.options.items()}
        if options.get("email"):
            # A report has both; the address is how the list before named the person, or could have.
            options.pop("person_id", None)
        return Entry(where, options)

    def notes(self, left_out: int) -> list[str]:
        return [f"This is the report of a run. Left out, done already: {counted(left_out, 'user')}."]

    def nobody(self, left_out: int) -> EmptyListError:
        if not left_out:
            return super().nobody(left_out)
        return EmptyListError(
            f"Nobody failed or was skipped in this report of a run ({counted(left_out, 'user')}), so nobody is left to do."
        )


def _unguarded(value: Any) -> Any:
    """Return a value without the apostrophe that keeps spreadsheets from taking it for a formula."""
    if isinstance(value, str) and value[:1] == "'" and value[1:2] in _FORMULA_SIGNS:
        return value[1:]
    return value
