# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order: which request fails, how, and how often."""

from __future__ import annotations

import re
import socket
import struct
from asyncio import Transport
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from starlette.responses import HTMLResponse, JSONResponse, Response

KINDS = {
    "status": "answers `status` (and `retry_after`, `body`) before the handler runs",
    "html": "answers an HTML page before the handler runs",
    "empty": "answers nothing but a status before the handler runs",
    "redirect": "answers a redirect to `location` before the handler runs",
    "reset": "cuts the connection with a TCP RST before the handler runs",
    "restart": "does the same with all connections, and refuses new ones for `seconds`",
    "timeout": "lets the request hang for `seconds`, then closes the connection; the handler does not run",
    "slow": "runs the handler, and answers after `seconds`",
    "truncated": "runs the handler, sends half of the answer and closes the connection",
    "apply_then_fail": "runs the handler, then answers `status`: it half happened",
}
_DEFAULT_STATUS = {"html": 502, "empty": 200, "redirect": 302}
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>Error {0}</h1></body></html>"


@dataclass
class Fault:
    """One order. `times` is how often it strikes (None: always), `skip` how many matching requests pass first.

    `path` is a regular expression. `retry_after` can be a text that is no number. A `body` is sent as it is.
    """

    kind: str
    path: str = ""
    method: str | None = None
    status: int | None = None
    retry_after: int | str | None = None
    body: Any = None
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seconds: float = 60.0
    location: str | None = None
    hits: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)

    kinds: ClassVar[Mapping[str, str]] = KINDS
    default_status: ClassVar[int] = 500  # of a `status`, and of what is applied and then fails

    def __post_init__(self) -> None:
        if self.kind not in self.kinds:
            raise ValueError(f"kind is one of {', '.join(self.kinds)}")
        if self.kind == "redirect" and not self.location:
            raise ValueError("a redirect needs a location")
        self._pattern = re.compile(self.path)
        self.status = self.status or _DEFAULT_STATUS.get(self.kind, self.default_status)

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
        status = self.status or self.default_status
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.kind == "html":
            return HTMLResponse(_PAGE.format(status), status, headers)
        if self.kind == "empty":
            return Response(status_code=status, headers=headers)
        if self.kind == "redirect":
            return Response(status_code=status, headers={**headers, "Location": self.location or ""})
        if self.body is None:
            return self.error(status, headers)
        if isinstance(self.body, str):
            return Response(self.body, status, headers, "text/plain")
        return JSONResponse(self.body, status, headers)

    def error(self, status: int, headers: Mapping[str, str]) -> Response:
        """An error as this server writes them."""
        raise NotImplementedError


def reset(transport: Transport) -> None:
    """Close the TCP connection with RST: lingering for zero seconds makes the kernel send one."""
    sock = transport.get_extra_info("socket")
    if sock.fileno() >= 0:  # not closed already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
