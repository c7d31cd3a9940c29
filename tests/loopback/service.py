# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request: journal, faults, handler, latency.

Handlers are plain functions that never wait: each is one indivisible step, however many requests come at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from asyncio import Transport
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .faults import Fault, reset
from .world import World

INSTEAD = ("status", "html", "empty", "redirect")  # the faults that answer and do not let the handler run


class Service(ABC):
    """The ASGI application: an API, and a control plane under the path `prefix`."""

    prefix: str

    def __init__(self, world: World, control: ASGIApp) -> None:
        self._world = world
        self._control = control

    @abstractmethod
    def call(self, request: Request, body: bytes) -> Any:
        """What a handler gets to see of a request."""

    @abstractmethod
    def details(self, call: Any) -> dict[str, Any]:
        """What the journal says of a request beside method, path and query: no secret."""

    @abstractmethod
    def handle(self, call: Any, fault: Fault | None) -> Response:
        """Do what is asked, and answer. The fault is one that concerns the handler, if any."""

    def concerns(self, fault: Fault, call: Any) -> bool:
        """Whether the fault is about such a call, beside its method and path."""
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(self.prefix):
            await self._control(scope, receive, send)
        else:
            with contextlib.suppress(ClientDisconnect):  # who is killed in the middle of a request is no error here
                await self._answer(Request(scope, receive), scope, receive, send)

    async def _answer(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to the API, or fail it as ordered."""
        world, method, path = self._world, request.method, scope["path"]
        call = self.call(request, await request.body())
        entry = world.journal.open(method, path, dict(request.query_params), **self.details(call))
        answer_at = time.monotonic() + world.config.latency_ms / 1000

        orders = (fault for fault in world.faults if self.concerns(fault, call))
        fault = next((order for order in orders if order.strikes(method, path, world.random)), None)
        if fault:
            entry["fault"] = fault.kind
        transport: Transport = scope["state"]["transport"]
        if fault and fault.kind == "restart":
            await world.refuse_connections()
            self._up_again = asyncio.create_task(_after(fault.seconds, world))
            return await closed(receive)
        if fault and fault.kind == "reset":
            reset(transport)
            return await closed(receive)
        if fault and fault.kind == "timeout":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(closed(receive), fault.seconds)
            transport.close()
            return await closed(receive)
        response = fault.response() if fault and fault.kind in INSTEAD else self.handle(call, fault)
        if fault and fault.kind == "apply_then_fail":
            response = fault.response()
        if fault and fault.kind == "slow":
            answer_at += fault.seconds

        # What the handler took is part of the latency: the clock of those who ask does not see the difference.
        if (rest := answer_at - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        entry["status"] = response.status_code
        if fault and fault.kind == "truncated":
            await send_half(response, send)
            transport.close()
            return await closed(receive)
        return await response(scope, receive, send)


async def _after(seconds: float, world: World) -> None:
    """Accept connections again."""
    await asyncio.sleep(seconds)
    await world.accept_connections()


async def closed(receive: Receive) -> None:
    """Wait until the connection is gone: uvicorn then does not complain about a missing answer."""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return


async def send_half(response: Response, send: Send) -> None:
    """The headers with the length of the whole body, and half of the body."""
    body = bytes(response.body)
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
