# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone numbers and extensions of an organization.

Of the filters of ``GET /telephony/config/numbers``, only those for location and phone number are Webex's business here.
Those for extensions and for what is free are documented for phone numbers only (wxc_sdk), and an extension without a
number has to be found too; so what comes back is sifted here, also as to what Webex was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._client import WebexClient
from .._ids import same_id
from .._page_sizes import NUMBERS_PER_PAGE
from .._people import find_person
from .inventory import NUMBERS_PATH, is_available
from .model import digits, same_number
from .organization import Organization
from .wish import plain_number


@dataclass(frozen=True)
class NumberFilter:
    """Which numbers are wanted; None means: all the same."""

    location: str | None = None
    phone_number: str | None = None
    extension: str | None = None
    owner: str | None = None
    available: bool | None = None


def read_numbers(client: WebexClient, wanted: NumberFilter) -> list[dict[str, Any]]:
    """Return the numbers that are wanted, as Webex says them, each with ``available``.

    Raises OptionError for what is no phone number, CallingError for a location that is not there.
    """
    query: dict[str, Any] = {"max": NUMBERS_PER_PAGE, **client.org_params}
    number = plain_number(wanted.phone_number)
    if number:
        query["phoneNumber"] = f"+{digits(number)}"
    place = Organization(client).location(wanted.location) if wanted.location else None
    if place:
        query["locationId"] = place.id
    owner = wanted.owner
    if owner and "@" in owner:
        person = find_person(client, email=owner)
        if person is None:
            return []
        owner = person["id"]
    numbers = []
    for item in client.pages(NUMBERS_PATH, "phoneNumbers", **query):
        available = is_available(item)
        if (
            (not number or same_number(item.get("phoneNumber"), number))
            and (not place or same_id((item.get("location") or {}).get("id"), place.id))
            and (not wanted.extension or item.get("extension") == wanted.extension.strip())
            and (not owner or same_id((item.get("owner") or {}).get("id"), owner))
            and wanted.available in (None, available)
        ):
            numbers.append({**item, "available": available})
    return numbers
