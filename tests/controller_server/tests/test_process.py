# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process, the versions of the controller, failures to order, the journal, settings."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from tests.controller_server.process import Controller
from tests.loopback.running import ROOT

from .conftest import SECRET, TOKEN, Client, basic, bearer


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ready_line_and_signals(sign: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.controller_server"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert sorted(ready) == ["admin_token", "control_url", "password", "url", "username"]
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_process_needs_the_standard_library_only() -> None:
    # -S: without site-packages.
    subprocess.run([sys.executable, "-S", "-c", "import tests.controller_server.process"], cwd=ROOT, check=True)


def test_as_part_of_the_collection(tmp_path: Path) -> None:
    place = tmp_path / "ansible_collections" / "collabops" / "webex" / "tests"
    for name in ("loopback", "controller_server"):
        shutil.copytree(ROOT / "tests" / name, place / name)
    code = (
        "from ansible_collections.collabops.webex.tests.controller_server.process import Controller\n"
        "with Controller() as awx: print(awx.configure()['flavor'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "awx\n"


def test_reset(awx: Controller, admin: Client) -> None:
    before = awx.credentials
    assert awx.reset() == before
    assert [place["name"] for place in awx.state()["organizations"]] == ["Default"]
    assert awx.reset(new_credentials=True)["admin_token"] != before["admin_token"]
    assert admin.get("me/").status == 401


# -- where the API is, and who it takes ------------------------------------------------------------------------------------


def test_awx(admin: Client) -> None:
    answer = admin.get("ping/")
    assert (answer.status, answer.body["version"]) == (200, "24.6.1")
    assert (answer.headers["X-API-Product-Name"], answer.headers["X-API-Product-Version"]) == ("AWX", "24.6.1")
    assert admin.get("/api/controller/v2/ping/").status == 404
    assert admin.get("nonsense/").said == (404, {"detail": "The requested resource could not be found."})
    assert admin.delete("me/").said == (405, {"detail": 'Method "DELETE" not allowed.'})
    assert admin.call("POST", "labels/", b"{").status == 400
    assert admin.call("POST", "labels/", b"[]").status == 400


def test_an_optional_prefix(awx: Controller, admin: Client) -> None:
    awx.configure(optional_prefix="controller")
    assert admin.get("/api/controller/v2/ping/").status == 200
    found = admin.get("/api/controller/v2/credentials/", name="App").body["results"][0]
    assert found["url"].startswith("/api/controller/v2/credentials/")
    assert found["related"]["organization"].startswith("/api/controller/v2/organizations/")
    assert admin.find("credentials", "App")["url"].startswith("/api/v2/credentials/")


def test_awx_of_today(awx: Controller, admin: Client) -> None:
    awx.configure(flavor="awx_devel")
    assert admin.get("me/").status == 401
    person = admin.as_user(basic("admin", awx.admin_password))
    assert person.names("me/") == ["admin"]
    assert person.post("tokens/").status == 404
    assert person.post("users/1/personal_tokens/").status == 404


@pytest.mark.parametrize(("flavor", "others"), [("aap", 200), ("aap_2.7", 401)])
def test_aap(awx: Controller, admin: Client, flavor: str, others: int) -> None:
    awx.configure(flavor=flavor)
    assert admin.get("ping/").status == 404
    assert admin.get("/api/controller/v2/ping/").status == 200
    assert admin.get("/api/controller/v2/me/").status == others
    person = admin.as_user(basic("admin", awx.admin_password))
    assert person.get("/api/controller/v2/me/").status == others
    made = person.post("/api/gateway/v1/tokens/", description="x", scope="write")
    assert made.status == 201
    keeper = admin.as_user(bearer(made.body["token"]))
    found = keeper.get("/api/controller/v2/credentials/", name="App").body["results"][0]
    answer = keeper.patch(found["url"], inputs=found["inputs"])
    assert (answer.status, answer.headers["X-API-Product-Name"]) == (200, "Red Hat Ansible Automation Platform")
    for path, body in (("organizations", {"name": "x"}), ("teams", {"name": "x", "organization": 1})):
        assert keeper.post(f"/api/controller/v2/{path}/", **body).status == 403
    assert keeper.post("/api/controller/v2/labels/", name="x", organization=1).status == 201
    assert keeper.patch("/api/controller/v2/organizations/1/", description="x").status == 403
    assert keeper.patch("/api/controller/v2/organizations/1/", name="Default").status == 200
    assert keeper.post("/api/controller/v2/organizations/1/users/", id=1).status == 403
    assert person.delete(made.body["url"]).status == 204
    assert keeper.get("/api/controller/v2/me/").status == 401


# -- failures --------------------------------------------------------------------------------------------------------------


def test_failures(awx: Controller, admin: Client) -> None:
    found = admin.find("credentials", "App")
    awx.fault(kind="status", status=503, method="PATCH", path="/credentials/")
    assert admin.patch(found["url"], inputs={}).status == 503
    assert awx.secret_inputs("App")["refresh_token"] == TOKEN
    awx.fault(kind="apply_then_fail", method="PATCH")
    assert admin.patch(found["url"], inputs={"client_id": "C2"}).status == 502
    assert awx.secret_inputs("App") == {"client_id": "C2"}
    awx.fault(kind="reset")
    with pytest.raises((ConnectionResetError, urllib.error.URLError)):
        admin.get("me/")
    awx.down()
    with pytest.raises(urllib.error.URLError, match="refused"):
        admin.get("me/")
    assert awx.journal()[-1]["fault"] == "reset"
    awx.up()
    assert admin.get("me/").status == 200


def test_a_field_that_is_forgotten(awx: Controller, admin: Client) -> None:
    found = admin.find("credentials", "App")
    awx.fault(kind="forget", field="inputs.obtained_at", method="PATCH")
    answer = admin.patch(found["url"], inputs={**found["inputs"], "obtained_at": "now"})
    assert (answer.status, answer.body["inputs"]) == (200, found["inputs"])
    assert admin.patch(found["url"], inputs={"obtained_at": "now"}).body["inputs"] == {"obtained_at": "now"}
    with pytest.raises(ValueError, match="what is forgotten is a field"):
        awx.fault(kind="forget")


# -- journal and settings --------------------------------------------------------------------------------------------------


def test_journal(awx: Controller, admin: Client) -> None:
    found = admin.find("credentials", "App")
    admin.patch(found["url"], inputs={**found["inputs"], "refresh_token": "the-next-token-of-the-app"})
    admin.as_user(basic("admin", awx.admin_password)).post("tokens/", description="x")
    admin.as_user(None).get("me/")
    lookup, write, login, nobody = awx.journal()
    assert (lookup["method"], lookup["path"], lookup["query"]) == ("GET", "/api/v2/credentials/", {"name": "App"})
    assert (write["user"], write["authorization"], write["status"]) == ("admin", "Bearer", 200)
    assert write["body"] == {"inputs": {"client_id": "C1", "client_secret": "$encrypted$", "refresh_token": "***"}}
    assert (login["authorization"], login["status"], nobody["user"], nobody["status"]) == ("Basic", 201, None, 401)
    assert awx.writes() == [write, login]
    shown = f"{awx.journal()}{awx.state()}"
    secrets = [SECRET, TOKEN, "the-next-token-of-the-app", awx.admin_token, awx.admin_password]
    assert not [secret for secret in secrets if secret in shown]
    assert {awx.admin_token, "the-next-token-of-the-app"} <= set(awx.secrets())


def test_settings(awx: Controller, admin: Client, member: Client) -> None:
    for change in ({"speed": 1}, {"flavor": "mint"}, {"playbooks": "a.yml"}, {"max_page_size": 0}):
        with pytest.raises(ValueError, match="PATCH /config"):
            awx.configure(**change)
    paths = ["/etc/webex:/etc/webex:ro"]
    assert admin.patch("settings/all/", AWX_ISOLATION_SHOW_PATHS=paths).body["AWX_ISOLATION_SHOW_PATHS"] == paths
    assert member.get("settings/all/").status == 403
    with pytest.raises(ValueError, match="0 credentials are called nothing"):
        awx.secret_inputs("nothing")
    with pytest.raises(KeyError):
        awx.named("projects", "nothing")
    assert awx.named("credentials", "App")["organization"] == "Webex"
