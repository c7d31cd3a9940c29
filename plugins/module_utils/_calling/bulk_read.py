# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organization whose people and numbers are read at once, in whichever way takes fewer requests.

Who holds a license, who owns a number, and what a person's own entry says are different reads, which can be of different
age. If they contradict each other, the person is read by themselves, and that decides.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

from .._client import WebexClient
from .._ids import bare_id, same_id
from .._page_sizes import HOLDERS_PER_PAGE, PEOPLE_PER_PAGE
from .._parallel import run_parallel, run_side_by_side
from .inventory import PERSON, Entry, read_entries
from .licenses import held_of
from .model import CallingState, License, Location, Wanted, digits
from .organization import Organization

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


class BulkOrganization(Organization):
    """An organization of which those on a list are read at once.

    *creates* says that missing people will be created. Those whom the list of all people does not have are then not looked for
    one by one: if they exist all the same, Webex refuses to create them.
    """

    def __init__(self, client: WebexClient, users: Sequence[Wanted], workers: int, creates: bool = False) -> None:
        super().__init__(client, {user.license for user in users})
        self._users = users
        self.workers = workers
        self._creates = creates
        self._has_everybody = False
        self._by_id: dict[str, Sighting] = {}
        self._by_email: dict[str, Sighting] = {}
        self._by_number: dict[str, list[Entry]] = defaultdict(list)
        self._by_extension: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._has_all_numbers = False
        self._has_holders = False
        self._pages = self._pages_of_people()

    def _pages_of_people(self) -> Iterator[dict[str, Any]]:
        org = self.client.org_params
        return self.client.pages("/people", "items", max=PEOPLE_PER_PAGE, callingData="true", **org)

    # Reading

    def read(self) -> None:
        """Read those who are asked for, with their calling state. What needs no other answer goes along with it."""
        self.forget()
        for name in ("licenses", "calling_licenses"):  # a plan that was made has booked units
            self.__dict__.pop(name, None)
        first: list[Callable[[], object]] = [lambda: self.calling_licenses]
        if any(user.location for user in self._users):
            first.append(lambda: self.calling_locations)
        page: list[dict[str, Any]] = []
        if len(self._users) >= PEOPLE_PER_PAGE:
            # The longest row of pages begins at once, although at times the first one will turn out not to be needed.
            first.append(lambda: page.extend(self._next_people(PEOPLE_PER_PAGE)))
        run_side_by_side(first)
        for person in page:
            self._add(person)
        in_bulk = self.requests_for_all() < len(self._users)
        reads = self._reads_of_all(self._read_numbers) if in_bulk else []
        # People who have calling are found by that, and nobody else; counts are good enough to choose the way.
        enabled = sum(license_.consumed for license_ in self.calling_licenses) if in_bulk else 0
        if pages := self._pages_worth_reading(len(self._users) - enabled):
            reads.append(partial(self._read_people, pages))
        run_side_by_side(reads)
        self._has_holders = in_bulk
        if not pages:
            self._read_people(self._pages_worth_reading(len(self._missing())))
        missing = [user for user in self._missing() if not self._will_be_created(user)]
        self._read_one_by_one([*missing, *self._doubtful()])

    def _will_be_created(self, missing: Wanted) -> bool:
        return self._creates and self._has_everybody and missing.state == "present" and bool(missing.email)

    def _missing(self) -> list[Wanted]:
        """Return the users of whom no read has said anything."""
        return [user for user in self._users if self._sighting(user) is None]

    def _doubtful(self) -> list[Wanted]:
        """Return the users of whom different reads say different things."""
        return [user for user in self._users if (seen := self._sighting(user)) and not self._is_consistent(seen)]

    def _is_consistent(self, seen: Sighting) -> bool:
        if seen.is_final or not self._has_holders:
            return seen.is_final or seen.person is not None
        held = set(seen.held)
        if seen.person is None:
            return bool(held) and seen.entry is not None
        entry, person = seen.entry, seen.person
        if held != set(person["licenses"]) or not entry:
            return not held and not person["licenses"]
        place = entry.place.id if entry.place else None
        return entry.extension == person.get("extension") and same_id(place, person.get("locationId"))

    def _read_one_by_one(self, users: Sequence[Wanted]) -> None:
        known = [self._by_their_id(user) for user in users]
        for user, person in zip(users, run_parallel(self.workers, super().person, known), strict=True):
            seen = self._sighting(user)
            if person:
                self._add(person, is_final=True)
            elif seen:
                # The lists still have somebody who is not there.
                seen.person, seen.email, seen.held, seen.entry = None, None, [], None

    def _by_their_id(self, user: Wanted) -> Wanted:
        """Return a user by the id, if it is known: a search for the address can be as old as the pages of people."""
        seen = self._sighting(user)
        return replace(user, email=None, person_id=seen.id) if seen else user

    def _pages_worth_reading(self, missing: int) -> int:
        """Return how many pages of people, one after the other, take no longer than asking for the *missing* ones.

        0 if it is known to be more: single people are asked for as many at once as there are workers.
        """
        rounds = math.ceil(max(missing, 0) / self.workers)
        most_held = max((license_.consumed for license_ in self.licenses), default=0)
        return rounds if math.ceil(most_held / PEOPLE_PER_PAGE) <= rounds else 0

    def requests_for_all(self) -> int:
        """Return how many requests it takes, by Webex's counts, to read everybody who has calling."""
        pages = (math.ceil(license_.consumed / HOLDERS_PER_PAGE) or 1 for license_ in self.calling_licenses)
        return 1 + sum(pages)

    def _reads_of_all(self, read_numbers: Callable[[], object]) -> list[Callable[[], object]]:
        """Return what reads everybody who has calling. Each adds to what the others find of a person, in any order."""
        return [read_numbers, *(partial(self._read_holders, license_) for license_ in self.calling_licenses)]

    def _read_holders(self, license_: License) -> None:
        path = f"/licenses/{license_.id}"
        for holder in self.client.pages(path, "users", includeAssignedTo="user", limit=HOLDERS_PER_PAGE):
            seen = self._by_id.setdefault(bare_id(holder["id"]), Sighting(holder["id"]))
            seen.held.append(license_.id)
            seen.name = holder.get("displayName")
            if holder.get("email"):
                seen.email = holder["email"]
                self._by_email[holder["email"].lower()] = seen

    def _read_numbers(self) -> None:
        for entry in read_entries(self.client, self._places):
            if entry.phone_number:
                self._by_number[digits(entry.phone_number)].append(entry)
            if entry.extension and entry.place:
                self._by_extension[bare_id(entry.place.id), sys.intern(entry.extension)].append(entry)
            self._note_owner(entry)
        self._has_all_numbers = True

    def _note_owner(self, entry: Entry) -> None:
        """Note whose an entry is. A person's further numbers (ALTERNATE, FAX) are not theirs by it; a workspace is nobody."""
        if entry.owner_id and entry.owner_type == PERSON and entry.primary:
            seen = self._by_id.setdefault(bare_id(entry.owner_id), Sighting(entry.owner_id))
            # Of number and extension in two entries, the one with the number says more.
            if seen.entry is None or entry.phone_number:
                seen.entry = entry

    def _read_people(self, most: int) -> None:
        """Read *most* further pages of the people of the organization; fewer if those who are asked for are found."""
        for number, person in enumerate(self._next_people(most * PEOPLE_PER_PAGE), start=1):
            self._add(person)
            # Looking for everybody after each person would take longer than the page.
            if number % PEOPLE_PER_PAGE == 0 and not self._missing():
                return

    def _next_people(self, most: int) -> Iterator[dict[str, Any]]:
        """Yield *most* further people of the organization; with fewer, that was everybody."""
        count = 0
        for person in islice(self._pages, most):
            count += 1
            yield person
        self._has_everybody = self._has_everybody or count < most

    def _add(self, person: dict[str, Any], is_final: bool = False) -> None:
        """Keep of a person what a plan needs; before anything is written, the person is read anew."""
        kept = {key: person[key] for key in _NEEDED if key in person}
        kept["licenses"] = [license_.id for license_ in held_of(person, self.calling_licenses)]
        if "phoneNumbers" in kept:
            numbers = kept["phoneNumbers"] or []
            kept["phoneNumbers"] = [number for number in numbers if number.get("type") in ("work", "work_extension")]
        # The same object for good: others may add to it at the same time.
        seen = self._by_id.setdefault(bare_id(person["id"]), Sighting(person["id"]))
        seen.person, seen.is_final = kept, is_final or seen.is_final
        for email in person.get("emails") or []:
            self._by_email[str(email).lower()] = seen

    # What was read

    def _sighting(self, wanted: Wanted) -> Sighting | None:
        if wanted.person_id:
            return self._by_id.get(bare_id(wanted.person_id))
        return self._by_email.get((wanted.email or "").lower())

    def person(self, wanted: Wanted) -> dict[str, Any] | None:
        """Return the person as they were read; None if there is no such person."""
        seen = self._sighting(wanted)
        if seen is None or (seen.person is None and seen.email is None and not seen.held):
            return None
        return seen.merged()

    def entries_of_number(self, phone_number: str) -> list[Entry]:
        """Return what the inventory has of a phone number, in all locations."""
        if self._has_all_numbers:
            return self._by_number.get(digits(phone_number), [])
        return super().entries_of_number(phone_number)

    def entries_of_place(self, place: Location) -> list[Entry]:
        """Return the extensions of a location."""
        if self._has_all_numbers:
            key = bare_id(place.id)
            return [entry for found, entries in self._by_extension.items() if found[0] == key for entry in entries]
        return super().entries_of_place(place)

    def entries_of_extension(self, place: Location, extension: str) -> list[Entry]:
        """Return what the inventory of a location has of an extension."""
        if self._has_all_numbers:
            return self._by_extension.get((bare_id(place.id), extension), [])
        return super().entries_of_extension(place, extension)

    def forget(self) -> None:
        """Let go of the people and numbers: all is planned, or read anew, and what was read grows old."""
        super().forget()
        for table in (self._by_id, self._by_email, self._by_number, self._by_extension):
            table.clear()
        self._has_all_numbers = self._has_holders = self._has_everybody = False
        self._pages = self._pages_of_people()

    # Reading back

    def states(self, licenses: Mapping[str, Collection[License]] | None = None) -> Iterator[tuple[str, CallingState]]:
        """Yield the bare id and the calling state of everybody who has calling, read anew.

        If it is known who has which *licenses*, by bare id, these are not read again, and the others are left out.
        """
        fresh = BulkOrganization(self.client, (), self.workers)
        self._hand_lists_to(fresh)
        if licenses is None:
            run_side_by_side(fresh._reads_of_all(fresh._read_owners))
        else:
            fresh._read_owners()
        by_id = {license_.id: license_ for license_ in self.calling_licenses}
        while fresh._by_id:
            key, seen = fresh._by_id.popitem()
            if licenses is not None and key not in licenses:
                continue
            held = [by_id[held] for held in seen.held] if licenses is None else list(licenses[key])
            if held:
                entry = seen.entry or Entry(None, None, None)
                place = entry.place or Location("", "")
                yield (
                    key,
                    CallingState(
                        held[0],
                        place.id or None,
                        place.name or None,
                        entry.extension,
                        entry.phone_number,
                        tuple(held[1:]),
                    ),
                )
            else:
                yield key, CallingState()

    def _read_owners(self) -> None:
        """Read the numbers and keep of them only whose they are."""
        for entry in read_entries(self.client, self._places):
            self._note_owner(entry)
