# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organization whose people and numbers are read at once, in whichever way takes fewer requests."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from .._client import WebexClient
from .._ids import bare_id
from .._page_sizes import HOLDERS_PER_PAGE, PEOPLE_PER_PAGE
from .._parallel import run_parallel, run_side_by_side
from .inventory import Entry, read_entries
from .model import CallingState, License, Location, Wanted, digits
from .organization import Organization
from .sightings import Sightings


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
        self._sightings = Sightings()
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
            self._note(person)
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
        return [user for user in self._users if self._sightings.of(user) is None]

    def _doubtful(self) -> list[Wanted]:
        """Return the users of whom different reads say different things."""
        return [
            user
            for user in self._users
            if (seen := self._sightings.of(user)) and not seen.is_consistent(self._has_holders)
        ]

    def _read_one_by_one(self, users: Sequence[Wanted]) -> None:
        known = [self._by_their_id(user) for user in users]
        for user, person in zip(users, run_parallel(self.workers, super().person, known), strict=True):
            seen = self._sightings.of(user)
            if person:
                self._note(person, is_final=True)
            elif seen:
                seen.clear()

    def _note(self, person: dict[str, Any], is_final: bool = False) -> None:
        self._sightings.note_person(person, self.calling_licenses, is_final)

    def _by_their_id(self, user: Wanted) -> Wanted:
        """Return a user by the id, if it is known: a search for the address can be as old as the pages of people."""
        seen = self._sightings.of(user)
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
            self._sightings.note_holder(license_.id, holder)

    def _read_numbers(self) -> None:
        for entry in read_entries(self.client, self._places):
            if entry.phone_number:
                self._by_number[digits(entry.phone_number)].append(entry)
            if entry.extension and entry.place:
                self._by_extension[bare_id(entry.place.id), sys.intern(entry.extension)].append(entry)
            self._sightings.note_owner(entry)
        self._has_all_numbers = True

    def _read_people(self, most: int) -> None:
        """Read *most* further pages of the people of the organization; fewer if those who are asked for are found."""
        for number, person in enumerate(self._next_people(most * PEOPLE_PER_PAGE), start=1):
            self._note(person)
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

    # What was read

    def person(self, wanted: Wanted) -> dict[str, Any] | None:
        """Return the person as they were read; None if there is no such person."""
        seen = self._sightings.of(wanted)
        return seen.merged() if seen and seen.is_somebody else None

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
        for table in (self._sightings, self._by_number, self._by_extension):
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
        for key, seen in fresh._sightings.take_all():
            if licenses is None:
                yield key, seen.state([by_id[held] for held in seen.held])
            elif key in licenses:
                yield key, seen.state(licenses[key])

    def _read_owners(self) -> None:
        """Read the numbers and keep of them only whose they are."""
        for entry in read_entries(self.client, self._places):
            self._sightings.note_owner(entry)
