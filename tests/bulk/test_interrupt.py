# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is told to stop reports who is done, and that is so."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _client
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import wait_until

ROOT = pathlib.Path(_client.__file__).parents[2]
PEOPLE = 200


@pytest.fixture
def module(
    webex: Simulator, settings: Settings, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> t.Iterator[subprocess.Popen[str]]:
    """The process of `calling_users`, which takes a while: to enable people, or to create new ones.

    A test says whom ("user": those whom the simulator has; "new": one by one; "bulk": in bulk), and how many at once.
    """
    name, concurrency = getattr(request, "param", ("user", 8))
    webex.reset(people=PEOPLE)
    if name == "bulk":
        app = webex.credentials["service_app"]["client_id"]
        webex.service_app(app, scopes=[*webex.service_app(app)["scopes"], "identity:people_rw"], regrant=True)
    webex.configure(latency_ms=100)
    users = [
        {
            "email": f"{name}{n:05}@example.com",
            "display_name": f"New {n}",
            "location": "Berlin",
            "extension": str(10_000 + n),
        }
        for n in range(1, PEOPLE + 1)
    ]
    arguments = {
        "users": users,
        "base_url": webex.base_url,
        "access_token": settings.access_token,
        "concurrency": concurrency,
        "create_people": True,
    }
    (tmp_path / "order.json").write_text(json.dumps({"module": "calling_users", "arguments": arguments}))
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "benchmark" / "in_module.py"), "order.json", "measure.json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT.parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def result(process: subprocess.Popen[str], folder: pathlib.Path) -> dict[str, t.Any]:
    """What the module answered."""
    output, _nothing = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return dict(json.loads((folder / "measure.json").read_text())["result"])


@pytest.mark.parametrize(
    ("module", "number"),
    [(("user", 8), signal.SIGINT), (("user", 8), signal.SIGTERM), (("user", 1), signal.SIGINT)],
    indirect=["module"],
)
def test_who_is_done_is_reported(
    webex: Simulator, module: subprocess.Popen[str], tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    wait_until(lambda: len(webex.writes()) > 10, seconds=120)
    module.send_signal(number)
    answer = result(module, tmp_path)
    enabled = [one for one in webex.state()["people"] if one["email"].startswith("user") and one["extension"]]
    assert answer["failed"]
    assert "The run was interrupted. What to do: run again for the rest." in answer["msg"]
    counts = answer["counts"]
    assert counts["enabled"] == len(enabled) == len(webex.writes())
    assert 0 < counts["enabled"] < PEOPLE
    assert counts["enabled"] + counts["skipped"] == PEOPLE


@pytest.mark.parametrize("module", [("new", 8)], indirect=True)
def test_who_was_created_and_not_enabled_is_said(
    webex: Simulator, module: subprocess.Popen[str], tmp_path: pathlib.Path
) -> None:
    wait_until(lambda: len(webex.writes()) > 20, seconds=120)
    module.send_signal(signal.SIGTERM)
    answer = result(module, tmp_path)
    created = [one for one in webex.state()["people"] if one["email"].startswith("new")]
    assert 0 < len(created) < PEOPLE
    assert answer["counts"] == {"ok": 0, "enabled": 0, "changed": 0, "skipped": PEOPLE, "failed": 0}
    assert "The run was interrupted. The person was created before." in answer["msg"]
    assert not [one for one in created if one["extension"]]


@pytest.mark.parametrize("module", [("bulk", 8)], indirect=True)
def test_a_bulk_that_is_under_way_ends(webex: Simulator, module: subprocess.Popen[str], tmp_path: pathlib.Path) -> None:
    webex.fault(kind="slow", seconds=1, path="/Bulk")
    wait_until(webex.writes, seconds=120)
    module.send_signal(signal.SIGINT)
    answer = result(module, tmp_path)
    assert answer["counts"]["failed"] == 0
    assert len([one for one in webex.state()["people"] if one["email"].startswith("bulk")]) == 100
    assert "The run was interrupted. The person was created before." in answer["msg"]


def test_an_end_before_the_first_write_says_so(
    webex: Simulator, module: subprocess.Popen[str], tmp_path: pathlib.Path
) -> None:
    wait_until(webex.journal, seconds=120)
    module.send_signal(signal.SIGTERM)
    assert "interrupted before anything was written" in result(module, tmp_path)["msg"]
    assert webex.writes() == []
