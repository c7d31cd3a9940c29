# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._time import from_iso, parse_duration, to_iso, utc_now

MOMENT = datetime(2026, 1, 31, 3, 0, tzinfo=timezone.utc)


def test_now_is_in_utc_and_has_no_fractions() -> None:
    now = utc_now()
    assert now.utcoffset() == timedelta()
    assert from_iso(to_iso(now)) == now


@pytest.mark.parametrize(
    "text", ["2026-01-31T03:00:00Z", "2026-01-31T03:00:00+00:00", "2026-01-31T04:00:00+01:00", "2026-01-30 20:00-07:00"]
)
def test_a_moment_can_be_read_in_any_time_zone(text: str) -> None:
    assert from_iso(text) == MOMENT


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    assert to_iso(MOMENT.astimezone(timezone(timedelta(hours=5)))) == "2026-01-31T03:00:00Z"


def test_unknown_stays_unknown() -> None:
    assert (to_iso(None), from_iso(None)) == (None, None)


@pytest.mark.parametrize("text", ["2026-01-31T03:00:00", "soon", "", "1769828400"])
def test_what_is_not_a_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        from_iso(text)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1d", timedelta(days=1)),
        ("12h", timedelta(hours=12)),
        ("1d12h", timedelta(hours=36)),
        (" 1D 12 H ", timedelta(hours=36)),
        ("90m", timedelta(minutes=90)),
        ("2w", timedelta(days=14)),
        ("45s", timedelta(seconds=45)),
        ("3600", timedelta(hours=1)),
        ("0", timedelta()),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "d", "-1d", "1.5d", "1y", "1d and more", "one day", "²", "9" * 30, "9" * 30 + "d"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write for example 1d"):
        parse_duration(text)
