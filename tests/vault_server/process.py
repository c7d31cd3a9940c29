# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run the server as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

from typing import Any

from ..loopback.running import Running


class VaultServer(Running):
    """A running server: ``with VaultServer() as vault: ... vault.url ... vault.root_token ... vault.journal()``."""

    module = "tests.vault_server"

    @property
    def url(self) -> str:
        """The address, as in VAULT_ADDR."""
        return str(self.credentials["url"])

    @property
    def root_token(self) -> str:
        """The token that may do everything."""
        return str(self.credentials["root_token"])

    def token(self, **options: Any) -> dict[str, str]:
        """A token (`rules`, `ttl`, `namespace`): its `client_token` and `accessor`."""
        return dict(self.control("POST", "/tokens", options))

    def mount(self, path: str, kind: str) -> None:
        """Mount an engine (`kv`) or an auth method (`approle`, `jwt`) at a path."""
        self.control("POST", "/mounts", {"path": path, "kind": kind})
