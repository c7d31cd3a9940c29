# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Webex Calling for a person consists of: licenses, locations, the state of a person, a wish, a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .._errors import WebexError
from .._ids import bare_id, same_id

PROFESSIONAL, STANDARD = "professional", "standard"
# Older organizations call Standard Basic.
_TIERS = {PROFESSIONAL: PROFESSIONAL, STANDARD: STANDARD, "basic": STANDARD}
# Licenses of devices, and of other services: not even a license that is named in full is taken for these.
_NEVER_CALLING = re.compile(r"workspace|common area|hot ?desk|messag|meeting|webinar|event")


class CallingError(WebexError):
    """What was asked for cannot be done, as the organization is: found before anything was written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user of this collection asks for, checked by itself. None means: leave it as it is.

    ``settings`` are options of the package `settings`, in their plain form.
    """

    email: str | None = None
    person_id: str | None = None
    state: str = "present"
    license: str | None = None
    location: str | None = None
    extension: str | None = None
    phone_number: str | None = None
    remove_phone_number: bool = False
    # Of somebody who has to be created; the names of those who exist stay as they are.
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    settings: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def full_name(self) -> str:
        """The display name, or else the first and last name; nothing if one of the two is missing: half a name is none."""
        both = f"{self.first_name} {self.last_name}" if self.first_name and self.last_name else ""
        return self.display_name or both

    @property
    def who(self) -> str:
        """The person, as they were named."""
        return self.email or self.person_id or "?"


@lru_cache(maxsize=512)
def _tier(name: str) -> str | None:
    return next((tier for word, tier in _TIERS.items() if word in name.lower()), None)


@lru_cache(maxsize=512)
def _is_calling(name: str, named: bool) -> bool:
    return ("webex calling" in name.lower() or named) and not _NEVER_CALLING.search(name.lower())


@dataclass(frozen=True, slots=True)
class License:
    """A license of one subscription. ``named``: a task names it in full, and so takes it for a calling license."""

    id: str
    name: str
    subscription: str
    total: int
    consumed: int
    named: bool = False

    @classmethod
    def from_webex(cls, item: dict[str, Any], named: frozenset[str] = frozenset()) -> License:
        """Return the license that an item of ``GET /licenses`` is; *named* are names and ids in lower case."""
        name, license_id = str(item.get("name", "")), str(item["id"])
        return cls(
            id=license_id,
            name=name,
            subscription=str(item.get("subscriptionId", "")),
            total=int(item.get("totalUnits", 0)),
            consumed=int(item.get("consumedUnits", 0)),
            named=name.lower() in named or license_id.lower() in named,
        )

    @property
    def is_calling(self) -> bool:
        """Whether a person who holds it has calling. Names vary by subscription; Cisco renamed them in January 2026."""
        return _is_calling(self.name, self.named)

    @property
    def tier(self) -> str | None:
        """``professional`` or ``standard``; None for no calling license, and for one whose name does not say."""
        return _tier(self.name) if self.is_calling else None

    @property
    def free(self) -> float:
        """The free units as Webex counts them, which lags behind; -1 units in total means unlimited."""
        return float("inf") if self.total < 0 else self.total - self.consumed

    def units(self) -> str:
        """Return the use of the license, for a message."""
        return f"{self.name} ({self.subscription or 'no subscription'}): {self.consumed} of {self.total} units in use"


@dataclass(frozen=True, slots=True)
class Location:
    """A location that is enabled for calling."""

    id: str
    name: str
    routing_prefix: str = ""


@dataclass(frozen=True, slots=True)
class CallingState:
    """The calling side of a person. Without a license everything is None.

    ``further`` are calling licenses that are held beside ``license``; they stay, until calling is taken away.
    """

    license: License | None = None
    location_id: str | None = None
    location: str | None = None
    extension: str | None = None
    phone_number: str | None = None
    further: tuple[License, ...] = ()

    @property
    def licenses(self) -> tuple[License, ...]:
        """All calling licenses."""
        return (self.license, *self.further) if self.license else ()

    def shown(self) -> dict[str, Any]:
        """Return the state as results and diffs show it."""
        return {
            "enabled": self.license is not None,
            "license": self.license.name if self.license else None,
            "license_id": self.license.id if self.license else None,
            "location": self.location,
            "location_id": self.location_id,
            "extension": self.extension,
            "phone_number": self.phone_number,
        }

    def line(self) -> str:
        """Return the state in one line, for the diff of a long list."""
        if self.license is None:
            return "no calling"
        place = self.location or self.location_id or "no location"
        return f"{self.license.name}, {place}, {self.extension or '-'}, {self.phone_number or '-'}"


NO_CALLING = CallingState()


