# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of a list: what programs and people make of them, and what is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._errors import OptionError
from .problems import shown

_YES = ("yes", "true", "1", "x", "wahr", "vrai", "verdadero", "vero")
_NO = ("no", "false", "0", "", "falsch", "faux", "falso")
MOST_CHARACTERS = 256

_NUMBERS = ("extension", "phone_number")
# 493055502003.0, 4,93055E+11: what spreadsheets and data frames make of numbers.
_MANGLED = re.compile(r"[0-9]+[.,]0|[0-9][0-9.,]*[eE]\+?[0-9]+")
_FORMULA_ERROR = re.compile(r"#(N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|NULL!|NUM!|ZAHL!|DIV/0!)")
# ="0123" and '0123: how people keep zeros from spreadsheets.
_QUOTED_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_GUARDED_NUMBER = re.compile(r"'[+0-9].*")
_TEL, _MAILTO = re.compile(r"tel:", re.IGNORECASE), re.compile(r"mailto:", re.IGNORECASE)
# Alice Example <alice@example.com>
_NAMED_ADDRESS = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>")
# Dashes, spaces and marks of direction that word processors and address books put into numbers.
_DASHES = dict.fromkeys([0xAD, *range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_INVISIBLE = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF], "")
_OTHER_SIGNS = {0xFF0B: "+", 0xFF08: "(", 0xFF09: ")", 0xFF0F: "/", 0xFF0E: "."}
_SIGNS = {**_DASHES, **_BLANKS, **_INVISIBLE, **_OTHER_SIGNS}


def text_of(value: Any) -> str:
    """Return a value as text without outer blanks; nothing for what is no text, such as a list."""
    return str(value).strip() if isinstance(value, (str, int)) else ""


def truth(value: Any) -> bool | None:
    """Return what a yes or no says, in the words that spreadsheets use; None if it is neither. Nothing is a no."""
    if isinstance(value, bool):
        return value
    if value is not None and not isinstance(value, (str, int)):
        return None
    text = text_of(value).lower()
    return True if text in _YES else False if text in _NO else None


def plain_text(option: str, text: str) -> str:
    """Return what is meant by the *text* of an option, if there is one meaning only.

    ``="0123"``, ``'0123``, ``tel:``, ``mailto:``, ``Alice <alice@example.com>``, and in numbers the dashes, blanks and
    digits of other scripts and keyboards. Anything else is returned as it is.
    """
    text = text.strip()
    quoted = _QUOTED_FORMULA.fullmatch(text)
    if quoted:
        text = quoted[1].replace('""', '"').strip()
    if option == "state":
        return text.lower()
    if option == "email":
        text = _MAILTO.sub("", text, count=1) if _MAILTO.match(text) else text
        named = _NAMED_ADDRESS.fullmatch(text)
        return named[1] if named else text
    if option in _NUMBERS:
        return _plain_number(text)
    return text


def _plain_number(text: str) -> str:
    if not text.isascii():
        text = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.translate(_SIGNS)).strip()
    if _GUARDED_NUMBER.fullmatch(text):
        text = text[1:]
    if _TEL.match(text):
        text = text[4:]
    return text.strip()


def flaws(options: Mapping[str, Any]) -> list[OptionError]:
    """Return what is wrong with the values of a user as such, whatever may be right for the option."""
    found = ((option, _flaw(option, value)) for option, value in options.items())
    return [OptionError(option, *flaw) for option, flaw in found if flaw]


def _flaw(option: str, value: Any) -> tuple[str, str] | None:
    """Return what is wrong with a value, and what to do about it; None if nothing is."""
    if value is None or (isinstance(value, bool) and option == "remove_phone_number"):
        return None
    if isinstance(value, (list, dict)):
        return "this is a list or an object, not text.", "write one value."
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return f"{value!r} is not text.", "put it in quotes."
    written = str(value)
    if len(written) > MOST_CHARACTERS:
        return f"{shown(written)} has {len(written):,} characters.", "see whether a quotation mark is missing."
    text = plain_text(option, written)
    if not text.isprintable():
        return f"{shown(text)} has a character that cannot be seen.", "write it anew."
    if option in _NUMBERS and _MANGLED.fullmatch(text):
        return (
            f"{shown(text)} is what a spreadsheet made of a number.",
            "format the column as text, and enter the number anew.",
        )
    if option == "state" and text not in ("", "present", "absent"):
        return (
            f"{shown(written)} is neither present nor absent.",
            'write one of them; or, if this is a part of a country, leave the column out: columns: {"State": ""}.',
        )
    if _FORMULA_ERROR.fullmatch(text):
        return f"{shown(text)} is an error of a spreadsheet's formula.", "write the value."
    return None
