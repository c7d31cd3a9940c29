# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: four months of nights, and what happens when AWX or a job fails in the middle of a refresh."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.awx.life import live
from tests.awx.support import SPENT, Refreshing, Setup
from tests.controller_server.jobs import ACCESS_TOKEN, REFRESH_JOB

DAYS = 120
SAVE, RESTART = "save of the refresh token", "is being restarted"
# What the refresh job asks of AWX: the method, the path, and how many alike it has asked before.
BEFORE_WEBEX: dict[str, tuple[str, str, int]] = {
    "ping": ("GET", "/api/v2/ping/$", 0),
    "who I am": ("GET", "/me/$", 0),
    "list of credentials": ("GET", "/credentials/$", 0),
    "service app": ("GET", "/credentials/2/$", 0),
    "access token": ("GET", "/credentials/3/$", 0),
    "rehearsal of the service app": ("PATCH", "/credentials/2/$", 0),
    "rehearsal of the access token": ("PATCH", "/credentials/3/$", 0),
}
AFTER_WEBEX: dict[str, tuple[str, str, int]] = {
    SAVE: ("PATCH", "/credentials/2/$", 1),
    "look at the refresh token": ("GET", "/credentials/2/$", 4),
    "save of the access token": ("PATCH", "/credentials/3/$", 1),
    "look at the access token": ("GET", "/credentials/3/$", 4),
    "save of the points in time": ("PATCH", "/credentials/2/$", 2),
}
OF_AWX = {**BEFORE_WEBEX, **AFTER_WEBEX}
OF_WEBEX = {"refresh": ("POST", "/access_token$", 0), "check of the token": ("GET", "/people/me$", 0)}
STEPS = {**OF_AWX, **OF_WEBEX}
PASSING: dict[str, dict[str, Any]] = {
    RESTART: {"kind": "restart", "seconds": 3},
    "has an error": {"kind": "status"},
    "has an error afterwards": {"kind": "apply_then_fail"},
    "cuts the connection": {"kind": "reset"},
    "sends half an answer": {"kind": "truncated"},
    "is slow": {"kind": "slow", "seconds": 3},
}
REFUSING: dict[str, Any] = {"kind": "status", "status": 403}
RECOVERY = re.compile('"recovery": "([A-Za-z0-9+/=]+)"')


def order(step: tuple[str, str, int]) -> dict[str, Any]:
    """Where a failure is to strike."""
    return dict(zip(("method", "path", "skip"), step, strict=True))


@pytest.mark.long
def test_four_months(setup: Setup) -> None:
    """The chain of refresh tokens, each of which can be used once, survives in the credentials alone."""
    setup.configure()
    assert live(setup, nights=range(DAYS), mornings=range(DAYS)) == list(range(0, DAYS, 10))


@pytest.mark.long
def test_a_job_that_nobody_told_where_the_tokens_are_kept(refreshing: Refreshing) -> None:
    """The default of the playbooks would be green, and the refresh token gone with the container."""
    job = refreshing.job("playbooks/refresh_token.yml", REFRESH_JOB)
    ended = refreshing.run(job)
    assert ended.status == "failed"
    assert "project/webex_token.yml would be gone with this job of AWX, and with it the refresh token" in ended.output
    assert "service_app_token_store, to {kind: awx_credential}" in ended.output
    assert refreshing.asked_of_webex() == []


LEAK = """\
- "hosts": localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: "{{ lookup('ansible.builtin.file', lookup('ansible.builtin.env', 'WEBEX_ACCESS_TOKEN_FILE')) }}"}
"""


@pytest.mark.long
def test_what_leaks_is_found(refreshing: Refreshing) -> None:
    """In all that AWX keeps of a job: else the other tests would prove nothing."""
    refreshing.refresh()
    (refreshing.execution.checkout / "playbooks" / "leak.yml").write_text(LEAK, encoding="utf-8")
    job = refreshing.job("playbooks/leak.yml", [ACCESS_TOKEN])
    token = refreshing.awx.secret_inputs(ACCESS_TOKEN)["access_token"]
    ended = refreshing.execution.run(
        replace(job, environment={**job.environment, "TOKEN": token}), refreshing.secrets()
    )
    found = "\n".join(ended.leaks)
    for place in ("standard output", "job_events", "/stdout", "/command", "control/env/envvars", "runner/env/envvars"):
        assert place in found


# A controller that fails


# Each step with one failure, and each failure at the one step that matters most; of all these, `make test` meets one.
OUTLASTED = [
    pytest.param(step, fault, marks=() if (step, fault) == (SAVE, RESTART) else pytest.mark.long)
    for step in OF_AWX
    for fault in PASSING
    if step == SAVE or fault == RESTART
]


