# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._parallel import run_parallel, run_side_by_side


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_answers_come_in_the_order_of_the_items(workers: int, count: int) -> None:
    assert run_parallel(workers, lambda item: item * item, range(count)) == [item * item for item in range(count)]


def test_so_many_are_under_way_at_once_and_no_more() -> None:
    together, lock, under_way, most = threading.Barrier(3), threading.Lock(), [0], [0]

    def work(item: int) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        together.wait(60)
        with lock:
            under_way[0] -= 1

    run_parallel(3, work, range(9))
    assert most == [3]


def test_one_item_is_worked_on_by_the_caller() -> None:
    assert run_parallel(8, lambda item: threading.current_thread(), [1]) == [threading.current_thread()]


def test_the_first_error_ends_it_all() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 3:
            raise ValueError("three")
        done.append(item)

    with pytest.raises(ValueError, match="three"):
        run_parallel(1, work, range(1000))
    assert done == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        run_parallel(4, work, [3] * 1000)


def test_actions_run_side_by_side() -> None:
    together = threading.Barrier(3)
    actions: list[t.Callable[[], object]] = [lambda: together.wait(60)] * 3
    run_side_by_side(actions)
    run_side_by_side([])
    with pytest.raises(ZeroDivisionError):
        run_side_by_side([lambda: 1 // 0, lambda: None])
