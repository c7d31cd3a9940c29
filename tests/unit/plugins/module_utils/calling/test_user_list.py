# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.list_report import report
from ansible_collections.collabops.webex.plugins.module_utils._calling.user_list import (
    MOST_TEXTS,
    UserListError,
    check_columns,
    check_users,
    numbered,
    read_csv,
    read_text,
    translate,
)

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
        # As old Macs, and as spreadsheets that have forgotten how many lines are used.
        "email,location,extension\ralice@example.com,Berlin,2002\r",
        "email;location;extension\nalice@example.com;Berlin;2002\n;;\n  \n; ;\n",
        '"email";"location";"extension"\n"alice@example.com";"Berlin";"2002"\n',
    ],
)
def test_a_csv_text_is_read(text: str) -> None:
    assert read_csv(text) == [("line 2", ALICE)]


def test_a_separator_in_quotes_is_no_separator() -> None:
    text = 'email,location,extension\nalice@example.com,"Berlin, Mitte",2002\n'
    assert read_csv(text)[0][1]["location"] == "Berlin, Mitte"


def test_a_separator_in_the_quotes_of_the_header_does_not_count() -> None:
    text = 'email;"Site, City, Country"\nalice@example.com;Berlin, Mitte\n'
    assert read_csv(text, {"Site, City, Country": "location"}) == [
        ("line 2", {"email": "alice@example.com", "location": "Berlin, Mitte"})
    ]


def test_quotes_and_umlauts_are_kept() -> None:
    text = 'email,location\nzoë@example.com,"Café ""Zur Post"", Köln"\n'
    assert read_csv(text)[0][1] == {"email": "zoë@example.com", "location": 'Café "Zur Post", Köln'}


def test_the_place_of_a_user_is_the_line_where_it_begins() -> None:
    text = '\n\nemail,note\na@b,"one\ntwo\r\nthree"\n\n,\nc@d,"\n"\ne@f,\n'
    assert read_csv(text, {"note": None}) == [
        ("line 4", {"email": "a@b"}),
        ("line 9", {"email": "c@d"}),
        ("line 11", {"email": "e@f"}),
    ]


def test_a_header_without_lines_is_an_empty_list() -> None:
    assert read_csv("email,extension\n") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "list of users is empty. What to do: begin with a header line: email,"),
        ("\ufeff\r\n\r\n", "list of users is empty"),
        (" ;;\n", "list of users is empty"),
        ("email,room\na@b,1\n", "'room'"),
        ("email,Rufnummer\na@b,1\n", "'Rufnummer'.* What to do: name them email, person_id"),
        ("email,\na@b,1\n", "number 2, which has no name"),
        ("#TYPE System.Object\nemail,extension\na@b,1\n", "'#TYPE System.Object'"),
        ("location,extension\nBerlin,2002\n", "neither email nor person_id, but 'location', 'extension'"),
        ("alice@example.com,2002\n", "'alice@example.com', '2002'"),
        ("email,extension,extension\na@b,1,2\n", "'extension' twice"),
        ("email,Email\na@b,1\n", "'email' twice"),
        ('"email"x,extension\na@b,1\n', "The header is not CSV"),
        ("email,extension\na@b\n", r"line 2 has not as many values \(1\) as the header has columns \(2\)"),
        ("email,extension\na@b,1,2\n", r"line 2 has not as many values \(3\)"),
        ("email,extension\na@b,1\nc@d\n", "line 3 has not as many values"),
        ('email,extension\n"a@b,1\nc@d,2\n', r"line 2 is not CSV \(unexpected end of data\); is a quotation mark"),
        # Nobody is swallowed by a quotation mark that is not closed.
        ('email,location\na@b,"Berlin\nc@d,London\n', "line 2 is not CSV"),
        ("email,location\n" + 'a@b,"' + "x" * 140_000 + "\n", "line 2 is not CSV"),
    ],
)
def test_a_bad_csv_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words):
        read_csv(text)


def test_after_a_line_that_is_not_csv_the_others_are_read() -> None:
    problems: list[str] = []
    users = read_csv('email,extension\na@b,"1"x\nc@d,2\ne@f\n"g@h,4\ni@j,5\n', None, problems)
    assert users == [("line 3", {"email": "c@d", "extension": "2"})]
    assert [problem.split(" ")[1] for problem in problems] == ["2", "4", "5"]


# Columns of other names


def test_columns_are_translated_or_left_out() -> None:
    text = "Mail;Desk Phone;Cost Center;extension\na@b;+49 30 1234;7;12\n"
    columns = check_columns({"mail": "email", "DESK PHONE ": "Phone_Number", "cost center": "", "": None})
    with pytest.raises(UserListError, match="has no column ''"):
        read_csv(text, columns)
    del columns[""]
    assert read_csv(text, columns) == [("line 2", {"email": "a@b", "phone_number": "+49 30 1234", "extension": "12"})]


def test_columns_without_a_name_can_be_left_out() -> None:
    assert read_csv("email,,\na@b,x,\n", {"": None}) == [("line 2", {"email": "a@b"})]


