# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the plan of one person: one request, sent once.

The way that Cisco recommends is ``PATCH /licenses/users``; the extension and the number of a person who has calling
already are changed with ``PUT /people/{id}`` (Cisco's OpenAPI, "Assign Licenses to Users" and "Update a Person").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._client import Answer, WebexClient
from .._errors import RequestError, WebexError
from .._ids import as_segment
from .._people import primary_address, put_body
from .licenses import held_of
from .model import CallingError, CallingState, License, Plan, digits, same_number
from .organization import Organization
from .plan import OldRead

LICENSES_PATH = "/licenses/users"


class OldPlan(OldRead):
    """Webex's answer shows that the plan was made from an old read; *licenses* are what it says the person has."""

    def __init__(self, message: str, licenses: Sequence[License]) -> None:
        super().__init__(message, "run again: by then Webex shows what it has.")
        self.licenses = tuple(licenses)


class NotGranted(CallingError):
    """Webex did not give a license that was asked for."""


def write(client: WebexClient, organization: Organization, plan: Plan) -> tuple[License, ...] | None:
    """Send what *plan* says, but for a move, once. Return the calling licenses that the answer says the person has.

    None: it does not say. *organization* must be an uncached one. Raises RequestError with what Webex said,
    NotGranted if a license was not granted, OldRead if the plan does not fit what is.
    """
    if plan.changes_license:
        return assign(client, organization, plan)
    if plan.changes_person:
        change_person(client, organization, plan)
    return None


def assign(client: WebexClient, organization: Organization, plan: Plan) -> tuple[License, ...] | None:
    """Send the license request, and compare the answer with the plan.

    200 says which licenses the user now has; 206: some were refused, and what comes back tells which (Cisco's OpenAPI).
    """
    answer = _patch(client, plan, plan.license_operations)
    licenses = _licenses_in(answer, organization)
    if licenses is None:
        if answer.status == 206:
            raise RequestError(
                f"PATCH {LICENSES_PATH} was answered with 206, without the licenses that the user has now.",
                "look at the user in Control Hub.",
                request=f"PATCH {LICENSES_PATH}",
                unclear=True,
            )
        return None
    has = {license_.id for license_ in licenses}
    before, after = ({license_.id for license_ in state.licenses} for state in (plan.before, plan.after))
    if plan.after.license and plan.after.license.id not in has:
        raise _not_granted(client, plan, plan.after.license, answer.status, has)
    if not before and has - after:
        _take_back(client, plan)
        licenses = tuple(license_ for license_ in licenses if license_.id not in after)
    if has != after:
        names = ", ".join(license_.name for license_ in licenses)
        raise OldPlan(
            f"Webex says that the user has these calling licenses: {names}. The read before was old.", licenses
        )
    return licenses


def _patch(client: WebexClient, plan: Plan, operations: list[dict[str, Any]]) -> Answer:
    """Send the request; of a person who was just created, the answer says the id (Cisco's OpenAPI)."""
    whom = plan.known_as
    who = {"personId": whom.person_id} if whom.person_id else {"email": whom.email}
    answer = client.patch(LICENSES_PATH, {**who, **client.org_params, "licenses": operations})
    if not whom.person_id and (answer.data or {}).get("personId"):
        plan.person["id"] = answer.data["personId"]
    return answer


def _licenses_in(answer: Answer, organization: Organization) -> tuple[License, ...] | None:
    data = answer.data or {}
    if not isinstance(data.get("licenses"), list):
        return None
    return tuple(held_of(data, organization.calling_licenses))


def _take_back(client: WebexClient, plan: Plan) -> None:
    """Take back what was just given to a person as a newcomer, who turned out to have another license."""
    given = plan.after.licenses
    try:
        _patch(client, plan, [{"id": license_.id, "operation": "remove"} for license_ in given])
    except RequestError as error:
        names = ", ".join(license_.units() for license_ in given)
        raise CallingError(
            f"The user had another calling license, which the read before did not show, and got {names} beside it. It "
            f"could not be taken back: {error.message}",
            "take the second license away in Control Hub.",
        ) from None


def _not_granted(client: WebexClient, plan: Plan, wanted: License, status: int, has: set[str]) -> NotGranted:
    """Return the error for a license that was not granted; what was taken away for it is given back if it can be."""
    lost = plan.before.license
    message = (
        f"PATCH {LICENSES_PATH} was answered with {status}: Webex did not grant {wanted.units()}, without saying why."
    )
    if lost is None or lost.id in has:
        message += " The user's licenses are as they were."
    else:
        message += f" {lost.name}, which was to make room for it, was taken away. {give_back(client, plan)}"
    return NotGranted(message, "most often no unit is free any more: look at `collabops.webex.license_info`.")


def give_back(client: WebexClient, plan: Plan) -> str:
    """Give a person back the calling license that a swap has taken; return a sentence that says how that ended."""
    back = Plan(plan.person, CallingState(), plan.before)
    try:
        answer = _patch(client, plan, back.license_operations)
    except WebexError as error:
        return f"It could not be given back, so that the user has no calling now: {error.message}"
    given = plan.before.license
    held = (answer.data or {}).get("licenses")
    if given and isinstance(held, list) and not held_of({"licenses": held}, [given]):
        return "It could not be given back either, so that the user has no calling now."
    return "It was given back."


def change_person(client: WebexClient, organization: Organization, plan: Plan) -> None:
    """Send what changes of a person who keeps calling, and what Webex demands beside it: name and addresses.

    The person is read anew. Raises OldRead, before anything is sent, if that read is not of the person as they are known.
    """
    person = organization.person(plan.known_as)
    if person is None:
        raise CallingError("The person is not there any more.", "look whether somebody deleted the person.")
    if not fits(plan, person, organization.state_of(person)):
        raise OldRead(
            "Webex shows the user in two different ways, so that one of them is old; nothing was written.", "run again."
        )
    changes: dict[str, Any] = {}
    if plan.changes_extension:
        changes["extension"] = plan.after.extension
    if plan.changes_number:
        changes["phoneNumbers"] = _numbers(organization, person, plan)
    primary = primary_address(client, person, organization.licenses)
    client.put(f"/people/{as_segment(person['id'])}", put_body(person, changes, primary), callingData="true")


def fits(plan: Plan, person: Mapping[str, Any], state: CallingState) -> bool:
    """Tell whether a person who keeps calling, as read, can be the one of the plan: with calling, and that name.

    If the numbers are sent, the one that is replaced must be theirs: a PUT lists the further ones, too.
    """
    return (
        state.license is not None
        and plan.person.get("displayName") in (None, person.get("displayName"))
        and (not plan.changes_number or digits(state.phone_number) == digits(plan.before.phone_number))
    )


def _numbers(organization: Organization, person: dict[str, Any], plan: Plan) -> list[dict[str, Any]]:
    """Return the work numbers: the new one first, then those that the person has beside the one that it replaces."""
    replaced, number = plan.before.phone_number, plan.after.phone_number
    further = [
        other
        for other in organization.numbers_of(person)
        if not same_number(other, replaced) and not same_number(other, number)
    ]
    return [{"type": "work", "value": value} for value in (number, *further) if value]
