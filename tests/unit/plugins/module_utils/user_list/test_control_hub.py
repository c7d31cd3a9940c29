# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    EmptyListError,
    Reading,
    UserList,
    UserListError,
    read_text,
)

ID = "User ID/Email (Required)"
PROFESSIONAL = "Webex Calling VAR Professional [Sub1]"


def read(services: t.Sequence[str], *rows: t.Sequence[str], **reading: t.Any) -> UserList:
    """The users of a list with these columns; the rows are of the columns after the address, extension and location."""
    header = ",".join([ID, "Extension", "Location", *services])
    lines = [f"user{number}@example.com,200{number},Berlin,{','.join(row)}" for number, row in enumerate(rows, start=1)]
    return read_text("\n".join([header, *lines, ""]), Reading(**reading))


@pytest.mark.parametrize(
    ("column", "license_"),
    [
        ("Webex Calling VAR Professional [Sub1]", "professional"),
        ("Webex Calling VAR Professional[Sub1]", "professional"),
        ("Webex Calling VAR Basic [Sub1]", "standard"),
        ("Webex Calling - Standard", "standard"),
        ("webex calling professional", "professional"),
        ("Webex Calling", None),
        ("Webex Calling SP Enterprise [Sub1]", None),
        # What is in brackets is any name.
        ("Webex Calling VAR Basic [Professional Meetings Ltd]", "standard"),
        ("Webex Calling [Basic Supplies]", None),
    ],
)
def test_a_column_of_calling_says_who_has_it_and_which(column: str, license_: str | None) -> None:
    found = read([column], ["TRUE"], ["FALSE"], [""])
    assert [(user["email"], user.get("license")) for user in found.users] == [("user1@example.com", license_)]
    assert found.left_out == 2
    assert found.notes[0] == "This is Control Hub's list of users. Left out, without a calling license: 2 rows."
    assert any("keep the license that they have" in note for note in found.notes) == (license_ is None)


@pytest.mark.parametrize(
    "column",
    [
        "Webex Calling VAR Workspaces [Sub1]",
        "Common Area Calling [Sub1]",
        "Webex Calling Hot Desk only [Sub1]",
        "Webex Messaging [Calling Sub1]",
        "Webex Meetings [Webex Calling]",
        "Customer Experience Essentials[Sub1]",
    ],
)
def test_a_column_of_another_service_is_ignored(column: str) -> None:
    found = read([PROFESSIONAL, column], ["TRUE", "TRUE"], ["FALSE", "TRUE"])
    assert [user["email"] for user in found.users] == ["user1@example.com"]
    assert found.notes[-1] == f"Other columns are ignored: '{column}'."


def test_a_list_without_columns_of_calling_is_refused_unless_everybody_is_meant() -> None:
    with pytest.raises(UserListError, match="does not say who has calling. What to do: .*everybody in it is to have"):
        read(["Webex Messaging [Sub1]"], ["TRUE"])
    found = read(["Webex Messaging [Sub1]"], ["TRUE"], columns={ID: "email"})
    assert [user["email"] for user in found.users] == ["user1@example.com"]


@pytest.mark.parametrize("column", [PROFESSIONAL, "Webex Calling"])
def test_that_everybody_is_meant_cannot_be_said_of_a_list_that_says_who_is(column: str) -> None:
    found = read([column], ["TRUE"], ["FALSE"], columns={ID: "email"})
    assert [user["email"] for user in found.users] == ["user1@example.com"]


def test_a_column_of_calling_that_is_translated_is_none() -> None:
    found = read([PROFESSIONAL, "Webex Calling VAR Basic [Sub1]"], ["TRUE", "TRUE"], columns={PROFESSIONAL: ""})
    assert [user["license"] for user in found.users] == ["standard"]


