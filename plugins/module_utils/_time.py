# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time are aware datetimes in UTC; on the outside they are ISO 8601 with a Z; durations are timedeltas."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"(\d+)\s*([wdhms])")


def utc_now() -> datetime:
    """Return the present as an aware datetime in UTC, to the second."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def to_iso(moment: datetime | None) -> str | None:
    """Return *moment* as ISO 8601 in UTC (``2026-01-31T03:00:00Z``); None stays None."""
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_iso(text: str | None) -> datetime | None:
    """Return the aware datetime that *text* (ISO 8601 with an offset or Z) names; None stays None.

    Raises ValueError for anything else.
    """
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{text!r} is beyond the calendar") from None


def parse_duration(text: str) -> timedelta:
    """Return the duration that *text* names: ``1d``, ``12h``, ``1d12h``, ``90m``, or plain seconds such as ``3600``.

    Raises ValueError with a sentence that says what would be right.
    """
    compact = str(text).strip().lower()
    if compact.isdecimal():
        compact += "s"
    wrong = f"{text!r} is not a duration; write for example 1d, 12h, 1d12h, 90m, or a number of seconds"
    parts = _PART.findall(compact)
    if not parts or _PART.sub("", compact).strip():
        raise ValueError(wrong)
    try:
        return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
    except OverflowError:
        raise ValueError(wrong) from None
