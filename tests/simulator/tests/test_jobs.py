# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that moves a calling user to another location."""

from __future__ import annotations

import time
from typing import Any

import pytest

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
    admin.simulator.configure(move_seconds=0.3)
    job = job_of(start(admin, ids.london))
    assert admin.get(job).body["latestExecutionStatus"] == "STARTED"
    assert admin.person("ivan")["locationId"] == ids.berlin
    deadline = time.monotonic() + 5
    while admin.get(job).body["latestExecutionStatus"] == "STARTED":
        assert time.monotonic() < deadline
        time.sleep(0.05)
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


@pytest.mark.parametrize("wrong", [{"move_seconds": "1"}, {"move_failure": None}])
def test_the_settings_have_types(admin: Webex, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no value for"):
        admin.simulator.configure(**wrong)
