# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook configure_awx: all is set up, the jobs do their work, a second run changes nothing, and all is taken away.

It needs the collection awx.awx.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.controller_server.process import Controller
from tests.integration.scenarios.conftest import COLLECTION, Run, Workplace
from tests.simulator.process import Simulator

CONFIGURE = "collabops.webex.configure_awx"
SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS = "Webex Service App", "Webex Access Token", "Webex: AWX access"
REFRESH, VALIDATE, HEALTH = "Webex: refresh token", "Webex: validate scopes", "Webex: token health"
ENABLE, REPORT = "Webex: enable calling users", "Webex: report calling users"
WORKFLOW = "Webex: enable calling users with approval"
USER, PASSWORD = "webex-refresh", "the-password-of-the-refresher"
NOTIFICATION = {
    "awx_notification": "Webex operators",
    "awx_notification_type": "slack",
    "awx_notification_configuration": {"token": "the-token-of-the-chat", "channels": ["#webex"]},
}
# Of the environment of whoever runs the tests, a job has nothing.
NOTHING = {f"WEBEX_{name}": "" for name in ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}


class Setup:
    """A person who sets up a controller, for the service app of a Webex."""

    def __init__(self, awx: Controller, webex: Simulator, user: Workplace, outside: Path) -> None:
        self.awx, self.webex, self.user, self.outside = awx, webex, user, outside
        webex.configure(rotate_refresh_tokens=True)
        app = webex.credentials["service_app"]
        self.variables: dict[str, Any] = {
            "awx_service_app": {
                **{name: app[name] for name in ("client_id", "client_secret", "refresh_token")},
                "base_url": webex.base_url,
            },
            "awx_service_user_password": PASSWORD,
            "awx_execution_environment_image": "registry.example/webex:1",
            **NOTIFICATION,
        }
        self._jobs = 0

    def configure(self, token: str = "", **variables: Any) -> Run:
        """Run the playbook, as the superuser or with a token."""
        secrets = self.outside / "secrets.json"
        secrets.write_text(json.dumps({**self.variables, **variables}), encoding="utf-8")
        access = {"CONTROLLER_HOST": self.awx.url, "CONTROLLER_OAUTH_TOKEN": token or self.awx.admin_token}
        run = self.user.play(CONFIGURE, "-e", f"@{secrets}", **access)
        assert run.status == 0, "\n".join(run.failures())
        return run

    def things(self) -> dict[str, Any]:
        """The state of the controller, without what runs leave behind."""
        return {path: things for path, things in self.awx.state().items() if path not in ("project_updates", "tokens")}

    def writes(self) -> list[Any]:
        """What the journal has of requests that write."""
        return [entry for entry in self.awx.journal() if entry["method"] != "GET"]

    def job(self, template: str, **answers: Any) -> Run:
        """What AWX would run: the playbook of a template, with its credentials, its variables and answers to its survey."""
        shown = self.awx.named("job_templates", template)
        self._jobs += 1
        environment = self._inject(shown["credentials"], self.outside / f"job{self._jobs}")
        variables = {**json.loads(shown["extra_vars"]), **answers, "awx_job_id": self._jobs}
        playbook = str(COLLECTION / shown["playbook"])
        return self.user.play(playbook, "-e", json.dumps(variables), **NOTHING, **environment)

    def _inject(self, credentials: Sequence[str], folder: Path) -> dict[str, str]:
        folder.mkdir()
        injected = self.awx.injected(credentials, str(folder))
        for path, text in injected["files"].items():
            Path(path).touch(mode=0o600)
            Path(path).write_text(text, encoding="utf-8")
        return {"JOB_ID": str(self._jobs), "AWX_PRIVATE_DATA_DIR": "/runner", **injected["env"]}


@pytest.fixture
def setup(awx: Controller, webex: Simulator, user: Workplace, outside: Path) -> Setup:
    """The person."""
    return Setup(awx, webex, user, outside)


