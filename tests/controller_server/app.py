# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API: where it is, who asks, and the handler that answers."""

from __future__ import annotations

import base64
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..loopback.faults import Fault
from ..loopback.service import Service
from . import control, generic, launching, projects, roles, users, workflows
from .faults import Fault as ControllerFault
from .journal import readable
from .store import Thing
from .web import ApiError, Call, Routes, forbidden, pairs
from .world import VERSIONS, World

UNAUTHORIZED = "Authentication credentials were not provided."
_LOGIN = " To establish a login session, visit /api/login/."
_GATEWAY = "/api/gateway/v1/"


class Controller(Service):
    """The ASGI application: the API under /api (*seen*), the control plane under /_controller."""

    prefix = "/_controller"

    def __init__(self, world: World) -> None:
        super().__init__(world, control.application(world))
        self.world = world
        self.routes = Routes()
        for module in (roles, users, launching, projects, workflows, generic):
            module.routes(self.routes)
        self.routes.add("settings/all/", GET=show_settings, PATCH=change_settings)
        self.gateway = Routes()
        self.gateway.add("tokens/", POST=users.gateway_token)
        self.gateway.add("tokens/{id}/", DELETE=users.revoke_gateway_token)

    def call(self, request: Request, body: bytes) -> Call:
        """The request with who asks."""
        query = pairs(request.scope["query_string"].decode())
        call = Call(self.world, request.method, request.scope["path"], query, body)
        call.authorization = request.headers.get("authorization", "")
        call.root = next((root for root in self.roots() if call.path.startswith(root)), "")
        call.how = call.authorization.partition(" ")[0].title() or None
        self.world.settle()
        call.asker = self.asker(call)
        return call

    def details(self, call: Call) -> dict[str, Any]:
        """Who asks, how, and what."""
        return {
            "user": call.asker.name if call.asker else None,
            "authorization": call.how,
            "body": readable(self.world.store, call.body),
        }

    def roots(self) -> list[str]:
        """Where the API is: behind the gateway of an AAP nowhere else than there (*guess*)."""
        if self.world.is_behind_gateway:
            return ["/api/controller/v2/"]
        more = self.world.config.optional_prefix
        return ["/api/v2/", *([f"/api/{more}/v2/"] if more else [])]

    def asker(self, call: Call) -> Thing | None:
        """The user that the header names, if it is right, and if this controller takes such headers.

        AWX devel takes Basic only (*source*).
        """
        scheme, _space, value = call.authorization.partition(" ")
        flavor = self.world.config.flavor
        if scheme.lower() == "bearer" and flavor != "awx_devel":
            for token in self.world.store.all("tokens"):
                if token.hidden["token"] == value.strip() and (token.hidden["gateway"] or flavor != "aap_2.7"):
                    call.read_only = "write" not in token["scope"].split()
                    return self.world.store.get("users", token["user"])
        gateway = call.path.startswith(_GATEWAY)
        if scheme.lower() == "basic" and (flavor != "aap_2.7" or gateway):
            name, password = name_and_password(value)
            for user in self.world.store.where("users", username=name):
                if password and user.hidden.get("password") == password:
                    return user
        return None

    def handle(self, call: Call, fault: Fault | None) -> Response:
        """Find the handler and run it."""
        if isinstance(fault, ControllerFault) and fault.kind == "forget":
            call.body = without(call.body, fault.field)
        try:
            response = self.answer(call)
        except ApiError as error:
            response = error.response()
        name = "Red Hat Ansible Automation Platform" if self.world.is_behind_gateway else "AWX"
        response.headers["X-API-Product-Name"] = name
        if call.asker:
            response.headers["X-API-Product-Version"] = VERSIONS[self.world.config.flavor]
        return response

    def answer(self, call: Call) -> Response:
        """The answer to a request, or 401 for who is not known, 403 for a token that only reads (*seen*)."""
        routes, root = self.routes, call.root
        if self.world.is_behind_gateway and call.path.startswith(_GATEWAY):
            routes, root = self.gateway, _GATEWAY
        if not root:
            raise ApiError(404, "The requested resource could not be found.")
        path = call.path.removeprefix(root)
        if path == "ping/" and call.method == "GET":  # needs no credentials (*seen*)
            version = VERSIONS[self.world.config.flavor]
            return JSONResponse({"ha": False, "version": version, "active_node": "awx", "instances": []})
        if path.startswith(("tokens/", "users/")) and "tokens/" in path and self.world.config.flavor == "awx_devel":
            raise ApiError(404, "The requested resource could not be found.")
        if call.asker is None:
            said = "Invalid username/password." if call.how == "Basic" else UNAUTHORIZED
            raise ApiError(401, said + _LOGIN)
        if call.read_only and call.method != "GET":
            raise forbidden()
        handler, call.parameters = routes.find(call.method, path)
        return handler(call)


def name_and_password(value: str) -> tuple[str, str]:
    """What a header of Basic says; nothing if it is none."""
    try:
        name, _colon, password = base64.b64decode(value).decode(errors="replace").partition(":")
    except ValueError:
        return "", ""
    return name, password


def without(body: bytes, field: str) -> bytes:
    """A JSON body as if a field had not been sent: a name, or several with points between."""
    data = json.loads(body)
    *places, name = field.split(".")
    target = data
    for place in places:
        target = target.get(place, {})
    target.pop(name, None)
    return json.dumps(data).encode()


def show_settings(call: Call) -> Response:
    """GET /settings/all/, for superusers."""
    if not call.user["is_superuser"]:
        raise forbidden()
    return JSONResponse(call.store.settings)


def change_settings(call: Call) -> Response:
    """PATCH /settings/all/, for superusers; what is not known is ignored."""
    if not call.user["is_superuser"]:
        raise forbidden()
    call.store.settings.update({name: value for name, value in call.data.items() if name in call.store.settings})
    return JSONResponse(call.store.settings)
