# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plumbing of the handlers: errors as Webex writes them, paging, and one request with its token."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from ..loopback import routes
from .ids import decode

if TYPE_CHECKING:
    from .model import Person
    from .state import Org
    from .tokens import Token
    from .world import World

UNAUTHORIZED = "The request requires a valid access token set in the Authorization request header."
FORBIDDEN = (
    "The server understood the request, but refused to fulfill it because the access token is missing required "
    "scopes or the user is missing required roles or licenses."
)
NOT_FOUND = "The requested resource could not be found."

Item = TypeVar("Item")


# The bodies of errors that clients have seen (*live*): made of message, description, code (or None) and tracking id.
SHAPES: dict[str, Callable[[str, str, int | str | None, str], dict[str, Any]]] = {
    "webex": lambda message, description, code, tracking_id: {
        "message": message,
        "errors": [{"description": description, **({} if code is None else {"errorCode": code})}],
        "trackingId": tracking_id,
    },
    "errors_code_message": lambda message, description, code, tracking_id: {
        "errors": [{"code": str(code or 0), "message": description}]
    },
    "error_list": lambda message, description, code, tracking_id: {
        "error": [{"code": str(code or 0), "message": description}]
    },
    "error_key": lambda message, description, code, tracking_id: {
        "error": {"key": "400", "message": [{"code": str(code or 0), "description": description}]},
        "trackingId": tracking_id,
    },
}


class ApiError(Exception):
    """An answer that is not 2xx. `code` is the errorCode, when Webex documents one."""

    def __init__(
        self,
        status: int,
        message: str,
        description: str | None = None,
        code: int | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.description = description or message
        self.code = code
        self.headers = headers

    def response(self, shape: str = "webex") -> Response:
        """The body of the error, in one of `SHAPES`."""
        tracking_id = new_tracking_id()
        body = SHAPES[shape](self.message, self.description, self.code, tracking_id)
        return answer(body, self.status, {"trackingid": tracking_id, **(self.headers or {})})


def new_tracking_id() -> str:
    """An id that is in the header, and in the body of an error."""
    return f"SIM_{uuid.uuid4()}"


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return JSONResponse(body, status, {"trackingid": new_tracking_id(), **(headers or {})})


def no_content() -> Response:
    """A 204."""
    return Response(status_code=204, headers={"trackingid": new_tracking_id()})


@dataclass
class Call:
    """One request to the Webex side, and what its handler needs to answer it."""

    world: World
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    content_type: str
    token: Token | None  # the token that was sent, dead or alive
    parameters: Mapping[str, str] = field(default_factory=dict)  # of the path
    partial: bool = False  # a fault: take the request, grant nothing

    def require(self, *groups: Sequence[str]) -> Token:
        """The token, which must be alive and have one scope of every group; else 401 or 403."""
        if self.token is None or not self.token.alive(self.world.now()):
            raise ApiError(401, UNAUTHORIZED)
        if not all(self.has(*group) for group in groups):
            raise ApiError(403, FORBIDDEN)
        return self.token

    def has(self, *scopes: str) -> bool:
        """Whether the token has one of these scopes; the scopes of a personal access token are not limited."""
        granted = self.token.scopes if self.token else frozenset()
        return granted is None or not granted.isdisjoint(scopes)

    @property
    def org(self) -> Org:
        """The org of the token, or the one that `orgId` names: 403 unless it is a customer whom the caller manages."""
        token = self.require()
        named = self.world.org_of(self.query.get("orgId", token.org_id))
        if named is None or (named.id != token.org_id and not self.manages(named)):
            raise ApiError(403, FORBIDDEN)
        return named

    def manages(self, org: Org) -> bool:
        """Whether the caller is an admin of a partner who may work in this org: any full admin may (*guess*)."""
        me = self.me
        return org.partner_id == me.org_id and (me.admin or me.id in org.managers)

    @property
    def me(self) -> Person:
        """The account the token belongs to."""
        token = self.require()
        account = self.world.account(token.person_id)
        if account is None:  # deleted meanwhile
            raise ApiError(401, UNAUTHORIZED)
        return account

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, "The request body is not a JSON object.")
        return body

    def flag(self, name: str) -> bool:
        """A boolean of the query string: the string "true", or not."""
        return self.query.get(name) == "true"

    def integer(self, name: str, default: int, least: int = 0) -> int:
        """A number of the query string."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or int(text) < least:
            raise ApiError(400, f"The value of {name} is not valid.")
        return int(text)

    def page_size(self, name: str, limit: int) -> int:
        """How many items to answer: more than the limit is taken as the limit, and a test can set a lower one (*guess*)."""
        size = min(self.integer(name, limit, least=1), limit)
        cap = self.world.config.max_page_size
        return size if cap is None else min(size, cap)

    def link(self, **changes: str | int) -> dict[str, str]:
        """The header that names the next page, by RFC 8288: this request with other parameters."""
        query = urlencode({**self.query, **changes})
        return {"Link": f'<{self.world.origin}{self.path}?{query}>; rel="next"'}

    def page(self, items: Sequence[Item], limit: int) -> tuple[Sequence[Item], dict[str, str]]:
        """The part of the items that `start` and `max` ask for, and the header for the next one."""
        start = self.integer("start", 0)
        end = start + self.page_size("max", limit)
        return items[start:end], self.link(start=end) if end < len(items) else {}


def cursor(text: str | None) -> int:
    """How far the page before went, out of the text that named the next one."""
    if text is None:
        return 0
    number = decode(text).rpartition("/")[2]
    if not number.isdecimal():
        raise ApiError(400, "The cursor is not valid.")
    return int(number)


Handler = Callable[[Call], Response]


class Routes(routes.Routes[Handler]):
    """Errors as Webex writes them."""

    def not_found(self) -> ApiError:
        """404."""
        return ApiError(404, NOT_FOUND)

    def not_allowed(self, method: str, allowed: Iterable[str]) -> ApiError:
        """405, with what is allowed."""
        return ApiError(405, "Method Not Allowed", headers={"Allow": ", ".join(allowed)})
