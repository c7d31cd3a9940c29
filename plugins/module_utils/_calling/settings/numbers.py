# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further phone numbers (Cisco's OpenAPI, "Assign or Unassign numbers to a person").

Each number is given or taken by itself, so whatever is not named stays. What there is, the inventory says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import OptionError
from ..inventory import Entry, read_entries, refuse_number
from ..model import CallingError, Location, digits
from .base import Flat, Json, Setting, Subject
from .values import list_of, phone_number

OPTION, REMOVED = "numbers", "remove_numbers"
_PRIMARY = "primary"


class Numbers(Setting):
    """Numbers that the person has beside the primary one, and numbers that they have no longer."""

    def check(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options in their plain form. Raises OptionError for a number that is to be given and taken."""
        plain = super().check(options)
        both = set(plain.get(OPTION, ())) & set(plain.get(REMOVED, ()))
        if both:
            raise OptionError(REMOVED, f"{', '.join(sorted(both))} is also in {OPTION}.", "leave it in one of them.")
        return plain

    def flat(self, options: Mapping[str, Any]) -> Flat:
        """Return by number whether the person is to have it."""
        wanted = {f"{OPTION}.{number}": False for number in options.get(REMOVED, ())}
        return wanted | {f"{OPTION}.{number}": True for number in options.get(OPTION, ())}

    def as_options(self, flat: Flat) -> Json:
        """Return the numbers that the person has."""
        return {OPTION: [option.partition(".")[2] for option, is_theirs in flat.items() if is_theirs]}

    def read(self, subject: Subject) -> Json:
        """Return the numbers that the person owns, as the inventory says: which one is primary, and all."""
        entries = read_entries(subject.client, {}, ownerId=subject.person_id)
        owned = [entry for entry in entries if entry.phone_number and entry.is_of(subject.person_id)]
        primary = next((str(entry.phone_number) for entry in owned if entry.primary), None)
        return {_PRIMARY: primary, OPTION: [str(entry.phone_number) for entry in owned]}

    def shown(self, data: Json) -> Flat:
        """Return the further numbers that the person has."""
        return {_key(number): True for number in data[OPTION] if number != data[_PRIMARY]}

    def differences(self, wanted: Flat, data: Json) -> Flat:
        """Return what of *wanted* is otherwise; a number that the person has as the primary one is theirs, too."""
        owned = {_key(number) for number in data[OPTION]}
        return {option: is_wanted for option, is_wanted in wanted.items() if is_wanted != (option in owned)}

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT. Raises CallingError for the primary number, and for one that the person cannot have."""
        entries = []
        for option, is_wanted in changes.items():
            number = option.partition(".")[2]
            if is_wanted:
                self._refuse(subject, number)
            elif digits(data[_PRIMARY]) == digits(number):
                raise CallingError(
                    f"The number {number} is the primary one of the person.",
                    "change it with `collabops.webex.calling_user`: phone_number, or remove_phone_number.",
                )
            entries.append({"primary": False, "action": "ADD" if is_wanted else "DELETE", "directNumber": number})
        return {"phoneNumbers": entries}

    def _refuse(self, subject: Subject, number: str) -> None:
        place_id = str(subject.person.get("locationId") or "")
        place = Location(place_id, "the person's location") if place_id else None
        entries: list[Entry] = list(read_entries(subject.client, {}, phoneNumber=number))
        entry = refuse_number(number, entries, place, subject.person_id)
        if entry.owner_id and not entry.is_of(subject.person_id):
            raise CallingError(
                f"The number {number} is in use by {entry.owner}.", "choose another one, or free it first."
            )


def _key(number: str) -> str:
    return f"{OPTION}.+{digits(number)}"


SETTING = Numbers(
    OPTION,
    "/telephony/config/people/{id}/numbers",
    {OPTION: list_of(phone_number), REMOVED: list_of(phone_number)},
    {},
)
