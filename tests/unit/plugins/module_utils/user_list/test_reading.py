# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    EmptyListError,
    Reading,
    UserListError,
    problems,
    read_bytes,
    read_text,
    read_users,
)

ALICE = {"email": "alice@example.com", "state": "present", "location": "Berlin", "extension": "2002"}


@pytest.mark.parametrize(
    "text",
    [
        "Mail,Site,Ext.\nalice@example.com,Berlin,2002\n",
        '[{"mail": "alice@example.com", "siteName": "Berlin", "ext": 2002}]',
        '{"mail": "alice@example.com", "siteName": "Berlin", "ext": 2002}',
    ],
)
def test_a_file_and_a_text_are_read_alike(text: str) -> None:
    assert read_text(text, Reading()).users == [ALICE]
    assert read_text("\ufeff" + text, Reading()).users == [ALICE]
    assert read_bytes(text.encode("utf-16"), Reading()).users == [ALICE]


def test_a_list_is_read_whatever_its_keys_are_called() -> None:
    users = ({"Mail": "alice@example.com", "Cost Center": 7, "siteName": "Berlin", "Desk": 2002},)
    found = read_users(users, Reading(columns={"desk": "extension"}))
    assert found.users == [ALICE]
    assert found.notes == ["This column is ignored: 'Cost Center'."]


def test_columns_that_are_translated_to_nothing_are_not_told() -> None:
    text = "Mail,Room,Floor\nalice@example.com,7,1\n"
    found = read_text(
        text, Reading(columns={"Floor": "", "room": None}, defaults={"location": "Berlin", "extension": 1})
    )
    assert found.users == [{**ALICE, "extension": "1"}]
    assert found.notes == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("email\na@b\n", "no column 'Mail', which is to be translated.*the columns are 'email'"),
        ('[{"email": "a@b"}]', "no column 'Mail', which is to be translated.*the columns are 'email'"),
        ("location,Mail\nBerlin,2002\n", "neither email nor person_id, but 'location', 'Mail'.*translate its name"),
        (
            "alice@example.com,Mail\n",
            "neither email nor person_id, but 'alice@example.com', 'Mail'.*begins with a header",
        ),
    ],
)
def test_a_list_that_does_not_fit_its_translation_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words):
        read_text(text, Reading(columns={"Mail": "location" if "location" not in text else ""}))


@pytest.mark.parametrize("users", [None, {}, 5, "alice@example.com", b"alice@example.com", {"email": "a@b"}])
def test_what_is_no_list_of_users_is_refused(users: object) -> None:
    with pytest.raises(UserListError, match="not a list of dictionaries"):
        read_users(users, Reading())  # type: ignore[arg-type]


def test_entries_that_are_no_mappings_are_told_with_their_numbers() -> None:
    with pytest.raises(UserListError, match=r"2 problems .*user 1: .*user 3: "):
        read_users([None, ALICE, ["a@b"]], Reading())
    with pytest.raises(UserListError, match=r"1 problem .*user 1: ") as error:
        read_users(["alice@example.com"], Reading())
    assert not isinstance(error.value, EmptyListError)


def test_a_list_in_yaml_is_recognised() -> None:
    with pytest.raises(UserListError, match="What to do: put a list in YAML into users, or save it as JSON"):
        read_text("- email: alice@example.com\n  extension: 1\n", Reading())


def test_keys_are_understood_entry_by_entry() -> None:
    users = [{"email": "a@b", "Ext": 1, "floor": 4}, {"Mail": "c@d", "extension": 2, "Room": 7, "floor": 5}]
    found = read_users(users, Reading(defaults={"location": "Berlin"}))
    assert [user["email"] for user in found.users] == ["a@b", "c@d"]
    assert found.notes == ["These columns are ignored: 'floor', 'Room'."]


