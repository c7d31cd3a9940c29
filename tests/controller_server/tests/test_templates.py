# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects, job templates, surveys, launches, schedules, workflows and notifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.controller_server.process import Controller

from .conftest import Client, bearer

QUESTION = {"type": "textarea", "question_name": "Users", "variable": "users", "required": True, "max": 10_000_000}
SURVEY = {"name": "s", "description": "d", "spec": [QUESTION]}
DAILY = "DTSTART;TZID=Europe/Berlin:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1"


@pytest.fixture
def template(awx: Controller, admin: Client) -> dict[str, Any]:
    """A job template with the credential, and nothing that it asks for."""
    place = admin.find("organizations", "Webex")["id"]
    project = admin.post(
        "projects/", name="P", organization=place, scm_type="git", scm_url="https://git.example/p"
    ).body
    inventory = admin.post("inventories/", name="I", organization=place).body
    made = admin.post(
        "job_templates/",
        name="J",
        project=project["id"],
        inventory=inventory["id"],
        playbook="a.yml",
        extra_vars="x: 1",
    )
    assert made.status == 201
    credential = admin.find("credentials", "App")["id"]
    assert admin.post(f"{made.body['url']}credentials/", id=credential).status == 204
    return dict(made.body)


# -- projects ------------------------------------------------------------------------------------------------------------


def test_updates_of_a_project(awx: Controller, admin: Client) -> None:
    assert admin.post("projects/", name="P", scm_type="git").body == {"scm_url": ["SCM URL is required."]}
    made = admin.post("projects/", name="P", scm_type="git", scm_url="https://git.example/p").body
    assert (made["status"], made["scm_revision"]) == ("running", "")
    assert "current_update" in made["summary_fields"]
    project = admin.get(made["url"]).body
    assert (project["status"], len(project["scm_revision"])) == ("successful", 40)
    awx.configure(update_seconds=3600)
    assert admin.patch(made["url"], description="x").body["status"] == "successful"
    assert admin.patch(made["url"], scm_branch="other").body["status"] == "running"
    assert admin.get(made["url"]).body["scm_revision"] == project["scm_revision"]
    awx.configure(clock_offset=3601)
    assert admin.get(made["url"]).body["scm_revision"] != project["scm_revision"]
    started = admin.post(f"{made['url']}update/")
    assert (started.status, started.body["type"], started.body["finished"]) == (202, "project_update", None)


def test_playbooks_are_files(admin: Client, template: dict[str, Any]) -> None:
    answer = admin.patch(template["url"], playbook="collabops.webex.refresh")
    assert answer.said == (400, {"playbook": ["Playbook not found for project."]})


