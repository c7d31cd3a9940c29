# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order, with the answers of a controller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import JSONResponse, Response

from ..loopback import faults


@dataclass
class Fault(faults.Fault):
    """One order. `field` is what is forgotten, such as ``inputs.refresh_token``."""

    field: str = ""

    kinds: ClassVar[Mapping[str, str]] = {
        **faults.KINDS,
        "forget": "runs the handler as if `field` had not been sent",
    }
    default_status: ClassVar[int] = 502  # of the proxy in front of a controller that is restarted

    def __post_init__(self) -> None:
        if self.kind == "forget" and not self.field:
            raise ValueError("what is forgotten is a field")
        super().__post_init__()

    def error(self, status: int, headers: Mapping[str, str]) -> Response:
        """An error of the controller."""
        return JSONResponse({"detail": "A failure that a test ordered."}, status, dict(headers))
