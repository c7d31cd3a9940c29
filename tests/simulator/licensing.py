# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which people get and lose licenses, locations, extensions and numbers.

Descriptions in quotes of the OpenAPI description or of a live tenant carry its errorCode; the others are plain words,
as nobody wrote down what Webex says there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .state import CALLING, License, Location, Org, Person
from .web import ApiError

PROFESSIONAL = CALLING + "Professional"
STANDARD = (CALLING + "Standard", CALLING + "Basic")


@dataclass
class Calling:
    """What a calling license is to be used with."""

    location: Location
    extension: str | None
    phone_number: str | None


@dataclass
class Plan:
    """A license request that was found valid: what to take, what to give, and the calling data that go with it."""

    remove: list[License]
    add: list[License]
    calling: Calling | None


def plan(org: Org, person: Person, requests: Any) -> Plan:
    """Check the ``licenses`` of a PATCH /licenses/users; nothing is changed before all of it is known to be valid."""
    if not isinstance(requests, list) or not all(isinstance(request, dict) for request in requests):
        raise ApiError(400, "licenses is not a list of objects.")
    unknown = [str(request.get("id")) for request in requests if request.get("id") not in org.licenses]
    if unknown:
        raise ApiError(400, "License not recognized", f"License not recognized {', '.join(unknown)}", 400000)
    if any(request.get("operation", "add") not in ("add", "remove") for request in requests):
        raise ApiError(400, "The operation of a license is add or remove.")

    def licenses(operation: str) -> list[License]:
        return [org.licenses[req["id"]] for req in requests if req.get("operation", "add") == operation]

    wanted = Plan(licenses("remove"), licenses("add"), None)
    bare_ones = []
    for request in requests:
        license = org.licenses[request["id"]]
        if license.calling and request.get("operation", "add") == "add":
            properties = request.get("properties") or {}
            if properties.get("phoneNumber") or properties.get("extension"):
                wanted.calling = calling_data(org, person, properties, wanted.remove)
            else:
                bare_ones.append(license.id)
    if bare_ones:
        raise ApiError(
            400,
            "License properties missing",
            "Each Webex Calling license should contain its own calling properties. The following license(s) do not "
            f"have properties: {', '.join(bare_ones)}",
            400411,
        )
    check_combination(org, person, wanted.add, wanted.remove)
    return wanted


def check_combination(org: Org, person: Person, add: list[License], remove: list[License]) -> None:
    """Professional and Standard exclude each other, and there is no way back from Professional."""
    held = [org.licenses[key] for key in person.licenses]
    after = [license for license in held if license not in remove] + add
    standards = [license.id for license in add if license.name in STANDARD and license not in held]
    if any(license.name == PROFESSIONAL for license in after) and any(lic.name in STANDARD for lic in after):
        refused = standards or [license.id for license in add if license.name == PROFESSIONAL]
        raise ApiError(
            400,
            "License conflict",
            "User cannot have both Webex Calling Professional and Standard License together. The following "
            f"license(s) could not be applied as requested: {', '.join(refused)}",
            400404,
        )
    if standards and any(license.name == PROFESSIONAL for license in held):
        raise ApiError(
            400,
            "License assignment failed",
            "Changing a user's Webex Calling license from Professional to Standard is not allowed. The following "
            f"license(s) could not be applied as requested: {', '.join(standards)}",
            400112,
        )


def calling_data(org: Org, person: Person, properties: dict[str, Any], remove: list[License] | None = None) -> Calling:
    """Check a location, extension and phone number for this person."""
    extension, phone_number = properties.get("extension"), properties.get("phoneNumber")
    location_id = properties.get("locationId")
    number = org.numbers.get(phone_number) if phone_number else None
    if location_id is None and number is not None:
        location_id = number.location_id
    if phone_number and number is None and location_id is None:
        raise number_refused(phone_number)
    location = org.locations.get(location_id or "")
    if location is None:  # also when an extension comes without a location: "then locationId is mandatory"
        raise ApiError(400, "Unable to find location", "Unable to find location.", 400)
    if not location.calling:
        raise ApiError(400, "Calling flag not set")
    leaves_calling = not any(
        org.licenses[key].calling for key in person.licenses if org.licenses[key] not in (remove or [])
    )
    if person.location_id not in (None, location.id) and not leaves_calling:
        raise ApiError(400, "The location of a Webex Calling user cannot be changed.")
    if phone_number and (
        number is None or number.location_id != location.id or number.owner_id not in (None, person.id)
    ):
        raise number_refused(phone_number)
    if extension and not (isinstance(extension, str) and extension.isdecimal()):
        raise ApiError(400, "The extension is not valid.", f"The extension {extension} is not valid.")
    if extension and org.extensions.get((location.id, extension), person.id) != person.id:
        raise ApiError(
            400, "The extension is in use.", f"The extension {extension} is already in use in {location.name}."
        )
    return Calling(location, extension, phone_number)


def number_refused(phone_number: str) -> ApiError:
    """A number that is not in the inventory of the location, or belongs to somebody else."""
    text = f"[Error 4250] {phone_number} phone number(s) not added. Verify that the number(s) are not already assigned."
    return ApiError(400, text)


def carry_out(org: Org, person: Person, wanted: Plan) -> bool:
    """Take first, then give; False when a license had no free unit."""
    for license in wanted.remove:
        org.withdraw(person, license)
    granted = [license for license in wanted.add if org.grant(person, license)]
    if wanted.calling and any(license.calling for license in granted):
        use(org, person, wanted.calling)
    return len(granted) == len(wanted.add)


def use(org: Org, person: Person, data: Calling) -> None:
    """Set the calling data; an extension or number that is not named stays as it is."""
    person.location_id = data.location.id
    if data.extension:
        org.set_extension(person, data.extension)
    if data.phone_number:
        org.set_number(person, data.phone_number)


def update_person(org: Org, person: Person, body: dict[str, Any]) -> None:
    """The licenses and the calling data in the body of a POST or PUT /people. What is not sent stays as it is."""
    held = [org.licenses[key] for key in person.licenses]
    asked = body.get("licenses", person.licenses)
    unknown = [str(key) for key in asked if key not in org.licenses]
    if unknown:
        raise ApiError(400, "License not recognized", f"License not recognized {', '.join(unknown)}", 400000)
    wanted = [org.licenses[key] for key in asked]
    add = [license for license in wanted if license not in held]
    remove = [license for license in held if license not in wanted]
    check_combination(org, person, add, remove)

    # Of the phone numbers, only "work" can be set: "work_extension" is for reading.
    numbers = [number.get("value") for number in body.get("phoneNumbers") or [] if number.get("type") == "work"]
    properties = {
        "locationId": body.get("locationId") or person.location_id,
        "extension": body.get("extension", person.extension) or None,
        "phoneNumber": (numbers[0] if numbers else None) if "phoneNumbers" in body else person.phone_number,
    }
    calling = None
    if any(license.calling for license in wanted):
        if not properties["extension"] and not properties["phoneNumber"]:
            raise ApiError(400, "A Webex Calling user needs a phone number or an extension.")
        calling = calling_data(org, person, properties, remove)
    elif not org.calling_user(person) and (numbers or body.get("extension") or body.get("locationId")):
        raise ApiError(400, "Phone number, extension and location need a Webex Calling license.")

    # "If any requested licenses cannot be assigned, the operation will continue with the remaining licenses."
    carry_out(org, person, Plan(remove, add, None))
    if calling and org.calling_user(person):
        person.location_id = calling.location.id
        org.set_extension(person, calling.extension)
        org.set_number(person, calling.phone_number)
