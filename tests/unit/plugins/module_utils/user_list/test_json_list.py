# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list.json_list import read_json
from ansible_collections.collabops.webex.plugins.module_utils._user_list.problems import Problem, UserListError


def objects_of(text: str, problems: list[Problem] | None = None) -> list[tuple[str, dict[str, t.Any]]]:
    """The objects of a text, each with its place; there must be no problems, or they are collected."""
    found: list[Problem] = []
    sheet = read_json(text, found if problems is None else problems)
    assert found == []
    return [(str(row.place), dict(zip(row.names, row.values, strict=True))) for row in sheet.rows]


def test_a_list_is_read_with_lines() -> None:
    text = ' [\n {"email": "a@b",\n  "extension": 2002}, {"email": "c@d"},\n\n {"note": "x\\ny", "email": "e@f"}\n]\n'
    assert objects_of(text) == [
        ("line 2", {"email": "a@b", "extension": "2002"}),
        ("line 3", {"email": "c@d"}),
        ("line 5", {"note": "x\ny", "email": "e@f"}),
    ]


@pytest.mark.parametrize("key", ["items", "users"])
def test_a_list_inside_an_object_is_read_with_lines(key: str) -> None:
    text = f'{{"counts": {{"ok": 1}},\n "{key}"\n: [\n{{"email": "a@b"}},\n{{"email": "c@d"}}], "notes": [1]}}'
    assert objects_of(text) == [("line 4", {"email": "a@b"}), ("line 5", {"email": "c@d"})]


def test_one_object_a_line_is_read() -> None:
    problems: list[Problem] = []
    text = '{"email": "a@b"}\n\n{"email": }\n{"email": "c@d"}\n[]\n'
    assert objects_of(text, problems) == [("line 1", {"email": "a@b"}), ("line 4", {"email": "c@d"})]
    assert [str(problem) for problem in problems] == [
        "line 3: this is not JSON: Expecting value, at character 11",
        "line 5: this is not an object with the options of a user",
    ]


def test_an_object_that_is_a_user_is_a_list_of_one() -> None:
    assert objects_of('{"email": "a@b", "extension": "1"}') == [("line 1", {"email": "a@b", "extension": "1"})]


def test_an_empty_list_has_nobody() -> None:
    assert objects_of(" [ ] ") == []


def test_entries_that_are_no_users_are_told_with_their_lines() -> None:
    problems: list[Problem] = []
    text = '["a@b",\n{"email": "c@d"},\n[],\n null,\n{"email": "e@f", "email": "g@h"}]'
    assert objects_of(text, problems) == [("line 2", {"email": "c@d"})]
    assert [str(place) for problem in problems for place in problem.places] == ["line 1", "line 3", "line 4", "line 5"]
    assert str(problems[-1]) == "line 5: a key stands twice in this object"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"staff": [{"email": "a@b"}]}', "not a list of users, but an object with 'staff'.*only what is in the brac"),
        ('{"users": [], "items": []}', "several lists: 'users', 'items'"),
        ('{"users": [1], "users": [2]}', "several lists"),
        ('[{"email": "a@b"},\n{"email": }]', "not JSON: Expecting value, in line 2 at character 11"),
        ('[{"email": "a@b"}', "not JSON"),
        ("[" * 100_000, "not JSON: it is nested too deeply"),
        ('{"a":' * 100_000, "not JSON"),
        ("[" + "1" * 100_000 + ",", "not JSON"),
        ("[" + ",".join(f'{{"k{number}": 1}}' for number in range(1001)) + "]", "more than 1,000 different keys"),
    ],
)
def test_a_bad_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words) as error:
        read_json(text, [])
    assert len(str(error.value)) < 1000
