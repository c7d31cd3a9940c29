# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One server for all tests, fresh for each; hvac, and a plain HTTP client."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import hvac
import pytest

# pytest takes `vault_server` for the top of the tree, and there is more above it that the server needs.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.loopback import answer as loopback
from tests.vault_server.process import VaultServer


class Answer(loopback.Answer):
    """What came back, and what is in it."""

    @property
    def data(self) -> Any:
        """The data in the envelope."""
        return self.body["data"]

    @property
    def error(self) -> tuple[int, list[str]]:
        """The status and the errors."""
        assert list(self.body) == ["errors"]
        return self.status, self.body["errors"]


@dataclass
class Client:
    """The server as one client sees it, without a library: with one token, in one namespace."""

    server: VaultServer
    token: str | None
    namespace: str | None = None

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """One request; the path is relative to /v1/."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Vault-Token"] = self.token
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.url}/v1/{path}", data, headers, method=method)
        return Answer.to(request)

    def get(self, path: str) -> Answer:
        """GET."""
        return self.call("GET", path)

    def put(self, path: str, data: dict[str, Any], **options: Any) -> Answer:
        """POST data, with options such as `cas`."""
        return self.call("POST", path, {"data": data, "options": options})

    def within(self, namespace: str) -> Client:
        """The same in a namespace."""
        return replace(self, namespace=namespace)


@pytest.fixture(scope="session")
def running() -> Iterator[VaultServer]:
    """One process for all tests."""
    with VaultServer() as server:
        yield server


@pytest.fixture
def server(running: VaultServer) -> VaultServer:
    """A fresh state."""
    running.reset()
    return running


@pytest.fixture
def root(server: VaultServer) -> Client:
    """The root token."""
    return Client(server, server.root_token)


@pytest.fixture
def vault(server: VaultServer) -> Any:
    """hvac with the root token."""
    return hvac.Client(url=server.url, token=server.root_token)
