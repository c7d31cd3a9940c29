# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims: an extension or a number that a user of a list gets must be free, or be given up by another one of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._errors import WebexError
from .._ids import bare_id
from .._people import addresses_of
from .inventory import PERSON as PEOPLE
from .inventory import Entry
from .model import CallingError, CallingState, Location, digits
from .order import EXTENSION, PHONE_NUMBER, CircleError, Order, Resource, put_in_order
from .organization import Organization, work_numbers
from .plan import OldRead
from .planned_user import PlannedUser

PERSON = "person"


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


@dataclass
class Settled:
    """The *users* whose claims can be met, their *order*, and the *problems* of the others."""

    users: list[PlannedUser]
    order: Order = field(default_factory=Order)
    problems: list[tuple[str, WebexError]] = field(default_factory=list)


def settle_claims(organization: Organization, users: Sequence[PlannedUser]) -> Settled:
    """Find out who waits for whom; users whose claims cannot be met become problems, and so do those who need them."""
    settled = Settled(list(users))
    while True:
        for user in settled.users:
            user.unpark()
        refused = _refuse_double_claims(settled.users)
        if not refused:
            awaited, refused = _match_claims(organization, settled.users)
        if not refused:
            try:
                settled.order = put_in_order(organization, settled.users, awaited)
            except CircleError as error:
                refused = dict.fromkeys(error.numbers, error)
            else:
                return settled
        settled.problems += [(settled.users[number].who, error) for number, error in sorted(refused.items())]
        settled.users = [user for number, user in enumerate(settled.users) if number not in refused]


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
