# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people still have when calling was taken away from them: their devices are given back, and the rest is told.

Call forwarding is switched off first, since only people with calling have settings: nobody knows whether theirs come back with
another license. With the last calling license, Webex takes extension and numbers back itself. Devices come after it: if they went first and
the license could not be taken away, a person who can still be called would have no telephone. Whether Webex takes a license
from somebody with devices is not documented; if it does not, the user fails with its reason, and nothing else is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .._client import WebexClient
from .._errors import RequestError
from .._ids import as_segment, bare_id
from .._parallel import run_in_threads
from .._patience import Patience
from .inventory import read_entries
from .model import Plan
from .planned_user import PlannedUser
from .settings import call_forwarding
from .settings.apply import apply
from .settings.base import Subject

DEVICES_PATH = "/devices"
_KINDS_OF_FORWARDING = ("always", "busy", "no_answer", "business_continuity")
_NO_FORWARDING = {call_forwarding.OPTION: dict.fromkeys(_KINDS_OF_FORWARDING, call_forwarding.OFF)}


@dataclass(frozen=True)
class Leaver:
    """Somebody without calling from now on, as the task names them; *left* is what could not be given back so far."""

    who: str
    person_id: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Device:
    """A device of a person."""

    id: str
    name: str
    owner: str

    @classmethod
    def from_webex(cls, item: dict[str, Any]) -> Device:
        """Return the device that an item of ``GET /devices`` is; its owner is the bare id of a person, or nothing."""
        names = (item.get("product") or item.get("displayName"), item.get("mac"))
        return cls(
            id=str(item["id"]),
            name=" ".join(str(name) for name in names if name) or str(item["id"]),
            owner=bare_id(str(item.get("personId") or "")),
        )


@dataclass(frozen=True)
class Released:
    """The ``devices`` that a leaver gave back, or in check mode would, and what is ``left`` of theirs, with the reason."""

    who: str
    devices: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return it as the modules show it."""
        return {"user": self.who, "devices": list(self.devices), "left": list(self.left)}


def stop_forwarding(client: WebexClient, plan: Plan, patience: Patience) -> tuple[str, ...]:
    """Switch call forwarding off for somebody who is to lose calling; return what is left of it, with the reason."""
    subject = Subject(client, plan.person, plan.known_as.who)
    error = apply(call_forwarding.SETTING, subject, _NO_FORWARDING, patience).error
    return (f"call forwarding: {error}",) if error else ()


def leavers_of(users: Iterable[PlannedUser]) -> list[Leaver]:
    """Return those of planned *users* who are to have no calling, and who exist."""
    return [
        Leaver(user.who, str(user.plan.person["id"]))
        for user in users
        if user.wanted.state == "absent" and user.plan.person.get("id")
    ]


def foresee(client: WebexClient, leavers: Sequence[Leaver]) -> list[Released]:
    """Return what would be given back, without those who have nothing. Raises RequestError, before anything was written."""
    devices = _devices_of(client, leavers)
    return _without_nothing(
        Released(leaver.who, tuple(device.name for device in devices if _is_of(device, leaver))) for leaver in leavers
    )


def release(client: WebexClient, leavers: Sequence[Leaver], patience: Patience, workers: int = 1) -> list[Released]:
    """Delete the devices of people whose calling was taken away, and look within the *patience* what else is theirs.

    Those who had nothing are left out. No RequestError is raised: the license is gone, so what went wrong is told with
    what is left.
    """
    try:
        devices = _devices_of(client, leavers)
        flaws = _delete_all(client, leavers, devices, patience, workers)
        numbers = _numbers_of(client, leavers, patience)
    except (RequestError, KeyboardInterrupt) as error:
        reason = "the run was interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        return [Released(leaver.who, (), (*leaver.left, f"What is left is unknown: {reason}")) for leaver in leavers]
    answers = []
    for leaver in leavers:
        theirs = [device for device in devices if _is_of(device, leaver)]
        answers.append(
            Released(
                leaver.who,
                tuple(device.name for device in theirs if device.id not in flaws),
                (
                    *leaver.left,
                    *(f"the device {device.name}: {flaws[device.id]}" for device in theirs if device.id in flaws),
                    *numbers.get(bare_id(leaver.person_id), ()),
                ),
            )
        )
    return _without_nothing(answers)


def warnings_of(answers: Iterable[Released]) -> list[str]:
    """Return a sentence for each leaver with something left."""
    return [
        f"{answer.who} could not give everything back. {'; '.join(answer.left)}" for answer in answers if answer.left
    ]


def _without_nothing(answers: Iterable[Released]) -> list[Released]:
    return [answer for answer in answers if answer.devices or answer.left]


def _is_of(device: Device, leaver: Leaver) -> bool:
    return device.owner == bare_id(leaver.person_id)


def _devices_of(client: WebexClient, leavers: Sequence[Leaver]) -> list[Device]:
    """Return the devices of these people, and of nobody else, whatever Webex was asked for and answered."""
    if not leavers:
        return []
    one = {"personId": leavers[0].person_id} if len(leavers) == 1 else {}
    owners = {bare_id(leaver.person_id) for leaver in leavers}
    devices = map(Device.from_webex, client.pages(DEVICES_PATH, "items", **one, **client.org_params))
    return [device for device in devices if device.owner in owners]


def _delete_all(
    client: WebexClient, leavers: Sequence[Leaver], devices: Sequence[Device], patience: Patience, workers: int
) -> dict[str, RequestError]:
    """Delete *devices*, and return the errors of those that are there still when the *patience* ends, by their ids."""

    def delete(device: Device) -> RequestError | None:
        try:
            client.delete(f"{DEVICES_PATH}/{as_segment(device.id)}", **client.org_params)
        except RequestError as error:
            return error
        return None

    answers = zip(devices, run_in_threads(workers, delete, devices), strict=True)
    errors = {device.id: error for device, error in answers if error}
    if not errors:
        return {}
    left = patience.look(
        lambda: errors.keys() & {device.id for device in _devices_of(client, leavers)}, lambda left: not left
    )
    return {device_id: errors[device_id] for device_id in left}


def _numbers_of(client: WebexClient, leavers: Sequence[Leaver], patience: Patience) -> dict[str, list[str]]:
    """Return the numbers and extensions that people have, by their bare ids, when there are none or the patience ends."""
    owners = {bare_id(leaver.person_id) for leaver in leavers}

    def read() -> dict[str, list[str]]:
        theirs = defaultdict(list)
        for entry in read_entries(client, {}):
            owner = bare_id(entry.owner_id or "")
            if owner in owners:
                what = f"phone number {entry.phone_number}" if entry.phone_number else f"extension {entry.extension}"
                theirs[owner].append(f"the {what}: Webex still shows it as theirs")
        return theirs

    return patience.look(read, lambda theirs: not theirs) if leavers else {}
