# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about people."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from starlette.responses import Response

from . import licensing
from .ids import encode, stable_uuid, webex_id
from .model import Person, stamp
from .state import Org
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, cursor, no_content

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


def list_people(call: Call) -> Response:
    """GET /people: pages by a cursor, and ignores `start`."""
    call.require([READ_ORG, READ_SELF])
    check_calling_flag(call, "locationId" in call.query)
    org, query = call.org, call.query
    everybody = call.has(READ_ORG)
    if not everybody and not query.keys() & {"email", "displayName", "id"}:
        raise ApiError(400, "Either email or displayName is required.")
    # The limits are those of calls with callingData; without it none is known, so the same ones hold.
    size = call.page_size("max", 50 if "locationId" in query else 100)
    after = cursor(query.get("cursor"))
    shown = candidates(call, org)
    if not everybody:
        me = call.me.id
        shown = (person for person in shown if person.id == me)
    page = list(itertools.islice((person for person in shown if person.serial > after), size + 1))
    headers = call.link(cursor=encode(f"after/{page[size - 1].serial}")) if len(page) > size else {}
    # "These fields are shown when accessing a user via GET /people/{id}, not when doing a GET /people?id="
    admin = everybody and "id" not in query
    body: dict[str, Any] = {"items": [show(call, org, person, admin) for person in page[:size]]}
    if "id" in query:
        known = {person.id for person in page}
        body["notFoundIds"] = [key for key in query["id"].split(",") if key not in known]
    return answer(body, headers=headers)


def candidates(call: Call, org: Org) -> Iterator[Person]:
    """The people that fit the filters, as reads show them now."""
    query = call.query
    people: Iterable[Person] = org.people.values()
    if "id" in query:
        known = (org.people[key] for key in set(query["id"].split(",")) if key in org.people)
        people = sorted(known, key=attrgetter("serial"))
    shown = (org.seen(person, "people") for person in people)
    if "email" in query:
        shown = (person for person in [org.seen_by_email(query["email"])])
    name, location_id = query.get("displayName", "").lower(), query.get("locationId")
    for seen in shown:
        if seen and seen.display_name.lower().startswith(name) and location_id in (None, seen.location_id):
            yield seen