@pytest.mark.parametrize(("step", "fault"), OUTLASTED)
def test_what_passes_is_outlasted(refreshing: Refreshing, step: str, fault: str) -> None:
    refreshing.awx.fault(**order(OF_AWX[step]), **PASSING[fault])
    assert refreshing.refresh().status == "successful"
    assert [fault["hits"] for fault in refreshing.awx.faults()] == [1]
    assert refreshing.asked_of_webex().count(SPENT) == 1
    assert refreshing.works()


@pytest.mark.long
@pytest.mark.parametrize("step", BEFORE_WEBEX)
def test_a_refusal_before_webex_is_asked_is_a_failure_and_nothing_is_spent(refreshing: Refreshing, step: str) -> None:
    refreshing.awx.fault(**order(BEFORE_WEBEX[step]), **REFUSING)
    assert refreshing.refresh().status == "failed"
    assert refreshing.asked_of_webex() == []
    assert refreshing.refresh().status == "successful"
    assert refreshing.works()


@pytest.mark.long
@pytest.mark.parametrize("step", AFTER_WEBEX)
def test_a_refusal_after_webex_was_asked_is_outlasted(refreshing: Refreshing, step: str) -> None:
    refreshing.awx.fault(**order(AFTER_WEBEX[step]), **REFUSING)
    assert refreshing.refresh().status == "successful"
    assert refreshing.asked_of_webex().count(SPENT) == 1
    assert refreshing.works()


@pytest.mark.long
@pytest.mark.parametrize("field", ["client_secret", "refresh_token"])
@pytest.mark.parametrize("step", ["rehearsal of the service app", SAVE])
def test_a_field_that_is_forgotten_is_put_in_again(refreshing: Refreshing, step: str, field: str) -> None:
    refreshing.awx.fault(**order(OF_AWX[step]), kind="forget", field=f"inputs.{field}")
    assert refreshing.refresh().status == "successful"
    refreshing.check_chain()


@pytest.mark.long
def test_a_controller_that_is_down_is_found_out_before_webex_is_asked(refreshing: Refreshing) -> None:
    job = refreshing.refresh_job()
    refreshing.awx.down()
    assert refreshing.run(job).status == "failed"
    assert refreshing.asked_of_webex() == []
    refreshing.awx.up()
    assert refreshing.refresh().status == "successful"
    assert refreshing.works()


@pytest.mark.long
def test_a_controller_that_is_always_slow_is_waited_for(refreshing: Refreshing) -> None:
    job = refreshing.refresh_job()
    refreshing.awx.configure(latency_ms=2000)
    assert refreshing.run(job).status == "successful"
    assert refreshing.works()


@pytest.mark.long
def test_a_save_that_is_refused_for_minutes_is_healed_by_the_text(refreshing: Refreshing) -> None:
    refreshing.awx.fault(**order(AFTER_WEBEX[SAVE]), **REFUSING, times=None)
    failed = refreshing.refresh()
    assert (failed.status, "on this machine" in failed.output) == ("failed", False)
    (text,) = set(RECOVERY.findall(failed.output))
    refreshing.awx.clear_faults()
    assert refreshing.refresh(service_app_token_recovery=text).status == "successful"
    assert refreshing.asked_of_webex().count(SPENT) == 1
    refreshing.check_chain()


# A job that is killed


# When a request is on its way, and when it has been done and the answer is on its way.
KILLS = [(step, "timeout") for step in STEPS] + [
    (step, "slow") for step, (method, *_rest) in STEPS.items() if method != "GET"
]


@pytest.mark.long
@pytest.mark.parametrize(("step", "kind"), KILLS)
def test_a_job_that_is_killed_is_healed_by_the_integration(refreshing: Refreshing, step: str, kind: str) -> None:
    refreshing.add_integration()
    server = refreshing.awx if step in OF_AWX else refreshing.webex
    refreshing.kill(refreshing.refresh_job(), server, kind=kind, **order(STEPS[step]))
    assert refreshing.refresh().status == "successful"
    refreshing.check_chain()


@pytest.mark.long  # the same in tests/custody/test_awx.py, at every step, without ansible-runner
def test_without_an_integration_a_job_says_that_the_refresh_token_is_lost(refreshing: Refreshing) -> None:
    """It was killed when Webex had replaced the token, and AWX did not have the new one: this is when it can be lost."""
    lost = order(AFTER_WEBEX[SAVE])
    refreshing.kill(refreshing.refresh_job(), refreshing.awx, kind="timeout", **lost)
    failed = refreshing.refresh()
    assert failed.status == "failed"
    assert "What to do:" in failed.output
