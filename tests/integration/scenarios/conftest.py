# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks against the simulator, run as a user runs them, and no secret in anything that comes of it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import leaks
import pytest

from tests.loopback.running import Running
from tests.loopback.waiting import wait_until as wait_until
from tests.simulator.process import Simulator

COLLECTION = Path(__file__).resolve().parents[3]
# What the checks have installed from the built artifact, so that a file that it lacks is missed; else the source.
INSTALLED = Path(os.environ.get("WEBEX_INSTALLED_COLLECTION") or COLLECTION)
BIN = Path(sys.executable).parent
# Of users of the lists here who get an extension only; older versions of Ansible wrap it.
NO_CALLBACK = re.compile(r"\[WARNING\]:\s+\S+@example\.com(\s+and\s+\d+\s+more)?:\s+has\s+no\s+phone\s+number,")


@dataclass
class Run:
    """How an ansible-playbook ended."""

    status: int
    output: str

    def changed(self) -> int:
        """Return the recap's number of changes."""
        found = re.search(r"changed=(\d+)", self.output)
        assert found, self.output
        return int(found.group(1))

    def failures(self) -> list[str]:
        """Return the messages of failed tasks that are errors of this collection or of Ansible."""
        return re.findall(r"(?:fatal|failed): \[.*(?:\n[ }].*)*", self.output)


@dataclass
class Workplace:
    """A user's folders and environment, the servers whose secrets are at stake, and what could be seen so far."""

    root: Path
    folder: Path
    environment: dict[str, str]
    servers: list[Running]
    commands: set[bytes]
    printed: dict[str, bytes] = field(default_factory=dict)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def play(self, playbook: str, *arguments: str, **environment: str) -> Run:
        """Run a playbook, a file's text or an FQCN, and keep what it printed."""
        if "\n" in playbook:
            self.write("playbook.yml", playbook)
            playbook = "playbook.yml"
        process = subprocess.run(
            [BIN / "ansible-playbook", playbook, *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
            check=False,
        )
        print(process.stdout)
        self.printed[f"the output of run {len(self.printed) + 1}"] = process.stdout.encode()
        return Run(process.returncode, process.stdout)

    def leaks(self) -> list[str]:
        """Return where a secret is that the servers ever knew: in outputs, logs, caches, what is left, command lines."""
        secrets = {secret: kind for server in self.servers for secret, kind in server.secrets().items()}
        texts = {"the process list": b"\n".join(self.commands), **self.printed, **leaks.left_behind(self.root)}
        return leaks.find(secrets, texts)

    @property
    def vault_file(self) -> Path:
        """Where the playbooks of the collection keep the tokens."""
        return self.folder / "webex_token.yml"


@pytest.fixture(scope="session")
def _webex() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def webex(_webex: Simulator) -> Simulator:
    """A Webex in its first state."""
    _webex.reset()
    return _webex


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder with a short name: below pytest's own, ansible-core's socket would have too long a path."""
    with tempfile.TemporaryDirectory(prefix="wx") as folder:
        yield Path(folder)


@contextlib.contextmanager
def user_in(root: Path, webex: Simulator) -> Iterator[Workplace]:
    """A user with the collection, a vault password and the credentials of a service app in the environment, in the folder *root*.

    Runs are as verbose as can be, unless a test is about what is seen otherwise, and no secret may leak from them.
    """
    collections = root / "collections" / "ansible_collections" / "collabops"
    collections.mkdir(parents=True)
    (collections / "webex").symlink_to(INSTALLED)
    folder = root / "work"
    folder.mkdir()
    (folder / "password").write_text("a vault password\n", encoding="utf-8")
    for name in ("local", "remote", "tmp"):
        (root / "temporary" / name).mkdir(parents=True)
    app = webex.credentials["service_app"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(COLLECTION / "tests" / "tools" / "bytecode"),  # or each module takes a third longer
        # Nothing is asked but servers on loopback: Ansible reads all certificate authorities before each request.
        "SSL_CERT_FILE": os.devnull,
        "ANSIBLE_COLLECTIONS_PATH": str(root / "collections"),
        "ANSIBLE_VAULT_PASSWORD_FILE": "password",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_DEPRECATION_WARNINGS": "true",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_VERBOSITY": "4",
        "ANSIBLE_DIFF_ALWAYS": "true",
        "ANSIBLE_LOG_PATH": str(root / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(root / "cache"),
        "ANSIBLE_LOCAL_TEMP": str(root / "temporary" / "local"),
        "ANSIBLE_REMOTE_TEMP": str(root / "temporary" / "remote"),
        "TMPDIR": str(root / "temporary" / "tmp"),
        "WEBEX_BASE_URL": webex.base_url,
        "WEBEX_CLIENT_ID": app["client_id"],
        "WEBEX_CLIENT_SECRET": app["client_secret"],
        "WEBEX_REFRESH_TOKEN": app["refresh_token"],
    }
    with leaks.watched_processes() as commands:
        workplace = Workplace(root, folder, environment, [webex], commands)
        yield workplace
    assert workplace.leaks() == []


@pytest.fixture
def user(webex: Simulator, tmp_path: Path) -> Iterator[Workplace]:
    """The user of one test."""
    with user_in(tmp_path, webex) as workplace:
        yield workplace


def person(webex: Simulator, email: str) -> dict[str, Any]:
    """Return a person of the simulator's org."""
    return next(one for one in webex.state()["people"] if one["email"] == email)


def assert_quiet(output: str) -> None:
    """There is no warning, but for people without a number that emergency services could call back, and nothing is deprecated."""
    assert "WARNING" not in NO_CALLBACK.sub("", output)
    assert "DEPRECAT" not in output
