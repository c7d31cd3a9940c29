# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: every request to the Vault side, and no secret in it."""

from __future__ import annotations

import time
from typing import Any


class Journal:
    """What was asked, in the order of arrival."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def open(
        self, method: str, path: str, query: dict[str, str], namespace: str, token: str | None, body: Any
    ) -> dict[str, Any]:
        """Write a request down when it arrives; its status follows when it is answered.

        `token` is the name of the token (`root`, `writer`, `approle`, ...). Of the body, only `options.cas` is told.
        """
        options = body.get("options") if isinstance(body, dict) else None
        entry = {
            "n": len(self.requests) + 1,
            "at": time.time(),
            "method": method,
            "path": path,
            "query": query,
            "namespace": namespace,
            "token": token,
            "cas": options.get("cas") if isinstance(options, dict) else None,
            "status": None,
            "fault": None,
        }
        self.requests.append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything; the numbers start again."""
        self.requests = []
