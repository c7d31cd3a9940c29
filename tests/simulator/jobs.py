# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that moves a calling user to another location. Its calls, answers and error codes: wxc_sdk.

`move_seconds` says how long a job runs, `move_failure` is the message with which it then fails; the user stays.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from .ids import webex_id
from .state import Location, Org, Person
from .web import NOT_FOUND, ApiError, Call, Routes, answer

PATH = "/v1/telephony/config/jobs/person/moveLocation"


@dataclass
class Job:
    """One move; without a status it still runs."""

    id: str
    org: Org
    person: Person
    location: Location
    extension: str | None
    phone_number: str | None
    status: str = "STARTED"
    exit_code: str = "UNKNOWN"
    failure: tuple[int, str] | None = None

    def end(self, failure: str) -> None:
        """Move the user, unless the job is to fail or something has come between."""
        conflict = refusal(self)
        self.failure = (19601, failure) if failure else conflict
        self.status, self.exit_code = ("FAILED", "FAILED") if self.failure else ("COMPLETED", "COMPLETED")
        if not self.failure:
            move(self)


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add(PATH, POST=start)
    table.add(PATH + "/{id}", GET=status)
    table.add(PATH + "/{id}/errors", GET=errors)


def start(call: Call) -> Response:
    """POST: check the one user, and start the job; with ``validate`` only the check."""
    call.require(["spark-admin:telephony_config_write"])
    org = call.org
    entry, user = asked(call.json())
    person, place = org.people.get(user.get("userId") or ""), org.locations.get(entry.get("locationId") or "")
    if person is None or not org.calling_user(person):
        raise refused(1026010, "User is not a valid Calling User.")
    if place is None or not place.calling:
        raise refused(4152, "Location Not Found")
    if place.id == person.location_id:
        raise refused(1026013, "The source and the target location cannot be the same.")
    number = len(call.world.jobs) + 1
    job = Job(webex_id("JOB_ID", f"{number:08}"), org, person, place, user.get("extension"), user.get("phoneNumber"))
    found = refusal(job)
    listed = [{"code": found[0], "message": found[1]}] if found else []
    body: dict[str, Any] = {"usersList": [{"userId": person.id, "errors": listed, "impacts": []}]}
    if not found and not entry.get("validate"):
        call.world.jobs[job.id] = job
        seconds, failure = call.world.config.move_seconds, call.world.config.move_failure
        if seconds:
            asyncio.get_running_loop().call_later(seconds, job.end, failure)
        else:
            job.end(failure)
        body["jobDetails"] = {"id": job.id, "latestExecutionStatus": "STARTING"}
    return answer({"response": body})


def asked(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The one location and the one user of a request."""
    entries = body.get("usersList") or []
    if not entries:
        raise refused(1026011, "Users list should not be empty.")
    users = entries[0].get("users") or []
    if not users:
        raise refused(1026012, "Users should not be empty.")
    if len(entries) > 1 or len(users) > 1:
        raise refused(1026005, "Request is supported only for single user.")
    if not isinstance(entries[0].get("validate"), bool):
        raise refused(1026006, "Attribute 'Validate' is required.")
    return entries[0], users[0]


def refused(code: int, text: str) -> ApiError:
    """A request that is not valid."""
    return ApiError(400, text, code=code)


def refusal(job: Job) -> tuple[int, str] | None:
    """Why the move cannot be: the extension or the number is somebody else's, or not there."""
    org, person = job.org, job.person
    extension = person.extension if job.extension is None else job.extension
    owner = org.extensions.get((job.location.id, extension or ""), person.id)
    if owner != person.id:
        return 4202, f"The extension is not available. It is already assigned to a user : {owner}"
    number = org.numbers.get(job.phone_number) if job.phone_number else None
    if job.phone_number and (
        number is None or number.location_id != job.location.id or number.owner_id not in (None, person.id)
    ):
        return 27966, f"The phone number, {job.phone_number}, is not available in the new group."
    return None


def move(job: Job) -> None:
    """An extension that is not named is kept; a number that is not named moves along; empty ones are taken away."""
    org, person = job.org, job.person
    extension = person.extension if job.extension is None else job.extension
    org.set_extension(person, None)
    person.location_id = job.location.id
    org.set_extension(person, extension or None)
    if job.phone_number is not None:
        org.set_number(person, job.phone_number or None)
    elif person.phone_number:
        org.numbers[person.phone_number].location_id = job.location.id


def find(call: Call) -> Job:
    """The job that the path names."""
    call.require(["spark-admin:telephony_config_read"])
    job: Job | None = call.world.jobs.get(call.parameters["id"])
    if job is None or job.org is not call.org:
        raise ApiError(404, NOT_FOUND)
    return job


def status(call: Call) -> Response:
    """GET /{id}."""
    job = find(call)
    return answer(
        {
            "name": "moveusers",
            "id": job.id,
            "latestExecutionStatus": job.status,
            "latestExecutionExitCode": job.exit_code,
            "counts": {"totalMoves": 1, "moved": int(job.status == "COMPLETED"), "failed": int(job.status == "FAILED")},
        }
    )


def errors(call: Call) -> Response:
    """GET /{id}/errors."""
    job = find(call)
    items = []
    if job.failure:
        code, text = job.failure
        message = [{"code": str(code), "description": text}]
        items.append({"item": job.person.id, "itemNumber": 0, "error": {"key": "400", "message": message}})
    return answer({"items": items})
