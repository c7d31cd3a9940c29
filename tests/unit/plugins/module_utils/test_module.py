# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import subprocess
import sys
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.collabops.webex.plugins.module_utils import _module, _requirements
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

Run = t.Callable[..., dict[str, t.Any]]


def show_me() -> None:
    """A module that reads the owner of the token, and gives its secret away."""

    def work(_module: AnsibleModule, client: WebexClient) -> dict[str, t.Any]:
        token = client._settings.access_token  # pylint: disable=protected-access
        return {"me": client.get("/people/me"), "leak": f"token {token}"}

    _module.run_module({}, work)


def test_what_few_runs_need_does_not_slow_down_the_start_of_every_module() -> None:
    code = f"import sys, {_module.__name__}; sys.exit('yaml' in sys.modules)"
    root = pathlib.Path(_module.__file__).resolve().parents[5]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_the_result_is_what_the_work_returns(run: Run, settings: Settings) -> None:
    result = run(show_me, access_token=settings.access_token, base_url=settings.base_url)
    assert result["me"]["type"] == "appuser"


@pytest.mark.parametrize("source", ["option", "variable"])
def test_the_token_is_kept_out_of_the_result(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    options = {"access_token": settings.access_token} if source == "option" else {}
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", settings.access_token or "")
    assert run(show_me, base_url=settings.base_url, **options)["leak"] == "token ********"


@pytest.mark.parametrize("nonsense", [{}, {"timeout": "soon"}])
def test_the_password_of_a_proxy_is_not_among_the_arguments_that_are_shown(run: Run, nonsense: dict[str, str]) -> None:
    arguments: dict[str, t.Any] = {"access_token": "dead-token", "base_url": "http://127.0.0.1:9/v1", **nonsense}
    # What ansible-core says from 2.19 on for -vvv.
    arguments["_ansible_inject_invocation"] = True
    result = run(show_me, proxy="http://user:hidden-word@127.0.0.1:9", **arguments)
    assert result["failed"]
    assert result["invocation"]["module_args"]["base_url"] == arguments["base_url"]
    assert "hidden-word" not in str(result)


def test_a_missing_token_is_named_before_any_request(run: Run, webex: Simulator) -> None:
    result = run(show_me, base_url=webex.base_url)
    assert result["failed"]
    assert result["msg"].startswith("access_token: is missing.")
    assert result["error"]["option"] == "access_token"
    assert asked(webex) == []


def test_a_refusal_is_a_failure_with_its_details(run: Run, webex: Simulator) -> None:
    result = run(show_me, access_token="dead", base_url=webex.base_url)
    assert result["failed"]
    assert (result["error"]["status"], result["error"]["request"]) == (401, "GET /people/me")
    assert result["error"]["tracking_id"] in result["msg"]
    assert "What to do" in result["msg"]


def test_a_missing_package_is_named_with_the_python_that_lacks_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ModuleNotFoundError("No module named 'requests'", name="requests")
    monkeypatch.setattr(_requirements, "REQUESTS_IMPORT_ERROR", error)
    result = run(show_me)
    assert result["failed"]
    assert f"The Python package requests is missing ({sys.executable} on " in result["msg"]
    assert "ansible_python_interpreter" in result["error"]["remedy"]


def test_an_ansible_core_that_is_too_old_is_named(run: Run, webex: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module, "__version__", "2.15.13")
    result = run(show_me, access_token="dead", base_url=webex.base_url)
    assert result["msg"].startswith("ansible-core 2.15.13 is too old for collabops.webex, which needs 2.16 or newer.")
    assert asked(webex) == []
