# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.wish import check, plain_number
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError


def test_a_number_and_an_extension_are_put_into_their_plain_form() -> None:
    wanted = Wanted(email="a@b", phone_number="+49 (30)/555-0.2003", extension=" 2001 ", license="standard")
    assert check(wanted) == Wanted(email="a@b", phone_number="+493055502003", extension="2001", license="standard")


@pytest.mark.parametrize(
    ("wanted", "option", "words"),
    [
        ({}, "email", "one of email and person_id must be given, not both"),
        ({"email": "a@b", "person_id": "x"}, "email", "not both"),
        ({"email": "alice"}, "email", "'alice' is not an e-mail address"),
        ({"email": "a@b, c@d"}, "email", "is not an e-mail address"),
        ({"email": "a@b", "state": "enabled"}, "state", "'enabled' is unknown. What to do: choose present or absent"),
        ({"email": "a@b", "phone_number": "call me"}, "phone_number", "'call me' is not a phone number"),
        ({"email": "a@b", "phone_number": "+1234567890123456"}, "phone_number", "write E.164: .493055501234"),
        (
            {"email": "a@b", "location": "Berlin", "extension": "20x"},
            "extension",
            "'20x' is not an extension. What to do: write digits only, in quotes: '2001'",
        ),
        ({"email": "a@b", "location": "Berlin", "extension": "1" * 16}, "extension", "is not an extension"),
        ({"email": "a@b", "location": "Berlin"}, "extension", "a@b has neither an extension nor a phone_number"),
        ({"email": "a@b", "extension": "2001"}, "location", "a@b has no location.*mandatory without a phone_number"),
        (
            {"person_id": "P1", "phone_number": "+4930", "remove_phone_number": True},
            "remove_phone_number",
            "P1 is to have a phone_number and none",
        ),
        ({"email": "a@b", "state": "absent", "extension": "x"}, "extension", "'x' is not an extension"),
    ],
)
def test_what_is_wrong_by_itself_is_refused(wanted: dict[str, t.Any], option: str, words: str) -> None:
    with pytest.raises(OptionError, match=words) as error:
        check(Wanted(**wanted))
    assert error.value.option == option


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(person_id="x", state="absent"),
        Wanted(email="a@b", phone_number="+493055502003"),
        Wanted(email="a@b", location="Berlin", extension="1"),
        Wanted(email="a@b", location="Berlin", extension="123456789012345", remove_phone_number=True),
        Wanted(email="a@b", state="absent", remove_phone_number=True),
    ],
)
def test_what_is_sound_stays_as_it_is(wanted: Wanted) -> None:
    assert check(wanted) == wanted


@pytest.mark.parametrize(
    ("text", "number"),
    [(None, None), ("", None), ("123", "123"), ("+123456789012345", "+123456789012345"), ("030/555-1", "0305551")],
)
def test_a_number_in_its_plain_form(text: str | None, number: str | None) -> None:
    assert plain_number(text) == number


@pytest.mark.parametrize("text", ["12", "+12", "++123", "1+23", "1234567890123456", "123x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is not a phone number"):
        plain_number(text)
