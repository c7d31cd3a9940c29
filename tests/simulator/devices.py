# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about devices of people, and about the codes with which telephones set themselves up."""

from __future__ import annotations

from starlette.responses import Response

from .model import stamp
from .web import NOT_FOUND, ApiError, Call, Routes, answer, no_content

DIGITS = 24
LIFETIME = 7 * 86400.0  # seconds; how long a code can be used is not known


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/devices/activationCode", POST=create_activation_code)
    table.add("/v1/devices", GET=list_devices)
    table.add("/v1/devices/{id}", DELETE=delete_device)


def list_devices(call: Call) -> Response:
    """GET /devices, of everybody or of one person. The largest page is not known: 100 (*guess*)."""
    call.require(["spark-admin:devices_read"])
    owner = call.query.get("personId")
    devices = [device for device in call.org.devices.values() if owner in (None, device.person_id)]
    page, headers = call.page(devices, 100)
    items = [
        {
            "id": device.id,
            "displayName": device.product,
            "personId": device.person_id,
            "orgId": call.org.id,
            "product": device.product,
            "type": "phone",
            "mac": device.mac,
            "created": stamp(call.org.created),
        }
        for device in page
    ]
    return answer({"items": items}, headers=headers)


def delete_device(call: Call) -> Response:
    """DELETE /devices/{id}: 204. A device stays when its owner loses calling (*guess*).

    The call is in Cisco's whole description, but not in the part that the tests compare with.
    """
    call.require(["spark-admin:devices_write"])
    if call.org.devices.pop(call.parameters["id"], None) is None:
        raise ApiError(404, NOT_FOUND)
    return no_content()


def create_activation_code(call: Call) -> Response:
    """POST /devices/activationCode: one more code with each call (*guess*). Workspaces and telephones are not simulated.

    Two spellings of the second scope are in use. The code is longer than Cisco's example, so that a leak is found.
    """
    call.require(["spark-admin:devices_write"], ["identity:one_time_password", "Identity:one_time_password"])
    body = call.json()
    if "workspaceId" in body:
        raise ApiError(400, "Workspaces are not simulated.")
    if body.get("personId") not in call.org.people:
        raise ApiError(404, NOT_FOUND)
    code = f"{call.world.random.randrange(10**DIGITS):0{DIGITS}}"
    call.world.secrets[code] = "activation code"
    call.org.activation_codes.append({"person_id": body["personId"], "model": body.get("model")})
    return answer({"code": code, "expiryTime": stamp(call.world.now() + LIFETIME)})
