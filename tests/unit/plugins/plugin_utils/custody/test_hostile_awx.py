# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no AWX gives: each ends in words that can be shown, before Webex is asked, or does no harm."""

from __future__ import annotations

import copy
import json
import pathlib
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import awx_credential
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.awx_api import AwxApi
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.awx_connection import (
    LARGEST_ANSWER,
    Access,
)
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import StoreError
from ansible_collections.collabops.webex.tests.controller_server.jobs import ACCESS_TOKEN, ORGANIZATION, SERVICE_APP
from ansible_collections.collabops.webex.tests.controller_server.process import Controller
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.awx import Awx
from ansible_collections.collabops.webex.tests.unit.support import RawServer, send_a_byte_now_and_then, send_without_end

# What a controller says is the same on every ansible-core.
pytestmark = pytest.mark.any_core

ME = {"count": 1, "results": [{"id": 2, "username": "refresher", "is_superuser": False}]}
LIST = {"count": 1, "results": [{"id": 2, "name": SERVICE_APP, "url": "/api/v2/credentials/2/"}]}
CREDENTIAL = {"id": 2, "inputs": {"client_id": "C1", "refresh_token": "$encrypted$", "refresh_token_obtained_at": ""}}
ANSWERS: dict[str, tuple[str, dict[str, t.Any], tuple[str, ...]]] = {
    "me": ("/me/", ME, ("results", "results.0", "results.0.is_superuser", "results.0.username")),
    "list": ("/credentials/$", LIST, ("results", "results.0", "results.0.name", "results.0.url")),
    "credential": (
        "/credentials/2/$",
        CREDENTIAL,
        ("inputs", "inputs.client_id", "inputs.refresh_token", "inputs.refresh_token_obtained_at", "inputs.else"),
    ),
}
CASES = [(answer, place) for answer, (_path, _body, places) in ANSWERS.items() for place in places]
VALUES: dict[str, t.Any] = {
    "null": None,
    "true": True,
    "large": 10**30,
    "not a number": float("nan"),
    "empty": "",
    "escape code": "\x1b[2J",
    "lone surrogate": "\ud800",
    "beyond the calendar": "0001-01-01T00:00:00+23:59",
    "another host": "https://evil.example.com/api/v2/credentials/2/",
    "another host without a scheme": "//evil.example.com/x",
    "no address": "http://[",
    "list": [1],
    "object": {"a": 1},
}
BODIES = {
    "null": "null",
    "number": "5",
    "list": "[1]",
    "empty": "{}",
    "half": '{"results": {',
    "nested": "[" * 100_000,
    "page": "<html>it works</html>",
    "detail is null": '{"detail": null}',
    "detail is a number": '{"detail": 5}',
    "detail is an object": '{"detail": {"a": "b"}}',
    "detail with escape codes": '{"detail": "no \\u001b[2J\\u009b"}',
    "detail with a lone surrogate": '{"detail": "\\ud800"}',
    "reasons of another type": '{"inputs": [5, null, {"a": 1}, ["b"]]}',
}


@pytest.fixture
def awx(controller: Controller, webex: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Awx:
    """A controller, and a job that has begun in it; nothing is tried twice."""
    for name in ("BRIEF", "LONG", "OTHER_RUN"):
        monkeypatch.setattr(awx_credential, name, Patience(0))
    awx = Awx(controller, webex, tmp_path, monkeypatch)
    awx.begin()
    return awx


def check(awx: Awx) -> str:
    """Run a task: what it says can be shown, and if it says something, Webex was not asked."""
    try:
        said = " ".join(awx.task().warnings)
    except StoreError as error:
        said = str(error)
        assert awx.asked_of_webex() == []
    assert said.isprintable()
    for secret in [*awx.controller.secrets(), *awx.webex.secrets()]:
        assert secret[5:25].lower() not in said.lower()
    return said


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize(("answer", "place"), CASES)
def test_an_answer_with_one_strange_field(awx: Awx, answer: str, place: str, value: t.Any) -> None:
    path, body, _places = ANSWERS[answer]
    body = copy.deepcopy(body)
    if answer == "credential":
        body["inputs"]["client_id"] = awx.app["client_id"]
    target: t.Any = body
    *folders, name = place.split(".")
    for folder in folders:
        target = target[int(folder)] if isinstance(target, list) else target[folder]
    target[int(name) if isinstance(target, list) else name] = value
    awx.controller.fault(kind="status", status=200, body=json.dumps(body), path=path, method="GET", times=None)
    check(awx)


@pytest.mark.parametrize("status", [200, 400, 404, 503])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/me/", "/credentials/$", "/credentials/2/$"])
def test_a_body_of_another_kind(awx: Awx, body: str, status: int, path: str) -> None:
    awx.controller.fault(kind="status", status=status, body=body, path=path, times=None)
    assert "What to do:" in check(awx)


def test_an_error_that_quotes_what_it_was_sent(awx: Awx) -> None:
    words = " ".join(
        [awx.jobs.token, awx.app["refresh_token"], awx.app["client_secret"], awx.app["refresh_token"].upper()]
    )
    awx.controller.fault(kind="status", status=400, body={"detail": words}, method="PATCH", path="/2/$", times=None)
    assert "was answered with 400: ***" in check(awx)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed_with_a_token(awx: Awx, status: int) -> None:
    awx.controller.fault(kind="redirect", status=status, location="https://evil.example.com/", path="/me/", times=None)
    assert "answered with a redirect, which is not followed" in check(awx)


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    with RawServer(send_without_end) as server:
        api = AwxApi(Access(f"http://127.0.0.1:{server.port}", token="x", prefix="/api/v2/"))
        with pytest.raises(StoreError, match=f"more than {LARGEST_ANSWER // 1024 // 1024} MB"):
            api.connect()


def test_an_answer_of_a_byte_now_and_then_ends_with_the_timeout() -> None:
    with RawServer(send_a_byte_now_and_then) as server:
        access = Access(f"http://127.0.0.1:{server.port}", token="x", prefix="/api/v2/", timeout=1)
        with pytest.raises(StoreError, match="no answer"):
            AwxApi(access).connect()


def test_a_name_is_sent_as_it_is_and_nothing_more(awx: Awx) -> None:
    name = "Webex & Service=App #1 /?"
    awx.jobs.add(SERVICE_APP, awx.service_app, name)
    awx.begin((name, ACCESS_TOKEN, "Webex: AWX access"))
    assert awx.task(awx.store(credential=name, organization=ORGANIZATION)).refreshed
