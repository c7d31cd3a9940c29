# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.collabops.webex.plugins.filter.calling_users import FilterModule

CALLING_USERS: t.Callable[..., t.Any] = FilterModule().filters()["calling_users"]
ALICE = {
    "email": "alice@example.com",
    "state": "present",
    "location": "Berlin",
    "extension": "2002",
}


@pytest.mark.parametrize(
    "source",
    [
        [{"email": "alice@example.com", "extension": 2002}],
        ({"email": "alice@example.com", "extension": "2002"},),
        "\ufeffemail;extension\nalice@example.com;2002\n",
    ],
)
def test_lists_and_csv_texts_are_checked(source: t.Any) -> None:
    assert CALLING_USERS(source, defaults={"location": "Berlin"}) == [ALICE]


def test_defaults_are_optional() -> None:
    assert CALLING_USERS([ALICE]) == [ALICE]


@pytest.mark.parametrize("source", [None, {}, 5, ["alice@example.com"], [None]])
def test_what_is_no_list_of_users_is_refused(source: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not a list of dictionaries|not an object"):
        CALLING_USERS(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("email,extension\nnobody,2002\nalice@example.com,x\n", "2 problems.*line 2: .*line 3: "),
        ([{"email": "nobody"}, ALICE, ALICE], "3 problems.*user 1: .*user 2 and user 3: the person"),
        ("name\nalice\n", "'name'"),
    ],
)
def test_problems_are_told_with_their_places(source: t.Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        CALLING_USERS(source, defaults={"location": "Berlin"})
