# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex says camelCase, Ansible says snake_case."""

from __future__ import annotations

import re
from typing import Any

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_case(data: Any) -> Any:
    """Return *data* (any JSON) with every key of every object in snake_case; values are untouched."""
    if isinstance(data, dict):
        return {_BEFORE_CAPITAL.sub("_", key).lower(): snake_case(value) for key, value in data.items()}
    if isinstance(data, list):
        return [snake_case(item) for item in data]
    return data


def camel_case(data: Any) -> Any:
    """Return *data* (any JSON) with every key of every object in camelCase, and objects in lists without what is None."""
    if isinstance(data, dict):
        return {
            re.sub(r"_([a-z])", lambda found: found[1].upper(), key): camel_case(value) for key, value in data.items()
        }
    if isinstance(data, list):
        return [
            camel_case({k: v for k, v in item.items() if v is not None} if isinstance(item, dict) else item)
            for item in data
        ]
    return data
