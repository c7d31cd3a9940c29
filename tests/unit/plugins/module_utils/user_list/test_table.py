# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list.problems import (
    EmptyListError,
    Problem,
    UserListError,
)
from ansible_collections.collabops.webex.plugins.module_utils._user_list.table import MOST_COLUMNS, read_table

ALICE = ["alice@example.com", "Berlin", "2002"]


def rows_of(
    text: str, problems: list[Problem] | None = None, notes: list[str] | None = None
) -> list[tuple[str, list[str]]]:
    """The header and the rows of a text, each with its place; a header has a column called email."""
    problems = [] if problems is None else problems
    sheet = read_table(text, lambda names: "email" in map(str.lower, names), problems, [] if notes is None else notes)
    width = len(sheet.names)
    return [("header", list(sheet.names)), *((str(row.place), list(row.values)[:width]) for row in sheet.rows)]


@pytest.mark.parametrize(
    "text",
    [
        "email,location,extension\nalice@example.com,Berlin,2002\n",
        "email;location;extension\r\nalice@example.com;Berlin;2002\r\n",
        "email\tlocation\textension\nalice@example.com\tBerlin\t2002",
        "email|location|extension\nalice@example.com|Berlin|2002",
        'email , location, extension\n"alice@example.com", Berlin ,2002\n\n',
        # As old Macs, and as spreadsheets that have forgotten how many lines and columns are used.
        "email,location,extension\ralice@example.com,Berlin,2002\r",
        "email;location;extension\nalice@example.com;Berlin;2002\n;;\n  \n; ;\n",
        "email;location;extension;;\nalice@example.com;Berlin;2002;;\n;;;;\n",
        "email;location;extension\nalice@example.com;Berlin;2002;;\n",
        '"email";"location";"extension"\n"alice@example.com";"Berlin";"2002"\n',
    ],
)
def test_a_csv_text_is_read(text: str) -> None:
    assert rows_of(text) == [("header", ["email", "location", "extension"]), ("line 2", ALICE)]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_a_line_that_declares_the_separator_is_none_of_the_list(line: str) -> None:
    text = f"{line}\nemail;location, city, country\nalice@example.com;Berlin\n"
    assert rows_of(text) == [
        ("header", ["email", "location, city, country"]),
        ("line 3", ["alice@example.com", "Berlin"]),
    ]


@pytest.mark.parametrize("line", ['sep="', "sep=x", "sep= ", "sep="])
def test_what_is_no_separator_declares_none(line: str) -> None:
    assert rows_of(f"{line}\nemail;location\na@b;Berlin\n")[1:] == [("line 3", ["a@b", "Berlin"])]


def test_a_separator_in_quotes_is_no_separator() -> None:
    text = 'email,location\nalice@example.com,"Berlin, Mitte"\n'
    assert rows_of(text)[1][1][1] == "Berlin, Mitte"


def test_a_separator_in_the_quotes_of_the_header_does_not_count() -> None:
    text = 'email;"Site, City, Country"\nalice@example.com;Berlin, Mitte\n'
    assert rows_of(text)[1] == ("line 2", ["alice@example.com", "Berlin, Mitte"])


def test_quotes_and_umlauts_are_kept() -> None:
    text = 'email,location\nzoë@example.com,"Café ""Zur Post"", Köln"\n'
    assert rows_of(text)[1][1] == ["zoë@example.com", 'Café "Zur Post", Köln']


def test_the_place_of_a_row_is_the_line_where_it_begins() -> None:
    text = '\n\nemail,"no\nte"\na@b,"one\ntwo\r\nthree"\n\n,\nc@d,"\n"\ne@f,\n'
    assert rows_of(text) == [
        ("header", ["email", "no\nte"]),
        ("line 5", ["a@b", "one\ntwo\nthree"]),
        ("line 10", ["c@d", ""]),
        ("line 12", ["e@f", ""]),
    ]


@pytest.mark.parametrize(
    ("before", "note"),
    [
        ("Staff, Berlin, March\n", "Left out before the header: line 1 ('Staff, Berlin, March')."),
        ("#TYPE Selected.User\n", "Left out before the header: line 1 ('#TYPE Selected.User')."),
        ("Staff;;\n\nOf: March;;\n", "Left out before the header: lines 1, 3 ('Staff', 'Of: March')."),
    ],
)
def test_lines_before_the_header_are_left_out_and_told(before: str, note: str) -> None:
    notes: list[str] = []
    rows = rows_of(f"{before}email;location\na@b;Berlin\n", notes=notes)
    assert rows == [("header", ["email", "location"]), (f"line {before.count(chr(10)) + 2}", ["a@b", "Berlin"])]
    assert notes == [note]


def test_a_text_without_a_header_has_its_first_line_for_one() -> None:
    notes: list[str] = []
    assert rows_of("alice@example.com,2002\nbob@example.com,2003\n", notes=notes) == [
        ("header", ["alice@example.com", "2002"]),
        ("line 2", ["bob@example.com", "2003"]),
    ]
    assert notes == []


@pytest.mark.parametrize("text", ["", "\r\n\r\n", " ;;\n", "sep=,\n", '"",""\n'])
def test_a_text_with_nothing_in_it_is_empty(text: str) -> None:
    with pytest.raises(EmptyListError, match="there is nothing in it. What to do: begin with a header line: email,"):
        rows_of(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("email,extension\na@b\n", "line 2 has 1 value, but the header has 2 columns"),
        ("email,extension\na@b,1,2\n", "line 2 has 3 values, but the header has 2 columns"),
        ("email,extension\na@b,1\nc@d\n", "line 3 has 1 value, but the header has 2 columns"),
        ('email,extension\n"a@b,1\nc@d,2\n', "line 2 is not CSV (unexpected end of data); is a quotation mark missing"),
        # Nobody is swallowed by a quotation mark that is not closed.
        ('email,location\na@b,"Berlin\nc@d,London\n', "line 2 is not CSV"),
        ("email,location\n" + 'a@b,"' + "x" * 140_000 + "\n", "line 2 is not CSV"),
    ],
)
def test_bad_lines_are_told(text: str, problem: str) -> None:
    problems: list[Problem] = []
    rows_of(text, problems)
    assert len(problems) == 1
    assert str(problems[0]).startswith(problem)


def test_after_a_line_that_is_not_csv_the_others_are_read() -> None:
    problems: list[Problem] = []
    rows = rows_of('email,extension\na@b,"1"x\nc@d,2\ne@f\n"g@h,4\ni@j,5\n', problems)
    assert rows[1:] == [("line 3", ["c@d", "2"])]
    assert [place.number for problem in problems for place in problem.places] == [2, 4, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"email"x,extension\na@b,1\n', "The header is not CSV"),
        ("email" + ",x" * MOST_COLUMNS + "\n", "The header has 1,001 columns"),
    ],
)
def test_a_bad_header_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words):
        rows_of(text)
