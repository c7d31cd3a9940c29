# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play that enables people and changes them at once, while what is read is old: nobody loses anything, and no result lies."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.bulk.support import SPEED, Tasks
from ansible_collections.collabops.webex.tests.simulator.process import Simulator

PEOPLE = 10
SECONDS = (0, 1, 3, 5, 10)
KINDS = ("stale_person", "stale_people", "stale_holders", "stale_numbers", "stale_counts")
OTHER_LICENSES = ["Messaging - Advanced", "Meeting - Webex Meeting Center"]
CHANGES: dict[str, tuple[dict[str, t.Any], dict[str, t.Any]]] = {
    "extension": ({"location": "Berlin", "extension": "3{:02}"}, {"extension": "3{:02}"}),
    "number": ({"location": "Berlin", "phone_number": "+49306{:06}"}, {"phone_number": "+49306{:06}"}),
    "license": (
        {"location": "Berlin", "extension": "2{:02}", "license": "professional"},
        {"license": "Webex Calling - Professional"},
    ),
    "absent": ({"state": "absent"}, {"license": None, "extension": None}),
}


def people(webex: Simulator) -> dict[str, dict[str, t.Any]]:
    """What the simulator has of the generated people, by address."""
    return {person["email"]: person for person in webex.state()["people"] if person["email"].startswith("user")}


def filled(options: dict[str, t.Any], number: int) -> dict[str, t.Any]:
    """The options with the number of a person in them."""
    return {key: value.format(number) if isinstance(value, str) else value for key, value in options.items()}


CASES = [
    *itertools.product([(kind,) for kind in KINDS], SECONDS[2::2], CHANGES, [30], [True]),
    *itertools.product([KINDS], SECONDS, CHANGES, [30], [True, False]),
    # A task that does not wait may leave the next one with an old read. No license is lost by that; only "no calling" is
    # then believed.
    *itertools.product([KINDS], SECONDS, [change for change in CHANGES if change != "absent"], [0], [True, False]),
]


@pytest.mark.parametrize(
    ("kinds", "seconds", "change", "wait_timeout", "together"),
    CASES,
    ids=["-".join([kinds[0] if len(kinds) == 1 else "all", *map(str, more)]) for kinds, *more in CASES],
)
def test_two_tasks_one_after_the_other(
    webex: Simulator,
    settings: Settings,
    kinds: tuple[str, ...],
    seconds: float,
    change: str,
    wait_timeout: float,
    together: bool,
) -> None:
    count = PEOPLE if together else 2
    webex.reset(people=count, numbers=count)
    webex.configure(**dict.fromkeys(kinds, seconds / SPEED))
    tasks = Tasks(webex, settings, wait_timeout=wait_timeout)
    options, expected = CHANGES[change]
    license_ = "standard" if change == "license" else "professional"
    first = [
        {"email": f"user{n:05}@example.com", "location": "Berlin", "extension": f"2{n:02}", "license": license_}
        for n in range(1, count + 1)
    ]
    second = [{"email": f"user{n:05}@example.com", **filled(options, n)} for n in range(1, count + 1)]
    for users in (first, second):
        before = people(webex)
        results = tasks.calling_users(*users) if together else [tasks.calling_user(**user) for user in users]
        after = people(webex)
        for result in results:
            # What a result says is so.
            has_changed = before[result.who] != after[result.who]
            if result.outcome in ("ok", "failed", "skipped"):
                assert not has_changed, (result.who, result.outcome)
            elif result.verified:
                assert has_changed, (result.who, result.outcome)
    wrong = {}
    for number in range(1, count + 1):
        person = after[f"user{number:05}@example.com"]
        calling = [name for name in person["licenses"] if "Calling" in name]
        assert [name for name in person["licenses"] if "Calling" not in name] == OTHER_LICENSES
        wish = {"license": calling[0] if calling else None, **person}
        if len(calling) > 1 or any(wish[key] != value for key, value in filled(expected, number).items()):
            wrong[person["email"]] = (calling, person["extension"], person["phone_number"])
    failed = {result.who for result in results if result.outcome in ("failed", "skipped")}
    assert set(wrong) <= failed, wrong
    if change != "absent":
        assert all(person["location"] == "Berlin" for person in after.values())
    # With the time that changes may take to show, nobody fails.
    assert not failed or wait_timeout == 0, [str(result.error) for result in results]
