# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of calling users, from YAML, CSV or JSON: checked as a whole, before the first one is touched."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from .._errors import OptionError, WebexError
from .model import Wanted
from .organization import plain_name
from .wish import check

COLUMNS = [column.name for column in fields(Wanted)]
# Of so many problems the text is told; of the others only where they are.
MOST_TEXTS = 100

_JSON_SPACE = re.compile(r"[ \t\r\n]*")
# What Ansible puts in the place of bytes that are not UTF-8; and what UTF-16 leaves between the letters.
_NOT_UTF8 = re.compile("[\0\udc80-\udcff]")
_YES, _NO = ("yes", "true", "1", "x"), ("no", "false", "0", "")
# 493055502003.0, 4,93055E+11: what spreadsheets and data frames make of numbers.
_MANGLED = re.compile(r"[0-9]+[.,]0|[0-9][0-9.,]*[eE]\+?[0-9]+")

# Where a user stands (``line 2``), and the user.
Placed = tuple[str, dict[str, Any]]


class UserListError(WebexError):
    """Something is wrong with a list of users; the message has every problem, with its line or number."""


def read_text(text: str, columns: Mapping[str, str | None] | None, problems: list[str]) -> list[Placed]:
    """Return the users of a JSON text (which begins with a bracket or a brace) or a CSV text, each with where it stands.

    *columns* tells which option is meant by a column of another name, as option_name() does; what is wrong with a
    single line is added to *problems*. Raises UserListError where nothing can be made of the whole.
    """
    text = text.lstrip("\ufeff")
    lines = [f"line {number}" for number, line in enumerate(text.split("\n"), start=1) if _NOT_UTF8.search(line)]
    if lines:
        raise UserListError(
            f"The text is not UTF-8: there are characters of another encoding in {_places(lines)}.",
            "save the file as UTF-8 (in Excel as CSV UTF-8), or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
        )
    if text.lstrip()[:1] in ("[", "{"):
        return read_json(text, columns, problems)
    return read_csv(text, columns, problems)


def read_csv(
    text: str, columns: Mapping[str, str | None] | None = None, problems: list[str] | None = None
) -> list[Placed]:
    """Return the users of a CSV text with a header line, each with the line where it begins (``line 2``).

    The columns are the options of ``calling_user``, or are translated by *columns*; comma, semicolon and tab separate.
    Bad lines are added to *problems*. Raises UserListError; without *problems* also for bad lines.
    """
    lines = io.StringIO(text.lstrip("\ufeff"), newline=None)
    rows = csv.reader(lines, delimiter=_separator(text), skipinitialspace=True, strict=True)
    options: list[str | None] = []
    bad: list[str] = []
    users: list[Placed] = []
    while True:
        where = f"line {rows.line_num + 1}"
        try:
            row = [value.strip() for value in next(rows)]
        except StopIteration:
            break
        except csv.Error as error:
            if not options:
                raise UserListError(f"The header is not CSV: {error}.") from None
            bad.append(f"{where} is not CSV ({error}); is a quotation mark missing or too many?")
            continue
        if not any(row):
            continue
        if not options:
            options = _header(row, columns or {})
        elif len(row) != len(options):
            bad.append(f"{where} has not as many values ({len(row)}) as the header has columns ({len(options)})")
        else:
            users.append((where, {option: value for option, value in zip(options, row, strict=True) if option}))
    if not options:
        raise UserListError("The list of users is empty.", f"begin with a header line: {','.join(COLUMNS)}.")
    if problems is None and bad:
        raise _all_problems(bad)
    if problems is not None:
        problems += bad
    return users


