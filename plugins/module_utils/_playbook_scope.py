# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds at a place of a playbook: the collections that are listed, and the variables that switch something on or off.

Variables from outside of plays, roles and tasks (the inventory, the command line, files, facts) are not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._scopes import SETTINGS, SWITCHES

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*(?:\|\s*bool\s*)?\}\}")
# How data begins that are kept as JSON.
_DATA = ("{", "[")
_NAME = re.compile(r"[A-Za-z_]\w*")
# As Ansible reads a boolean.
_OFF = frozenset({"no", "off", "false", "f", "n", "0"})


@dataclass(frozen=True)
class Scope:
    """What holds at a place. It can be compared, so that a file is read once for each scope that it is used in."""

    collections: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes this scope differ from another one."""
        return (*self.collections, frozenset(self.variables.items()))

    def inside(self, part: Mapping[str, Any]) -> Scope:
        """Return what holds inside a play, a block or a task: its own ``collections`` and ``vars`` go before."""
        return Scope(
            (*texts(part.get("collections")), *self.collections), {**self.variables, **plain(part.get("vars"))}
        )

    def in_role(self, options: Mapping[str, Any]) -> Scope:
        """Return what holds in a role that is used with *options*: further keys of it are variables too."""
        return Scope(self.collections, {**self.variables, **plain(options), **plain(options.get("vars"))})

    def of_role(self, collections: Iterable[str], defaults: Any, variables: Any) -> Scope:
        """Return what holds in a role with these collections, *defaults* (they yield to all) and *variables*."""
        known = {**plain(defaults), **plain(variables), **self.variables}
        return Scope(_once(*collections, *self.collections), known)

    def is_off(self, option: str, value: Any) -> bool:
        """Tell whether an *option* with this *value* is as good as not given; a value that is unknown counts as given."""
        for _step in range(len(self.variables) + 1):
            name = _VARIABLE.fullmatch(value.strip()) if option in SWITCHES and isinstance(value, str) else None
            if name is None or name[1] not in self.variables:
                break
            value = self.variables[name[1]]
        return value is None or (option in SWITCHES and str(value).strip().lower() in _OFF)

    def settings_in(self, value: Any) -> frozenset[str]:
        """Return the settings of calling users that *value* names: users of a list, defaults, profiles.

        In an expression, those of the variables that it mentions; a variable that is unknown names none.
        """
        if isinstance(value, str):
            value = [json.loads(text) for text in self._mentioned_in(value) if text[:1] in _DATA]
        return SETTINGS & set(_keys(value))

    def _mentioned_in(self, expression: str) -> list[str]:
        """Return the variables that an expression mentions, as far as they are known."""
        names = _NAME.findall(expression) if "{{" in expression else ()
        return [self.variables[name] for name in names if name in self.variables]

    def names_settings(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Return the settings that the *options* of a task of `calling_users` name, for whomever.

        Which ones a file of profiles names, or a variable that is unknown, cannot be seen: then it may be all.
        """
        named = frozenset().union(*(self.settings_in(options.get(name)) for name in ("users", "defaults", "profiles")))
        profiles = options.get("profiles")
        if isinstance(profiles, str) and profiles:
            texts = self._mentioned_in(profiles)
            return named if texts and all(text[:1] in ("", *_DATA) for text in texts) else SETTINGS
        return named


def _keys(data: Any) -> Iterator[str]:
    """Yield the keys of *data* at any depth."""
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _keys(item)
    if isinstance(data, dict):
        yield from map(str, data)


def plain(variables: Any) -> dict[str, str]:
    """Return the variables that can be a switch (texts, numbers, booleans), and others as JSON."""
    given = variables if isinstance(variables, dict) else {}
    return {
        str(name): str(value) if isinstance(value, (str, int)) else json.dumps(value, default=str)
        for name, value in given.items()
        if isinstance(value, (str, int, dict, list))
    }


def _once(*names: str) -> tuple[str, ...]:
    """Return each name once, so that files that include each other lead to the same scope again, and reading ends."""
    return tuple(dict.fromkeys(names))


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts in a list; nothing for what is no list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
