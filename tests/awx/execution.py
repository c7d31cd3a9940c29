# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs as AWX does: `ansible-runner transmit | worker | process`, each with folders of its own that are gone afterwards.

There is no container around a job. Instead, what is `/runner` in AWX is a folder that begins empty with each job, and so is
the home; nothing else of the environment than what is given reaches it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import leaks

COLLECTION = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CLOCK = COLLECTION / "tests" / "awx" / "clock"
# What a checkout of the repository has, but for its tests.
OF_THE_PROJECT = ("collections", "galaxy.yml", "meta", "playbooks", "plugins", "roles")
SECONDS = 900


@dataclass
class Job:
    """What AWX would run: a playbook of the project with variables, and what the credentials inject."""

    number: int
    playbook: str
    variables: Mapping[str, Any]
    files: Mapping[str, str]  # by path
    environment: Mapping[str, str]


@dataclass
class Ended:
    """What AWX knows of a job that has ended."""

    status: str
    output: str
    artifacts: dict[str, Any]  # of set_stats
    leaks: list[str]

    @property
    def changed(self) -> int:
        """How many tasks have changed something."""
        return int(self.output.rpartition("changed=")[2].split()[0])


class Execution:
    """An execution node with its controller. *folder* is where jobs are, one after the other."""

    def __init__(self, folder: Path) -> None:
        # What AWX has of the project, and the private folder of a job there.
        self.checkout, self._control = folder / "checkout", folder / "control"
        # What a job sees, at the same path in each, as in AWX.
        self.runner, self._home = folder / "runner", folder / "home"
        self.days = 0.0  # since the tests began: the present day of the jobs
        self.checkout.mkdir(parents=True)
        for name in OF_THE_PROJECT:
            if (COLLECTION / name).is_dir():
                shutil.copytree(COLLECTION / name, self.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(COLLECTION / name, self.checkout)
        # Copies of these are half of what a job leaves behind. A file with the same content holds no secret of a job.
        self._sources = set(leaks.left_behind(self.checkout).values())

    @property
    def injected_into(self) -> Path:
        """Where the files of credentials are in a job."""
        return self.runner / "env"

    def run(self, job: Job, secrets: Mapping[str, str]) -> Ended:
        """Run a job to its end. *secrets* must be nowhere but in the files that its credentials have injected."""
        with self.started(job) as process:
            printed = process.communicate(timeout=SECONDS)[0]
            return self.ended(job, printed, secrets)

    @contextlib.contextmanager
    def started(self, job: Job) -> Iterator[subprocess.Popen[bytes]]:
        """Begin a job: the process of the controller that takes in what comes of it, which ends after the job."""
        self._prepare(job)
        environment = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "ANSIBLE_REMOTE_TEMP": str(self._home / "remote"),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(CLOCK),
            "JOB_CLOCK_OFFSET": str(self.days * 86400),
        }
        commands = (
            ("transmit", str(self._control), "-p", job.playbook, "--ident", str(job.number)),
            ("worker", "--private-data-dir", str(self.runner)),
            ("process", str(self._control), "--ident", str(job.number)),
        )
        processes: list[subprocess.Popen[bytes]] = []
        stream: Any = subprocess.DEVNULL
        for command in commands:
            words = [BIN / "ansible-runner", *command]
            processes.append(subprocess.Popen(words, stdin=stream, stdout=subprocess.PIPE, env=environment))
            if len(processes) > 1:
                stream.close()  # the process that reads it has one of its own
            stream = processes[-1].stdout
        self._worker = processes[1].pid
        try:
            yield processes[-1]
        finally:
            self.kill()
            for process in processes:
                process.kill()
                process.wait()
            for folder in (self._control, self.runner, self._home):
                shutil.rmtree(folder)

    def kill(self) -> None:
        """End the job as the end of its container does: all its processes at once."""
        for process in family(self._worker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def ended(self, job: Job, printed: bytes, secrets: Mapping[str, str]) -> Ended:
        """What AWX has of a job, and where secrets are that should not be."""
        artifacts = self._control / "artifacts" / str(job.number)
        events = [json.loads(path.read_text(encoding="utf-8")) for path in (artifacts / "job_events").glob("*.json")]
        stats = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
        status = artifacts / "status"
        texts = {"standard output": printed}
        for folder in (self._control, self.runner, self._home):
            own = [folder / "env" / Path(path).name for path in job.files]
            left = leaks.left_behind(folder, *own).items()
            texts |= {f"{folder.name}/{path}": text for path, text in left if text not in self._sources}
        return Ended(
            status=status.read_text(encoding="utf-8") if status.exists() else "error",
            output=printed.decode(),
            artifacts=stats[0].get("artifact_data", {}) if stats else {},
            leaks=leaks.find(secrets, texts),
        )

    def _prepare(self, job: Job) -> None:
        """What AWX puts into the private folder of a job."""
        shutil.copytree(self.checkout, self._control / "project")
        # AWX has installed it out of the project.
        collections = self._control / "requirements_collections" / "ansible_collections" / "collabops" / "webex"
        shutil.copytree(self.checkout, collections)
        environment = {
            **job.environment,
            "JOB_ID": str(job.number),
            "AWX_PRIVATE_DATA_DIR": str(self.runner),
            "ANSIBLE_COLLECTIONS_PATH": str(self.runner / "requirements_collections"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.runner / "artifacts" / str(job.number) / "fact_cache"),
            "ANSIBLE_VERBOSITY": "4",
            "ANSIBLE_DIFF_ALWAYS": "true",
        }
        texts = {
            "inventory/hosts": "localhost\n",
            "env/envvars": json.dumps(environment),
            "env/extravars": json.dumps(job.variables),
            "env/settings": json.dumps({"fact_cache_type": ""}),
            **{f"env/{Path(path).name}": text for path, text in job.files.items()},
        }
        for name, text in texts.items():
            path = self._control / name
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        self.runner.mkdir()
        self._home.mkdir()


def family(process: int) -> list[int]:
    """A process and its descendants, also those that have made a session of their own."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
        return [process, *(member for child in children for member in family(int(child)))]
    return []
