# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that moves calling users to other locations: up to 100 of them, one after the other.

Two descriptions of its answer are known, and `move_answer` chooses: "wxc_sdk" (`jobDetails` and `usersList`, which tells
at once what cannot be) and "spec" (the job itself, in which those who cannot be moved fail). Codes and limits: *spec*.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from .config import Config
from .ids import bare, stable_uuid, webex_id
from .licensing import can_have
from .model import Location, Person, stamp
from .state import Org
from .web import NOT_FOUND, ApiError, Call, Routes, answer, new_tracking_id

PATH = "/v1/telephony/config/jobs/person/moveLocation"
MOST_USERS = 100
WRITE = (["spark-admin:telephony_config_write"], ["spark-admin:people_write"], ["identity:groups_rw"])
Failure = tuple[int, str]


@dataclass
class Move:
    """One user of a job."""

    person: Person
    location: Location
    extension: str | None
    phone_number: str | None
    failure: Failure | None = None


@dataclass
class Job:
    """One job; without an end it still runs. It can end with errors for some of its users (*spec*)."""

    id: str
    number: int
    org: Org
    moves: list[Move]
    source_user_id: str
    started: float
    tracking_id: str = field(default_factory=new_tracking_id)
    ended: float | None = None

    @property
    def failed(self) -> list[Move]:
        """Those who were not moved."""
        return [move for move in self.moves if move.failure]

    @property
    def status(self) -> str:
        """The `latestExecutionStatus`. That a job is FAILED only if nobody was moved is a *guess*."""
        if self.ended is None:
            return "STARTED"
        return "FAILED" if len(self.failed) == len(self.moves) else "COMPLETED"

    @property
    def exit_code(self) -> str:
        """The `latestExecutionExitCode`."""
        if self.ended is None or self.status == "FAILED":
            return "UNKNOWN" if self.ended is None else "FAILED"
        return "COMPLETED_WITH_ERRORS" if self.failed else "COMPLETED"

    def end(self, config: Config, now: float) -> None:
        """Move the users, but for those whose move is to fail or cannot be any more."""
        self.ended = now
        for move in self.moves:
            ordered = config.move_failures.get(move.person.email) or config.move_failure
            move.failure = (19601, ordered) if ordered else refusal(config, self.org, move)
            if not move.failure:
                carry_out(config, self.org, move)


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add(PATH, POST=start, GET=list_jobs)
    table.add(PATH + "/{id}", GET=show_job)
    table.add(PATH + "/{id}/errors", GET=errors)


# -- starting ------------------------------------------------------------------------------------------------------


def start(call: Call) -> Response:
    """POST: check the users, and start the job (201); with ``validate`` only the check (200): *spec*.

    While another job runs, other jobs of Webex are refused; that this one is too, is a *guess*. It takes seconds (*live*).
    """
    call.require(*WRITE)
    org, config = call.org, call.world.config
    entries = asked(call.json())
    moves = [wanted(org, entry, user) for entry in entries for user in entry["users"]]
    problems = {move.person.id: refusal(config, org, move) for move in moves}
    if entries[0]["validate"]:
        return answer({"response": findings(config, problems)})
    if config.move_answer == "wxc_sdk" and any(problems.values()):
        return answer({"response": findings(config, problems)})
    running = [job for job in call.world.jobs.values() if job.org is org and job.ended is None]
    if running and config.one_move_at_a_time:
        raise ApiError(409, "Another job is running for this customer.", code="BATCH-1001004")
    number, now = len(call.world.jobs) + 1, call.world.now()
    job = Job(webex_id("JOB_ID", stable_uuid("job", str(number))), number, org, moves, call.me.id, now)
    call.world.jobs[job.id] = job
    started = {"name": "moveusers", **show(job)}
    if config.move_seconds:
        end = now + config.move_seconds
        asyncio.get_running_loop().call_later(config.move_seconds, job.end, config, end)
    else:
        job.end(config, now)
    if config.move_answer == "spec":
        return answer({"response": started}, 201)
    details = {**started, "latestExecutionStatus": "STARTING"}
    return answer({"response": {"jobDetails": details, "usersList": user_list(problems)}}, 201)


