# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The apostrophe that keeps spreadsheets from taking a value of our CSV reports for a formula: written, and taken away."""

from __future__ import annotations

import re

# What a spreadsheet computes, at the beginning of a value or behind what it may take for another separator.
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"
_FORMULA = re.compile(f"^(?=[\t\r\n{_SIGNS}])|(?<=[;\t\r\n])(?=[{_SIGNS}])")
_GUARD = re.compile(f"^'(?=[\t\r\n{_SIGNS}])|(?<=[;\t\r\n])'(?=[{_SIGNS}])")
_NUMBER = re.compile(r"\+[0-9]+")


def guarded(text: str) -> str:
    """Return *text* with an apostrophe before what a spreadsheet would compute; a phone number needs none."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


def unguarded(text: str) -> str:
    """Return *text* without the apostrophes of guarded()."""
    return _GUARD.sub("", text)
