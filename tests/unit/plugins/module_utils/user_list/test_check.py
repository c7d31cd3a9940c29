# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    Reading,
    UserListError,
    read_text,
    read_users,
)
from ansible_collections.collabops.webex.plugins.module_utils._user_list.problems import MOST_TEXTS

ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
BOB = {"email": "bob@example.com", "location": "Berlin", "extension": "2003"}


def check_users(*users: dict[str, t.Any], **defaults: t.Any) -> list[dict[str, t.Any]]:
    return read_users(users, Reading(defaults=defaults)).users


def test_good_users_are_options_of_calling_user() -> None:
    assert check_users(ALICE, BOB) == [{"state": "present", **user} for user in (ALICE, BOB)]


def test_defaults_are_for_what_a_user_leaves_open() -> None:
    user = {"email": "alice@example.com", "extension": 2002, "license": "", "location": None}
    (found,) = check_users(user, location="Berlin", license="standard", extension=1)
    assert found == {**ALICE, "license": "standard", "state": "present"}


def test_a_number_is_put_into_its_plain_form() -> None:
    (found,) = check_users({"email": "a@b", "phone_number": "+49 (30) 5550-2003"})
    assert found["phone_number"] == "+493055502003"


def test_a_number_among_the_defaults_is_text_too() -> None:
    (found,) = check_users({"email": "a@b"}, location="Berlin", extension=2002)
    assert found["extension"] == "2002"


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(UserListError) as error:
        check_users({"email": "nobody"}, {**ALICE, "state": "CA"}, ALICE, {**BOB, "extension": "x"})
    message = str(error.value)
    assert message.startswith("3 problems in the list of users: ")
    assert "user 1: email: 'nobody' is not an e-mail address" in message
    assert "user 2: state: 'CA' is neither present nor absent" in message
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
        check_users({**ALICE, "phone_number": "+493055502002"}, other)


def test_of_many_who_clash_some_are_named() -> None:
    with pytest.raises(UserListError) as error:
        check_users(*[BOB] * 5000)
    message = str(error.value)
    assert message.startswith("2 problems in the list of users: user 1 and user 2 and user 3")
    assert "user 10 and 4,990 more: the person bob@example.com occurs 5,000 times" in message
    assert len(message) < 1000


def test_numbers_of_which_one_has_lost_its_plus_clash() -> None:
    users = [{**ALICE, "phone_number": 493055502002}, {**BOB, "phone_number": "+49 30 55502002"}]
    with pytest.raises(UserListError, match=r"the phone number \+493055502002 occurs twice"):
        check_users(*users)


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({"phone_number": "493055502002.0"}, "'493055502002.0' is what a spreadsheet made of a number"),
        ({"phone_number": "4,93055E+11"}, "format the column as text"),
        ({"extension": "2002,0"}, "is what a spreadsheet made of a number"),
        ({"phone_number": 493055502002.0}, "493055502002.0 is not text"),
        ({"extension": True}, "True is not text"),
        ({"location": {"name": "Berlin"}}, "this is a list or an object, not text"),
        ({"email": ["alice@example.com"]}, "not text. What to do: write one value"),
        ({"location": "#N/A"}, "'#N/A' is an error of a spreadsheet's formula"),
        ({"location": "x" * 300}, "has 300 characters. What to do: see whether a quotation mark is missing"),
        ({"email": "alice@example.com\u200b"}, "'alice@example.com.u200b' has a character that cannot be seen"),
        ({"location": "Berlin\nMitte"}, "has a character that cannot be seen"),
        ({"location": "Berlin\xa0Mitte"}, "has a character that cannot be seen"),
    ],
)
def test_what_other_programs_made_of_a_value_is_told(flaw: dict[str, t.Any], words: str) -> None:
    (name,) = flaw
    with pytest.raises(UserListError, match=f"1 problem in the list of users: user 2: {name}: .*{words}"):
        check_users(BOB, {**ALICE, **flaw})
    with pytest.raises(UserListError, match=f"the defaults: {name}: .*{words}"):
        check_users(BOB, **flaw)


