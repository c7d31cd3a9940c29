# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: every request, and no secret in it."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qsl

from .tokens import Token, fingerprint

SECRETS = frozenset(
    {
        "access_token",
        "accessToken",
        "client_secret",
        "clientSecret",
        "code",
        "password",
        "refresh_token",
        "refreshToken",
    }
)


class Journal:
    """What was asked, in the order of arrival."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def open(self, method: str, path: str, query: dict[str, str], **more: Any) -> dict[str, Any]:
        """Write a request down when it arrives; its status follows when it is answered."""
        entry = {
            "n": len(self.requests) + 1,
            "at": time.time(),
            "method": method,
            "path": path,
            "query": query,
            **more,
            "status": None,
            "fault": None,
        }
        self.requests.append(entry)
        return entry

    def clear(self) -> list[dict[str, Any]]:
        """Forget everything, and answer what it was; the numbers start again."""
        forgotten, self.requests = self.requests, []
        return forgotten


def about(token: Token | None, body: Any) -> dict[str, Any]:
    """Who asks Webex, and what; `body` is readable."""
    client_id = token.client_id if token else None
    if client_id is None and isinstance(body, dict):
        client_id = body.get("client_id")
    return {
        "client_id": client_id,
        "token_kind": token.kind if token else None,
        "token_id": fingerprint(token.value) if token else None,
        "body": body,
    }


def readable(body: bytes, content_type: str) -> Any:
    """The body of a request without its secrets: JSON, or a form as an object, or null."""
    if not body:
        return None
    if content_type.startswith("application/x-www-form-urlencoded"):
        return redact(dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
    try:
        return redact(json.loads(body))
    except ValueError:
        return f"<{len(body)} bytes, not JSON>"


def redact(value: Any) -> Any:
    """The same, with ``***`` in place of every secret."""
    if isinstance(value, dict):
        return {key: "***" if key in SECRETS else redact(item) for key, item in value.items()}
    return [redact(item) for item in value] if isinstance(value, list) else value
