# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that somebody wrote. Other kinds of lists differ in what the columns mean, and in which rows are users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import Meaning, Translation, understand
from .problems import EmptyListError, Place, UserListError, some_names
from .table import Row


@dataclass
class Entry:
    """A user as the list has them: where they stand, their options as written, and what to tell about the reading."""

    place: Place
    options: dict[str, Any]
    remarks: list[str] = field(default_factory=list)


class PlainList:
    """A list that somebody wrote for this purpose or another one: every row is a user."""

    def __init__(self, names: Sequence[str], translation: Translation) -> None:
        """Take the names of all columns. Raises UserListError if one is to be translated that is not there."""
        translation.check_present(names)
        self._translation = translation
        self._meanings: dict[tuple[str, ...], Meaning] = {}

    def meaning(self, names: tuple[str, ...]) -> Meaning:
        """Return what the columns of a row mean, by their names. Raises UserListError if it is not clear."""
        if names not in self._meanings:
            self._meanings[names] = self._understood(names)
        return self._meanings[names]

    def _understood(self, names: tuple[str, ...]) -> Meaning:
        meaning = understand(names, self._translation)
        if not {"email", "person_id"} & set(meaning.options.values()):
            raise UserListError(
                f"Nothing tells who a user is: there is neither email nor person_id, but {some_names(names)}.",
                "put a list in YAML into users, or save it as JSON."
                if names[0].startswith(("- ", "---"))
                else "call what has the address email (a CSV file begins with a header line), or translate its name.",
            )
        return meaning

    def entry(self, row: Row) -> Entry | None:
        """Return the user in a row; None if it is left out. Raises OptionError or UserListError if it is not clear."""
        return Entry(row.place, self._options(row))

    def _options(self, row: Row) -> dict[str, Any]:
        return {option: row.values[position] for position, option in self.meaning(row.names).options.items()}

    def notes(self, left_out: int) -> list[str]:
        """Return what to tell about the list as a whole, after its rows were gone through."""
        ignored = self._ignored()
        if not ignored:
            return []
        return [f"{'This column is' if len(ignored) == 1 else 'These columns are'} ignored: {some_names(ignored)}."]

    def _ignored(self) -> list[str]:
        return list(dict.fromkeys(name for meaning in self._meanings.values() for name in meaning.ignored))

    def nobody(self, left_out: int) -> EmptyListError:
        """Return the error for a list without a user to do something for."""
        return EmptyListError("The list has a header, but no users.", "check that it is the right file.")
