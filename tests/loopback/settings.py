# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be switched while a server runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints

_WIDER: dict[Any, Any] = {float: int | float, float | None: int | float | None, dict[str, str]: dict, list[str]: list}


@dataclass
class Settings:
    """The settings of every server, with what holds if nobody changes them."""

    latency_ms: float = 0  # how long an answer takes at least
    clock_offset: float = 0  # seconds: time as the server sees it

    CHOICES: ClassVar[Mapping[str, Collection[Any]]] = {}  # the values of those settings that have few

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change some of it; ValueError for what is unknown or of the wrong type."""
        known = {field.name for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"there is no setting {name}")
            if not self.allows(name, value):
                raise ValueError(f"{value!r} is no value for {name}")
        for name, value in changes.items():
            setattr(self, name, value)

    def allows(self, name: str, value: Any) -> bool:
        """Whether a setting can have a value."""
        hint = get_type_hints(type(self))[name]
        return isinstance(value, _WIDER.get(hint, hint)) and value in self.CHOICES.get(name, (value,))
