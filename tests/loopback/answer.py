# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For the servers' own tests: one request, and what came back of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeVar

AnyAnswer = TypeVar("AnyAnswer", bound="Answer")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """Show the redirect."""


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Message
    text: str

    @property
    def body(self) -> Any:
        """The JSON body."""
        return json.loads(self.text)

    @classmethod
    def to(cls: type[AnyAnswer], request: urllib.request.Request) -> AnyAnswer:
        """Send a request; an error is an answer, too, and so is a redirect."""
        try:
            with OPENER.open(request, timeout=20) as response:
                return cls(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return cls(error.code, error.headers, error.read().decode())
