# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller, and what the scenarios have: a Webex, and a user from whose runs no secret may leak."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.awx.life", "tests.awx.support")

from tests.awx.support import Refreshing, Setup
from tests.controller_server.process import Controller
from tests.integration.scenarios.conftest import Workplace, _webex, tmp_path, user, webex
from tests.simulator.process import Simulator

__all__ = ["_webex", "awx", "outside", "tmp_path", "user", "webex"]


@pytest.fixture(scope="session")
def _controller() -> Iterator[Controller]:
    with Controller() as controller:
        yield controller


@pytest.fixture
def awx(_controller: Controller, user: Workplace) -> Controller:
    """A fresh controller."""
    _controller.reset()
    user.servers.append(_controller)
    return _controller


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder where no leak is looked for: what is in it is secret."""
    with tempfile.TemporaryDirectory(prefix="awx") as folder:
        yield Path(folder)


@pytest.fixture
def setup(awx: Controller, webex: Simulator, user: Workplace, outside: Path) -> Setup:
    """The person who sets it up."""
    return Setup(awx, webex, user, outside)


@pytest.fixture
def refreshing(awx: Controller, webex: Simulator, user: Workplace, outside: Path) -> Refreshing:
    """A controller with what a refresh job needs."""
    return Refreshing(awx, webex, user, outside)
