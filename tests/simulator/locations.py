# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about locations: their address, calling in them, and how they reach the telephone network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from .model import Location
from .people import READ_ORG
from .web import NOT_FOUND, ApiError, Call, Routes, answer, no_content

_READ_CALLING = ["spark-admin:telephony_config_read"]
_WRITE = ["spark-admin:locations_write"]
REQUIRED = ("name", "timeZone", "preferredLanguage", "announcementLanguage", "address")
REQUIRED_OF_ADDRESS = ("address1", "city", "state", "postalCode", "country")
LONGEST_NAME, LONGEST_CALLING_NAME = 256, 80
DETAILS = ("latitude", "longitude", "notes")


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/locations", GET=list_locations, POST=create_location)
    table.add("/v1/locations/{id}", PUT=update_location)
    table.add("/v1/telephony/config/locations", GET=list_calling_locations, POST=enable_location)
    table.add("/v1/telephony/pstn/locations/{id}/connection", GET=show_pstn)


def named(call: Call, locations: Iterable[Location]) -> list[Location]:
    """The locations that fit the `name` filter (as a part of the name) and the `id` filter."""
    name, key = call.query.get("name", "").lower(), call.query.get("id")
    return [place for place in locations if name in place.name.lower() and key in (None, place.id)]


def list_locations(call: Call) -> Response:
    """GET /locations: all of them, 1,000 a page. The language of announcements is not among what is shown (*spec*)."""
    call.require(["spark-admin:locations_read", READ_ORG, "spark-admin:device_read"])
    page, headers = call.page(named(call, call.org.seen_locations()), 1000)
    items = [
        {
            "id": place.id,
            "name": place.name,
            "orgId": call.org.id,
            "timeZone": place.timezone,
            "preferredLanguage": place.language,
            "address": place.address,
            **place.details,
        }
        for place in page
    ]
    return answer({"items": items}, headers=headers)


def list_calling_locations(call: Call) -> Response:
    """GET /telephony/config/locations: those that are enabled for calling. The largest page is not known: 2,000.

    A location without a main number has null there, as in an example of the OpenAPI description.
    """
    call.require(_READ_CALLING)
    enabled = (place for place in call.org.seen_locations() if place.calling)
    page, headers = call.page(named(call, enabled), 2000)
    main = {number.location_id: number.value for number in call.org.numbers.values() if number.main}
    items = [
        {
            "id": place.id,
            "name": place.name,
            **({"routingPrefix": place.routing_prefix} if place.routing_prefix else {}),
            "callingLineId": {"phoneNumber": main.get(place.id)},
            "e911SetupRequired": False,
        }
        for place in page
    ]
    return answer({"locations": items}, headers=headers)


def create_location(call: Call) -> Response:
    """POST /locations. A second one of the same name is created, too (*guess*), so that it does harm to ask twice."""
    call.require(_WRITE)
    body = complete(call.json(), REQUIRED)
    check_name(body["name"], LONGEST_NAME)
    place = call.org.add_location(
        body["name"], None, body["address"], body["timeZone"], body["preferredLanguage"], calling=False
    )
    place.announcement_language = body["announcementLanguage"]
    place.details = {key: body[key] for key in DETAILS if key in body}
    call.org.before_location_write(place.id, call.world.config.stale_locations, new=True)
    return answer({"id": place.id}, 201)


def update_location(call: Call) -> Response:
    """PUT /locations/{id}: 204. What is not sent stays as it is; an address replaces the one before (*guess*)."""
    call.require(_WRITE)
    place, body = find(call, call.parameters["id"]), call.json()
    check_name(body.get("name", place.name), LONGEST_CALLING_NAME if place.calling else LONGEST_NAME)
    call.org.before_location_write(place.id, call.world.config.stale_locations)
    place.name = body.get("name", place.name)
    place.timezone = body.get("timeZone", place.timezone)
    place.language = body.get("preferredLanguage", place.language)
    place.address = body.get("address", place.address)
    return no_content()


def enable_location(call: Call) -> Response:
    """POST /telephony/config/locations: 201. Enabling a location twice is 409, and the values that are sent are kept (*guess*).

    A location has no connection to the telephone network after that; setting it up is not simulated.
    """
    call.require(["spark-admin:telephony_config_write"])
    body = complete(call.json(), ("id", *REQUIRED))
    place = find(call, body["id"])
    check_name(body["name"], LONGEST_CALLING_NAME)
    if place.calling:
        raise ApiError(409, "The location is enabled for Webex Calling already.")
    call.org.before_location_write(place.id, call.world.config.stale_locations)
    place.calling = True
    place.name, place.timezone, place.language = body["name"], body["timeZone"], body["preferredLanguage"]
    place.address, place.announcement_language = body["address"], body["announcementLanguage"]
    return answer({"id": place.id}, 201)


def show_pstn(call: Call) -> Response:
    """GET /telephony/pstn/locations/{id}/connection. Without a connection it is an error with these words (*live*: wxcadm).

    Its status is a guess. The call is in Cisco's whole description, but not in the part that the tests compare with.
    """
    call.require(["spark-admin:telephony_pstn_read"])
    place = find_calling(call)
    if place.pstn is None:
        raise ApiError(404, "PSTN for the location is not configured")
    return answer({"id": place.id, "displayName": place.pstn.title(), "pstnConnectionType": place.pstn})


def complete(body: dict[str, Any], required: Iterable[str]) -> dict[str, Any]:
    """The body, in which all that is required must be (*spec*)."""
    address = body.get("address") or {}
    missing = [key for key in required if not body.get(key)]
    missing += [f"address.{key}" for key in REQUIRED_OF_ADDRESS if not address.get(key)]
    if missing:
        raise ApiError(400, f"{', '.join(missing)} missing.")
    return body


def check_name(name: str, longest: int) -> None:
    """80 characters are the limit where calling is enabled, 256 elsewhere (*spec*)."""
    if len(name) > longest:
        raise ApiError(400, f"The name is longer than {longest} characters.")


def find(call: Call, key: str) -> Location:
    """The location with this id."""
    if key not in call.org.locations:
        raise ApiError(404, NOT_FOUND)
    return call.org.locations[key]


def find_calling(call: Call) -> Location:
    """The location of the path, which must be enabled for calling."""
    place = find(call, call.parameters["id"])
    if not place.calling:
        raise ApiError(404, NOT_FOUND)
    return place
