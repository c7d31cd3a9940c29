# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: every request, and no secret in it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl


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


def readable(body: bytes, content_type: str, secret: Collection[str]) -> Any:
    """The body of a request without its secrets, given the names of fields that hold one.

    JSON, or a form as an object, or null.
    """
    if not body:
        return None
    if content_type.startswith("application/x-www-form-urlencoded"):
        return redact(dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)), secret)
    try:
        return redact(json.loads(body), secret)
    except ValueError:
        return f"<{len(body)} bytes, not JSON>"


def redact(value: Any, secret: Collection[str]) -> Any:
    """The same, with ``***`` in place of every secret."""
    if isinstance(value, dict):
        return {key: "***" if key in secret else redact(item, secret) for key, item in value.items()}
    return [redact(item, secret) for item in value] if isinstance(value, list) else value
