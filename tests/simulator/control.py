# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane under /_simulator: look at the simulator and change it, without authentication.

What it shares with other servers, such as the journal, the settings and the faults, is in `tests.loopback.control`; the
options of POST /reset are `people`, `enabled`, `numbers`, `seed`, `new_credentials`.

=======================================  ===========================================================================
GET /state                               the whole org, readable, without secrets
POST /people                             a person (`email`, `display_name`, `licenses`, `location`, `extension`,
                                         `phone_number`, and all that PATCH /people takes)
PATCH /people/{email}                    `aliases` (further addresses), `alternate_numbers` of calling, and
                                         `directory_numbers`: texts, or entries such as {"type": "mobile", "value": ...,
                                         "primary": true}
POST /licenses                           a license (`name`, `subscription`, `total_units`, `tier`, `implicit`), and its
                                         `holders`: e-mail addresses, or "everybody"
PATCH /licenses/{name or id}             `total_units`, `consumed_by_workspaces`, `tier` (professional, standard,
                                         workspace, other, or "": no calling), `implicit`, `name` (a new one);
                                         `subscription` if a name is not unique
POST /numbers                            `numbers` for the inventory of a `location`: `type` (PRIMARY, ALTERNATE, FAX,
                                         DNIS), `state` (ACTIVE, INACTIVE), `service`, `reserved`, `mobile`, `main`,
                                         `toll_free`; their `owner`: {"email"}, or {"type": "HUNT_GROUP", "name"} (or
                                         `first_name`, `last_name`) with an `extension`, with or without numbers
POST /devices                            a telephone (`product`) of a person (`email`)
PATCH /locations/{name or id}            `pstn`: LOCAL_GATEWAY, NON_INTEGRATED_CCP, INTEGRATED_CCP, CISCO_PSTN, or null
PATCH /service_apps/{client_id}          `scopes`, `authorized` (in `org`; webhooks tell it), `regrant`, `expire`, `revoke` (in
                                         one `org`, or all)