def test_a_translation_that_leads_nowhere_is_refused() -> None:
    assert check_columns(None) == {}
    with pytest.raises(UserListError, match="into e-mail, phone, which is not known. What to do: choose from email"):
        check_columns({"Mail": "e-mail", "Phone": "phone", "Ext": "extension"})


def test_a_translation_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserListError, match="no column 'Mail', which is to be translated.*the columns are 'email'"):
        read_csv("email\na@b\n", {"Mail": "email"})


def test_two_columns_for_one_option_are_refused() -> None:
    with pytest.raises(UserListError, match="'email' twice"):
        read_csv("mail,upn\na@b,a@c\n", {"mail": "email", "upn": "email"})


def test_keys_are_translated_and_clashes_are_told_with_their_places() -> None:
    problems: list[str] = []
    users = [("user 1", {"Mail": "a@b", "Floor": 3}), ("user 2", {"Mail": "c@d", "email": "e@f"})]
    assert translate(users, {"mail": "email", "floor": None}, problems) == [
        ("user 1", {"email": "a@b"}),
        ("user 2", {"email": "c@d"}),
    ]
    assert problems == ["user 2: email occurs twice"]


# JSON and other texts


def test_a_json_text_is_read_with_lines() -> None:
    text = '\ufeff [\n {"email": "a@b",\n  "extension": 2002}, {"email": "c@d"},\n\n {"email": "e@f", "note": "x\\ny"}\n]\n'
    assert read_text(text, {"note": None}, []) == [
        ("line 2", {"email": "a@b", "extension": 2002}),
        ("line 3", {"email": "c@d"}),
        ("line 5", {"email": "e@f"}),
    ]


def test_an_empty_json_list_is_an_empty_list() -> None:
    assert read_text(" [ ] ", None, []) == []


def test_entries_that_are_no_users_are_told_with_their_lines() -> None:
    problems: list[str] = []
    assert read_text('["a@b",\n{"email": "c@d"},\n[],\n null]', None, problems) == [("line 2", {"email": "c@d"})]
    assert [problem.partition(":")[0] for problem in problems] == ["line 1", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"users": [{"email": "a@b"}]}', "not a list of users.*only what is in the brackets"),
        ('{"email": "a@b"}\n{"email": "c@d"}\n', "not a list of users"),
        ('[{"email": "a@b"},\n{"email": }]', "not JSON: .*line 2 column 11"),
        ('[{"email": "a@b"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_json_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserListError, match=words):
        read_text(text, None, [])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        # So Ansible reads a file in Latin-1, and in UTF-16, where every other byte is zero.
        ("email,location\na@b,Berlin\nc@d,K\udcf6ln\ne@f,M\udcfcnchen\n", "lines 3-4"),
        ('[{"email": "a@b",\n"location": "K\udcf6ln"}]', "line 2"),
        ("\udcff\udcfee\0m\0a\0i\0l\0\n\0a\0@\0b\0", "lines 1-2"),
    ],
)
def test_a_text_in_another_encoding_is_refused_with_what_to_do(text: str, where: str) -> None:
    with pytest.raises(UserListError, match=f"not UTF-8: .* in {where}. What to do: save the file as UTF-8 .*iconv"):
        read_text(text, None, [])


# Users


def test_good_users_are_options_of_calling_user() -> None:
    assert check_users(listed(ALICE, BOB)) == [{"state": "present", **user} for user in (ALICE, BOB)]


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


def test_numbers_of_which_one_has_lost_its_plus_clash() -> None:
    users = [{**ALICE, "phone_number": 493055502002}, {**BOB, "phone_number": "+49 30 55502002"}]
    with pytest.raises(UserListError, match=r"the phone number \+493055502002 occurs twice"):
        check_users(listed(*users))


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({"phone_number": "493055502002.0"}, "'493055502002.0' is what a spreadsheet made of a number"),
        ({"phone_number": "4,93055E+11"}, "format the column as text"),
        ({"extension": "2002,0"}, "is what a spreadsheet made of a number"),
        ({"phone_number": 493055502002.0}, "493055502002.0 is not text"),
        ({"extension": True}, "True is not text"),
        ({"location": {"name": "Berlin"}}, "{'name': 'Berlin'} is not text. What to do: put it in quotes"),
        ({"email": ["alice@example.com"]}, "is not text"),
        ({"email": "alice@example.com\u200b"}, "'alice@example.com.u200b' has a character that cannot be seen"),
        ({"location": "Berlin\nMitte"}, "has a character that cannot be seen"),
        ({"location": "Berlin\xa0Mitte"}, "has a character that cannot be seen"),
    ],
)
def test_what_other_programs_made_of_a_value_is_told(flaw: dict[str, t.Any], words: str) -> None:
    (name,) = flaw
    with pytest.raises(UserListError, match=f"1 problem in the list of users: user 2: {name}: .*{words}"):
        check_users(listed(BOB, {**ALICE, **flaw}))
    with pytest.raises(UserListError, match=f"the defaults: {name}: .*{words}"):
        check_users([], flaw)


def test_blanks_around_a_value_do_not_count() -> None:
    user = {"email": " alice@example.com\n", "location": "Berlin\xa0", "extension": " 2002", "phone_number": "  "}
    assert check_users(listed(user)) == check_users(listed(ALICE))


