# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name in the organization that the task means."""

from __future__ import annotations

from ..plugin_utils._controller import check_controller

check_controller()

from ..plugin_utils._organization_module import ActionModule

__all__ = ["ActionModule"]
