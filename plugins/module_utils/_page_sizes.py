# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many items Webex puts on a page at most (Cisco's OpenAPI, and the facts of public clients)."""

from __future__ import annotations

# With callingData=true.
PEOPLE_PER_PAGE = 100
HOLDERS_PER_PAGE = 300
NUMBERS_PER_PAGE = 2000
LOCATIONS_PER_PAGE = 1000
