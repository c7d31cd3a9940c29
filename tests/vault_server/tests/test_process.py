# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process, the failures to order, and the journal."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from pathlib import Path
from typing import Any

import hvac
import pytest

from tests.loopback.running import ROOT
from tests.loopback.waiting import wait_until
from tests.vault_server.process import VaultServer

from .conftest import Client


def start(*arguments: str) -> subprocess.Popen[str]:
    """The command line, without the help of `process`."""
    command = [sys.executable, "-m", "tests.vault_server", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ready_line_and_signals(sign: signal.Signals) -> None:
    process = start()
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["control_url"].endswith("/_vault")
    assert sorted(ready) == [
        "approle",
        "control_url",
        "expired_token",
        "jwt",
        "read_only_token",
        "root_token",
        "url",
        "writer_path",
        "writer_token",
    ]
    assert (sorted(ready["approle"]), sorted(ready["jwt"])) == (["role_id", "secret_id"], ["jwt", "role"])
    running = VaultServer()
    running.credentials = ready
    running.fault(kind="timeout", seconds=60)
    with socket.create_connection(("127.0.0.1", int(ready["url"].rpartition(":")[2]))) as line:
        line.sendall(b"GET /v1/sys/health HTTP/1.1\r\nHost: localhost\r\n\r\n")  # hangs, and keeps nothing alive
        time.sleep(0.3)
        process.send_signal(sign)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_stops_with_its_parent() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'tests.vault_server'], stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    port = int(json.loads(parent.stdout.readline())["url"].rpartition(":")[2])
    socket.create_connection(("127.0.0.1", port)).close()
    parent.kill()
    parent.communicate(timeout=60)
    wait_until(lambda: not answers(port))


def answers(port: int) -> bool:
    """Whether something listens on a port."""
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_port_in_use(running: VaultServer) -> None:
    port = running.url.rpartition(":")[2]
    with pytest.raises(RuntimeError, match=port):
        VaultServer(port=int(port)).start()


def test_process_needs_the_standard_library_only() -> None:
    # -S: without site-packages.
    subprocess.run([sys.executable, "-S", "-c", "import tests.vault_server.process"], cwd=ROOT, check=True)


def test_as_part_of_the_collection(tmp_path: Path) -> None:
    place = tmp_path / "ansible_collections" / "collabops" / "webex" / "tests"
    for name in ("loopback", "vault_server"):
        shutil.copytree(ROOT / "tests" / name, place / name)
    code = (
        "from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer\n"
        "with VaultServer() as vault: print(vault.configure()['sealed'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_reset(server: VaultServer, root: Client) -> None:
    root.put("secret/data/x", {})
    before = server.credentials
    assert server.reset() == before
    assert root.get("secret/data/x").error == (404, [])
    assert server.reset(new_credentials=True)["root_token"] != before["root_token"]
    assert root.get("secret/data/x").status == 403


# -- failures ------------------------------------------------------------------------------------------------------


def test_sealed(server: VaultServer, root: Client, vault: Any) -> None:
    server.fault(kind="status", path="/secret/data/", method="GET", times=2, skip=1)
    statuses = [root.get("secret/data/x").status for _unused in range(2)]
    assert statuses == [404, 503]
    with pytest.raises(hvac.exceptions.VaultDown) as caught:
        vault.secrets.kv.v2.read_secret_version("x", raise_on_deleted_version=True)
    assert caught.value.errors == ["Vault is sealed"]
    assert root.put("secret/data/x", {}).status == 200
    assert server.faults()[0]["hits"] == 2
    server.clear_faults()
    server.fault(kind="status", status=429, retry_after=3, body={"errors": ["rate limit quota exceeded"]})
    limited = root.get("secret/data/x")
    assert (limited.error, limited.headers["Retry-After"]) == ((429, ["rate limit quota exceeded"]), "3")
    with pytest.raises(ValueError, match="kind is one of"):
        server.fault(kind="partial")


def test_reset_of_the_connection(server: VaultServer, root: Client) -> None:
    server.fault(kind="reset", path="/data/x")
    with pytest.raises((ConnectionResetError, urllib.error.URLError)) as caught:
        root.put("secret/data/x", {})
    assert isinstance(getattr(caught.value, "reason", caught.value), ConnectionResetError)
    assert root.get("secret/data/x").error == (404, [])


def test_timeout(server: VaultServer, root: Client) -> None:
    server.fault(kind="timeout", seconds=0.4)
    started = time.monotonic()
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        root.get("secret/data/x")
    assert time.monotonic() - started > 0.3


def test_written_and_yet_failed(server: VaultServer, root: Client) -> None:
    server.fault(kind="apply_then_fail", status=500)
    assert root.put("secret/data/x", {"n": 1}, cas=0).status == 500
    server.fault(kind="truncated")
    with pytest.raises(http.client.IncompleteRead):
        root.put("secret/data/x", {"n": 2}, cas=1)
    assert root.get("secret/data/x").data["data"] == {"n": 2}


# -- journal and settings ------------------------------------------------------------------------------------------


def test_journal(server: VaultServer, root: Client) -> None:
    root.within("team").put("secret/data/x", {"password": "swordfish"}, cas=0)
    root.get("secret/data/x?version=3")
    Client(server, None).call("POST", "auth/approle/login", server.credentials["approle"])
    Client(server, server.credentials["expired_token"]).call("LIST", "secret/metadata")
    write, read, login, expired = server.journal()
    assert (write["method"], write["path"], write["status"], write["cas"]) == ("POST", "/v1/secret/data/x", 200, 0)
    assert (write["namespace"], write["token"], write["n"]) == ("team", "root", 1)
    assert (read["query"], read["status"], read["cas"]) == ({"version": "3"}, 404, None)
    assert (login["token"], login["status"]) == (None, 200)
    assert (expired["method"], expired["token"], expired["status"]) == ("LIST", "expired", 403)
    assert [request["n"] for request in server.writes()] == [1, 3, 4]
    told, given = str(server.journal()), server.credentials
    secrets = [given[name] for name in given if name.endswith("_token")] + [
        *given["approle"].values(),
        given["jwt"]["jwt"],
    ]
    assert not [secret for secret in ["swordfish", *secrets] if secret in told]
    server.clear_journal()
    assert server.journal() == []


def test_config(server: VaultServer, root: Client) -> None:
    assert server.configure(latency_ms=300)["latency_ms"] == 300
    started = time.monotonic()
    root.get("secret/data/x")
    assert time.monotonic() - started >= 0.3
    for change in ({"speed": 1}, {"latency_ms": "fast"}, {"flavor": "mint"}, {"sealed": 1}):
        with pytest.raises(ValueError, match="PATCH /config"):
            server.configure(**change)
    with pytest.raises(ValueError, match="kind is kv"):
        server.mount("x", "ssh")