def test_blanks_around_a_value_do_not_count() -> None:
    user = {"email": " alice@example.com\n", "location": "Berlin\xa0", "extension": " 2002", "phone_number": "  "}
    assert check_users(user) == check_users(ALICE)


def test_problems_come_in_the_order_of_the_lines() -> None:
    text = "email,extension,location\na,1,B\nb@x\nc,2,B\nd@x,3,B\ne,4,B\nf@x,3,B\n"
    with pytest.raises(UserListError) as error:
        read_text(text, Reading())
    lines = [problem.split(":")[0].split(" has")[0] for problem in str(error.value).partition(": ")[2].split(" | ")]
    assert lines == ["line 2", "line 3", "line 4", "line 5 and line 7", "line 6"]


def test_of_very_many_problems_the_places_are_told() -> None:
    users = [{"email": "nobody"}] * (MOST_TEXTS + 3) + [BOB, {"email": "nobody"}]
    with pytest.raises(UserListError) as error:
        check_users(*users)
    message = str(error.value)
    assert message.startswith(f"{MOST_TEXTS + 4} problems")
    assert f"user {MOST_TEXTS}: email" in message
    assert f"user {MOST_TEXTS + 1}: email" not in message
    assert message.endswith(f" | and 4 more, of users {MOST_TEXTS + 1}-{MOST_TEXTS + 3}, {MOST_TEXTS + 5}")


def test_of_a_problem_that_many_users_are_part_of_all_places_are_told() -> None:
    users = [{"email": "nobody"}] * MOST_TEXTS + [BOB] * 12
    with pytest.raises(UserListError) as error:
        check_users(*users)
    assert str(error.value).endswith(f" | and 2 more, of users {MOST_TEXTS + 1}-{MOST_TEXTS + 12}")


@pytest.mark.parametrize("other", [{**BOB, "extension": "2002", "location": "London"}, {**BOB, "state": "absent"}])
def test_what_does_not_clash_is_allowed(other: dict[str, str]) -> None:
    assert len(check_users(ALICE, {**other, "extension": "2002"})) == 2


def test_a_default_that_is_not_known_is_refused() -> None:
    with pytest.raises(UserListError, match="the defaults: unknown keys 'lokation'"):
        check_users(ALICE, lokation="Berlin")


@pytest.mark.parametrize(
    ("given", "removes"),
    [
        (True, True),
        ("yes", True),
        (" YES", True),
        ("true", True),
        ("1", True),
        (1, True),
        ("x", True),
        (False, False),
        ("no", False),
        ("False", False),
        (0, False),
        ("", False),
        (None, False),
    ],
)
def test_a_number_is_to_be_removed_if_the_list_says_yes(given: t.Any, removes: bool) -> None:
    (found,) = check_users({**ALICE, "remove_phone_number": given})
    assert found == {"state": "present", **ALICE, **({"remove_phone_number": True} if removes else {})}


def test_yes_and_no_are_all_there_is() -> None:
    with pytest.raises(UserListError, match="user 1: remove_phone_number: 'perhaps' is neither yes nor no"):
        check_users({**ALICE, "remove_phone_number": "perhaps"})
    with pytest.raises(UserListError, match="user 1: remove_phone_number: .* is to have a phone_number and none"):
        check_users({**ALICE, "remove_phone_number": "yes", "phone_number": "+4930111"})


def test_locations_that_differ_in_case_or_unicode_form_are_the_same() -> None:
    koeln, other = {**ALICE, "location": "Köln "}, {**BOB, "location": "KO\u0308LN", "extension": "2002"}
    with pytest.raises(UserListError, match="user 1 and user 2: the extension 2002 in köln occurs twice"):
        check_users(koeln, other)