def test_a_riddle_in_one_entry_is_told_with_its_number_and_with_the_other_problems() -> None:
    users = [ALICE, {"email": "b@b", "extention": 2}, {"email": "c@d", "Mail": "d@d"}, {"Name": "E"}, {"email": "f"}]
    with pytest.raises(UserListError) as error:
        read_users(users, Reading(defaults={"location": "Berlin"}))
    problems = str(error.value).split(" | ")
    assert len(problems) == 4
    assert "user 2: It is not clear what these columns mean: 'extention' looks like extension" in problems[0]
    assert problems[1].startswith("user 3: The columns 'email', 'Mail' would all be email.")
    assert problems[2].startswith(
        "user 4: Nothing tells who a user is: there is neither email nor person_id, but 'Name'."
    )
    assert problems[3].startswith("user 5: email: 'f' is not an e-mail address.")


@pytest.mark.parametrize(
    "text", ["", " \n", "\ufeff", "email,extension\n", "email,extension\n,\n", "[]", "[{}]", '{"users": []}']
)
def test_a_list_of_nobody_is_told_apart(text: str) -> None:
    with pytest.raises(EmptyListError):
        read_text(text, Reading())
    with pytest.raises(EmptyListError):
        read_bytes(text.encode(), Reading())


def test_an_empty_list_of_users_is_told_apart() -> None:
    with pytest.raises(EmptyListError, match="nobody is in it"):
        read_users([], Reading())


@pytest.mark.any_core
@pytest.mark.parametrize(
    "text",
    [
        "email\n" + "a@b\n" * 21,
        "email,location\n" + "a@b\n" * 21,
        "email\n" + '"a"b\n' * 21,
        "[" + "{}," * 21 + "{}]",
        "[" + "1," * 21 + "1]",
        '{"email": "a@b"}\n' + "{\n" * 21,
    ],
)
def test_a_list_with_too_many_rows_is_refused_before_they_are_looked_at(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems.MOST_ROWS == 200_000
    monkeypatch.setattr(problems, "MOST_ROWS", 20)
    with pytest.raises(UserListError, match="has more than 20 rows. What to do: split it") as error:
        read_text(text, Reading())
    assert len(str(error.value)) < 100


def test_a_sheet_may_end_with_more_empty_rows_than_it_may_have_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MOST_ROWS", 20)
    assert read_text("email,phone\na@b,+4930111\n" + ",\n" * 30, Reading()).users[0]["email"] == "a@b"


def test_a_national_number_is_told_as_such() -> None:
    text = "email,phone\na@b,030 5550\nc@d,+4930 5551\ne@f,030 5552\n"
    found = read_text(text, Reading())
    assert found.notes == [
        "2 phone numbers begin with 0, and not with + and the country; default_country can make them E.164."
    ]
    assert found.changes == {
        "a@b": ["phone_number: read '030 5550' as 0305550"],
        "c@d": ["phone_number: read '+4930 5551' as +49305551"],
        "e@f": ["phone_number: read '030 5552' as 0305552"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "email,location\na@b," + "x" * 200_000 + "\n",
        "email,location\n" + "x" * 100_000 + ",Berlin\n",
        "x" * 200_000 + "\n",
        "email," + "y" * 90_000 + ",extention\n",
        '[{"email": ' + '{"a":' * 900 + "1" + "}" * 901 + "]",
        '[{"email": ' + "[" * 900 + "]" * 900 + "}]",
        '[{"' + "k" * 100_000 + '": 1}]',
        '[{"email": "a@b", "Webex Calling Basic": ' + "[" * 900 + "]" * 900 + "}]",
        '[{"email": "a@b", "outcome": ' + "[" * 900 + "]" * 900 + "}]",
        '[{"email": "a@b", "outcome": {"a": [[[[1]]]]}}]',
        '[{"email": "a@b", "phone": 1e999}, {"email": NaN}]',
        '[{"email": "\\ud800@b", "extension": "1"}]',
        '[{"email": "a@b", "extension": ' + "9" * 4000 + "}]",
    ],
)
def test_hostile_lists_are_refused_in_words(text: str) -> None:
    for read in (lambda: read_text(text, Reading()), lambda: read_bytes(text.encode(), Reading())):
        with pytest.raises(UserListError) as error:
            read()
        assert len(str(error.value)) < 2000
