# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.schedule import Schedule


def order(schedule: Schedule, done: t.Callable[[int], bool] = lambda step: True) -> list[int]:
    """The steps in the order in which one worker gets them."""
    steps = []
    while (step := schedule.take()) is not None:
        steps.append(step)
        schedule.end(step, done(step))
    return steps


@pytest.mark.parametrize(
    ("steps", "waits", "follows", "blocked", "found"),
    [
        ([], {}, {}, (), []),
        ([3, 1, 2], {}, {}, (), [3, 1, 2]),
        ([1, 2, 3], {1: [3]}, {}, (), [2, 3, 1]),
        ([1, 2, 3], {1: [2, 3]}, {}, (), [2, 3, 1]),
        ([1, 2, 3], {1: [2], 2: [3]}, {}, (), [3, 2, 1]),
        ([1, 2, 3], {}, {1: [3]}, (), [2, 3, 1]),
        # Those who are not among the steps are done already.
        ([1, 2], {1: [7]}, {2: [8]}, (), [1, 2]),
        ([1, 2, 3], {3: [1]}, {}, {1}, [2]),
        ([1, 2], {1: [2]}, {}, {1}, [2]),
    ],
)
def test_a_step_comes_after_those_that_it_waits_for(
    steps: list[int],
    waits: dict[int, list[int]],
    follows: dict[int, list[int]],
    blocked: t.Collection[int],
    found: list[int],
) -> None:
    assert order(Schedule(steps, waits, follows, blocked)) == found


def test_what_was_not_done_is_a_condition_for_those_that_wait_and_none_for_those_that_follow() -> None:
    schedule = Schedule([1, 2, 3, 4], {2: [1], 4: [2]}, {3: [1]})
    assert order(schedule, lambda step: step != 1) == [1, 3]
    assert order(Schedule([1, 2, 3, 4], {2: [1], 4: [2]}, {3: [1]})) == [1, 2, 3, 4]


def test_what_is_left_is_neither_done_nor_ended() -> None:
    schedule = Schedule([1, 2, 3], {2: [1]}, {3: [1]})
    assert schedule.take() == 1
    schedule.leave(1)
    assert schedule.take() is None


def test_more_of_those_that_are_ready_can_be_taken() -> None:
    schedule = Schedule([1, 2, 3, 4, 5, 6], {6: [2]}, {})
    assert schedule.take() == 1
    assert schedule.take_more(lambda step: step % 2 == 0, 1) == [2]
    assert schedule.take_more(lambda step: step % 2 == 0, 9) == [4]
    assert schedule.take_more(lambda step: step > 9, 9) == []
    for step in (1, 2, 4):
        schedule.end(step, True)
    assert order(schedule) == [3, 5, 6]


def test_after_a_stop_nothing_is_handed_out() -> None:
    schedule = Schedule([1, 2], {}, {})
    assert schedule.take() == 1
    schedule.stop()
    assert schedule.take() is None


@pytest.mark.parametrize(
    ("end", "found"),
    [
        (lambda schedule: schedule.end(1, True), [2]),
        (lambda schedule: schedule.end(1, False), [None]),
        (lambda schedule: schedule.leave(1), [None]),
        (lambda schedule: schedule.stop(), [None]),
    ],
)
def test_a_worker_waits_for_steps_that_are_under_way(
    end: t.Callable[[Schedule], None], found: list[int | None]
) -> None:
    schedule = Schedule([1, 2], {2: [1]}, {})
    assert schedule.take() == 1
    taken: list[int | None] = []
    worker = threading.Thread(target=lambda: taken.append(schedule.take()))
    worker.start()
    end(schedule)
    worker.join(30)
    assert not worker.is_alive()
    assert taken == found


def test_what_was_taken_beside_is_under_way_too() -> None:
    schedule = Schedule([1, 2, 3], {3: [2]}, {})
    assert (schedule.take(), schedule.take_more(lambda step: True, 9)) == (1, [2])
    schedule.end(1, True)
    taken: list[int | None] = []
    worker = threading.Thread(target=lambda: taken.append(schedule.take()))
    worker.start()
    schedule.end(2, True)
    worker.join(30)
    assert taken == [3]
