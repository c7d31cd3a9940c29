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
    columns = [(name or "").strip().lower() for name in reader.fieldnames or []]
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or not columns:
        raise UserListError(
            f"The header of the CSV file has columns that are not known: {', '.join(map(repr, unknown)) or 'none at all'}.",
            f"name them {', '.join(COLUMNS)}; email or person_id must be there.",
        )
    reader.fieldnames = columns
    users = []
    for row in reader:
        where = f"line {reader.line_num}"
        if None in row or None in row.values():
            raise UserListError(f"{where} has not as many values as the header has columns.", "correct the line.")
        users.append((where, {name: value.strip() for name, value in row.items()}))
    return users


def check_users(
    users: Iterable[tuple[str, Mapping[str, Any]]], defaults: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return each user as the options of ``calling_user``, with *defaults* for what they leave open.

    Raises UserListError with all problems at once: of each user alone, and between them.
    """
    problems: list[str] = []
    checked: list[tuple[str, Wanted]] = []
    for where, user in users:
        unknown = sorted(set(map(str, user)) - set(COLUMNS))
        if unknown:
            problems.append(f"{where}: {', '.join(unknown)} is not known; choose from {', '.join(COLUMNS)}")
            continue
        given = {name: str(value) for name, value in user.items() if value not in (None, "")}
        try:
            checked.append((where, check(Wanted(**{**(defaults or {}), **given}))))
        except OptionError as error:
            problems.append(f"{where}: {error}")
    problems += _clashes(checked)
    if problems:
        raise UserListError(f"{len(problems)} problems in the list of users: {' | '.join(problems)}")
    return [{name: value for name, value in asdict(user).items() if value is not None} for _where, user in checked]


def _clashes(users: list[tuple[str, Wanted]]) -> list[str]:
    claims: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for where, user in users:
        claims[("the person", user.who.lower())].append(where)
        if user.state == "present" and user.extension and user.location:
            claims[("the extension", user.extension, "in " + user.location.lower())].append(where)
        if user.state == "present" and user.phone_number:
            claims[("the phone number", user.phone_number)].append(where)
    return [f"{' and '.join(places)}: {' '.join(what)} occurs twice" for what, places in claims.items() if places[1:]]
