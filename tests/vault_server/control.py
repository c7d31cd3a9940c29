# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane under /_vault: look at the server and change it, without authentication.

==========================  ========================================================================================
GET, DELETE /journal        the requests to the Vault side; forget them
GET /secrets                every token, secret id and JWT that this process ever knew, and what each is
POST /reset                 a fresh state, with the same credentials, unless `new_credentials`
GET, PATCH /config          the settings of `world.Config`
GET, POST, DELETE /faults   failures to order: the fields of `faults.Fault`
POST /tokens                a token: `rules` (capabilities by path; none: a root token), `ttl` (seconds; 0: for ever;
                            negative: expired), `namespace`
POST /mounts                an engine or an auth method at another path: `path`, `kind` (`kv`, `approle`, `jwt`)
==========================  ========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Fault
from .world import World

Json = dict[str, Any]


def application(world: World) -> Starlette:
    """The control plane of this world."""

    def route(path: str, method: str, action: Callable[[World, Json], Any]) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.json() if await request.body() else {}
            return JSONResponse(action(world, body))

        return Route(f"/_vault{path}", endpoint, methods=[method])

    async def refused(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error) or repr(error)}, 400)

    return Starlette(
        routes=[
            route("/journal", "GET", lambda world, body: {"requests": world.journal.requests}),
            route("/journal", "DELETE", clear_journal),
            route("/secrets", "GET", lambda world, body: {"secrets": world.secrets}),
            route("/reset", "POST", reset),
            route("/config", "GET", lambda world, body: asdict(world.config)),
            route("/config", "PATCH", configure),
            route("/faults", "GET", lambda world, body: {"faults": [asdict(fault) for fault in world.faults]}),
            route("/faults", "POST", add_fault),
            route("/faults", "DELETE", clear_faults),
            route("/tokens", "POST", issue_token),
            route("/mounts", "POST", mount),
        ],
        exception_handlers={KeyError: refused, ValueError: refused, TypeError: refused, re.error: refused},
    )


def reset(world: World, body: Json) -> Json:
    """POST /reset; answers what the ready line said."""
    world.reset(**body)
    return world.ready()


def clear_journal(world: World, body: Json) -> Json:
    """DELETE /journal."""
    world.journal.clear()
    return {}


def configure(world: World, body: Json) -> Json:
    """PATCH /config."""
    world.config.update(body)
    return asdict(world.config)


def add_fault(world: World, body: Json) -> Json:
    """POST /faults. The first order that strikes is the one that counts."""
    world.faults.append(Fault(**body))
    return asdict(world.faults[-1])


def clear_faults(world: World, body: Json) -> Json:
    """DELETE /faults."""
    world.faults.clear()
    return {}


def issue_token(world: World, body: Json) -> Json:
    """POST /tokens."""
    token = world.issue("custom", body.get("rules"), body.get("namespace", "").strip("/"), body.get("ttl", 3600))
    return {"client_token": token.value, "accessor": token.accessor}


def mount(world: World, body: Json) -> Json:
    """POST /mounts, in every namespace."""
    world.mount(body["path"], body["kind"])
    return {"kv": sorted(world.kv_mounts), "auth": world.auth_mounts}
