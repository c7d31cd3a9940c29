# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._users import UserListError, check_users, read_csv

ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
BOB = {"email": "bob@example.com", "location": "Berlin", "extension": "2003"}


def listed(*users: dict[str, t.Any]) -> list[tuple[str, dict[str, t.Any]]]:
    return [(f"user {number}", user) for number, user in enumerate(users, start=1)]


# CSV


@pytest.mark.parametrize(
    "text",
    [
        "email,location,extension\nalice@example.com,Berlin,2002\n",
        "\ufeffemail;location;extension\r\nalice@example.com;Berlin;2002\r\n",
        "email\tlocation\textension\nalice@example.com\tBerlin\t2002",
        ' Email , LOCATION, Extension\n"alice@example.com", Berlin ,2002\n\n',
    ],
)
def test_a_csv_text_is_read(text: str) -> None:
    assert read_csv(text) == [("line 2", ALICE)]


def test_a_separator_in_quotes_is_no_separator() -> None:
    text = 'email,location,extension\nalice@example.com,"Berlin, Mitte",2002\n'
    assert read_csv(text)[0][1]["location"] == "Berlin, Mitte"


def test_the_place_of_a_user_is_its_line() -> None:
    assert [where for where, _user in read_csv("email\na@b\n\nc@d\n")] == ["line 2", "line 4"]


def test_a_header_without_lines_is_an_empty_list() -> None:
    assert read_csv("email,extension\n") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "none at all"),
        ("email,room\na@b,1\n", "'room'"),
        ("email,\na@b,1\n", "''"),
        ("email,extension,extension\na@b,1,2\n", "'extension' twice"),
        ("email,extension\na@b\n", "line 2 has not as many values"),
        ("email,extension\na@b,1,2\n", "line 2 has not as many values"),
        ("email,extension\na@b,1\nc@d\n", "line 3 has not as many values"),
        ('email,extension\n"a@b,1\nc@d,2\n', "has not as many values"),
        ("email,extension\ra@b,1\rc@d,2\r", "not CSV|not known"),
    ],
)
def test_a_bad_csv_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words):
        read_csv(text)


# Users


def test_good_users_are_options_of_calling_user() -> None:
    assert check_users(listed(ALICE, BOB)) == [
        {"state": "present", "license": "professional", **user} for user in (ALICE, BOB)
    ]


def test_defaults_are_for_what_a_user_leaves_open() -> None:
    user = {"email": "alice@example.com", "extension": 2002, "license": "", "location": None}
    (found,) = check_users(listed(user), {"location": "Berlin", "license": "standard", "extension": 1})
    assert found == {**ALICE, "license": "standard", "state": "present"}


def test_a_number_is_put_into_its_plain_form() -> None:
    (found,) = check_users(listed({"email": "a@b", "phone_number": "+49 (30) 5550-2003"}))
    assert found["phone_number"] == "+493055502003"


def test_a_number_among_the_defaults_is_text_too() -> None:
    (found,) = check_users(listed({"email": "a@b"}), {"location": "Berlin", "extension": 2002})
    assert found["extension"] == "2002"


def test_all_problems_are_told_at_once() -> None:
    users = listed({"email": "nobody"}, {**ALICE, "room": "1"}, ALICE, {**BOB, "extension": "x"})
    with pytest.raises(UserListError) as error:
        check_users(users)
    message = str(error.value)
    assert message.startswith("3 problems in the list of users: ")
    assert "user 1: email: 'nobody' is not an e-mail address" in message
    assert "user 2: room is not known" in message
    assert "user 4: extension: 'x' is not an extension" in message


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({**BOB, "email": "ALICE@example.com"}, "user 1 and user 2: the person alice@example.com occurs twice"),
        ({**BOB, "extension": "2002"}, "user 1 and user 2: the extension 2002 in berlin occurs twice"),
        ({**BOB, "phone_number": "+49-3055502002"}, "the phone number .493055502002 occurs twice"),
    ],
)
def test_what_only_one_can_have_is_not_given_twice(other: dict[str, str], words: str) -> None:
    with pytest.raises(UserListError, match=words):
        check_users(listed({**ALICE, "phone_number": "+493055502002"}, other))


@pytest.mark.parametrize("other", [{**BOB, "extension": "2002", "location": "London"}, {**BOB, "state": "absent"}])
def test_what_does_not_clash_is_allowed(other: dict[str, str]) -> None:
    assert len(check_users(listed(ALICE, {**other, "extension": "2002"}))) == 2


def test_a_default_that_is_not_known_is_refused() -> None:
    with pytest.raises(UserListError, match="the defaults: lokation is not known"):
        check_users(listed(ALICE), {"lokation": "Berlin"})