def _separator(text: str) -> str:
    """Return what separates the values: of the three, the one that the header has most often, outside of quotes."""
    header = re.sub('"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(",;\t", key=header.count)


def _header(names: list[str], columns: Mapping[str, str | None]) -> list[str | None]:
    """Return the option that each column of a CSV file has; None for those to leave out. Raises UserListError."""
    options = [option_name(name, columns) for name in names]
    unknown = [
        repr(name) if name else f"number {number}, which has no name"
        for number, (name, option) in enumerate(zip(names, options, strict=True), start=1)
        if option is not None and option not in COLUMNS
    ]
    if unknown:
        raise UserListError(
            f"The header of the CSV file has columns that are not known: {', '.join(unknown)}.",
            f"name them {', '.join(COLUMNS)}, or tell what they mean; email or person_id must be there.",
        )
    if not {"email", "person_id"} & set(options):
        raise UserListError(
            f"The header of the CSV file has neither email nor person_id, but {', '.join(map(repr, names))}.",
            "name the column that tells who it is email, or translate its name.",
        )
    twice = sorted({option for option in options if option is not None and options.count(option) > 1})
    if twice:
        raise UserListError(f"The header of the CSV file has {', '.join(map(repr, twice))} twice.", "remove one.")
    present = {name.lower() for name in names}
    absent = [column for column in columns if column.strip().lower() not in present]
    if absent:
        raise UserListError(
            f"The header of the CSV file has no column {', '.join(map(repr, absent))}, which is to be translated.",
            f"correct the translation; the columns are {', '.join(map(repr, names))}.",
        )
    return options


def read_json(text: str, columns: Mapping[str, str | None] | None, problems: list[str]) -> list[Placed]:
    """Return the users of a JSON list of objects, each with where it begins (``line 2``).

    Entries that are no objects are added to *problems*. Raises UserListError where the text is not such a list.
    """
    start = _after_space(text, 0)
    if text[start : start + 1] != "[":
        raise UserListError(
            "The JSON text is not a list of users.",
            'write [{"email": "alice@example.com", ...}, ...]; of {"users": [...]}, only what is in the brackets.',
        )
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserListError(f"The text is not JSON: {error}.") from None
    # From here on the text is known to be sound; it is read once more, entry by entry, for the lines.
    users: list[Placed] = []
    decoder, line, counted = json.JSONDecoder(), 1, 0
    position = _after_space(text, start + 1)
    while text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        entry, position = decoder.raw_decode(text, position)
        if isinstance(entry, dict):
            users.append((f"line {line}", entry))
        else:
            problems.append(f"line {line}: this is not an object with the options of a user")
        position = _after_space(text, position)
        if text[position] == ",":
            position = _after_space(text, position + 1)
    return translate(users, columns or {}, problems)


def _after_space(text: str, position: int) -> int:
    found = _JSON_SPACE.match(text, position)
    return found.end() if found else position


def translate(
    users: Iterable[tuple[str, Mapping[str, Any]]], columns: Mapping[str, str | None], problems: list[str]
) -> list[Placed]:
    """Return the users with the names that *columns* gives to their options; names that clash go to *problems*."""
    translated: list[Placed] = []
    for where, user in users:
        options: dict[str, Any] = {}
        for name, value in user.items():
            option = option_name(str(name), columns)
            if option in options:
                problems.append(f"{where}: {option} occurs twice")
            elif option is not None:
                options[option] = value
        translated.append((where, options))
    return translated


def option_name(name: str, columns: Mapping[str, str | None]) -> str | None:
    """Return the option that a column or key is for; None for what is to be left out. Case does not matter."""
    wanted = name.strip().lower()
    for column, option in columns.items():
        if column.strip().lower() == wanted:
            return option.strip().lower() if option else None
    return wanted


def check_columns(columns: Mapping[Any, Any] | None) -> dict[str, str | None]:
    """Return the translation of column names as texts; raises UserListError where it leads to no option."""
    translation = {str(name): str(option) if option else None for name, option in (columns or {}).items()}
    wrong = sorted({option for option in translation.values() if option and option.strip().lower() not in COLUMNS})
    if wrong:
        raise UserListError(
            f"The columns are to be translated into {', '.join(wrong)}, which is not known.",
            f"choose from {', '.join(COLUMNS)}, or nothing for a column to leave out.",
        )
    return translation


def check_users(
    users: Iterable[tuple[str, Mapping[str, Any]]],
    defaults: Mapping[str, Any] | None = None,
    problems: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return each user as the options of ``calling_user``, with *defaults* for what they leave open.

    Raises UserListError with all problems at once: those found before, of each user alone, and between them.
    """
    common = _given(defaults or {})
    unknown = sorted(set(common) - set(COLUMNS))
    found = [f"the defaults: {', '.join(unknown)} is not known"] if unknown else []
    found += [*_flaws("the defaults", defaults or {}), *problems]
    checked: list[tuple[str, Wanted]] = []
    for where, user in users:
        unknown = sorted(set(map(str, user)) - set(COLUMNS))
        if unknown:
            found.append(f"{where}: {', '.join(unknown)} is not known; choose from {', '.join(COLUMNS)}")
            continue
        options = {name: value for name, value in {**common, **_given(user)}.items() if name in COLUMNS}
        flaws = _flaws(where, user)
        if flaws:
            found += flaws
            continue
        try:
            checked.append((where, check(wanted_of(options))))
        except OptionError as error:
            found.append(f"{where}: {error}")
    found += _clashes(checked)
    if found:
        raise _all_problems(found)
    return [
        {name: value for name, value in asdict(user).items() if value not in (None, False)} for _where, user in checked
    ]


def wanted_of(options: Mapping[str, str]) -> Wanted:
    """Return what the options of a user say, all of them texts; raises OptionError for what is neither yes nor no."""
    texts: dict[str, Any] = dict(options)
    answer = texts.pop("remove_phone_number", "no").lower()
    if answer not in (*_YES, *_NO):
        raise OptionError("remove_phone_number", f"{answer!r} is neither yes nor no.", "write yes, or leave it out.")
    return Wanted(**texts, remove_phone_number=answer in _YES)


def numbered(users: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the users of a list, each with where it stands (``user 1``)."""
    return [(f"user {number}", user) for number, user in enumerate(users, start=1)]


def _all_problems(problems: list[str]) -> UserListError:
    """Return the error with all *problems*, in the order of their places; beyond MOST_TEXTS only those are told."""
    problems = sorted(problems, key=lambda problem: next((number for _kind, number in _numbers(problem)), 0))
    rest = problems[MOST_TEXTS:]
    more = f" | and {len(rest)} more, of {_places(rest)}" if rest else ""
    count = f"{len(problems)} problems" if len(problems) != 1 else "1 problem"
    return UserListError(f"{count} in the list of users: {' | '.join(problems[:MOST_TEXTS])}{more}")


def _numbers(problem: str) -> list[tuple[str, int]]:
    """Return the lines or numbers that a problem begins with: ``line 2 and line 5: ...``."""
    places = re.findall(r"(?:^|(?<= and ))(line|user) ([0-9]+)", problem.split(":", 1)[0])
    return [(kind, int(number)) for kind, number in places]


def _places(problems: Iterable[str]) -> str:
    """Return the lines or numbers that *problems* begin with: ``lines 3-9, 12``."""
    found: dict[str, set[int]] = defaultdict(set)
    for problem in problems:
        for kind, number in _numbers(problem):
            found[kind].add(number)
    texts = []
    for kind, numbers in found.items():
        ranges: list[list[int]] = []
        for number in sorted(numbers):
            if ranges and number == ranges[-1][1] + 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        shown = ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges)
        texts.append(f"{kind}{'s' if len(numbers) > 1 else ''} {shown}")
    return " and ".join(texts)


def _flaws(where: str, options: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the values of a user as such, whatever may be right for the option."""
    flaws = []
    for name, value in options.items():
        text = str(value).strip()
        if isinstance(value, bool) and name == "remove_phone_number":
            continue
        if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int))):
            flaws.append(f"{where}: {name}: {value!r} is not text. What to do: put it in quotes.")
        elif not text.isprintable():
            flaws.append(f"{where}: {name}: {text!r} has a character that cannot be seen. What to do: write it anew.")
        elif name in ("extension", "phone_number") and _MANGLED.fullmatch(text):
            flaws.append(
                f"{where}: {name}: {text!r} is what a spreadsheet made of a number. "
                f"What to do: format the column as text, and enter the number anew."
            )
    return flaws


def _given(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what is not left open, as text."""
    texts = {str(name): str(value).strip() for name, value in options.items() if value is not None}
    return {name: text for name, text in texts.items() if text}


def _clashes(users: list[tuple[str, Wanted]]) -> list[str]:
    claims: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for where, user in users:
        claims[("the person", user.who.lower())].append(where)
        if user.state == "present" and user.extension and user.location:
            claims[("the extension", user.extension, "in " + plain_name(user.location))].append(where)
        if user.state == "present" and user.phone_number:
            claims[("the phone number", "+" + user.phone_number.lstrip("+"))].append(where)
    return [f"{' and '.join(places)}: {' '.join(what)} occurs twice" for what, places in claims.items() if places[1:]]
