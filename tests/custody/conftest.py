# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator of Webex and one Vault for all tests, fresh for each, and a folder that Ansible is at home in."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Callable, Iterator

import pytest

pytest.register_assert_rewrite("tests.custody.support")

from tests.controller_server.process import Controller
from tests.custody.support import Custody
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

FOREIGN = ("WEBEX_", "SERVICE_APP_", "VAULT_", "AWX_", "JOB_ID", "ANSIBLE_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[Simulator, VaultServer]]:
    with Simulator() as webex, VaultServer() as vault:
        yield webex, vault


@pytest.fixture
def webex(_servers: tuple[Simulator, VaultServer]) -> Simulator:
    """A Webex in its first state, but that every refresh token can be used once."""
    _servers[0].reset()
    _servers[0].configure(rotate_refresh_tokens=True)
    return _servers[0]


@pytest.fixture
def vault(_servers: tuple[Simulator, VaultServer]) -> VaultServer:
    """A Vault without a secret."""
    _servers[1].reset()
    return _servers[1]


@pytest.fixture(scope="session")
def _controller() -> Iterator[Controller]:
    with Controller() as controller:
        yield controller


@pytest.fixture
def controller(_controller: Controller) -> Controller:
    """An AWX without anything."""
    _controller.reset()
    return _controller


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    """Where recovery files go; nothing comes from the shell of whoever runs the tests."""
    for name in os.environ:
        if name.upper().startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "home"


@pytest.fixture
def custody(webex: Simulator, vault: VaultServer, tmp_path: pathlib.Path) -> Callable[[str], Custody]:
    """Makes a store of a kind, for a service app and an integration with tokens of their own."""
    made: list[Custody] = []

    def make(kind: str) -> Custody:
        made.append(Custody(webex, vault, tmp_path / f"store{len(made)}", kind))
        return made[-1]

    return make
