# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of users as people have them: what others call is here."""

from __future__ import annotations

from .problems import EmptyListError, UserListError
from .reading import Reading, UserList, read_bytes, read_text, read_users

__all__ = ["EmptyListError", "Reading", "UserList", "UserListError", "read_bytes", "read_text", "read_users"]
