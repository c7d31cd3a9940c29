# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder in which playbooks and modules run against the simulator, and are timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulator.process import Simulator

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a vault password"


@dataclass(frozen=True)
class Measure:
    """What a program says of itself: seconds for its work, without its start, and of the processor; peak memory in MiB."""

    work: float
    cpu: float
    memory: float
    whole: float
    result: dict[str, Any]


@dataclass(frozen=True)
class Play:
    """What an ansible-playbook took, with all that it started: seconds, of the processor too; the largest memory in MiB."""

    seconds: float
    cpu: float
    memory: float


class Desk:
    """The folder, with the collection, a vault password and the credentials of a service app in the environment."""

    def __init__(self, folder: Path, webex: Simulator) -> None:
        self.folder = folder
        self.webex = webex
        link = folder / "collections" / "ansible_collections" / "collabops"
        link.mkdir(parents=True)
        (link / "webex").symlink_to(ROOT)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        app = webex.credentials["service_app"]
        self.environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "password"),
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(folder / "collections"),
            "WEBEX_ACCESS_TOKEN": app["access_token"],
            "WEBEX_BASE_URL": webex.base_url,
            "WEBEX_CLIENT_ID": app["client_id"],
            "WEBEX_CLIENT_SECRET": app["client_secret"],
            "WEBEX_REFRESH_TOKEN": app["refresh_token"],
        }

    def play(
        self,
        playbook: str,
        variables: Mapping[str, Any] | None = None,
        *arguments: str,
        fails: bool = False,
        name: str = "play",
    ) -> Play:
        """Run a playbook, which must succeed, or fail if it *fails*, and return what it cost from start to end.

        Its files have this *name*, and what it prints is in ``{name}.out``.
        """
        (self.folder / f"{name}.yml").write_text(playbook, encoding="utf-8")
        (self.folder / f"{name}.json").write_text(json.dumps(variables or {}), encoding="utf-8")
        program = str(Path(sys.executable).parent / "ansible-playbook")
        command = [program, f"{name}.yml", "-e", f"@{name}.json", *arguments]
        with open(self.folder / f"{name}.out", "w+", encoding="utf-8") as output:
            start = time.monotonic()
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if bool(process.returncode) != fails:
                output.seek(0)
                raise SystemExit(output.read()[-5000:])
        # In bytes on macOS.
        memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
        return Play(seconds, usage.ru_utime + usage.ru_stime, memory)

    def run_module(self, name: str, **arguments: Any) -> Measure:
        """Run a module of the collection in a process of its own, as Ansible does, but without Ansible's start."""
        return self.run(sys.executable, "in_module.py", {"module": name, "arguments": arguments})

    def run(self, python: str | Path, program: str, order: Mapping[str, Any]) -> Measure:
        """Run one of the programs of this folder with an order, and return what it says of itself."""
        (self.folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
        command = [str(python), str(Path(__file__).parent / program), "order.json", "measure.json"]
        start = time.monotonic()
        process = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        whole = time.monotonic() - start
        if process.returncode:
            raise SystemExit(process.stdout[-5000:] + process.stderr)
        measure = json.loads((self.folder / "measure.json").read_text(encoding="utf-8"))
        return Measure(measure["work"], measure["cpu"], measure["memory"], whole, measure.get("result", {}))
