# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex side: the token of a request, the handler that answers it, and the rate limit."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..loopback.faults import Fault
from ..loopback.journal import readable
from ..loopback.service import Service
from . import (
    control,
    devices,
    features,
    jobs,
    licenses,
    locations,
    number_changes,
    numbers,
    oauth,
    organizations,
    people,
    scim,
    webhooks,
)
from .state import Org
from .tokens import Token, fingerprint
from .web import ApiError, Call, Routes
from .world import World

# Those that answer calls of Webex.
MODULES = (
    oauth,
    people,
    features,
    licenses,
    locations,
    numbers,
    number_changes,
    devices,
    organizations,
    jobs,
    webhooks,
    scim,
)
SECRETS = frozenset(
    {
        "access_token",
        "accessToken",
        "client_secret",
        "clientSecret",
        "code",
        "passcode",
        "password",
        "refresh_token",
        "refreshToken",
        "secret",
    }
)


class Simulator(Service):
    """The ASGI application: the Webex side under /v1, the control plane under /_simulator."""

    prefix = "/_simulator"

    def __init__(self, world: World) -> None:
        super().__init__(world, control.application(world))
        self.world = world
        self.routes = Routes()
        for module in MODULES:
            module.routes(self.routes)

    def call(self, request: Request, body: bytes) -> Call:
        """The request with its token."""
        content_type = request.headers.get("content-type", "")
        query = dict(request.query_params)
        return Call(self.world, request.method, request.url.path, query, body, content_type, self.token(request))

    def details(self, call: Call) -> dict[str, Any]:
        """Who asks Webex, and what."""
        token, body = call.token, readable(call.body, call.content_type, SECRETS)
        client_id = token.client_id if token else None
        if client_id is None and isinstance(body, dict):
            client_id = body.get("client_id")
        return {
            "client_id": client_id,
            "token_kind": token.kind if token else None,
            "token_id": fingerprint(token.value) if token else None,
            "body": body,
        }

    def token(self, request: Request) -> Token | None:
        """The access token of a request, dead or alive, if it is one."""
        scheme, _scope, value = request.headers.get("authorization", "").partition(" ")
        token = self.world.book.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        return token if token and token.use == "access" else None

    def concerns(self, fault: Any, call: Call) -> bool:
        """Whether the fault is about the organization of a call."""
        if fault.org is None:
            return True
        org = org_of(call)
        return org is not None and fault.org in (org.id, org.uuid, org.name)

    def handle(self, call: Call, fault: Fault | None) -> Response:
        """Find the handler and run it, unless the token asks too often."""
        call.partial = fault is not None and fault.kind == "partial"
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


def org_of(call: Call) -> Org | None:
    """The org that a request is about: that of its access token or refresh token, or the one to mint for."""
    body = readable(call.body, call.content_type, frozenset())
    named = body if isinstance(body, dict) else {}
    token = call.world.book.tokens.get(str(named.get("refresh_token"))) or call.token
    org_id = named.get("targetOrgId") or (token.org_id if token else None)
    return call.world.org_of(str(org_id)) if org_id else None
