# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._checks import LONGEST_LIFETIME, lifetime


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (64_799, timedelta(seconds=64_799)),
        ("64799", timedelta(seconds=64_799)),
        (1.9, timedelta(seconds=1)),
        (LONGEST_LIFETIME.total_seconds(), LONGEST_LIFETIME),
        (LONGEST_LIFETIME.total_seconds() + 1, None),
        (0, None),
        (-1, None),
        ("-1", None),
        ("1e3", None),
        ("", None),
        ("9" * 13, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_only_a_lifetime_that_can_be_one_counts(seconds: t.Any, expected: timedelta | None) -> None:
    assert lifetime(seconds) == expected
