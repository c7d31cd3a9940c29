# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that moves a calling user to another location."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loopback.waiting import wait_until
from tests.simulator.ids import bare

from .conftest import Answer, Ids, Webex

PATH = "/telephony/config/jobs/person/moveLocation"


def start(webex: Webex, location: str, name: str = "ivan", validate: bool = False, **user: Any) -> Answer:
    """Ask for a move; the personal access token may do that."""
    users = [{"userId": webex.person(name)["id"], **user}]
    entry = {"locationId": location, "validate": validate, "users": users}
    return webex.call("POST", PATH, {"usersList": [entry]})


def job_of(answer: Answer) -> str:
    """The path of the job that was started."""
    return f"{PATH}/{answer.body['response']['jobDetails']['id']}"


def ended(webex: Webex, job: str) -> dict[str, Any]:
    """The job when it has ended."""
    wait_until(lambda: webex.get(job).body["latestExecutionStatus"] != "STARTED")
    return dict(webex.get(job).body)


def work_number(person: dict[str, Any]) -> str:
    """The phone number of a person."""
    return next(number["value"] for number in person["phoneNumbers"] if number["type"] == "work")


def test_extension_and_number_move_along(admin: Webex, ids: Ids) -> None:
    job = admin.get(job_of(start(admin, ids.london))).body
    assert (job["latestExecutionStatus"], job["counts"]["moved"]) == ("COMPLETED", 1)
    ivan = admin.person("ivan")
    assert (ivan["locationId"], ivan["extension"], work_number(ivan)) == (ids.london, "2001", "+493055502001")
    number = admin.get("/telephony/config/numbers", phoneNumber="+493055502001").body["phoneNumbers"][0]
    assert number["location"]["id"] == ids.london
    assert start(admin, ids.berlin, extension="2002", phoneNumber="+493055502002").status == 201
    ivan = admin.person("ivan")
    assert (ivan["locationId"], ivan["extension"], work_number(ivan)) == (ids.berlin, "2002", "+493055502002")


def test_the_job_takes_its_time(admin: Webex, ids: Ids) -> None:
    admin.simulator.configure(move_seconds=3600)
    assert admin.get(job_of(start(admin, ids.london))).body["latestExecutionStatus"] == "STARTED"
    assert admin.person("ivan")["locationId"] == ids.berlin
    admin.simulator.configure(move_seconds=0.3)
    job = job_of(start(admin, ids.london))
    assert ended(admin, job)["latestExecutionStatus"] == "COMPLETED"
    assert admin.person("ivan")["locationId"] == ids.london
    assert admin.get(job + "/errors").body == {"items": []}


def test_a_job_fails_as_ordered(admin: Webex, ids: Ids) -> None:
    admin.simulator.configure(move_failure="User can only be moved within the same enterprise.")
    job = job_of(start(admin, ids.london))
    assert admin.get(job).body["latestExecutionStatus"] == "FAILED"
    (item,) = admin.get(job + "/errors").body["items"]
    assert item["error"]["message"][0]["description"] == "User can only be moved within the same enterprise."
    assert admin.person("ivan")["locationId"] == ids.berlin


def test_a_validation_moves_nobody(admin: Webex, ids: Ids) -> None:
    said = start(admin, ids.london, validate=True).body["response"]
    assert said["usersList"][0]["errors"] == []
    assert "jobDetails" not in said
    assert admin.person("ivan")["locationId"] == ids.berlin


def test_an_extension_or_number_that_cannot_be_used_is_said_at_once(admin: Webex, ids: Ids) -> None:
    person = {"licenses": [ids.standard], "location": "London", "extension": "2001"}
    admin.simulator.control("POST", "/people", {"email": "nora@example.com", **person})
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 4202),
        ({"extension": "9", "phoneNumber": "+493055502003"}, 27966),
    ]
    for wrong, code in cases:
        said = start(admin, ids.london, **wrong).body["response"]
        assert [error["code"] for error in said["usersList"][0]["errors"]] == [code]
        assert "jobDetails" not in said


