# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nights and mornings of a controller: at night the refresh job, in the morning a job that enables users."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tests.awx.support import ENABLE, REFRESH, SPENT, Setup
from tests.controller_server.jobs import ACCESS_TOKEN, SERVICE_APP

USERS = "email,extension\nalice@example.com,2002\n"


def live(setup: Setup, nights: Iterable[int], mornings: Collection[int]) -> list[int]:
    """Let days go by, by their numbers, and answer on which of them the token was refreshed."""
    refreshed = []
    for day in nights:
        setup.go_to(day)
        if night(setup):
            refreshed.append(day)
        if day in mornings:
            morning(setup)
    return refreshed


def night(setup: Setup) -> bool:
    """The refresh job: it replaces both tokens, once, or sends nothing at all."""
    awx, webex = setup.awx, setup.webex
    before = awx.secret_inputs(SERVICE_APP), awx.secret_inputs(ACCESS_TOKEN)
    job = setup.launched(REFRESH)
    awx.clear_journal()
    webex.clear_journal()
    ended = setup.run(job)
    after = awx.secret_inputs(SERVICE_APP), awx.secret_inputs(ACCESS_TOKEN)
    assert ended.status == "successful"
    if not ended.changed:
        assert "Still good, nothing was sent." in ended.output
        assert awx.journal() == webex.journal() == []
        assert after == before
        return False
    assert "They are in Webex Service App and Webex Access Token." in ended.output
    assert setup.asked_of_webex().count(SPENT) == 1
    for name, old, new in zip(("refresh_token", "access_token"), before, after, strict=True):
        assert old[name] != new[name]
    return True


def morning(setup: Setup) -> None:
    """The job that enables users: it has the access token and nothing else."""
    answers = {"calling_users_text": USERS, "calling_users_location": "Berlin", "calling_users_check_mode": "no"}
    job = setup.launched(ENABLE, **answers)
    assert setup.secrets_given(job) == {"access token (service_app)"}
    setup.webex.clear_journal()
    ended = setup.run(job)
    assert ended.status == "successful"
    counts = ended.artifacts["calling_users"]["counts"]
    assert counts["enabled"] + counts["ok"] == 1  # enabled on the first morning
    statuses = {status for _method, _path, status in setup.asked_of_webex()}
    assert statuses <= {200, 201, 204}
    assert statuses
