# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role calling_users when things go wrong: failures everywhere, interrupted, killed at any instant."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.scenarios import conftest
from tests.integration.scenarios.conftest import Run, Workplace, wait_until
from tests.simulator.process import Simulator

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/collabops.webex.webex: {timeout: "{{ timeout | default(30) }}"}
  tasks:
    - ansible.builtin.include_role:
        name: collabops.webex.calling_users
        apply: {timeout: "{{ limit | default(0) }}"}
"""
CSV = "calling_users.csv"
JSON = "calling_users.json"
HTML = "calling_users.html"
KILLS = 2  # tests/bulk kills the module at more instants


@dataclass
class Running:
    """A run that goes on."""

    process: subprocess.Popen[bytes]
    path: Path

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.path.read_text(encoding="utf-8")

    def until(self, true: Callable[[], object]) -> None:
        """Wait for something that it does, or for its end."""
        wait_until(lambda: self.process.poll() is not None or true())


@dataclass
class Provisioning:
    """Somebody who enables the users of a CSV file, and keeps the results."""

    user: Workplace
    webex: Simulator

    def write(self, lines: list[str], header: str = "email;location;extension;state") -> list[str]:
        """Write the list, and return who is on it."""
        self.user.write("users.csv", "\n".join([header, *lines, ""]))
        return [line.partition(";")[0] for line in lines]

    def arguments(self, **options: Any) -> list[str]:
        """Return the command line."""
        files = {"calling_users_src": "users.csv", "calling_users_report_dir": "out"}
        return ["playbook.yml", "-e", json.dumps({**files, **options})]

    def run(self, *arguments: str, **options: Any) -> Run:
        """Run the role to its end."""
        self.user.write("playbook.yml", PLAYBOOK)
        return self.user.play(*self.arguments(**options), *arguments)

    @contextlib.contextmanager
    def running(self, **options: Any) -> Iterator[Running]:
        """Start the role. At the end, nothing of it is left."""
        self.user.write("playbook.yml", PLAYBOOK)
        path = self.user.folder / "output.txt"
        with open(path, "a", encoding="utf-8") as stdout:
            process = subprocess.Popen(
                [conftest.BIN / "ansible-playbook", *self.arguments(**options)],
                cwd=self.user.folder,
                env=self.user.environment,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Processes in the background, as those of pytest-xdist, may ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
            try:
                yield Running(process, path)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                # The workers of newer cores have sessions of their own, and outlive it.
                kill_all(f"HOME={self.user.environment['HOME']}")
                process.wait()

    def state(self) -> dict[str, Any]:
        """What is to be the same in the end, however it came about."""
        return {key: value for key, value in self.webex.state().items() if key in ("people", "numbers", "licenses")}

    def enabled(self) -> dict[str, str]:
        """The extensions of those who hold a calling license; each is there once, and each takes one unit."""
        people = self.webex.state()["people"]
        found = {one["email"]: one["extension"] for one in people if any("Calling" in name for name in one["licenses"])}
        consumed = [one["consumed_by_users"] for one in self.webex.state()["licenses"] if "Calling" in one["name"]]
        assert sum(consumed) == len(found) == len(set(found.values()))
        del found["ivan@example.com"]
        return found

    def results(self) -> dict[str, str]:
        """The outcomes of all users; both files name each of them once, and say the same."""
        with open(self.user.folder / "out" / CSV, encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
        report = json.loads((self.user.folder / "out" / JSON).read_text(encoding="utf-8"))
        listed = [(row["email"], row["outcome"]) for row in rows]
        assert listed == [(user["user"], user["outcome"]) for user in report["users"]]
        outcomes = dict(listed)
        assert len(outcomes) == len(listed)
        assert {kind: count for kind, count in report["counts"].items() if count} == Counter(outcomes.values())
        assert all(row["reason"] for row in rows if row["outcome"] in ("failed", "skipped"))
        page = (self.user.folder / "out" / HTML).read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert page.rstrip().endswith("</html>")
        assert all(name in page for name in outcomes)
        return outcomes


def kill_all(variable: str) -> None:
    """Kill every process that has this in its environment."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if variable.encode() in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)


