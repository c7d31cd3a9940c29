# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which people get and lose licenses, locations, extensions and numbers.

Descriptions in quotes of the OpenAPI description or of a live tenant carry its errorCode; the others are plain words,
as nobody wrote down what Webex says there. Each rule says whence it is known: *spec*, *live* or *guess*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .config import Config
from .model import License, Location, Number, Person
from .state import Org
from .web import ApiError


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


def plan(config: Config, org: Org, person: Person, requests: Any) -> Plan:
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
    check_implicit(wanted.remove)
    bare_ones = []
    for request in requests:
        license = org.licenses[request["id"]]
        if license.calling and request.get("operation", "add") == "add":
            properties = request.get("properties") or {}
            if properties.get("phoneNumber") or properties.get("extension"):
                wanted.calling = calling_data(config, org, person, properties, wanted.remove)
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
    """Professional and Standard exclude each other, and there is no way back from Professional: *spec*."""
    held = [org.licenses[key] for key in person.licenses]
    after = [license for license in held if license not in remove] + add
    standards = [license.id for license in add if license.tier == "standard" and license not in held]
    if {"professional", "standard"} <= {license.tier for license in after}:
        refused = standards or [license.id for license in add if license.tier == "professional"]
        raise ApiError(
            400,
            "License conflict",
            "User cannot have both Webex Calling Professional and Standard License together. The following "
            f"license(s) could not be applied as requested: {', '.join(refused)}",
            400404,
        )
    if standards and any(license.tier == "professional" for license in held):
        raise ApiError(
            400,
            "License assignment failed",
            "Changing a user's Webex Calling license from Professional to Standard is not allowed. The following "
            f"license(s) could not be applied as requested: {', '.join(standards)}",
            400112,
        )


def check_implicit(licenses: list[License]) -> None:
    """An implicit license cannot be taken away: *spec*, which writes the code down for Screen Share only."""
    implicit = [license for license in licenses if license.implicit]
    if implicit:
        names, ids = " ".join(license.name for license in implicit), " ".join(license.id for license in implicit)
        raise ApiError(
            400, "License removal not allowed", f"{names} {ids} is implicitly assigned and cannot be removed", 700006
        )


def calling_data(
    config: Config, org: Org, person: Person, properties: dict[str, Any], remove: list[License] | None = None
) -> Calling:
    """Check a location, extension and phone number for this person. A calling user cannot change the location: *live*."""
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
    if phone_number and not can_have(config, person, number, location):
        raise number_refused(phone_number)
    if extension and not (isinstance(extension, str) and extension.isdecimal()):
        raise ApiError(400, "The extension is not valid.", f"The extension {extension} is not valid.")
    if extension and org.extensions.get((location.id, extension), person.id) != person.id:
        raise ApiError(
            400, "The extension is in use.", f"The extension {extension} is already in use in {location.name}."
        )
    return Calling(location, extension, phone_number)


def can_have(config: Config, person: Person, number: Number | None, location: Location) -> bool:
    """Whether the person can have this number there.

    It must be in the inventory of the location and nobody else's (*live*). Service, reserved, mobile and inactive
    numbers, and those of another kind than PRIMARY, are taken to be refused in the same way (*guess*).
    """
    if number is None or number.location_id != location.id or number.owner_id not in (None, person.id):
        return False
    if number.owner_id == person.id:
        return True
    ordinary = number.kind == "PRIMARY" and not (number.service or number.reserved or number.mobile)
    return ordinary and (number.active or config.inactive_numbers == "allow")


def number_refused(phone_number: str) -> ApiError:
    """A number that the person cannot have: the words are *live*, and often name only half of the reason."""
    text = f"[Error 4250] {phone_number} phone number(s) not added. Verify that the number(s) are not already assigned."
    return ApiError(400, text)


