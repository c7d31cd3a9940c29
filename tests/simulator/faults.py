# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order: which request fails, how, and how often."""

from __future__ import annotations

import re
import socket
import struct
from asyncio import Transport
from dataclasses import dataclass, field
from random import Random
from typing import Any

from starlette.responses import HTMLResponse, Response

from .web import SHAPES, ApiError, answer, new_tracking_id

KINDS = {
    "status": "answers `status` (and `retry_after`, `body` or `shape`, `message`, `code`) before the handler runs",
    "html": "answers an HTML page before the handler runs",
    "empty": "answers nothing but a status before the handler runs",
    "redirect": "answers a redirect to `location` before the handler runs",
    "reset": "cuts the connection with a TCP RST before the handler runs",
    "timeout": "lets the request hang for `seconds`, then closes the connection; the handler does not run",
    "truncated": "runs the handler, sends half of the answer and closes the connection",
    "apply_then_fail": "runs the handler, then answers `status`: it half happened",
    "partial": "PATCH /licenses/users answers 206 and grants nothing",
}
_DEFAULT_STATUS = {"status": 500, "apply_then_fail": 500, "html": 502, "empty": 200, "redirect": 302}
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>Error {0}</h1></body></html>"


@dataclass
class Fault:
    """One order. `times` is how often it strikes (None: always), `skip` how many matching requests pass first.

    `retry_after` can be a text that is no number, as was seen in the field (*live*). `shape` is one of `web.SHAPES`: how the error
    with this `message` and `code` is written; a `body` is sent as it is.
    """

    kind: str
    path: str = ""
    method: str | None = None
    status: int | None = None
    retry_after: int | str | None = None
    body: Any = None
    shape: str = "webex"
    message: str = "A failure that a test ordered."
    code: int | str | None = None
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seconds: float = 60.0
    location: str | None = None
    hits: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if self.shape not in SHAPES:
            raise ValueError(f"shape is one of {', '.join(SHAPES)}")
        if self.kind == "redirect" and not self.location:
            raise ValueError("a redirect needs a location")
        if self.kind == "partial":  # means something for this call only
            self.method, self.path = "PATCH", self.path or "/licenses/users$"
        self._pattern = re.compile(self.path)
        self.status = self.status or _DEFAULT_STATUS.get(self.kind)

    def strikes(self, method: str, path: str, random: Random) -> bool:
        """Whether this request is hit; counts it."""
        if self.method not in (None, method) or not self._pattern.search(path):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.skip or random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def response(self) -> Response:
        """The answer of a fault that has one."""
        status = self.status or 500
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.kind == "html":
            return HTMLResponse(_PAGE.format(status), status, headers)
        if self.kind == "empty":
            return Response(status_code=status, headers=headers)
        if self.kind == "redirect":
            return Response(status_code=status, headers={**headers, "Location": self.location or ""})
        if self.body is None:
            return ApiError(status, self.message, code=self.code, headers=headers).response(self.shape)
        headers["trackingid"] = new_tracking_id()
        if isinstance(self.body, str):
            return Response(self.body, status, headers, "text/plain")
        return answer(self.body, status, headers)


def reset(transport: Transport) -> None:
    """Close the TCP connection with RST: lingering for zero seconds makes the kernel send one."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
