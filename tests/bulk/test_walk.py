# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long row of tasks while every read is old and every tenth call fails: the organization is what was wished last."""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass, field, replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.bulk.support import Tasks, with_short_pauses
from ansible_collections.collabops.webex.tests.simulator.process import Simulator

STEPS = 300
# How often a task that failed is run again. It may fail for bad luck, and says so.
TRIES = 8
NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
LOCATIONS = ("Berlin", "London")
TIERS = {"standard": "Webex Calling - Standard", "professional": "Webex Calling - Professional"}
NUMBERS = {
    "Berlin": [f"+4930555020{n:02}" for n in range(2, 9)],
    "London": [f"+4420718380{n:02}" for n in range(1, 8)],
}
STALE = ("stale_person", "stale_people", "stale_holders", "stale_numbers", "stale_counts")


@dataclass(frozen=True)
class Wish:
    """What was wished of a person last; without a license, no calling."""

    license: str | None = None
    location: str | None = None
    extension: str | None = None
    phone_number: str | None = None
    title: str | None = None


@dataclass
class Walk:
    """Wishes at random, the tasks that bring them about, and what the simulator then has."""

    tasks: Tasks
    chance: random.Random
    wishes: dict[str, Wish] = field(default_factory=lambda: dict.fromkeys(NAMES, Wish()))
    failures: int = 0

    def step(self) -> None:
        """Wish something, do it until it is reported as done, and compare everybody with what was wished."""
        action = self.chance.choice(
            [self.enable, self.change, self.swap, self.move, self.raise_, self.disable, self.title]
        )
        action()
        assert self.state() == self.wishes, action.__name__

    def state(self) -> dict[str, Wish]:
        """What the simulator has."""
        people = {person["email"].partition("@")[0]: person for person in self.tasks.webex.state()["people"]}
        state = {}
        for name in NAMES:
            person = people[name]
            licenses = [license_ for license_ in person["licenses"] if "Calling" in license_]
            assert len(licenses) <= 1, (name, licenses)
            state[name] = Wish(
                license=licenses[0] if licenses else None,
                location=person["location"],
                extension=person["extension"],
                phone_number=person["phone_number"],
                title=self.wishes[name].title,  # see titles()
            )
        return state

    def titles(self) -> dict[str, str | None]:
        """The titles, which only reads of people show."""
        with self.tasks.client() as client:
            people = list(client.pages("/people", "items"))
        titles = {person["emails"][0].partition("@")[0]: person.get("title") for person in people}
        return {name: titles[name] for name in NAMES}

    def those(self, enabled: bool) -> list[str]:
        """Those who have calling, or have not."""
        return [name for name in NAMES if bool(self.wishes[name].license) == enabled]

    def free(self, location: str) -> tuple[str, str | None]:
        """An extension and perhaps a number that nobody has."""
        taken = {wish.extension for wish in self.wishes.values()}
        numbers = {wish.phone_number for wish in self.wishes.values()}
        extension = self.chance.choice([e for e in map(str, range(3001, 3020)) if e not in taken])
        free = [number for number in NUMBERS[location] if number not in numbers]
        return extension, self.chance.choice([None, *free])

    def wish(self, *names_and_changes: tuple[str, dict[str, t.Any], Wish]) -> None:
        """Run a task until it says that all is done."""
        for _try in range(TRIES):
            results = self.run(
                [{"email": f"{name}@example.com", **options} for name, options, _wish in names_and_changes]
            )
            if not any(results):
                break
            self.failures += 1
        else:
            raise AssertionError(f"{names_and_changes} failed {TRIES} times: {results}")
        for name, _options, wish in names_and_changes:
            self.wishes[name] = wish

    def run(self, users: list[dict[str, t.Any]]) -> list[str]:
        """Run one task, and return why anybody failed; nothing for those who did not."""
        results = [self.tasks.calling_user(**users[0])] if len(users) == 1 else self.tasks.calling_users(*users)
        return [str(result.error or "") for result in results]

    def enable(self) -> None:
        for name in self.chance.sample(self.those(False), 1) if self.those(False) else ():
            location, tier = self.chance.choice(LOCATIONS), self.chance.choice([None, *TIERS])
            extension, number = self.free(location)
            options = {"location": location, "extension": extension, "phone_number": number, "license": tier}
            wish = Wish(TIERS[tier or "professional"], location, extension, number, self.wishes[name].title)
            self.wish((name, options, wish))

    def change(self) -> None:
        for name in self.chance.sample(self.those(True), 1) if self.those(True) else ():
            before = self.wishes[name]
            extension, number = self.free(str(before.location))
            options = {"location": before.location, "extension": extension, "phone_number": number}
            self.wish((name, options, replace(before, extension=extension, phone_number=number or before.phone_number)))

    def swap(self) -> None:
        pairs = [
            (one, other)
            for one in self.those(True)
            for other in self.those(True)
            if one < other and self.wishes[one].location == self.wishes[other].location
        ]
        for one, other in self.chance.sample(pairs, 1) if pairs else ():
            first, second = self.wishes[one], self.wishes[other]
            self.wish(
                (
                    one,
                    {"location": first.location, "extension": second.extension},
                    replace(first, extension=second.extension),
                ),
                (
                    other,
                    {"location": first.location, "extension": first.extension},
                    replace(second, extension=first.extension),
                ),
            )

    def move(self) -> None:
        for name in self.chance.sample(self.those(True), 1) if self.those(True) else ():
            before = self.wishes[name]
            if before.phone_number:
                continue  # it would take its number along, which the numbers of this walk do not expect
            location = next(place for place in LOCATIONS if place != before.location)
            extension, _number = self.free(location)
            self.wish(
                (
                    name,
                    {"location": location, "extension": extension},
                    replace(before, location=location, extension=extension),
                )
            )

    def raise_(self) -> None:
        for name in self.those(True):
            before = self.wishes[name]
            if before.license == TIERS["standard"]:
                options = {"location": before.location, "extension": before.extension, "license": "professional"}
                self.wish((name, options, replace(before, license=TIERS["professional"])))
                break

    def disable(self) -> None:
        for name in self.chance.sample(self.those(True), 1) if self.those(True) else ():
            self.wish((name, {"state": "absent"}, Wish(title=self.wishes[name].title)))

    def title(self) -> None:
        name, title = self.chance.choice(NAMES), f"Title {self.chance.randint(1, 99)}"
        for _try in range(TRIES):
            if self.tasks.person(f"{name}@example.com", title=title):
                break
        else:
            raise AssertionError(f"the title of {name} could not be changed")
        self.wishes[name] = replace(self.wishes[name], title=title)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_organization_always_equals_the_last_wish(
    webex: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    slow_down = Throttle.slow_down
    monkeypatch.setattr(Throttle, "slow_down", lambda throttle, seconds: slow_down(throttle, seconds / 10))
    chance = random.Random(seed)
    webex.reset(seed=seed)
    app = webex.credentials["service_app"]["client_id"]
    more = ["spark-admin:telephony_config_write", "identity:groups_rw"]
    webex.service_app(app, scopes=[*webex.service_app(app)["scopes"], *more], regrant=True)
    walk = Walk(Tasks(webex, with_short_pauses(settings)), chance)
    for _number in range(STEPS // 2):
        webex.configure(**{kind: chance.choice([0, 0, 0.05, 0.2, 0.4]) for kind in STALE})
        webex.clear_faults()
        if chance.random() < 0.7:
            webex.fail_at_random()
        walk.step()
    webex.clear_faults()
    webex.configure(**dict.fromkeys(STALE, 0))
    assert walk.titles() == {name: wish.title for name, wish in walk.wishes.items()}
    print(f"{walk.failures} tasks failed, said so, and were run again")
