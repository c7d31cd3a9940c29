# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about organizations."""

from __future__ import annotations

from starlette.responses import Response

from .ids import bare, encode
from .model import stamp
from .state import Org
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer

_PARTNER_ADMIN = encode("atlas-portal.partner.salesfulladmin")  # nearly the example of the description, in base64


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/organizations", GET=list_organizations)
    table.add("/v1/organizations/{id}", GET=show_organization)
    table.add("/v1/partner/organizations", GET=list_managed_organizations)


def list_organizations(call: Call) -> Response:
    """GET /organizations, not paged (*spec*): "all organizations visible by your account".

    These are the org of the token and, for an admin of a partner, the customers that they manage (*guess*).
    """
    call.require(["spark-admin:organizations_read"])
    customers = [org for org in call.world.orgs.values() if call.manages(org)]
    return answer({"items": [show_org(org) for org in [call.org, *customers]]})


def list_managed_organizations(call: Call) -> Response:
    """GET /partner/organizations: the customers of one partner admin, whom `managedBy` names; for full admins (*spec*).

    A full admin manages all customers anyway and is refused as `managedBy` (*spec*). The status of that, the scope and
    the role in the answer are not known.
    """
    call.require(["spark-admin:organizations_read"])
    manager, org = call.query.get("managedBy"), call.org
    if not manager:
        raise ApiError(400, "managedBy is required")
    if not call.me.admin:
        raise ApiError(403, FORBIDDEN)
    person = org.people.get(manager)
    if person is None:
        raise ApiError(404, NOT_FOUND)
    if person.admin:
        raise ApiError(400, "The user already has access to all customers managed by their partner organization.")
    managed = [customer for customer in call.world.orgs.values() if person.id in customer.managers]
    return answer({"items": [{"orgId": customer.id, "role": _PARTNER_ADMIN} for customer in managed]})


def show_organization(call: Call) -> Response:
    """GET /organizations/{id}."""
    call.require(["spark-admin:organizations_read"])
    if bare(call.parameters["id"]) != call.org.uuid:
        raise ApiError(404, NOT_FOUND)
    return answer(show_org(call.org))


def show_org(org: Org) -> dict[str, str]:
    """An org as JSON."""
    return {"id": org.id, "displayName": org.name, "created": stamp(org.created)}
