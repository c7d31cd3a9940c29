# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for one person: what is asked for, what there is, and what has to be written. Nothing is written here.

Licenses are given and taken one by one (``PATCH /licenses/users``), and never replaced as a list: a license that a read
does not show yet cannot get lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ._calling.licenses import ALLOW, REFUSE, held_of, matching, most_free, read_licenses
from ._calling.model import License
from ._client import WebexClient
from ._errors import OptionError
from ._ids import bare_id, same_id
from ._people import PersonError, check_address, find_person, full_name, primary_address


@dataclass(frozen=True)
class WantedPerson:
    """What is asked for. ``properties`` go by their Webex names; those that are missing stay as they are.

    ``licenses``, names or ids, are all that the person shall hold, None: as it is. ``ignored_licenses`` are left alone.
    """

    email: str
    state: str = "present"
    properties: Mapping[str, Any] = field(default_factory=dict)
    licenses: Sequence[str] | None = None
    ignored_licenses: Sequence[str] = ()
    overage: str = ALLOW


@dataclass(frozen=True)
class PersonPlan:
    """The way from ``before`` (None: nobody) to ``target``, the properties that the person shall have.

    ``changes`` are those of ``target`` that are to be written. ``licenses`` are those of the organization, if they were
    read. ``primary`` is the address that a change lists first, if there are several. ``notes`` say what the user should know.
    """

    wanted: WantedPerson
    before: dict[str, Any] | None
    target: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    licenses: Sequence[License] | None = None
    notes: tuple[str, ...] = ()
    primary: str | None = None

    @property
    def action(self) -> str:
        """What is done, in a word: ``none``, ``create``, ``update`` or ``delete``."""
        if self.wanted.state == "absent":
            return "none" if self.before is None else "delete"
        if not self.changes:
            return "none"
        return "update" if self.before else "create"

    @property
    def changed_properties(self) -> dict[str, Any]:
        """What ``PUT /people/{id}`` changes: all changes but the licenses."""
        return {key: value for key, value in self.changes.items() if key != "licenses"}

    @property
    def after(self) -> dict[str, Any] | None:
        """The person as they will be, as far as it is known before."""
        return None if self.wanted.state == "absent" else {**(self.before or {}), **self.changes}

    def difference(self) -> dict[str, dict[str, Any]]:
        """Return ``before`` and ``after``, of what is changed only: the rest comes along in every read."""
        before = self.before or {}
        if self.wanted.state == "absent":
            return {"before": {key: before[key] for key in ("emails", "displayName") if key in before}, "after": {}}
        return {"before": {key: before.get(key) for key in self.changes} if before else {}, "after": self.changes}


def plan_person(client: WebexClient, wanted: WantedPerson) -> PersonPlan:
    """Return what has to be done for one person, after reading what is; nothing is written.

    Raises OptionError for what is wrong by itself, PersonError for what cannot be done.
    """
    check_address("email", wanted.email)
    if wanted.properties.get("displayName") == "":
        raise OptionError("display_name", "is empty.", "Webex does not accept that: leave it out, or write a name.")
    needs_licenses = wanted.state == "present" and wanted.licenses is not None
    licenses = read_licenses(client) if needs_licenses else None
    return plan_for(client, wanted, licenses, find_person(client, email=wanted.email))


def plan_for(
    client: WebexClient, wanted: WantedPerson, licenses: Sequence[License] | None, person: dict[str, Any] | None
) -> PersonPlan:
    """Return what has to be done if *person* is what was read, and *licenses* are those of the organization.

    *client* is asked only for the primary one of several addresses. Raises PersonError for what cannot be done.
    """
    if wanted.state == "absent":
        return PersonPlan(wanted, person)
    target = dict(wanted.properties)
    notes: tuple[str, ...] = ()
    if wanted.licenses is not None:
        target["licenses"], notes = choose_licenses(wanted, licenses or (), person or {})
    if person:
        plan = PersonPlan(wanted, person, target, differences(person, target), licenses, notes)
        return replace(plan, primary=primary_address(client, person, licenses)) if plan.changed_properties else plan
    name = full_name(target)
    if not name:
        raise PersonError(
            f"There is no person {wanted.email}, and without a name none can be created.",
            "give display_name, first_name or last_name.",
        )
    target["displayName"] = name
    return PersonPlan(wanted, None, target, {"emails": [wanted.email], **target}, licenses, notes)


