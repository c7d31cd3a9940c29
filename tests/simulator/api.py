# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about people, licenses, locations, numbers and organizations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from starlette.responses import Response

from . import licensing
from .ids import bare, decode, encode, stable_uuid, webex_id
from .state import License, Location, Number, Org, Person, stamp
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, no_content

READ_ORG = "spark-admin:people_read"
READ_SELF = "spark:people_read"
ANY_PEOPLE_SCOPE = (READ_SELF, "spark:people_write", READ_ORG, "spark-admin:people_write")
WRITE_PEOPLE = (["spark-admin:people_write"], [READ_ORG])
_DETAILS = ("avatar", "department", "manager", "managerId", "title", "addresses")
_FULL_ADMIN = webex_id("ROLE", stable_uuid("role", "Full Administrator"))


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/people", GET=list_people, POST=create_person)
    table.add("/v1/people/me", GET=show_me)
    table.add("/v1/people/{id}", GET=show_person, PUT=update_person, DELETE=delete_person)
    table.add("/v1/licenses", GET=list_licenses)
    table.add("/v1/licenses/users", PATCH=assign_licenses)
    table.add("/v1/licenses/{id}", GET=show_license)
    table.add("/v1/locations", GET=list_locations)
    table.add("/v1/telephony/config/locations", GET=list_calling_locations)
    table.add("/v1/telephony/config/numbers", GET=list_numbers)
    table.add("/v1/organizations", GET=list_organizations)
    table.add("/v1/organizations/{id}", GET=show_organization)


# -- people --------------------------------------------------------------------------------------------------------


def list_people(call: Call) -> Response:
    """GET /people: pages by a cursor, and ignores `start`."""
    call.require([READ_ORG, READ_SELF])
    org, query = call.org, call.query
    everybody = call.has(READ_ORG)
    if not everybody and not query.keys() & {"email", "displayName", "id"}:
        raise ApiError(400, "Either email or displayName is required.")
    # The limits are those of calls with callingData; without it none is known, so the same ones hold.
    size = call.page_size("max", 50 if "locationId" in query else 100)
    after = cursor(query.get("cursor"))
    found = candidates(call, org)
    if not everybody:
        me = call.me.id
        found = (person for person in found if person.id == me)
    page = list(itertools.islice((person for person in found if person.serial > after), size + 1))
    headers = call.link(cursor=encode(f"after/{page[size - 1].serial}")) if len(page) > size else {}
    # "These fields are shown when accessing a user via GET /people/{id}, not when doing a GET /people?id="
    admin = everybody and "id" not in query
    body: dict[str, Any] = {"items": [show(call, org, person, admin) for person in page[:size]]}
    if "id" in query:
        known = {person.id for person in page}
        body["notFoundIds"] = [key for key in query["id"].split(",") if key not in known]
    return answer(body, headers=headers)


def cursor(text: str | None) -> int:
    """The serial number of the last person of the page before."""
    if text is None:
        return 0
    number = decode(text).rpartition("/")[2]
    if not number.isdecimal():
        raise ApiError(400, "The cursor is not valid.")
    return int(number)


def candidates(call: Call, org: Org) -> Iterator[Person]:
    """The people that fit the filters, as reads show them now."""
    query = call.query
    people: Iterable[Person | None] = org.people.values()
    if "email" in query:
        people = [org.by_email(query["email"])]
    elif "id" in query:
        known = (org.people[key] for key in set(query["id"].split(",")) if key in org.people)
        people = sorted(known, key=attrgetter("serial"))
    name, location_id = query.get("displayName", "").lower(), query.get("locationId")
    for person in people:
        seen = org.seen(person) if person else None
        if seen and seen.display_name.lower().startswith(name) and location_id in (None, seen.location_id):
            yield seen


