# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixtures that the tests of the broker and its stores share."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import Shop


@pytest.fixture
def shop(webex: Simulator, settings: Settings, tmp_path: pathlib.Path) -> Shop:
    """The simulator's service app, and no file yet."""
    return Shop(webex, settings, tmp_path / "token.yml")
