# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook configure_awx: all is set up, the jobs do their work, a second run changes nothing, and all is taken away.

It needs the collection awx.awx.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.awx.life import live
from tests.awx.support import CONFIGURE, ENABLE, HEALTH, PASSWORD, REFRESH, REPORT, USER, VALIDATE, Setup
from tests.controller_server.jobs import ACCESS_TOKEN, AWX_ACCESS, SERVICE_APP
from tests.controller_server.process import Controller
from tests.integration.scenarios.conftest import Workplace

WORKFLOW = "Webex: enable calling users with approval"


def test_from_an_empty_awx_to_the_first_nights(setup: Setup, awx: Controller) -> None:
    # A superuser makes what nobody else may make, and an administrator of the organization the rest.
    setup.configure(awx_parts=["superuser"])
    owner = awx.add_user("owner", organization="Webex", admin=True)["token"]
    setup.configure(owner, awx_parts=["organization"])
    check_jobs(awx)
    check_workflow(awx)

    # In both of these nights the token is due.
    assert live(setup, nights=(0, 10), mornings=(10,)) == [0, 10]
    rotated = awx.secret_inputs(SERVICE_APP)

    # Setting it up again, even with the refresh token of the first day, changes nothing.
    things, tokens = setup.things(), awx.state()["tokens"]
    awx.clear_journal()
    again = setup.configure()
    assert again.changed() == 0
    assert "WARNING" not in again.output
    assert setup.writes() == []
    assert (setup.things(), awx.state()["tokens"]) == (things, tokens)
    assert awx.secret_inputs(SERVICE_APP) == rotated


def check_jobs(awx: Controller) -> None:
    """Each job has what it needs and no more, and who launches one can set nothing but the answers of the survey."""
    templates = {template["name"]: template for template in awx.state()["job_templates"]}
    assert {name: template["credentials"] for name, template in templates.items()} == {
        REFRESH: [SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS],
        HEALTH: [SERVICE_APP, ACCESS_TOKEN],
        VALIDATE: [ACCESS_TOKEN],
        ENABLE: [ACCESS_TOKEN],
        REPORT: [],
    }
    for template in [*templates.values(), awx.named("workflow_job_templates", WORKFLOW)]:
        asked = {name for name, value in template.items() if name.startswith("ask_") and value}
        assert (asked, template["allow_simultaneous"]) == (set(), False)
        assert template["notification_templates_error"] == ["Webex operators"]
    schedules = {schedule["unified_job_template"]: schedule["rrule"] for schedule in awx.state()["schedules"]}
    assert schedules == {
        REFRESH: "DTSTART;TZID=Etc/UTC:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1",
        HEALTH: "DTSTART;TZID=Etc/UTC:20260101T070000 RRULE:FREQ=DAILY;INTERVAL=1",
    }


def check_workflow(awx: Controller) -> None:
    """Refresh, validate, approve, enable, and report whatever came of it."""
    nodes = {node["identifier"]: node for node in awx.state()["workflow_job_template_nodes"]}
    assert {name: (node["success_nodes"], node["always_nodes"]) for name, node in nodes.items()} == {
        "refresh": (["validate"], []),
        "validate": (["approve"], []),
        "approve": (["enable"], []),
        "enable": ([], ["report"]),
        "report": ([], []),
    }
    assert awx.named("workflow_job_templates", WORKFLOW)["survey_spec"]["spec"][0]["variable"] == "calling_users_text"


@pytest.mark.long
def test_it_is_taken_away_from_an_organization_of_somebody_else(setup: Setup, awx: Controller) -> None:
    before = setup.things()
    setup.configure()
    # What was there still is. A password will do.
    awx.add("inventories", "Somebody else's", organization="Webex")
    by_password = {"awx_token": "", "awx_username": "admin", "awx_password": awx.admin_password}
    others = setup.configure(awx_state="absent", **by_password)
    assert "The organization Webex stays, since other things are in it (1)." in others.output
    (inventory,) = setup.things()["inventories"]
    assert inventory["name"] == "Somebody else's"
    left = {path: [thing for thing in things if thing not in before[path]] for path, things in setup.things().items()}
    assert {path for path, things in left.items() if things} == {"inventories", "organizations"}


@pytest.mark.long
def test_behind_the_gateway_of_an_automation_platform(setup: Setup, awx: Controller) -> None:
    """What is known of it was read, not run: organization, team, user and token are given."""
    awx.configure(flavor="aap")
    setup.prefix = "/api/controller/v2/"
    awx.add("organizations", "Webex")
    token = awx.add_user(USER, password=PASSWORD, organization="Webex")["token"]
    awx.add("teams", "Webex token keepers", organization="Webex", roles={"member_role": [USER]})
    given = {"awx_given": ["organization", "team", "user"], "awx_service_user_token": token, "awx_with_workflow": False}
    before = setup.things()
    setup.configure(**given)
    assert setup.launch(REFRESH).status == "successful"
    health = setup.launch(HEALTH)
    assert (health.status, "WARNING" in health.output) == ("successful", False)
    assert setup.launch(VALIDATE).status == "successful"
    assert awx.state()["workflow_job_templates"] == []
    things = setup.things()
    awx.clear_journal()
    assert setup.configure(**given).changed() == 0
    assert setup.writes() == []
    assert setup.things() == things
    setup.configure(**given, awx_state="absent")
    assert setup.things() == before
    assert setup.configure(**given, awx_state="absent").changed() == 0


@pytest.mark.long
def test_what_can_be_switched_and_a_user_of_another_organization(setup: Setup, awx: Controller) -> None:
    awx.add_user(USER, password=PASSWORD, organization="Default")
    switches = {"awx_service_user_login": "password", "awx_with_approval": False, "awx_health_rrule": ""}
    setup.configure(**switches)
    access = awx.secret_inputs(AWX_ACCESS)
    assert (access["username"], access["password"], access.get("token")) == (USER, PASSWORD, None)
    assert setup.launch(REFRESH).status == "successful"
    nodes = {node["identifier"]: node["success_nodes"] for node in awx.state()["workflow_job_template_nodes"]}
    assert nodes == {"refresh": ["validate"], "validate": ["enable"], "enable": [], "report": []}
    assert [schedule["unified_job_template"] for schedule in awx.state()["schedules"]] == [REFRESH]


REPORTS: list[tuple[dict[str, Any], int, str]] = [
    ({}, 2, "ended before it had a result"),
    ({"counts": {"ok": 1, "failed": 0, "skipped": 0}, "failed": [], "skipped": []}, 0, "Everybody on the list"),
    ({"counts": {"failed": 1, "skipped": 0}, "failed": ["bob@example.com"], "skipped": []}, 2, "bob@example.com"),
]


@pytest.mark.parametrize(("handed_on", "status", "words"), REPORTS)
def test_the_report_fails_if_somebody_was_not_enabled(
    user: Workplace, handed_on: dict[str, Any], status: int, words: str
) -> None:
    variables = {"calling_users": handed_on} if handed_on else {}
    run = user.play("collabops.webex.report_calling_users", "-e", json.dumps(variables))
    assert (run.status, words in run.output) == (status, True)


def test_without_what_it_needs_it_says_so_before_it_makes_anything(setup: Setup, awx: Controller) -> None:
    setup.variables = {}
    access = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.admin_token}
    run = setup.user.play(CONFIGURE, **access)
    assert (run.status, "awx_execution_environment_image" in run.output) == (2, True)
    assert awx.journal() == []
