# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import Reading, read_users
from ansible_collections.collabops.webex.plugins.module_utils._user_list.values import plain_text, truth


@pytest.mark.parametrize(
    ("option", "text", "meaning"),
    [
        ("extension", '="0123"', "0123"),
        ("extension", "'0123", "0123"),
        ("extension", "\u0662\u0660\u0660\u0661", "2001"),
        ("extension", "\xa02001\u200e", "2001"),
        ("phone_number", "'+4930111", "+4930111"),
        ("phone_number", "tel:+49-30-111", "+49-30-111"),
        ("phone_number", "TEL: +4930111", "+4930111"),
        ("phone_number", "\u202d+49\xa030\u2009111\u2011222\u202c", "+49 30 111-222"),
        ("phone_number", "+49 30 111 \u2013 222 \u2212 3", "+49 30 111 - 222 - 3"),
        ("phone_number", "\uff0b\uff14\uff19\uff0830\uff09111", "+49(30)111"),
        ("email", "mailto:a@example.com", "a@example.com"),
        ("email", "Alice, A. <a@example.com>", "a@example.com"),
        ("email", '="a@example.com"', "a@example.com"),
        ("location", '="Caf\u00e9 ""Zur Post"""', 'Caf\u00e9 "Zur Post"'),
        ("location", "'s-Gravenhage", "'s-Gravenhage"),
        ("location", "Berlin\u2011Mitte", "Berlin\u2011Mitte"),
        ("state", " Absent", "absent"),
        # Of these nobody knows what is meant: they stay, and are refused later.
        ("extension", "2 001", "2 001"),
        ("extension", "x2001", "x2001"),
        ("phone_number", "+4930111 ext. 5", "+4930111 ext. 5"),
        ("phone_number", "tel:+4930111;ext=5", "+4930111;ext=5"),
        ("email", "Alice <a@example.com>, Bob <b@example.com>", "Alice <a@example.com>, Bob <b@example.com>"),
    ],
)
def test_what_has_one_meaning_is_read(option: str, text: str, meaning: str) -> None:
    assert plain_text(option, text) == meaning


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (True, True),
        ("WAHR", True),
        ("vrai", True),
        ("Verdadero", True),
        (False, False),
        ("FALSCH", False),
        ("faux", False),
    ]
    + [("", False), (None, False), (0, False), (1, True), ("perhaps", None), (["yes"], None), ({}, None)],
)
def test_yes_and_no_are_understood_as_spreadsheets_write_them(value: object, answer: bool | None) -> None:
    assert truth(value) is answer


def test_every_change_is_told_but_the_blanks_around_a_value() -> None:
    user = {
        "email": " a@example.com ",
        "state": "PRESENT",
        "extension": "'0101",
        "phone": 49301234,
        "site": "\xa0Berlin ",
    }
    found = read_users([user], Reading())
    assert found.users == [
        {
            "email": "a@example.com",
            "state": "present",
            "extension": "0101",
            "phone_number": "49301234",
            "location": "Berlin",
        }
    ]
    assert found.changes == {"a@example.com": ["state: read 'PRESENT' as present", 'extension: read "\'0101" as 0101']}
