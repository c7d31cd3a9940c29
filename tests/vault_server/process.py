# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run the server as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

import sys
from typing import Any

from ..simulator.process import Simulator


class VaultServer(Simulator):
    """A running server: ``with VaultServer() as vault: ... vault.url ... vault.root_token ... vault.journal()``.

    The simulator's process handling, journal, faults and settings. Its calls about the Webex org are of no use here.
    """

    def __init__(self, python: str = sys.executable, port: int = 0, timeout: float = 20) -> None:
        super().__init__(python, port, timeout=timeout)
        self._command = [python, "-m", "tests.vault_server", "--port", str(port)]

    def __enter__(self) -> VaultServer:
        """Start it, and wait until it is ready."""
        self.start()
        return self

    @property
    def url(self) -> str:
        """The address, as in VAULT_ADDR."""
        return str(self.credentials["url"])

    @property
    def root_token(self) -> str:
        """The token that may do everything."""
        return str(self.credentials["root_token"])

    def reset(self, **options: Any) -> dict[str, Any]:
        """A fresh state, with the credentials it had; with `new_credentials`, with new ones."""
        return super().reset(**options)

    def token(self, **options: Any) -> dict[str, str]:
        """A token (`rules`, `ttl`, `namespace`): its `client_token` and `accessor`."""
        return super().token(**options)

    def mount(self, path: str, kind: str) -> None:
        """Mount an engine (`kv`) or an auth method (`approle`, `jwt`) at a path."""
        self.control("POST", "/mounts", {"path": path, "kind": kind})