def processes(user: Workplace) -> dict[int, bytes]:
    """The processes of a user that still go on, with their command lines."""
    running = {}
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"HOME={user.environment['HOME']}".encode() in environment.read_bytes().split(b"\0"):
                running[int(environment.parent.name)] = (environment.parent / "cmdline").read_bytes()
    return {process: command for process, command in running.items() if command}


def lines_for(first: int, last: int, more: str = "") -> list[str]:
    """The lines of generated people."""
    return [f"user{n:05}@example.com;Berlin;{10_000 + n};{more}" for n in range(first, last + 1)]


@pytest.fixture
def provisioning(user: Workplace, webex: Simulator) -> Provisioning:
    """Somebody with an access token."""
    user.environment["WEBEX_ACCESS_TOKEN"] = webex.credentials["service_app"]["access_token"]
    return Provisioning(user, webex)


@pytest.mark.any_core
def test_with_failures_everywhere_nobody_is_lost_or_done_twice(provisioning: Provisioning, webex: Simulator) -> None:
    webex.reset(people=80)
    users = provisioning.write(lines_for(1, 80))
    # One user certainly fails; besides, 10 % of all calls do, in seven ways.
    webex.fault(kind="status", status=400, method="PATCH", skip=30)
    webex.fail_at_random(retry_after=1)
    run = provisioning.run(timeout=1)
    webex.clear_faults()
    assert sum(entry["fault"] is not None for entry in webex.journal()) > 3
    assert run.status == 2
    outcomes = provisioning.results()
    assert sorted(outcomes) == users
    told = {name for name, outcome in outcomes.items() if outcome == "enabled"}
    failed = {name for name, outcome in outcomes.items() if outcome == "failed"}
    assert failed
    assert told | failed == set(users)
    # Whoever is told to be enabled is; of the others nobody knows.
    assert told <= set(provisioning.enabled()) <= told | failed
    assert f"80 users: {len(told)} enabled, {len(failed)} failed" in run.output

    # Another run, of those whom the report calls failed, does the rest, and only that.
    before = provisioning.enabled()
    webex.clear_journal()
    assert provisioning.run(calling_users_src=f"out/{CSV}").status == 0
    assert len(webex.writes()) == 80 - len(before)
    assert sorted(provisioning.results()) == sorted(failed)
    assert Counter(provisioning.results().values())["enabled"] == 80 - len(before)
    assert sorted(provisioning.enabled()) == users


@pytest.mark.any_core
def test_killed_at_any_instant_and_started_again_it_ends_as_a_clean_run(
    provisioning: Provisioning, webex: Simulator
) -> None:
    # Without pipelining, a killed Ansible leaves its copy of the module behind, with the token in it.
    provisioning.user.environment["ANSIBLE_PIPELINING"] = "true"
    # Of ten who are enabled, five get another extension and five lose calling; 50 are enabled.
    users = provisioning.write(
        [
            *(line.replace(";1", ";91") for line in lines_for(1, 5)),
            *(f"user{n:05}@example.com;;;absent" for n in range(6, 11)),
            *lines_for(11, 60),
        ]
    )
    webex.reset(people=60, enabled=10)
    assert provisioning.run().status == 0
    clean = provisioning.state()
    assert sorted(provisioning.enabled()) == users[:5] + users[10:]

    webex.reset(people=60, enabled=10)
    webex.configure(latency_ms=30)
    for path in (provisioning.user.folder / "out").iterdir():
        path.unlink()
    chance = random.Random()
    for _number in range(KILLS):
        webex.clear_journal()
        requests, seconds = chance.randint(1, 30), chance.uniform(0, 0.2)
        print(f"to be killed {seconds:.3f} seconds after {requests} requests")
        with provisioning.running() as run:
            run.until(lambda: len(webex.journal()) >= requests)  # noqa: B023
            time.sleep(seconds)
        print(run.output)
    webex.configure(latency_ms=0)
    assert provisioning.run().status == 0
    assert provisioning.state() == clean
    assert sorted(provisioning.results()) == sorted(users)


