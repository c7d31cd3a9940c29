# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of single values that a setting is given: each takes the option's name and a value, and returns the plain form.

They raise OptionError, which names the option and says what would be right. Values come from YAML, JSON, or text of CSV.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._errors import OptionError
from ..._people import check_address
from ..model import digits, undecorated

Check = Callable[[str, Any], Any]

_YES = ("yes", "true", "on", "1", "y", "t")
_NO = ("no", "false", "off", "0", "n", "f")
_PHONE_NUMBER = re.compile(r"\+[0-9]{3,15}")
LEAST_RINGS, MOST_RINGS = 2, 20


def boolean(option: str, value: Any) -> bool:
    """Return a yes or no."""
    word = str(value).strip().lower()
    if isinstance(value, (bool, int, str)) and word in (*_YES, *_NO):
        return word in _YES
    raise OptionError(option, f"{value!r} is neither yes nor no.", "write true or false.")


def text(option: str, value: Any) -> str:
    """Return a text that is not empty."""
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
        if not str(value).strip().isprintable():
            raise OptionError(option, f"{value!r} has a character that cannot be seen.", "write it anew.")
        return str(value).strip()
    raise OptionError(option, f"{value!r} is not text.", "write one value, in quotes if it looks like a number.")


def address(option: str, value: Any) -> str:
    """Return an e-mail address."""
    check_address(option, text(option, value))
    return text(option, value)


def rings(option: str, value: Any) -> int:
    """Return how often a telephone rings; from 2 to 20 (Cisco's OpenAPI)."""
    number = str(value).strip()
    if number.isdecimal() and LEAST_RINGS <= int(number) <= MOST_RINGS:
        return int(number)
    raise OptionError(option, f"{value!r} is not from {LEAST_RINGS} to {MOST_RINGS}.", "write for example 4.")


def phone_number(option: str, value: Any) -> str:
    """Return a phone number in E.164 notation."""
    number = undecorated(text(option, value))
    if not _PHONE_NUMBER.fullmatch(number):
        raise OptionError(option, f"{value!r} is not a phone number.", "write E.164: '+493055501234'.")
    return number


def destination(option: str, value: Any) -> str:
    """Return where calls go: a number, an extension or an address. ``off``, which YAML takes for a boolean, is no place."""
    if value is False or str(value).strip().lower() in ("off", "no", "false"):
        return "off"
    place = text(option, value)
    plain = undecorated(place)
    if re.fullmatch(r"\+?[0-9]+", plain):
        return plain
    if re.fullmatch(r"[^\s@]+@[^\s@]+", place):
        return place
    raise OptionError(option, f"{value!r} is no place to forward calls to.", "write a number, an extension, or off.")


def word_or(words: Sequence[str], other: Check) -> Check:
    """Return a check for one of *words*, or what the check *other* takes."""

    def check(option: str, value: Any) -> Any:
        word = str(value).strip().lower().replace(" ", "_").replace("-", "_")
        if word in words:
            return word
        try:
            return other(option, value)
        except OptionError as error:
            raise OptionError(option, error.wrong, _or(words, error.remedy)) from None

    return check


def _or(words: Sequence[str], remedy: str | None) -> str:
    return f"write {', '.join(words)}; or {remedy}"


def list_of(check: Check) -> Check:
    """Return a check for a list, or a text with commas, of what *check* takes; each once."""

    def check_all(option: str, value: Any) -> list[Any]:
        if isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, (list, tuple)):
            raise OptionError(option, f"{value!r} is not a list.", "write a list.")
        return list(dict.fromkeys(check(option, item) for item in value))

    return check_all


def choice_of(words: Sequence[str]) -> Check:
    """Return a check for one of *words*."""

    def refuse(option: str, value: Any) -> Any:
        raise OptionError(option, f"{value!r} is unknown.", f"choose from {', '.join(words)}.")

    def check(option: str, value: Any) -> Any:
        word = str(value).strip().lower()
        return word if word in words else refuse(option, value)

    return check


def mapping_of(checks: Mapping[str, Check]) -> Check:
    """Return a check for a mapping with some of the keys of *checks*; those that are given nothing are left out."""

    def check(option: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise OptionError(option, f"{value!r} is not a mapping.", f"give one or more of {', '.join(checks)}.")
        unknown = [str(name) for name in value if name not in checks]
        if unknown:
            raise OptionError(option, f"has unknown keys: {', '.join(unknown)}.", f"choose from {', '.join(checks)}.")
        return {
            name: checks[name](f"{option}.{name}", item)
            for name, item in value.items()
            if item is not None and item != ""
        }

    return check


def same_line(first: Any, second: Any) -> bool:
    """Tell whether two numbers mean the same line: Webex shows some of them without the country (Cisco's examples)."""
    shorter, longer = sorted((digits(str(first or "")), digits(str(second or ""))), key=len)
    if shorter == longer:
        return bool(shorter) or first == second
    return len(shorter) >= 7 and longer.endswith(shorter)
