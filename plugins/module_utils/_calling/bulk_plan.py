# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a whole list: who gets what, from whom, and in which order. A list of one user is a list, too."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._client import WebexClient
from .._errors import OptionError, RequestError, WebexError
from .._patience import Patience
from .bulk_read import BulkOrganization
from .claims import settle_claims
from .model import License, Wanted
from .move import MOST_USERS, MOVE_SECONDS
from .order import Order
from .organization import Organization
from .plan import DEFAULT_RULES, OldRead, Rules, make_plan
from .planned_user import PlannedUser
from .scim import requests_to_create
from .settings_plan import preview_settings, settings_requests
from .wish import wanted_of


@dataclass
class Work:
    """The plans of all users, and the problems of those who have none. Nothing is written yet."""

    users: list[PlannedUser] = field(default_factory=list)
    problems: list[tuple[str, WebexError]] = field(default_factory=list)
    order: Order = field(default_factory=Order)

    @property
    def changes(self) -> list[PlannedUser]:
        """Those who need something."""
        return [user for user in self.users if user.changes]

    def estimate(self, client: WebexClient) -> dict[str, int | None]:
        """Return how many ``requests`` the changes take, and how many ``seconds`` at the pace of *client*; None: unknown."""
        plans = [plan for user in self.users for plan in (user.parking, user.plan) if plan and plan.changes]
        newcomers = sum(user.plan.creates for user in self.users)
        jobs = math.ceil(sum(plan.moves for plan in plans) / MOST_USERS)
        requests = sum(plan.requests for plan in plans) + jobs + sum(map(settings_requests, self.users))
        requests += requests_to_create(newcomers)
        rate = client.requests_per_second
        return {"requests": requests, "seconds": math.ceil(requests / rate + jobs * MOVE_SECONDS) if rate else None}


def check_each(users: Iterable[Mapping[str, Any]]) -> tuple[list[Wanted], list[tuple[str, WebexError]]]:
    """Return the users of a list (options of ``calling_user``) that are sound by themselves, and what the others lack."""
    sound: list[Wanted] = []
    problems: list[tuple[str, WebexError]] = []
    for number, options in enumerate(users, start=1):
        try:
            sound.append(wanted_of(options))
        except OptionError as error:
            problems.append((options.get("email") or options.get("person_id") or f"user {number}", error))
    return sound, problems


def read_and_plan(organization: BulkOrganization, users: Sequence[Wanted], rules: Rules, patience: Patience) -> Work:
    """Read the organization and return the plan; read again, within *patience*, if what was read contradicts itself."""
    for _look in patience.looks():
        organization.read()
        work = plan_all(organization, users, rules)
        if not any(isinstance(error, OldRead) for _who, error in work.problems):
            break
    preview_settings(organization.client, work.users, organization.workers)
    return work


def plan_all(organization: Organization, users: Iterable[Wanted], rules: Rules = DEFAULT_RULES) -> Work:
    """Return the plan of every user, and all problems at once: against the organization, and between the users.

    Raises RequestError if the organization cannot be read.
    """
    work, units = Work(), Units(organization.licenses)
    # Those who give a unit back come first: the next ones may need it.
    for wanted in sorted(users, key=lambda wanted: wanted.state != "absent"):
        try:
            plan = make_plan(organization, wanted, rules)
        except WebexError as error:
            if isinstance(error, RequestError):
                raise
            work.problems.append((wanted.who, error))
            continue
        user = PlannedUser(wanted, plan)
        units.book(user)
        work.users.append(user)
    settled = settle_claims(organization, work.users)
    work.users, work.order, work.problems = settled.users, settled.order, work.problems + settled.problems
    work.order.add_units(units.waits(work.users))
    return work


class Units:
    """Books the units of licenses that plans take and give back, so that each plan sees what is free then."""

    def __init__(self, licenses: list[License]) -> None:
        self._licenses = licenses
        self._free = {license_.id: license_.free for license_ in licenses}
        self._givers: dict[str, list[PlannedUser]] = defaultdict(list)
        self._taken_over: list[tuple[PlannedUser, PlannedUser]] = []

    def book(self, user: PlannedUser) -> None:
        """Note what the plan of a user takes and gives, and from whom it takes over."""
        before = {license_.id for license_ in user.plan.before.licenses}
        after = {license_.id for license_ in user.plan.after.licenses}
        for license_id in before - after:
            self._givers[license_id].append(user)
            self._count(license_id, -1)
        for license_id in after - before:
            self._count(license_id, +1)
            self._free[license_id] -= 1
            if self._free[license_id] < 0 and self._givers[license_id]:
                self._taken_over.append((user, self._givers[license_id].pop(0)))

    def waits(self, users: Sequence[PlannedUser]) -> dict[int, set[int]]:
        """Return, by number, whose unit a user takes over."""
        numbers = {id(user): number for number, user in enumerate(users)}
        waits: dict[int, set[int]] = defaultdict(set)
        for user, giver in self._taken_over:
            if id(user) in numbers and id(giver) in numbers:
                waits[numbers[id(user)]].add(numbers[id(giver)])
        return waits

    def _count(self, license_id: str, change: int) -> None:
        for index, license_ in enumerate(self._licenses):
            if license_.id == license_id:
                self._licenses[index] = replace(license_, consumed=license_.consumed + change)
