# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that the benchmark starts in the environment of wxc_sdk: the same job, as its users would write it.

``look``: how often all people are read. Once: before, to leave out those who have calling. Twice: also afterwards, to
see that all of them have it now. Not at all: everybody is written unseen. ``create``: those who do not exist are created
first, a hundred with one call. ``set_up``: their emergency callback and their voicemail are set as well, each read before
and afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from wxc_sdk.as_api import AsSCIM2BulkApi, AsWebexSimpleApi
from wxc_sdk.as_rest import AsRestSession
from wxc_sdk.base import webex_id_to_uuid
from wxc_sdk.licenses import LicenseProperties, LicenseRequest, LicenseRequestOperation
from wxc_sdk.person_settings.ecbn import SelectedECBN
from wxc_sdk.scim.bulk import BulkMethod, BulkOperation
from wxc_sdk.scim.users import ScimUser, UserTypeObject

RINGS = 5


async def create(api: AsWebexSimpleApi, users: list[dict[str, Any]]) -> None:
    """Create people in bulk."""
    me = await api.people.me()
    operations = [
        BulkOperation(
            method=BulkMethod.post,
            path="/Users",
            bulk_id=str(number),
            data=ScimUser(
                user_name=user["email"], user_type=UserTypeObject.user, display_name=user["display_name"]
            ).create_update(),
        )
        for number, user in enumerate(users)
    ]
    answers = await asyncio.gather(
        *(
            api.scim.bulk.bulk_request(webex_id_to_uuid(me.org_id), operations[start : start + 100], 100)
            for start in range(0, len(operations), 100)
        )
    )
    if any(end.status != 201 for answer in answers for end in answer.operations):
        sys.exit("somebody was not created")


async def set_up(api: AsWebexSimpleApi, person_id: str) -> None:
    """Let emergency services call back the location, and voicemail answer after some rings."""
    callback, voicemail = api.person_settings.ecbn, api.person_settings.voicemail
    if (await callback.read(person_id)).selected != SelectedECBN.location_ecbn.value:
        await callback.configure(person_id, selected=SelectedECBN.location_ecbn)
        if (await callback.read(person_id)).selected != SelectedECBN.location_ecbn.value:
            sys.exit("an emergency callback was not set")
    settings = await voicemail.read(person_id)
    if settings.send_unanswered_calls.number_of_rings != RINGS:
        settings.send_unanswered_calls.number_of_rings = RINGS
        await voicemail.configure(person_id, settings)
        if (await voicemail.read(person_id)).send_unanswered_calls.number_of_rings != RINGS:
            sys.exit("a voicemail was not set")


async def enable(users: list[dict[str, Any]], concurrency: int, look: int, creates: bool, sets_up: bool) -> int:
    """Give the calling license to the users, and return how many were written."""
    listed = {user["email"].lower() for user in users}
    async with AsWebexSimpleApi(tokens=os.environ["WEBEX_ACCESS_TOKEN"], concurrent_requests=concurrency) as api:
        professional = [one for one in await api.licenses.list() if one.webex_calling_professional]
        license_id = max(professional, key=lambda one: one.total_units - one.consumed_units).license_id
        locations = {place.name: place.location_id for place in await api.telephony.location.list()}
        calling = {one.license_id for one in professional}

        known: dict[str, str] = {}

        async def who_has_calling() -> set[str]:
            people = await api.people.list(calling_data=True)
            known.update((person.emails[0].lower(), person.person_id) for person in people)
            return {person.emails[0].lower() for person in people if calling.intersection(person.licenses or ())}

        if look:
            done = await who_has_calling()
            users = [user for user in users if user["email"].lower() not in done]
        missing = [user for user in users if user["email"].lower() not in known]
        if creates and missing:
            await create(api, missing)
        await asyncio.gather(
            *(
                api.licenses.assign_licenses_to_users(
                    email=user["email"],
                    licenses=[
                        LicenseRequest(
                            id=license_id,
                            operation=LicenseRequestOperation.add,
                            properties=LicenseProperties(
                                location_id=locations[user["location"]], extension=user["extension"]
                            ),
                        )
                    ],
                )
                for user in users
            )
        )
        if look > 1 and users and not listed <= await who_has_calling():
            sys.exit("somebody has no calling")
        if sets_up:
            await asyncio.gather(*(set_up(api, known[email]) for email in listed))
        return len(users)


def main(order_path: str, measure_path: str) -> None:
    """Do what is ordered."""
    order = json.loads(Path(order_path).read_text(encoding="utf-8"))
    base = AsRestSession.BASE = os.environ["WEBEX_BASE_URL"]
    # It has the host of SCIM as a constant.
    AsSCIM2BulkApi.ep = lambda api, path: f"{base.removesuffix('/v1')}/identity/scim/{path}"
    start = time.monotonic()
    extras = (order.get("create", False), order.get("set_up", False))
    written = asyncio.run(enable(order["users"], order["concurrency"], order["look"], *extras))
    measure = {
        "work": time.monotonic() - start,
        "cpu": time.process_time(),
        "memory": 0.0,
        "result": {"written": written},
    }
    Path(measure_path).write_text(json.dumps(measure), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
