# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers and clients of the unit tests."""

from ansible_collections.collabops.webex.tests.unit.conftest import *  # noqa: F403
