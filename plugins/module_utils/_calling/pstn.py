# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a location reaches the telephone network, which decides whether its numbers are for the API to change."""

from __future__ import annotations

from .._client import WebexClient
from .._errors import Refused
from .._ids import as_segment
from .model import CallingError, Location

# Cisco's OpenAPI, "Retrieve PSTN Connection for a Location": the other types are integrated.
NOT_INTEGRATED = frozenset({"LOCAL_GATEWAY", "NON_INTEGRATED_CCP"})


def refuse_integrated_pstn(client: WebexClient, place: Location) -> None:
    """Raise CallingError unless *place* is connected in a way that is not integrated; RequestError if it cannot be read.

    Cisco's OpenAPI ("Add Phone Numbers to a location"): changing numbers "should never be used for locations with
    integrated PSTN connection types like Cisco Calling Plans or Integrated CCP because backend data issues may occur".
    """
    try:
        connection = client.get(f"/telephony/pstn/locations/{as_segment(place.id)}/connection", **client.org_params)
    except Refused as error:
        if error.status == 404 or "not configured" in error.words:  # the words are those that wxcadm looks for
            raise CallingError(
                f"The location {place.name} has no connection to the telephone network (PSTN), so it can have no numbers. "
                f"Webex says: {error.message}",
                "set the connection up (Control Hub, Calling, Locations, the location, PSTN), then run again.",
            ) from None
        raise
    kind = connection.get("pstnConnectionType")
    if kind not in NOT_INTEGRATED:
        raise CallingError(
            f"The PSTN of the location {place.name} is integrated, or not known not to be (pstnConnectionType {kind}). "
            "Cisco warns of damaged data if its numbers are changed in this way; nothing was written.",
            "order, activate and give back its numbers in Control Hub (Calling, Numbers), or with the provider.",
        )