def enable(webex: Webex, *names: str) -> list[dict[str, str]]:
    """New calling users in Berlin, and how a job names them."""
    for number, name in enumerate(names):
        options = {"licenses": ["Webex Calling - Standard"], "location": "Berlin", "extension": str(2900 + number)}
        webex.simulator.add_person(f"{name}@example.com", **options)
    people = {person["email"]: person["id"] for person in webex.simulator.state()["people"]}
    return [{"userId": people[f"{name}@example.com"]} for name in names]


def move(webex: Webex, *entries: tuple[str, list[dict[str, str]]]) -> Answer:
    """Ask for a move of several users to several locations."""
    listed = [{"locationId": place, "validate": False, "users": users} for place, users in entries]
    return webex.call("POST", PATH, {"usersList": listed})


def test_the_answer_of_the_description(admin: Webex, ids: Ids) -> None:
    admin.simulator.configure(move_answer="spec")
    answer = start(admin, ids.london)
    assert answer.status == 201
    job = answer.body["response"]
    assert job["latestExecutionStatus"] == "STARTED"
    assert admin.get(f"{PATH}/{job['id']}").body["latestExecutionStatus"] == "COMPLETED"
    checked = start(admin, ids.berlin, validate=True, phoneNumber="+493099")
    assert checked.status == 200
    assert [error["code"] for error in checked.body["response"][0]["errors"]] == [27966]


def test_many_users_to_several_locations(admin: Webex, ids: Ids) -> None:
    admin.simulator.reset(people=99, enabled=99)  # with the extensions 10001 and up
    options = {"licenses": ["Webex Calling - Standard"], "location": "London", "extension": "10050"}
    admin.simulator.add_person("zoe@example.com", **options)
    people = {person["email"].partition("@")[0]: person["id"] for person in admin.simulator.state()["people"]}
    zoe = {"userId": people.pop("zoe"), "extension": "2999"}
    users = {name: {"userId": key} for name, key in people.items() if name.startswith("user")}
    # The extension of user00050 is zoe's, who gives it back too late.
    answer = move(admin, (ids.london, list(users.values())), (ids.berlin, [zoe]))
    assert [user["userId"] for user in answer.body["response"]["usersList"] if user["errors"]] == [people["user00050"]]
    del users["user00050"]
    answer = move(admin, (ids.london, list(users.values())), (ids.berlin, [zoe]))
    counts = {"totalMoves": 99, "moved": 99, "failed": 0, "pending": 0, "skipped": 0}
    assert admin.get(job_of(answer)).body["counts"] == counts
    places = {person["email"]: person["location"] for person in admin.simulator.state()["people"]}
    assert (places["user00099@example.com"], places["zoe@example.com"]) == ("London", "Berlin")
    assert places["user00050@example.com"] == "Berlin"


def test_some_users_of_a_job_fail(admin: Webex, ids: Ids) -> None:
    users = enable(admin, "nora", "otto", "paul")
    admin.simulator.add_person(
        "quinn@example.com", licenses=["Webex Calling - Standard"], location="London", extension="2902"
    )
    admin.simulator.configure(move_answer="spec", move_failures={"otto@example.com": "User is pilot user."})
    job = move(admin, (ids.london, users)).body["response"]["id"]
    shown = admin.get(f"{PATH}/{job}").body
    assert (shown["latestExecutionStatus"], shown["latestExecutionExitCode"]) == ("COMPLETED", "COMPLETED_WITH_ERRORS")
    assert (shown["counts"]["totalMoves"], shown["counts"]["moved"], shown["counts"]["failed"]) == (3, 1, 2)
    found = {item["item"]: item["error"]["message"][0] for item in admin.get(f"{PATH}/{job}/errors").body["items"]}
    assert [message["code"] for message in found.values()] == ["19601", "4202"]
    assert list(found) == [bare(users[1]["userId"]), bare(users[2]["userId"])]
    assert admin.simulator.person("nora")["location"] == "London"
    assert admin.simulator.person("otto")["location"] == admin.simulator.person("paul")["location"] == "Berlin"
    admin.simulator.configure(move_answer="wxc_sdk")
    assert admin.get(f"{PATH}/{job}/errors").body["items"][0]["item"] == users[1]["userId"]


