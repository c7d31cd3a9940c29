# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request to the Webex side: journal, faults, rate limit, handler, latency.

Handlers are plain functions that never wait: each is one indivisible step, however many requests come at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from asyncio import Transport
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import control, faults, jobs, licenses, numbers, oauth, organizations, people
from .journal import about, readable
from .tokens import Token
from .web import ApiError, Call, Routes
from .world import World


class Protocol(HttpToolsProtocol):
    """uvicorn's own, which also hands the TCP connection to the application, for the faults that close it."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Put the connection where each request finds it, in ``scope["state"]``."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Simulator:
    """The ASGI application: the Webex side under /v1, the control plane under /_simulator."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.control = control.application(world)
        self.routes = Routes()
        for module in (oauth, people, licenses, numbers, organizations, jobs):
            module.routes(self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith("/_simulator"):
            await self.control(scope, receive, send)
        else:
            with contextlib.suppress(ClientDisconnect):  # who is killed in the middle of a request is no error here
                await self.webex(Request(scope, receive), scope, receive, send)

    async def webex(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to the Webex side, or fail it as ordered."""
        world, method, path = self.world, request.method, request.url.path
        body, content_type = await request.body(), request.headers.get("content-type", "")
        token = self.token(request)
        details = about(token, readable(body, content_type))
        entry = world.journal.open(method, path, dict(request.query_params), **details)
        answer_at = time.monotonic() + world.config.latency_ms / 1000

        fault = next((fault for fault in world.faults if fault.strikes(method, path, world.random)), None)
        if fault:
            entry["fault"] = fault.kind
        transport: Transport = scope["state"]["transport"]
        if fault and fault.kind == "reset":
            faults.reset(transport)
            return await closed(receive)
        if fault and fault.kind == "timeout":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(closed(receive), fault.seconds)
            transport.close()
            return await closed(receive)
        if fault and fault.kind in ("status", "html", "empty", "redirect"):
            response = fault.response()
        else:
            call = Call(world, method, path, dict(request.query_params), body, content_type, token)
            call.partial = fault is not None and fault.kind == "partial"
            response = self.handle(call)
        if fault and fault.kind == "apply_then_fail":
            response = fault.response()

        # What the handler took is part of the latency: the clock of those who ask does not see the difference.
        if (rest := answer_at - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        entry["status"] = response.status_code
        if fault and fault.kind == "truncated":
            await send_half(response, send)
            transport.close()
            return await closed(receive)
        return await response(scope, receive, send)

    def token(self, request: Request) -> Token | None:
        """The access token of a request, dead or alive, if it is one."""
        scheme, _scope, value = request.headers.get("authorization", "").partition(" ")
        token = self.world.book.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        return token if token and token.use == "access" else None

    def handle(self, call: Call) -> Response:
        """Find the handler and run it, unless the token asks too often."""
        try:
            self.limit(call.token)
            handler, call.parameters = self.routes.find(call.method, call.path)
            return handler(call)
        except ApiError as error:
            telephony = call.path.startswith("/v1/telephony/")
            return error.response(self.world.config.error_shape if telephony else "webex")

    def limit(self, token: Token | None) -> None:
        """429 for a token that had its requests of the last second. Webex tells nobody its limit (*guess*)."""
        rate, now = self.world.config.rate_limit, time.monotonic()
        if rate is None or token is None:
            return
        recent = [at for at in self.world.rates.get(token.value, []) if at > now - 1]
        self.world.rates[token.value] = recent
        if len(recent) >= rate:
            raise ApiError(429, "Too many requests", headers={"Retry-After": "1"})
        recent.append(now)


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
