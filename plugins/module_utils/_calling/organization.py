# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organization as it is read: its licenses, locations, numbers and people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from .._client import WebexClient
from .._errors import Refused
from .._ids import same_id
from .._page_sizes import LOCATIONS_PER_PAGE
from .._people import find_person
from .inventory import Entry, read_entries
from .licenses import held_of, read_licenses
from .model import NO_CALLING, CallingError, CallingState, License, Location, Wanted, digits, same_number


class Organization:
    """What is read of an organization, each list at most once, and one person at a time.

    *named* are the licenses that the task names, in lower case: a license that is named in full is taken as meant.
    """

    def __init__(self, client: WebexClient, named: Iterable[str | None] = ()) -> None:
        self.client = client
        self.named = frozenset(name.lower() for name in named if name)
        self._inventories: dict[str, list[Entry]] = {}
        self._places: dict[str, Location] = {}
        self._located: dict[str, Location] = {}

    @cached_property
    def licenses(self) -> list[License]:
        """All licenses."""
        return read_licenses(self.client, self.named)

    @cached_property
    def calling_licenses(self) -> list[License]:
        """The calling licenses for people, whatever Webex counts of their units."""
        return [license_ for license_ in self.licenses if license_.is_calling]

    @cached_property
    def calling_locations(self) -> list[Location]:
        """The locations that are enabled for calling (``GET /telephony/config/locations``)."""
        return self._locations("/telephony/config/locations", "locations")

    @cached_property
    def plain_locations(self) -> list[Location]:
        """All locations, whether enabled for calling or not (``GET /locations``)."""
        return self._locations("/locations", "items")

    def _locations(self, path: str, key: str) -> list[Location]:
        items = self.client.pages(path, key, max=LOCATIONS_PER_PAGE, **self.client.org_params)
        return [
            Location(str(item["id"]), str(item.get("name", "")), str(item.get("routingPrefix") or "")) for item in items
        ]

    def person(self, wanted: Wanted) -> dict[str, Any] | None:
        """Return the person with their calling data, as Webex says it; None if there is no such person."""
        return find_person(self.client, email=wanted.email, person_id=wanted.person_id)

    def person_now(self, person_id: str) -> dict[str, Any] | None:
        """Return a person as they are read at this moment, whatever was read before."""
        return find_person(self.client, person_id=person_id)

    def location(self, name_or_id: str) -> Location:
        """Return the calling location that *name_or_id* names.

        Raises CallingError if there is none, if there are several, or if it is not enabled for calling.
        """
        if name_or_id not in self._located:
            self._located[name_or_id] = self._locate(name_or_id)
        return self._located[name_or_id]

    def _locate(self, name_or_id: str) -> Location:
        fitting = locations_called(name_or_id, self.calling_locations)
        if len(fitting) > 1:
            ids = ", ".join(f"{location.name} ({location.id})" for location in fitting)
            raise CallingError(f"Several locations are called {name_or_id!r}: {ids}.", "give the id of the one.")
        if fitting:
            return fitting[0]
        names = some(location.name for location in self.calling_locations)
        try:
            is_there = bool(locations_called(name_or_id, self.plain_locations))
        except Refused as error:
            if error.status != 403:
                raise
            # It is no scope that the task needs otherwise.
            raise CallingError(
                f"The location {name_or_id!r} does not exist, or is not enabled for Webex Calling.",
                f"name one of: {names}.",
            ) from None
        if is_there:
            raise CallingError(
                f"The location {name_or_id!r} is not enabled for Webex Calling.",
                f"enable it (`collabops.webex.location`, or Control Hub), or name one that is: {names}.",
            )
        raise CallingError(f"The location {name_or_id!r} does not exist.", f"name one of: {names}.")

    def location_name(self, location_id: str | None) -> str | None:
        """Return the name of a location, if the locations were read already: it is a courtesy, and no request."""
        known: list[Location] = self.__dict__.get("calling_locations", [])
        names = (location.name for location in known if same_id(location.id, location_id))
        return next(names, None)

    def entries_of_number(self, phone_number: str) -> list[Entry]:
        """Return what the inventory has of a phone number, in all locations."""
        number = f"+{digits(phone_number)}"
        entries = self._inventory(number, phoneNumber=number)
        return [entry for entry in entries if same_number(entry.phone_number, phone_number)]

    def entries_of_extension(self, place: Location, extension: str) -> list[Entry]:
        """Return what the inventory of a location has of an extension."""
        return [entry for entry in self.entries_of_place(place) if entry.extension == extension]

    def entries_of_place(self, place: Location) -> list[Entry]:
        """Return the inventory of a location. (Webex's filter for extensions is for those with a number: wxc_sdk.)"""
        entries = self._inventory(place.id, locationId=place.id)
        return [entry for entry in entries if not entry.place or same_id(entry.place.id, place.id)]

    def _inventory(self, key: str, **query: str) -> list[Entry]:
        if key not in self._inventories:
            self._inventories[key] = list(read_entries(self.client, self._places, **query))
        return self._inventories[key]

    def state_of(self, person: Mapping[str, Any]) -> CallingState:
        """Return the calling side of *person*, as read."""
        held = held_of(person, self.calling_licenses)
        if not held:
            return NO_CALLING
        location_id = person.get("locationId")
        return CallingState(
            license=held[0],
            location_id=location_id,
            location=self.location_name(location_id),
            extension=person.get("extension"),
            phone_number=next(iter(self.numbers_of(person)), None),
            further=tuple(held[1:]),
        )

    def numbers_of(self, person: Mapping[str, Any]) -> list[str]:
        """Return the work numbers of *person* that are theirs by the inventory, the primary one first.

        What else stands there comes from a directory, or is the extension with its routing prefix.
        """
        numbers = []
        for number in work_numbers(person):
            owned = [entry for entry in self.entries_of_number(number) if entry.is_of(person.get("id"))]
            numbers += [str(entry.phone_number) for entry in owned[:1]]
        return numbers

    def unowned_number_of(self, person: Mapping[str, Any]) -> str | None:
        """Return a work number of *person* that the inventory has without an owner: one of both reads is old.

        It can be a number of a directory, too, which happens to be in the inventory.
        """
        for number in work_numbers(person):
            entries = self.entries_of_number(number)
            if entries and not any(entry.owner_id for entry in entries):
                return number
        return None

    def forget(self) -> None:
        """Let go of what was read of numbers: it grows old."""
        self._inventories.clear()

    def uncached(self) -> Organization:
        """Return the same organization, which reads every person and number anew; it knows the lists that it had."""
        fresh = UncachedOrganization(self.client, self.named)
        self._hand_lists_to(fresh)
        return fresh

    def _hand_lists_to(self, other: Organization) -> None:
        lists = ("licenses", "calling_licenses", "calling_locations", "plain_locations")
        other.__dict__.update({name: self.__dict__[name] for name in lists if name in self.__dict__})


