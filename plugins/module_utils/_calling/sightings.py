# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What different reads say of people, put together.

Who holds a license, who owns a number, and what a person's own entry says are different reads, which can be of different
age. If they contradict each other, the person is read by themselves, and that decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._ids import bare_id, same_id
from .inventory import PERSON, Entry
from .licenses import held_of
from .model import NO_CALLING, CallingState, License, Location, Wanted

# What of a person is kept for a plan.
_NEEDED = ("id", "emails", "displayName", "locationId", "extension", "phoneNumbers")


@dataclass(slots=True)
class Sighting:
    """What different reads say of a person; what is None or empty is not mentioned by that read."""

    id: str
    email: str | None = None
    name: str | None = None
    held: list[str] = field(default_factory=list)
    entry: Entry | None = None
    person: dict[str, Any] | None = None
    is_final: bool = False

    def merged(self) -> dict[str, Any]:
        """Return the person; only what the reads agree on is of use."""
        if self.person:
            return self.person
        person: dict[str, Any] = {"id": self.id, "licenses": self.held}
        if self.email:
            person["emails"] = [self.email]
        if self.name:
            person["displayName"] = self.name
        if self.entry:
            person |= {
                "locationId": self.entry.place.id if self.entry.place else None,
                "extension": self.entry.extension,
            }
            if self.entry.phone_number:
                person["phoneNumbers"] = [{"type": "work", "value": self.entry.phone_number, "primary": True}]
        return person

    def is_consistent(self, has_holders: bool) -> bool:
        """Tell whether the reads say the same; *has_holders*: the holders of all licenses were read, and all numbers."""
        if self.is_final or not has_holders:
            return self.is_final or self.person is not None
        held = set(self.held)
        if self.person is None:
            return bool(held) and self.entry is not None
        entry, person = self.entry, self.person
        if held != set(person["licenses"]) or not entry:
            return not held and not person["licenses"]
        place = entry.place.id if entry.place else None
        return entry.extension == person.get("extension") and same_id(place, person.get("locationId"))

    @property
    def is_somebody(self) -> bool:
        """Whether a read says that there is such a person; a number alone may have an owner who is gone."""
        return self.person is not None or self.email is not None or bool(self.held)

    def clear(self) -> None:
        """Note that there is no such person, whatever the lists say."""
        self.person, self.email, self.held, self.entry = None, None, [], None

    def state(self, held: Collection[License]) -> CallingState:
        """Return the calling state of the person, who holds the licenses *held*, by what the numbers say."""
        if not held:
            return NO_CALLING
        first, *further = held
        entry = self.entry or Entry(None, None, None)
        place = entry.place or Location("", "")
        return CallingState(
            first, place.id or None, place.name or None, entry.extension, entry.phone_number, tuple(further)
        )


class Sightings:
    """What was read of people, by id and by address. Several reads may add to it at the same time, in any order."""

    def __init__(self) -> None:
        self._by_id: dict[str, Sighting] = {}
        self._by_email: dict[str, Sighting] = {}

    def of(self, wanted: Wanted) -> Sighting | None:
        """Return what was read of a user; None if no read has said anything."""
        if wanted.person_id:
            return self._by_id.get(bare_id(wanted.person_id))
        return self._by_email.get((wanted.email or "").lower())

    def note_holder(self, license_id: str, holder: dict[str, Any]) -> None:
        """Note that somebody holds a license, from an item of ``GET /licenses/{id}``."""
        seen = self._of_id(holder["id"])
        seen.held.append(license_id)
        seen.name = holder.get("displayName")
        if holder.get("email"):
            seen.email = holder["email"]
            self._by_email[holder["email"].lower()] = seen

    def note_owner(self, entry: Entry) -> None:
        """Note whose an entry is. A person's further numbers (ALTERNATE, FAX) are not theirs by it; a workspace is nobody."""
        if entry.owner_id and entry.owner_type == PERSON and entry.primary:
            seen = self._of_id(entry.owner_id)
            # Of number and extension in two entries, the one with the number says more.
            if seen.entry is None or entry.phone_number:
                seen.entry = entry

    def note_person(self, person: dict[str, Any], licenses: Iterable[License], is_final: bool) -> None:
        """Keep of a person what a plan needs, and which of *licenses* they hold; before anything is written, they are read anew."""
        kept = {key: person[key] for key in _NEEDED if key in person}
        kept["licenses"] = [license_.id for license_ in held_of(person, licenses)]
        if "phoneNumbers" in kept:
            numbers = kept["phoneNumbers"] or []
            kept["phoneNumbers"] = [number for number in numbers if number.get("type") in ("work", "work_extension")]
        seen = self._of_id(person["id"])
        seen.person, seen.is_final = kept, is_final or seen.is_final
        for email in person.get("emails") or []:
            self._by_email[str(email).lower()] = seen

    def _of_id(self, person_id: str) -> Sighting:
        """Return the same object for good: others may add to it at the same time."""
        return self._by_id.setdefault(bare_id(person_id), Sighting(person_id))

    def take_all(self) -> Iterator[tuple[str, Sighting]]:
        """Yield the bare id of everybody and what was read of them, which is not kept."""
        while self._by_id:
            yield self._by_id.popitem()

    def clear(self) -> None:
        """Let go of everything."""
        self._by_id.clear()
        self._by_email.clear()