def test_which_files_are_playbooks(awx: Controller, admin: Client, template: dict[str, Any], tmp_path: Path) -> None:
    for name, text in {
        "site.yml": "- name: x\n  hosts: all\n",
        "playbooks/more.yaml": "- import_playbook: ../site.yml\n",
        "vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n",
        "vars.yml": "a: 1\n",
        "roles/r/tests/test.yml": "- hosts: all\n",
        "tasks/t.yml": "- hosts: all\n",
        ".github/x.yml": "- hosts: all\n",
        "notes.txt": "- hosts: all\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = admin.find("projects", "P")["url"]
    admin.patch(project, scm_url=str(tmp_path))
    assert admin.get(f"{project}playbooks/").body == ["playbooks/more.yaml", "site.yml", "vault.yml"]
    assert admin.patch(template["url"], playbook="vars.yml").status == 400
    assert admin.patch(template["url"], playbook="site.yml").status == 200
    awx.configure(playbooks=["other.yml"])
    assert admin.patch(template["url"], playbook="other.yml").status == 200


# -- job templates and launches --------------------------------------------------------------------------------------------


def test_a_template_needs_a_project_and_an_inventory(admin: Client, template: dict[str, Any]) -> None:
    asked = {"name": "K", "project": template["project"], "inventory": template["inventory"], "playbook": "a.yml"}
    for name, why in (
        ("project", "Job Templates must have a project assigned."),
        ("inventory", "You must either set a default value or ask to prompt on launch."),
        ("playbook", "Must select playbook for project."),
    ):
        rest = {key: value for key, value in asked.items() if key != name}
        assert admin.post("job_templates/", **rest).said == (400, {name: [why]})
    assert template["organization"] == admin.find("organizations", "Webex")["id"]
    why = "Job template with this Organization and Name already exists."
    assert admin.post("job_templates/", **{**asked, "name": "J"}).body == {"__all__": [why]}


def test_one_credential_of_a_type(awx: Controller, admin: Client, template: dict[str, Any]) -> None:
    number = awx.add("credentials", "Other", organization="Webex", credential_type="Webex Service App")
    answer = admin.post(f"{template['url']}credentials/", id=number)
    assert answer.said == (400, {"error": "Cannot assign multiple Webex Service App credentials."})
    first = admin.find("credentials", "App")["id"]
    assert admin.post(f"{template['url']}credentials/", id=first, disassociate=True).status == 204
    assert admin.post(f"{template['url']}credentials/", id=number).status == 204
    assert admin.names(f"{template['url']}credentials/") == ["Other"]


def test_what_nobody_asks_for_is_ignored(admin: Client, template: dict[str, Any]) -> None:
    answer = admin.post(f"{template['url']}launch/", extra_vars={"x": 1, "y": 2}, limit="one", nonsense=True)
    assert (answer.status, answer.body["ignored_fields"]) == (201, {"extra_vars": {"y": 2}, "limit": "one"})
    assert json.loads(answer.body["extra_vars"]) == {"x": 1}
    admin.patch(template["url"], ask_variables_on_launch=True, ask_limit_on_launch=True)
    answer = admin.post(f"{template['url']}launch/", extra_vars="y: 2", limit="one")
    assert (answer.body["ignored_fields"], answer.body["limit"]) == ({}, "one")
    assert json.loads(answer.body["extra_vars"]) == {"x": 1, "y": 2}


def test_a_survey(admin: Client, template: dict[str, Any]) -> None:
    page = f"{template['url']}survey_spec/"
    assert admin.get(page).body == {}
    assert admin.post(page, **SURVEY).status == 200
    assert admin.get(page).body == SURVEY
    admin.patch(template["url"], survey_enabled=True)
    launch = f"{template['url']}launch/"
    assert admin.get(launch).body["variables_needed_to_start"] == ["users"]
    assert admin.post(launch).said == (400, {"variables_needed_to_start": ["'users' value missing"]})
    assert admin.post(launch, extra_vars={"users": 3}).status == 400
    users = "a@example.com\r\nb@example.com"
    answer = admin.post(launch, extra_vars={"users": users, "state": "absent"})
    assert answer.body["ignored_fields"] == {"extra_vars": {"state": "absent"}}
    assert json.loads(answer.body["extra_vars"])["users"] == users
    assert admin.delete(page).status == 200
    assert admin.get(page).body == {}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"type": "choice"}, "is not one of"),
        ({"required": "yes"}, "'required' in survey question 0 expected to be boolean."),
        ({"type": "integer", "default": "x"}, "Default value x in survey question 0 expected to be integer."),
        ({"max": "9"}, "The max limit in survey question 0 expected to be integer."),
        ({"type": "multiplechoice"}, "must specify choices"),
        ({"type": "password", "default": "$encrypted$"}, "may not be used for new default in position 0"),
    ],
)
def test_refused_surveys(admin: Client, template: dict[str, Any], question: dict[str, Any], why: str) -> None:
    answer = admin.post(f"{template['url']}survey_spec/", **{**SURVEY, "spec": [{**QUESTION, **question}]})
    assert answer.status == 400
    assert why in answer.body["error"]


def test_a_secret_default_of_a_survey(awx: Controller, admin: Client, template: dict[str, Any]) -> None:
    page = f"{template['url']}survey_spec/"
    question = {**QUESTION, "type": "password", "default": "swordfish"}
    admin.post(page, **{**SURVEY, "spec": [question]})
    shown = admin.get(page).body
    assert shown["spec"][0]["default"] == "$encrypted$"
    assert "swordfish" not in f"{awx.state()}{awx.journal()}"
    assert admin.post(page, **shown).status == 200
    admin.patch(template["url"], survey_enabled=True)
    answer = admin.post(f"{template['url']}launch/", extra_vars={"users": "x" * 3})
    assert json.loads(answer.body["extra_vars"])["users"] == "xxx"


def test_required_inputs_are_looked_at_by_a_launch(awx: Controller, admin: Client, template: dict[str, Any]) -> None:
    url = admin.find("credentials", "App")["url"]
    assert admin.patch(url, inputs={"client_id": ""}).status == 200
    job = admin.post(f"{template['url']}launch/").body
    job = admin.get(job["url"]).body
    assert (job["status"], job["failed"]) == ("failed", True)
    assert job["job_explanation"] == (
        "Job cannot start because Credential App does not provide one or more required fields "
        "(client_id, refresh_token)."
    )


def test_how_a_job_ends(awx: Controller, admin: Client, template: dict[str, Any]) -> None:
    awx.configure(job_seconds=60, job_status="failed")
    job = admin.post(f"{template['url']}launch/").body
    assert admin.get(job["url"]).body["status"] == "running"
    assert not admin.get(job["url"]).body["event_processing_finished"]
    awx.configure(clock_offset=61)
    assert admin.get(job["url"]).body["status"] == "failed"
    assert admin.names(f"{template['url']}jobs/") == ["J"]


def test_who_launches(awx: Controller, admin: Client, member: Client, template: dict[str, Any]) -> None:
    assert member.post(f"{template['url']}launch/").status == 403
    role = template["summary_fields"]["object_roles"]["execute_role"]["id"]
    admin.post(f"roles/{role}/users/", id=admin.find("users", "refresher")["id"])
    assert member.post(f"{template['url']}launch/").status == 201
    assert member.patch(template["url"], name="x").status == 403


