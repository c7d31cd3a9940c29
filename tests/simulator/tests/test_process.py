# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process, the control plane, and the word of others: Cisco's OpenAPI description and the client wxc_sdk."""

from __future__ import annotations

import asyncio
import importlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.loopback.running import OPENER, ROOT
from tests.loopback.serving import listen
from tests.loopback.waiting import wait_until
from tests.simulator.process import Simulator

from .conftest import Ids, Webex
from .test_api import add

# -- the process ---------------------------------------------------------------------------------------------------


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """The command line, without the help of `process`."""
    command = [sys.executable, "-m", "tests.simulator", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("busy", [False, True])
def test_stops_on_a_signal(sign: signal.Signals, busy: bool) -> None:
    process = start()
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    with socket.create_connection(("127.0.0.1", int(ready["base_url"].split(":")[2].partition("/")[0]))) as line:
        if busy:  # a request that hangs keeps nothing alive
            running = Simulator()
            running.credentials = ready
            running.fault(kind="timeout", seconds=60)
            line.sendall(b"GET /v1/people HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.3)
        process.send_signal(sign)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_exports_are_read_by_a_shell() -> None:
    process = start("--export")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _number in range(4)]
    show = (
        "".join(lines)
        + 'printf "%s\\n" "$WEBEX_BASE_URL" "$WEBEX_CLIENT_ID" "$WEBEX_CLIENT_SECRET" "$WEBEX_REFRESH_TOKEN"'
    )
    base_url, *credentials = subprocess.run(
        ["sh", "-c", show], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    form = dict(
        zip(("client_id", "client_secret", "refresh_token"), credentials, strict=True), grant_type="refresh_token"
    )
    request = urllib.request.Request(f"{base_url}/access_token", data=urllib.parse.urlencode(form).encode())
    with OPENER.open(request, timeout=60) as answer:
        assert json.load(answer)["access_token"]
    process.terminate()
    assert process.communicate(timeout=60) == ("", "")


def test_port_in_use(running: Simulator) -> None:
    port = running.base_url.split(":")[2].partition("/")[0]
    process = start("--port", port)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert port in err
    with pytest.raises(RuntimeError, match=port):
        Simulator(port=int(port)).start()


def test_stops_with_its_parent() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'tests.simulator'], stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, _unused, ready = parent.stdout.readline().partition(" ")
    port = int(json.loads(ready)["base_url"].split(":")[2].partition("/")[0])
    socket.create_connection(("127.0.0.1", port)).close()
    parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=60)
    wait_until(lambda: not running_process(int(pid)))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def running_process(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_answer_waits_for_more_data() -> None:
    """Without TCP_NODELAY, every answer on a kept connection would be 40 ms late."""

    async def option() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen(0)
        async with await asyncio.start_server(connected, sock=listener):
            with socket.create_connection(listener.getsockname()):
                return await accepted

    assert asyncio.run(option())


def test_seed_and_reset() -> None:
    with Simulator(seed=7) as one, Simulator(seed=7) as two:
        assert one.credentials["service_app"] == two.credentials["service_app"]
        before = one.credentials
        assert one.reset(people=3, enabled=2) == before
        extensions = {person["email"]: person["extension"] for person in one.state()["people"]}
        assert extensions["user00001@example.com"] == "10001"
        assert extensions["user00003@example.com"] is None
        assert one.reset(new_credentials=True)["bot"] != before["bot"]


def test_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Simulator(python=sys.executable) as simulator:
        assert simulator.state()["org_name"] == "Example GmbH"


def test_as_part_of_the_collection(tmp_path: Path) -> None:
    place = tmp_path / "ansible_collections" / "collabops" / "webex"
    for name in ("loopback", "simulator"):
        shutil.copytree(ROOT / "tests" / name, place / "tests" / name)
    code = (
        "from ansible_collections.collabops.webex.tests.simulator.process import Simulator\n"
        "with Simulator() as webex: print(webex.state()['org_name'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "Example GmbH\n"
    module = "ansible_collections.collabops.webex.tests.simulator"
    process = subprocess.Popen([sys.executable, "-m", module], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["base_url"]
    process.terminate()
    process.communicate(timeout=60)


def test_process_needs_the_standard_library_only() -> None:
    # -S: without site-packages.
    code = "import tests.simulator.process"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True)


# -- the control plane ---------------------------------------------------------------------------------------------


def test_change_the_org(webex: Webex, ids: Ids) -> None:
    simulator = webex.simulator
    name = "Webex Calling - Standard"
    simulator.control(
        "POST",
        "/people",
        {"email": "zed@example.com", "licenses": [name], "location": "London", "extension": "7000"},
    )
    zed = simulator.state()["people"][-1]
    assert (zed["email"], zed["licenses"], zed["location"], zed["extension"]) == (
        "zed@example.com",
        [name],
        "London",
        "7000",
    )
    assert webex.person("zed")["extension"] == "7000"
    simulator.control("PATCH", f"/licenses/{name}", {"total_units": 1})
    assert webex.assign("alice", add(ids.standard, locationId=ids.london, extension="7001")).status == 206
    with pytest.raises(ValueError, match="2 found"):
        simulator.control("PATCH", "/licenses/Webex Calling - Professional", {})
    simulator.control("POST", "/numbers", {"location": "London", "numbers": ["+442071838099"]})
    assert webex.assign("bob", add(ids.professional, phoneNumber="+442071838099")).status == 200
    assert webex.simulator.journal()[-1]["path"] == "/v1/licenses/users"


# -- another client ------------------------------------------------------------------------------------------------


def test_wxc_sdk(simulator: Simulator, ids: Ids, monkeypatch: pytest.MonkeyPatch) -> None:
    # ImportError too: some releases do not work with the oldest Python that they say they support.
    wxc_sdk = pytest.importorskip(
        "wxc_sdk", reason="wxc_sdk is not installed, or not for this Python", exc_type=ImportError
    )
    rest = importlib.import_module("wxc_sdk.rest")
    licenses = importlib.import_module("wxc_sdk.licenses")

    monkeypatch.setattr(rest.RestSession, "BASE", simulator.base_url)
    app = simulator.credentials["service_app"]
    tokens = wxc_sdk.Tokens(refresh_token=app["refresh_token"])
    integration = importlib.import_module("wxc_sdk.integration").Integration(
        client_id=app["client_id"],
        client_secret=app["client_secret"],
        scopes=[],
        redirect_url="",
        token_service=f"{simulator.base_url}/access_token",
    )
    integration.refresh(tokens=tokens)
    assert tokens.scope
    simulator.configure(max_page_size=4)
    with wxc_sdk.WebexSimpleApi(tokens=tokens) as api:
        people = list(api.people.list(calling_data=True))
        assert [person.extension for person in people if person.extension] == ["2001"]
        assert len(people) == 10
        assert api.people.me().person_type == "appuser"
        assert {str(uuid.UUID(item.lic_uuid)) for item in api.licenses.list()}
        professional = [item for item in api.licenses.list() if item.webex_calling_professional]
        assert [item.total_units for item in professional] == [5, 20]
        assert len(list(api.licenses.assigned_users(license_id=ids.messaging))) == 10
        assert [place.name for place in api.locations.list()] == ["Berlin", "London", "Warehouse"]
        assert [place.name for place in api.telephony.location.list()] == ["Berlin", "London"]
        numbers = list(api.telephony.phone_numbers())
        assert [number.owner.first_name for number in numbers if number.owner] == ["Ivan"]
        assert len(numbers) == 30
        properties = licenses.LicenseProperties(location_id=ids.berlin, extension="2002")
        request = licenses.LicenseRequest(id=ids.professional, properties=properties)
        answer = api.licenses.assign_licenses_to_users(email="alice@example.com", licenses=[request])
        assert ids.professional in answer.licenses
        with pytest.raises(rest.RestError) as caught:
            api.licenses.assign_licenses_to_users(email="bob@example.com", licenses=[request])
        assert "2002" in caught.value.description
