# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the users of a list are written, and the way out if they wait for each other in a circle.

If two users exchange their extensions, one of them gets a free one for a moment (parking), or gives up the number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._ids import bare_id
from .inventory import free_extension
from .model import CallingError, Location
from .organization import Organization
from .planned_user import PlannedUser

EXTENSION, PHONE_NUMBER = "extension", "phone number"
# What only one can have: ("extension", location, "2001") or ("phone number", "493055502001").
Resource = tuple[str, ...]
Awaited = Mapping[int, Mapping[int, set[Resource]]]


@dataclass
class Order:
    """For the number of a user, the numbers of those who must be done before (*waits*), or parked (*parks*).

    *units*: whose unit of a license they take over, which is worth waiting for, but no condition.
    """

    waits: dict[int, set[int]] = field(default_factory=dict)
    parks: dict[int, set[int]] = field(default_factory=dict)
    units: dict[int, set[int]] = field(default_factory=dict)

    @property
    def has_exchanges(self) -> bool:
        """Whether users of the list hand something on to each other."""
        return bool(self.waits or self.parks or any(self.units.values()))

    def add_units(self, units: Mapping[int, set[int]]) -> None:
        """Let users wait for the units of others, unless that would close a circle."""
        every: dict[int, set[int]] = {number: set(givers) for number, givers in self.waits.items()}
        for number, givers in units.items():
            possible = {giver for giver in givers if not _waits_for(giver, number, every)}
            every.setdefault(number, set()).update(possible)
            self.units[number] = possible


class CircleError(CallingError):
    """Users who wait for each other in a circle that cannot be broken; *numbers* are theirs."""

    def __init__(self, numbers: Sequence[int], names: Sequence[str]) -> None:
        super().__init__(
            f"{', '.join(sorted(names))} exchange what they have, and for none of them is there an extension to be reached by in between.",
            "give one of them an extension, too.",
        )
        self.numbers = set(numbers)


def put_in_order(organization: Organization, users: Sequence[PlannedUser], awaited: Awaited) -> Order:
    """Return the order, and plan the parking of users who wait for each other in a circle.

    *awaited* has, for each user, what they wait for and from whom. Raises CircleError for a circle that cannot be broken.
    """
    order = Order({number: set(givers) for number, givers in awaited.items()})
    waiting_for: dict[int, list[int]] = defaultdict(list)
    for number, givers in awaited.items():
        for giver in givers:
            waiting_for[giver].append(number)
    taken = TakenExtensions(organization, users)
    parked: dict[int, set[Resource]] = defaultdict(set)
    free_of_circles: set[int] = set()
    while circle := _circle(order.waits, free_of_circles):
        giver = _park_one_of(circle, users, awaited, taken, parked)
        for number in waiting_for[giver]:
            if awaited[number][giver] <= parked[giver]:
                order.waits[number].discard(giver)
                order.parks.setdefault(number, set()).add(giver)
    return order


def _waits_for(number: int, other: int, waits: Mapping[int, set[int]]) -> bool:
    """Tell whether user *number* waits for *other*, be it by way of others."""
    seen, left = {number}, [number]
    while left:
        giver = left.pop()
        if giver == other:
            return True
        left += [further for further in waits.get(giver, ()) if further not in seen]
        seen.update(left)
    return False


def _circle(waits: Mapping[int, set[int]], done: set[int]) -> list[int]:
    """Return the numbers of users who wait for each other, each for the next one and the last for the first.

    *done* has those from whom no circle is reached; it grows.
    """
    for start in waits:
        if start in done:
            continue
        path: list[int] = []
        position: dict[int, int] = {}
        branches = [iter((start,))]
        while branches:
            number = next(branches[-1], None)
            if number is None:
                branches.pop()
                if path:
                    del position[path[-1]]
                    done.add(path.pop())
            elif number in position:
                return path[position[number] :]
            elif number not in done:
                position[number] = len(path)
                path.append(number)
                branches.append(iter(sorted(waits.get(number, ()))))
    return []


class TakenExtensions:
    """The extensions of each location that nobody can be parked on."""

    def __init__(self, organization: Organization, users: Sequence[PlannedUser]) -> None:
        self._organization = organization
        self._users = users
        self._taken: dict[str, set[str]] = {}

    def take_free_one(self, place: Location, near: str) -> str | None:
        """Return a free extension of a location like *near*, which nobody else gets from now on."""
        key = bare_id(place.id)
        if key not in self._taken:
            entries = self._organization.entries_of_place(place)
            self._taken[key] = {entry.extension for entry in entries if entry.extension}
            self._taken[key] |= {user.plan.after.extension for user in self._users if user.plan.after.extension}
        extension = free_extension(near, self._taken[key])
        if extension:
            self._taken[key].add(extension)
        return extension


def _park_one_of(
    circle: Sequence[int],
    users: Sequence[PlannedUser],
    awaited: Awaited,
    taken: TakenExtensions,
    parked: dict[int, set[Resource]],
) -> int:
    """Plan the parking of one user of a circle; return who it is. Raises CircleError if nobody of them can be parked."""
    for waiting, giver in zip(circle, [*circle[1:], circle[0]], strict=True):
        resources = awaited[waiting][giver]
        if _park(users[giver], resources, taken):
            parked[giver] |= resources
            return giver
    raise CircleError(circle, [users[number].who for number in circle])


def _park(user: PlannedUser, resources: set[Resource], taken: TakenExtensions) -> bool:
    """Plan a state for a moment in which the user holds none of *resources*; tell whether there is one."""
    parked = user.plan.before
    notes = []
    for resource in sorted(resources):
        if resource[0] == EXTENSION and parked.extension and parked.location_id:
            place = Location(parked.location_id, parked.location or "")
            extension = taken.take_free_one(place, parked.extension)
            if extension is None:
                return False
            notes.append(f"has the extension {extension} for a moment, since {parked.extension} is exchanged")
            parked = replace(parked, extension=extension)
        elif resource[0] == PHONE_NUMBER and parked.extension:
            notes.append(f"has no phone number for a moment, since {parked.phone_number} is exchanged")
            parked = replace(parked, phone_number=None)
        else:
            return False
    earlier = user.parking.notes if user.parking else ()
    user.parking = replace(user.plan, before=user.before, after=parked, notes=(*earlier, *notes))
    user.plan = replace(user.plan, before=parked, notes=(*user.plan.notes, *notes))
    return True