def test_two_columns_of_one_license_say_that_the_subscription_is_not_read() -> None:
    found = read([PROFESSIONAL, "Webex Calling VAR Professional [Sub2]"], ["FALSE", "TRUE"])
    assert found.users[0]["license"] == "professional"
    assert "Of the calling licenses, Professional or Standard is read, but not the subscription." in found.notes


def test_a_license_that_somebody_wrote_wins_over_the_column() -> None:
    found = read([PROFESSIONAL, "License", "Remove_Phone_Number"], ["TRUE", "Y2lz", "yes"], ["TRUE", "", ""])
    assert [user["license"] for user in found.users] == ["Y2lz", "professional"]
    assert [user.get("remove_phone_number") for user in found.users] == [True, None]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("REMOVE", "asks Control Hub to take something away. What to do: .*remove_phone_number"),
        ("remove|+4930111", "asks Control Hub to take something away"),
        ('"PRIMARY|+4930111,REMOVE|+4930112"', "asks Control Hub to take something away"),
        ('"+4930111,+4930112"', "are several numbers. What to do: mark one with PRIMARY|"),
        ('"PRIMARY|+4930111,PRIMARY|+4930112"', "are several numbers"),
    ],
)
def test_a_cell_whose_meaning_differs_here_is_refused(cell: str, words: str) -> None:
    with pytest.raises(UserListError, match=f"1 problem .*line 2: phone_number: .*{words}"):
        read([PROFESSIONAL, "Phone Number"], ["TRUE", cell], ["FALSE", "REMOVE"])


def test_a_location_may_begin_like_a_removal() -> None:
    text = f"{ID},Extension,Location,{PROFESSIONAL}\na@example.com,1,Removed Hill,TRUE\n"
    found = read_text(text, Reading())
    assert found.users[0]["location"] == "Removed Hill"
    assert found.notes == ["This is Control Hub's list of users."]


def test_of_several_numbers_the_primary_one_is_read_and_told() -> None:
    cells = ['"PRIMARY|+49 30 111,+49 30 112"', '"+49 30 222, primary|+4930221"', "PRIMARY|+4930331"]
    found = read([PROFESSIONAL, "Phone Number"], *(["TRUE", cell] for cell in cells))
    assert [user["phone_number"] for user in found.users] == ["+4930111", "+4930221", "+4930331"]
    assert found.changes["user1@example.com"][0].endswith("the further numbers ('+49 30 112') are left as they are")
    assert "further" not in found.changes["user3@example.com"][0]


def test_names_that_mean_something_elsewhere_mean_nothing_here() -> None:
    found = read([PROFESSIONAL, "Site", "Mail", "Number", "State"], ["TRUE", "x", "y", "z", "CA"])
    assert found.users[0]["location"] == "Berlin"
    assert found.notes[-1] == "Other columns are ignored: 'Site', 'Mail', 'Number', 'State'."


def test_a_list_in_which_nobody_has_calling_is_empty() -> None:
    with pytest.raises(
        EmptyListError, match=r"has a calling license \(2 rows\). What to do: write TRUE .*'Webex Calling VAR"
    ):
        read([PROFESSIONAL], ["FALSE"], [""])
    with pytest.raises(EmptyListError, match="has a header, but no users"):
        read([PROFESSIONAL])


def test_other_lists_can_have_columns_of_calling_too() -> None:
    text = "Mail,Site,Ext,Webex Calling Standard\na@example.com,Berlin,1,x\nb@example.com,Berlin,2,\n"
    found = read_text(text, Reading())
    assert [(user["email"], user["license"]) for user in found.users] == [("a@example.com", "standard")]
    assert found.notes == ["The list has columns for calling licenses. Left out, without a calling license: 1 row."]


def test_a_column_that_is_only_about_calling_is_no_license() -> None:
    found = read_text("Mail,Site,Ext,Webex Calling since\na@example.com,Berlin,1,2024\n", Reading())
    assert found.users[0]["email"] == "a@example.com"
    assert found.notes == ["This column is ignored: 'Webex Calling since'."]
