# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the control plane that each server has: look at the server and change it, without authentication.

===========================  ========================================================================================
GET, DELETE /journal         the requests to the API; forget them, and answer them once more
GET /secrets                 every secret that this process ever knew, and what each is
POST /reset                  a fresh state, with the options of the `reset` of its world
GET, PATCH /config           the settings of its `Config`
GET, POST, DELETE /faults    failures to order: the fields of its `Fault`; how often each matched and struck; forget them
POST /down, POST /up         refuse connections, except to the control plane; accept them again
===========================  ========================================================================================
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .world import World

Json = dict[str, Any]
# The path, the method, and what is done: given the world, the body, and by name what stands in the path.
Action = tuple[str, str, Callable[..., Any]]


def application(world: World, prefix: str, more: Iterable[Action]) -> Starlette:
    """The control plane of a world: what each has, and more."""

    def route(path: str, method: str, action: Callable[..., Any]) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.json() if await request.body() else {}
            answer = action(world, body, **request.path_params)
            return JSONResponse(await answer if inspect.isawaitable(answer) else answer)

        return Route(f"{prefix}{path}", endpoint, methods=[method])

    async def refused(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error) or repr(error)}, 400)

    return Starlette(
        routes=[route(*action) for action in (*_COMMON, *more)],
        exception_handlers={KeyError: refused, ValueError: refused, TypeError: refused, re.error: refused},
    )


async def reset(world: World, body: Json) -> Json:
    """POST /reset; answers what the ready line said."""
    await world.accept_connections()
    world.reset(**body)
    return world.ready()


def clear_journal(world: World, body: Json) -> Json:
    """DELETE /journal, which answers what is forgotten."""
    return {"requests": world.journal.clear()}


def configure(world: World, body: Json) -> Json:
    """PATCH /config."""
    world.config.update(body)
    return asdict(world.config)


def add_fault(world: World, body: Json) -> Json:
    """POST /faults. The first order that strikes is the one that counts."""
    world.faults.append(world.fault(**body))
    return asdict(world.faults[-1])


def clear_faults(world: World, body: Json) -> Json:
    """DELETE /faults."""
    world.faults.clear()
    return {}


async def down(world: World, body: Json) -> Json:
    """POST /down."""
    await world.refuse_connections()
    return {}


async def up(world: World, body: Json) -> Json:
    """POST /up."""
    await world.accept_connections()
    return {}


_COMMON: tuple[Action, ...] = (
    ("/journal", "GET", lambda world, body: {"requests": world.journal.requests}),
    ("/journal", "DELETE", clear_journal),
    ("/secrets", "GET", lambda world, body: {"secrets": world.secrets}),
    ("/reset", "POST", reset),
    ("/config", "GET", lambda world, body: asdict(world.config)),
    ("/config", "PATCH", configure),
    ("/faults", "GET", lambda world, body: {"faults": [asdict(fault) for fault in world.faults]}),
    ("/faults", "POST", add_fault),
    ("/faults", "DELETE", clear_faults),
    ("/down", "POST", down),
    ("/up", "POST", up),
)
