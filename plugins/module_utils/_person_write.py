# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out the plan for one person.

Webex builds a person from several services: a call that failed may have done its work, or a part of it (Cisco's OpenAPI),
so the person is read before anything is said or repeated. They are read as the plan reads them, by their address: what is
seen here is what the next task goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ._client import WebexClient
from ._errors import Refused, RequestError
from ._ids import as_segment, bare_id
from ._patience import Patience
from ._people import PersonError, find_person, put_body
from ._person_plan import PersonPlan, choose_licenses, differences, license_operations, plan_for

# How many seconds a change is looked for that Webex refused: it says that it may have been made in part all the same.
PATIENCE_AFTER_REFUSAL = 5.0
# What POST /people does not take, or answers in its own way: it is put right afterwards.
AFTER_CREATION = ("loginEnabled", "licenses")


@dataclass(frozen=True)
class Outcome:
    """The person as read at last, and whether that is what was planned.

    ``implicit_licenses`` are names of licenses that Webex did not take away, though it answered with success.
    """

    person: dict[str, Any] | None
    verified: bool
    implicit_licenses: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Written:
    """What a person shall show after Webex accepted the requests, by its own answers."""

    target: dict[str, Any]
    implicit_licenses: tuple[str, ...] = ()


def carry_out(client: WebexClient, plan: PersonPlan, patience: Patience, repeats: int = 1) -> Outcome:
    """Carry *plan* out, and look within the *patience* until it shows; a request with an unclear end is repeated *repeats*
    times, if the person does not show it within the patience.

    Raises RequestError with what Webex said and what is now, PersonError if Webex did not give or take licenses.
    """
    try:
        written = _write(client, plan, patience)
    except RequestError as error:
        return _after_error(client, plan, error, patience, repeats)
    try:
        person = _look(client, plan, patience, lambda person: _shows(plan, written.target, person))
    except RequestError as error:
        error.problem = f"Webex accepted the change of {plan.wanted.email}, but it cannot be seen. {error.problem}"
        raise
    return Outcome(person, _shows(plan, written.target, person), written.implicit_licenses)


def _look(
    client: WebexClient, plan: PersonPlan, patience: Patience, is_enough: Callable[[dict[str, Any] | None], bool]
) -> dict[str, Any] | None:
    """Read the person until *is_enough* says so, or the patience ends."""
    return patience.look(lambda: find_person(client, email=plan.wanted.email), is_enough)


def _shows(plan: PersonPlan, target: dict[str, Any], person: dict[str, Any] | None) -> bool:
    if plan.wanted.state == "absent":
        return person is None
    return person is not None and not differences(person, target)


# Writing


def _write(client: WebexClient, plan: PersonPlan, patience: Patience) -> _Written:
    if plan.before is None:
        return _create(client, plan, patience)
    if plan.wanted.state == "absent":
        client.delete(f"/people/{as_segment(plan.before['id'])}")
        return _Written({})
    if plan.changed_properties:
        body = put_body(plan.before, plan.changed_properties, plan.primary)
        client.put(f"/people/{as_segment(plan.before['id'])}", body, callingData="true")
    if "licenses" in plan.changes:
        return _change_licenses(client, plan, patience)
    return _Written(plan.target)


def _create(client: WebexClient, plan: PersonPlan, patience: Patience) -> _Written:
    body = {key: value for key, value in plan.changes.items() if key != "loginEnabled"}
    person = client.post("/people", {**body, **client.org_params}, callingData="true").data or {}
    if "id" not in person:
        return _Written(plan.target)
    rest = plan_for(client, plan.wanted, plan.licenses, person)
    answered = {key: value for key, value in rest.changes.items() if key in AFTER_CREATION and key in person}
    written = _write(client, replace(rest, changes=answered), patience)
    return _Written(
        {**written.target, **{key: plan.target[key] for key in plan.target if key != "licenses"}},
        written.implicit_licenses,
    )


def _change_licenses(client: WebexClient, plan: PersonPlan, patience: Patience) -> _Written:
    """Give and take licenses, each once, until Webex's own answer is what is wanted.

    That answer also shows what the read did not show yet: another license to take away, or one for calling, which stays.
    """
    person, target, complete = dict(plan.before or {}), list(plan.target["licenses"]), True
    requested: set[str] = set()
    while operations := [
        operation
        for operation in license_operations(person.get("licenses") or [], target)
        if bare_id(operation["id"]) not in requested
    ]:
        requested.update(bare_id(operation["id"]) for operation in operations)
        body = {"personId": person["id"], "licenses": operations, **client.org_params}
        try:
            answer = client.patch("/licenses/users", body)
        except Refused as error:
            raise _with_remedy(plan, error, operations) from None
        if not isinstance(answer.data, dict) or not isinstance(answer.data.get("licenses"), list):
            return _Written({**plan.target, "licenses": target})
        complete = answer.status != 206
        person["licenses"] = answer.data["licenses"]
        target, _notes = choose_licenses(plan.wanted, plan.licenses or (), person)
    return _judged(client, plan, patience, person["licenses"], target, complete)


def _judged(
    client: WebexClient, plan: PersonPlan, patience: Patience, held: list[str], target: list[str], complete: bool
) -> _Written:
    """Return what was written if Webex answered that the person holds *held*, where *target* was wanted.

    A license that stays although Webex answered that all was done is implicit. Raises PersonError for other differences.
    """
    expected = {**plan.target, "licenses": target}
    left = license_operations(held, target)
    missing = [operation["id"] for operation in left if operation["operation"] == "add"]
    surplus = [operation["id"] for operation in left if operation["operation"] == "remove"]
    if surplus and complete and not missing:
        return _Written({**plan.target, "licenses": held}, tuple(_names(plan, surplus)))
    if left:
        # Webex itself advises to compare; a look at the person decides, as after any error.
        found = _look(
            client, plan, patience.at_most(PATIENCE_AFTER_REFUSAL), lambda person: _shows(plan, expected, person)
        )
        if not _shows(plan, expected, found):
            raise _not_done(plan, missing, surplus)
    return _Written(expected)


def _names(plan: PersonPlan, ids: list[str]) -> list[str]:
    names = {bare_id(license_.id): license_.name for license_ in plan.licenses or ()}
    return [names.get(bare_id(license_id), license_id) for license_id in ids]


def _not_done(plan: PersonPlan, missing: list[str], surplus: list[str]) -> PersonError:
    parts = [f"give the license {name}" for name in _names(plan, missing)]
    parts += [f"take away the license {name}" for name in _names(plan, surplus)]
    return PersonError(
        f"Webex did everything for {plan.wanted.email} but to {', '.join(parts)}, without saying why.",
        "if a license was not given, most often no unit is free any more: look at `collabops.webex.license_info`, and run "
        "again. If one cannot be taken away, name it in `ignore_licenses`.",
    )


def _with_remedy(plan: PersonPlan, error: Refused, operations: list[dict[str, str]]) -> Refused:
    """Return *error*, with a remedy that names the license if it is about an implicit one (Cisco's errorCode 700006)."""
    if "700006" in error.error_codes:
        words = error.words.lower()
        removed = [operation["id"] for operation in operations if operation["operation"] == "remove"]
        names = _names(plan, removed)
        mentioned = [
            name
            for name, key in zip(names, removed, strict=True)
            if name.lower() in words or bare_id(key) in words or key.lower() in words
        ]
        error.remedy = (
            f"Webex assigns this license itself, and nobody can take it away; name it in `ignore_licenses`: "
            f"{', '.join(mentioned or names)}."
        )
    return error


# After an error


def _after_error(
    client: WebexClient, plan: PersonPlan, error: RequestError, patience: Patience, repeats: int
) -> Outcome:
    """Return the outcome if the person is as planned all the same, or becomes so now; else raise *error*, with what is now."""
    creates = plan.action == "create"
    try:
        person = _look(
            client,
            plan,
            _patience_after(error, patience),
            # Somebody has the address: perhaps the very person, who was created in the meantime and is not shown yet.
            lambda person: person is not None if creates else _shows(plan, plan.target, person),
        )
    except RequestError as unread:
        error.problem += f" Whether it was done is unknown, since the person cannot be read: {unread.message}"
        raise error from None
    if _shows(plan, plan.target, person):
        return Outcome(person, True)
    was_created = creates and person is not None
    is_gone = not creates and person is None
    if is_gone or not (was_created or (error.unclear and repeats)):
        error.problem += _now(plan, person)
        raise error
    try:
        rest = plan_for(client, plan.wanted, plan.licenses, person)
        return carry_out(client, rest, patience, repeats if was_created else repeats - 1)
    except RequestError as second:
        earlier = "the person was created, though" if was_created else "the same failed"
        second.problem += f" Before that, {earlier}: {error.message}"
        raise second from None


def _patience_after(error: RequestError, patience: Patience) -> Patience:
    """Return how long to look for what a request did that ended with *error*."""
    if error.unclear or (isinstance(error, Refused) and error.status == 409):
        return patience
    # 400 can come after a part was done (Cisco's OpenAPI, "Create a Person"); the others come before.
    may_be_in_part = isinstance(error, Refused) and error.status == 400
    return patience.at_most(PATIENCE_AFTER_REFUSAL if may_be_in_part else 0)


def _now(plan: PersonPlan, person: dict[str, Any] | None) -> str:
    """Return what a read showed after an error, for its message."""
    if person is None:
        return f" The address was looked up again; there is no person {plan.wanted.email}."
    if plan.wanted.state == "absent":
        return " The person was read again, and is still there."
    missing = ", ".join(sorted(differences(person, plan.target)))
    return f" The person was read again, and does not show the wanted {missing}."
