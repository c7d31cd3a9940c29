# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex call that lists phone numbers and extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from .model import Location, Number, Owner, Person
from .state import Org
from .web import Call, Routes, answer

_TELEPHONY = ["spark-admin:telephony_config_read"]


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/telephony/config/numbers", GET=list_numbers)


@dataclass
class Entry:
    """One item of the number list: a number, or an extension without one."""

    number: Number | None
    owner: Owner | None
    location: Location

    @property
    def extension(self) -> str | None:
        """The extension of the owner. With which of several numbers it is shown is a *guess*: with the primary one."""
        return None if self.owner is None or self.kind == "ALTERNATE" else self.owner.extension

    @property
    def kind(self) -> str:
        """What kind of number it is, for this owner."""
        if self.number and isinstance(self.owner, Person):
            return "PRIMARY" if self.number.value == self.owner.phone_number else "ALTERNATE"
        return self.number.kind if self.number else "PRIMARY"


class Inventory:
    """The numbers and extensions of an org as reads show them: perhaps as they were before the latest writes."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._numbers = org.seen_numbers()
        self._old = org.old("numbers")
        before = (person for person in self._old.values() if person)
        self._owners_before = {value: person for person in before for value in person.numbers}

    def entries(self, query: Any) -> Iterator[Entry]:
        """The inventory, then the extensions without a number; of both only what the filters may let pass."""
        org = self._org
        owners: list[Owner] | None = None
        if "ownerId" in query:
            owners = self._seen([query["ownerId"]])
        elif "extension" in query:
            users = (org.extensions.get((place, query["extension"])) for place in org.locations)
            owners = self._seen([*filter(None, users), *self._old])
        numbers: Iterable[Number | None] = self._numbers.values()
        if "phoneNumber" in query:
            numbers = [self._numbers.get(query["phoneNumber"])]
        elif owners is not None:
            numbers = [self._numbers.get(value) for owner in owners for value in owner.numbers]
        for number in numbers:
            if number:
                yield self._entry(number)
        if "phoneNumber" not in query:
            for owner in self._seen([*org.extensions.values(), *self._old]) if owners is None else owners:
                shown = [self._numbers[value] for value in owner.numbers if value in self._numbers]
                if owner.extension and not any(self._entry(number).extension for number in shown):
                    yield Entry(None, owner, org.locations[str(owner.location_id)])

    def _seen(self, keys: Iterable[str]) -> list[Owner]:
        """The people and features with these ids, each once, as they are shown."""
        shown = (self._old[key] if key in self._old else self._org.owner(key) for key in dict.fromkeys(keys))
        return [owner for owner in shown if owner]

    def _entry(self, number: Number) -> Entry:
        owner: Owner | None = self._owners_before.get(number.value)
        if owner:
            return Entry(number, owner, self._org.locations[str(owner.location_id)])
        if number.owner_id not in self._old:  # else their owner got it a moment ago
            owner = self._org.owner(number.owner_id)
        return Entry(number, owner, self._org.locations[number.location_id])


def list_numbers(call: Call) -> Response:
    """GET /telephony/config/numbers. Filters match exactly (*guess*).

    `state` and `phoneNumberType` leave out extensions without a number (*spec*).
    """
    call.require(_TELEPHONY)
    entries = [entry for entry in Inventory(call.org).entries(call.query) if fits(call.query, entry)]
    page, headers = call.page(entries, 2000)
    return answer({"phoneNumbers": [show_number(entry) for entry in page]}, headers=headers)


def fits(query: Any, entry: Entry) -> bool:
    """Whether an entry of the number list passes the filters.

    An "available" number has no owner; that flags do not count there (*guess*) makes it no free number.
    """
    number, owner = entry.number, entry.owner
    values = {
        "locationId": entry.location.id,
        "phoneNumber": number and number.value,
        "extension": entry.extension,
        "ownerId": owner and owner.id,
        "ownerType": owner and owner_type(owner),
        "available": text(owner is None),
        "state": number and state(number),
        "phoneNumberType": number and entry.kind,
        "numberType": "NUMBER" if number else "EXTENSION",
        "includedTelephonyTypes": telephony_type(number),
        "serviceNumber": text(number is not None and number.service),
        "tollFreeNumbers": text(number is not None and number.toll_free),
    }
    return all(query[name] == value for name, value in values.items() if name in query)


def text(value: bool) -> str:
    """A boolean as a query string has it."""
    return "true" if value else "false"


def state(number: Number) -> str:
    """The state of a number."""
    return "ACTIVE" if number.active else "INACTIVE"


def telephony_type(number: Number | None) -> str:
    """Mobile, or not."""
    return "MOBILE_NUMBER" if number and number.mobile else "PSTN_NUMBER"


def owner_type(owner: Owner) -> str:
    """What kind of owner it is."""
    return "PEOPLE" if isinstance(owner, Person) else owner.type


def show_number(entry: Entry) -> dict[str, Any]:
    """A number, or an extension without a number, as JSON. `isReservedNumber` is not in the description: only if true."""
    number, owner, prefix = entry.number, entry.owner, entry.location.routing_prefix
    body: dict[str, Any] = {"phoneNumber": number.value} if number else {}
    if entry.extension:
        body |= {"extension": entry.extension, "esn": (prefix or "") + entry.extension}
    if prefix:
        body["routingPrefix"] = prefix
    body |= {
        "state": state(number) if number else "ACTIVE",
        "phoneNumberType": entry.kind,
        "mainNumber": number is not None and number.main,
        "includedTelephonyTypes": telephony_type(number),
        "tollFreeNumber": number is not None and number.toll_free,
        "isServiceNumber": number is not None and number.service,
        "location": {"id": entry.location.id, "name": entry.location.name},
    }
    if number and number.reserved:
        body["isReservedNumber"] = True
    if owner:
        names = {"firstName": owner.first_name, "lastName": owner.last_name}
        named = {name: value for name, value in names.items() if value is not None}
        body["owner"] = {"id": owner.id, "type": owner_type(owner), **named}
    return body
