# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError, CallingState, Plan
from ansible_collections.collabops.webex.plugins.module_utils._calling.move import Errors, move, move_body
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, Refused
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.unit.organizations import (
    PROFESSIONAL,
    Json,
    SimulatedOrganization,
    ivan,
    people,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock, Server, asked

PATH = "/v1/telephony/config/jobs/person/moveLocation"
BEFORE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", "+4930001")
AFTER = replace(BEFORE, location_id="london-1", location="London")
ANN, BOB = Plan({"id": "ann"}, BEFORE, AFTER), Plan({"id": "bob"}, BEFORE, AFTER)

NO_JOBS = (200, {"items": []})
STARTED = (201, {"response": {"id": "job/1", "latestExecutionStatus": "STARTED"}})
COMPLETED = (200, {"latestExecutionStatus": "COMPLETED", "latestExecutionExitCode": "COMPLETED"})
FAILED = (200, {"latestExecutionStatus": "FAILED", "latestExecutionExitCode": "FAILED"})


class Webex:
    """A server that answers in order, and what the move job makes of it."""

    def __init__(self, *answers: tuple[int, t.Any], clock: Clock) -> None:
        self.server = Server([(status, {}, json.dumps(body)) for status, body in answers])
        self.clock = clock

    def move(self, *plans: Plan, budget: float = 300, org_id: str | None = None) -> Errors:
        """Move people."""
        settings = Settings(base_url=self.server.base_url, access_token="secret", timeout=10, org_id=org_id)
        patience = Patience(30, self.clock.monotonic, self.clock.sleep)
        with WebexClient(settings, budget) as client:
            return move(client, plans, patience)

    @property
    def asked(self) -> list[str]:
        """The requests."""
        return [f"{method} {path.removeprefix(PATH)}" for method, path, _headers in self.server.requests]


@pytest.fixture
def serve(clock: Clock) -> t.Iterator[t.Callable[..., Webex]]:
    """Starts servers that answer in order, the last answer for ever."""
    running: list[Server] = []

    def start(*answers: tuple[int, t.Any]) -> Webex:
        webex = Webex(*answers, clock=clock)
        running.append(webex.server.__enter__())
        return webex

    yield start
    for server in running:
        server.__exit__()


def messages(errors: Errors) -> dict[str, str]:
    return {person: error.message for person, error in errors.items()}


# The body


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({}, {}),
        ({"extension": "7"}, {"extension": "7"}),
        ({"extension": None}, {}),
        ({"phone_number": "+4420"}, {"phoneNumber": "+4420"}),
        ({"phone_number": None}, {"phoneNumber": ""}),
        ({"extension": "7", "phone_number": "+4420"}, {"extension": "7", "phoneNumber": "+4420"}),
    ],
)
def test_what_is_left_out_the_user_keeps(changes: dict[str, t.Any], sent: Json) -> None:
    assert move_body([Plan({"id": "ann"}, BEFORE, replace(AFTER, **changes))]) == {
        "usersList": [{"locationId": "london-1", "validate": False, "users": [{"userId": "ann", **sent}]}]
    }


def test_users_are_grouped_by_where_they_go() -> None:
    cid = Plan({"id": "cid"}, BEFORE, replace(AFTER, location_id="rome-1"))
    assert move_body([ANN, cid, BOB]) == {
        "usersList": [
            {"locationId": "london-1", "validate": False, "users": [{"userId": "ann"}, {"userId": "bob"}]},
            {"locationId": "rome-1", "validate": False, "users": [{"userId": "cid"}]},
        ]
    }


# The job


@pytest.mark.parametrize(
    "started",
    [
        {"response": {"id": "job/1", "latestExecutionStatus": "STARTED"}},
        {"response": {"jobDetails": {"id": "job/1", "latestExecutionStatus": "STARTING"}, "usersList": []}},
        {"response": {"jobDetails": {"id": "job/1"}, "usersList": [{"userId": "ann", "errors": [], "impacts": []}]}},
        {"jobDetails": {"id": "job/1"}},
    ],
)
def test_both_answers_of_a_job_are_understood_and_its_end_is_waited_for(
    serve: t.Callable[..., Webex], started: Json
) -> None:
    running = (200, {"latestExecutionStatus": "STARTED"})
    webex = serve(NO_JOBS, (201, started), running, COMPLETED)
    assert webex.move(ANN, BOB) == {}
    assert webex.asked == ["GET ", "POST ", "GET /job%2F1", "GET /job%2F1"]
    assert json.loads(webex.server.bodies[1]) == move_body([ANN, BOB])
    assert webex.clock.naps == [0.25]


def test_the_organization_is_named_in_every_request(serve: t.Callable[..., Webex]) -> None:
    webex = serve(NO_JOBS, STARTED, FAILED, NO_JOBS)
    webex.move(ANN, org_id="o1")
    assert all(request.endswith("?orgId=o1") for request in webex.asked)
    assert len(webex.asked) == 4


