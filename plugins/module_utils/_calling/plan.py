# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done for one person: from what is read to what is wanted. Nothing is written here.

Whether an extension or a number is free is not decided here but in bulk_plan: another user of the list may give it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .inventory import refuse_inactive, refuse_number
from .licenses import ALLOW, choose, refuse_downgrade
from .model import NO_CALLING, CallingError, CallingState, License, Location, Plan, Wanted, same_number
from .organization import Organization


@dataclass(frozen=True)
class Rules:
    """What the user of this collection allows."""

    allow_move: bool = False
    license_overage: str = ALLOW
    allow_inactive_numbers: bool = False
    create_people: bool = False
    release: bool = False


DEFAULT_RULES = Rules()


class OldRead(CallingError):
    """What was read contradicts itself, so that something of it must be old: nothing is written on its strength."""


def make_plan(organization: Organization, wanted: Wanted, rules: Rules = DEFAULT_RULES) -> Plan:
    """Return what has to be done for one user, after reading what is; nothing is written.

    Raises CallingError if it cannot be done, and says why; OldRead if it is worth to read again.
    """
    person = organization.person(wanted)
    is_missing = person is None
    if person is None:
        if wanted.state == "absent":
            return Plan({"emails": [wanted.email] if wanted.email else []}, NO_CALLING, NO_CALLING)
        person = _new_person(wanted, rules)
    before = organization.state_of(person)
    if wanted.state == "absent":
        return Plan(_known_of(person), before, NO_CALLING)
    choice = choose(organization.licenses, wanted.license, before.licenses, rules.license_overage)
    refuse_downgrade(wanted.who, before.license, choice.license)
    place = organization.location(wanted.location) if wanted.location else _place_of(before)
    notes = [choice.note] if choice.note else []
    number = None if wanted.remove_phone_number else before.phone_number
    if wanted.phone_number and not same_number(wanted.phone_number, before.phone_number):
        entries = organization.entries_of_number(wanted.phone_number)
        entry = refuse_number(wanted.phone_number, entries, place, person.get("id"))
        note = refuse_inactive(entry, rules.allow_inactive_numbers)
        notes += [note] if note else []
        number, place = entry.phone_number, place or entry.place
    after = CallingState(
        license=choice.license,
        location_id=place.id if place else before.location_id,
        location=(place.name or None) if place else before.location,
        extension=wanted.extension or before.extension,
        phone_number=number,
        further=_further(before, choice.license),
    )
    plan = Plan(_known_of(person), before, after, tuple(notes), creates=is_missing)
    if plan.changes or (before.license and not before.location_id):
        _refuse_impossible(organization, person, wanted, plan, rules)
    # Of thousands, most have nothing to do: their state is kept once.
    return plan if plan.changes else replace(plan, after=before)


def _known_of(person: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan needs of a person: what else was read of thousands is not kept."""
    return {key: person[key] for key in ("id", "emails", "displayName") if key in person}


def _new_person(wanted: Wanted, rules: Rules) -> dict[str, Any]:
    """Return a person to be created. Raises CallingError if nobody is to be created, or if their name is missing."""
    missing = f"There is no person {wanted.who} in this organization"
    if not rules.create_people:
        raise CallingError(
            f"{missing}.",
            "create the person first (create_people=true does it), or correct the address or id; without the scope "
            "spark-admin:people_read, a token sees only its owner.",
        )
    if not wanted.email:
        raise CallingError(f"{missing}.", "give the email of somebody who is to be created, or correct the id.")
    if not wanted.full_name:
        raise CallingError(
            f"{missing}, and without a name none can be created.", "give display_name, or first_name and last_name."
        )
    return {"emails": [wanted.email], "displayName": wanted.full_name}


def _place_of(state: CallingState) -> Location | None:
    return Location(state.location_id, state.location or "") if state.location_id else None


def _further(before: CallingState, chosen: License) -> tuple[License, ...]:
    """Return the calling licenses that are held beside the chosen one; a new one replaces the first."""
    held = [license_ for license_ in before.licenses if license_.id != chosen.id]
    return tuple(held if len(held) < len(before.licenses) else held[1:])


def _refuse_impossible(
    organization: Organization, person: Mapping[str, Any], wanted: Wanted, plan: Plan, rules: Rules
) -> None:
    before, after = plan.before, plan.after
    if before.license and not before.location_id:
        raise OldRead(
            f"{wanted.who} has the license {before.license.name}, but no location: Webex has not set up calling for "
            f"them, or does not show it yet.",
            "run again in a while; if it stays, take calling away with state=absent, then enable the user again.",
        )
    if not after.extension and not after.phone_number:
        raise CallingError(
            f"Without the phone number, {wanted.who} has neither a number nor an extension.", "give an extension."
        )
    if plan.moves and not rules.allow_move:
        raise CallingError(
            f"{wanted.who} has calling in another location ({before.location or before.location_id}) already, and "
            f"Webex does not change the location of a calling user by a license.",
            "allow the move with allow_move=true, or take calling away first with state=absent.",
        )
    if before.license and plan.changes_license and not wanted.phone_number and not wanted.remove_phone_number:
        _refuse_to_lose_a_number(organization, person, wanted, plan)


def _refuse_to_lose_a_number(organization: Organization, person: Mapping[str, Any], wanted: Wanted, plan: Plan) -> None:
    """Raise OldRead if a new license might be given without the number that the person has."""
    remedy = "run again in a while; if it stays, give `phone_number`, or remove_phone_number=true."
    number = organization.unowned_number_of(person)
    if number:
        raise OldRead(
            f"{wanted.who} has the phone number {number}, but in the inventory nobody owns it: one of the two is old, "
            f"and a new license must carry the number.",
            remedy,
        )
    place = _place_of(plan.before)
    for entry in organization.entries_of_place(place) if place else ():
        is_theirs = entry.is_of(plan.person.get("id")) and entry.primary and entry.phone_number
        if is_theirs and not same_number(entry.phone_number, plan.before.phone_number):
            raise OldRead(
                f"In the inventory, {wanted.who} has the phone number {entry.phone_number}, which the person does not "
                f"show: one of the two is old, and a new license must carry the number.",
                remedy,
            )
