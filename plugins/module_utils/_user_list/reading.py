# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a list of users as people have it: a file, a text, or a list of mappings. The only way in from outside.

All is read and checked before anything is done. What has one meaning only is read, and told; what has two is refused,
with the line and a remedy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._errors import OptionError
from .check import Checker
from .columns import Translation, names_somebody
from .control_hub import ID_NAMES, ControlHub
from .decode import check_size, check_text, decode
from .dialling import Dialling
from .json_list import is_json, read_json, sheet_of
from .plain_list import PlainList
from .problems import EmptyListError, Place, Problem, UserListError, all_problems, problem_at
from .run_report import RunReport
from .table import Sheet, read_table


@dataclass(frozen=True)
class Reading:
    """How a list is to be read: what is meant by columns of other names, and what is meant by what is left open.

    ``profiles`` are options by the name of a profile, which users choose: theirs win over it, and it wins over ``defaults``.
    ``default_country`` (two letters, ``DE``) makes national numbers E.164; it needs the library phonenumbers.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    default_country: str | None = None
    profiles: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class UserList:
    """The users of a list, checked, and how it was read.

    ``users`` have options of ``calling_user``, in the order of the list. ``notes`` are about the list as a whole.
    ``changes`` say, by user (`Wanted.who`), what was normalised. ``left_out`` counts the rows that are no calling user, or
    were done already.
    """

    users: list[dict[str, Any]]
    notes: list[str]
    changes: dict[str, list[str]]
    left_out: int


def read_bytes(data: bytes, reading: Reading) -> UserList:
    """Return the users of a file: CSV or JSON, in UTF-8, UTF-16 or Windows-1252.

    Raises EmptyListError if there is nobody in it, and UserListError with every problem, each with its line.
    """
    notes: list[str] = []
    return _read(decode(data, notes), reading, notes)


def read_text(text: str, reading: Reading) -> UserList:
    """Return the users of a text, CSV or JSON, as read_bytes() does; a blank one raises EmptyListError."""
    check_size(len(text))
    if not text.strip():
        raise EmptyListError("The list of users is empty: the text has nothing in it.", "paste a list with a header.")
    return _read(check_text(text), reading, [])


def read_users(users: Sequence[Any], reading: Reading) -> UserList:
    """Return the users of a list of mappings, as read_bytes() does; they are numbered (``user 2``)."""
    if isinstance(users, (str, bytes)) or not isinstance(users, Sequence):
        raise UserListError("The users are not a list of dictionaries.", "write each as a list entry with email: ...")
    problems: list[Problem] = []
    entries = [
        (Place("user", number), dict(user) if isinstance(user, Mapping) else user)
        for number, user in enumerate(users, start=1)
    ]
    return _checked(sheet_of(entries, problems), Translation(reading.columns), reading, problems, [])


def _read(text: str, reading: Reading, notes: list[str]) -> UserList:
    problems: list[Problem] = []
    if is_json(text):
        return _checked(read_json(text, problems), Translation(reading.columns), reading, problems, notes)
    translation = Translation(reading.columns)
    sheet = read_table(text, lambda names: names_somebody(names, translation, ID_NAMES), problems, notes)
    return _checked(sheet, translation, reading, problems, notes)


def _checked(
    sheet: Sheet, translation: Translation, reading: Reading, problems: list[Problem], notes: list[str]
) -> UserList:
    """Return the users of a sheet. *problems* are those found so far, and while its rows are gone through."""
    dialling = Dialling(reading.default_country) if reading.default_country else None
    if not sheet.names:
        if problems:
            raise all_problems(problems)
        raise EmptyListError("The list of users is empty: nobody is in it.", "check that it is the right list.")
    kind = _kind_of(sheet.names, translation)
    if sheet.has_header:
        kind.meaning(sheet.names)
    checker = Checker(problems, reading.defaults, dialling, reading.profiles)
    left_out = 0
    for row in sheet.rows:
        try:
            entry = kind.entry(row)
        except (OptionError, UserListError) as error:
            problems.append(problem_at(row.place, error))
            continue
        if entry:
            checker.add(entry)
        else:
            left_out += 1
    users = checker.users()
    if not users:
        raise kind.nobody(left_out)
    notes = notes + kind.notes(left_out) + _notes_on_numbers(users)
    return UserList(users, notes, checker.changes, left_out)


def _notes_on_numbers(users: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a hint if there are national numbers, which Webex does not know."""
    national = [user for user in users if str(user.get("phone_number", "")).startswith("0")]
    if not national:
        return []
    number = "1 phone number begins" if len(national) == 1 else f"{len(national):,} phone numbers begin"
    return [f"{number} with 0, and not with + and the country; default_country can make them E.164."]


def _kind_of(names: Sequence[str], translation: Translation) -> PlainList:
    """Return the kind of a list by the names of its columns. Raises UserListError if it is not clear what they mean."""
    for kind in (RunReport, ControlHub):
        if kind.wrote(names, translation):
            return kind(names, translation)
    return PlainList(names, translation)
