# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex Calling for one user: what is, what should be, the plan between them, and its execution.

The way that Cisco recommends is ``PATCH /licenses/users``; the extension and the number of somebody who has calling
already are changed with ``PUT /people/{id}`` (Cisco's OpenAPI, "Assign Licenses to Users" and "Update a Person").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from ._client import WebexClient
from ._errors import (
    OptionError,
    RequestError,
    WebexError,
)
from ._ids import as_segment, same_id
from ._people import (
    LONGEST_PAUSE,
    find_person,
    put_body,
)

NUMBERS_PER_PAGE = 2000
LOCATIONS_PER_PAGE = 1000
# Another location for a calling user is a job (facts; its body and answers: wxc_sdk). It is waited for so many seconds.
MOVE_PATH = "/telephony/config/jobs/person/moveLocation"
MOVE_PATIENCE = 240.0

_PHONE_DECORATION = re.compile(r"[\s().\-/]")
_SHORT_NAMES = {"professional": ("professional",), "standard": ("standard", "basic")}


class CallingError(WebexError):
    """What was asked for cannot be done, as the organization is: found before anything was written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user of this collection asks for, checked by itself. None means: leave it as it is."""

    email: str | None = None
    person_id: str | None = None
    state: str = "present"
    license: str = "professional"
    location: str | None = None
    extension: str | None = None
    phone_number: str | None = None

    @property
    def who(self) -> str:
        """The person, as they were named."""
        return self.email or self.person_id or "?"


@lru_cache(maxsize=128)
def _kind(name: str) -> str | None:
    """Return what kind of calling license has this name. Names vary by subscription; older organizations have Basic."""
    if "webex calling" not in name:
        return None
    return next((kind for kind, words in _SHORT_NAMES.items() if any(word in name for word in words)), None)


@dataclass(frozen=True, slots=True)
class License:
    """A license of one subscription."""

    id: str
    name: str
    subscription: str
    total: int
    consumed: int

    @classmethod
    def from_webex(cls, item: dict[str, Any]) -> License:
        """Return the license that an item of ``GET /licenses`` is."""
        return cls(
            id=str(item["id"]),
            name=str(item.get("name", "")),
            subscription=str(item.get("subscriptionId", "")),
            total=int(item.get("totalUnits", 0)),
            consumed=int(item.get("consumedUnits", 0)),
        )

    @property
    def kind(self) -> str | None:
        """``professional`` or ``standard``; None for what is not a calling license for people."""
        return _kind(self.name.lower())

    @property
    def free(self) -> float:
        """The free units; -1 units in total means unlimited."""
        return float("inf") if self.total < 0 else self.total - self.consumed

    def units(self) -> str:
        """Return the use of the license, for a message."""
        return f"{self.name} ({self.subscription or 'no subscription'}): {self.consumed} of {self.total} units in use"


@dataclass(frozen=True, slots=True)
class Location:
    """A location that is enabled for calling."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallingState:
    """The calling side of a person. Without a license everything is None."""

    license: License | None = None
    location_id: str | None = None
    location: str | None = None
    extension: str | None = None
    phone_number: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return the state as results and diffs show it."""
        return {
            "enabled": self.license is not None,
            "license": self.license.name if self.license else None,
            "license_id": self.license.id if self.license else None,
            "location": self.location,
            "location_id": self.location_id,
            "extension": self.extension,
            "phone_number": self.phone_number,
        }

    def line(self) -> str:
        """Return the state in one line, for the diff of a long list."""
        if self.license is None:
            return "no calling"
        return f"{self.license.name}, {self.location or self.location_id}, {self.extension or '-'}, {self.phone_number or '-'}"

    def satisfies(self, target: CallingState) -> bool:
        """Tell whether this is *target*, as far as *target* says anything."""
        if target.license is None:
            return self.license is None
        return (
            self.license is not None
            and same_id(self.license.id, target.license.id)
            and (target.location_id is None or same_id(self.location_id, target.location_id))
            and target.extension in (None, self.extension)
            and (target.phone_number is None or same_number(self.phone_number, target.phone_number))
        )


NO_CALLING = CallingState()


@dataclass(frozen=True, slots=True)
class Plan:
    """One user's way from *before* to *after*. The requests that write follow from it; where both are equal: none."""

    person: dict[str, Any]
    before: CallingState
    after: CallingState

    @property
    def changes_license(self) -> bool:
        """Whether somebody gets or loses a license, or another one in its place."""
        held, given = self.before.license, self.after.license
        return not same_id(held.id, given.id) if held and given else held is not given

    @property
    def license_operations(self) -> list[dict[str, Any]]:
        """What ``PATCH /licenses/users`` is told; an added license carries location, extension and number."""
        held, given = self.before.license, self.after.license
        if not self.changes_license:
            return []
        operations: list[dict[str, Any]] = [{"id": held.id, "operation": "remove"}] if held else []
        if given:
            after = self.after
            properties = {
                "locationId": after.location_id,
                "phoneNumber": after.phone_number,
                "extension": after.extension,
            }
            known = {key: value for key, value in properties.items() if value}
            operations.append({"id": given.id, "operation": "add", "properties": known})
        return operations

    @property
    def moves(self) -> bool:
        """Whether somebody who has calling gets another location."""
        before, after = self.before, self.after
        knows = bool(before.license and after.license and before.location_id)
        return knows and not same_id(before.location_id, after.location_id)

    @property
    def person_changes(self) -> dict[str, Any]:
        """What changes of somebody who keeps calling in the same location, as properties of a person."""
        before, after = self.before, self.after
        changes: dict[str, Any] = {}
        if before.license and after.license and not self.moves:
            if after.extension != before.extension:
                changes["extension"] = after.extension
            if after.phone_number != before.phone_number:
                changes["phoneNumbers"] = [{"type": "work", "value": after.phone_number}]
        return changes

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.before is not self.after and bool(self.changes_license or self.moves or self.person_changes)

    @property
    def action(self) -> str:
        """What is done, in a word: ``none``, ``enable``, ``update``, ``move`` or ``disable``."""
        if not self.changes:
            return "none"
        if self.moves:
            return "move"
        if self.after.license is None:
            return "disable"
        return "update" if self.before.license else "enable"


def check(wanted: Wanted) -> Wanted:
    """Return *wanted* with its phone number and extension in their plain form.

    Raises OptionError for what is wrong by itself, without a look at the organization.
    """
    if bool(wanted.email) == bool(wanted.person_id):
        raise OptionError("email", "one of email and person_id must be given, not both.", "name one person.")
    if wanted.email and not re.fullmatch(r"[^@\s,]+@[^@\s,]+", wanted.email):
        raise OptionError(
            "email", f"{wanted.email!r} is not an e-mail address.", "write for example alice@example.com."
        )
    if wanted.state not in ("present", "absent"):
        raise OptionError("state", f"{wanted.state!r} is not known.", "choose present or absent.")
    number = plain_number(wanted.phone_number)
    extension = wanted.extension.strip() if wanted.extension else None
    if extension and not re.fullmatch(r"[0-9]{1,15}", extension):
        raise OptionError(
            "extension", f"{wanted.extension!r} is not an extension.", "write digits only, in quotes: '2001'."
        )
    if wanted.state == "present":
        if not number and not extension:
            raise OptionError(
                "extension", f"{wanted.who} has neither an extension nor a phone_number.", "a calling user needs one."
            )
        if not number and not wanted.location:
            raise OptionError(
                "location", f"{wanted.who} has no location.", "it is mandatory where there is no phone_number."
            )
    return replace(wanted, phone_number=number, extension=extension)


def plain_number(text: str | None) -> str | None:
    """Return a phone number without decoration, None for none; raises OptionError for what is not a phone number."""
    number = _PHONE_DECORATION.sub("", text) if text else None
    if number and not re.fullmatch(r"\+?[0-9]{3,15}", number):
        raise OptionError("phone_number", f"{text!r} is not a phone number.", "write E.164: +493055501234.")
    return number


def same_number(one: str | None, other: str | None) -> bool:
    """Tell whether two phone numbers have the same digits."""
    return bool(one and other) and re.sub(r"\D", "", str(one)) == re.sub(r"\D", "", str(other))


class Organization:
    """What is read of an organization, each list at most once: its calling licenses, locations, numbers and people."""

    def __init__(self, client: WebexClient) -> None:
        self._client = client
        self._inventories: dict[str | None, list[dict[str, Any]]] = {}
        self.org = client.org_params

    @cached_property
    def licenses(self) -> list[License]:
        """All licenses (``GET /licenses``, which is not paged)."""
        return [License.from_webex(item) for item in self._client.pages("/licenses", "items", **self.org)]

    @cached_property
    def calling_locations(self) -> list[Location]:
        """The locations that are enabled for calling (``GET /telephony/config/locations``)."""
        return self._locations("/telephony/config/locations", "locations")

    @cached_property
    def plain_locations(self) -> list[Location]:
        """All locations, whether enabled for calling or not (``GET /locations``)."""
        return self._locations("/locations", "items")

    def _locations(self, path: str, key: str) -> list[Location]:
        items = self._client.pages(path, key, max=LOCATIONS_PER_PAGE, **self.org)
        return [Location(str(item["id"]), str(item.get("name", ""))) for item in items]

    def person(self, wanted: Wanted) -> dict[str, Any] | None:
        """Return the person with their calling data, as Webex says it; None where there is no such person."""
        return find_person(self._client, email=wanted.email, person_id=wanted.person_id)

    def location(self, name_or_id: str) -> Location:
        """Return the calling location that *name_or_id* names; raises CallingError where there is none."""
        for location in self.calling_locations:
            if same_id(location.id, name_or_id) or location.name.lower() == name_or_id.lower():
                return location
        if any(same_id(one.id, name_or_id) or one.name.lower() == name_or_id.lower() for one in self.plain_locations):
            raise CallingError(
                f"The location {name_or_id!r} is not enabled for Webex Calling.",
                "enable it (Control Hub, Calling, Locations), or name one that is: " + self._location_names(),
            )
        raise CallingError(f"The location {name_or_id!r} does not exist.", "name one of: " + self._location_names())

    def _location_names(self) -> str:
        return _some(location.name for location in self.calling_locations) + "."

    def numbers(self, location: Location | None, phone_number: str | None) -> list[dict[str, Any]]:
        """Return the numbers and extensions of *location*, or without one what there is of *phone_number*.

        Each as ``GET /telephony/config/numbers`` says it (its filters: wxc_sdk); ``owner`` tells whose it is.
        """
        narrow = {"locationId": location.id} if location else {"phoneNumber": phone_number}
        key = location.id if location else phone_number
        if key not in self._inventories:
            pages = self._client.pages(
                "/telephony/config/numbers", "phoneNumbers", max=NUMBERS_PER_PAGE, **narrow, **self.org
            )
            self._inventories[key] = list(pages)
        return self._inventories[key]

    def entries(
        self, place: Location | None, *, phone_number: str | None = None, extension: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what the inventory has of a phone number, or of an extension in *place*."""
        inventory = self.numbers(place, phone_number)
        if phone_number:
            return [one for one in inventory if same_number(one.get("phoneNumber"), phone_number)]
        return [one for one in inventory if one.get("extension") == extension]

    def state_of(self, person: dict[str, Any]) -> CallingState:
        """Return the calling side of *person*."""
        held = next((one for one in self.licenses if one.kind and holds(person, one.id)), None)
        if held is None:
            return NO_CALLING
        location_id = person.get("locationId")
        names = self.__dict__.get("calling_locations", [])  # only if they were read already: the name is a courtesy
        return CallingState(
            license=held,
            location_id=location_id,
            location=next((location.name for location in names if same_id(location.id, location_id)), None),
            extension=person.get("extension"),
            phone_number=next(
                (entry.get("value") for entry in person.get("phoneNumbers") or [] if entry.get("type") == "work"), None
            ),
        )


def holds(person: dict[str, Any], license_id: str) -> bool:
    """Tell whether *person* holds the license."""
    return any(same_id(held, license_id) for held in person.get("licenses") or [])


def matching_licenses(licenses: Iterable[License], name: str) -> list[License]:
    """Return the licenses that *name* stands for: an id, else a name, else ``professional`` or ``standard``."""
    every = list(licenses)
    return (
        [one for one in every if same_id(one.id, name)]
        or [one for one in every if one.name.lower() == name.lower()]
        or [one for one in every if one.kind == name.lower()]
    )


def choose_license(licenses: list[License], name: str, held: License | None) -> License:
    """Return the one license to use where *name* stands for several.

    The one that the user holds already if it fits, else that of the subscription with the most free units.
    Raises CallingError where there is none, none is free, or it is not a calling license for people.
    """
    fitting = matching_licenses(licenses, name)
    calling = [one for one in fitting if one.kind]
    if not calling:
        choices = _some(dict.fromkeys(one.name for one in licenses if one.kind))
        wrong = "is not a calling license for people" if fitting else "is not a license of this organization"
        raise CallingError(f"The license {name!r} {wrong}.", f"choose professional, standard, or one of: {choices}.")
    if held and any(same_id(one.id, held.id) for one in calling):
        return held
    best = max(calling, key=lambda one: one.free)
    if best.free < 1:
        raise CallingError(
            f"No free license: {'; '.join(one.units() for one in calling)}.",
            "free a unit, buy more, or choose another license.",
        )
    return best


def make_plan(organization: Organization, wanted: Wanted, allow_move: bool = False) -> Plan:
    """Return what has to be done for one user, after reading what is; nothing is written.

    Another location for somebody who has calling is a move, which is planned only where that is allowed. Raises
    CallingError where it cannot be done, and says why.
    """
    person = organization.person(wanted)
    if person is None:
        if wanted.state == "absent":
            return Plan({"emails": [wanted.email] if wanted.email else []}, NO_CALLING, NO_CALLING)
        raise CallingError(
            f"There is no person {wanted.who} in this organization.",
            "create the person first, or correct the address or id; without the scope spark-admin:people_read, a token "
            "sees only its owner.",
        )
    if wanted.state == "absent":
        return Plan(person, organization.state_of(person), NO_CALLING)
    location = organization.location(wanted.location) if wanted.location else None
    before = organization.state_of(person)
    license_ = choose_license(organization.licenses, wanted.license, before.license)
    after = CallingState(
        license=license_,
        location_id=location.id if location else before.location_id,
        location=location.name if location else before.location,
        extension=wanted.extension or before.extension,
        phone_number=_unless_same(before.phone_number, wanted.phone_number),
    )
    plan = Plan(person, before, after)
    if plan.moves and not allow_move:
        raise _move_refused(wanted, before)
    _refuse_downgrade(wanted, before.license, license_)
    if before.satisfies(after):
        return replace(plan, after=before)
    return replace(plan, after=_claim_numbers(organization, person, wanted, before, after, location))


def execute(
    client: WebexClient,
    organization: Organization,
    plan: Plan,
    *,
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[CallingState, bool]:
    """Carry out *plan*, and return what is then read back, and whether that is already what was planned.

    Changes are not visible at once everywhere: the person is read until they show, for *patience* seconds at most.
    After any error the person is read before anything is said: a call that failed may have done its work.
    Raises RequestError with what Webex said, CallingError where only a part was granted.
    """
    written = write(client, organization, plan, patience=patience, clock=clock, sleep=sleep)
    if written.found:
        return written.found, True
    return _read_until(organization, plan, patience, clock, sleep)


@dataclass(frozen=True, slots=True)
class Written:
    """What is known after a write, before anything is read: the state, if it had to be read; whether the answer shows
    the licenses as they were planned, or they do not change."""

    found: CallingState | None
    shows_licenses: bool


def write(
    client: WebexClient,
    organization: Organization,
    plan: Plan,
    *,
    patience: float = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Written:
    """Send what *plan* says, once. After an error the person is read: a call that failed may have done its work.

    Raises as execute() does.
    """
    shows_licenses = True
    try:
        if plan.moves:
            _move(client, plan, clock, sleep)
        if plan.changes_license:
            shows_licenses = _assign(client, plan)
        if plan.person_changes and not _is_done(organization, plan):
            client.put(f"/people/{plan.person['id']}", _person_body(organization, plan), callingData="true")
    except RequestError as error:
        try:
            found, arrived = _read_until(organization, plan, patience if error.unclear else 0, clock, sleep)
        except RequestError as unread:
            error.message += f" What became of it is not known, since the user cannot be read: {unread}"
            raise error from None
        error.was_checked = True
        if arrived:
            return Written(found, True)
        now = found.shown() if found.license else {"enabled": False}
        state = ", ".join(f"{key}: {value}" for key, value in now.items() if value is not None)
        error.message += f" The user was read again; now {state}."
        raise
    return Written(None, shows_licenses)


def _is_done(organization: Organization, plan: Plan) -> bool:
    """Tell whether the license request has brought about everything: it carries extension and number too."""
    if not plan.changes_license:
        return False
    person = organization.person(Wanted(person_id=plan.person["id"]))
    return organization.state_of(person or {}).satisfies(plan.after)


def _assign(client: WebexClient, plan: Plan) -> bool:
    """Send the license request; tell whether the answer shows the licenses of the user as they were asked for.

    200 says which licenses the user now has. 206: some were refused; what comes back tells which (Cisco's OpenAPI).
    """
    body = {"personId": plan.person["id"], **client.org_params, "licenses": plan.license_operations}
    answer = client.patch("/licenses/users", body)
    wanted, given_up, now = plan.after.license, plan.before.license, answer.data or {}
    if answer.status == 206 and wanted and not holds(now, wanted.id):
        raise CallingError(
            f"PATCH /licenses/users was answered with 206: Webex did not grant {wanted.units()}, "
            f"without saying why. The user's other licenses are as they were.",
            "most often no unit is free any more: look at `collabops.webex.license_info`.",
        )
    return "licenses" in now and (not wanted or holds(now, wanted.id)) and not (given_up and holds(now, given_up.id))


def _read_until(
    organization: Organization,
    plan: Plan,
    patience: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> tuple[CallingState, bool]:
    person, target = Wanted(person_id=plan.person["id"]), plan.after
    deadline, pause = clock() + patience, 0.25
    while True:
        found = organization.state_of(organization.person(person) or {})
        if found.satisfies(target):
            return replace(found, location=found.location or target.location), True
        if clock() + pause > deadline:
            return found, False
        sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _person_body(organization: Organization, plan: Plan) -> dict[str, Any]:
    """Return the whole person for ``PUT /people/{id}``, with what changes. It is read anew: a license was just given."""
    person = organization.person(Wanted(person_id=plan.person["id"]))
    if person is None:
        # What the plan knows of the person may lack licenses, and those that are not sent would be taken away.
        raise CallingError("The person is not there any more.", "look whether somebody deleted the person meanwhile.")
    return put_body(person, plan.person_changes)


def _move_refused(wanted: Wanted, before: CallingState) -> CallingError:
    return CallingError(
        f"{wanted.who} has calling in another location ({before.location or before.location_id}) already, and "
        f"Webex does not change the location of a calling user by a license.",
        "allow the move with allow_move=true, or take calling away first with state=absent.",
    )


def _move_body(plan: Plan) -> dict[str, Any]:
    """Return the body of the move job, which takes one user at a time (wxc_sdk, ``MoveUsersJobsApi``).

    What is left out, the user keeps.
    """
    before, after = plan.before, plan.after
    user = {"userId": plan.person["id"]}
    if after.extension != before.extension:
        user["extension"] = str(after.extension)
    if after.phone_number != before.phone_number:
        user["phoneNumber"] = str(after.phone_number)
    return {"usersList": [{"locationId": after.location_id, "validate": False, "users": [user]}]}


def _move(client: WebexClient, plan: Plan, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
    """Start the move job, and wait until it has ended. Raises CallingError where it fails or takes too long."""
    org = client.org_params
    answer = client.post(MOVE_PATH, _move_body(plan), **org).data or {}
    answer = answer.get("response") or answer  # wxc_sdk reads it from in there
    errors = [error for user in answer.get("usersList") or [] for error in user.get("errors") or []]
    job: dict[str, Any] = answer.get("jobDetails") or {}
    deadline, pause = clock() + MOVE_PATIENCE, 0.25
    while not errors and job.get("latestExecutionStatus") not in ("COMPLETED", "FAILED"):
        if not job.get("id") or clock() + pause > deadline:
            raise CallingError(
                f"The move job {job.get('id') or 'without an id'} has not ended within {MOVE_PATIENCE:.0f} seconds.",
                "look at it in Control Hub, and run again when it has ended.",
            )
        sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
        job = client.get(f"{MOVE_PATH}/{as_segment(job['id'])}", **org)
    if "FAILED" in (job.get("latestExecutionStatus"), job.get("latestExecutionExitCode")) or (
        job.get("latestExecutionExitCode") == "COMPLETED_WITH_ERRORS"
    ):
        path = f"{MOVE_PATH}/{as_segment(str(job.get('id')))}/errors"
        errors = list(client.pages(path, "items", **org)) or [{"message": f"the job {job.get('id')} failed"}]
    if errors:
        said = "; ".join(text for error in errors for text in _job_errors(error))
        raise CallingError(f"Webex did not move the user: {said}.", "mend what it names, and run again.")


def _job_errors(error: dict[str, Any]) -> list[str]:
    """Return what one error says: that of the first answer, or an item of the job's errors (both: wxc_sdk)."""
    nested = error.get("error")
    listed = nested.get("message") if isinstance(nested, dict) else None
    texts = []
    for one in listed if isinstance(listed, list) else [error]:
        parts = (one.get("code"), one.get("message") or one.get("description"))
        texts.append(" ".join(str(part).rstrip(".") for part in parts if part) or str(one))
    return texts


def _refuse_downgrade(wanted: Wanted, held: License | None, chosen: License) -> None:
    if held and held.kind == "professional" and chosen.kind == "standard":
        raise CallingError(
            f"{wanted.who} has {held.name}, and Webex does not change it to {chosen.name} (errorCode 400112).",
            "take calling away first with state=absent, then enable the user again.",
        )


def _claim_numbers(
    organization: Organization,
    person: dict[str, Any],
    wanted: Wanted,
    before: CallingState,
    after: CallingState,
    location: Location | None,
) -> CallingState:
    """Return *after* with the number as the inventory writes it; raises CallingError where a claim cannot be met."""
    number, extension = wanted.phone_number, wanted.extension
    moves = before.license is not None and not same_id(before.location_id, after.location_id)
    if same_number(number, before.phone_number):
        number = None
    if moves:
        extension = after.extension  # also one that is kept may be somebody else's there
    elif before.license and extension == before.extension:
        extension = None
    if not number and not extension:
        return after
    place = location
    if place is None and before.location_id:
        place = Location(before.location_id, before.location or before.location_id)
    where = f" in {place.name}" if place else ""
    if number:
        entry = next(iter(organization.entries(place, phone_number=number)), None)
        if entry is None:
            raise CallingError(
                f"The phone number {number} is not in the inventory{where}.",
                "add it (Control Hub, Calling, Numbers), or choose one that is there and free.",
            )
        _refuse_taken(f"phone number {number}", entry, person)
        after = replace(after, phone_number=entry["phoneNumber"])
        if place is None and entry.get("location"):
            after = replace(after, location_id=entry["location"].get("id"), location=entry["location"].get("name"))
    if extension and place:
        for entry in organization.entries(place, extension=extension):
            _refuse_taken(f"extension {extension}{where}", entry, person)
    return after


def _refuse_taken(what: str, entry: dict[str, Any], person: dict[str, Any]) -> None:
    owner = entry.get("owner") or {}
    if owner and not same_id(owner.get("id"), person.get("id")):
        name = " ".join(filter(None, (owner.get("firstName"), owner.get("lastName")))) or owner.get("id") or "somebody"
        raise CallingError(f"The {what} is in use by {name}.", "choose another one, or free it first.")


def _unless_same(before: str | None, wanted: str | None) -> str | None:
    """Return the number that is wanted; in its present notation where it is there already."""
    return before if wanted is None or same_number(before, wanted) else wanted


def _some(names: Iterable[str], most: int = 10) -> str:
    """Return the first *most* names, for a message."""
    every = sorted(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "") or "there is none"
