# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone numbers and extensions of an organization: whose each is, and whether a person can have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._client import WebexClient
from .._ids import same_id
from .._page_sizes import NUMBERS_PER_PAGE
from .model import CallingError, Location

NUMBERS_PATH = "/telephony/config/numbers"
# A number that has no owner is not free for a person for that alone (facts; Cisco's OpenAPI, "Get Phone Numbers").
_FLAGS = {"isServiceNumber": "a service number", "isReservedNumber": "a reserved number"}
PERSON = "PEOPLE"


@dataclass(frozen=True, slots=True)
class Entry:
    """A number or an extension of the inventory. ``flaw`` says why no person can have it, if nobody can."""

    phone_number: str | None
    extension: str | None
    place: Location | None
    owner_id: str | None = None
    owner: str | None = None
    owner_type: str = PERSON
    flaw: str | None = None
    inactive: bool = False
    primary: bool = True

    @classmethod
    def from_webex(cls, item: Mapping[str, Any], places: dict[str, Location]) -> Entry:
        """Return what an item of ``GET /telephony/config/numbers`` says; *places* are shared by all entries."""
        place, owner = item.get("location") or {}, item.get("owner") or {}
        place_id = str(place.get("id") or "")
        if place_id and place_id not in places:
            places[place_id] = Location(place_id, str(place.get("name") or ""))
        return cls(
            phone_number=item.get("phoneNumber") or None,
            extension=item.get("extension") or None,
            place=places.get(place_id),
            owner_id=str(owner.get("id") or "") or None,
            owner=owner_name(owner) if owner else None,
            owner_type=str(owner.get("type") or PERSON),
            flaw=flaw_of(item),
            inactive=item.get("state") == "INACTIVE",
            primary=item.get("phoneNumberType") in (None, "PRIMARY"),
        )

    def is_of(self, person_id: str | None) -> bool:
        """Tell whether the person owns it."""
        return same_id(self.owner_id, person_id)


def flaw_of(item: Mapping[str, Any]) -> str | None:
    """Return why no person can have a number, though nobody owns it; None if there is no such reason."""
    for flag, words in _FLAGS.items():
        if item.get(flag) is True:
            return words
    if item.get("includedTelephonyTypes") == "MOBILE_NUMBER":
        return "a mobile number"
    kind = item.get("phoneNumberType") or "PRIMARY"
    return None if kind in ("PRIMARY", "Default") or item.get("owner") else f"a number of the kind {kind}"


def owner_name(owner: Mapping[str, Any]) -> str:
    """Return how an owner is named in a message: a person by name, anything else by its kind and name."""
    names = filter(None, (owner.get("firstName"), owner.get("lastName")))
    name = " ".join(map(str, names)) or str(owner.get("name") or owner.get("id") or "somebody")
    kind = str(owner.get("type") or PERSON)
    return name if kind == PERSON else f"the {kind.replace('_', ' ').lower()} {name}"


def is_available(item: Mapping[str, Any]) -> bool:
    """Tell whether a person can be given the number of an item of ``GET /telephony/config/numbers``."""
    taken = bool(item.get("owner")) or item.get("state") == "INACTIVE"
    return bool(item.get("phoneNumber")) and not taken and flaw_of(item) is None


def read_entries(client: WebexClient, places: dict[str, Location], **query: Any) -> Iterator[Entry]:
    """Yield the inventory, narrowed by *query* (``locationId`` or ``phoneNumber``)."""
    for item in client.pages(NUMBERS_PATH, "phoneNumbers", max=NUMBERS_PER_PAGE, **query, **client.org_params):
        yield Entry.from_webex(item, places)


def refuse_number(number: str, entries: list[Entry], place: Location | None, person_id: str | None) -> Entry:
    """Return the entry of a phone number that a person has or can have in *place*, whoever owns it at present.

    Raises CallingError if the inventory has no such number, has it elsewhere, or if no person can have it.
    """
    fitting = [entry for entry in entries if place is None or not entry.place or same_id(entry.place.id, place.id)]
    mine = next((entry for entry in entries if entry.is_of(person_id)), None)
    if mine:
        return mine
    where = (place.name or place.id) if place else None
    if not fitting and entries:
        elsewhere = ", ".join(sorted({entry.place.name for entry in entries if entry.place}))
        raise CallingError(
            f"The phone number {number} is in the inventory of {elsewhere}, not of {where}.",
            "choose a number of that location, or name the location where the number is.",
        )
    if not fitting:
        raise CallingError(
            f"The phone number {number} is not in the inventory{f' of {where}' if where else ''}.",
            _missing_number_remedy(number),
        )
    entry = fitting[0]
    if entry.flaw:
        raise CallingError(f"The phone number {number} is {entry.flaw}.", "choose a number that is for people.")
    return entry


def _missing_number_remedy(number: str) -> str:
    if number.startswith("+"):
        return "add it (`collabops.webex.number`, or Control Hub), or choose one that is there and free."
    return (
        "write it with its country code, as +49305551234: it has none. If it is right as it is, add it in Control Hub "
        "(Calling, Numbers)."
    )


def refuse_inactive(entry: Entry, allowed: bool) -> str | None:
    """Return a note about a number that is not active yet; raises CallingError unless that is *allowed*."""
    if not entry.inactive:
        return None
    if not allowed:
        raise CallingError(
            f"The phone number {entry.phone_number} is not active.",
            "activate it (`collabops.webex.number`, or Control Hub), or take it as it is with allow_inactive_numbers=true.",
        )
    return f"the phone number {entry.phone_number} is not active: no call reaches it yet"


def free_extension(near: str, taken: set[str]) -> str | None:
    """Return the first extension after *near*, with as many digits, that is not *taken*; None if there is none."""
    count = 10 ** len(near)
    for step in range(1, count):
        extension = str((int(near) + step) % count).zfill(len(near))
        # An extension with a leading zero may be one to reach an outside line: it is nobody's choice but the user's.
        if extension not in taken and not extension.startswith("0"):
            return extension
    return None
