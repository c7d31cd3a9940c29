# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that `calling_user` and `calling_users` have in common, as Ansible's argument specification writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .plan import Rules
from .settings.options import SETTINGS_SPEC

# What is asked for one calling user: the options of `calling_user`, and of each user of `calling_users`.
WANTED_SPEC: dict[str, dict[str, Any]] = {
    "email": {"type": "str"},
    "person_id": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "license": {"type": "str"},
    "location": {"type": "str"},
    "extension": {"type": "str"},
    "phone_number": {"type": "str"},
    "remove_phone_number": {"type": "bool", "default": False},
    "first_name": {"type": "str"},
    "last_name": {"type": "str"},
    "display_name": {"type": "str"},
}

# The same with what a user needs beside a license.
USER_SPEC: dict[str, dict[str, Any]] = {**WANTED_SPEC, **SETTINGS_SPEC}

# What the user allows, and how long it may take: common options of `calling_user` and `calling_users`.
RULES_SPEC: dict[str, dict[str, Any]] = {
    "allow_move": {"type": "bool", "default": False},
    "allow_inactive_numbers": {"type": "bool", "default": False},
    "create_people": {"type": "bool", "default": False},
    "license_overage": {"type": "str", "choices": ["allow", "refuse"], "default": "allow"},
    "release": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 30},
}


# What `calling_users` does with a list: the options that its module on the host gets.
BULK_SPEC: dict[str, dict[str, Any]] = {
    "users": {"type": "list", "elements": "dict", "default": [], "options": {**USER_SPEC, "profile": {"type": "str"}}},
    "on_error": {"type": "str", "choices": ["stop", "skip"], "default": "stop"},
    "max_failures": {"type": "int"},
    "concurrency": {"type": "int", "default": 8},
    "time_budget": {"type": "float", "default": 3600},
    "progress_file": {"type": "str"},
    **RULES_SPEC,
}

# Where the list is, how it is read and where the results go: the options that its action on the controller keeps.
LIST_SPEC: dict[str, dict[str, Any]] = {
    "src": {"type": "path"},
    "text": {"type": "str"},
    "columns": {"type": "dict", "default": {}},
    "defaults": {"type": "dict", "default": {}},
    "profiles": {"type": "raw"},
    "default_country": {"type": "str"},
    "allow_empty": {"type": "bool", "default": False},
    "list_only": {"type": "bool", "default": False},
    "report_dir": {"type": "path"},
    "progress": {"type": "bool", "default": True},
}


def rules_of(params: Mapping[str, Any]) -> Rules:
    """Return what the options of RULES_SPEC allow."""
    return Rules(**{rule.name: params[rule.name] for rule in fields(Rules)})
