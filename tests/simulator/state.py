# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An org and what is in it. Every lookup that a call needs is an index, so 5,000 people cost what 10 do."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .config import READS, Config
from .history import History
from .ids import stable_uuid, webex_id
from .model import Device, Feature, License, Location, Number, Owner, Person

CALLING = "Webex Calling - "


class Org:
    """One customer: people, licenses, locations, numbers, and who has what."""

    def __init__(self, name: str, site_url: str, created: float) -> None:
        self.uuid = stable_uuid("org", name)
        self.id = webex_id("ORGANIZATION", self.uuid)
        self.name = name
        self.site_url = site_url
        self.created = created
        self.partner_id: str | None = None  # the org whose admins may work here with `orgId`
        self.managers: set[str] = set()  # people of the partner who are made admins of this org one by one
        self.people: dict[str, Person] = {}
        self.licenses: dict[str, License] = {}
        self.locations: dict[str, Location] = {}
        self.numbers: dict[str, Number] = {}
        self.features: dict[str, Feature] = {}
        self.devices: dict[str, Device] = {}
        self.activation_codes: list[dict[str, str | None]] = []  # whose telephone each is for, and its model
        self.extensions: dict[tuple[str, str], str] = {}  # (location id, extension): id of a person or feature
        self._emails: dict[str, str] = {}  # every address, in lower case: person id
        self._serial = 0
        # What reads still show of people (None: not yet there), by the kind of read, and of units in use.
        self._people_before: dict[str, History[Person | None]] = {kind: History() for kind in READS if kind != "counts"}
        self._units_before: History[tuple[int, int]] = History()
        self._numbers_before: History[Number | None] = History()  # of the inventory: None is not there
        self._locations_before: History[Location | None] = History()

    # -- building ------------------------------------------------------------------------------------------------

    def add_license(self, name: str, subscription: str, total: int, **more: Any) -> License:
        """A new license; its id follows from its name and subscription.

        Decoded, an id reads ``<org uuid>:<kind>_<uuid>`` after LICENSE/ (wxc_sdk, `lic_uuid`). Which kinds there are is
        not known: here they are the initials of the name (*guess*).
        """
        kind = "".join(word[0] for word in name.upper().split() if word[0].isalpha())
        unique = stable_uuid("license", self.name, name, subscription)
        key = webex_id("LICENSE", f"{self.uuid}:{kind}_{unique}")
        self.licenses[key] = License(key, name, subscription, total, **more)
        return self.licenses[key]

    def add_location(
        self,
        name: str,
        routing_prefix: str | None,
        address: dict[str, str],
        timezone: str,
        language: str,
        calling: bool = True,
        **more: Any,
    ) -> Location:
        """A new location; its id follows from its name, and from how many of that name there are."""
        unique = name
        while (key := webex_id("LOCATION", stable_uuid("location", self.name, unique))) in self.locations:
            unique += "+"
        self.locations[key] = Location(key, name, calling, routing_prefix, address, timezone, language, **more)
        return self.locations[key]

    def add_number(self, value: str, location_id: str, **more: Any) -> Number:
        """Put a number into the inventory of a location."""
        self.numbers[value] = Number(value, location_id, **more)
        return self.numbers[value]

    def add_feature(
        self, type: str, location_id: str, first_name: str | None, last_name: str | None, extension: str | None = None
    ) -> Feature:
        """What owns numbers and an extension beside people; the same one for the same type and names."""
        key = webex_id(type, stable_uuid("feature", self.name, type, location_id, f"{first_name} {last_name}"))
        feature = self.features.setdefault(key, Feature(key, type, first_name, last_name, location_id))
        if extension:
            self.extensions.pop((location_id, feature.extension or ""), None)
            feature.extension = extension
            self.extensions[location_id, extension] = key
        return feature

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

    def add_device(self, person: Person, product: str) -> Device:
        """Give a person one more telephone."""
        number = len(self.devices) + 1
        while (key := webex_id("DEVICE", stable_uuid("device", person.id, str(number)))) in self.devices:
            number += 1
        self.devices[key] = Device(key, person.id, product, f"{number:012X}")
        return self.devices[key]

    def add_new_person(
        self, email: str, display_name: str, now: float, config: Config, first_name: str = "", last_name: str = ""
    ) -> Person:
        """A person whom a call creates: reads show them late (*live*), and so may licenses know them late (*guess*)."""
        person = self.add_person(email, display_name, now, first_name, last_name)
        self.before_write(person, config.staleness(), new=True)
        person.can_have_licenses_at = time.monotonic() + config.new_person_seconds
        return person

    # -- looking -------------------------------------------------------------------------------------------------

    def by_email(self, email: str) -> Person | None:
        """The person with this address."""
        return self.people.get(self._emails.get(email.lower(), ""))

    def calling_user(self, person: Person) -> bool:
        """Whether the person holds a calling license."""
        return any(self.licenses[key].calling for key in person.licenses)

    def owner(self, key: str | None) -> Owner | None:
        """The person or the feature with this id."""
        return self.people.get(key or "") or self.features.get(key or "")

    # -- what reads show -----------------------------------------------------------------------------------------

    def seen(self, person: Person, kind: str) -> Person | None:
        """The person as this kind of read shows it now: perhaps as it was before the latest writes (None: not yet)."""
        return self._people_before[kind].seen(person.id, person)

    def old(self, kind: str) -> dict[str, Person | None]:
        """All people whom this kind of read shows as they were, by id."""
        return self._people_before[kind].old()

    def seen_by_email(self, email: str) -> Person | None:
        """The person whom a search for this address finds; a new address is found as late as the rest (*guess*)."""
        person = self.by_email(email)
        seen = self.seen(person, "people") if person else None
        if seen and email.lower() in lower(seen.emails):
            return seen
        before = (old for old in self.old("people").values() if old)
        return next((old for old in before if email.lower() in lower(old.emails)), None)

    def seen_holders(self, license: License) -> list[Person]:
        """The people who have the license, as a read of its holders shows them."""
        old = self.old("holders")
        shown = (old.get(key, self.people[key]) for key in license.holders)
        holders = [person for person in shown if person and license.id in person.licenses]
        taken = (person for key, person in old.items() if key not in license.holders)
        return holders + [person for person in taken if person and license.id in person.licenses]

    def seen_units(self, license: License) -> tuple[int, int]:
        """The units in use, in all and by people, as a read shows them."""
        return self._units_before.seen(license.id, (license.consumed, len(license.holders)))

    def seen_numbers(self) -> dict[str, Number]:
        """The inventory as reads show it."""
        old = self._numbers_before.old()
        if not old:
            return self.numbers
        return {value: number for value, number in {**self.numbers, **old}.items() if number}

    def seen_locations(self) -> list[Location]:
        """The locations as lists show them."""
        shown = {**self.locations, **self._locations_before.old()}
        return [location for location in shown.values() if location]

    # -- changing ------------------------------------------------------------------------------------------------

    def before_number_write(self, value: str, seconds: float) -> None:
        """Remember how a number of the inventory was, for reads that are stale for some seconds."""
        self._numbers_before.remember(value, copy.copy(self.numbers.get(value)), seconds)

    def before_location_write(self, key: str, seconds: float, new: bool = False) -> None:
        """Remember how a location was, or that it was not there, for lists that are stale for some seconds (*guess*)."""
        self._locations_before.remember(key, None if new else copy.copy(self.locations[key]), seconds)

    def before_write(self, person: Person, staleness: Mapping[str, float], new: bool = False) -> None:
        """Remember how the person was, for reads that are stale (*live*). `staleness`: seconds for each kind of read."""
        if any(staleness.values()):
            before = None if new else copy.deepcopy(person)
            for kind, history in self._people_before.items():
                history.remember(person.id, before, staleness[kind])
            for license in self.licenses.values():
                units = (license.consumed, len(license.holders))
                self._units_before.remember(license.id, units, staleness["counts"])

    def grant(self, person: Person, license: License, overage: bool = False) -> bool:
        """Give the person a unit; False when none is left, unless the total may be exceeded."""
        if license.id in person.licenses:
            return True
        if not license.free and not overage:
            return False
        if license.calling and not self.calling_user(person):
            person.enabled_at = time.monotonic()
        license.holders[person.id] = None
        person.licenses.append(license.id)
        return True

    def withdraw(self, person: Person, license: License) -> None:
        """Take the unit back; with the last calling license go extension, numbers and location, and settings (*guess*)."""
        if license.id in person.licenses:
            person.licenses.remove(license.id)
            license.holders.pop(person.id, None)
            if license.calling and not self.calling_user(person):
                self.set_extension(person, None)
                self.set_numbers(person, [])
                person.location_id = None
                person.settings, person.passcodes = {}, []

    def set_extension(self, person: Person, extension: str | None) -> None:
        """Give the person this extension in its location, or none."""
        if person.extension and person.location_id:
            self.extensions.pop((person.location_id, person.extension), None)
        person.extension = extension
        if extension and person.location_id:
            self.extensions[person.location_id, extension] = person.id

    def set_numbers(self, person: Person, values: Iterable[str]) -> None:
        """Give the person these phone numbers and no others: the first is the primary one, the others alternates."""
        for value in person.numbers:
            self.numbers[value].owner_id, self.numbers[value].kind = None, "PRIMARY"
        numbers = list(values)
        person.phone_number, person.alternates = next(iter(numbers), None), numbers[1:]
        for value in numbers:
            self.numbers[value].owner_id = person.id
            self.numbers[value].kind = "PRIMARY" if value == person.phone_number else "ALTERNATE"

    def set_number(self, person: Person, value: str | None) -> None:
        """Give the person this primary phone number, beside the alternates; or no number at all."""
        alternates = [number for number in person.alternates if number != value]
        self.set_numbers(person, [value, *alternates] if value else [])

    def set_emails(self, person: Person, emails: list[str]) -> None:
        """Change the addresses: the first is the primary one."""
        for email in person.emails:
            self._emails.pop(email.lower(), None)
        person.email, person.aliases = emails[0], emails[1:]
        for email in person.emails:
            self._emails[email.lower()] = person.id

    def delete(self, person: Person) -> None:
        """Remove the person, and free what it had. Reads never show a deleted person, stale or not (*guess*)."""
        for key in list(person.licenses):
            self.withdraw(person, self.licenses[key])
        del self.people[person.id]
        for email in person.emails:
            self._emails.pop(email.lower(), None)
        for history in self._people_before.values():
            history.forget(person.id)


def lower(texts: Iterable[str]) -> list[str]:
    """The texts in lower case."""
    return [text.lower() for text in texts]