def show(call: Call, org: Org, person: Person, admin: bool) -> dict[str, Any]:
    """A person as JSON. Presence (`status`, `lastActivity`) is not simulated."""
    body: dict[str, Any] = {
        "id": person.id,
        "emails": show_emails(call, person),
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
    calling = call.flag("callingData") and person.location_id is not None
    if calling:
        body["locationId"] = person.location_id
        if person.extension:
            body["extension"] = person.extension
    if calling or person.directory_numbers:
        body["phoneNumbers"] = show_phone_numbers(call, org, person, calling)
    return body


def show_emails(call: Call, person: Person) -> list[str]:
    """The addresses: "the order of email addresses returned by a GET request is not guaranteed" (*spec*)."""
    order = call.world.config.emails_order
    if order == "primary_last":
        return [*person.aliases, person.email]
    return call.world.random.sample(person.emails, len(person.emails)) if order == "shuffled" else person.emails


def show_phone_numbers(call: Call, org: Org, person: Person, calling: bool) -> list[dict[str, Any]]:
    """The numbers of calling, which come with `callingData` only (*live*), and those of a directory, which always come.

    That `phoneNumbers` can hold several work entries, and `primary` marks the number of calling, is *live*; what comes
    of a directory, when, and in which order, is a *guess*. A number that is both is shown once.
    """
    entries: list[dict[str, Any]] = []
    if calling:
        entries = [
            {"type": "work", "value": value, "primary": value == person.phone_number} for value in person.numbers
        ]
        if person.extension:
            prefix = org.locations[str(person.location_id)].routing_prefix or ""
            entries.append({"type": "work_extension", "value": prefix + person.extension})
    shown = {entry["value"] for entry in entries}
    directory = [entry for entry in person.directory_numbers if entry["value"] not in shown]
    return directory + entries if call.world.config.directory_first else entries + directory


def show_me(call: Call) -> Response:
    """GET /people/me: with any people scope, and for bots. Guests have no people scope: 403, as nothing is known."""
    token = call.require()
    if token.kind != "bot":
        call.require(ANY_PEOPLE_SCOPE)
    return answer(show(call, call.org, call.org.seen(call.me, "person") or call.me, call.has(READ_ORG)))


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
    seen = call.org.seen(find(call), "person")
    if seen is None:
        raise ApiError(404, NOT_FOUND)
    return answer(show(call, call.org, seen, admin=True))


def check_calling_flag(call: Call, calling: bool) -> None:
    """Calling fields need `callingData=true` (*live*). Which fields count, and that nothing is done, is a *guess*."""
    if calling and not call.flag("callingData"):
        raise ApiError(400, "Calling flag not set")


def has_calling_fields(body: dict[str, Any]) -> bool:
    """Whether the body of a POST or PUT sets what calling keeps."""
    return any(body.get(name) for name in ("locationId", "extension", "phoneNumbers"))


def create_person(call: Call) -> Response:
    """POST /people. A refusal of the licenses or calling data comes after the person was created: "created still" (*spec*).

    Of several addresses only the first is used (*spec*).
    """
    call.require(*WRITE_PEOPLE)
    config, org, body = call.world.config, call.org, call.json()
    check_calling_flag(call, has_calling_fields(body))
    emails = body.get("emails")
    if not isinstance(emails, list) or not emails or not isinstance(emails[0], str):
        raise ApiError(400, "emails is required")
    first, last = body.get("firstName") or "", body.get("lastName") or ""
    display_name = body.get("displayName") or f"{first} {last}".strip()
    if not display_name:
        raise ApiError(400, "At least one of displayName, firstName, lastName is required.")
    if call.world.is_taken(emails[0]):
        raise ApiError(409, "A person with this email address exists.")
    person = org.add_new_person(emails[0], display_name, call.world.now(), config, first, last)
    set_details(person, body)
    licensing.update_person(config, org, person, body)
    if call.flag("minResponse"):
        return answer({"id": person.id})
    return answer(show(call, org, person, admin=True))


def update_person(call: Call) -> Response:
    """PUT /people/{id}. `displayName` must be sent; what is not sent stays as it is (*live*)."""
    call.require(*WRITE_PEOPLE)
    config, org, person, body = call.world.config, call.org, find(call), call.json()
    check_calling_flag(call, has_calling_fields(body))
    if not isinstance(body.get("displayName"), str) or not body["displayName"]:
        raise ApiError(400, "displayName is required")
    emails = emails_asked(call, person, body)
    if any(org.by_email(email) not in (None, person) for email in emails):
        raise ApiError(409, "A person with this email address exists.")
    org.before_write(person, config.staleness())
    licensing.update_person(config, org, person, body)
    org.set_emails(person, emails)
    person.display_name = body["displayName"]
    person.first_name = body.get("firstName", person.first_name)
    person.last_name = body.get("lastName", person.last_name)
    person.login_enabled = body.get("loginEnabled", person.login_enabled) in (True, "true")
    person.modified = call.world.now()
    set_details(person, body)
    if call.flag("minResponse"):
        return no_content()
    return answer(show(call, org, person, admin=True))


def emails_asked(call: Call, person: Person, body: dict[str, Any]) -> list[str]:
    """The addresses after a PUT: the first one that is sent becomes the primary one (*spec*).

    Addresses that are not sent are lost, or stay (*guess*: `put_emails`).
    """
    sent = list(dict.fromkeys(body.get("emails") or person.emails))
    if call.world.config.put_emails == "replace":
        return sent
    return sent + [email for email in person.emails if email not in sent]


def set_details(person: Person, body: dict[str, Any]) -> None:
    """The fields that are kept as they are."""
    person.details.update({name: body[name] for name in _DETAILS if name in body})


def delete_person(call: Call) -> Response:
    """DELETE /people/{id}."""
    call.require(*WRITE_PEOPLE)
    call.org.delete(find(call))
    return no_content()
