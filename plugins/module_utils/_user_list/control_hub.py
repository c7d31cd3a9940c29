# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control Hub's list of users, which it exports and imports as CSV (``exported_users.csv``).

From Cisco's help, articles afv3q8 (the columns), ih07j and e2okky (how to modify users), and one on several numbers:

- ``User ID/Email (Required)`` says who it is. ``Extension``, ``Phone Number`` and ``Location`` are what they say.
- Each service is a column with TRUE or FALSE. That of calling is ``Webex Calling VAR Professional [sub-site name]`` or
  ``Webex Calling VAR Basic [sub-site name]``; Basic is Standard. In the brackets is the subscription. ``(Suspended)`` in
  the name marks a suspended service, and Control Hub itself does not take TRUE there. Nobody can have two calling
  licenses.
- A cell can hold several numbers: ``PRIMARY|+49...,+49...``. ``REMOVE|`` before a number takes it away, and so does the
  word ``REMOVE`` in the place of all numbers, or of a location.
- An export can have the attributes of users, their licenses, or both.

Not known: all names that calling licenses have here (older exports have ``Webex Calling SP Enterprise``, of an unknown
tier; those since Cisco renamed licenses in January 2026 have not been seen), whether the names of columns are ever
translated, and whether an export writes numbers as E.164. So a column counts as a calling license by the same rule as a
license of the API, whichever name it has in full; and Customer Experience Essentials (Customer Assist) does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._calling.model import License
from .._errors import OptionError
from .columns import Meaning, Translation, bare, names_option, understand
from .plain_list import Entry, PlainList
from .problems import EmptyListError, UserListError, counted, shown, some_names
from .table import Row
from .values import text_of, truth

