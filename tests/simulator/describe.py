# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state as the control plane shows it: readable, without secrets."""

from __future__ import annotations

from typing import Any

from .model import Owner, Person
from .state import Org
from .tokens import Client, TokenBook


def describe_org(org: Org) -> dict[str, Any]:
    """An org, readable: names in place of ids wherever a name says it."""
    names = {key: location.name for key, location in org.locations.items()}
    return {
        "org_id": org.id,
        "org_name": org.name,
        "people": [
            {
                "id": person.id,
                "email": person.email,
                "aliases": list(person.aliases),
                "display_name": person.display_name,
                "admin": person.admin,
                "licenses": [org.licenses[key].name for key in person.licenses],
                "license_ids": list(person.licenses),
                "location": names.get(person.location_id or ""),
                "extension": person.extension,
                "phone_number": person.phone_number,
                "alternate_numbers": list(person.alternates),
                "directory_numbers": list(person.directory_numbers),
                "settings": person.settings,
                "passcodes": len(person.passcodes),
            }
            for person in org.people.values()
        ],
        "licenses": [
            {
                "id": license.id,
                "name": license.name,
                "subscription": license.subscription,
                "tier": license.tier,
                "implicit": license.implicit,
                "total_units": license.total,
                "consumed_units": license.consumed,
                "consumed_by_users": len(license.holders),
                "consumed_by_workspaces": license.elsewhere,
            }
            for license in org.licenses.values()
        ],
        "locations": [
            {
                "id": place.id,
                "name": place.name,
                "calling": place.calling,
                "routing_prefix": place.routing_prefix,
                "pstn": place.pstn,
                "time_zone": place.timezone,
                "preferred_language": place.language,
                "announcement_language": place.announcement_language,
                "address": place.address,
            }
            for place in org.locations.values()
        ],
        "activation_codes": list(org.activation_codes),
        "devices": [
            {"id": device.id, "owner": describe_owner(org.owner(device.person_id))["owner"], "product": device.product}
            for device in org.devices.values()
        ],
        "numbers": [
            {
                "phone_number": number.value,
                "location": names[number.location_id],
                **describe_owner(org.owner(number.owner_id)),
                "type": number.kind,
                "state": "ACTIVE" if number.active else "INACTIVE",
                "service": number.service,
                "reserved": number.reserved,
                "mobile": number.mobile,
                "main": number.main,
                "toll_free": number.toll_free,
            }
            for number in org.numbers.values()
        ],
        "features": [
            {
                "id": feature.id,
                "type": feature.type,
                "name": feature.name,
                "location": names[feature.location_id],
                "extension": feature.extension,
                "numbers": list(feature.numbers),
            }
            for feature in org.features.values()
        ],
    }


def describe_owner(owner: Owner | None) -> dict[str, str | None]:
    """Who owns a number: a person by the address, a feature by its name."""
    if isinstance(owner, Person):
        return {"owner": owner.email, "owner_type": "PEOPLE"}
    return {"owner": owner.name if owner else None, "owner_type": owner.type if owner else None}


def describe_client(book: TokenBook, client: Client, now: float) -> dict[str, Any]:
    """A service app or integration with its grants, as they are at this time."""
    return {
        "kind": client.kind,
        "name": client.name,
        "client_id": client.client_id,
        "application_id": client.application_id,
        "scopes": sorted(client.scopes),
        "authorized_orgs": sorted(client.authorized),
        "grants": [
            {
                "org_id": grant.refresh.org_id,
                "person_id": grant.refresh.person_id,
                "scopes": sorted(grant.scopes),
                "refresh_token_alive": grant.refresh.alive(now),
                "refresh_token_expires_at": grant.refresh.expires_at,
                "access_tokens": len(grant.access),
                "access_tokens_alive": sum(token.alive(now) for token in grant.access),
            }
            for grant in book.grants_of(client.client_id)
        ],
    }
