# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another location for people who have calling: a job of Webex, which takes up to 100 of them (Cisco's OpenAPI)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._client import WebexClient
from .._errors import NoAnswer, Refused, RequestError, WebexError
from .._ids import as_segment, bare_id
from .._patience import Patience
from .model import CallingError, Plan

MOVE_PATH = "/telephony/config/jobs/person/moveLocation"
MOST_USERS = 100
# How long a job takes (live), for estimates.
MOVE_SECONDS = 10
# How long a job is looked for after a start with an unclear end, and another job waited for, in seconds.
START_PATIENCE = 30.0
_ENDED = ("COMPLETED", "FAILED", "ABANDONED")
_BUSY_CODE = "BATCH-1001004"

Errors = dict[str, WebexError]


def move(client: WebexClient, plans: Sequence[Plan], patience: Patience) -> Errors:
    """Move the people of *plans* with one job, and wait for its end as long as the client's budget lasts.

    Return the errors of those who were not moved, by bare person id. Raises RequestError if the job could not be
    started or watched: ``unclear`` if it may be under way.
    """
    known = _job_ids(client)
    answer = _start(client, plans, known, patience)
    errors = _refusals(answer)
    if errors:
        return errors
    job = _watched(client, _job_in(answer), patience)
    return _failures(client, job, plans)


def move_body(plans: Sequence[Plan]) -> dict[str, Any]:
    """Return the body of the job: what is left out, the user keeps. An empty number takes the number away (wxc_sdk)."""
    by_location: dict[str, list[dict[str, str]]] = defaultdict(list)
    for plan in plans:
        before, after = plan.before, plan.after
        user = {"userId": str(plan.person["id"])}
        if after.extension and after.extension != before.extension:
            user["extension"] = after.extension
        if after.phone_number != before.phone_number:
            user["phoneNumber"] = after.phone_number or ""
        by_location[str(after.location_id)].append(user)
    return {
        "usersList": [
            {"locationId": location_id, "validate": False, "users": users} for location_id, users in by_location.items()
        ]
    }


def _job_ids(client: WebexClient) -> list[str] | None:
    """Return the ids of the jobs that Webex lists, the most recent first; None if it does not list them."""
    try:
        jobs = client.get(MOVE_PATH, **client.org_params).get("items") or []
    except Refused:
        return None
    return [str(job["id"]) for job in jobs if isinstance(job, dict) and job.get("id")]


def _start(client: WebexClient, plans: Sequence[Plan], known: list[str] | None, patience: Patience) -> dict[str, Any]:
    """Start the job; while another one is running, wait for it. After an unclear end, look for the job that was started.

    Other jobs of Webex answer 409 while one is running; for moves that is not documented.
    """
    for _look in replace(patience, seconds=client.time_left).looks():
        try:
            return client.post(MOVE_PATH, move_body(plans), **client.org_params).data or {}
        except Refused as error:
            if error.status != 409 or _BUSY_CODE not in f"{error.error_codes} {error.words}":
                raise
            busy = error
        except NoAnswer as error:
            if not error.unclear or known is None:
                raise
            return _started_all_the_same(client, known, patience, error)
    raise busy


def _started_all_the_same(
    client: WebexClient, known: list[str], patience: Patience, error: RequestError
) -> dict[str, Any]:
    for _look in patience.at_most(min(START_PATIENCE, client.time_left)).looks():
        new = [job_id for job_id in _job_ids(client) or () if job_id not in known]
        if new:
            return {"response": {"id": new[0]}}
    raise error


def _refusals(answer: Mapping[str, Any]) -> Errors:
    """Return what the first answer says against users, by bare id (wxc_sdk: ``usersList``; spec: a list)."""
    response = answer.get("response", answer)
    users = response if isinstance(response, list) else (response or {}).get("usersList") or []
    return {
        bare_id(str(user.get("userId"))): _refused(_texts_of(user["errors"]))
        for user in users
        if isinstance(user, dict) and user.get("errors")
    }


def _job_in(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job that the answer speaks of, in either form: spec, or wxc_sdk with ``jobDetails``."""
    response = answer.get("response", answer)
    if not isinstance(response, dict):
        return {}
    job = response.get("jobDetails") or response
    return dict(job) if isinstance(job, dict) else {}


def _watched(client: WebexClient, job: dict[str, Any], patience: Patience) -> dict[str, Any]:
    """Return the job when it has ended. Raises RequestError if it does not, as long as the budget lasts."""
    job_id = job.get("id")
    if not job_id:
        raise NoAnswer(
            "Webex's answer to the move names no job, so that its end cannot be waited for.",
            "look at the users in Control Hub, and run again when they have been moved.",
            request=f"POST {MOVE_PATH}",
            unclear=True,
        )
    budget = client.time_left
    if not _has_ended(job):
        path = f"{MOVE_PATH}/{as_segment(str(job_id))}"
        job = replace(patience, seconds=budget).look(
            lambda: {"id": job_id, **client.get(path, **client.org_params)}, _has_ended
        )
    if _has_ended(job):
        return job
    raise NoAnswer(
        f"The move job {job_id} has not ended within {budget:.0f} seconds, which were left of the task's time.",
        "look at it in Control Hub, and run again when it has ended.",
        request=f"POST {MOVE_PATH}",
        unclear=True,
    )


def _has_ended(job: Mapping[str, Any]) -> bool:
    return job.get("latestExecutionStatus") in _ENDED


def _failures(client: WebexClient, job: Mapping[str, Any], plans: Sequence[Plan]) -> Errors:
    """Return the errors of a job that has ended, by bare person id; if it names nobody, they are everybody's."""
    if job.get("latestExecutionStatus") == "COMPLETED" and job.get("latestExecutionExitCode") in (None, "COMPLETED"):
        return {}
    path = f"{MOVE_PATH}/{as_segment(str(job['id']))}/errors"
    texts = {
        bare_id(str(item.get("item") or "")): _texts_of([item])
        for item in client.pages(path, "items", **client.org_params)
    }
    people = {bare_id(str(plan.person["id"])) for plan in plans}
    if texts.keys() & people:
        return {person: _refused(words) for person, words in texts.items()}
    if job.get("latestExecutionExitCode") == "COMPLETED_WITH_PENDING_ORDERS":
        return {}
    every = [text for words in texts.values() for text in words] or [f"the job {job['id']} failed"]
    return dict.fromkeys(people, _refused(every))


def _refused(texts: Sequence[str]) -> CallingError:
    return CallingError(
        f"Webex did not move the user: {'; '.join(texts)}.", "correct what the message names, and run again."
    )


def _texts_of(errors: Any) -> list[str]:
    """Return what errors say: those of the first answer, or items of the job's errors (Cisco's OpenAPI has both)."""
    texts = []
    for error in errors if isinstance(errors, list) else [errors]:
        nested = error.get("error") if isinstance(error, dict) else None
        listed = nested.get("message") if isinstance(nested, dict) else None
        for detail in listed if isinstance(listed, list) else [error]:
            texts.append(_text_of(detail))
    return texts


def _text_of(detail: Any) -> str:
    if not isinstance(detail, dict):
        return str(detail)
    parts = (detail.get("code"), detail.get("message") or detail.get("description"))
    return " ".join(str(part).rstrip(". ") for part in parts if part) or "no message"
