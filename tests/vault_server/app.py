# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Vault side: the token of a request, and what answers it: a login, a call about the token, or an engine."""

from __future__ import annotations

import json
import time
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..loopback.faults import Fault
from ..loopback.service import Service
from . import auth, control
from .faults import SEALED
from .kv import SECOND, moment
from .web import ApiError, Result, several
from .world import WRITER_RULES, World


class Vault(Service):
    """The ASGI application: the Vault side under /v1, the control plane under /_vault."""

    prefix = "/_vault"

    def __init__(self, world: World) -> None:
        super().__init__(world, control.application(world))
        self.world = world

    def call(self, request: Request, body: bytes) -> Call:
        """The request with its token."""
        return Call(self.world, request, parse(body))

    def details(self, call: Call) -> dict[str, Any]:
        """Who asks, where, and with which check: no body, as any of it can be secret."""
        name = call.token.name if call.token else None
        return {"namespace": call.namespace, "token": name, "cas": cas(call.body)}

    def handle(self, call: Call, fault: Fault | None) -> Response:
        """Find the handler and run it."""
        try:
            return call.answer()
        except ApiError as error:
            return error.response()


def parse(body: bytes) -> Any:
    """The body, whatever its content type says: nothing is an empty object; ``...`` if it is not JSON."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(body, parse_constant=refuse) if body.strip() else {}
    except ValueError:
        return ...


def cas(body: Any) -> Any:
    """What a body says of check-and-set: all that the journal tells of it."""
    options = body.get("options") if isinstance(body, dict) else None
    return options.get("cas") if isinstance(options, dict) else None


class Call:
    """One request to the Vault side."""

    def __init__(self, world: World, request: Request, body: Any) -> None:
        self.world = world
        self.method = request.method
        self.path: str = request.scope["path"].removeprefix("/v1/")
        self.known = request.scope["path"].startswith("/v1/")
        self.query = dict(request.query_params)
        self.body = body
        self.namespace = request.headers.get("x-vault-namespace", "").strip("/")
        if self.namespace == "root":
            self.namespace = ""
        scheme, _unused, bearer = request.headers.get("authorization", "").partition(" ")
        value = request.headers.get("x-vault-token") or (bearer if scheme == "Bearer" else "")
        self.token = world.tokens.get(value)  # dead or alive
        if self.method == "GET" and self.query.pop("list", "").lower() in ("1", "t", "true"):
            self.method = "LIST"
        if self.method == "LIST" and not self.path.endswith("/"):
            self.path += "/"

    def answer(self) -> Response:
        """Find the handler and run it."""
        if not self.known:
            raise ApiError(404)
        if self.path == "sys/health":
            return self.health()
        if self.world.config.sealed:
            raise ApiError(503, SEALED)
        if not isinstance(self.body, dict):
            raise ApiError(400, "error parsing JSON")
        return self.handle().response()

    def handle(self) -> Result:
        """A login, a call about the token itself, or one to an engine."""
        mount = self.path.removeprefix("auth/").removesuffix("/login")
        if self.path == f"auth/{mount}/login" and mount in self.world.auth_mounts and self.method in ("POST", "PUT"):
            return self.login(mount)
        token = self.authenticate()
        found = self.world.engine(self.namespace, self.path)
        capability = found[0].capability(self.method, found[1]) if found else "read"
        if not token.may(capability, self.path, self.namespace):
            raise auth.denied()
        if found:
            return found[0].handle(self.method, found[1], self.query, self.body)
        if self.path == "auth/token/lookup-self" and self.method == "GET":
            end = None if token.expires is None else moment(int(token.expires * SECOND))
            return auth.lookup(token, self.world.now(), end)
        if self.path == "auth/token/revoke-self" and self.method in ("POST", "PUT"):
            del self.world.tokens[token.value]
            return Result()
        if self.path.startswith("auth/token/"):
            raise ApiError(405, several("unsupported operation"))
        raise ApiError(404, f'no handler for route "{self.path}". route entry not found.')

    def authenticate(self) -> auth.Token:
        """The token of the request, which must be alive; else 403."""
        if self.token and self.token.alive(self.world.now()):
            return self.token
        if self.world.config.flavor == "vault":
            raise auth.denied("invalid token")
        raise ApiError(403, "permission denied")

    def login(self, mount: str) -> Result:
        """POST auth/<mount>/login: a token of this namespace, with the rules of the writer."""
        kind = self.world.auth_mounts[mount]
        if kind == "approle":
            meta = auth.check_approle(self.body, self.world.approle)
        else:
            meta = auth.check_jwt(self.body, self.world.jwt)
        return auth.login(self.world.issue(kind, WRITER_RULES, self.namespace, path=f"auth/{mount}/login", meta=meta))

    def health(self) -> Response:
        """GET sys/health, which needs no token."""
        if self.method not in ("GET", "HEAD"):
            raise ApiError(405)
        sealed = self.world.config.sealed
        status = self.query.get("sealedcode", "503") if sealed else self.query.get("activecode", "200")
        if not status.isdecimal() or not 200 <= int(status) <= 599:
            raise ApiError(400)
        body: dict[str, Any] = {
            "initialized": True,
            "sealed": sealed,
            "standby": False,
            "performance_standby": False,
            "replication_performance_mode": "disabled",
            "replication_dr_mode": "disabled",
            "server_time_utc": int(time.time()),
            "version": "1.20.0",
        }
        if not sealed:
            body |= {"cluster_name": "vault-cluster-test", "cluster_id": self.world.cluster_id}
        return JSONResponse(body, int(status), {"Cache-Control": "no-store"})
