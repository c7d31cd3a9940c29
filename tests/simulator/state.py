# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An org and what is in it. Every lookup that a call needs is an index, so 5,000 people cost what 10 do."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .ids import stable_uuid, webex_id

CALLING = "Webex Calling - "


def stamp(epoch: float) -> str:
    """A time as Webex writes it: UTC, milliseconds."""
    return datetime.fromtimestamp(epoch, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class License:
    """A license of one subscription. `elsewhere` are the units in use by workspaces, which are not simulated."""

    id: str
    name: str
    subscription: str
    total: int
    elsewhere: int = 0
    site_url: str | None = None
    holders: dict[str, None] = field(default_factory=dict)  # person ids, in the order of assignment

    @property
    def calling(self) -> bool:
        """Whether it makes its holder a Webex Calling user."""
        return self.name.startswith(CALLING)

    @property
    def consumed(self) -> int:
        """The units in use."""
        return len(self.holders) + self.elsewhere

    @property
    def free(self) -> bool:
        """Whether a unit is left; a total of -1 is unlimited."""
        return self.total == -1 or self.consumed < self.total


@dataclass
class Location:
    """A place; `calling` says whether it is enabled for Webex Calling."""

    id: str
    name: str
    calling: bool
    routing_prefix: str | None
    country: str
    city: str
    timezone: str
    language: str


@dataclass
class Number:
    """A phone number in the inventory of a location."""

    value: str
    location_id: str
    owner_id: str | None = None


@dataclass
class Person:
    """An account: a person of the org, or a bot, a guest, or the machine account of a service app."""

    id: str
    org_id: str
    email: str
    display_name: str
    first_name: str
    last_name: str
    created: float
    serial: int = 0  # the order of creation: what the paging cursor counts
    type: str = "person"
    admin: bool = False
    modified: float = 0.0
    licenses: list[str] = field(default_factory=list)
    location_id: str | None = None
    extension: str | None = None
    phone_number: str | None = None
    site_urls: list[str] = field(default_factory=list)
    login_enabled: bool = True
    details: dict[str, Any] = field(default_factory=dict)  # department, title, addresses, ...: kept, not understood


class Org:
    """One customer: people, licenses, locations, numbers, and who has what."""

    def __init__(self, name: str, site_url: str, created: float) -> None:
        self.uuid = stable_uuid("org", name)
        self.id = webex_id("ORGANIZATION", self.uuid)
        self.name = name
        self.site_url = site_url
        self.created = created
        self.people: dict[str, Person] = {}
        self.licenses: dict[str, License] = {}
        self.locations: dict[str, Location] = {}
        self.numbers: dict[str, Number] = {}
        self.extensions: dict[tuple[str, str], str] = {}  # (location id, extension): person id
        self._emails: dict[str, str] = {}
        self._serial = 0
        self._stale: dict[str, list[tuple[float, Person | None]]] = {}

    # -- building ------------------------------------------------------------------------------------------------

    def add_license(
        self, name: str, subscription: str, total: int, elsewhere: int = 0, site_url: str | None = None
    ) -> License:
        """A new license; its id follows from its name and subscription."""
        key = webex_id("LICENSE", stable_uuid("license", self.name, name, subscription))
        self.licenses[key] = License(key, name, subscription, total, elsewhere, site_url)
        return self.licenses[key]

    def add_location(
        self,
        name: str,
        routing_prefix: str | None,
        country: str,
        city: str,
        timezone: str,
        language: str,
        calling: bool = True,
    ) -> Location:
        """A new location; its id follows from its name."""
        key = webex_id("LOCATION", stable_uuid("location", self.name, name))
        self.locations[key] = Location(key, name, calling, routing_prefix, country, city, timezone, language)
        return self.locations[key]

    def add_number(self, value: str, location_id: str) -> None:
        """Put a number into the inventory of a location."""
        self.numbers[value] = Number(value, location_id)

    def add_person(
        self, email: str, display_name: str, now: float, first_name: str = "", last_name: str = "", admin: bool = False
    ) -> Person:
        """A new person; the id follows from the email address and the number of people ever created with it."""
        self._serial += 1
        unique = email.lower()
        while (key := webex_id("PEOPLE", stable_uuid("person", self.name, unique))) in self.people:
            unique += "+"  # an address that was given away and taken again
        first, _unused, last = display_name.partition(" ")
        person = Person(
            id=key,
            org_id=self.id,
            email=email,
            display_name=display_name,
            first_name=first_name or first,
            last_name=last_name or last,
            created=now,
            modified=now,
            serial=self._serial,
            admin=admin,
        )
        self.people[key] = person
        self._emails[email.lower()] = key
        return person

    # -- looking -------------------------------------------------------------------------------------------------

    def by_email(self, email: str) -> Person | None:
        """The person with this address."""
        return self.people.get(self._emails.get(email.lower(), ""))

    def license_of(self, person: Person, name: str) -> License | None:
        """The license of that name that the person holds."""
        return next((self.licenses[key] for key in person.licenses if self.licenses[key].name == name), None)

    def calling_user(self, person: Person) -> bool:
        """Whether the person holds a calling license."""
        return any(self.licenses[key].calling for key in person.licenses)

    def seen(self, person: Person) -> Person | None:
        """The person as a read shows it now: for `stale_seconds` after a write, as it was before (None: not yet)."""
        waiting = self._stale.get(person.id)
        if not waiting:
            return person
        while waiting and waiting[0][0] <= time.monotonic():
            waiting.pop(0)
        return waiting[0][1] if waiting else person

    # -- changing ------------------------------------------------------------------------------------------------

    def before_write(self, person: Person, stale_seconds: float, new: bool = False) -> None:
        """Remember how the person was, for reads that are stale."""
        if stale_seconds > 0:
            before = None if new else copy.deepcopy(person)
            self._stale.setdefault(person.id, []).append((time.monotonic() + stale_seconds, before))

    def grant(self, person: Person, license: License) -> bool:
        """Give the person a unit; False when none is left."""
        if license.id in person.licenses:
            return True
        if not license.free:
            return False
        license.holders[person.id] = None
        person.licenses.append(license.id)
        return True

    def withdraw(self, person: Person, license: License) -> None:
        """Take the unit back; with the last calling license go extension, number and location."""
        if license.id in person.licenses:
            person.licenses.remove(license.id)
            license.holders.pop(person.id, None)
            if license.calling and not self.calling_user(person):
                self.set_extension(person, None)
                self.set_number(person, None)
                person.location_id = None

    def set_extension(self, person: Person, extension: str | None) -> None:
        """Give the person this extension in its location, or none."""
        if person.extension and person.location_id:
            self.extensions.pop((person.location_id, person.extension), None)
        person.extension = extension
        if extension and person.location_id:
            self.extensions[person.location_id, extension] = person.id

    def set_number(self, person: Person, value: str | None) -> None:
        """Give the person this phone number, or none."""
        if person.phone_number:
            self.numbers[person.phone_number].owner_id = None
        person.phone_number = value
        if value:
            self.numbers[value].owner_id = person.id

    def set_email(self, person: Person, email: str) -> None:
        """Change the address."""
        self._emails.pop(person.email.lower(), None)
        person.email = email
        self._emails[email.lower()] = person.id

    def delete(self, person: Person) -> None:
        """Remove the person, and free what it had. Reads never show a deleted person, stale or not."""
        for key in list(person.licenses):
            self.withdraw(person, self.licenses[key])
        del self.people[person.id]
        self._emails.pop(person.email.lower(), None)
        self._stale.pop(person.id, None)