@pytest.mark.any_core
def test_its_progress_is_seen_and_after_too_many_failures_the_others_are_skipped(
    provisioning: Provisioning, webex: Simulator
) -> None:
    webex.reset(people=60)
    users = provisioning.write([*lines_for(1, 60), "bob@example.com;{{ 1 }};98;"])
    webex.configure(latency_ms=400)
    webex.fault(kind="status", status=400, method="PATCH", skip=25, times=None)
    # What a survey leaves open is an empty text; and a job of AWX hands the summary on, even if it fails.
    empty = {"calling_users_check_mode": "", "calling_users_license": ""}
    with provisioning.running(
        calling_users_concurrency=1, calling_users_wait_timeout=1, calling_users_max_failures=3, awx_job_id=7, **empty
    ) as run:
        run.until(lambda: False)
    lines = re.findall(r"^calling_users \[localhost\]: (?!reading)(.*)", run.output, re.MULTILINE)
    assert re.fullmatch(r"60 users to change, about \d+ s at the pace so far", lines[0])
    progress = [
        re.fullmatch(r"(\d+) of 60 users, (\d+) failed, [\d.]+ users/s, about \d+ s left", line) for line in lines[1:-1]
    ]
    counts = [tuple(map(int, line.groups())) for line in progress if line]
    assert len(counts) >= 1
    assert counts == sorted(counts)
    assert lines[-1] == f"61 users: 25 enabled, 32 skipped, 4 failed; see {provisioning.user.folder / 'out'}"
    assert "4 of 61 users failed, and 32 were skipped." in run.output
    # What looks like a template in a file is text.
    assert "{{ 1 }}" in run.output
    results = provisioning.results()
    assert [name for name, outcome in results.items() if outcome == "failed"] == [*users[25:28], "bob@example.com"]
    assert len(provisioning.enabled()) == Counter(results.values())["enabled"] == 25
    report = json.loads((provisioning.user.folder / "out" / JSON).read_text(encoding="utf-8"))
    reasons = {user["reason"] for user in report["users"] if user["outcome"] == "skipped"}
    assert reasons == {"Too many others failed before."}
    assert len([write for write in webex.writes() if write["method"] == "PATCH"]) == 28
    assert run.output.count("Hand the summary on") == 1
    assert '"calling_users": {' in run.output


@pytest.mark.parametrize(
    ("signal_number", "of_group", "limit"),
    [(signal.SIGINT, True, 0), (signal.SIGTERM, False, 0), (signal.SIGKILL, False, 0), (None, False, 20)],
)
def test_a_run_that_is_cut_short_stops_writing_and_reports_who_is_done(
    signal_number: int | None, of_group: bool, limit: int, provisioning: Provisioning, webex: Simulator
) -> None:
    """By Ctrl-C in a terminal, by a scheduler, by force, and by the task's time limit."""
    people = 400
    webex.reset(people=people)
    provisioning.write(lines_for(1, people))
    webex.configure(latency_ms=300)
    # Slowly up to a time limit, which must be long enough for a busy machine.
    with provisioning.running(calling_users_concurrency=2 if limit else 4, limit=limit) as run:
        run.until(lambda: len(webex.writes()) >= 5)
        if signal_number == signal.SIGKILL:
            os.kill(run.process.pid, signal_number)
        elif signal_number:
            (os.killpg if of_group else os.kill)(run.process.pid, signal_number)
        run.until(lambda: False)
        wait_until(lambda: not processes(provisioning.user))
        print(run.output)
        written = len(webex.writes())
        results = Counter(provisioning.results().values())
        assert 5 <= written < people / 2
        assert results["enabled"] == len(provisioning.enabled()) == written
        assert results["enabled"] + results["skipped"] == people
        assert (
            f"{people} users: {written} enabled, {people - written} skipped" in run.output
        ) or signal_number == signal.SIGKILL


def test_without_ansible_the_module_stops(provisioning: Provisioning, webex: Simulator) -> None:
    """All of Ansible is killed, and the module is alone on its host: nobody reads its answer any more."""
    provisioning.user.environment["ANSIBLE_PIPELINING"] = "true"
    webex.reset(people=400)
    provisioning.write(lines_for(1, 400))
    webex.configure(latency_ms=300)
    with provisioning.running(calling_users_concurrency=4) as run:
        run.until(lambda: len(webex.writes()) >= 5)
        for process, command in processes(provisioning.user).items():
            if b"ansible-playbook" in command:
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not processes(provisioning.user))
        assert len(webex.writes()) < 200
        assert len(provisioning.enabled()) == len(webex.writes())