@dataclass(frozen=True, slots=True)
class Plan:
    """One user's way from *before* to *after*. The requests that write follow from it; if both are equal: none.

    ``notes`` say what the user should know of the way, for example a license without free units. ``creates``: there is no
    such person yet, so they have an address and a name, and no id until Webex says one.
    """

    person: dict[str, Any]
    before: CallingState
    after: CallingState
    notes: tuple[str, ...] = field(default=())
    creates: bool = False

    @property
    def known_as(self) -> Wanted:
        """The person by the surest that is known of them: the id, else the address."""
        if self.person.get("id"):
            return Wanted(person_id=str(self.person["id"]))
        return Wanted(email=next(iter(self.person.get("emails") or ()), None))

    @property
    def key(self) -> str:
        """What tells the person from others: the bare id, else the address."""
        return bare_id(self.known_as.who)

    @property
    def changes_license(self) -> bool:
        """Whether the person gets or loses a license, or another one in its place."""
        before, after = self.before.licenses, self.after.licenses
        return before != after and {license_.id for license_ in before} != {license_.id for license_ in after}

    @property
    def license_operations(self) -> list[dict[str, Any]]:
        """What ``PATCH /licenses/users`` is sent; an added license carries location, extension and number."""
        after = self.after
        kept = {license_.id for license_ in after.licenses}
        held = {license_.id for license_ in self.before.licenses}
        operations: list[dict[str, Any]] = [
            {"id": license_.id, "operation": "remove"} for license_ in self.before.licenses if license_.id not in kept
        ]
        if after.license and after.license.id not in held:
            properties = {
                "locationId": after.location_id,
                "phoneNumber": after.phone_number,
                "extension": after.extension,
            }
            known = {key: value for key, value in properties.items() if value}
            operations.append({"id": after.license.id, "operation": "add", "properties": known})
        return operations

    @property
    def moves(self) -> bool:
        """Whether a person who has calling gets another location."""
        before, after = self.before, self.after
        knows = bool(before.license and after.license and before.location_id and after.location_id)
        return knows and not same_id(before.location_id, after.location_id)

    @property
    def changes_extension(self) -> bool:
        """Whether a person who keeps calling gets another extension."""
        return self._keeps_calling and self.after.extension != self.before.extension

    @property
    def changes_number(self) -> bool:
        """Whether a person who keeps calling gets another phone number, or loses theirs."""
        return self._keeps_calling and self.after.phone_number != self.before.phone_number

    @property
    def _keeps_calling(self) -> bool:
        return bool(self.before.license and self.after.license)

    @property
    def changes_person(self) -> bool:
        """Whether ``PUT /people/{id}`` is needed: neither a license request nor a move brings the change about."""
        return not self.changes_license and not self.moves and (self.changes_extension or self.changes_number)

    def is_done(self, state: CallingState) -> bool:
        """Tell whether *state*, as read, is what this plan leads to. What the plan leaves open may be anything."""
        after = self.after
        held, kept = {license_.id for license_ in state.licenses}, {license_.id for license_ in after.licenses}
        given_up = {license_.id for license_ in self.before.licenses} - kept
        if after.license is None:
            return state.license is None
        return (
            after.license.id in held
            and not given_up & held
            and (not after.location_id or same_id(state.location_id, after.location_id))
            and after.extension in (None, state.extension)
            and (same_number(state.phone_number, after.phone_number) or not after.phone_number)
            and not (self.removes_number and state.phone_number)
        )

    @property
    def removes_number(self) -> bool:
        """Whether a person who keeps calling loses the phone number."""
        return bool(self.after.license and self.before.phone_number and not self.after.phone_number)

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        # Of thousands, most have nothing to do: their state is then kept once.
        return self.before is not self.after and (self.changes_license or self.moves or self.changes_person)

    @property
    def requests(self) -> int:
        """How many requests the change takes, but for the job of a move: a person is read anew before they are changed."""
        return self.changes_license + 2 * self.changes_person

    @property
    def action(self) -> str:
        """What is done, in a word: ``none``, ``enable``, ``update``, ``move`` or ``disable``."""
        if not self.changes:
            return "none"
        if self.moves:
            return "move"
        if self.after.license is None:
            return "disable"
        return "update" if self.before.license else "enable"


def undecorated(number: str) -> str:
    """Return a phone number without blanks, brackets and the like."""
    return re.sub(r"[\s().\-/]", "", number)


def digits(number: str | None) -> str:
    """Return the digits of a phone number; nothing for none."""
    return re.sub(r"\D", "", number or "")


def same_number(first: str | None, second: str | None) -> bool:
    """Tell whether two phone numbers have the same digits."""
    return bool(first and second) and digits(first) == digits(second)
