# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People: how one is found, and what a change of one has to say.

``PUT /people/{id}`` leaves alone what is not sent (live), so a change carries nothing that an older read said, but what
Webex demands: the name, and the addresses with the primary one first (Cisco's OpenAPI, "Update a Person").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from ._calling.licenses import held_of, read_licenses
from ._calling.model import License
from ._client import WebexClient
from ._errors import OptionError, Refused, WebexError
from ._ids import as_segment, bare_id, same_id
from ._page_sizes import HOLDERS_PER_PAGE

# How many holders of licenses are looked through for one person: ten requests.
HOLDERS_READ = 10 * HOLDERS_PER_PAGE


class PersonError(WebexError):
    """What was asked for cannot be done, or was done in part only."""


def check_address(option: str, text: str) -> None:
    """Raise OptionError, which names *option*, if *text* is not an e-mail address."""
    if not re.fullmatch(r"[^@\s,]+@[^@\s,]+", text):
        raise OptionError(option, f"{text!r} is not an e-mail address.", "write for example alice@example.com.")


def find_person(
    client: WebexClient, *, email: str | None = None, person_id: str | None = None
) -> dict[str, Any] | None:
    """Return a person with their calling data, as Webex says it; None if there is no such person.

    Raises PersonError for one who belongs to another organization than the task names: a partner's token may reach both.
    """
    if person_id:
        try:
            person: dict[str, Any] = client.get(f"/people/{as_segment(person_id)}", callingData="true")
        except Refused as error:
            if error.status in (400, 404):
                return None
            raise
        _refuse_stranger(client, person)
        return person
    address = (email or "").lower()
    people = client.pages("/people", "items", email=address, callingData="true", **client.org_params)
    return next((person for person in people if address in map(str.lower, addresses_of(person))), None)


def _refuse_stranger(client: WebexClient, person: Mapping[str, Any]) -> None:
    named, own = client.org_params.get("orgId"), person.get("orgId")
    if named and own and not same_id(str(own), named):
        raise PersonError(
            f"The person {person.get('id')} belongs to another organization ({bare_id(str(own))}) than the task is for "
            f"({bare_id(named)}).",
            "correct `person_id` or `org_id`.",
        )


def addresses_of(person: Mapping[str, Any]) -> list[str]:
    """Return the e-mail addresses of a person as read, in no certain order."""
    return [str(address) for address in person.get("emails") or []]


def full_name(properties: Mapping[str, Any]) -> str:
    """Return the display name, or else the first and last name together; nothing if there is neither."""
    parts = (properties.get("firstName"), properties.get("lastName"))
    return str(properties.get("displayName") or " ".join(part for part in parts if part))


def put_body(person: Mapping[str, Any], changes: Mapping[str, Any], primary: str | None = None) -> dict[str, Any]:
    """Return the body of ``PUT /people/{id}``: *changes*, the name, the addresses with the *primary* one first.

    *primary* is what `primary_address` says; a person with one address needs none. Raises PersonError if one is needed.
    """
    addresses = addresses_of(person)
    if len(addresses) > 1 and primary is None:
        raise _no_primary(addresses, "nothing tells")
    others = [address for address in addresses if address != primary]
    emails = {"emails": [primary, *others] if primary else addresses} if addresses else {}
    return {"displayName": full_name(person) or next(iter(addresses), ""), **emails, **changes}


def primary_address(
    client: WebexClient, person: Mapping[str, Any], licenses: Iterable[License] | None = None
) -> str | None:
    """Return the address to be listed first in a PUT; None if the person has not several, and nothing is asked then.

    The list of a license's holders names it (Cisco's OpenAPI, ``email`` of ``GET /licenses/{id}``); the shortest list is
    read first, and `HOLDERS_READ` holders at most. *licenses* are those of the organization, read if they are not given.
    Raises PersonError if no license tells.
    """
    addresses = addresses_of(person)
    if len(addresses) < 2:
        return None
    held = held_of(dict(person), read_licenses(client) if licenses is None else licenses)
    if not held:
        raise _no_primary(addresses, "the person holds no license whose list of holders could tell")
    left = HOLDERS_READ
    for license_ in sorted(held, key=lambda license_: license_.consumed):
        path = f"/licenses/{as_segment(license_.id)}"
        holders = client.pages(path, "users", includeAssignedTo="user", limit=HOLDERS_PER_PAGE)
        for holder in islice(holders, left):
            left -= 1
            if same_id(holder.get("id"), str(person["id"])):
                named = str(holder.get("email", "")).lower()
                primary = next((address for address in addresses if address.lower() == named), None)
                if primary:
                    return primary
    raise _no_primary(
        addresses, f"the lists of holders of their licenses do not tell ({HOLDERS_READ} are read at most)"
    )


def _no_primary(addresses: list[str], reason: str) -> PersonError:
    return PersonError(
        f"The person has the addresses {', '.join(addresses)}, and Webex wants the primary one listed first in every "
        f"change, but does not say which one it is: {reason}. Nothing was written.",
        "change this person in Control Hub, or leave them one address there.",
    )