@pytest.mark.any_core
def test_check_mode_tells_the_plan_and_leaves_the_results_as_they_are(
    provisioning: Provisioning, webex: Simulator
) -> None:
    webex.reset(people=40, enabled=5)
    provisioning.write(lines_for(1, 40))
    folder = provisioning.user.folder / "out"
    folder.mkdir()
    (folder / CSV).write_text("of the last run\n", encoding="utf-8")
    run = provisioning.run("--check", "--diff")
    assert run.status == 0
    assert "40 users: 35 enabled, 5 unchanged" in run.output
    planned = re.findall(
        r"^\+(user\d+)@example.com: Webex Calling - Professional, Berlin, \d+, -", run.output, re.MULTILINE
    )
    assert len(planned) == 35
    assert webex.journal() != []
    assert webex.writes() == []
    assert [path.name for path in folder.iterdir()] == [CSV]
    assert (folder / CSV).read_text(encoding="utf-8") == "of the last run\n"


# What the variables of a run are, and what it says of them.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "There is no list of users. What to do: give one of src, text and users; in the role, calling_users_src, "),
    (
        {"calling_users_src": "", "calling_users_text": None, "calling_users_report_dir": None},
        "There is no list of users.",
    ),
    (
        {"calling_users_src": "users.csv", "calling_users_on_eror": "stop"},
        "calling_users_on_eror: is no variable of the role calling_users. What to do: did you mean calling_users_on_error?",
    ),
    ({"calling_users_src": "users.csv", "calling_users_concurrency": "many"}, "calling_users_concurrency"),
]


@pytest.mark.any_core
def test_what_cannot_be_done_is_said_before_anything_is_sent(provisioning: Provisioning, webex: Simulator) -> None:
    provisioning.write(lines_for(1, 2))
    provisioning.user.write("header.csv", "email;location;extension\n")
    tasks = [
        {
            "block": [{"ansible.builtin.include_role": {"name": "collabops.webex.calling_users"}, "vars": variables}],
            "rescue": [
                {
                    "ansible.builtin.debug": {"msg": f"{number}: {{{{ ansible_failed_result.msg }}}}"},
                    "register": f"case_{number}",
                }
            ],
        }
        for number, (variables, _words) in enumerate(REFUSED)
    ]
    allowed = {"calling_users_allow_empty": True, "calling_users_src": "header.csv"}
    tasks += [{"ansible.builtin.include_role": {"name": "collabops.webex.calling_users"}, "vars": allowed}]
    messages = [f"case_{number}.msg" for number in range(len(REFUSED))]
    tasks += [
        {"ansible.builtin.copy": {"dest": "said.json", "content": f"{{{{ [{', '.join(messages)}] | to_json }}}}"}}
    ]
    run = provisioning.user.play(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], indent=1))
    assert run.status == 0, run.output
    said = json.loads((provisioning.user.folder / "said.json").read_text(encoding="utf-8"))
    for (_variables, words), message in zip(REFUSED, said, strict=True):
        assert words in message
    assert webex.journal() == []


@pytest.mark.any_core
def test_without_a_list_the_playbook_refreshes_no_token(user: Workplace, webex: Simulator) -> None:
    run = user.play("collabops.webex.enable_calling_users", "-e", "users_csv=users.csv")
    assert run.status == 2
    assert "There is no list of users. Nothing reads the variable users_csv." in run.output
    assert webex.journal() == []
    assert not user.vault_file.exists()


@pytest.mark.any_core
def test_answers_of_a_survey_are_texts(user: Workplace, webex: Simulator) -> None:
    answers = {
        "calling_users_text": "email,extension\r\nalice@example.com,2002\r\n",
        "calling_users_location": "Berlin",
        "calling_users_license": "",
        "calling_users_check_mode": "yes",  # tests/awx answers "no"
        # As a job of a newer AWX, which has no awx_job_id.
        "tower_job_id": 7,
    }
    run = user.play("collabops.webex.enable_calling_users", "-e", json.dumps(answers), ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert run.status == 0, run.output
    assert conftest.person(webex, "alice@example.com")["location"] is None
    assert re.search(r'"?enabled"?: 1', run.output.partition("CUSTOM STATS")[2])
