# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin of pytest (``-p ansible_loader``): this collection is imported as Ansible does it, and its plugins are found."""

from __future__ import annotations

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()