def asked(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a request: each has a location, ``validate`` and users. Limits and codes: *spec*."""
    entries = body.get("usersList") or []
    if not entries:
        raise refused(1026011, "Users list should not be empty.")
    if not all(entry.get("users") for entry in entries):
        raise refused(1026012, "Users should not be empty.")
    if not all(isinstance(entry.get("validate"), bool) for entry in entries):
        raise refused(1026006, "Attribute 'Validate' is required.")
    users = [str(user.get("userId") or "") for entry in entries for user in entry["users"]]
    if len(users) > MOST_USERS:
        raise refused(1026018, "Selected Users list exceeds the maximum limit.")
    if len(set(users)) < len(users):
        raise refused(1026019, "Duplicate entry for user is not allowed.")
    if len(users) > 1 and any(entry["validate"] for entry in entries):
        raise refused(1026020, "Validate 'true' is supported only for single user.")
    return list(entries)


def wanted(org: Org, entry: dict[str, Any], user: dict[str, Any]) -> Move:
    """One move. People without calling, who are moved without a job if they come alone, are not simulated."""
    person, place = org.people.get(user.get("userId") or ""), org.locations.get(entry.get("locationId") or "")
    if person is None:
        raise refused(2150012, "User was not found")
    if not org.calling_user(person):
        raise refused(1026010, "User is not a valid Calling User.")
    if place is None or not place.calling:
        raise refused(4152, "Location Not Found")
    if place.id == person.location_id:
        raise refused(1026013, "The source and the target location cannot be the same.")
    return Move(person, place, user.get("extension"), user.get("phoneNumber"))


def refused(code: int, text: str) -> ApiError:
    """A request that is not valid."""
    return ApiError(400, text, code=code)


def findings(config: Config, problems: dict[str, Failure | None]) -> Any:
    """The answer of a check: a list, or within an object (wxc_sdk)."""
    users = user_list(problems)
    return users if config.move_answer == "spec" else {"usersList": users}


def user_list(problems: dict[str, Failure | None]) -> list[dict[str, Any]]:
    """What is in the way of each user; impacts are not simulated."""
    return [
        {"userId": key, "errors": [{"code": why[0], "message": why[1]}] if why else [], "impacts": []}
        for key, why in problems.items()
    ]


# -- moving --------------------------------------------------------------------------------------------------------


def refusal(config: Config, org: Org, move: Move) -> Failure | None:
    """Why the move cannot be: the extension or the number is somebody else's, or not there; or the user has gone."""
    person = move.person
    if person.id not in org.people:
        return 4003, "User Not Found"
    if not org.calling_user(person):
        return 1026010, "User is not a valid Calling User."
    extension = person.extension if move.extension is None else move.extension
    owner = org.extensions.get((move.location.id, extension or ""), person.id)
    if owner != person.id:
        return 4202, f"The extension is not available. It is already assigned to a user : {owner}"
    number = org.numbers.get(move.phone_number) if move.phone_number else None
    if move.phone_number and not can_have(config, person, number, move.location):
        return 27966, f"The phone number, {move.phone_number}, is not available in the new group."
    return None


def carry_out(config: Config, org: Org, move: Move) -> None:
    """An extension that is not named is kept; numbers that are not named move along; empty ones are taken away."""
    person = move.person
    org.before_write(person, config.staleness())
    extension = person.extension if move.extension is None else move.extension
    org.set_extension(person, None)
    person.location_id = move.location.id
    org.set_extension(person, extension or None)
    if move.phone_number is not None:
        org.set_numbers(person, [move.phone_number] if move.phone_number else [])
    for value in person.numbers:
        org.numbers[value].location_id = move.location.id


# -- watching ------------------------------------------------------------------------------------------------------


def show(job: Job) -> dict[str, Any]:
    """A job as JSON; only some answers have its name too."""
    start, end = stamp(job.started), stamp(job.ended) if job.ended is not None else None
    execution: dict[str, Any] = {
        "id": job.number,
        "startTime": start,
        "createdTime": start,
        "lastUpdated": end or start,
        "statusMessage": job.status,
        "exitCode": job.exit_code,
        "timeElapsed": f"PT{(job.ended or job.started) - job.started:.3f}S",
    }
    if end:
        execution["endTime"] = end
    failed = len(job.failed)
    return {
        "id": job.id,
        "trackingId": job.tracking_id,
        "sourceUserId": job.source_user_id,
        "sourceCustomerId": job.org.id,
        "targetCustomerId": job.org.id,
        "instanceId": job.number,
        "jobExecutionStatus": [execution],
        "latestExecutionStatus": job.status,
        "latestExecutionExitCode": job.exit_code,
        "counts": {
            "totalMoves": len(job.moves),
            "moved": len(job.moves) - failed if job.ended is not None else 0,
            "failed": failed,
            "pending": 0,
            "skipped": 0,
        },
    }


def list_jobs(call: Call) -> Response:
    """GET: all jobs, the most recent first."""
    call.require(["spark-admin:telephony_config_read"])
    jobs = [job for job in reversed(call.world.jobs.values()) if job.org is call.org]
    page, headers = call.page(jobs, 2000)
    return answer({"items": [show(job) for job in page]}, headers=headers)


def find(call: Call) -> Job:
    """The job that the path names."""
    call.require(["spark-admin:telephony_config_read"])
    job: Job | None = call.world.jobs.get(call.parameters["id"])
    if job is None or job.org is not call.org:
        raise ApiError(404, NOT_FOUND)
    return job


def show_job(call: Call) -> Response:
    """GET /{id}."""
    return answer({"name": "moveusers", **show(find(call))})


def errors(call: Call) -> Response:
    """GET /{id}/errors. Cisco's example names a user by the bare UUID, wxc_sdk by the whole id."""
    spec = call.world.config.move_answer == "spec"
    items = []
    for number, move in enumerate(find(call).failed):
        code, text = move.failure or (0, "")
        message = [{"code": str(code), "description": text, "locationId": move.location.id}]
        key = move.person.id
        items.append(
            {
                "item": bare(key) if spec else key,
                "itemNumber": number,
                "trackingId": new_tracking_id(),
                "error": {"key": "400", "message": message},
            }
        )
    return answer({"items": items})
