# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about licenses."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from . import licensing
from .ids import bare, encode
from .model import License
from .state import Org
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, cursor


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/licenses", GET=list_licenses)
    table.add("/v1/licenses/users", PATCH=assign_licenses)
    table.add("/v1/licenses/{id}", GET=show_license)


def list_licenses(call: Call) -> Response:
    """GET /licenses: not paged."""
    call.require(["spark-admin:licenses_read"])
    return answer({"items": [show_units(call.org, license) for license in call.org.licenses.values()]})


def show_units(org: Org, license: License) -> dict[str, Any]:
    """A license as JSON. Its counts lag (*live*); how long, is not known."""
    consumed, by_users = org.seen_units(license)
    body: dict[str, Any] = {
        "id": license.id,
        "name": license.name,
        "totalUnits": license.total,
        "consumedUnits": consumed,
        "consumedByUsers": by_users,
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
    body, headers = show_units(org, license), {}
    if call.query.get("includeAssignedTo") == "user":
        start, size = cursor(call.query.get("next")), call.page_size("limit", 300)
        holders = org.seen_holders(license)
        page = holders[start : start + size]
        if start + size < len(holders):
            headers = call.link(next=encode(f"after/{start + size}"))
        body["users"] = [
            {"id": holder.id, "type": "INTERNAL", "displayName": holder.display_name, "email": holder.email}
            for holder in page
        ]
    return answer(body, headers=headers)


def assign_licenses(call: Call) -> Response:
    """PATCH /licenses/users. A request that is not valid changes nothing; one that finds no free unit is a 206."""
    call.require(["spark-admin:people_write"])
    config, org, body = call.world.config, call.org, call.json()
    if not body.get("email") and not body.get("personId"):
        raise ApiError(400, "At least one of email, personId is required.")
    if bare(body.get("orgId", org.id)) != org.uuid:
        raise ApiError(403, FORBIDDEN)
    person = org.people.get(body["personId"]) if body.get("personId") else org.by_email(body["email"])
    # People of other orgs, whose licenses would be pending, are not simulated; a new person may not be known yet (*guess*).
    if person is None or time.monotonic() < person.can_have_licenses_at:
        raise ApiError(404, NOT_FOUND)
    wanted = licensing.plan(config, org, person, body.get("licenses", []))
    sites = body.get("siteUrls", [])
    unknown = [str(site.get("siteUrl")) for site in sites if site.get("siteUrl") != org.site_url]
    if unknown:
        raise ApiError(
            400, "Invalid site URL", f"Request contains invalid attendee siteUrls: {', '.join(unknown)}", 400216
        )
    complete = False
    if not call.partial:
        org.before_write(person, config.staleness())
        complete = licensing.carry_out(config, org, person, wanted)
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
