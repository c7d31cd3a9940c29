# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._user_list import Reading, UserListError, read_users
from ansible_collections.collabops.webex.plugins.module_utils._user_list.dialling import Dialling


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [
        ("DE", "030 555-01234", "+493055501234"),
        ("de", "(030) 555 012 34", "+493055501234"),
        ("DE", "030/55501234", "+493055501234"),
        ("DE", "0049 30 55501234", "+493055501234"),
        ("DE", "0049 (0)30 55501234", "+493055501234"),
        ("DE", "+49 (0)30 55501234", "+493055501234"),
        ("DE", "+49 ( 0 ) 30 55501234", "+493055501234"),
        ("DE", "0044 20 7946 0000", "+442079460000"),
        ("DE", "493055501234", "+493055501234"),
        ("GB", "020 7946 0000", "+442079460000"),
        ("FR", "01 23 45 67 89", "+33123456789"),
        # In Italy the zero belongs to the number, and in Spain there is none.
        ("IT", "06 698 1234", "+39066981234"),
        ("IT", "+39 (0)6 698 1234", "+39066981234"),
        ("ES", "912 345 678", "+34912345678"),
        ("US", "(212) 555-0100", "+12125550100"),
        ("US", "1-212-555-0100", "+12125550100"),
        ("US", "011 49 30 55501234", "+493055501234"),
        # These are not its business.
        ("DE", "+49 30 1", "+49 30 1"),
        ("DE", "+1 212 555 0100", "+1 212 555 0100"),
        ("DE", "n/a", "n/a"),
        ("DE", "030 555 ext. 12", "030 555 ext. 12"),
    ],
)
def test_a_number_of_a_country_becomes_international(country: str, text: str, number: str) -> None:
    pytest.importorskip("phonenumbers")
    assert Dialling(country).e164(text) == number


@pytest.mark.parametrize(
    ("country", "text", "words"),
    [
        ("DE", "3055501234", "is not a number in DE with its area code"),
        (
            "DE",
            "555-0123",
            "is not a number in DE with its area code. What to do: write it as it is dialled from another",
        ),
        ("DE", "110", "is not a number in DE"),
        ("DE", "0030", "is not a number in DE"),
        ("US", "0049 30 55501234", "is not a number in US"),
        ("US", "555-0100", "is not a number in US"),
        ("US", "+1 (0)212 555 0100", "is not a phone number"),
        ("US", "6589869584", r"can be \+16589869584 or \+6589869584. What to do: write one"),
    ],
)
def test_a_number_without_a_meaning_or_with_two_is_refused(country: str, text: str, words: str) -> None:
    pytest.importorskip("phonenumbers")
    with pytest.raises(OptionError, match=f"phone_number: '.*' {words}"):
        Dialling(country).e164(text)


@pytest.mark.parametrize("country", ["Germany", "49", "+49", "XX", "D"])
def test_a_country_is_two_letters(country: str) -> None:
    pytest.importorskip("phonenumbers")
    with pytest.raises(UserListError, match="is not a country. What to do: write its two letters, for example DE"):
        read_users([{"email": "a@b", "phone": "+4930111"}], Reading(default_country=country))


def test_without_the_library_one_sentence_names_it_and_the_python_that_lacks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    users = [{"email": "a@b", "phone": "+4930111"}]
    with pytest.raises(UserListError) as error:
        read_users(users, Reading(default_country="DE"))
    assert f"phonenumbers, which {sys.executable} does not have. What to do: install it there" in str(error.value)
    assert read_users(users, Reading()).users[0]["phone_number"] == "+4930111"


def test_without_a_country_a_zero_in_brackets_is_refused_and_nothing_is_guessed() -> None:
    with pytest.raises(UserListError, match=r"user 1: phone_number: .* has a \(0\), .*or set default_country"):
        read_users([{"email": "a@b", "phone": "+49 (0)30 111"}], Reading())
    assert read_users([{"email": "a@b", "phone": "(030) 111"}], Reading()).users[0]["phone_number"] == "030111"
