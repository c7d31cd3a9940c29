# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time zone and language of announcements (Cisco's OpenAPI, "Update Timezone and Announcement Language Settings").

No field of the PUT is mandatory, so only what differs is sent. Which names of languages Webex knows is not documented.
"""

from __future__ import annotations

from .base import Setting
from .values import text

SETTING = Setting(
    "time_zone and language",
    "/telephony/config/people/{id}",
    {"time_zone": text, "language": text},
    {"time_zone": "timeZone", "language": "announcementLanguage"},
)
