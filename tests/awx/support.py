# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller for the service app of a Webex: set up by hand or by `configure_awx`, and its jobs on any day."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from tests.awx.execution import SECONDS, Ended, Execution, Job
from tests.controller_server import jobs
from tests.controller_server.jobs import ACCESS_TOKEN, REFRESH_JOB, SERVICE_APP
from tests.controller_server.process import Controller
from tests.integration.scenarios.conftest import Run, Workplace
from tests.loopback.running import Running
from tests.loopback.waiting import wait_until
from tests.simulator.process import Simulator

CONFIGURE = "collabops.webex.configure_awx"
REFRESH, VALIDATE, HEALTH = "Webex: refresh token", "Webex: validate scopes", "Webex: token health"
ENABLE, REPORT = "Webex: enable calling users", "Webex: report calling users"
USER, PASSWORD = "webex-refresh", "the-password-of-the-refresher"
NOTIFICATION = {
    "awx_notification": "Webex operators",
    "awx_notification_type": "slack",
    "awx_notification_configuration": {"token": "the-token-of-the-chat", "channels": ["#webex"]},
}
# What jobs leave behind.
OF_JOBS = ("jobs", "project_updates", "tokens", "unified_jobs")
# How Webex says that it has replaced a refresh token.
SPENT = ("POST", "/v1/access_token", 200)


class Awx:
    """A controller and a Webex whose refresh tokens can be used once, and the jobs that run there."""

    def __init__(self, awx: Controller, webex: Simulator, user: Workplace, outside: Path) -> None:
        """Secrets may be in the folder *outside*, and in files of credentials in a job."""
        self.awx, self.webex, self.user, self.outside = awx, webex, user, outside
        webex.configure(rotate_refresh_tokens=True)
        app = webex.credentials["service_app"]
        self.app = {name: app[name] for name in ("client_id", "client_secret", "refresh_token")}
        self.app["base_url"] = webex.base_url
        self.execution = Execution(outside / "jobs")
        self._numbers = itertools.count(1)

    def go_to(self, day: float) -> None:
        """Let it be so many days after the tests began, for all."""
        for server in (self.awx, self.webex):
            server.configure(clock_offset=day * 86400)
        self.execution.days = day

    def job(self, playbook: str, credentials: Sequence[str], **variables: Any) -> Job:
        """A job that begins with what is in the credentials now."""
        number = next(self._numbers)
        injected = self.awx.injected(credentials, str(self.execution.injected_into))
        return Job(number, playbook, {**variables, "awx_job_id": number}, injected["files"], injected["env"])

    def run(self, job: Job) -> Ended:
        """Run a job, from which no secret leaks."""
        ended = self.execution.run(job, self.secrets())
        print(f"job {job.number}: {job.playbook}: {ended.status}", ended.output, sep="\n")
        assert ended.leaks == []
        return ended

    def kill(self, job: Job, server: Running, **fault: Any) -> None:
        """Run a job until its request meets a *fault* that a server was given, in which it waits; then end it with SIGKILL."""
        server.fault(seconds=SECONDS, **fault)
        with self.execution.started(job) as process:
            wait_until(lambda: server.faults()[-1]["hits"], process=process)
            self.execution.kill()
            ended = self.execution.ended(job, process.communicate(timeout=SECONDS)[0], self.secrets())
        server.clear_faults()
        assert (ended.status, ended.leaks) == ("error", [])

    def secrets(self) -> dict[str, str]:
        """Every secret of all servers, and what each is."""
        return {**self.awx.secrets(), **self.webex.secrets()}

    def secrets_given(self, job: Job) -> set[str]:
        """What kinds of secrets the credentials of a job give it."""
        given = "\n".join([*job.files.values(), json.dumps(job.environment), json.dumps(job.variables)])
        return {kind for secret, kind in self.secrets().items() if secret in given}

    def asked_of_webex(self) -> list[tuple[str, str, int | None]]:
        """What was sent to Webex since the journal was cleared, and how it was answered."""
        return [(entry["method"], entry["path"], entry["status"]) for entry in self.webex.journal()]


class Refreshing(Awx):
    """The three credentials, with tokens that are due, and the job that refreshes."""

    def __init__(self, *places: Any, with_integration: bool = False) -> None:
        super().__init__(*places)
        expired = {"access_token": "none-yet", "expires_at": "2000-01-01T00:00:00Z", "base_url": self.webex.base_url}
        jobs.Jobs(self.awx, {**self.app, "org_id": self.webex.credentials["org_id"]}, expired)
        if with_integration:
            self.add_integration()

    def add_integration(self) -> None:
        """Give the service app an integration, which gets new tokens if the refresh token is lost."""
        integration = self.webex.credentials["integration"]
        names = ("client_id", "client_secret", "refresh_token")
        self.awx.change_inputs(SERVICE_APP, **{f"integration_{name}": integration[name] for name in names})

    def refresh_job(self, **variables: Any) -> Job:
        """The refresh job, as far as the role awx sets it up."""
        store = {"kind": "awx_credential", "organization": jobs.ORGANIZATION}
        return self.job("playbooks/refresh_token.yml", REFRESH_JOB, service_app_token_store=store, **variables)

    def refresh(self, **variables: Any) -> Ended:
        """Run it."""
        return self.run(self.refresh_job(**variables))

    def check_chain(self) -> None:
        """The access token works, and the refresh token is the newest one: it gets new tokens, and no integration mints them."""
        assert self.works()
        self.webex.clear_journal()
        assert self.refresh(service_app_token_force=True).status == "successful"
        assert {path for method, path, _status in self.asked_of_webex() if method == "POST"} == {SPENT[1]}
        assert self.works()

    def works(self) -> bool:
        """Whether Webex takes the access token that the credential has now."""
        token = self.awx.secret_inputs(ACCESS_TOKEN)["access_token"]
        answer = requests.get(
            f"{self.webex.base_url}/people/me", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        return answer.status_code == 200


class Setup(Awx):
    """A person who sets up a controller by the playbook `configure_awx`."""

    prefix = "/api/v2/"

    def __init__(self, *places: Any) -> None:
        super().__init__(*places)
        self.variables: dict[str, Any] = {
            "awx_service_app": self.app,
            "awx_service_user_password": PASSWORD,
            "awx_execution_environment_image": "registry.example/webex:1",
            **NOTIFICATION,
        }

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
        return {path: things for path, things in self.awx.state().items() if path not in OF_JOBS}

    def writes(self) -> list[Any]:
        """What the journal has of requests that write."""
        return [entry for entry in self.awx.journal() if entry["method"] != "GET"]

    def launched(self, template: str, **answers: Any) -> Job:
        """A job of a template, with answers to its survey."""
        launched = self.awx.named("job_templates", template)
        answer = requests.post(
            f"{self.awx.url}{self.prefix}job_templates/{launched['id']}/launch/",
            json={"extra_vars": answers},
            headers={"Authorization": f"Bearer {self.awx.admin_token}"},
            timeout=30,
        )
        assert (answer.status_code, answer.json().get("ignored_fields")) == (201, {}), answer.text
        return self.job(launched["playbook"], launched["credentials"], **json.loads(answer.json()["extra_vars"]))

    def launch(self, template: str, **answers: Any) -> Ended:
        """Launch it, and let it run."""
        return self.run(self.launched(template, **answers))
