# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls that put phone numbers into the inventory of a location, take them out, and activate them."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from .locations import find_calling
from .model import Location, Number, Person
from .state import Org
from .web import NOT_FOUND, ApiError, Call, Routes, new_tracking_id, no_content

_WRITE = ["spark-admin:telephony_config_write"]
INTEGRATED = ("INTEGRATED_CCP", "CISCO_PSTN")
MOST_REMOVED, MOST_DEACTIVATED = 5, 500


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    path = "/v1/telephony/config/locations/{id}/numbers"
    table.add(path, POST=add_numbers, PUT=change_state, DELETE=remove_numbers)


def add_numbers(call: Call) -> Response:
    """POST: 201. Numbers that are in the location already are ignored (*spec*); those of another location are refused.

    Without `state` they are INACTIVE, which harms most; whether some are added when others are refused, and what is
    said then, is a *guess* too. Mobile numbers, which are an order to a carrier, are not simulated.
    """
    call.require(_WRITE)
    place, body, numbers = connected(call), *asked(call)
    check_integrated(call, place)
    org = call.org
    refused = [value for value in numbers if value in org.numbers and org.numbers[value].location_id != place.id]
    new = [value for value in numbers if value not in org.numbers]
    if not refused or call.world.config.add_in_part:
        for value in new:
            org.before_number_write(value, call.world.config.stale_numbers)
            org.add_number(
                value,
                place.id,
                active=body.get("state") == "ACTIVE",
                toll_free=body.get("numberType") == "TOLLFREE",
                service=body.get("numberUsageType") == "SERVICE",
            )
    if refused:
        raise ApiError(400, f"[Error 8361] DN is unavailable : {', '.join(refused)}")
    return Response(status_code=201, headers={"trackingid": new_tracking_id()})


def change_state(call: Call) -> Response:
    """PUT: 204. Without `action`, numbers are activated; the limits of deactivating are from the description (*spec*)."""
    call.require(_WRITE)
    place, body, values = connected(call), *asked(call)
    check_integrated(call, place)
    numbers = [inventory_number(call.org, place, value) for value in values]
    activate = body.get("action", "ACTIVATE") == "ACTIVATE"
    if any(number.mobile for number in numbers):
        raise ApiError(400, "Mobile numbers cannot be activated or deactivated.")
    if not activate and len(numbers) > MOST_DEACTIVATED:
        raise ApiError(400, f"At most {MOST_DEACTIVATED} numbers can be deactivated in a request.")
    if not activate and any(number.owner_id for number in numbers):
        raise ApiError(400, "Numbers that are assigned cannot be deactivated.")
    for number in numbers:
        call.org.before_number_write(number.value, call.world.config.stale_numbers)
        number.active = activate
    return no_content()


def remove_numbers(call: Call) -> Response:
    """DELETE: 204; at most 5, and never the main number (*spec*). A number that somebody has is taken away from them (*guess*)."""
    call.require(_WRITE)
    place, values = connected(call), asked(call)[1]
    check_removable(place)
    if len(values) > MOST_REMOVED:
        raise ApiError(400, f"At most {MOST_REMOVED} numbers can be removed in a request.")
    numbers = [inventory_number(call.org, place, value) for value in values]
    if any(number.main for number in numbers):
        raise ApiError(400, "The main number of a location cannot be removed.")
    for number in numbers:
        owner = call.org.owner(number.owner_id)
        if isinstance(owner, Person):
            call.org.before_write(owner, call.world.config.staleness())
            call.org.set_numbers(owner, [value for value in owner.numbers if value != number.value])
        elif owner:
            owner.numbers.remove(number.value)
        call.org.before_number_write(number.value, call.world.config.stale_numbers)
        del call.org.numbers[number.value]
    return no_content()


def asked(call: Call) -> tuple[dict[str, Any], list[str]]:
    """The body, and the numbers in it, which must be written as E.164 (*spec*)."""
    body = call.json()
    numbers = body.get("phoneNumbers")
    if not isinstance(numbers, list) or not numbers:
        raise ApiError(400, "phoneNumbers is required.")
    wrong = [str(number) for number in numbers if not re.fullmatch(r"\+[1-9][0-9]{5,14}", str(number))]
    if wrong:
        raise ApiError(400, f"Not in the E.164 format: {', '.join(wrong)}")
    return body, list(dict.fromkeys(numbers))


def connected(call: Call) -> Location:
    """The location of the path; without a connection to the telephone network 404 (*live*)."""
    place = find_calling(call)
    if place.pstn is None:
        raise ApiError(404, NOT_FOUND)
    return place


def check_integrated(call: Call, place: Location) -> None:
    """Numbers of an integrated connection must never be changed here, says the description; nothing says that Webex refuses it.

    So it does it (*guess*), unless a test wants it to refuse.
    """
    if place.pstn in INTEGRATED and call.world.config.integrated_pstn == "refuse":
        raise ApiError(400, "The PSTN connection of the location is integrated.")


def check_removable(place: Location) -> None:
    """Removing is refused where the connection is integrated (*live*: wxcli; its status is a guess)."""
    if place.pstn in INTEGRATED:
        text = "DELETE number(s) is supported only for non-integrated CCP and LGW locations."
        raise ApiError(400, text, code="ERR.V.TRM.TMN60004")


def inventory_number(org: Org, place: Location, value: str) -> Number:
    """A number of the location; another one is refused, and then nothing is changed (*guess*)."""
    number = org.numbers.get(value)
    if number is None or number.location_id != place.id:
        raise ApiError(400, f"The number {value} is not in the location.")
    return number