# -- schedules, workflows, notifications -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        DAILY,
        "DTSTART:20260101T030000Z RRULE:FREQ=HOURLY;INTERVAL=1",
        "DTSTART:20260101T030000Z RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU RRULE:FREQ=MINUTELY;INTERVAL=5",
        "DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20270101T000000Z EXRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
    ],
)
def test_rules_that_are_taken(admin: Client, template: dict[str, Any], rule: str) -> None:
    made = admin.post("schedules/", name="S", unified_job_template=template["id"], rrule=rule)
    assert (made.status, made.body["rrule"]) == (201, rule)
    assert admin.names(f"{template['url']}schedules/") == ["S"]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=1", "Valid DTSTART required"),
        ("DTSTART:20260101T030000Z RRULE:FREQ=DAILY", "INTERVAL required in rrule: RULE:FREQ=DAILY"),
        ("DTSTART:20260101T030000Z RRULE:FREQ=SECONDLY;INTERVAL=1", "SECONDLY is not supported"),
        ("DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20260102T030000Z", "EXDATE not allowed"),
        ("DTSTART:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1", "cannot be a naive datetime"),
        ("DTSTART;TZID=Mars/Base:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1", "rrule parsing failed validation"),
    ],
)
def test_rules_that_are_refused(admin: Client, template: dict[str, Any], rule: str, why: str) -> None:
    answer = admin.post("schedules/", name="S", unified_job_template=template["id"], rrule=rule)
    assert answer.status == 400
    assert why in answer.body["rrule"][0]


def test_a_schedule_answers_the_survey(admin: Client, template: dict[str, Any]) -> None:
    admin.post(f"{template['url']}survey_spec/", **SURVEY)
    admin.patch(template["url"], survey_enabled=True)
    new = {"name": "S", "unified_job_template": template["id"], "rrule": DAILY}
    assert admin.post("schedules/", **new, extra_data={}).status == 400
    assert admin.post("schedules/", **new, extra_data={"users": "a", "other": "b"}).body == {
        "extra_data": [
            "Variables other are not allowed on launch. Check the Prompt on Launch setting on the Job Template to "
            "include Extra Variables."
        ]
    }
    assert admin.post("schedules/", **new, extra_data={"users": "a"}).status == 201


def test_a_workflow(awx: Controller, admin: Client, template: dict[str, Any]) -> None:
    flow = admin.post("workflow_job_templates/", name="W", organization=template["organization"]).body
    nodes = [
        admin.post("workflow_job_template_nodes/", workflow_job_template=flow["id"], identifier=name).body
        for name in ("first", "ask")
    ]
    assert admin.patch(nodes[0]["url"], unified_job_template=template["id"]).status == 200
    approval = admin.post(nodes[1]["related"]["create_approval_template"], name="May I", timeout=60)
    assert (approval.status, approval.body["type"]) == (201, "workflow_approval_template")
    assert admin.get(f"{approval.body['url']}success_nodes/").status == 404
    assert admin.post(f"{nodes[0]['url']}success_nodes/", id=nodes[1]["id"]).status == 204
    assert admin.get(nodes[0]["url"]).body["success_nodes"] == [nodes[1]["id"]]
    assert admin.post("workflow_job_template_nodes/", workflow_job_template=flow["id"], identifier="ask").status == 400
    found = admin.get("unified_job_templates/", name="May I").body["results"][0]
    assert admin.get(nodes[1]["url"]).body["unified_job_template"] == found["id"]
    assert admin.get("unified_job_templates/", type="job_template").body["count"] == 1
    assert admin.post(f"{flow['url']}launch/").body["workflow_job"]
    # Approvals are among all that can be run, in no organization; and an administrator of the workflow links them.
    in_organization = admin.names("unified_job_templates/", organization=template["organization"])
    assert ("W" in in_organization, "May I" in in_organization) == (True, False)
    owner = admin.as_user(bearer(awx.add_user("owner", organization="Webex", admin=True)["token"]))
    assert owner.post(f"{nodes[1]['url']}always_nodes/", id=nodes[0]["id"]).status == 204
    assert admin.delete(flow["url"]).status == 204
    assert awx.state()["workflow_job_template_nodes"] == []
    assert awx.state()["workflow_approval_templates"] == []


def test_notifications(awx: Controller, admin: Client) -> None:
    place = admin.find("organizations", "Webex")["id"]
    new = {"name": "N", "organization": place, "notification_type": "webhook"}
    answer = admin.post("notification_templates/", **new, notification_configuration={"url": "https://ops.example"})
    assert answer.body == {"__all__": ["Missing required fields for Notification Configuration: ['headers']."]}
    configuration = {"url": "https://ops.example", "headers": {}, "password": "swordfish"}
    made = admin.post("notification_templates/", **new, notification_configuration=configuration).body
    shown = made["notification_configuration"]
    assert (shown["password"], shown["http_method"]) == ("$encrypted$", "POST")
    assert admin.patch(made["url"], notification_configuration=shown).status == 200
    assert "swordfish" not in f"{awx.state()}{awx.journal()}"
    messages = {"succes": {"message": "x"}}
    assert admin.patch(made["url"], messages=messages).status == 400
