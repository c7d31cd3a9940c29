# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the calling engine share."""

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import SimulatedOrganization


@pytest.fixture
def bulk(webex: Simulator, settings: Settings) -> SimulatedOrganization:
    """The simulator's organization."""
    return SimulatedOrganization(webex, settings)
