# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run the simulator as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

import sys
from typing import Any

from .running import Running


class Simulator(Running):
    """A running simulator: ``with Simulator() as webex: ... webex.base_url ... webex.journal()``."""

    module = "tests.simulator"

    def __init__(
        self, python: str = sys.executable, port: int = 0, seed: int | None = None, timeout: float = 20
    ) -> None:
        super().__init__(python, port, timeout, *(() if seed is None else ("--seed", str(seed))))

    @property
    def base_url(self) -> str:
        """The base URL of the Webex API."""
        return str(self.credentials["base_url"])

    def fail_at_random(self, retry_after: int | None = None) -> None:
        """Let 10 % of all calls fail until `clear_faults`, in seven ways; a 429 may have a `Retry-After`."""
        for fault in (
            {"kind": "status", "status": 429, "retry_after": retry_after},
            {"kind": "status", "status": 500},
            {"kind": "status", "status": 502},
            {"kind": "reset"},
            {"kind": "timeout", "seconds": 2},
            {"kind": "apply_then_fail", "status": 500},
            {"kind": "truncated"},
        ):
            self.fault(times=None, probability=0.0149, **fault)

    def state(self) -> dict[str, Any]:
        """The whole org."""
        return dict(self.control("GET", "/state"))

    def service_app(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """Change a service app (`scopes`, `authorized`, `org`, `regrant`, `expire`, `revoke`)."""
        return dict(self.control("PATCH", f"/service_apps/{client_id}", changes))

    def token(self, **options: Any) -> dict[str, str]:
        """A token (`kind`, `scopes`, `lifetime`, `org`, `person`)."""
        return dict(self.control("POST", "/tokens", options))
