# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a whole list: who gets what, from whom, and in which order. A list of one user is a list, too."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._client import WebexClient
from .._errors import OptionError, RequestError, WebexError
from .._ids import bare_id
from .._patience import Patience
from .._people import addresses_of
from .bulk_read import BulkOrganization
from .inventory import PERSON as PEOPLE
from .inventory import Entry
from .model import CallingError, CallingState, License, Location, Plan, Wanted, digits
from .move import MOST_USERS, MOVE_SECONDS
from .order import EXTENSION, PHONE_NUMBER, CircleError, Order, Resource, put_in_order
from .organization import Organization, work_numbers
from .plan import DEFAULT_RULES, OldRead, Rules, make_plan
from .scim import requests_to_create
from .settings.base import Setting
from .settings.person import PersonSettings
from .settings_plan import preview_settings, settings_requests
from .wish import wanted_of

PERSON = "person"


@dataclass(slots=True)
class PlannedUser:
    """One user of a list and their plan; ``parking`` goes before it, to make room for others of the list.

    ``settings`` are those that are wanted, as they stand before anything is written, and ``due`` those to be written.
    """

    wanted: Wanted
    plan: Plan
    parking: Plan | None = None
    settings: PersonSettings | None = None
    due: tuple[Setting, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether they need something."""
        return self.plan.changes or bool(self.due)

    @property
    def who(self) -> str:
        """The person, as they were named."""
        return self.wanted.who

    @property
    def before(self) -> CallingState:
        """What the user had before anything was done."""
        return self.parking.before if self.parking else self.plan.before

    def unpark(self) -> None:
        """Plan without a parking, and say nothing of it."""
        if self.parking:
            notes = tuple(note for note in self.plan.notes if note not in self.parking.notes)
            self.plan, self.parking = replace(self.plan, before=self.before, notes=notes), None


@dataclass
class Work:
    """The plans of all users, and the problems of those who have none. Nothing is written yet."""

    users: list[PlannedUser] = field(default_factory=list)
    problems: list[tuple[str, WebexError]] = field(default_factory=list)
    order: Order = field(default_factory=Order)

    @property
    def changes(self) -> list[PlannedUser]:
        """Those who need something."""
        return [user for user in self.users if user.changes]

    def estimate(self, client: WebexClient) -> dict[str, int | None]:
        """Return how many ``requests`` the changes take, and how many ``seconds`` at the pace of *client*; None: unknown."""
        plans = [plan for user in self.users for plan in (user.parking, user.plan) if plan and plan.changes]
        newcomers = sum(user.plan.creates for user in self.users)
        jobs = math.ceil(sum(plan.moves for plan in plans) / MOST_USERS)
        requests = sum(plan.requests for plan in plans) + jobs + sum(map(settings_requests, self.users))
        requests += requests_to_create(newcomers)
        rate = client.requests_per_second
        return {"requests": requests, "seconds": math.ceil(requests / rate + jobs * MOVE_SECONDS) if rate else None}


def check_each(users: Iterable[Mapping[str, Any]]) -> tuple[list[Wanted], list[tuple[str, WebexError]]]:
    """Return the users of a list (options of ``calling_user``) that are sound by themselves, and what the others lack."""
    sound: list[Wanted] = []
    problems: list[tuple[str, WebexError]] = []
    for number, options in enumerate(users, start=1):
        try:
            sound.append(wanted_of(options))
        except OptionError as error:
            problems.append((options.get("email") or options.get("person_id") or f"user {number}", error))
    return sound, problems


def read_and_plan(organization: BulkOrganization, users: Sequence[Wanted], rules: Rules, patience: Patience) -> Work:
    """Read the organization and return the plan; read again, within *patience*, if what was read contradicts itself."""
    for _look in patience.looks():
        organization.read()
        work = plan_all(organization, users, rules)
        if not any(isinstance(error, OldRead) for _who, error in work.problems):
            break
    preview_settings(organization.client, work.users, organization.workers)
    return work


def plan_all(organization: Organization, users: Iterable[Wanted], rules: Rules = DEFAULT_RULES) -> Work:
    """Return the plan of every user, and all problems at once: against the organization, and between the users.

    Raises RequestError if the organization cannot be read.
    """
    work, units = Work(), Units(organization.licenses)
    # Those who give a unit back come first: the next ones may need it.
    for wanted in sorted(users, key=lambda wanted: wanted.state != "absent"):
        try:
            plan = make_plan(organization, wanted, rules)
        except WebexError as error:
            if isinstance(error, RequestError):
                raise
            work.problems.append((wanted.who, error))
            continue
        # What else was read of thousands is not kept.
        after = plan.after if plan.changes else plan.before
        user = PlannedUser(wanted, replace(plan, person=_kept_of(plan.person), after=after))
        units.book(user)
        work.users.append(user)
    _settle_claims(organization, work)
    work.order.add_units(units.waits(work.users))
    return work


def _kept_of(person: Mapping[str, Any]) -> dict[str, Any]:
    return {key: person[key] for key in ("id", "emails", "displayName") if key in person}


class Units:
    """Books the units of licenses that plans take and give back, so that each plan sees what is free then."""

    def __init__(self, licenses: list[License]) -> None:
        self._licenses = licenses
        self._free = {license_.id: license_.free for license_ in licenses}
        self._givers: dict[str, list[PlannedUser]] = defaultdict(list)
        self._taken_over: list[tuple[PlannedUser, PlannedUser]] = []

    def book(self, user: PlannedUser) -> None:
        """Note what the plan of a user takes and gives, and from whom it takes over."""
        if not user.plan.changes or not user.plan.changes_license:
            return
        before = {license_.id for license_ in user.plan.before.licenses}
        after = {license_.id for license_ in user.plan.after.licenses}
        for license_id in before - after:
            self._givers[license_id].append(user)
            self._count(license_id, -1)
        for license_id in after - before:
            self._count(license_id, +1)
            self._free[license_id] -= 1
            if self._free[license_id] < 0 and self._givers[license_id]:
                self._taken_over.append((user, self._givers[license_id].pop(0)))

    def waits(self, users: Sequence[PlannedUser]) -> dict[int, set[int]]:
        """Return, by number, whose unit a user takes over."""
        numbers = {id(user): number for number, user in enumerate(users)}
        waits: dict[int, set[int]] = defaultdict(set)
        for user, giver in self._taken_over:
            if id(user) in numbers and id(giver) in numbers:
                waits[numbers[id(user)]].add(numbers[id(giver)])
        return waits

    def _count(self, license_id: str, change: int) -> None:
        for index, license_ in enumerate(self._licenses):
            if license_.id == license_id:
                self._licenses[index] = replace(license_, consumed=license_.consumed + change)


# Claims: an extension or a number that a user of the list gets must be free, or be given up by another one of the list.


def holdings(state: CallingState) -> set[Resource]:
    """Return the extension and the number of a state, as what only one can have."""
    if state.license is None:
        return set()
    held: set[Resource] = set()
    if state.extension:
        held.add((EXTENSION, bare_id(state.location_id or ""), state.extension))
    if state.phone_number:
        held.add((PHONE_NUMBER, digits(state.phone_number)))
    return held


def _settle_claims(organization: Organization, work: Work) -> None:
    """Find out who waits for whom; users whose claims cannot be met become problems, and so do those who need them."""
    while True:
        for user in work.users:
            user.unpark()
        refused = _refuse_double_claims(work.users)
        if not refused:
            awaited, refused = _match_claims(organization, work.users)
        if not refused:
            try:
                work.order = put_in_order(organization, work.users, awaited)
            except CircleError as error:
                refused = dict.fromkeys(error.numbers, error)
            else:
                return
        work.problems += [(work.users[number].who, error) for number, error in sorted(refused.items())]
        work.users = [user for number, user in enumerate(work.users) if number not in refused]


def _refuse_double_claims(users: Sequence[PlannedUser]) -> dict[int, WebexError]:
    """Return an error for each user for whom another one of the list has, or gets, the same."""
    claims: dict[Resource, int] = {}
    refused: dict[int, WebexError] = {}
    for number, user in enumerate(users):
        claimed = {(PERSON, user.plan.person.get("id") or user.who.lower()), *holdings(user.plan.after)}
        for claim in sorted(claimed) if not claims.keys().isdisjoint(claimed) else ():
            if claim in claims:
                other = users[claims[claim]].who
                what = f"{claim[0]} ({claim[-1]})"
                refused[number] = CallingError(
                    f"{user.who} and {other} are to have the same {what}.", "correct the list."
                )
        if number not in refused:
            claims.update(dict.fromkeys(claimed, number))
    return refused


def _match_claims(
    organization: Organization, users: Sequence[PlannedUser]
) -> tuple[dict[int, dict[int, set[Resource]]], dict[int, WebexError]]:
    """Return what each user waits for and from whom, and an error for each claim that nobody of the list gives up."""
    # Only those who change something give something up.
    givers = {
        bare_id(user.plan.person["id"]): number
        for number, user in enumerate(users)
        if user.plan.changes and user.plan.before.license
    }
    awaited: dict[int, dict[int, set[Resource]]] = {}
    refused: dict[int, WebexError] = {}
    for number, user in enumerate(users):
        plan = user.plan
        if not plan.changes:
            continue
        for resource in sorted(holdings(plan.after) - holdings(plan.before)):
            for entry in _entries(organization, resource, plan.after):
                if not entry.owner_id or entry.is_of(plan.person.get("id")):
                    continue
                giver = givers.get(bare_id(entry.owner_id))
                if giver is not None and resource in holdings(users[giver].plan.before) - holdings(
                    users[giver].plan.after
                ):
                    awaited.setdefault(number, {}).setdefault(giver, set()).add(resource)
                else:
                    refused[number] = _refusal(organization, user, resource, entry)
    return awaited, refused


def _entries(organization: Organization, resource: Resource, state: CallingState) -> list[Entry]:
    if resource[0] == PHONE_NUMBER:
        return organization.entries_of_number(str(state.phone_number))
    if not state.location_id:
        return []
    return organization.entries_of_extension(Location(state.location_id, state.location or ""), str(state.extension))


def _refusal(organization: Organization, user: PlannedUser, resource: Resource, entry: Entry) -> CallingError:
    """Return the error for a resource that somebody else has; OldRead if the owner, read by themselves, contradicts that."""
    owner = organization.person_now(entry.owner_id) if entry.owner_id and entry.owner_type == PEOPLE else None
    if owner and user.plan.creates and user.who.lower() in map(str.lower, addresses_of(owner)):
        return OldRead(
            f"Webex does not find {user.who}, but shows that they have the {resource[0]} {resource[-1]}: one of both is old.",
            "run again in a while.",
        )
    is_old = owner is not None and _is_contradicted(owner, resource)
    return _taken(resource, user.plan.after, entry, OldRead if is_old else CallingError)


def _is_contradicted(owner: Mapping[str, Any], resource: Resource) -> bool:
    """Tell whether the owner of a resource, read by themselves, does not have it: one of the two reads is old."""
    if resource[0] == PHONE_NUMBER:
        return resource[-1] not in map(digits, work_numbers(owner))
    return resource != (EXTENSION, bare_id(str(owner.get("locationId") or "")), owner.get("extension"))


def _taken(resource: Resource, state: CallingState, entry: Entry, kind: type[CallingError]) -> CallingError:
    where = f" in {state.location or state.location_id}" if resource[0] == EXTENSION else ""
    value = state.extension if resource[0] == EXTENSION else state.phone_number
    return kind(
        f"The {resource[0]} {value}{where} is in use by {entry.owner}.", "choose another one, or free it first."
    )