def test_who_has_gone_meanwhile_is_not_moved(admin: Webex, ids: Ids) -> None:
    users = enable(admin, "nora", "otto")
    admin.simulator.configure(move_seconds=0.3)
    job = job_of(move(admin, (ids.london, users)))
    assert admin.call("DELETE", f"/people/{users[0]['userId']}").status == 204
    assert admin.put("otto", licenses=[]).status == 200
    assert ended(admin, job)["latestExecutionStatus"] == "FAILED"
    found = [item["error"]["message"][0]["code"] for item in admin.get(job + "/errors").body["items"]]
    assert found == ["4003", "1026010"]
    assert admin.simulator.person("otto")["location"] is None


def test_one_move_at_a_time(admin: Webex, ids: Ids) -> None:
    users = enable(admin, "nora", "otto")
    admin.simulator.configure(move_seconds=3600, one_move_at_a_time=True)
    assert move(admin, (ids.london, users[:1])).status == 201
    refused = move(admin, (ids.london, users[1:]))
    assert (refused.status, refused.code) == (409, "BATCH-1001004")
    admin.simulator.configure(one_move_at_a_time=False)
    assert move(admin, (ids.london, users[1:])).status == 201
    first, second = admin.get(PATH).body["items"]
    assert first["instanceId"] > second["instanceId"]
    assert [len(page) for page in admin.pages(PATH, max=1)] == [1, 1]


@pytest.mark.parametrize(
    "missing", ["spark-admin:telephony_config_write", "spark-admin:people_write", "identity:groups_rw"]
)
def test_a_move_needs_three_scopes(admin: Webex, ids: Ids, missing: str) -> None:
    scopes = {"spark-admin:telephony_config_write", "spark-admin:people_write", "identity:groups_rw"}
    entry = {"locationId": ids.london, "validate": False, "users": [{"userId": admin.person("ivan")["id"]}]}
    for granted, status in ((scopes - {missing}, 403), (scopes, 201)):
        token = admin.simulator.token(kind="service_app", scopes=sorted(granted))["access_token"]
        answer = Webex(admin.simulator, token).call("POST", PATH, {"usersList": [entry]})
        assert answer.status == status


def test_what_cannot_be_asked_for(admin: Webex, webex: Webex, ids: Ids) -> None:
    assert start(webex, ids.london).status == 403
    assert start(admin, ids.berlin).code == 1026013
    assert start(admin, ids.warehouse).code == 4152
    assert start(admin, ids.london, "alice").code == 1026010
    ivan = {"userId": admin.person("ivan")["id"]}
    entry = {"locationId": ids.london, "validate": False, "users": [ivan]}
    for wrong, code in (
        ([], 1026011),
        ([{**entry, "users": []}], 1026012),
        ([{**entry, "users": [ivan, ivan]}], 1026019),
        ([entry, entry], 1026019),
        ([{**entry, "users": [{"userId": str(n)} for n in range(101)]}], 1026018),
        ([{**entry, "validate": True, "users": [ivan, {"userId": "x"}]}], 1026020),
        ([{**entry, "users": [{"userId": "unknown"}]}], 2150012),
        ([{"locationId": ids.london, "users": [ivan]}], 1026006),
    ):
        assert admin.call("POST", PATH, {"usersList": wrong}).code == code
    assert admin.get(PATH + "/unknown").status == 404


@pytest.mark.parametrize(
    "wrong", [{"move_seconds": "1"}, {"move_failure": None}, {"move_answer": "x"}, {"move_failures": []}]
)
def test_the_settings_have_types(admin: Webex, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no value for"):
        admin.simulator.configure(**wrong)
