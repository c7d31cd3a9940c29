# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists as people have them, byte by byte, and what becomes of each: the table is expected.yml."""

from __future__ import annotations

import pathlib
import random
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    EmptyListError,
    Reading,
    UserListError,
    read_bytes,
)

HERE = pathlib.Path(__file__).parent
EXPECTED: dict[str, dict[str, t.Any]] = yaml.safe_load((HERE / "expected.yml").read_text(encoding="utf-8"))

DAMAGES = [
    b"",
    b'"',
    b"\0",
    b"\n",
    b"\r",
    b",",
    b";",
    b"\xff",
    b"\xe4",
    b"\xc3\xa4",
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b"null",
]
DAMAGES += [
    b"1e999",
    b"\\ud800",
    b"|",
    b"=",
    b"'",
    b"\xe2\x80\xae",
    b"TRUE",
    b"REMOVE|",
    b"PRIMARY|",
    b"sep=",
    b"[[[1]]]",
]


def test_there_is_an_expectation_for_each_list() -> None:
    names = {path.name for path in (HERE / "lists").iterdir()}
    assert names == set(EXPECTED)
    assert len(names) >= 20


@pytest.mark.parametrize("name", EXPECTED)
def test_a_list_that_was_damaged_is_read_or_refused_in_words(name: str) -> None:
    data = (HERE / "lists" / name).read_bytes()
    chance = random.Random(name)
    for _damage in range(50):
        damaged = bytearray(data)
        for _place in range(chance.randint(1, 5)):
            position = chance.randrange(len(damaged) + 1)
            damaged[position : position + chance.choice([0, 1, 10])] = chance.choice(DAMAGES)
        problems, users = "", []
        try:
            users = read_bytes(bytes(damaged), Reading()).users
        except UserListError as error:
            problems = str(error)
        assert bool(users) != bool(problems)
        assert problems.isprintable()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_list_becomes_what_is_expected(name: str) -> None:
    expected = EXPECTED[name]
    reading = Reading(**expected.get("reading", {}))
    if reading.default_country:
        pytest.importorskip("phonenumbers")
    data = (HERE / "lists" / name).read_bytes()
    if "users" not in expected:
        with pytest.raises(UserListError) as error:
            read_bytes(data, reading)
        assert str(error.value).split(" | ") == expected.get("error", [expected.get("empty")])
        assert isinstance(error.value, EmptyListError) == ("empty" in expected)
        return
    found = read_bytes(data, reading)
    assert found.users == [{"state": "present", **user} for user in expected["users"]]
    assert found.notes == expected.get("notes", [])
    assert found.changes == expected.get("changes", {})
    assert found.left_out == expected.get("left_out", 0)
