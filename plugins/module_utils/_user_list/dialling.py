# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as the people of one country write them, by the library phonenumbers, which is optional."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from .._calling.model import digits
from .._errors import OptionError
from .problems import UserListError, shown

_WRITTEN = re.compile(r"[+0-9 ().\-/]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
# Of a country with this prefix people often leave it out; with any other, what lacks it lacks an area code or a zero.
_OPTIONAL_PREFIXES = (None, "", "1")


class Dialling:
    """How numbers are written in one country."""

    def __init__(self, country: str) -> None:
        """Take a country by its two letters (ISO 3166): ``DE``.

        Raises UserListError for another one, and if this Python lacks phonenumbers.
        """
        try:
            self._library: Any = importlib.import_module("phonenumbers")
        except ImportError:
            raise UserListError(
                f"default_country needs the library phonenumbers, which {sys.executable} does not have.",
                f"install it there ({sys.executable} -m pip install phonenumbers), or write all numbers as E.164.",
            ) from None
        self.country = country.strip().upper()
        if self.country not in self._library.SUPPORTED_REGIONS:
            raise UserListError(
                f"default_country: {shown(country)} is not a country.", "write its two letters, for example DE."
            )

    def e164(self, text: str) -> str:
        """Return a phone number, which may be a national one, as E.164: ``+493055501234``.

        What is international already, and what is no number at all, is returned as it is. Raises OptionError if there is
        no such number in the country, or if there are two that it could be.
        """
        if not _WRITTEN.fullmatch(text) or not digits(text):
            return text
        if text.startswith("+"):
            return self._without_trunk_zero(text) if _TRUNK_ZERO.search(text) else text
        candidates = {self._valid(text, self.country)} if self._has_prefix(text) else set()
        if text.isdigit() and not text.startswith("0"):
            # Spreadsheets take the plus from an international number.
            candidates.add(self._valid(f"+{text}", None))
        numbers = sorted(candidates - {None}, key=str)
        if len(numbers) == 1:
            return str(numbers[0])
        if numbers:
            raise OptionError("phone_number", f"{shown(text)} can be {' or '.join(map(str, numbers))}.", "write one.")
        raise OptionError(
            "phone_number",
            f"{shown(text)} is not a number in {self.country} with its area code.",
            "write it as it is dialled from another town, or as E.164: +493055501234.",
        )

    def _without_trunk_zero(self, text: str) -> str:
        """Return a number like ``+49 (0)30 ...``; the zero is part of it in a few countries only."""
        number = self._valid(text, None)
        if number is None or digits(number) not in (digits(text), digits(_TRUNK_ZERO.sub("", text))):
            raise OptionError("phone_number", f"{shown(text)} is not a phone number.", "write E.164: +493055501234.")
        return number

    def _has_prefix(self, text: str) -> bool:
        """Tell whether a number begins as national and international ones do in the country: else an area code may lack."""
        prefix = self._library.ndd_prefix_for_region(self.country, True)
        return prefix in _OPTIONAL_PREFIXES or digits(text).startswith(prefix)

    def _valid(self, text: str, country: str | None) -> str | None:
        """Return a number as E.164; None if there is none such."""
        try:
            number = self._library.parse(text, country)
        except self._library.NumberParseException:
            return None
        if number.extension or not self._library.is_valid_number(number):
            return None
        return str(self._library.format_number(number, self._library.PhoneNumberFormat.E164))


def refuse_trunk_zero(text: str) -> None:
    """Raise OptionError for ``+49 (0)30 ...``, if nothing says in which country the zero is part of the number."""
    if text.startswith(("+", "00")) and _TRUNK_ZERO.search(text):
        raise OptionError(
            "phone_number",
            f"{shown(text)} has a (0), which is dialled in some countries, and left out in most.",
            "write E.164 (+493055501234), or set default_country.",
        )