def test_from_an_empty_awx_to_the_first_night_and_back(setup: Setup, awx: Controller, webex: Simulator) -> None:
    before = setup.things()

    # A superuser makes what nobody else may make, and an administrator of the organization the rest.
    setup.configure(awx_parts=["superuser"])
    owner = awx.add_user("owner", organization="Webex", admin=True)["token"]
    setup.configure(owner, awx_parts=["organization"])
    check_jobs(awx)
    check_workflow(awx)

    # The first night.
    first_token = awx.secret_inputs(SERVICE_APP)["refresh_token"]
    night = setup.job(REFRESH)
    assert (night.status, night.changed()) == (0, 1)
    assert "They are in Webex Service App and Webex Access Token." in night.output
    rotated = awx.secret_inputs(SERVICE_APP)
    assert rotated["refresh_token"] != first_token
    health = setup.job(HEALTH)
    assert (health.status, "WARNING" in health.output) == (0, False)
    assert setup.job(VALIDATE).status == 0
    answers = {"calling_users_text": "email,extension\nalice@example.com,2002\n", "calling_users_location": "Berlin"}
    assert setup.job(ENABLE, **answers, calling_users_check_mode="no").status == 0
    webex.clear_journal()
    assert setup.job(REFRESH).changed() == 0
    assert webex.journal() == []

    # Setting it up again, even with the refresh token of the first day, changes nothing.
    things, tokens = setup.things(), awx.state()["tokens"]
    awx.clear_journal()
    again = setup.configure()
    assert again.changed() == 0
    assert "WARNING" not in again.output
    assert setup.writes() == []
    assert (setup.things(), awx.state()["tokens"]) == (things, tokens)
    assert awx.secret_inputs(SERVICE_APP) == rotated

    # In an organization of somebody else, too, nothing is left, and what was there still is.
    awx.add("inventories", "Somebody else's", organization="Webex")
    others = setup.configure(awx_state="absent")
    assert "The organization Webex stays, since other things are in it (1)." in others.output
    (inventory,) = setup.things()["inventories"]
    assert inventory["name"] == "Somebody else's"
    left = {path: [thing for thing in things if thing not in before[path]] for path, things in setup.things().items()}
    assert {path for path, things in left.items() if things} == {"inventories", "organizations", "users"}
    assert [thing["username"] for thing in left["users"]] == ["owner"]
    by_password = {"awx_token": "", "awx_username": "admin", "awx_password": awx.admin_password}
    assert setup.configure(awx_state="absent", **by_password).changed() == 0


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
def test_behind_the_gateway_of_an_automation_platform(setup: Setup, awx: Controller) -> None:
    """What is known of it was read, not run: organization, team, user and token are given."""
    awx.configure(flavor="aap")
    awx.add("organizations", "Webex")
    token = awx.add_user(USER, password=PASSWORD, organization="Webex")["token"]
    awx.add("teams", "Webex token keepers", organization="Webex", roles={"member_role": [USER]})
    given = {"awx_given": ["organization", "team", "user"], "awx_service_user_token": token, "awx_with_workflow": False}
    before = setup.things()
    setup.configure(**given)
    assert setup.job(REFRESH).status == 0
    assert awx.state()["workflow_job_templates"] == []
    things = setup.things()
    awx.clear_journal()
    assert setup.configure(**given).changed() == 0
    assert setup.writes() == []
    assert setup.things() == things
    setup.configure(**given, awx_state="absent")
    assert setup.things() == before


@pytest.mark.long
def test_what_can_be_switched_and_a_user_of_another_organization(setup: Setup, awx: Controller) -> None:
    awx.add_user(USER, password=PASSWORD, organization="Default")
    switches = {"awx_service_user_login": "password", "awx_with_approval": False, "awx_health_rrule": ""}
    setup.configure(**switches)
    access = awx.secret_inputs(AWX_ACCESS)
    assert (access["username"], access["password"], access.get("token")) == (USER, PASSWORD, None)
    assert setup.job(REFRESH).status == 0
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