def show(call: Call, org: Org, person: Person, admin: bool) -> dict[str, Any]:
    """A person as JSON. Presence (`status`, `lastActivity`) is not simulated."""
    body: dict[str, Any] = {
        "id": person.id,
        "emails": [person.email],
        "displayName": person.display_name,
        "nickName": person.first_name,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "orgId": person.org_id,
        "created": stamp(person.created),
        "lastModified": stamp(person.modified),
        "type": person.type,
        **person.details,
    }
    if admin:
        body["roles"] = [_FULL_ADMIN] if person.admin else []
        body["licenses"] = list(person.licenses)
        body["siteUrls"] = [f"{site}#attendee" for site in person.site_urls]
        body["invitePending"] = "false"  # strings, says the OpenAPI description
        body["loginEnabled"] = "true" if person.login_enabled else "false"
    if call.flag("callingData") and person.location_id:
        body["locationId"] = person.location_id
        body["phoneNumbers"] = []
        if person.phone_number:
            body["phoneNumbers"].append({"type": "work", "value": person.phone_number, "primary": True})
        if person.extension:
            prefix = org.locations[person.location_id].routing_prefix or ""
            body["extension"] = person.extension
            body["phoneNumbers"].append({"type": "work_extension", "value": prefix + person.extension})
    return body


def show_me(call: Call) -> Response:
    """GET /people/me: with any people scope, and for bots. Guests have no people scope: 403, as nothing is known."""
    token = call.require()
    if token.kind != "bot":
        call.require(ANY_PEOPLE_SCOPE)
    return answer(show(call, call.org, call.org.seen(call.me) or call.me, call.has(READ_ORG)))


def find(call: Call) -> Person:
    """The person that the path names."""
    person = call.org.people.get(call.parameters["id"])
    if person is None:
        raise ApiError(404, NOT_FOUND)
    return person


def show_person(call: Call) -> Response:
    """GET /people/{id}."""
    call.require([READ_ORG, READ_SELF])
    if call.parameters["id"] == call.me.id:
        return show_me(call)
    if not call.has(READ_ORG):
        raise ApiError(403, FORBIDDEN)
    seen = call.org.seen(find(call))
    if seen is None:
        raise ApiError(404, NOT_FOUND)
    return answer(show(call, call.org, seen, admin=True))


def create_person(call: Call) -> Response:
    """POST /people. A refusal of the licenses or calling data comes after the person was created: "created still"."""
    call.require(*WRITE_PEOPLE)
    org, body = call.org, call.json()
    emails = body.get("emails")
    if not isinstance(emails, list) or not emails or not isinstance(emails[0], str):
        raise ApiError(400, "emails is required")
    first, last = body.get("firstName") or "", body.get("lastName") or ""
    display_name = body.get("displayName") or f"{first} {last}".strip()
    if not display_name:
        raise ApiError(400, "At least one of displayName, firstName, lastName is required.")
    if org.by_email(emails[0]):
        raise ApiError(409, "A person with this email address exists.")
    person = org.add_person(emails[0], display_name, call.world.now(), first, last)
    org.before_write(person, call.world.config.stale_seconds, new=True)
    set_details(person, body)
    licensing.update_person(org, person, body)
    if call.flag("minResponse"):
        return answer({"id": person.id})
    return answer(show(call, org, person, admin=True))


def update_person(call: Call) -> Response:
    """PUT /people/{id}."""
    call.require(*WRITE_PEOPLE)
    org, person, body = call.org, find(call), call.json()
    if not isinstance(body.get("displayName"), str) or not body["displayName"]:
        raise ApiError(400, "displayName is required")
    email = (body.get("emails") or [person.email])[0]
    if org.by_email(email) not in (None, person):
        raise ApiError(409, "A person with this email address exists.")
    org.before_write(person, call.world.config.stale_seconds)
    licensing.update_person(org, person, body)
    org.set_email(person, email)
    person.display_name = body["displayName"]
    person.first_name = body.get("firstName", person.first_name)
    person.last_name = body.get("lastName", person.last_name)
    person.login_enabled = body.get("loginEnabled", person.login_enabled) in (True, "true")
    person.modified = call.world.now()
    set_details(person, body)
    if call.flag("minResponse"):
        return no_content()
    return answer(show(call, org, person, admin=True))


