# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.tests.unit.support import Clock


@pytest.mark.parametrize(
    ("seconds", "naps"),
    [
        (0, []),
        (0.24, []),
        (0.25, [0.25]),
        (1, [0.25, 0.5]),
        (30, [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0]),
    ],
)
def test_it_looks_once_and_then_with_growing_pauses_until_the_time_is_up(seconds: float, naps: list[float]) -> None:
    clock = Clock()
    assert list(Patience(seconds, clock.monotonic, clock.sleep).looks()) == list(range(len(naps) + 1))
    assert clock.naps == naps


def test_time_that_the_looks_themselves_take_counts() -> None:
    clock = Clock()
    for _number in Patience(3, clock.monotonic, clock.sleep).looks():
        clock.sleep(2)  # a slow look
    assert clock.naps == [2, 0.25, 2]


def test_who_has_seen_enough_does_not_wait() -> None:
    clock = Clock()
    for number in Patience(30, clock.monotonic, clock.sleep).looks():
        if number == 1:
            break
    assert clock.naps == [0.25]


@pytest.mark.parametrize(("most", "seconds"), [(5, 5), (60, 30), (0, 0), (-1, 0)])
def test_it_can_be_shortened(most: float, seconds: float) -> None:
    assert Patience(30).at_most(most).seconds == seconds


@pytest.mark.parametrize(("enough", "seen", "naps"), [(2, 2, [0.25]), (9, 3, [0.25, 0.5])])
def test_the_first_sight_that_is_enough_counts_or_else_the_last(enough: int, seen: int, naps: list[float]) -> None:
    clock, sights = Clock(), iter(range(1, 10))
    patience = Patience(1, clock.monotonic, clock.sleep)
    assert patience.look(lambda: next(sights), lambda sight: sight == enough) == seen
    assert clock.naps == naps
