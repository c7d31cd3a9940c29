# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which phone numbers a location shall have: what is asked for, what there is, and what has to be written.

Nothing is written here, and no number is planned to be taken away from anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._client import WebexClient
from .._errors import OptionError
from .._ids import same_id
from .._page_sizes import NUMBERS_PER_PAGE
from .inventory import NUMBERS_PATH, owner_name
from .model import CallingError, Location, digits
from .organization import Organization, some
from .pstn import refuse_integrated_pstn
from .wish import plain_number

PRESENT, ABSENT, ACTIVE, INACTIVE = "present", "absent", "active", "inactive"
STATES = (PRESENT, ABSENT, ACTIVE, INACTIVE)
ADD, ACTIVATE, DEACTIVATE, REMOVE = "add", "activate", "deactivate", "remove"
# What `numberType` of a new number is called here. A mobile number is an order to a carrier, and not offered.
NUMBER_TYPES = {"did": "DID", "toll_free": "TOLLFREE"}

# Items of GET /telephony/config/numbers, by the digits of their numbers.
Inventory = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class WantedNumbers:
    """What is asked for: these numbers of a location, in a state. ``number_type`` is for those that are added."""

    location: str
    numbers: tuple[str, ...]
    state: str = PRESENT
    number_type: str | None = None

    def checked(self) -> WantedNumbers:
        """Return the same with plain numbers, each once; raises OptionError for what is no number in E.164."""
        if not self.numbers:
            raise OptionError("phone_numbers", "is empty.", "give at least one number.")
        plain = [plain_number(number) or "" for number in self.numbers]
        wrong = [text for text, number in zip(self.numbers, plain, strict=True) if not number.startswith("+")]
        if wrong:
            raise OptionError(
                "phone_numbers", f"no country code: {some(map(repr, wrong))}.", "write E.164: +493055501234."
            )
        return replace(self, numbers=tuple(dict.fromkeys(plain)))

    def action_for(self, item: Mapping[str, Any] | None) -> str | None:
        """Return what has to be done with a number that the inventory has as *item*, None for not at all."""
        if self.state == ABSENT:
            return REMOVE if item else None
        if item is None:
            return ADD
        is_active = item.get("state") != "INACTIVE"
        if self.state == ACTIVE and not is_active:
            return ACTIVATE
        return DEACTIVATE if self.state == INACTIVE and is_active else None


@dataclass(frozen=True)
class NumberPlan:
    """The way from ``before``, what the inventory of the location has of the numbers, to what is wanted."""

    wanted: WantedNumbers
    place: Location
    before: Inventory

    @property
    def steps(self) -> dict[str, list[str]]:
        """The numbers, by what has to be done with them."""
        steps: dict[str, list[str]] = {}
        for number in self.wanted.numbers:
            action = self.wanted.action_for(self.before.get(digits(number)))
            if action:
                steps.setdefault(action, []).append(number)
        return steps

    def undone(self, numbers: Iterable[str], inventory: Inventory) -> list[str]:
        """Return those of *numbers* with which something has to be done still, by *inventory*."""
        return [number for number in numbers if self.wanted.action_for(inventory.get(digits(number)))]

    @property
    def after(self) -> list[dict[str, Any]]:
        """The items of the numbers as they will be, as far as it is known before."""
        if self.wanted.state == ABSENT:
            return []
        place = {"id": self.place.id, "name": self.place.name}
        state = {} if self.wanted.state == PRESENT else {"state": self.wanted.state.upper()}
        known = ((number, self.before.get(digits(number))) for number in self.wanted.numbers)
        return [{**(item or {"phoneNumber": number, "location": place}), **state} for number, item in known]

    def difference(self) -> dict[str, dict[str, str]]:
        """Return ``before`` and ``after``: the state of each number that changes."""
        changing = [number for numbers in self.steps.values() for number in numbers]
        before = {number: _state_of(self.before.get(digits(number))) for number in changing}
        return {"before": before, "after": dict.fromkeys(changing, self.wanted.state)}


def _state_of(item: Mapping[str, Any] | None) -> str:
    return str(item.get("state") or PRESENT).lower() if item else ABSENT


def plan_numbers(client: WebexClient, wanted: WantedNumbers) -> NumberPlan:
    """Return what has to be done, after reading what is; if that is nothing, the inventory is read once.

    Raises OptionError for what is wrong by itself, CallingError for what cannot be done.
    """
    wanted = wanted.checked()
    place = Organization(client).location(wanted.location)
    plan = NumberPlan(wanted, place, read_inventory(client, place))
    if ADD in plan.steps:
        # Whether another location has a number, only the whole inventory tells. It is the newer read of this one, too.
        everything = _items(client)
        plan = replace(plan, before=_of_place(place, everything))
        _refuse_elsewhere(plan.steps.get(ADD, []), everything)
    if plan.steps:
        refuse_unfit(plan.steps, plan.before)
        refuse_integrated_pstn(client, place)
    return plan


def read_inventory(client: WebexClient, place: Location) -> Inventory:
    """Return the phone numbers of *place*."""
    return _of_place(place, _items(client, locationId=place.id))


def _of_place(place: Location, items: Inventory) -> Inventory:
    return {key: item for key, item in items.items() if same_id((item.get("location") or {}).get("id"), place.id)}


def _items(client: WebexClient, **query: str) -> Inventory:
    pages = client.pages(NUMBERS_PATH, "phoneNumbers", max=NUMBERS_PER_PAGE, **query, **client.org_params)
    return {digits(item["phoneNumber"]): item for item in pages if item.get("phoneNumber")}


def refuse_unfit(steps: Mapping[str, list[str]], inventory: Inventory) -> None:
    """Raise CallingError if something is planned for a number that is not to be had for it, by *inventory*.

    Numbers that somebody has are neither removed nor deactivated. The main number of a location cannot be removed, and
    the state of mobile numbers not changed (Cisco's OpenAPI, "Remove phone numbers", "Manage Number State").
    """
    for action, numbers in steps.items():
        flaws = {number: _flaw(action, inventory.get(digits(number)) or {}) for number in numbers}
        unfit = [f"{number} ({flaw})" for number, flaw in flaws.items() if flaw]
        if unfit:
            raise CallingError(
                f"The task is to {action} numbers with which that must not be done: {some(unfit)}.",
                "take them out of the list. A number that somebody has must be taken from them first, for example with "
                "`collabops.webex.calling_user`; for another main number and for mobile numbers see Control Hub.",
            )


def _flaw(action: str, item: Mapping[str, Any]) -> str | None:
    if action in (REMOVE, DEACTIVATE) and item.get("owner"):
        return f"it belongs to {owner_name(item['owner'])}"
    if action == REMOVE and item.get("mainNumber") is True:
        return "it is the main number of the location"
    return "it is a mobile number" if item.get("includedTelephonyTypes") == "MOBILE_NUMBER" else None


def _refuse_elsewhere(numbers: list[str], everything: Inventory) -> None:
    """Raise CallingError if the inventory has one of *numbers*, which their location does not have."""
    places = {
        number: everything[digits(number)].get("location") or {} for number in numbers if digits(number) in everything
    }
    taken = [f"{number} ({place.get('name') or 'without a location'})" for number, place in places.items()]
    if taken:
        raise CallingError(
            f"These numbers are in the inventory already, but not of this location: {some(taken)}.",
            "take them out of the list, or move them in Control Hub (Calling, Numbers) first.",
        )
