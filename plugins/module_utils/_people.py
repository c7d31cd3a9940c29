# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People: how one is found, created, changed and deleted.

Webex builds a person from several services: a call that failed may have done its work, or a part of it, so the person is
read before anything is said or repeated. ``PUT /people/{id}`` takes the whole person, with ``displayName``, and replaces
the list of licenses by the one that it gets (Cisco's OpenAPI, "Update a Person").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._client import Answer, WebexClient
from ._errors import (
    OptionError,
    Refused,
    RequestError,
    WebexError,
)
from ._ids import as_segment, bare_id, same_id

LONGEST_PAUSE = 5.0
# What PUT /people/{id} accepts (Cisco's OpenAPI); it expects all of a person's details, also those that stay.
PUT_FIELDS = [
    "emails",
    "phoneNumbers",
    "extension",
    "locationId",
    "displayName",
    "firstName",
    "lastName",
    "avatar",
    "orgId",
    "roles",
    "licenses",
    "department",
    "manager",
    "managerId",
    "title",
    "addresses",
    "siteUrls",
    "loginEnabled",
]
NAMES = ("displayName", "firstName", "lastName")


class PersonError(WebexError):
    """What was asked for cannot be done, or was done in part only."""


@dataclass(frozen=True)
class PersonPlan:
    """The way to what should be: what there is (None: nobody), and the properties that are to be written."""

    email: str
    before: dict[str, Any] | None
    changes: dict[str, Any] = field(default_factory=dict)
    delete: bool = False

    @property
    def action(self) -> str:
        """What is done, in a word: ``none``, ``create``, ``update`` or ``delete``."""
        if self.delete:
            return "delete"
        if self.before is None:
            return "create" if self.changes else "none"
        return "update" if self.changes else "none"

    @property
    def after(self) -> dict[str, Any] | None:
        """The person as they will be, as far as it is known before."""
        if self.delete or (self.before is None and not self.changes):
            return None
        return {**(self.before or {}), **self.changes}

    def difference(self) -> dict[str, dict[str, Any]]:
        """Return ``before`` and ``after``, of what is changed only: the rest comes along in every read."""
        before = self.before or {}
        if self.delete:
            return {"before": {key: before[key] for key in ("emails", "displayName") if key in before}, "after": {}}
        return {"before": {key: before.get(key) for key in self.changes} if before else {}, "after": self.changes}


def find_person(
    client: WebexClient, *, email: str | None = None, person_id: str | None = None
) -> dict[str, Any] | None:
    """Return a person with their calling data, as Webex says it; None where there is no such person."""
    if person_id:
        try:
            found: dict[str, Any] = client.get(f"/people/{as_segment(person_id)}", callingData="true")
        except Refused as error:
            if error.status in (400, 404):
                return None
            raise
        return found
    address = (email or "").lower()
    people = client.pages("/people", "items", email=address, callingData="true", **client.org_params)
    return next((one for one in people if address in (str(mail).lower() for mail in one.get("emails", []))), None)


def check_address(option, text):
    if not re.fullmatch(r"[^@\s,]+@[^@\s,]+", text):
        raise OptionError(option, f"{text!r} is not an e-mail address.", "write for example alice@example.com.")


def primary_address(client, person, licenses): return None


def put_body(person: Mapping[str, Any], changes: Mapping[str, Any], primary=None) -> dict[str, Any]:
    return {"displayName": person["displayName"], "emails": person["emails"], **changes}
    """Return the body of ``PUT /people/{id}``: everything that was read and may be sent, with *changes*."""
    body = {key: person[key] for key in PUT_FIELDS if key in person}
    # "work_extension" is for reading only.
    body["phoneNumbers"] = [entry for entry in person.get("phoneNumbers") or [] if entry.get("type") == "work"]
    if isinstance(body.get("loginEnabled"), str):
        body["loginEnabled"] = body["loginEnabled"] == "true"
    return {**body, **changes}


def plan_person(client: WebexClient, email: str, state: str, wanted: Mapping[str, Any]) -> PersonPlan:
    """Return what has to be done for one person, after reading what is; nothing is written.

    *wanted* has properties by their Webex names; those that are None stay as they are. ``licenses`` may hold names.
    Raises OptionError for what is wrong by itself, PersonError for what cannot be done.
    """
    if not re.fullmatch(r"[^@\s,]+@[^@\s,]+", email):
        raise OptionError("email", f"{email!r} is not an e-mail address.", "write for example alice@example.com.")
    given = {key: value for key, value in wanted.items() if value is not None}
    if given.get("displayName") == "":
        raise OptionError("display_name", "is empty.", "Webex does not accept that: leave it out, or write a name.")
    before = find_person(client, email=email)
    if state == "absent":
        return PersonPlan(email, before, delete=before is not None)
    if "licenses" in given:
        given["licenses"] = _licenses(client, before or {}, given["licenses"])
    if before is None:
        if not any(given.get(name) for name in NAMES):
            raise PersonError(
                f"There is no person {email}, and without a name none can be created.",
                "give display_name, first_name or last_name.",
            )
        if not given.get("displayName"):
            parts = (given.get("firstName"), given.get("lastName"))
            given["displayName"] = " ".join(part for part in parts if part)
        return PersonPlan(email, None, {"emails": [email], **given})
    return PersonPlan(email, before, _differences(before, given))


def carry_out(
    client: WebexClient,
    plan: PersonPlan,
    *,
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[dict[str, Any] | None, bool]:
    """Carry *plan* out, and return the person as then read, and whether that is already what was planned.

    Raises RequestError with what Webex said and what is now; PersonError where licenses were not granted.
    """

    def look(until: Callable[[dict[str, Any] | None], bool], seconds: float) -> dict[str, Any] | None:
        """Read the person until they are as wanted, or *seconds* are over."""
        deadline, pause = clock() + seconds, 0.25
        while True:
            found = _read(client, plan)
            if until(found) or clock() + pause > deadline:
                return found
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def is_done(found: dict[str, Any] | None) -> bool:
        return _is_as_planned(plan, found)

    creates = plan.action == "create"
    try:
        answer = _write(client, plan)
    except RequestError as error:
        # 409 says that somebody has this address: perhaps the very person, created meanwhile and not shown yet.
        late = error.unclear or (isinstance(error, Refused) and error.status == 409)
        try:
            found = look((lambda one: one is not None) if creates else is_done, patience if late else 0)
        except RequestError as unread:
            error.message += f" What became of it is not known, since the person cannot be read: {unread}"
            raise error from None
        if is_done(found):
            return found, True
        if not creates or found is None:
            error.message += _said_now(plan, found)
            raise
        # Created all the same, but not completely: what is missing is a change now.
        rest = PersonPlan(plan.email, found, _differences(found, plan.changes))
        try:
            return carry_out(client, rest, patience=patience, clock=clock, sleep=sleep)
        except RequestError as second:
            second.message += f" Before that, the person was created, though: {error.message}"
            raise second from None
    _refuse_ungranted(plan, answer.data or {})
    if creates and plan.changes.get("loginEnabled") is False and answer.data:
        # POST does not take it.
        rest = PersonPlan(plan.email, answer.data, {"loginEnabled": False})
        carry_out(client, rest, patience=0, clock=clock, sleep=sleep)
    found = look(is_done, patience)
    return found, is_done(found)


def _write(client: WebexClient, plan: PersonPlan) -> Answer:
    if plan.before is None:
        body = {key: value for key, value in plan.changes.items() if key != "loginEnabled"}
        return client.post("/people", {**body, **client.org_params}, callingData="true")
    path = f"/people/{as_segment(plan.before['id'])}"
    if plan.delete:
        return client.delete(path)
    return client.put(path, put_body(plan.before, plan.changes), callingData="true")


def _read(client: WebexClient, plan: PersonPlan) -> dict[str, Any] | None:
    if plan.before is None:
        return find_person(client, email=plan.email)
    return find_person(client, person_id=plan.before["id"])


def _is_as_planned(plan: PersonPlan, found: dict[str, Any] | None) -> bool:
    if plan.delete or found is None:
        return plan.delete and found is None
    return not _differences(found, plan.changes)


def _differences(person: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the wanted properties that *person* does not have."""
    return {key: value for key, value in wanted.items() if _plain(key, person.get(key)) != _plain(key, value)}


def _plain(key: str, value: Any) -> Any:
    """Return a value as it is compared: nothing is as good as empty, and the order of lists does not count."""
    if key == "emails":
        return sorted(str(one).lower() for one in value or [])
    if key == "licenses":
        return sorted(str(one) for one in value or [])
    if key == "managerId":
        return bare_id(str(value)) if value else None
    if key == "loginEnabled":
        return value in (True, "true")
    return value or None


def _said_now(plan: PersonPlan, found: dict[str, Any] | None) -> str:
    """Return what is now, for the message of an error."""
    if found is None:
        return f" The address was looked up again; there is no person {plan.email}."
    if plan.delete:
        return " The person was read again, and is still there."
    missing = ", ".join(sorted(_differences(found, plan.changes)))
    return f" The person was read again, and is there, but without the wanted {missing}."


# Licenses


def _licenses(client: WebexClient, person: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return the ids of the licenses in *names*, and of the calling licenses that the person holds.

    Of licenses with the same name, the one that is held is meant, else that of the subscription with the most free units.
    """
    every = list(client.pages("/licenses", "items", **client.org_params))
    held = [one for one in every if _holds(person, one)]
    chosen = [one["id"] for one in held if _is_calling(one)]
    for name in names:
        fitting = [one for one in every if same_id(one["id"], name)] or [
            one for one in every if str(one.get("name", "")).lower() == name.lower()
        ]
        if not fitting:
            raise PersonError(
                f"The license {name!r} is not a license of this organization.",
                "name one that `collabops.webex.license_info` shows, or give its id.",
            )
        best = max(fitting, key=lambda one: (one in held, _free(one)))
        if best not in held and _is_calling(best):
            raise PersonError(
                f"The license {name!r} is for Webex Calling, which needs a location, and an extension or a number.",
                "create the person without it, then use `collabops.webex.calling_user`.",
            )
        if best not in held and _free(best) < 1:
            raise PersonError(f"No unit of the license {name!r} is free.", "free a unit, or buy more.")
        chosen.append(best["id"])
    # Those that are held stay in their order, so that nothing looks like a change.
    return [one["id"] for one in held if one["id"] in chosen] + [
        one for one in dict.fromkeys(chosen) if one not in [other["id"] for other in held]
    ]


def _holds(person: Mapping[str, Any], license_: Mapping[str, Any]) -> bool:
    return any(same_id(one, license_["id"]) for one in person.get("licenses") or [])


def _is_calling(license_: Mapping[str, Any]) -> bool:
    return "webex calling" in str(license_.get("name", "")).lower()


def _free(license_: Mapping[str, Any]) -> float:
    total = int(license_.get("totalUnits", 0))
    return float("inf") if total < 0 else total - int(license_.get("consumedUnits", 0))


def _refuse_ungranted(plan: PersonPlan, answer: Mapping[str, Any]) -> None:
    """Raise PersonError where the answer lacks licenses: Webex goes on with the others (Cisco's OpenAPI)."""
    if "licenses" not in answer:
        return
    missing = [one for one in plan.changes.get("licenses", []) if not _holds(answer, {"id": one})]
    if missing:
        raise PersonError(
            f"Webex did everything but to grant the license {', '.join(missing)}, without saying why.",
            "most often no unit is free any more: look at `collabops.webex.license_info`, and run again.",
        )
LONGEST_PAUSE = 5.0
