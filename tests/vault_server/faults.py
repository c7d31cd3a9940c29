# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order: the simulator's, with the answers of a Vault."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from ..simulator.faults import KINDS
from ..simulator.faults import Fault as SimulatorFault

SEALED = "Vault is sealed"


@dataclass
class Fault(SimulatorFault):
    """One order. A `status` is 503 with the body of a sealed Vault, unless the order says otherwise."""

    def __post_init__(self) -> None:
        if self.kind == "partial":  # means something for Webex only
            raise ValueError(f"kind is one of {', '.join(kind for kind in KINDS if kind != 'partial')}")
        if self.kind in ("status", "apply_then_fail"):
            self.status = self.status or 503
            if self.body is None:
                self.body = {"errors": [SEALED if self.status == 503 else "A failure that a test ordered."]}
        super().__post_init__()

    def response(self) -> Response:
        """The answer of a fault that has one."""
        if self.body is None or isinstance(self.body, str):
            return super().response()
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return JSONResponse(self.body, self.status or 500, headers)