class UncachedOrganization(Organization):
    """An organization whose numbers are read each time that they are asked for."""

    def _inventory(self, key: str, **query: str) -> list[Entry]:
        return list(read_entries(self.client, {}, **query))


def work_numbers(person: Mapping[str, Any]) -> list[str]:
    """Return the work numbers of a person as read, the primary one first, without what is an extension."""
    numbers = person.get("phoneNumbers") or []
    extensions = {str(number.get("value")) for number in numbers if number.get("type") == "work_extension"}
    work = [number for number in numbers if number.get("type") == "work" and number.get("value")]
    work.sort(key=lambda number: number.get("primary") is not True)
    values = [str(number["value"]) for number in work]
    return [value for value in values if value not in extensions and value != person.get("extension")]


def locations_called(name_or_id: str, locations: Iterable[Location]) -> list[Location]:
    """Return the locations that are meant: by id, else by exact name, else by name without regard to how it is typed."""
    known = list(locations)
    plain = plain_name(name_or_id)
    return (
        [location for location in known if same_id(location.id, name_or_id)]
        or [location for location in known if location.name == name_or_id]
        or [location for location in known if plain_name(location.name) == plain]
    )


def plain_name(name: str) -> str:
    """Return a name without regard to case, Unicode form and outer blanks."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def some(names: Iterable[str], most: int = 10) -> str:
    """Return the first *most* names, for a message."""
    ordered = sorted(names)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return (", ".join(ordered[:most]) + more) or "there is none"
