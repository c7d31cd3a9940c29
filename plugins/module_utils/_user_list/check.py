# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users as a list has them: each checked, and all of them between each other, before the first one is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from .._calling.model import Wanted
from .._calling.organization import plain_name
from .._calling.wish import OWN_OPTIONS, wanted_of
from .._errors import OptionError
from .bundles import Bundles, is_given, without_settings
from .columns import PROFILE
from .dialling import Dialling, refuse_trunk_zero
from .plain_list import Entry
from .problems import MOST_NAMES, Place, Problem, all_problems, problem_at, shown
from .values import flaws, plain_text, text_of, truth

# Of these, people must see how they were read.
_NORMALISED = ("email", "person_id", "state", "license", "location", "extension", "phone_number")


class Checker:
    """Checks users one after the other, and keeps what is wrong, to be told all at once."""

    def __init__(
        self,
        problems: list[Problem],
        defaults: Mapping[str, Any],
        dialling: Dialling | None,
        profiles: Mapping[str, Any],
    ) -> None:
        """Take the list of *problems*, to which others may add, the options for what users leave open, and the profiles."""
        self._dialling = dialling
        self._bundles = Bundles(defaults, profiles)
        self._problems = problems
        self._problems += self._bundles.problems
        self._checked: list[tuple[Place, Wanted, str]] = []
        self.changes: dict[str, list[str]] = {}

    def add(self, entry: Entry) -> None:
        """Check a user alone."""
        given = {option: value for option, value in entry.options.items() if is_given(value)}
        errors = flaws(without_settings(given))
        if errors:
            self._problems += [problem_at(entry.place, error) for error in errors]
            return
        try:
            options = self._bundles.filled(given)
            wanted = wanted_of({**options, **self._plain(options)})
        except OptionError as error:
            self._problems.append(problem_at(entry.place, error))
            return
        self._checked.append((entry.place, wanted, text_of(given.get(PROFILE))))
        changes = entry.remarks + [
            f"{option}: read {shown(written)} as {getattr(wanted, option)}"
            for option in _NORMALISED
            if option in given and (written := text_of(given[option])) != getattr(wanted, option)
        ]
        if changes:
            self.changes[wanted.who] = changes

    def _plain(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a user but for settings, as they are meant.

        Raises OptionError for what has no meaning, or two.
        """
        plain: dict[str, Any] = {
            option: plain_text(option, text_of(value)) for option, value in options.items() if option in OWN_OPTIONS
        }
        removal = options.get("remove_phone_number")
        plain["remove_phone_number"] = truth(removal)
        if plain["remove_phone_number"] is None:
            raise OptionError(
                "remove_phone_number", f"{removal!r} is neither yes nor no.", "write yes, or leave it out."
            )
        number = plain.get("phone_number")
        if number and self._dialling:
            plain["phone_number"] = self._dialling.e164(number)
        elif number:
            refuse_trunk_zero(number)
        return plain

    def users(self) -> list[dict[str, Any]]:
        """Return each user as the options of ``calling_user``. Raises UserListError with all problems at once."""
        problems = self._problems + _clashes((place, wanted) for place, wanted, _profile in self._checked)
        if problems:
            raise all_problems(problems)
        return [_options_of(wanted, profile) for _place, wanted, profile in self._checked]


def _options_of(wanted: Wanted, profile: str) -> dict[str, Any]:
    own = {option: getattr(wanted, option) for option in OWN_OPTIONS}
    given = {option: value for option, value in own.items() if value not in (None, False)}
    return {**given, **(wanted.settings or {}), **({PROFILE: profile} if profile else {})}


def _clashes(users: Iterable[tuple[Place, Wanted]]) -> list[Problem]:
    claims: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for place, user in users:
        claims[("the person", user.who.lower())].append(place)
        if user.state == "present" and user.extension and user.location:
            claims[("the extension", user.extension, "in " + plain_name(user.location))].append(place)
        if user.state == "present" and user.phone_number:
            claims[("the phone number", "+" + user.phone_number.lstrip("+"))].append(place)
    return [_clash(places, " ".join(what)) for what, places in claims.items() if places[1:]]


def _clash(places: list[Place], what: str) -> Problem:
    more = f" and {len(places) - MOST_NAMES:,} more" if len(places) > MOST_NAMES else ""
    times = "twice" if len(places) == 2 else f"{len(places):,} times"
    return Problem(f"{' and '.join(map(str, places[:MOST_NAMES]))}{more}: {what} occurs {times}", places=tuple(places))
