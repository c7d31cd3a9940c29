# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that somebody wrote. Other kinds of lists differ in what the columns mean, and in which rows are users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import Meaning, Translation, understand
from .problems import EmptyListError, UserListError, some_names


@dataclass
class Entry:
    """A user as the list has them: where they stand, their options as written, and what to tell about the reading."""

    where: str
    options: dict[str, Any]
    remarks: list[str] = field(default_factory=list)


class PlainList:
    """A list that somebody wrote for this purpose or another one: every row is a user."""

    def __init__(self, names: Sequence[str], translation: Translation) -> None:
        """Raise UserListError if it is not clear what the columns *names* mean."""
        self.meaning = self.understood(names, translation)

    def understood(self, names: Sequence[str], translation: Translation) -> Meaning:
        """Return what the columns mean."""
        translation.check_present(names)
        meaning = understand(names, translation)
        if names and not {"email", "person_id"} & set(meaning.options.values()):
            raise UserListError(
                f"The list has no column that tells who a user is: it has neither email nor person_id, but "
                f"{some_names(names)}.",
                "begin with a header line that has a column email, or translate the name of the one that has the "
                "addresses.",
            )
        return meaning

    def entry(self, where: str, cells: Mapping[int, Any]) -> Entry | None:
        """Return the user in a row; None if the row is left out. Raises OptionError if it is not clear."""
        return Entry(where, {option: cells.get(position) for position, option in self.meaning.options.items()})

    def notes(self, left_out: int) -> list[str]:
        """Return what to tell about the list as a whole."""
        ignored = self.meaning.ignored
        if not ignored:
            return []
        return [f"{'This column is' if len(ignored) == 1 else 'These columns are'} ignored: {some_names(ignored)}."]

    def nobody(self, left_out: int) -> EmptyListError:
        """Return the error for a list without a user to do something for."""
        return EmptyListError("The list has a header, but no users.", "check that it is the right file.")
