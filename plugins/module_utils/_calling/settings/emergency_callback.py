# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number that emergency services call back (Cisco's OpenAPI, "Update a Person's Emergency Callback Number").

No field of the PUT is mandatory, so only the choice is sent.
"""

from __future__ import annotations

from typing import Any

from ..._ids import same_id
from ..inventory import read_entries
from ..model import CallingError, digits
from .base import Flat, Json, Setting, Subject
from .values import phone_number, same_line, word_or

OPTION = "emergency_callback"
_WORDS = {"direct_line": "DIRECT_LINE", "location": "LOCATION_ECBN"}
_BY_CHOICE = {choice: word for word, choice in _WORDS.items()}
_MEMBER = "LOCATION_MEMBER_NUMBER"
_INFO = {"DIRECT_LINE": "directLineInfo", "LOCATION_ECBN": "locationECBNInfo", _MEMBER: "locationMemberInfo"}
LACKING = (
    "emergency services have no number to call back; set `emergency_callback`, for example to location, and see that the "
    "location has a number for it"
)


class EmergencyCallback(Setting):
    """``direct_line``, ``location``, or the number of another one in the same location."""

    def shown(self, data: Json) -> Flat:
        """Return the choice; None if nothing is chosen."""
        choice = str(data.get("selected"))
        if choice == _MEMBER:
            number = digits((data.get(_INFO[_MEMBER]) or {}).get("phoneNumber"))
            return {OPTION: f"+{number}" if number else None}
        return {OPTION: _BY_CHOICE.get(choice)}

    def is_same(self, option: str, wanted: Any, seen: Any) -> bool:
        """Tell whether it is the same choice; of numbers, whether they are the same line."""
        return wanted == seen or (wanted not in _WORDS and same_line(wanted, seen))

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT; the owner of a number is looked up, since Webex wants an id."""
        wanted = changes[OPTION]
        if wanted in _WORDS:
            return {"selected": _WORDS[wanted]}
        return {"selected": _MEMBER, "locationMemberId": _member(subject, wanted)}


def _member(subject: Subject, number: str) -> str:
    """Return the id of the owner of *number*; raises CallingError unless it is in the location of the person."""
    for entry in read_entries(subject.client, {}, phoneNumber=number):
        if same_line(entry.phone_number, number):
            place = subject.person.get("locationId")
            if not entry.owner_id:
                raise CallingError(f"Nobody has the number {number}.", "name the number of a member of the location.")
            if entry.place and place and not same_id(entry.place.id, str(place)):
                raise CallingError(
                    f"The number {number} is in {entry.place.name or 'another location'}, where the person is not.",
                    "name the number of a member of the same location.",
                )
            return entry.owner_id
    raise CallingError(f"The number {number} is not in the inventory.", "name the number of a member of the location.")


def is_lacking(data: Json) -> bool:
    """Tell whether nothing calls back: nothing is chosen, or what is chosen has no number."""
    choice = str(data.get("selected"))
    info = data.get(_INFO.get(choice, "")) or {}
    return choice not in _INFO or info.get("effectiveLevel") == "NONE"


SETTING = EmergencyCallback(
    OPTION,
    "/telephony/config/people/{id}/emergencyCallbackNumber",
    {OPTION: word_or(tuple(_WORDS), phone_number)},
    {OPTION: "selected"},
)
