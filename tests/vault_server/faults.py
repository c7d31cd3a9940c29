# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order, with the answers of a Vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import JSONResponse, Response

from ..loopback import faults

SEALED = "Vault is sealed"


@dataclass
class Fault(faults.Fault):
    """One order. A `status` is 503 with the body of a sealed Vault, unless the order says otherwise."""

    default_status: ClassVar[int] = 503

    def error(self, status: int, headers: Mapping[str, str]) -> Response:
        """An error of Vault."""
        message = SEALED if status == 503 else "A failure that a test ordered."
        return JSONResponse({"errors": [message]}, status, dict(headers))
