# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a list of users, told all at once: each problem with its line, and never too much of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._errors import WebexError, with_remedy

# Of so many problems the text is told; of the others only where they are.
MOST_TEXTS = 100
# So many names are told of columns, so many characters of a name or value.
MOST_NAMES = 10
MOST_CHARACTERS = 60
# More people than any organization has.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Place:
    """Where something stands in a list: ``line 2``, ``user 3``."""

    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a list: what, with the place in words, what to do about it, and the places."""

    text: str
    remedy: str | None = None
    places: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return with_remedy(self.text, self.remedy)


def problem_at(place: Place, error: WebexError) -> Problem:
    """Return what an *error* says of an entry of a list as a problem."""
    return Problem(f"{place}: {error.problem}", error.remedy, (place,))


class UserListError(WebexError):
    """Something is wrong with a list of users; the message has every problem, with its line or number."""


class EmptyListError(UserListError):
    """Nothing is wrong with the list, but there is nobody in it to do anything for; the message says why."""


def all_problems(problems: Sequence[Problem]) -> UserListError:
    """Return the error with all *problems*, in the order of their places; beyond MOST_TEXTS only those are told."""
    problems = sorted(problems, key=lambda problem: problem.places[0].number if problem.places else 0)
    rest = problems[MOST_TEXTS:]
    places = [place for problem in rest for place in problem.places]
    more = f" | and {len(rest)} more, of {in_words(places)}" if rest else ""
    count = f"{len(problems)} problems" if len(problems) != 1 else "1 problem"
    return UserListError(f"{count} in the list of users: {' | '.join(map(str, problems[:MOST_TEXTS]))}{more}")


def in_words(places: Iterable[Place]) -> str:
    """Return *places* in words: ``lines 3-9, 12``."""
    found: dict[str, set[int]] = defaultdict(set)
    for place in places:
        found[place.kind].add(place.number)
    texts = []
    for kind, numbers in found.items():
        ranges: list[list[int]] = []
        for number in sorted(numbers):
            if ranges and number == ranges[-1][1] + 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        parts = ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges)
        texts.append(f"{kind}{'s' if len(numbers) > 1 else ''} {parts}")
    return " and ".join(texts)


def shown(text: str) -> str:
    """Return a name or value in quotation marks for a message, without what would make the message too long."""
    return repr(text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "...")


def some_names(names: Iterable[str]) -> str:
    """Return the first MOST_NAMES names of columns for a message: ``'Title', 'Manager' and 3 more``."""
    known = list(names)
    rest = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return ", ".join(map(shown, known[:MOST_NAMES])) + rest


def check_row_count(number: int) -> None:
    """Raise UserListError for a row beyond MOST_ROWS, before it is looked at."""
    if number > MOST_ROWS:
        raise UserListError(f"The list of users has more than {MOST_ROWS:,} rows.", "split it.")


def counted(number: int, thing: str) -> str:
    """Return a number of things for a message: ``1 row``, ``4,990 rows``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