POST /webhooks/fail                      switch the webhooks of an `event` off, as 100 failures do
POST /tokens                             a token (`kind`, `scopes`, `lifetime`, `org`, `person`)
POST /organizations                      customers of the default org, with `names`, or as many as `count` says ("Customer
                                         0001" and so on). The service app is `authorized` in each (true), and `tokens`
                                         (true) are answered: those of its machine account, valid for `lifetime`.
                                         `managed_by`: people of the default org who manage them (none)
=======================================  ===========================================================================
"""

from __future__ import annotations

from typing import TypeVar

from starlette.applications import Starlette

from ..loopback import control
from ..loopback.control import Json
from .describe import describe_client
from .model import NUMBER_KINDS, PSTN_TYPES, TIERS, License, Location, Person
from .state import Org
from .tokens import ACCESS_LIFETIME, LIFETIMES, Client
from .webhooks import notify
from .world import World, build_customer

Thing = TypeVar("Thing")


def application(world: World) -> Starlette:
    """The control plane of this world."""
    return control.application(
        world,
        "/_simulator",
        (
            ("/state", "GET", lambda world, body: world.describe()),
            ("/people", "POST", add_person),
            ("/people/{name}", "PATCH", change_person),
            ("/licenses", "POST", add_license),
            ("/licenses/{name:path}", "PATCH", change_license),
            ("/numbers", "POST", add_numbers),
            ("/devices", "POST", add_device),
            ("/locations/{name:path}", "PATCH", change_location),
            ("/service_apps/{name}", "PATCH", change_client),
            ("/webhooks/fail", "POST", fail_webhooks),
            ("/tokens", "POST", issue_token),
            ("/organizations", "POST", add_organizations),
        ),
    )


def pick(matches: list[Thing], what: str) -> Thing:
    """The only match; ValueError if there is none, or more."""
    if len(matches) != 1:
        raise ValueError(f"{len(matches)} found for {what}")
    return matches[0]


def find_license(org: Org, name: str, subscription: str | None = None) -> License:
    """A license by id or by name, and by subscription where the name is not unique."""
    matches = [
        license
        for license in org.licenses.values()
        if name in (license.id, license.name) and subscription in (None, license.subscription)
    ]
    return pick(matches, f"license {name}, subscription {subscription or 'any'}")


def add_person(world: World, body: Json) -> Json:
    """POST /people: no rule is checked, so that odd states can be made too."""
    org = world.find_org(body.get("org", "default"))
    email = body["email"]
    person = org.add_person(
        email, body.get("display_name", email.partition("@")[0].title()), world.now(), admin=body.get("admin", False)
    )
    for license in body.get("licenses", []):
        org.grant(person, find_license(org, license), overage=True)
    if body.get("location"):
        person.location_id = find_location(org, body["location"]).id
        org.set_extension(person, body.get("extension"))
        org.set_number(person, body.get("phone_number"))
    set_further(org, person, body)
    return {"id": person.id, "email": email}


def find_person(org: Org, email: str) -> Person:
    """A person by any address."""
    return pick([person for person in [org.by_email(email)] if person], f"person {email}")


def find_location(org: Org, name: str) -> Location:
    """A location by name or id."""
    return pick([place for place in org.locations.values() if name in (place.name, place.id)], f"location {name}")


def change_person(world: World, body: Json, name: str) -> Json:
    """PATCH /people/{email}: no rule is checked, and no read is stale after it."""
    person = find_person(world.default, name)
    set_further(world.default, person, body)
    return {"id": person.id, "email": person.email}


def set_further(org: Org, person: Person, body: Json) -> None:
    """What a person has beside an address, a license, an extension and a number."""
    if "aliases" in body:
        org.set_emails(person, [person.email, *body["aliases"]])
    if "alternate_numbers" in body:
        org.set_numbers(person, [*filter(None, [person.phone_number]), *body["alternate_numbers"]])
    if "directory_numbers" in body:
        person.directory_numbers = [
            {"type": "work", "value": entry} if isinstance(entry, str) else {"type": "work", **entry}
            for entry in body["directory_numbers"]
        ]


def check_tier(tier: str) -> str:
    """A tier, or none; ValueError for what is neither."""
    if tier not in ("", *TIERS):
        raise ValueError(f"tier is one of {', '.join(TIERS)}, or empty")
    return tier


def add_license(world: World, body: Json) -> Json:
    """POST /licenses."""
    org = world.default
    license = org.add_license(
        body["name"],
        body.get("subscription", "Sub-1"),
        body.get("total_units", -1),
        tier=check_tier(body.get("tier", "")),
        implicit=body.get("implicit", False),
    )
    holders = body.get("holders", [])
    for person in org.people.values() if holders == "everybody" else [find_person(org, email) for email in holders]:
        org.grant(person, license, overage=True)
    return {"id": license.id, "name": license.name}


def change_license(world: World, body: Json, name: str) -> Json:
    """PATCH /licenses/{name or id}. A new name changes neither the id nor the tier."""
    license = find_license(world.default, name, body.get("subscription"))
    license.total = body.get("total_units", license.total)
    license.elsewhere = body.get("consumed_by_workspaces", license.elsewhere)
    license.tier = check_tier(body.get("tier", license.tier))
    license.implicit = body.get("implicit", license.implicit)
    license.name = body.get("name", license.name)
    return {"id": license.id, "total_units": license.total, "consumed_units": license.consumed}


def add_numbers(world: World, body: Json) -> Json:
    """POST /numbers. What owns them beside people keeps an extension too; where its name stands is a *guess*."""
    org, owner = world.default, body.get("owner") or {}
    location_id = find_location(org, body["location"]).id
    kind, state = body.get("type", "PRIMARY"), body.get("state", "ACTIVE")
    if kind not in NUMBER_KINDS or state not in ("ACTIVE", "INACTIVE"):
        raise ValueError(f"type is one of {', '.join(NUMBER_KINDS)}; state is ACTIVE or INACTIVE")
    flags = {flag: body.get(flag, False) for flag in ("service", "reserved", "mobile", "main", "toll_free")}
    numbers = body.get("numbers", [])
    for number in numbers:
        org.add_number(number, location_id, kind=kind, active=state == "ACTIVE", **flags)
    if "email" in owner:
        person = find_person(org, owner["email"])
        has = person.numbers
        org.set_numbers(person, has + numbers if kind == "ALTERNATE" else numbers + has)
    elif owner:
        last_name = owner.get("last_name", owner.get("name"))
        feature = org.add_feature(owner["type"], location_id, owner.get("first_name"), last_name, body.get("extension"))
        feature.numbers += numbers
        for number in numbers:
            org.numbers[number].owner_id = feature.id
    return {"numbers": len(org.numbers)}


def add_device(world: World, body: Json) -> Json:
    """POST /devices."""
    device = world.default.add_device(find_person(world.default, body["email"]), body["product"])
    return {"id": device.id, "mac": device.mac}


def change_location(world: World, body: Json, name: str) -> Json:
    """PATCH /locations/{name or id}."""
    place = find_location(world.default, name)
    if body["pstn"] not in (None, *PSTN_TYPES):
        raise ValueError(f"pstn is null or one of {', '.join(PSTN_TYPES)}")
    place.pstn = body["pstn"]
    return {"id": place.id, "pstn": place.pstn}


def find_client(world: World, client_id: str) -> Client:
    """A service app or an integration."""
    return pick([client for client in world.book.clients.values() if client.client_id == client_id], "client")


def change_client(world: World, body: Json, name: str) -> Json:
    """PATCH /service_apps/{client_id}, also for integrations.

    `scopes` is what the next mint grants; `regrant` changes the grants and tokens that exist too. `authorized` decides
    about mints only: whether tokens stay valid when an admin withdraws the authorization is not known, so say it
    with `revoke` or `expire`.
    """
    client, now = find_client(world, name), world.now()
    org_id = world.find_org(body["org"]).id if "org" in body else None
    grants = world.book.grants_of(name, org_id)
    if "scopes" in body:
        client.scopes = frozenset(body["scopes"])
    if "authorized" in body:
        authorizer = world.orgs[org_id or world.default.id]
        (client.authorized.add if body["authorized"] else client.authorized.discard)(authorizer.id)
        notify(world, client, authorizer, "authorized" if body["authorized"] else "deauthorized")
    if body.get("expire") not in (None, "access", "refresh"):
        raise ValueError("expire is access or refresh")
    for grant in grants:
        if body.get("regrant"):
            grant.scopes = client.scopes
            for token in (grant.refresh, *grant.access):
                token.scopes = client.scopes
        if body.get("expire") == "access":
            for token in grant.access:
                token.expires_at = now
        if body.get("expire") == "refresh":
            grant.refresh.expires_at = now
        if body.get("revoke"):
            grant.revoke()
    return describe_client(world.book, client, now)


def fail_webhooks(world: World, body: Json) -> Json:
    """POST /webhooks/fail."""
    for webhook in world.webhooks.values():
        webhook.active = webhook.active and webhook.event != body["event"]
    return {}


def issue_token(world: World, body: Json) -> Json:
    """POST /tokens: an access token, and a refresh token where the kind has one."""
    kind, org = body["kind"], world.find_org(body.get("org", "default"))
    scopes = frozenset(body["scopes"]) if "scopes" in body else None
    admin = next(person for person in org.people.values() if person.admin)
    owner = org.by_email(body["person"]) if "person" in body else admin
    if owner is None:
        raise ValueError(f"there is no person {body['person']}")
    if kind in ("service_app", "integration"):
        given = getattr(world.credentials, kind)
        client = find_client(world, body.get("client_id", given["client_id"]))
        if kind == "service_app":
            owner = world.machine_account(client, org)
        grant = world.book.grant(
            client, owner.id, org.id, org.uuid, scopes, lifetime=body.get("lifetime", ACCESS_LIFETIME)
        )
        return {"access_token": grant.access[0].value, "refresh_token": grant.refresh.value}
    if kind not in LIFETIMES:
        raise ValueError("kind is service_app, integration, personal, bot or guest")
    if kind == "bot":
        owner = world.special_account(org, "bot", "herald@webex.bot", "Herald")
    if kind == "guest":
        owner = world.special_account(org, "person", "guest@appid.ciscospark.com", "Guest")
    if scopes is None and kind != "personal":
        scopes = frozenset()  # of bots and guests; a personal access token may do everything
    token = world.book.issue("access", kind, owner.id, org.id, org.uuid, scopes, body.get("lifetime", LIFETIMES[kind]))
    return {"access_token": token.value}


def add_organizations(world: World, body: Json) -> Json:
    """POST /organizations: in each there is one admin. An org that is there already is answered again, with new tokens."""
    names = body.get("names") or [f"Customer {n:04}" for n in range(1, body.get("count", 0) + 1)]
    client = find_client(world, world.credentials.service_app["client_id"])
    managers = [find_person(world.default, email).id for email in body.get("managed_by", [])]
    shown = []
    for name in names:
        customer = build_customer(name, world.default.id)
        org = world.orgs.get(customer.id) or world.add_org(customer)
        org.managers.update(managers)
        entry = {"org_id": org.id, "uuid": org.uuid, "name": org.name}
        if body.get("authorized", True):
            client.authorized.add(org.id)
        if body.get("tokens", True):
            account = world.machine_account(client, org)
            lifetime = body.get("lifetime", ACCESS_LIFETIME)
            grant = world.book.grant(client, account.id, org.id, org.uuid, lifetime=lifetime)
            entry |= {"access_token": grant.access[0].value, "refresh_token": grant.refresh.value}
        shown.append(entry)
    return {"organizations": shown}