_ID = "User ID/Email (Required)"
ID_NAMES = frozenset({bare(_ID), bare("User ID/Email")})
# The last two are none of Control Hub's: people may add them.
_KNOWN = {
    **dict.fromkeys(ID_NAMES, "email"),
    bare("Extension"): "extension",
    bare("Phone Number"): "phone_number",
    bare("Location"): "location",
    bare("First Name"): "first_name",
    bare("Last Name"): "last_name",
    bare("Display Name"): "display_name",
    bare("license"): "license",
    bare("remove_phone_number"): "remove_phone_number",
}
_BRACKETS = re.compile(r"\[[^\]]*\]?|\(suspended\)", re.IGNORECASE)
_PRIMARY, _REMOVAL = "PRIMARY|", re.compile(r"REMOVE(\|.*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class _CallingColumn:
    """A column for a calling license: whether a person has it, or is to have it."""

    name: str
    tier: str | None
    suspended: bool


def _calling_column(name: str) -> _CallingColumn | None:
    """Return the calling license that a column is for; None for any other column."""
    if names_option(name):
        return None
    # What is in brackets names a subscription or site, which may be called anything.
    service = License(id="", name=_BRACKETS.sub(" ", name).strip(), subscription="", total=0, consumed=0)
    return _CallingColumn(name, service.tier, "(suspended)" in name.lower()) if service.is_calling else None


def _has_id(names: Sequence[str]) -> bool:
    return any(bare(name) in ID_NAMES for name in names)


def _is_for_a_license(name: str) -> bool:
    """Tell whether a column is surely for a calling license: it names a subscription or Professional, Standard, Basic."""
    column = _calling_column(name)
    return bool(column and (column.tier or "[" in name))


class ControlHub(PlainList):
    """An export of Control Hub, or what is to be imported there: those with a calling license are the users."""

    @staticmethod
    def wrote(names: Sequence[str], translation: Translation) -> bool:
        """Tell whether the columns are those of Control Hub, or some of them: then a license column says who is meant.

        If it has no license column and the user translates that of the address, then all of its rows are meant.
        """
        own = [name for name in names if name not in translation]
        whole = _has_id(names)
        return any(
            bare(name) in ID_NAMES or _is_for_a_license(name) or (whole and _calling_column(name)) for name in own
        )

    def __init__(self, names: Sequence[str], translation: Translation) -> None:
        """Take the names of all columns. Raises UserListError if none is for a calling license."""
        super().__init__(names, translation)
        own = (name for name in names if name not in translation)
        self._licenses = {name: column for name in own if (column := _calling_column(name))}
        self._is_whole = _has_id(names)
        if not self._licenses:
            raise UserListError(
                "This is Control Hub's list of users without its columns for Webex Calling, so it does not say who has "
                "calling.",
                f"export it with the licenses of the users; or, if everybody in it is to have calling, say so with "
                f'columns: {{"{_ID}": "email"}}.',
            )

    def _understood(self, names: tuple[str, ...]) -> Meaning:
        meaning = (
            understand(names, self._translation, _KNOWN, strict=False) if self._is_whole else super()._understood(names)
        )
        return Meaning(meaning.options, [name for name in meaning.ignored if name not in self._licenses])

    def entry(self, row: Row) -> Entry | None:
        """Return a user with one calling license; None if they have none. Raises OptionError for what is not clear."""
        cells = zip(row.names, row.values, strict=False)
        held = [self._licenses[name] for name, value in cells if name in self._licenses and _is_true(name, value)]
        if not held:
            return None
        if len(held) > 1:
            raise OptionError(
                "license",
                f"there are {len(held)} calling licenses: {some_names(column.name for column in held)} are TRUE.",
                "leave TRUE in one of them: nobody can have two.",
            )
        (column,) = held
        if column.suspended:
            raise OptionError(
                "license", f"{shown(column.name)} is TRUE, but suspended.", "write TRUE for another license, or FALSE."
            )
        options = self._options(row)
        if column.tier and not text_of(options.get("license")):
            options["license"] = column.tier
        entry = Entry(row.place, options)
        for option in ("extension", "location", "phone_number"):
            _refuse_removal(option, text_of(options.get(option)))
        _take_primary_number(entry)
        return entry

    def notes(self, left_out: int) -> list[str]:
        """Return how many have no calling license, and what is not read."""
        origin = (
            "This is Control Hub's list of users." if self._is_whole else "The list has columns for calling licenses."
        )
        rest = f" Left out, without a calling license: {counted(left_out, 'row')}." if left_out else ""
        found = [f"{origin}{rest}"]
        unclear = [column.name for column in self._licenses.values() if not column.tier]
        if unclear:
            found.append(
                f"{some_names(unclear)} does not say whether it is Professional or Standard: these users keep the "
                f"license that they have, and new ones get Professional, unless the defaults name another one."
            )
        tiers = [column.tier for column in self._licenses.values() if column.tier]
        if len(tiers) > len(set(tiers)):
            found.append("Of the calling licenses, Professional or Standard is read, but not the subscription.")
        ignored = self._ignored()
        if ignored:
            found.append(f"Other columns are ignored: {some_names(ignored)}.")
        return found

    def nobody(self, left_out: int) -> EmptyListError:
        """Return the error for a list in which nobody has a calling license."""
        if not left_out:
            return super().nobody(left_out)
        return EmptyListError(
            f"Nobody in this list of Control Hub has a calling license ({counted(left_out, 'row')}).",
            f"write TRUE for those who are to have one, in one of these columns: "
            f"{some_names(column.name for column in self._licenses.values())}.",
        )


def _is_true(name: str, value: Any) -> bool:
    answer = truth(value)
    if answer is None:
        raise OptionError(
            "license", f"{shown(text_of(value))} in the column {shown(name)} is neither TRUE nor FALSE.", "write one."
        )
    return answer


def _refuse_removal(option: str, text: str) -> None:
    """Raise OptionError for ``REMOVE``, by which Control Hub takes something away.

    There it names a number, whereas remove_phone_number takes whichever number a person has.
    """
    if any(_REMOVAL.fullmatch(part.strip()) for part in text.split(",")):
        remedy = {
            "phone_number": "write the number that the person shall have; or leave it empty, and write yes in a column "
            "remove_phone_number, if they shall have none.",
            "extension": "write the extension that the person shall have, or leave it empty.",
            "location": "write the location that the person shall have.",
        }
        raise OptionError(option, f"{shown(text)} asks Control Hub to take something away.", remedy[option])


def _take_primary_number(entry: Entry) -> None:
    """Leave of several numbers in a cell the primary one; raises OptionError if none is marked."""
    written = text_of(entry.options.get("phone_number"))
    numbers = [number.strip() for number in written.split(",") if number.strip()]
    primary = [number for number in numbers if number.upper().startswith(_PRIMARY)]
    if len(numbers) > 1 and len(primary) != 1:
        raise OptionError(
            "phone_number", f"{shown(written)} are several numbers.", f"mark one with {_PRIMARY}, or leave only one."
        )
    if primary:
        entry.options["phone_number"] = primary[0][len(_PRIMARY) :]
        further = [number for number in numbers if number not in primary]
        rest = f"; the further numbers ({some_names(further)}) are left as they are" if further else ""
        entry.remarks.append(f"phone_number: of {shown(written)}, the primary one is read{rest}")