def test_problems_come_in_the_order_of_the_lines() -> None:
    problems: list[str] = []
    users = read_csv("email,extension,location\na,1,B\nb@x\nc,2,B\nd@x,3,B\ne,4,B\nf@x,3,B\n", None, problems)
    with pytest.raises(UserListError) as error:
        check_users(users, problems=problems)
    lines = [problem.split(":")[0].split(" has")[0] for problem in str(error.value).partition(": ")[2].split(" | ")]
    assert lines == ["line 2", "line 3", "line 4", "line 5 and line 7", "line 6"]


def test_of_very_many_problems_the_places_are_told() -> None:
    users = [{"email": "nobody"}] * (MOST_TEXTS + 3) + [BOB, {"email": "nobody"}]
    with pytest.raises(UserListError) as error:
        check_users(numbered(users))
    message = str(error.value)
    assert message.startswith(f"{MOST_TEXTS + 4} problems")
    assert f"user {MOST_TEXTS}: email" in message
    assert f"user {MOST_TEXTS + 1}: email" not in message
    assert message.endswith(f" | and 4 more, of users {MOST_TEXTS + 1}-{MOST_TEXTS + 3}, {MOST_TEXTS + 5}")


@pytest.mark.parametrize("other", [{**BOB, "extension": "2002", "location": "London"}, {**BOB, "state": "absent"}])
def test_what_does_not_clash_is_allowed(other: dict[str, str]) -> None:
    assert len(check_users(listed(ALICE, {**other, "extension": "2002"}))) == 2


def test_a_default_that_is_not_known_is_refused() -> None:
    with pytest.raises(UserListError, match="the defaults: lokation is not known"):
        check_users(listed(ALICE), {"lokation": "Berlin"})


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
    (found,) = check_users(listed({**ALICE, "remove_phone_number": given}))
    assert found == {"state": "present", **ALICE, **({"remove_phone_number": True} if removes else {})}


def test_yes_and_no_are_all_there_is() -> None:
    with pytest.raises(UserListError, match="user 1: remove_phone_number: 'perhaps' is neither yes nor no"):
        check_users(listed({**ALICE, "remove_phone_number": "perhaps"}))
    with pytest.raises(UserListError, match="user 1: remove_phone_number: .* is to have a phone_number and none"):
        check_users(listed({**ALICE, "remove_phone_number": "yes", "phone_number": "+4930111"}))


def test_locations_that_differ_in_case_or_unicode_form_are_the_same() -> None:
    koeln, other = {**ALICE, "location": "Köln "}, {**BOB, "location": "KO\u0308LN", "extension": "2002"}
    with pytest.raises(UserListError, match="user 1 and user 2: the extension 2002 in köln occurs twice"):
        check_users(listed(koeln, other))


# How they ended


def test_a_report_has_everybody_once_in_the_order_of_the_list() -> None:
    users = [{"email": f"{name}@x", "location": "Berlin"} for name in "abcdef"] + [{"person_id": "P7"}]
    results = [
        {"user": "f@x", "outcome": "failed", "reason": "no", "person_id": None},
        {"user": "b@x", "outcome": "enabled", "location": "Hamburg", "person_id": "P2"},
        {"user": "a@x", "outcome": "changed", "person_id": "P1"},
        {"user": "c@x", "outcome": "skipped", "reason": "later"},
        {"user": "P7", "outcome": "enabled", "person_id": None},
        {"user": "c@x", "outcome": "ok"},
        {"user": "stranger@x", "outcome": "ok"},
    ]
    found = report(users, results, {"outcome": "failed", "reason": "the task ended"})
    ends = {end: [row["user"] for row in found[end]] for end in ("changed", "unchanged", "skipped", "failed")}
    assert ends == {
        "changed": ["a@x", "b@x", "P7"],
        "unchanged": ["c@x"],
        "skipped": [],
        "failed": ["d@x", "e@x", "f@x"],
    }
    assert found["counts"] == {"enabled": 2, "changed": 1, "ok": 1, "skipped": 0, "failed": 3}
    assert found["words"] == "2 enabled, 1 changed, 1 unchanged, 3 failed"
    assert found["due"] == [users[0], users[1], users[6]]
    assert [row["person_id"] for row in found["changed"]] == ["P1", "P2", "P7"]
    assert [row["location"] for row in found["changed"]] == ["Berlin", "Hamburg", None]
    assert [row["reason"] for row in found["failed"]] == ["the task ended", "the task ended", "no"]


def test_those_who_give_back_are_due_first() -> None:
    users = [{"email": "a@x", "state": "present"}, {"email": "b@x", "state": "absent"}, {"email": "c@x"}]
    found = report(users, [{"user": user["email"], "outcome": "changed"} for user in users])
    assert [user["email"] for user in found["due"]] == ["b@x", "a@x", "c@x"]
    assert [row["user"] for row in found["changed"]] == ["a@x", "b@x", "c@x"]


def test_a_report_on_nobody_says_so() -> None:
    assert report([], [])["words"] == "nobody"
