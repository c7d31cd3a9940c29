# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook runs the rulebook for real: an admin clicks Authorize, and the token is in the store."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_rulebook.validators import Validate

from tests.eda.support import ROOT, SECRET, body_of, encoded, moment, notification, org_id, signature_of
from tests.loopback.waiting import wait_until
from tests.simulator.process import Simulator

PATIENCE = 120
BIN = pathlib.Path(sys.executable).parent
COLLECTIONS = ROOT.parents[2]
FOREIGN = ("ANSIBLE_", "WEBEX_", "SERVICE_APP_", "EDA_")
VAULT_PASSWORD = "password-of-the-vault-files"


class Rulebook:
    """ansible-rulebook with a rulebook, in a folder of its own."""

    def __init__(self, folder: pathlib.Path, webex: Simulator, rulebook: str) -> None:
        self.folder, self.webex, self.rulebook = folder, webex, rulebook
        self.tokens = folder / "tokens"
        self.tokens.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port: int = server.getsockname()[1]
        app, integration = webex.credentials["service_app"], webex.credentials["integration"]
        store = {"kind": "vault_file", "path": f"{self.tokens}/{{org_id}}.yml"}
        self.write("inventory.yml", json.dumps({"all": {"vars": {"service_app_token_store": store}}}))
        self.write("password", VAULT_PASSWORD)
        secret_file = self.write("secret", SECRET)
        variables = {
            "webex_client_id": app["client_id"],
            "webex_webhook_secret_file": str(secret_file),
            "webex_event_port": self.port,
            "webex_application_id": self.application,
            "webex_webhook_secret": SECRET,
        }
        self.write("vars.yml", json.dumps(variables))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "password"),
            "HOME": str(folder),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "WEBEX_BASE_URL": webex.base_url,
            "WEBEX_CLIENT_ID": app["client_id"],
            "WEBEX_CLIENT_SECRET": app["client_secret"],
            "WEBEX_INTEGRATION_CLIENT_ID": integration["client_id"],
            "WEBEX_INTEGRATION_CLIENT_SECRET": integration["client_secret"],
            "WEBEX_INTEGRATION_REFRESH_TOKEN": integration["refresh_token"],
        }

    def write(self, name: str, text: str) -> pathlib.Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return path

    @contextlib.contextmanager
    def running(self) -> t.Iterator[Rulebook]:
        """Start it, wait until it listens, and end it with all that it has started."""
        words = ["ansible-rulebook", "-r", self.rulebook, "-i", "inventory.yml", "-e", "vars.yml", "--verbose"]
        with open(self.folder / "output", "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                words,
                executable=BIN / "ansible-rulebook",
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )
            try:
                wait_until(self.listens, process=self.process)
                yield self
            finally:
                print(self.output())
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(PATIENCE)

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def output(self) -> str:
        """All that it has printed so far, and the playbooks with it."""
        return (self.folder / "output").read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until it has printed this, once."""
        wait_until(lambda: text in self.output(), process=self.process)

    def post(self, message: dict[str, t.Any], secret: str = SECRET) -> int:
        """The status that answers a notification."""
        body = body_of(message)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", "/", body, {"X-Spark-Signature": signature_of(body, secret)})
            return connection.getresponse().status

    def register(self) -> None:
        """Register the webhooks, by the module."""
        module = {
            "access_token": self.webex.credentials["integration"]["access_token"],
            "name": "New customers",
            "client_id": self.webex.credentials["service_app"]["client_id"],
            "target_url": f"http://127.0.0.1:{self.port}/",
            "secret": SECRET,
        }
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "tasks": [{"collabops.webex.webhook": module, "vars": {"ansible_python_interpreter": sys.executable}}],
        }
        playbook = self.write("register.json", json.dumps([play]))
        subprocess.run([BIN / "ansible-playbook", playbook], env=self.environment, check=True)

    def requests(self) -> list[str]:
        """What was asked of Webex since the last time."""
        return [
            f"{entry['method']} {entry['path'].removeprefix('/v1').replace(self.application, 'APP')} {entry['status']}"
            for entry in self.webex.control("DELETE", "/journal")["requests"]
        ]

    @property
    def application(self) -> str:
        """The application id of the service app."""
        application: str = self.webex.credentials["service_app"]["application_id"]
        return application

    def secrets(self) -> list[str]:
        """All that must not be printed."""
        return [*self.webex.secrets(), SECRET, VAULT_PASSWORD]


@pytest.fixture
def webex() -> t.Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def rulebook(tmp_path: pathlib.Path, webex: Simulator) -> t.Iterator[Rulebook]:
    with Rulebook(tmp_path, webex, "collabops.webex.service_app_authorized").running() as running:
        yield running


def test_a_customer_authorizes_the_app_and_takes_it_back(rulebook: Rulebook, webex: Simulator) -> None:
    client_id = webex.credentials["service_app"]["client_id"]
    customer = webex.state()["other_org"]["org_id"]
    rulebook.register()
    rulebook.requests()

    # Nobody but Webex, nothing old, and no other app has anything done.
    app = {"id": rulebook.application, "authorizerOrgId": customer}
    assert rulebook.post(notification(**app), secret="guessed") == 401
    assert rulebook.post(notification(**app, authorizationDate=moment(7200))) == 200
    assert rulebook.post(notification(authorizerOrgId=customer)) == 200

    webex.service_app(client_id, authorized=True, org="other")
    rulebook.wait_for("a token was minted")
    (stored,) = rulebook.tokens.glob("*.yml")
    assert encoded(f"ciscospark://us/ORGANIZATION/{stored.stem}") == customer
    assert stored.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT;")
    assert rulebook.requests() == ["POST /access_token 200", "POST /applications/APP/token 200", "GET /people/me 200"]

    # The same once more, as a replay: what Webex sent is remembered, and what comes after it is done after it.
    delivered = [delivery for hook in webex.state()["webhooks"] for delivery in hook["deliveries"]]
    assert delivered == [{"event": "authorized", "org_id": customer, "status": 200}]
    again = notification("deauthorized", **app)
    assert [rulebook.post(again) for _time in range(3)] == [200] * 3
    rulebook.wait_for("Webex still renews the token")
    assert rulebook.requests() == ["POST /access_token 200", "GET /people/me 200"]
    assert stored.exists()

    webex.service_app(client_id, authorized=False, revoke=True, org="other")
    rulebook.wait_for("Webex confirms that the service app is not authorized")
    assert list(rulebook.tokens.glob("*.yml")) == []
    assert rulebook.requests()[:2] == ["POST /access_token 400", "POST /applications/APP/token 403"]

    wait_until(lambda: rulebook.output().count("PLAY RECAP") >= 3, process=rulebook.process)
    output = rulebook.output()
    assert output.count("PLAY RECAP") == 3
    assert [secret for secret in rulebook.secrets() if secret in output] == []


def event_stream() -> list[dict[str, t.Any]]:
    """The rulebook for event streams."""
    path = ROOT / "extensions" / "eda" / "rulebooks" / "service_app_event_stream.yml"
    rulesets: list[dict[str, t.Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rulesets


@pytest.fixture
def stream(tmp_path: pathlib.Path, webex: Simulator) -> t.Iterator[Rulebook]:
    """The rulebook for event streams with its own source. What it would launch is printed: there is no controller."""
    (ruleset,) = event_stream()
    for rule in ruleset["rules"]:
        launch = rule["action"].pop("run_job_template")
        rule["action"]["debug"] = {
            "msg": f"LAUNCH {launch['name']} {launch['job_args']['extra_vars']['webex_org_id']} ."
        }
    path = tmp_path / "rulebook.yml"
    path.write_text(yaml.safe_dump([ruleset]), encoding="utf-8")
    with Rulebook(tmp_path, webex, str(path)).running() as running:
        yield running


def test_an_event_stream_launches_what_is_of_webex_and_of_this_app_once(stream: Rulebook) -> None:
    app, now = {"id": stream.application}, moment()
    hostile = [
        notification(id="C1", authorizerOrgId=org_id(1)),
        {**notification(**app, authorizerOrgId=org_id(2)), "resource": "messages"},
        notification("created", **app, authorizerOrgId=org_id(3)),
        notification(**app, authorizerOrgId="{{ 7 * 7 }}"),
        notification(**app, authorizerOrgId=None),
        {"event": "authorized"},
    ]
    assert stream.post(notification(**app, authorizerOrgId=org_id(9)), secret="guessed") == 401
    assert {stream.post(message) for message in hostile} == {200}
    for number in (4, 5, 4, 4):
        stream.post(notification(**app, authorizerOrgId=org_id(number), authorizationDate=now))
    stream.post(notification("deauthorized", **app, authorizerOrgId=org_id(6)))
    stream.wait_for(f"LAUNCH Webex: deauthorize organization {org_id(6)} .")
    wait_until(lambda: stream.output().count("LAUNCH") >= 3)
    launched = [line[line.index("LAUNCH") :].strip() for line in stream.output().splitlines() if "LAUNCH" in line]
    assert sorted(launched) == sorted(
        [
            f"LAUNCH Webex: authorize organization {org_id(4)} .",
            f"LAUNCH Webex: authorize organization {org_id(5)} .",
            f"LAUNCH Webex: deauthorize organization {org_id(6)} .",
        ]
    )


@pytest.mark.parametrize("name", ["service_app_authorized", "service_app_event_stream"])
def test_a_rulebook_is_one(name: str) -> None:
    text = (ROOT / "extensions" / "eda" / "rulebooks" / f"{name}.yml").read_text(encoding="utf-8")
    Validate.rulebook(yaml.safe_load(text))
