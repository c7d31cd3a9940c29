# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list.columns import (
    AMBIGUOUS,
    COLUMNS,
    SYNONYMS,
    WEAK_SYNONYMS,
    Translation,
    understand,
)
from ansible_collections.collabops.webex.plugins.module_utils._user_list.problems import UserListError

PAGE = pathlib.Path(__file__).parents[5] / "docs" / "docsite" / "rst" / "guide_provisioning.rst"


def meaning_of(*names: str, **translation: str | None) -> tuple[dict[str, str], list[str]]:
    """The name of the column for each option, and the columns that are ignored; a translation has _ for blanks."""
    columns = Translation({name.replace("_", " "): option for name, option in translation.items()})
    meaning = understand(names, columns)
    return {option: names[position] for position, option in meaning.options.items()}, meaning.ignored


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *((name, option) for option, names in SYNONYMS.items() for name in names),
        *((name, option) for option, names in WEAK_SYNONYMS.items() for name in names),
        *((option, option) for option in COLUMNS),
        ("phoneNumber", "phone_number"),
        ("PHONE NUMBER", "phone_number"),
        ("Phone-Number", "phone_number"),
        ("personId", "person_id"),
        ("locationName", "location"),
        ("removePhoneNumber", "remove_phone_number"),
        ("E-Mail ", "email"),
        ("TELEFONO", "phone_number"),
        ("Tele\u0301phone", "phone_number"),
    ],
)
def test_a_name_with_one_meaning_is_understood(name: str, option: str) -> None:
    assert meaning_of(name) == ({option: name}, [])


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Name",
            "Title",
            "Position",
            "Department",
            "Abteilung",
            "Kostenstelle",
        ),
        *(
            "Cost center",
            "Manager",
            "Manager e-mail",
            "Company",
            "City",
            "Country",
            "Street",
            "Suite",
            "Unit",
            "Office",
        ),
        *("Mobile", "Mobile phone", "Mobile number", "Handy", "Cell phone", "Home phone", "Fax", "Fax number", "Pager"),
        *(
            "Employee ID",
            "Personnel number",
            "Personalnummer",
            "Status",
            "Text",
            "Notes",
            "Start date",
            "Gender",
            "Female",
        ),
        *("Caller ID Number", "Preferred Language", "Time zone", "Locale", "License expiry date", "Location code", ""),
    ],
)
def test_another_name_is_ignored_and_told(name: str) -> None:
    assert meaning_of("email", name) == ({"email": "email"}, [name or "(no name)"])


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("extention", "extension"),
        ("Loction", "location"),
        ("emial", "email"),
        ("phone_nubmer", "phone_number"),
        ("Phone Numbers", "phone_number"),
        ("Licences", "license"),
        ("remove_phone_numbers", "remove_phone_number"),
        ("Telephon", "phone_number"),
        ("person-ids", "person_id"),
        ("Sate", "state"),
    ],
)
def test_a_name_that_looks_misspelt_is_refused(name: str, option: str) -> None:
    who = "person_id" if option == "email" else "email"
    with pytest.raises(
        UserListError, match=f"'{name}' looks like {option}, but is not spelt so. What to do: rename .*columns: "
    ):
        meaning_of(who, name)


def test_a_name_that_is_like_a_column_which_is_there_is_not_misspelt() -> None:
    assert meaning_of("email", "phone", "phone 2", "extension") == (
        {"email": "email", "phone_number": "phone", "extension": "extension"},
        ["phone 2"],
    )


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_name_with_two_meanings_is_refused_unless_both_are_there(name: str) -> None:
    with pytest.raises(UserListError, match=f"'{name}' can be an extension or a phone_number. What to do: rename"):
        meaning_of("email", name, "extension")
    assert meaning_of("email", name, "extension", "phone_number")[1] == [name]
    assert meaning_of("email", name, **{name: "extension"})[0] == {"email": "email", "extension": name}


def test_all_riddles_are_told_at_once() -> None:
    with pytest.raises(UserListError, match="'DN' can be .*; 'loction' looks like location"):
        meaning_of("email", "DN", "loction")


@pytest.mark.parametrize(
    "names",
    [("email", "Email"), ("email", "Mail"), ("Phone", "Telephone"), ("Location", "Site"), ("User ID", "Login")],
)
def test_two_columns_for_one_option_are_refused(names: tuple[str, str]) -> None:
    with pytest.raises(UserListError, match=f"'{names[0]}', '{names[1]}' would all be .*: {{'{names[1]}': \"\"}}"):
        meaning_of("person_id", *names)


def test_of_two_columns_one_can_be_left_out() -> None:
    assert meaning_of("Mail", "Site", "Location", site=None) == ({"email": "Mail", "location": "Location"}, [])


def test_a_translated_column_wins_over_one_that_is_known() -> None:
    assert meaning_of("Mail", "Phone", "Desk", desk="phone_number") == (
        {"email": "Mail", "phone_number": "Desk"},
        ["Phone"],
    )


def test_a_user_id_is_the_address_if_no_column_is_one_for_sure() -> None:
    assert meaning_of("User ID", "Mail") == ({"email": "Mail"}, ["User ID"])


def test_two_columns_cannot_be_translated_into_one_option() -> None:
    with pytest.raises(UserListError, match="'mail', 'upn' would all be email"):
        meaning_of("mail", "upn", mail="email", upn="email")


@pytest.mark.parametrize(("name", "option"), [("DESK  phone ", "Phone_Number"), ("desk phone", " phone_number")])
def test_case_and_blanks_do_not_count_in_a_translation(name: str, option: str) -> None:
    assert understand(["Desk Phone"], Translation({name: option})).options == {0: "phone_number"}


def test_a_translation_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(UserListError, match="into 'e-mail', 'phone', which is unknown. What to do: choose from email"):
        Translation({"Mail": "e-mail", "Phone": "phone", "Ext": "extension"})


def test_the_documentation_has_every_name() -> None:
    table = re.findall(r"^   \* - ``(\w+)``\n     - (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    documented: dict[str, t.Any] = {option: set(names.split(", ")) for option, names in table}
    assert documented == {option: set(names) for option, names in SYNONYMS.items()}
    text = PAGE.read_text(encoding="utf-8")
    assert ", ".join(WEAK_SYNONYMS["email"]) in text
    assert ", ".join(AMBIGUOUS) in text
