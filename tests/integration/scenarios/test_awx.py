# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of AWX: the role and the playbooks with what a controller injects, and what they refuse there."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.controller_server.jobs import ACCESS_TOKEN, REFRESH_JOB, Jobs
from tests.controller_server.process import Controller
from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator

EXPIRED = "2026-01-01T00:00:00Z"
RECOVERY = re.compile(r'"recovery": "([A-Za-z0-9+/=]+)"')
STORE = ("-e", '{"service_app_token_store": {"kind": "awx_credential"}}')
REFRESH = "collabops.webex.refresh_token"
# Of the environment of whoever runs the tests, a job has nothing.
NONE = {f"WEBEX_{name}": "" for name in ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}


class Awx:
    """A controller with the tokens of the simulator's service app, which have expired; and its jobs."""

    def __init__(self, controller: Controller, webex: Simulator, user: Workplace, folder: Path) -> None:
        self.controller, self._user, self._folder = controller, user, folder
        app = webex.credentials["service_app"]
        webex.configure(rotate_refresh_tokens=True)
        self.jobs = Jobs(
            controller,
            {
                **{name: app[name] for name in ("client_id", "client_secret", "refresh_token")},
                "org_id": webex.credentials["org_id"],
                "base_url": webex.base_url,
            },
            {"access_token": app["access_token"], "expires_at": EXPIRED, "base_url": webex.base_url},
        )
        user.servers.append(controller)

    def job(self, playbook: str, *arguments: str, credentials: Sequence[str] = REFRESH_JOB, **environment: str) -> Run:
        """A job, which begins with what is in the credentials now."""
        injected = self.jobs.start(Path(tempfile.mkdtemp(dir=self._folder)), credentials)
        return self._user.play(playbook, *arguments, **NONE, **injected, **environment)


@pytest.fixture(scope="module")
def _controller() -> Iterator[Controller]:
    with Controller() as controller:
        yield controller


@pytest.fixture
def awx(_controller: Controller, webex: Simulator, user: Workplace) -> Iterator[Awx]:
    """A controller, whose files are where no leak is looked for: they hold secrets, as in AWX."""
    _controller.reset()
    with tempfile.TemporaryDirectory(prefix="awx") as folder:
        yield Awx(_controller, webex, user, Path(folder))


@pytest.mark.any_core
def test_a_refresh_job_and_one_without_the_access_token(awx: Awx, webex: Simulator) -> None:
    first = awx.job(REFRESH, *STORE)
    assert (first.status, first.changed()) == (0, 1)
    awx.controller.clear_journal()
    webex.clear_journal()
    again = awx.job(REFRESH, *STORE)
    assert (again.status, again.changed()) == (0, 0)
    assert "Still good, nothing was sent." in again.output
    assert awx.controller.journal() == webex.journal() == []
    without = awx.job(REFRESH, *STORE, credentials=[name for name in REFRESH_JOB if name != ACCESS_TOKEN])
    assert without.status == 0
    assert "this job was not given it: attach a credential Webex Access Token" in without.output


@pytest.mark.any_core
def test_tokens_that_could_not_be_saved_come_back_by_the_variable_of_the_role(awx: Awx, webex: Simulator) -> None:
    # The rehearsal goes well.
    awx.controller.fault(kind="status", status=400, method="PATCH", path="/credentials/2/$", skip=1, times=None)
    failed = awx.job(REFRESH, *STORE)
    assert failed.status == 2
    assert "on this machine" not in failed.output
    (text,) = set(RECOVERY.findall(failed.output))
    awx.controller.clear_faults()
    webex.clear_journal()
    assert awx.job(REFRESH, *STORE, "-e", json.dumps({"service_app_token_recovery": text})).status == 0
    assert webex.writes() == []
    assert awx.controller.secret_inputs(ACCESS_TOKEN)["expires_at"] != EXPIRED


# A play that is refused does not end the run: the next one is to be seen too.
PLAY = """\
- hosts: localhost
  gather_facts: false
  ignore_errors: true
  tasks:
    - collabops.webex.service_app_token:
        store: {kind: awx_credential}
      register: token
"""
TASK = """\
    - name: "Hand on: %s"
      when: token is succeeded
      %s
"""
LEAKS = {
    "the result by set_stats": "ansible.builtin.set_stats: {data: {token: '{{ token.access_token }}'}}",
    "the whole result": "set_stats: {data: {token: '{{ token }}'}}",
    "a key in brackets": "set_stats: {data: {token: \"{{ token['refresh_token'] }}\"}}",
    "the fact": "set_stats: {data: {token: '{{ webex_access_token }}'}}",
    "in a block": "block: [{name: 'Hand on: in a block', set_stats: {data: {token: '{{ webex_access_token }}'}}}]",
    "the lookup": "set_stats: {data: {token: \"{{ lookup('collabops.webex.service_app_token', store=x) }}\"}}",
    "a cached fact": "ansible.builtin.set_fact: {mine: '{{ token.access_token }}', cacheable: true}",
    "a cached fact in one line": "set_fact: mine={{ token.access_token }} cacheable=yes",
}
HARMLESS = {
    "when it expires": "set_stats: {data: {until: '{{ token.expires_at }}', id: \"{{ token['client_id'] }}\"}}",
    "a fact of this run": "no_log: true\n      set_fact: {mine: '{{ token.access_token }}'}",
    "another fact": "set_fact: {tokens: 5, webex_token: '{{ token.store }}', cacheable: true}",
}


def test_a_play_that_hands_a_token_on_in_plain_text_is_refused_and_no_other(awx: Awx, webex: Simulator) -> None:
    refused = "".join(PLAY + TASK % leak for leak in LEAKS.items())
    run = awx.job(refused + PLAY + "".join(TASK % task for task in HARMLESS.items()))
    for name, failure in zip(LEAKS, run.failures(), strict=True):
        assert f"The task 'Hand on: {name}' of this play hands a token on by set_" in failure
    # It is the last play that refreshed the token: those before it had sent nothing.
    last = run.output.rpartition("\nPLAY [localhost]")[2]
    assert last.count("changed: [localhost]") == 1
    assert [name for name in HARMLESS if f"TASK [Hand on: {name}]" not in last] == []
    assert [request["path"] for request in webex.writes()] == ["/v1/access_token"]


@pytest.mark.any_core
def test_no_store_and_a_refresh_token_that_is_replaced(awx: Awx) -> None:
    run = awx.job(REFRESH, "-e", '{"service_app_token_store": {"kind": "none"}}')
    assert run.status == 2
    assert "does not keep the new one. The new tokens are in this text" in run.output
    assert RECOVERY.findall(run.output) != []
