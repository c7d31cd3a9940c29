# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All settings of a calling user, in the order in which they are written, and the options by which they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import (
    call_forwarding,
    caller_id,
    emergency_callback,
    locale,
    numbers,
    outgoing_permissions,
    voicemail,
)
from .base import Flat, Json, Setting

# Numbers first: what is shown to others, and what calls back, may be one of them.
SETTINGS: tuple[Setting, ...] = (
    numbers.SETTING,
    emergency_callback.SETTING,
    caller_id.SETTING,
    voicemail.SETTING,
    outgoing_permissions.SETTING,
    call_forwarding.SETTING,
    locale.SETTING,
)
OPTIONS: tuple[str, ...] = tuple(option for setting in SETTINGS for option in setting.checks)
# No output shows these.
SECRETS = frozenset({voicemail.PASSCODE})


def check(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of *options* that ask for settings, in their plain form. Raises OptionError for what is wrong by itself."""
    plain: dict[str, Any] = {}
    for setting in SETTINGS:
        plain |= setting.check(options)
    return plain


def named(options: Mapping[str, Any]) -> list[Setting]:
    """Return the settings that *options*, in their plain form, ask for."""
    return [setting for setting in SETTINGS if setting.flat(options)]


def as_options(flat: Flat) -> Json:
    """Return what is seen of all settings as options and suboptions."""
    options: Json = {}
    for setting in SETTINGS:
        part = {key: value for key, value in flat.items() if key.partition(".")[0] in setting.checks}
        if part:
            options |= setting.as_options(part)
    return options


def public(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* without secrets."""
    return {name: value for name, value in options.items() if name not in SECRETS}
