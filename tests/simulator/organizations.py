# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about organizations."""

from __future__ import annotations

from starlette.responses import Response

from .ids import bare
from .model import stamp
from .state import Org
from .web import NOT_FOUND, ApiError, Call, Routes, answer


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/organizations", GET=list_organizations)
    table.add("/v1/organizations/{id}", GET=show_organization)


def list_organizations(call: Call) -> Response:
    """GET /organizations: the org of the token; partners, who see more of them, are not simulated."""
    call.require(["spark-admin:organizations_read"])
    return answer({"items": [show_org(call.org)]})


def show_organization(call: Call) -> Response:
    """GET /organizations/{id}."""
    call.require(["spark-admin:organizations_read"])
    if bare(call.parameters["id"]) != call.org.uuid:
        raise ApiError(404, NOT_FOUND)
    return answer(show_org(call.org))


def show_org(org: Org) -> dict[str, str]:
    """An org as JSON."""
    return {"id": org.id, "displayName": org.name, "created": stamp(org.created)}
