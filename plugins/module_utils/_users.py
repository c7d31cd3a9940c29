# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of calling users, from YAML or CSV: checked as a whole, before the first one is touched."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._calling import Wanted, check
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, WebexError

COLUMNS = [one.name for one in fields(Wanted)]


class UserListError(WebexError):
    """Something is wrong with a list of users; the message has every problem, with its line or number."""


def read_csv(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the users of a CSV text with a header line, each with where it stands (``line 2``).

    The columns are the options of ``calling_user``; comma, semicolon and tab separate. Raises UserListError.
    """
    text = text.lstrip("\ufeff")
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        columns = [(name or "").strip().lower() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise UserListError(f"The header is not CSV: {error}.") from None
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or not columns:
        raise UserListError(
            f"The header of the CSV file has columns that are not known: {', '.join(map(repr, unknown)) or 'none at all'}.",
            f"name them {', '.join(COLUMNS)}; email or person_id must be there.",
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UserListError(f"The header of the CSV file has {', '.join(map(repr, twice))} twice.", "remove one.")
    reader.fieldnames = columns
    users = []
    try:
        for row in reader:
            where = f"line {reader.line_num}"
            if None in row or None in row.values():
                raise UserListError(f"{where} has not as many values as the header has columns.", "correct the line.")
            users.append((where, {name: value.strip() for name, value in row.items()}))
    except csv.Error as error:
        raise UserListError(f"The text is not CSV, after line {reader.line_num}: {error}.") from None
    return users


def check_users(
    users: Iterable[tuple[str, Mapping[str, Any]]], defaults: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return each user as the options of ``calling_user``, with *defaults* for what they leave open.

    Raises UserListError with all problems at once: of each user alone, and between them.
    """
    common = _given(defaults or {})
    unknown = sorted(set(common) - set(COLUMNS))
    problems = [f"the defaults: {', '.join(unknown)} is not known"] if unknown else []
    checked: list[tuple[str, Wanted]] = []
    for where, user in users:
        unknown = sorted(set(map(str, user)) - set(COLUMNS))
        if unknown:
            problems.append(f"{where}: {', '.join(unknown)} is not known; choose from {', '.join(COLUMNS)}")
            continue
        options = {name: value for name, value in {**common, **_given(user)}.items() if name in COLUMNS}
        try:
            checked.append((where, check(Wanted(**options))))
        except OptionError as error:
            problems.append(f"{where}: {error}")
    problems += _clashes(checked)
    if problems:
        raise UserListError(f"{len(problems)} problems in the list of users: {' | '.join(problems)}")
    return [{name: value for name, value in asdict(user).items() if value is not None} for _where, user in checked]


def numbered(users: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the users of a list, each with where it stands (``user 1``)."""
    return [(f"user {number}", user) for number, user in enumerate(users, start=1)]


def _given(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what is not left open, as text."""
    return {str(name): str(value) for name, value in options.items() if value not in (None, "")}


def _clashes(users: list[tuple[str, Wanted]]) -> list[str]:
    claims: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for where, user in users:
        claims[("the person", user.who.lower())].append(where)
        if user.state == "present" and user.extension and user.location:
            claims[("the extension", user.extension, "in " + user.location.lower())].append(where)
        if user.state == "present" and user.phone_number:
            claims[("the phone number", user.phone_number)].append(where)
    return [f"{' and '.join(places)}: {' '.join(what)} occurs twice" for what, places in claims.items() if places[1:]]
