# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers: Vault's envelope, and its errors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

_HEADERS = {"Cache-Control": "no-store"}


class ApiError(Exception):
    """An answer that lists errors. Without a message, the list is empty, as for a secret that does not exist."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__(*messages)
        self.status = status
        self.messages = messages

    def response(self) -> Response:
        """Vault's error body."""
        return JSONResponse({"errors": list(self.messages)}, self.status, _HEADERS)


def several(*messages: str) -> str:
    """Errors in one string, as the library that both servers use writes them."""
    count = f"{len(messages)} error{'s' if len(messages) > 1 else ''} occurred:"
    return count + "".join(f"\n\t* {message}" for message in messages) + "\n\n"


@dataclass
class Result:
    """What a handler answers: `data` in the envelope, or nothing at all (204)."""

    data: dict[str, Any] | None = None
    warnings: list[str] | None = None
    auth: dict[str, Any] | None = None
    status: int = 200

    def response(self) -> Response:
        """Vault's envelope."""
        if self.data is None and self.warnings is None and self.auth is None:
            return Response(status_code=204, headers=_HEADERS)
        envelope = {
            "request_id": str(uuid.uuid4()),
            "lease_id": "",
            "renewable": False,
            "lease_duration": 0,
            "data": self.data,
            "wrap_info": None,
            "warnings": self.warnings,
            "auth": self.auth,
        }
        return JSONResponse(envelope, self.status, _HEADERS)
