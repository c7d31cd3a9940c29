# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that ask for settings, as Ansible's argument specification writes them."""

from __future__ import annotations

from typing import Any

from .outgoing_permissions import CALL_TYPES
from .voicemail import ALWAYS, ON_ENABLE

_TEXT: dict[str, Any] = {"type": "str"}
_BOOLEAN: dict[str, Any] = {"type": "bool"}
_NUMBER: dict[str, Any] = {"type": "int"}
_TEXTS: dict[str, Any] = {"type": "list", "elements": "str"}
_CALL_TYPES: dict[str, Any] = {**_TEXTS, "choices": list(CALL_TYPES)}

# None of them has a default: what is not named stays.
SETTINGS_SPEC: dict[str, dict[str, Any]] = {
    "emergency_callback": _TEXT,
    "caller_id": {
        "type": "dict",
        "options": {"number": _TEXT, "name": _TEXT, "block_in_forwarded_calls": _BOOLEAN},
    },
    "voicemail": {
        "type": "dict",
        "options": {
            "enabled": _BOOLEAN,
            "all_calls": _BOOLEAN,
            "busy_calls": _BOOLEAN,
            "unanswered_calls": _BOOLEAN,
            "rings": _NUMBER,
            "email_copy": _BOOLEAN,
            "email_copy_to": _TEXT,
            "notification": _BOOLEAN,
            "notification_to": _TEXT,
        },
    },
    "voicemail_passcode": {"type": "str", "no_log": True},
    "voicemail_passcode_update": {"type": "str", "choices": [ON_ENABLE, ALWAYS], "no_log": False},
    "outgoing_permissions": {
        "type": "dict",
        "options": {"custom": _BOOLEAN, "allow": _CALL_TYPES, "block": _CALL_TYPES},
    },
    "call_forwarding": {
        "type": "dict",
        "options": {
            "always": _TEXT,
            "busy": _TEXT,
            "no_answer": _TEXT,
            "rings": _NUMBER,
            "business_continuity": _TEXT,
        },
    },
    "time_zone": _TEXT,
    "language": _TEXT,
    "numbers": _TEXTS,
    "remove_numbers": _TEXTS,
}
