# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users of a list leave open: their profile says it, or the defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._calling.settings.table import OPTIONS as SETTINGS
from .._calling.settings.table import check as check_settings
from .._errors import OptionError
from .columns import COLUMNS, PROFILE
from .problems import Problem, shown, some_names
from .values import flaws, text_of

_WHO = frozenset({"email", "person_id"})


class Bundles:
    """The profiles by name, and the defaults for everybody. ``problems`` are what is wrong with them."""

    def __init__(self, defaults: Mapping[str, Any], profiles: Mapping[str, Any]) -> None:
        """Check them by themselves, once for all users."""
        self.problems: list[Problem] = []
        self._defaults = self._sound("the defaults", defaults, set(COLUMNS))
        known = set(COLUMNS) - _WHO - {PROFILE}
        self._profiles = {
            str(name): self._sound(f"the profile {name}", bundle, known) for name, bundle in profiles.items()
        }

    def _sound(self, what: str, bundle: Any, known: set[str]) -> dict[str, Any]:
        """Return the options of a bundle; none if anything is wrong with them."""
        if bundle is None:
            return {}
        if not isinstance(bundle, Mapping):
            self.problems.append(Problem(f"{what}: this is not a mapping of options to values"))
            return {}
        given = {str(option): value for option, value in bundle.items() if is_given(value)}
        unknown = [shown(option) for option in sorted(set(given) - known)]
        if unknown:
            self.problems.append(Problem(f"{what}: unknown keys {', '.join(unknown)}"))
            return {}
        errors = flaws(without_settings(given))
        if not errors:
            try:
                return given | check_settings(parsed(given))
            except OptionError as error:
                errors = [error]
        self.problems += [Problem(f"{what}: {error.problem}", error.remedy) for error in errors]
        return {}

    def filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a user: their own, else those of their profile, else the defaults.

        Of settings with suboptions, that holds for each suboption. Raises OptionError for a profile that there is not.
        """
        own = parsed(given)
        name = text_of(own.get(PROFILE, self._defaults.get(PROFILE)))
        if name and name not in self._profiles:
            raise OptionError(
                PROFILE,
                f"{shown(name)} is no profile.",
                f"choose from {some_names(sorted(self._profiles))}."
                if self._profiles
                else "say in `profiles` what it means.",
            )
        options = dict(self._defaults)
        for bundle in (self._profiles.get(name, {}), own):
            for option, value in bundle.items():
                below = options.get(option)
                if isinstance(below, Mapping) and isinstance(value, Mapping):
                    options[option] = {**below, **value}
                else:
                    options[option] = value
        return options


def is_given(value: Any) -> bool:
    """Tell whether a value says anything: neither nothing nor blanks."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def without_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are not checked by the settings themselves."""
    return {option: value for option, value in options.items() if option not in SETTINGS}


def parsed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* with what is JSON in a cell as data: settings with suboptions, and lists. Raises OptionError."""
    return {option: _data(option, value) if option in SETTINGS else value for option, value in options.items()}


def _data(option: str, value: Any) -> Any:
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise OptionError(option, "this is not JSON.", 'write for example {"enabled": true}.') from None