def set_details(person: Person, body: dict[str, Any]) -> None:
    """The fields that are kept as they are."""
    person.details.update({name: body[name] for name in _DETAILS if name in body})


def delete_person(call: Call) -> Response:
    """DELETE /people/{id}."""
    call.require(*WRITE_PEOPLE)
    call.org.delete(find(call))
    return no_content()


# -- licenses ------------------------------------------------------------------------------------------------------


def list_licenses(call: Call) -> Response:
    """GET /licenses: not paged."""
    call.require(["spark-admin:licenses_read"])
    return answer({"items": [show_units(license) for license in call.org.licenses.values()]})


def show_units(license: License) -> dict[str, Any]:
    """A license as JSON."""
    body: dict[str, Any] = {
        "id": license.id,
        "name": license.name,
        "totalUnits": license.total,
        "consumedUnits": license.consumed,
        "consumedByUsers": len(license.holders),
        "consumedByWorkspaces": license.elsewhere,
        "subscriptionId": license.subscription,
    }
    if license.site_url:
        body |= {"siteUrl": license.site_url, "siteType": "Control Hub managed site"}
    return body


def show_license(call: Call) -> Response:
    """GET /licenses/{id}, with its holders if asked for: 300 per page, `next` is the cursor."""
    call.require(["spark-admin:licenses_read"])
    org = call.org
    license = org.licenses.get(call.parameters["id"])
    if license is None:
        raise ApiError(404, NOT_FOUND)
    body, headers = show_units(license), {}
    if call.query.get("includeAssignedTo") == "user":
        start, size = cursor(call.query.get("next")), call.page_size("limit", 300)
        page = list(itertools.islice(license.holders, start, start + size + 1))
        if len(page) > size:
            headers = call.link(next=encode(f"after/{start + size}"))
        body["users"] = [
            {"id": key, "type": "INTERNAL", "displayName": org.people[key].display_name, "email": org.people[key].email}
            for key in page[:size]
        ]
    return answer(body, headers=headers)


def assign_licenses(call: Call) -> Response:
    """PATCH /licenses/users. A request that is not valid changes nothing; one that finds no free unit is a 206."""
    call.require(["spark-admin:people_write"])
    org, body = call.org, call.json()
    if not body.get("email") and not body.get("personId"):
        raise ApiError(400, "At least one of email, personId is required.")
    if bare(body.get("orgId", org.id)) != org.uuid:
        raise ApiError(403, FORBIDDEN)
    person = org.people.get(body["personId"]) if body.get("personId") else org.by_email(body["email"])
    if person is None:  # people of other orgs, whose licenses would be pending, are not simulated
        raise ApiError(404, NOT_FOUND)
    wanted = licensing.plan(org, person, body.get("licenses", []))
    sites = body.get("siteUrls", [])
    unknown = [str(site.get("siteUrl")) for site in sites if site.get("siteUrl") != org.site_url]
    if unknown:
        raise ApiError(
            400, "Invalid site URL", f"Request contains invalid attendee siteUrls: {', '.join(unknown)}", 400216
        )
    complete = False
    if not call.partial:
        org.before_write(person, call.world.config.stale_seconds)
        complete = licensing.carry_out(org, person, wanted)
        if sites:
            person.site_urls = [org.site_url] if sites[-1].get("operation", "add") == "add" else []
        person.modified = call.world.now()
    result = {
        "orgId": org.id,
        "personId": person.id,
        "email": person.email,
        "licenses": list(person.licenses),
        "siteUrls": [{"siteUrl": site, "accountType": "attendee"} for site in person.site_urls],
    }
    return answer(result, 200 if complete else 206)


# -- locations and numbers -----------------------------------------------------------------------------------------


def named(call: Call, locations: Iterable[Location]) -> list[Location]:
    """The locations that fit the `name` filter (as a part of the name) and the `id` filter."""
    name, key = call.query.get("name", "").lower(), call.query.get("id")
    return [place for place in locations if name in place.name.lower() and key in (None, place.id)]


