# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON: a list of objects, one object a line, or a list inside an object, as APIs and reports have it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .problems import Place, Problem, UserListError, check_row_count, shown, some_names
from .table import MOST_COLUMNS, Row, Sheet

# The keys under which a list is looked for, as Webex (items) and our own report (users) write it.
WRAPPERS = ("items", "users")
_SPACE = re.compile(r"[ \t\r\n]*")


class _Repeated(dict[str, Any]):
    """An object in which a key stands twice: JSON allows it, but nobody knows which of both is meant."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else _Repeated(plain)


# Numbers stay as they are written: an extension is no number to compute with.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str)


def is_json(text: str) -> bool:
    """Tell whether a text is to be read as JSON: it begins with a bracket or a brace."""
    return text.lstrip()[:1] in ("[", "{")


def read_json(text: str, problems: list[Problem]) -> Sheet:
    """Return the keys and objects of a JSON text, each object with the line where it begins.

    Entries that are no objects are added to *problems*. Raises UserListError if the text has no list of objects.
    """
    try:
        whole = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        if _is_json_lines(text):
            return sheet_of(_json_lines(text, problems), problems)
        raise UserListError(f"The text is not JSON: {_said(error)}.", "correct it, or export it anew.") from None
    if isinstance(whole, dict):
        return _wrapped(text, whole, problems)
    return sheet_of(_entries(text, _after_space(text, 0)), problems)


def sheet_of(entries: Iterable[tuple[Place, Any]], problems: list[Problem]) -> Sheet:
    """Return objects as a sheet, empty ones left out. What is no object is added to *problems*."""
    names: dict[str, None] = {}
    rows: list[Row] = []
    for number, (place, entry) in enumerate(entries, start=1):
        check_row_count(number)
        if not isinstance(entry, dict):
            problems.append(Problem(f"{place}: this is not an object with the options of a user", places=(place,)))
        elif isinstance(entry, _Repeated):
            problems.append(Problem(f"{place}: a key stands twice in this object", places=(place,)))
        elif entry:
            keys = tuple(map(str, entry))
            names.update(dict.fromkeys(keys))
            rows.append(Row(place, keys, list(entry.values())))
        if len(names) > MOST_COLUMNS:
            raise UserListError(
                f"The users have more than {MOST_COLUMNS:,} different keys.", "check that it is a list of users."
            )
    return Sheet(tuple(names), rows, has_header=False)


def _wrapped(text: str, whole: dict[str, Any], problems: list[Problem]) -> Sheet:
    """Return the list inside of an object; an object that is itself a user is a list of one."""
    keys = [key for key in WRAPPERS if isinstance(whole.get(key), list)]
    if isinstance(whole, _Repeated) or len(keys) > 1:
        raise UserListError(
            f"The JSON text has several lists: {some_names(whole)}.", "leave only what is in the brackets of one."
        )
    if keys:
        return sheet_of(_entries(text, _start_of(text, keys[0])), problems)
    if not any(isinstance(value, (dict, list)) for value in whole.values()):
        return sheet_of([(Place("line", 1), whole)], problems)
    raise UserListError(
        f"The JSON text is not a list of users, but an object with {some_names(whole)}.",
        'write [{"email": "alice@example.com", ...}, ...]; of {"staff": [...]}, only what is in the brackets.',
    )


def _start_of(text: str, wanted: str) -> int:
    """Return where the list begins that an object, which is known to be sound, has under the key *wanted*."""
    position = _after_space(text, _after_space(text, 0) + 1)
    while True:
        key, position = _DECODER.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)
        if key == wanted:
            return position
        _value, position = _DECODER.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)


def _entries(text: str, start: int) -> Iterator[tuple[Place, Any]]:
    """Yield the entries of the list that begins at *start*, each with its line; the text is known to be sound."""
    line, counted = 1, 0
    position = _after_space(text, start + 1)
    while text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        entry, position = _DECODER.raw_decode(text, position)
        yield Place("line", line), entry
        position = _after_space(text, position)
        if text[position] == ",":
            position = _after_space(text, position + 1)


def _is_json_lines(text: str) -> bool:
    """Tell whether the first line that is not empty is an object by itself."""
    line = text.lstrip().partition("\n")[0]
    try:
        return isinstance(_DECODER.decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _json_lines(text: str, problems: list[Problem]) -> Iterator[tuple[Place, Any]]:
    """Yield the object of each line; lines that are not JSON go to *problems*."""
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            count += 1
            check_row_count(count)
            place = Place("line", number)
            try:
                yield place, _DECODER.decode(line)
            except (ValueError, RecursionError) as error:
                text = f"{place}: this is not JSON: {_said(error, one_line=True)}"
                problems.append(Problem(text, places=(place,)))


def _said(error: Exception, one_line: bool = False) -> str:
    """Return in words what the decoder says of a text, or of *one_line* of it."""
    if isinstance(error, json.JSONDecodeError):
        line = "" if one_line else f"in line {error.lineno} "
        return f"{error.msg}, {line}at character {error.colno}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return shown(str(error))


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position
