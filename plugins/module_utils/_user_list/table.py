# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV, as spreadsheets and directories write it: from a text to a header and rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .problems import EmptyListError, Place, Problem, UserListError, check_row_count, counted, in_words, shown

MOST_COLUMNS = 1000
# So many lines may stand before the header: a title, a date, the name of the program.
MOST_TITLE_LINES = 4
# A header ends within so many characters.
_LONGEST_HEADER = 100_000
_SEPARATORS = ",;\t|"
_SEP_LINE = re.compile(r'"?sep=([^"\w ]|\t)"?[,;\t]*', re.IGNORECASE)


@dataclass
class Row:
    """A row of a list: where it stands (``line 2``), the names of its columns or keys, and its values in their order."""

    place: Place
    names: tuple[str, ...]
    values: Sequence[Any]


@dataclass
class Sheet:
    """A list as it was read: the names of all its columns or keys, and its rows, which can be gone through once.

    ``has_header``: a header has the names, which are those of every row. Else each row has its own.
    """

    names: tuple[str, ...]
    rows: Iterable[Row]
    has_header: bool


def read_table(text: str, is_header: Callable[[list[str]], bool], problems: list[Problem], notes: list[str]) -> Sheet:
    """Return the columns and rows of a CSV text; comma, semicolon, tab and bar separate.

    *is_header* tells whether the columns of a row have names that are known: lines before the header are left out, and
    go to *notes*. Bad lines are added to *problems* as the rows are gone through. Raises UserListError.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header = _find_header(text, is_header)
    if header.titles:
        lines = in_words(Place("line", number) for number, _title in header.titles)
        titles = ", ".join(shown(title.strip(_SEPARATORS)) for _number, title in header.titles)
        notes.append(f"Left out before the header: {lines} ({titles}).")
    lines_before = text.count("\n", 0, header.start)
    reader = _reader(text[header.start :], header.separator)
    try:
        names = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise UserListError(f"The header is not CSV: {error}.", "correct the first line.") from None
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise UserListError(f"The header has {len(names):,} columns.", "check that it is a list of users.")
    return Sheet(tuple(names), _rows(reader, lines_before, tuple(names), problems), has_header=True)


def _reader(text: str, separator: str) -> Any:
    return csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)


def _rows(reader: Any, lines_before: int, names: tuple[str, ...], problems: list[Problem]) -> Iterator[Row]:
    """Yield the rows, each with the line where it begins; bad ones go to *problems*."""
    count, width = 0, len(names)
    while True:
        place = Place("line", lines_before + reader.line_num + 1)
        flaw: csv.Error | None = None
        row: list[str] = []
        try:
            row = [value.strip() for value in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            flaw = error
        if not flaw and not any(row):
            continue
        count += 1
        check_row_count(count)
        if flaw:
            text = f"{place} is not CSV ({flaw}); is a quotation mark missing or too many?"
            problems.append(Problem(text, places=(place,)))
        elif len(row) < width or any(row[width:]):
            text = f"{place} has {counted(len(row), 'value')}, but the header has {counted(width, 'column')}"
            problems.append(Problem(text, places=(place,)))
        else:
            yield Row(place, names, row)


@dataclass
class _Header:
    """Where the header begins, what separates its columns, and the lines that stand before it."""

    start: int
    separator: str
    titles: list[tuple[int, str]]


def _find_header(text: str, is_header: Callable[[list[str]], bool]) -> _Header:
    """Return the first line that is a header; if none of the first few is, the first line that is not empty."""
    candidates: list[tuple[int, int, str]] = []
    declared: str | None = None
    start = 0
    for number, line in enumerate(text.split("\n", 50)[:50], start=1):
        separator_line = _SEP_LINE.fullmatch(line.strip(" ")) if number == 1 else None
        if separator_line:
            declared = separator_line[1]
        elif line.strip(_SEPARATORS + ' \xa0"'):
            candidates.append((number, start, line))
        start += len(line) + 1
        if len(candidates) > MOST_TITLE_LINES:
            break
    if not candidates:
        raise EmptyListError(
            "The list of users is empty: there is nothing in it.", "begin with a header line: email,location,extension."
        )
    for position, (_number, start, line) in enumerate(candidates):
        separator = declared or _separator(line)
        try:
            names = [name.strip() for name in next(_reader(text[start : start + _LONGEST_HEADER], separator))]
        except csv.Error:
            continue
        if is_header(names):
            return _Header(start, separator, [(number, title) for number, _start, title in candidates[:position]])
    _number, start, line = candidates[0]
    return _Header(start, declared or _separator(line), [])


def _separator(line: str) -> str:
    """Return what separates the values: what the header has most often, outside of quotes."""
    bare = re.sub('"[^"]*"', "", line)
    return max(_SEPARATORS, key=bare.count)