def list_locations(call: Call) -> Response:
    """GET /locations: all of them, 1,000 a page."""
    call.require(["spark-admin:locations_read", READ_ORG, "spark-admin:device_read"])
    page, headers = call.page(named(call, call.org.locations.values()), 1000)
    items = [
        {
            "id": place.id,
            "name": place.name,
            "orgId": call.org.id,
            "timeZone": place.timezone,
            "preferredLanguage": place.language,
            "address": {"city": place.city, "country": place.country},
        }
        for place in page
    ]
    return answer({"items": items}, headers=headers)


def list_calling_locations(call: Call) -> Response:
    """GET /telephony/config/locations: those that are enabled for calling. The largest page is not known: 2,000."""
    call.require(["spark-admin:telephony_config_read"])
    enabled = (place for place in call.org.locations.values() if place.calling)
    page, headers = call.page(named(call, enabled), 2000)
    items = [
        {
            "id": place.id,
            "name": place.name,
            "routingPrefix": place.routing_prefix,
            "announcementLanguage": place.language,
        }
        for place in page
    ]
    return answer({"locations": items}, headers=headers)


def list_numbers(call: Call) -> Response:
    """GET /telephony/config/numbers: the inventory, then the extensions without a number. Filters match exactly."""
    call.require(["spark-admin:telephony_config_read"])
    org, query = call.org, call.query
    entries: list[tuple[Number | None, Person | None]] = [
        (number, org.people[number.owner_id] if number.owner_id else None) for number in org.numbers.values()
    ]
    if "phoneNumber" not in query and query.get("available") != "true":
        owners = (org.people[key] for key in org.extensions.values())
        entries += [(None, owner) for owner in owners if owner.phone_number is None]
    page, headers = call.page([entry for entry in entries if fits(query, *entry)], 2000)
    return answer({"phoneNumbers": [show_number(org, *entry) for entry in page]}, headers=headers)


def fits(query: Any, number: Number | None, owner: Person | None) -> bool:
    """Whether an entry of the number list passes the filters."""
    values = {
        "locationId": number.location_id if number else owner and owner.location_id,
        "phoneNumber": number and number.value,
        "extension": owner and owner.extension,
        "ownerId": owner and owner.id,
        "available": "false" if owner else "true",
        "state": "ACTIVE",
    }
    return all(query[name] == value for name, value in values.items() if name in query)


def show_number(org: Org, number: Number | None, owner: Person | None) -> dict[str, Any]:
    """A number, or an extension without a number, as JSON. Every number is active, and no main number."""
    place = org.locations[number.location_id if number else str(owner and owner.location_id)]
    body: dict[str, Any] = {}
    if number:
        body |= {"phoneNumber": number.value, "phoneNumberType": "PRIMARY"}
    if owner and owner.extension:
        body |= {"extension": owner.extension, "esn": (place.routing_prefix or "") + owner.extension}
    body |= {
        "routingPrefix": place.routing_prefix,
        "state": "ACTIVE",
        "mainNumber": False,
        "tollFreeNumber": False,
        "location": {"id": place.id, "name": place.name},
    }
    if owner:
        body["owner"] = {
            "id": owner.id,
            "type": "PEOPLE",
            "firstName": owner.first_name,
            "lastName": owner.last_name,
        }
    return body


# -- organizations -------------------------------------------------------------------------------------------------


def list_organizations(call: Call) -> Response:
    """GET /organizations: the org of the token; partners, who see more of them, are not simulated."""
    call.require(["spark-admin:organizations_read"])
    return answer({"items": [show_org(call.org)]})


def show_organization(call: Call) -> Response:
    """GET /organizations/{id}."""
    call.require(["spark-admin:organizations_read"])
    if bare(call.parameters["id"]) != call.org.uuid:
        raise ApiError(404, NOT_FOUND)
    return answer(show_org(call.org))


def show_org(org: Org) -> dict[str, str]:
    """An org as JSON."""
    return {"id": org.id, "displayName": org.name, "created": stamp(org.created)}
