# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings in lists, profiles and defaults."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list import (
    Reading,
    UserListError,
    read_bytes,
    read_text,
    read_users,
)

ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
PROFILES: dict[str, t.Any] = {
    "office": {"voicemail": {"enabled": True, "rings": 5}, "time_zone": "Europe/Berlin", "license": "professional"},
    "contractor": {"voicemail": {"enabled": False}, "outgoing_permissions": {"block": ["international"]}},
    "empty": None,
}


def read(*users: dict[str, t.Any], **reading: t.Any) -> list[dict[str, t.Any]]:
    return read_users([{**ALICE, **user} for user in users], Reading(**reading)).users


def problems(*users: dict[str, t.Any], **reading: t.Any) -> str:
    with pytest.raises(UserListError) as caught:
        read(*users, **reading)
    return caught.value.message


def test_the_user_wins_over_the_profile_and_the_profile_over_the_defaults() -> None:
    (user,) = read(
        {"profile": "office", "voicemail": {"rings": 7}},
        profiles=PROFILES,
        defaults={"time_zone": "UTC", "language": "Deutsch", "voicemail": {"email_copy": True, "rings": 3}},
    )
    assert user["voicemail"] == {"enabled": True, "rings": 7, "email_copy": True}
    assert (user["time_zone"], user["language"], user["license"]) == ("Europe/Berlin", "Deutsch", "professional")
    assert user["profile"] == "office"


def test_a_profile_can_be_the_default_and_users_can_choose_another_one() -> None:
    first, second, third = read(
        {}, {"email": "b@example.com", "extension": "3", "profile": "contractor"},
        {"email": "c@example.com", "extension": "4", "profile": "empty"},
        profiles=PROFILES, defaults={"profile": "office"},
    )  # fmt: skip
    assert first["voicemail"]["enabled"] is True
    assert second["voicemail"]["enabled"] is False
    assert second["outgoing_permissions"] == {"block": ["international"]}
    assert "voicemail" not in third


def test_what_is_chosen_for_one_is_not_chosen_for_others() -> None:
    first, second = read(
        {"profile": "office", "voicemail": {"rings": 9}},
        {"email": "b@example.com", "extension": "3", "profile": "office"},
        profiles=PROFILES,
    )
    assert (first["voicemail"]["rings"], second["voicemail"]["rings"]) == (9, 5)
    assert PROFILES["office"]["voicemail"] == {"enabled": True, "rings": 5}


def test_a_column_chooses_and_cells_hold_settings() -> None:
    text = (
        "email,location,extension,profile,time_zone,voicemail,numbers\n"
        'a@example.com,Berlin,1,office,Europe/Paris,"{""email_copy"": true}","+4930 1, +4930 2"\n'
        "b@example.com,Berlin,2,contractor,,,\n"
    )
    first, second = read_bytes(text.encode(), Reading(profiles=PROFILES)).users
    assert first["voicemail"] == {"enabled": True, "rings": 5, "email_copy": True}
    assert (first["time_zone"], first["numbers"]) == ("Europe/Paris", ["+49301", "+49302"])
    assert second["voicemail"] == {"enabled": False}


def test_columns_of_other_lists_are_no_settings() -> None:
    text = "email,location,extension,Language,Time Zone,Profile,Voicemail\na@example.com,Berlin,1,de,CET,admin,yes\n"
    found = read_text(text, Reading())
    assert set(found.users[0]) == {"email", "location", "extension", "state"}
    assert "'Language'" in found.notes[0]
    (user,) = read_text(text, Reading(columns={"Time Zone": "time_zone"})).users
    assert user["time_zone"] == "CET"


def test_control_hub_s_list_can_have_settings_too() -> None:
    text = (
        "User ID/Email (Required),Extension,Location,Webex Calling VAR Professional [site],Time Zone,profile\n"
        "a@example.com,1,Berlin,TRUE,CET,office\n"
    )
    (user,) = read_text(text, Reading(profiles=PROFILES)).users
    assert (user["time_zone"], user["profile"]) == ("Europe/Berlin", "office")


def test_whatever_is_wrong_with_a_bundle_is_said_once() -> None:
    said = problems(
        {},
        {"email": "b@example.com", "extension": "3"},
        defaults={"voicemail": {"rings": 99}},
        profiles={
            "office": {"emergency_calback": "location"},
            "shop": {"time_zone": ["x"]},
            "mine": {"email": "x@example.com"},
            "none": "location",
        },
    )
    assert said.startswith("5 problems in the list of users: ")
    for part in (
        "the defaults: voicemail.rings: 99 is not from 2 to 20.",
        "the profile office: unknown keys 'emergency_calback'",
        "the profile shop: time_zone: ",
        "the profile mine: unknown keys 'email'",
        "the profile none: this is not a mapping",
    ):
        assert said.count(part) == 1


@pytest.mark.parametrize(
    ("user", "profiles", "says"),
    [
        ({"profile": "offfice"}, PROFILES, "user 1: profile: 'offfice' is no profile. What to do: choose from 'contra"),
        ({"profile": "office"}, {}, "user 1: profile: 'office' is no profile. What to do: say in `profiles`"),
        ({"voicemail": {"rings": 1}}, {}, "user 1: voicemail.rings: 1 is not from 2 to 20"),
        ({"voicemail": '{"rings": '}, {}, "user 1: voicemail: this is not JSON"),
        ({"emergency_callback": "nobody"}, {}, "user 1: emergency_callback: 'nobody' is not a phone number"),
        ({"language": "\u0007"}, {}, "has a character that cannot be seen"),
    ],
)
def test_what_is_wrong_with_a_user_s_settings_has_its_place(
    user: dict[str, t.Any], profiles: dict[str, t.Any], says: str
) -> None:
    assert says in problems(user, profiles=profiles)


def test_no_message_shows_a_passcode() -> None:
    text = "email,location,extension,voicemail_passcode\na@example.com,Berlin,1,123\nb@example.com,Berlin,2,7294817\n"
    with pytest.raises(UserListError) as caught:
        read_text(text, Reading(profiles={"x": {"voicemail_passcode": "99"}}))
    assert "line 2: voicemail_passcode: does not have from 6" in str(caught.value)
    assert not any(code in str(caught.value) for code in ("123", "7294817", "99"))
    (user,) = read_text(
        "email,location,extension,voicemail_passcode\na@example.com,Berlin,1,7294817\n", Reading()
    ).users
    assert user["voicemail_passcode"] == "7294817"