def choose_licenses(
    wanted: WantedPerson, licenses: Sequence[License], person: Mapping[str, Any]
) -> tuple[list[str], tuple[str, ...]]:
    """Return the ids of the licenses that *person* shall hold, and notes for the user.

    Of licenses with the same name, those that are held are meant, else that of the subscription with the most free units.
    Raises PersonError for a license that is unknown, or that cannot be given here.
    """
    held = held_of(dict(person), licenses)
    known = {bare_id(license_.id) for license_ in held}
    kept = [license_ for license_ in held if stays_by_itself(license_) or _is_ignored(wanted, license_)]
    added: list[str] = []
    notes: list[str] = []
    for name in wanted.licenses or ():
        fitting = matching(licenses, name)
        if not fitting:
            raise PersonError(
                f"The license {name!r} is not a license of this organization.",
                "name one that `collabops.webex.license_info` shows, or give its id.",
            )
        fitting_held = [license_ for license_ in fitting if license_ in held]
        if fitting_held:
            kept += fitting_held
            continue
        chosen = most_free(fitting)
        if chosen.is_calling:
            raise PersonError(
                f"The license {name!r} is for Webex Calling, which needs a location, and an extension or a number.",
                "create the person without it, then use `collabops.webex.calling_user`.",
            )
        added.append(chosen.id)
        if chosen.free < 1:
            notes.append(_no_unit(wanted, fitting))
    # What is held stays in its order, so that nothing looks like a change. A license that the organization's list does
    # not have cannot be named by the user, so it is left alone.
    stay = [
        str(license_id)
        for license_id in person.get("licenses") or []
        if bare_id(str(license_id)) not in known or any(same_id(license_.id, str(license_id)) for license_ in kept)
    ]
    return [*stay, *dict.fromkeys(added)], tuple(notes)


def stays_by_itself(license_: License) -> bool:
    """Tell whether a license is none that `person` takes away.

    Calling has a module of its own. Screen Share is assigned implicitly (Cisco's OpenAPI, errorCode 700006).
    """
    return license_.is_calling or "screen share" in license_.name.lower()


def _is_ignored(wanted: WantedPerson, license_: License) -> bool:
    return any(matching([license_], name) for name in wanted.ignored_licenses)


def _no_unit(wanted: WantedPerson, fitting: Sequence[License]) -> str:
    use = "; ".join(license_.units() for license_ in fitting)
    if wanted.overage == REFUSE:
        raise PersonError(
            f"No free license: {use}.", "free a unit, buy more, or let Webex decide with license_overage=allow."
        )
    return f"no unit of the license seems to be free, so Webex decides: {use}"


def license_operations(held: Sequence[str], target: Sequence[str]) -> list[dict[str, str]]:
    """Return the ``licenses`` of a ``PATCH /licenses/users`` that lead from the ids *held* to the ids of *target*."""
    before, after = ({bare_id(license_id) for license_id in ids} for ids in (held, target))
    removals = [{"id": license_id, "operation": "remove"} for license_id in held if bare_id(license_id) not in after]
    additions = [{"id": license_id, "operation": "add"} for license_id in target if bare_id(license_id) not in before]
    return removals + additions


def differences(person: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    """Return those properties of *target* that *person* does not have."""
    return {key: value for key, value in target.items() if _plain(key, person.get(key)) != _plain(key, value)}


def _plain(key: str, value: Any) -> Any:
    """Return a value as it is compared: nothing is as good as empty, and the order of licenses does not count."""
    if key == "licenses":
        return {bare_id(str(license_id)) for license_id in value or []}
    if key == "managerId":
        return bare_id(str(value)) if value else None
    if key == "loginEnabled":
        return value in (True, "true")
    return value or None
