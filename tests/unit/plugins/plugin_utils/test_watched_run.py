# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a run that is watched. Whole runs are watched, and cut short, in the scenarios of the role."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._watched_run import Lines, span


class Watch:
    """Lines of a run whose time is that of the test."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = 0.0
        self.lines = Lines(self.said.append, lambda: self.now)

    def at(self, now: float, phase: str = "writing", **state: t.Any) -> list[str]:
        """What is said when the file is looked at."""
        self.now = now
        before = len(self.said)
        self.lines.show({"phase": phase, "total": 0, "done": 0, "failed": 0, "seconds": None, **state})
        return self.said[before:]


def test_a_run_that_is_short_says_nothing_on_the_way() -> None:
    watch = Watch()
    assert watch.at(1, "reading") == []
    assert watch.at(2, total=5, seconds=1) == []
    assert watch.at(4, total=5, done=4) == []


def test_it_says_what_is_to_come_and_then_how_far_it_is() -> None:
    watch = Watch()
    assert watch.at(1, "reading") == []
    assert watch.at(5, "reading") == ["reading the organization"]
    assert watch.at(6, total=400, seconds=65) == ["400 users to change, about 1 min 5 s at the pace so far"]
    assert watch.at(10, total=400, done=30) == []
    assert watch.at(11, total=400, done=50, failed=1) == ["51 of 400 users, 1 failed, 10 users/s, about 34 s left"]
    assert watch.at(13, total=400, done=70) == []
    assert watch.at(16, total=400, done=0) == ["0 of 400 users, 0 failed, 0.0 users/s"]
    assert watch.at(60, total=400, done=399, failed=1) == [
        "400 of 400 users, 1 failed; looking whether all changes show"
    ]


def test_the_longer_it_takes_the_rarer_are_the_lines() -> None:
    watch = Watch()
    watch.at(0, total=10_000, done=0, seconds=None)
    count = sum(len(watch.at(second, total=100_000, done=second)) for second in range(1, 3600))
    assert 60 < count < 130


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (44.4, "44 s"), (125, "2 min 5 s"), (3600, "1 h 0 min"), (7379, "2 h 2 min")],
)
def test_times_are_short(seconds: float, words: str) -> None:
    assert span(seconds) == words
