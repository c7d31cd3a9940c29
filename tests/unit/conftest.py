# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Webex, one Vault and one AWX for every process that runs tests, fresh for each test; and what most tests need of them."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import tempfile
import typing as t

import pytest
import urllib3.util.retry
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible_collections.collabops.webex.plugins.module_utils import _client
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.controller_server.process import Controller
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16

    @contextlib.contextmanager
    def patch_module_args(args: dict[str, t.Any]) -> t.Iterator[None]:
        """Show a module its arguments."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
            yield


RUNNING: dict[str, tuple[type[Simulator] | type[VaultServer] | type[Controller], pytest.StashKey[t.Any]]] = {
    "webex": (Simulator, pytest.StashKey[Simulator]()),
    "vault": (VaultServer, pytest.StashKey[VaultServer]()),
    "controller": (Controller, pytest.StashKey[Controller]()),
}
FOREIGN = (
    "WEBEX_",
    "SERVICE_APP_",
    "VAULT_",
    "ANSIBLE_HASHI_VAULT_",
    "AWX_",
    "JOB_ID",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NETRC",
    "REQUESTS_CA_BUNDLE",
)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the servers once: ansible-test runs each test in a fork of this process, which could not keep them."""
    # Of coverage.py: the tests are measured, and not the servers, which would take twice the time.
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    for name, (server, key) in RUNNING.items():
        if any(name in getattr(item, "fixturenames", ()) for item in session.items):
            session.config.stash[key] = server()
            session.config.stash[key].start()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the servers, and show what they complained about."""
    for _server, key in RUNNING.values():
        if key in session.config.stash:
            print(session.config.stash[key].stop(), end="")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder of home folders. Pytest would read it whole to number one more, and there are thousands."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, homes: pathlib.Path) -> pathlib.Path:
    """An empty home folder; no setting comes from the shell of whoever runs the tests."""
    for name in os.environ:
        if name.upper().startswith(FOREIGN):
            monkeypatch.delenv(name)
    folder = pathlib.Path(tempfile.mkdtemp(dir=homes))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("ANSIBLE_HOME", str(folder / ".ansible"))
    return folder


@pytest.fixture
def webex(pytestconfig: pytest.Config) -> Simulator:
    """The simulator, as if it had just been started."""
    simulator: Simulator = pytestconfig.stash[RUNNING["webex"][1]]
    simulator.reset()
    return simulator


@pytest.fixture
def vault(pytestconfig: pytest.Config) -> VaultServer:
    """The stand-in for HashiCorp Vault, as if it had just been started."""
    server: VaultServer = pytestconfig.stash[RUNNING["vault"][1]]
    server.reset()
    return server


@pytest.fixture
def controller(pytestconfig: pytest.Config) -> Controller:
    """The stand-in for AWX, as if it had just been started."""
    server: Controller = pytestconfig.stash[RUNNING["controller"][1]]
    server.reset()
    return server


@pytest.fixture
def settings(webex: Simulator) -> Settings:
    """Everything about the simulator's service app."""
    app = webex.credentials["service_app"]
    names = ("access_token", "client_id", "client_secret", "refresh_token")
    return Settings(base_url=webex.base_url, timeout=10, **{name: app[name] for name in names})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, as clients see it: no wait takes any."""
    stand_in = Clock()
    monkeypatch.setattr(urllib3.util.retry, "time", stand_in)
    monkeypatch.setattr(_client, "time", stand_in)
    return stand_in


@pytest.fixture
def client(settings: Settings, clock: Clock) -> t.Iterator[WebexClient]:
    """A client of the simulator, with the service app's token."""
    with WebexClient(settings) as connected:
        yield connected


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the main function of a module with arguments, and returns the result that it prints."""

    def run_main(main: t.Callable[[], None], *, check_mode: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
        # A module has a process of its own, in which it collects its warnings.
        monkeypatch.setattr(warnings, "_global_warnings", type(warnings._global_warnings)())
        with (
            patch_module_args({**arguments, "_ansible_check_mode": check_mode}),
            pytest.raises(SystemExit) as end,
        ):
            main()
        result: dict[str, t.Any] = json.loads(capsys.readouterr().out)
        assert end.value.code == int(result.get("failed", False))
        return result

    return run_main