def test_a_job_that_has_ended_at_once_is_not_asked_for(serve: t.Callable[..., Webex]) -> None:
    webex = serve(NO_JOBS, (201, {"response": {"id": "1", "latestExecutionStatus": "COMPLETED"}}))
    assert webex.move(ANN) == {}
    assert webex.asked == ["GET ", "POST "]


@pytest.mark.parametrize("status", ["FAILED", "ABANDONED"])
def test_a_job_that_failed_and_names_nobody_is_everybodys_failure(serve: t.Callable[..., Webex], status: str) -> None:
    webex = serve(NO_JOBS, STARTED, (200, {"latestExecutionStatus": status}), NO_JOBS)
    message = "Webex did not move the user: the job job/1 failed."
    errors = webex.move(ANN, BOB)
    assert messages(errors) == {"ann": message, "bob": message}
    assert all(error.remedy == "correct what the message names, and run again." for error in errors.values())
    assert webex.asked[-1] == "GET /job%2F1/errors"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (
            [{"item": "BOB", "error": {"key": "400", "message": [{"code": "25378", "description": "Same location."}]}}],
            "25378 Same location",
        ),
        ([{"item": "bob", "error": {"message": [{"code": 1, "message": "a."}, {"description": "b"}]}}], "1 a; b"),
        ([{"item": "bob", "code": 7, "message": "No."}], "7 No"),
        ([{"item": "bob"}], "no message"),
        ([{"item": "bob", "error": "odd", "message": "No"}], "No"),
    ],
)
def test_those_whom_a_job_names_were_not_moved(serve: t.Callable[..., Webex], items: list[Json], words: str) -> None:
    with_errors = (200, {"latestExecutionStatus": "COMPLETED", "latestExecutionExitCode": "COMPLETED_WITH_ERRORS"})
    webex = serve(NO_JOBS, STARTED, with_errors, (200, {"items": items}))
    assert messages(webex.move(ANN, BOB)) == {"bob": f"Webex did not move the user: {words}."}


def test_errors_of_nobody_who_was_asked_for_are_everybodys(serve: t.Callable[..., Webex]) -> None:
    webex = serve(NO_JOBS, STARTED, FAILED, (200, {"items": [{"item": "zoe", "code": 7, "message": "No."}]}))
    message = "Webex did not move the user: 7 No."
    assert messages(webex.move(ANN, BOB)) == {"ann": message, "bob": message}


def test_pending_orders_are_no_failure(serve: t.Callable[..., Webex]) -> None:
    pending = {"latestExecutionStatus": "COMPLETED", "latestExecutionExitCode": "COMPLETED_WITH_PENDING_ORDERS"}
    webex = serve(NO_JOBS, STARTED, (200, pending), NO_JOBS)
    assert webex.move(ANN) == {}


@pytest.mark.parametrize(
    "refusal",
    [
        {"response": {"usersList": [{"userId": "BOB", "errors": [{"code": 4003, "message": "User Not Found."}]}]}},
        {"usersList": [{"userId": "bob", "errors": [{"code": 4003, "message": "User Not Found"}]}, {"userId": "ann"}]},
        {"response": [{"userId": "bob", "errors": [{"code": 4003, "message": "User Not Found"}]}, "odd"]},
        {"response": [{"userId": "bob", "errors": {"code": 4003, "message": "User Not Found"}}]},
        {"response": [{"userId": "bob", "errors": ["4003 User Not Found"]}]},
    ],
)
def test_what_webex_says_against_a_user_at_once_is_an_error(serve: t.Callable[..., Webex], refusal: Json) -> None:
    webex = serve(NO_JOBS, (200, refusal))
    assert messages(webex.move(ANN, BOB)) == {"bob": "Webex did not move the user: 4003 User Not Found."}
    assert webex.asked == ["GET ", "POST "]


@pytest.mark.parametrize("answer", [{}, {"response": {}}, {"response": []}, {"response": None}])
def test_an_answer_without_a_job_has_an_unclear_end(serve: t.Callable[..., Webex], answer: Json) -> None:
    webex = serve(NO_JOBS, (201, answer))
    with pytest.raises(NoAnswer, match="names no job, so that its end cannot be waited for") as error:
        webex.move(ANN)
    assert (error.value.unclear, error.value.request) == (
        True,
        "POST /telephony/config/jobs/person/moveLocation",
    )


def test_a_job_that_does_not_end_is_an_unclear_end_within_the_budget(serve: t.Callable[..., Webex]) -> None:
    webex = serve(NO_JOBS, STARTED, (200, {"latestExecutionStatus": "STARTED"}))
    with pytest.raises(NoAnswer, match="has not ended within 60 seconds.*run again when it has ended") as error:
        webex.move(ANN, budget=60)
    assert error.value.unclear
    assert 50 < sum(webex.clock.naps) <= 60


# Another job, and an unclear start


BUSY = (409, {"message": "Busy", "errors": [{"errorCode": "BATCH-1001004"}]})


