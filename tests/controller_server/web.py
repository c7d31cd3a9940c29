# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plumbing of the handlers: errors as the controller writes them, and one request with who asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse, JSONResponse, Response

from ..loopback import routes

if TYPE_CHECKING:
    from .store import Store, Thing
    from .world import World

Json = dict[str, Any]
FORBIDDEN = "You do not have permission to perform this action."
NOT_FOUND = "Not found."


class ApiError(Exception):
    """An answer that says no: a `detail`, or errors by field."""

    def __init__(self, status: int, errors: Any) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = {"detail": errors} if isinstance(errors, str) else errors

    def response(self) -> Response:
        """The body is the errors."""
        return JSONResponse(self.errors, self.status)


class ServerError(ApiError):
    """The page of a controller that did not expect what it was sent: 500, and no JSON (*seen*)."""

    def __init__(self) -> None:
        super().__init__(500, "Server Error (500)")

    def response(self) -> Response:
        """A bare page."""
        return HTMLResponse("<!doctype html><html><body><h1>Server Error (500)</h1></body></html>", 500)


def invalid(**errors: Any) -> ApiError:
    """A 400 that says for each field what is wrong with it."""
    return ApiError(400, {name: [why] if isinstance(why, str) else why for name, why in errors.items()})


def forbidden(why: str = FORBIDDEN) -> ApiError:
    """A 403."""
    return ApiError(403, why)


@dataclass
class Call:
    """One request to the API, and what its handler needs to answer it."""

    world: World
    method: str
    path: str  # the whole one
    query: list[tuple[str, str]]
    body: bytes
    authorization: str = ""  # the header
    root: str = ""  # the part of the path before the names of things, such as /api/v2/
    asker: Thing | None = None  # the user who asks
    read_only: bool = False  # whether a token without the scope to write is used
    how: str | None = None  # Basic or Bearer
    parameters: dict[str, str] = field(default_factory=dict)  # of the path

    @property
    def store(self) -> Store:
        """All things."""
        return self.world.store

    @property
    def user(self) -> Thing:
        """The user who asks; the service has made sure that there is one."""
        assert self.asker is not None
        return self.asker

    @property
    def data(self) -> Json:
        """The body, which must be a JSON object; nothing is an empty one."""
        try:
            body = json.loads(self.body) if self.body.strip() else {}
        except ValueError as error:
            raise ApiError(400, f"JSON parse error - {error}") from None
        if not isinstance(body, dict):
            raise invalid(non_field_errors=f"Invalid data. Expected a dictionary, but got {type(body).__name__}.")
        return body

    def find(self, path: str, name: str = "id") -> Thing:
        """The thing of a kind whose id is a parameter of the path; 404 if there is none."""
        thing = self.store.get(path, int(self.parameters[name]))
        if thing is None:
            raise ApiError(404, NOT_FOUND)
        return thing


Handler = Callable[[Call], Response]


class Routes(routes.Routes[Handler]):
    """Paths under the root, such as ``credentials/{id}/``, and errors as the controller writes them."""

    value = r"\d+"

    def not_found(self) -> ApiError:
        """404."""
        return ApiError(404, "The requested resource could not be found.")

    def not_allowed(self, method: str, allowed: Iterable[str]) -> ApiError:
        """405."""
        return ApiError(405, f'Method "{method}" not allowed.')


def pairs(query: str) -> list[tuple[str, str]]:
    """The parameters of a query string, of which one can come several times."""
    return parse_qsl(query, keep_blank_values=True)
