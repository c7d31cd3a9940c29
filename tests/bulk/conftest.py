# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long tests of many users, on one core only; they have the servers and fixtures of the unit tests."""

pytest_plugins = ["ansible_collections.collabops.webex.tests.unit.conftest"]