@pytest.mark.parametrize("busy", [BUSY, (409, {"message": "BATCH-1001004 another job is running"})])
def test_another_job_is_waited_for(serve: t.Callable[..., Webex], busy: tuple[int, Json]) -> None:
    webex = serve(NO_JOBS, busy, busy, STARTED, COMPLETED)
    assert webex.move(ANN) == {}
    assert webex.asked == ["GET ", "POST ", "POST ", "POST ", "GET /job%2F1"]


def test_another_job_that_does_not_end_is_a_refusal(serve: t.Callable[..., Webex]) -> None:
    webex = serve(NO_JOBS, BUSY)
    with pytest.raises(Refused, match="BATCH-1001004"):
        webex.move(ANN, budget=20)
    assert 10 < sum(webex.clock.naps) <= 20


@pytest.mark.parametrize("answer", [(409, {"message": "Other"}), (400, {"message": "BATCH-1001004"}), (403, {})])
def test_another_refusal_is_not_repeated(serve: t.Callable[..., Webex], answer: tuple[int, Json]) -> None:
    webex = serve(NO_JOBS, answer)
    with pytest.raises(Refused):
        webex.move(ANN)
    assert webex.asked == ["GET ", "POST "]


def test_after_a_lost_answer_the_job_that_was_started_is_looked_for(serve: t.Callable[..., Webex]) -> None:
    old, new = {"id": "old"}, {"id": "new"}
    webex = serve(
        (200, {"items": [old]}), (200, "no object"), (200, {"items": [old]}), (200, {"items": [new, old]}), COMPLETED
    )
    assert webex.move(ANN) == {}
    assert webex.asked == ["GET ", "POST ", "GET ", "GET ", "GET /new"]


def test_a_job_that_does_not_show_after_a_lost_answer_is_an_unclear_end(serve: t.Callable[..., Webex]) -> None:
    webex = serve((200, {"items": [{"id": "old"}]}), (200, "no object"), (200, {"items": [{"id": "old"}]}))
    with pytest.raises(NoAnswer) as error:
        webex.move(ANN)
    assert error.value.unclear
    assert 20 < sum(webex.clock.naps) <= 30
    assert webex.asked.count("POST ") == 1


def test_if_jobs_are_not_listed_none_is_looked_for(serve: t.Callable[..., Webex]) -> None:
    webex = serve((404, {}), (200, "no object"), NO_JOBS)
    with pytest.raises(NoAnswer):
        webex.move(ANN)
    assert webex.asked == ["GET ", "POST "]
    webex = serve((404, {}), STARTED, COMPLETED)
    assert webex.move(ANN) == {}


# With the simulator


def test_without_its_scopes_a_move_is_refused(bulk: SimulatedOrganization) -> None:
    bulk.webex.reset(people=3, enabled=3)
    results = bulk.apply([ivan(location="London"), *people(1, 3, location="London")], allow_move=True)
    for result in results.values():
        # Each says how that user is now, though one job was refused for all of them.
        assert "403" in str(result.error)
        assert str(result.error).count("The user was read again; now enabled: True") == 1
        assert f"extension: {bulk.person(result.who.partition('@')[0])['extension']}" in str(result.error)


def test_a_job_that_fails_says_why(bulk: SimulatedOrganization) -> None:
    bulk.allow_jobs()
    bulk.webex.configure(move_failure="Following devices are in the way.")
    result = bulk.apply_one(ivan(location="London"), allow_move=True)
    assert isinstance(result.error, CallingError)
    assert "Webex did not move the user: 19601 Following devices are in the way" in str(result.error)


@pytest.mark.parametrize("answer", ["wxc_sdk", "spec"])
def test_what_comes_between_plan_and_move_is_an_error(bulk: SimulatedOrganization, answer: str) -> None:
    bulk.allow_jobs()
    bulk.webex.configure(move_answer=answer)
    result = bulk.apply_one(
        ivan(location="London"),
        allow_move=True,
        between=lambda: bulk.add("nora", location="London", extension="2001"),
    )
    assert "did not move the user: 4202 The extension is not available" in str(result.error)
    assert bulk.person("ivan")["location"] == "Berlin"


def test_another_job_of_the_organization_is_waited_for(bulk: SimulatedOrganization, clock: Clock) -> None:
    bulk.webex.reset(people=3, enabled=3)
    bulk.allow_jobs()
    bulk.webex.configure(move_seconds=0.5, one_move_at_a_time=True)
    bulk.clock.on_nap = lambda: time.sleep(0.1)
    with bulk.client() as client:
        london = bulk.webex.location("London")["id"]
        user = {"userId": bulk.webex.person("user00001")["id"]}
        client.post(
            PATH.removeprefix("/v1"), {"usersList": [{"locationId": london, "validate": False, "users": [user]}]}
        )
    result = bulk.apply_one(ivan(location="London"), allow_move=True)
    assert (result.outcome, result.verified) == ("changed", True)
    assert asked(bulk.webex).count(f"POST {PATH.removeprefix('/v1')}") > 2