def carry_out(config: Config, org: Org, person: Person, wanted: Plan) -> bool:
    """Take first, then give; False when a license had no free unit (*spec*), unless overage is allowed (*live*)."""
    for license in wanted.remove:
        org.withdraw(person, license)
    overage = config.license_overage == "allow"
    granted = [license for license in wanted.add if org.grant(person, license, overage)]
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


def update_person(config: Config, org: Org, person: Person, body: dict[str, Any]) -> None:
    """The licenses and the calling data in the body of a POST or PUT /people.

    What is not sent stays as it is, and a list of licenses that is sent replaces theirs (*live*).
    """
    held = [org.licenses[key] for key in person.licenses]
    wanted = licenses_asked(config, org, held, body)
    add = [license for license in wanted if license not in held]
    remove = [license for license in held if license not in wanted]
    check_combination(org, person, add, remove)

    work = work_numbers(body)
    further = [value for value in work[1:] if value not in directory_values(person)]
    properties = {
        "locationId": body.get("locationId") or person.location_id,
        "extension": body.get("extension", person.extension) or None,
        "phoneNumber": (work[0] if work else None) if "phoneNumbers" in body else person.phone_number,
    }
    calling = None
    if any(license.calling for license in wanted):
        if not properties["extension"] and not properties["phoneNumber"]:
            raise ApiError(400, "A Webex Calling user needs a phone number or an extension.")
        calling = calling_data(config, org, person, properties, remove)
        refused = [value for value in further if not can_have(config, person, org.numbers.get(value), calling.location)]
        if refused:
            raise number_refused(", ".join(refused))
    elif not org.calling_user(person):
        check_without_calling(person, body, work)

    # "If any requested licenses cannot be assigned, the operation will continue with the remaining licenses."
    carry_out(config, org, person, Plan(remove, add, None))
    if calling and org.calling_user(person):
        person.location_id = calling.location.id
        org.set_extension(person, calling.extension)
        if "phoneNumbers" in body:
            # Alternates that are not sent are given back (*guess*).
            org.set_numbers(person, dict.fromkeys(work[:1] + further))


def licenses_asked(config: Config, org: Org, held: list[License], body: dict[str, Any]) -> list[License]:
    """The licenses that a person has after a PUT, as far as there are free units.

    An implicit one that is left out stays, or is refused with an error (*guess*): Cisco's description knows that there is
    one ("please ensure you have the corresponding license in your PUT request"), and does not say when.
    """
    if "licenses" not in body:
        return held
    if not isinstance(body["licenses"], list):
        raise ApiError(400, "licenses is not a list.")
    unknown = [str(key) for key in body["licenses"] if key not in org.licenses]
    if unknown:
        raise ApiError(400, "License not recognized", f"License not recognized {', '.join(unknown)}", 400000)
    asked = [org.licenses[key] for key in body["licenses"]]
    left_out = [license for license in held if license.implicit and license not in asked]
    if config.implicit_put == "refuse":
        check_implicit(left_out)
    return left_out + asked


def work_numbers(body: dict[str, Any]) -> list[str]:
    """The work numbers of a body, in their order.

    Of the phone numbers only "work" can be set (*spec*); "work_extension" is for reading, a mobile number is refused
    (*live*), and so is a fax number (*guess*).
    """
    entries = body.get("phoneNumbers") or []
    if any(entry.get("type") in ("mobile", "fax") for entry in entries):
        raise ApiError(400, "Only phone numbers of the type work can be set.")
    return [str(entry.get("value")) for entry in entries if entry.get("type") == "work"]


def directory_values(person: Person) -> set[str]:
    """The work numbers that the person has from a directory."""
    return {str(entry["value"]) for entry in person.directory_numbers if entry.get("type") == "work"}


def check_without_calling(person: Person, body: dict[str, Any], work: list[str]) -> None:
    """Calling data need a calling license (*spec*); a number that the directory has anyway is let pass (*guess*)."""
    if body.get("extension") or body.get("locationId") or not set(work) <= directory_values(person):
        raise ApiError(400, "Phone number, extension and location need a Webex Calling license.")
