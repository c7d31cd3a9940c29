# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex Calling for thousands of users: the organization is read in bulk, everything is planned, then written.

One user is the business of _calling; this is the same engine with other reading, and many workers.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from typing import Any, TypeVar

from ._calling import (
    NUMBERS_PER_PAGE,
    CallingState,
    License,
    Location,
    Organization,
    Plan,
    Wanted,
    Written,
    check,
    make_plan,
    write,
)
from ._client import WebexClient
from ._errors import OptionError, RequestError, WebexError
from ._ids import bare_id, same_id
from ._people import LONGEST_PAUSE

Item = TypeVar("Item")
Done = TypeVar("Done")
Other = TypeVar("Other", bound=Organization)

PEOPLE_PER_PAGE = 100
HOLDERS_PER_PAGE = 300
OUTCOMES = ("ok", "enabled", "changed", "skipped", "failed")
# How often a write with an unclear end is repeated, each time after reading what is.
ATTEMPTS = 3
# What of a person is kept for a plan.
_NEEDED = ("id", "emails", "displayName", "locationId", "extension", "phoneNumbers")
# How long the person is looked at after such an end, in seconds: a read right after a write can be stale.
UNCLEAR_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one user: ``ok`` (nothing to do), ``enabled``, ``changed``, ``skipped`` or ``failed``."""

    who: str
    outcome: str
    plan: Plan | None = None
    error: WebexError | None = None
    verified: bool = True

    def shown(self) -> dict[str, Any]:
        """Return the result as the module shows it."""
        state = self.plan.after if self.plan and self.outcome in ("ok", "enabled", "changed") else None
        return {
            "user": self.who,
            "person_id": self.plan.person.get("id") if self.plan else None,
            "outcome": self.outcome,
            "action": self.plan.action if self.plan else "none",
            "verified": self.verified,
            **(state.shown() if state else {}),
            "reason": str(self.error) if self.error else None,
            "error_codes": getattr(self.error, "error_codes", []),
            "tracking_id": getattr(self.error, "tracking_id", None),
        }


@dataclass
class Work:
    """The plans of all users, and the problems of those who have none. Nothing is written yet."""

    plans: list[tuple[str, Plan]] = field(default_factory=list)
    problems: list[tuple[str, WebexError]] = field(default_factory=list)

    @property
    def changes(self) -> list[tuple[str, Plan]]:
        """Those who need something."""
        return [(who, plan) for who, plan in self.plans if plan.changes]


class BulkOrganization(Organization):
    """An organization whose people and numbers are read at once, in whichever way takes fewer requests."""

    def __init__(self, client: WebexClient, users: Sequence[Wanted], workers: int) -> None:
        super().__init__(client)
        self._users = users
        self._workers = workers
        self._by_id: dict[str, dict[str, Any]] = {}
        self._by_email: dict[str, dict[str, Any]] = {}
        self._by_number: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._by_extension: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._has_all_numbers = False
        self._leavers: set[str] = set()
        self._people = client.pages("/people", "items", max=PEOPLE_PER_PAGE, callingData="true", **self.org)

    def read(self) -> None:
        """Read the people who are asked for, with their calling state. What does not need another answer goes along with it."""
        first: list[Callable[[], object]] = [lambda: self.licenses]
        if any(user.location for user in self._users):
            first.append(lambda: self.calling_locations)
        page: list[dict[str, Any]] = []
        if len(self._users) >= PEOPLE_PER_PAGE:
            # The longest row of pages begins at once, although at times the first one will turn out not to be needed.
            first.append(lambda: page.extend(islice(self._people, PEOPLE_PER_PAGE)))
        side_by_side(first)
        for person in page:
            self._add(person)
        in_bulk = self.pages_for_all() < len(self._users)
        reads = self._calling_reads() if in_bulk else []
        # Whoever has calling is found by that, and nobody else.
        enabled = sum(one.consumed for one in self.calling_licenses()) if in_bulk else 0
        if pages := self._pages_worth_reading(len(self._users) - enabled):
            reads.append(partial(self._read_people, pages))
        side_by_side(reads)
        if not pages:
            self._read_people(self._pages_worth_reading(len(self._missing())))
        for found in run_parallel(self._workers, super().person, self._missing()):
            if found:
                self._add(found)

    def _missing(self) -> list[Wanted]:
        """The users who were not found yet."""
        return [user for user in self._users if self.person(user) is None]

    def _pages_worth_reading(self, missing: int) -> int:
        """Return how many pages of people, one after the other, take no longer than asking for the *missing* ones.

        0 where it is known to be more: single people are asked for as many at once as there are workers.
        """
        rounds = math.ceil(max(missing, 0) / self._workers)
        return rounds if self._pages_of_people() <= rounds else 0

    def person(self, wanted: Wanted) -> dict[str, Any] | None:
        """Return the person as they were read; None where there is no such person."""
        if wanted.person_id:
            return self._by_id.get(bare_id(wanted.person_id))
        return self._by_email.get((wanted.email or "").lower())

    def entries(
        self, place: Location | None, *, phone_number: str | None = None, extension: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what the inventory has of a phone number or extension, when those who leave are gone."""
        return [self._as_planned(one) for one in self._entries(place, phone_number, extension)]

    def _entries(self, place: Location | None, phone_number: str | None, extension: str | None) -> list[dict[str, Any]]:
        if not self._has_all_numbers:
            return super().entries(place, phone_number=phone_number, extension=extension)
        if phone_number:
            found = self._by_number.get(_digits(phone_number), [])
            return [one for one in found if place is None or same_id((one.get("location") or {}).get("id"), place.id)]
        return self._by_extension.get((bare_id(place.id) if place else "", extension or ""), [])

    def _as_planned(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return an entry of the inventory without an owner who loses calling before the others are written."""
        leaves = bare_id((entry.get("owner") or {}).get("id") or "") in self._leavers
        return {**entry, "owner": None} if leaves else entry

    def take(self, plan: Plan) -> None:
        """Count the units that *plan* takes and gives back, and who leaves: the next plan sees what is free then."""
        if not plan.changes_license:
            return
        held, given = plan.before.license, plan.after.license
        if given is None:
            self._leavers.add(bare_id(plan.person["id"]))
        for license_, change in ((held, -1), (given, 1)):
            for number, one in enumerate(self.licenses):
                if license_ and one.id == license_.id:
                    self.licenses[number] = replace(one, consumed=one.consumed + change)

    def uncached(self) -> Organization:
        """Return the same organization, which asks for a person every time."""
        return self._told_to(Organization(self._client))

    def _told_to(self, other: Other) -> Other:
        """Tell another organization of the lists that were read already."""
        lists = ("licenses", "calling_locations", "plain_locations")
        other.__dict__.update({name: self.__dict__[name] for name in lists if name in self.__dict__})
        return other

    def states(self, told: Mapping[str, License | None] | None = None) -> Iterator[tuple[str, CallingState]]:
        """Yield the bare id and the calling state of everybody who has calling, read anew.

        Where Webex has *told* who has which license, by bare id, that is not read again, and the others are left out.
        """
        fresh = self._told_to(BulkOrganization(self._client, (), self._workers))
        if told is None:
            side_by_side(fresh._calling_reads(states_only=True))
        else:
            fresh._read_numbers(states_only=True)
        while fresh._by_id:
            key, person = fresh._by_id.popitem()
            if told is not None:
                if key not in told:
                    continue
                license_ = told[key]
                person["licenses"] = [license_.id] if license_ else []
            yield key, fresh.state_of(person)

    def forget(self) -> None:
        """Let go of the people and numbers: all is planned, and what was read grows old."""
        for table in (self._by_id, self._by_email, self._by_number, self._by_extension):
            table.clear()
        self._inventories.clear()
        self._has_all_numbers = False

    @cached_property
    def _calling_kinds(self) -> list[License]:
        return [one for one in self.licenses if one.kind]

    def calling_licenses(self) -> list[License]:
        """Return the calling licenses for people that somebody holds."""
        return [one for one in self.licenses if one.kind and one.consumed]

    def pages_for_all(self) -> int:
        """Return how many requests it takes to read everybody who has calling."""
        return 1 + sum(math.ceil(one.consumed / HOLDERS_PER_PAGE) for one in self.calling_licenses())

    def _pages_of_people(self) -> int:
        """Return how many pages of people there are at least: the license that most people hold tells."""
        return math.ceil(max((one.consumed for one in self.licenses), default=0) / PEOPLE_PER_PAGE)

    def _calling_reads(self, states_only: bool = False) -> list[Callable[[], object]]:
        """Return what reads everybody who has calling. Each adds to what the others find of a person, in any order."""
        return [
            partial(self._read_numbers, states_only),
            *(partial(self._read_holders, license_, states_only) for license_ in self.calling_licenses()),
        ]

    def _read_holders(self, license_: License, states_only: bool) -> None:
        """Read who holds a license."""
        holders = self._client.pages(
            f"/licenses/{license_.id}", "users", includeAssignedTo="user", limit=HOLDERS_PER_PAGE
        )
        for holder in holders:
            person = self._by_id.setdefault(bare_id(holder["id"]), {"id": holder["id"], "licenses": []})
            person["licenses"].append(license_.id)
            if states_only:
                continue
            person["displayName"] = holder.get("displayName")
            if holder.get("email"):
                person["emails"] = [holder["email"]]
                self._by_email[holder["email"].lower()] = person

    def _read_numbers(self, states_only: bool) -> None:
        """Read who has which number and extension: in an entry, the owner's id is the person's."""
        places: dict[str, dict[str, Any]] = {}
        for entry in self._client.pages("/telephony/config/numbers", "phoneNumbers", max=NUMBERS_PER_PAGE, **self.org):
            place = entry.get("location") or {}
            location_id = sys.intern(place.get("id", ""))
            # Thousands of entries are kept: one object for each location, and no property that nobody asks for.
            place = places.setdefault(location_id, place)
            kind = entry.get("phoneNumberType")
            kept = ("phoneNumber", "extension", "owner")
            entry = {"location": place, **{key: entry[key] for key in kept if entry.get(key)}}
            if entry.get("phoneNumber") and not states_only:
                self._by_number[_digits(entry["phoneNumber"])].append(entry)
            if entry.get("extension") and not states_only:
                self._by_extension[bare_id(location_id), entry["extension"]].append(entry)
            owner = entry.get("owner") or {}
            # A person's further numbers (ALTERNATE, FAX) are not among their work numbers; a workspace is nobody.
            if owner.get("id") and owner.get("type") in (None, "PEOPLE") and kind in (None, "PRIMARY"):
                person = self._by_id.setdefault(bare_id(owner["id"]), {"id": owner["id"], "licenses": []})
                person["locationId"] = location_id or person.get("locationId")
                person["extension"] = entry.get("extension") or person.get("extension")
                if entry.get("phoneNumber"):
                    person["phoneNumbers"] = [{"type": "work", "value": entry["phoneNumber"]}]
        self._has_all_numbers = not states_only

    def _read_people(self, most: int) -> None:
        """Read *most* further pages of the people of the organization; fewer if those who are asked for are found."""
        for number, person in enumerate(islice(self._people, most * PEOPLE_PER_PAGE), start=1):
            self._add(person)
            # Looking for everybody after each person would take longer than the page.
            if number % PEOPLE_PER_PAGE == 0 and not self._missing():
                return

    def _add(self, person: dict[str, Any]) -> None:
        """Keep of a person what a plan needs; before anything else is written, the whole person is read anew."""
        kept = {key: person[key] for key in _NEEDED if key in person}
        held = {bare_id(str(license_id)) for license_id in person.get("licenses") or []}
        kept["licenses"] = [one.id for one in self._calling_kinds if bare_id(one.id) in held]
        if "phoneNumbers" in kept:
            kept["phoneNumbers"] = [entry for entry in kept["phoneNumbers"] or [] if entry.get("type") == "work"]
        # The same object for good: others may add to it at the same time.
        known = self._by_id.setdefault(bare_id(person["id"]), kept)
        known.update(kept)
        for email in person.get("emails") or []:
            self._by_email[str(email).lower()] = known


def side_by_side(reads: Sequence[Callable[[], object]]) -> None:
    """Call all of *reads* at once. The first error ends it all."""
    run_parallel(max(len(reads), 1), lambda read: read(), reads)


def run_parallel(workers: int, function: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """Return what *function* makes of each item, in order, with *workers* at once. The first error ends it all.

    What an executor's own map() keeps for each item (a future, with its locks) would outweigh the users.
    """
    done: dict[int, Done] = {}
    left, lock = list(range(len(items) - 1, -1, -1)), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not left:
                    return
                number = left.pop()
            try:
                done[number] = function(items[number])
            except BaseException:
                left.clear()
                raise

    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in [pool.submit(work) for _worker in range(min(workers, len(items)))]:
                future.result()
        finally:
            left.clear()
    return [done[number] for number in range(len(items))]


def check_each(users: Iterable[Mapping[str, Any]]) -> tuple[list[Wanted], list[tuple[str, WebexError]]]:
    """Return the users of a list (options of ``calling_user``) that are sound by themselves, and what the others lack."""
    sound: list[Wanted] = []
    problems: list[tuple[str, WebexError]] = []
    for number, options in enumerate(users, start=1):
        wanted = Wanted(**{name: value for name, value in options.items() if value not in (None, "")})
        try:
            sound.append(check(wanted))
        except OptionError as error:
            problems.append((wanted.email or wanted.person_id or f"user {number}", error))
    return sound, problems


def plan_all(organization: BulkOrganization, users: Iterable[Wanted], allow_move: bool = False) -> Work:
    """Return the plan of every user, and all problems at once: against the organization, and between the users."""
    work = Work()
    claims: dict[tuple[str, ...], str] = {}
    # Those who give a unit back come first, here and in carry_out(): the next ones may need it.
    for wanted in sorted(users, key=lambda one: one.state != "absent"):
        try:
            plan = make_plan(organization, wanted, allow_move)
            _claim(claims, wanted.who, plan)
        except WebexError as error:
            if isinstance(error, RequestError):
                raise
            work.problems.append((wanted.who, error))
            continue
        organization.take(plan)
        # What else was read of thousands is not kept.
        work.plans.append((wanted.who, replace(plan, person={"id": plan.person.get("id")})))
    return work


def _claim(claims: dict[tuple[str, ...], str], who: str, plan: Plan) -> None:
    """Raise WebexError where another user of the list gets the same person, extension or number."""
    after = plan.after
    claimed: list[tuple[str, ...]] = [("person", str(plan.person.get("id") or who))]
    if after.license and after.extension:
        claimed.append(("extension", bare_id(after.location_id or ""), after.extension))
    if after.license and after.phone_number:
        claimed.append(("phone number", _digits(after.phone_number)))
    for claim in claimed:
        if claim in claims:
            raise WebexError(f"{who} and {claims[claim]} are to have the same {claim[0]} ({claim[-1]}).")
    claims.update(dict.fromkeys(claimed, who))


def preview(work: Work, stopped: bool) -> list[Result]:
    """Return what carry_out() would bring about, or, where it was *stopped* by problems, that it did not."""
    return [
        Result(who, "skipped", plan, WebexError("Others of the list have problems, so nothing was written."))
        if stopped and plan.changes
        else Result(who, _outcome(plan), plan)
        for who, plan in work.plans
    ]


def _outcome(plan: Plan) -> str:
    if not plan.changes:
        return "ok"
    return "enabled" if plan.action == "enable" else "changed"


def carry_out(
    client: WebexClient,
    organization: BulkOrganization,
    work: Work,
    *,
    workers: int,
    max_failures: int | None,
    patience: float,
    progress: Callable[[Result], None] = lambda result: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Result]:
    """Write every plan with *workers* at once, then see in bulk that it shows; return a result for each planned user.

    After *max_failures* the rest is skipped. Never raises for one user.
    """
    live = organization.uncached()
    organization.forget()
    failures: list[str] = []
    unsure: set[str] = set()  # of whose licenses the answer said nothing

    def one(item: tuple[str, Plan]) -> Result:
        who, plan = item
        if max_failures is not None and len(failures) >= max_failures:
            return Result(who, "skipped", plan, WebexError("Too many others failed before."))
        if client.time_left <= 0:
            return Result(who, "skipped", plan, WebexError("The time budget was used up.", "run again for the rest."))
        try:
            if not _write_until_clear(client, live, plan, clock, sleep).shows_licenses:
                unsure.add(who)
        except WebexError as error:
            failures.append(who)
            result = Result(who, "failed", plan, error)
        else:
            result = Result(who, _outcome(plan), plan)
        progress(result)
        return result

    unchanged = [Result(who, "ok", plan) for who, plan in work.plans if not plan.changes]
    changes = work.changes
    written = run_parallel(workers, one, [(who, plan) for who, plan in changes if plan.after.license is None])
    written += run_parallel(workers, one, [(who, plan) for who, plan in changes if plan.after.license is not None])
    return unchanged + _verified(organization, live, written, unsure, min(patience, client.time_left), clock, sleep)


def _write_until_clear(
    client: WebexClient,
    live: Organization,
    plan: Plan,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Written:
    """Write; repeat after an unclear end, if the person could be read and is not as planned. Raises WebexError.

    A move is not repeated: the job may be under way.
    """
    left = ATTEMPTS
    while True:
        left -= 1
        try:
            patience = min(UNCLEAR_PATIENCE, client.time_left)
            return write(client, live, plan, patience=patience, clock=clock, sleep=sleep)
        except RequestError as error:
            repeatable = error.unclear and error.was_checked and not plan.moves
            if not repeatable or not left or client.time_left <= 0:
                raise


def _verified(
    organization: BulkOrganization,
    live: Organization,
    written: list[Result],
    unsure: set[str],
    patience: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> list[Result]:
    """Return the results, with ``verified`` false for what does not show within *patience* seconds.

    Licenses are read only if Webex did not say, when it gave them, what somebody has now.
    """
    waiting = {
        bare_id(result.plan.person["id"]): result.plan
        for result in written
        if result.outcome in ("enabled", "changed") and result.plan
    }
    told = None if unsure else {key: plan.after.license for key, plan in waiting.items()}
    deadline, pause = clock() + patience, 0.25
    while waiting and patience >= 0:
        try:
            if len(waiting) > organization.pages_for_all():
                states = organization.states(told)
            else:
                states = _states_one_by_one(live, waiting)
            # Who is not among them has no calling.
            missing = {key for key, plan in waiting.items() if not CallingState().satisfies(plan.after)}
            for key, state in states:
                if key in waiting:
                    (missing.discard if state.satisfies(waiting[key].after) else missing.add)(key)
        except RequestError:
            # What was written is written, and has to be reported.
            break
        waiting = {key: plan for key, plan in waiting.items() if key in missing}
        if not waiting or clock() + pause > deadline:
            break
        sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return [
        replace(result, verified=False)
        if result.plan and bare_id(result.plan.person.get("id") or "") in waiting
        else result
        for result in written
    ]


def _states_one_by_one(live: Organization, plans: Mapping[str, Plan]) -> Iterator[tuple[str, CallingState]]:
    for key, plan in plans.items():
        yield key, live.state_of(live.person(Wanted(person_id=plan.person["id"])) or {})


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())
