# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role calling_users when things go wrong: failures everywhere, killed at any instant, stopped half way."""

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
from tests.integration.scenarios.browser import look, needs_chromium
from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/collabops.webex.webex: {timeout: "{{ timeout | default(30) }}"}
  roles:
    - collabops.webex.calling_users
"""
PAGE = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ users | collabops.webex.calling_users_report(results) | collabops.webex.calling_users_page }}"
        dest: page.html
      diff: false
"""
CSV = "calling_users.csv"
JSON = "calling_users.json"
HTML = "calling_users.html"
KILLS = 4


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
        deadline = time.monotonic() + 600
        while self.process.poll() is None and not true():
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)


@dataclass
class Provisioning:
    """Somebody who enables the users of a CSV file in batches, and keeps the results."""

    user: Workplace
    webex: Simulator

    def write(self, lines: list[str], header: str = "email;location;extension;state") -> list[str]:
        """Write the list, and return who is on it."""
        self.user.write("users.csv", "\n".join([header, *lines, ""]))
        return [line.partition(";")[0] for line in lines]

    def arguments(self, **options: Any) -> list[str]:
        """Return the command line."""
        files = {"calling_users_csv": "users.csv", "calling_users_report_dir": "out"}
        batches = {"calling_users_batch_size": 20}
        return ["playbook.yml", "-e", json.dumps({**files, **batches, **options})]

    def run(self, *arguments: str, **options: Any) -> Run:
        """Run the role to its end."""
        self.user.write("playbook.yml", PLAYBOOK)
        return self.user.play(*self.arguments(**options), *arguments)

    @contextlib.contextmanager
    def running(self, **options: Any) -> Iterator[Running]:
        """Start the role. At the end, nothing of it is left."""
        self.user.write("playbook.yml", PLAYBOOK)
        path = self.user.folder / "output.txt"
        with open(path, "w", encoding="utf-8") as stdout:
            process = subprocess.Popen(
                [conftest.BIN / "ansible-playbook", *self.arguments(**options)],
                cwd=self.user.folder,
                env=self.user.environment,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                start_new_session=True,
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
        with open(self.user.folder / "out" / CSV, encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        report = json.loads((self.user.folder / "out" / JSON).read_text(encoding="utf-8"))
        told = [(row["user"], row["outcome"]) for row in rows]
        assert told == [(one["user"], one["outcome"]) for one in report["users"]]
        outcomes = dict(told)
        assert len(outcomes) == len(told)
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
    run = provisioning.run(timeout=1, calling_users_batch_size=80)
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

    # Another run does the rest, and only that.
    before = provisioning.enabled()
    webex.clear_journal()
    assert provisioning.run().status == 0
    assert len(webex.writes()) == 80 - len(before)
    assert Counter(provisioning.results().values()) == {"enabled": 80 - len(before), "ok": len(before)}
    assert sorted(provisioning.enabled()) == users

    # And another one changes nothing.
    webex.clear_journal()
    again = provisioning.run()
    assert (again.status, again.changed()) == (0, 0)
    assert webex.writes() == []
    assert set(provisioning.results().values()) == {"ok"}


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

    # The files of the run before are there until those of the next one take their places, each as a whole.
    with provisioning.running() as run:
        run.until(lambda: "Write the reports" in run.output)
        time.sleep(chance.uniform(0, 1))
    for name in (CSV, JSON, HTML):
        text = (provisioning.user.folder / "out" / name).read_text(encoding="utf-8")
        assert all(one in text for one in users)
        assert text.rstrip()[-1] == {CSV: '"', JSON: "}", HTML: ">"}[name]


@pytest.mark.any_core
def test_a_batch_that_fails_in_the_middle_stops_nobody_else(provisioning: Provisioning, webex: Simulator) -> None:
    webex.reset(people=60)
    users = provisioning.write(lines_for(1, 60))
    webex.fault(kind="status", status=400, method="PATCH", skip=25, times=3)
    seen: list[tuple[str, int]] = []
    # on_error=stop is about problems of the plan, and there are none.
    with provisioning.running(calling_users_on_error="stop", calling_users_concurrency=1) as run:

        def follow() -> None:
            for line in re.findall(r"item=(users [^)]*: [^)]*)\)", run.output)[len(seen) :]:
                seen.append((line, len(webex.writes())))

        run.until(follow)
        follow()
    # How far it is can be seen while it goes on.
    assert [line for line, _writes in seen] == [
        "users 1-20 of 60: 20 enabled",
        "users 21-40 of 60: 17 enabled, 3 failed",
        "users 41-60 of 60: 20 enabled",
    ]
    assert 20 <= seen[0][1] < 40 <= seen[1][1] < 60 == seen[2][1]
    assert "60 users: 57 enabled, 3 failed" in run.output
    assert "3 of 60 users failed." in run.output
    outcomes = provisioning.results()
    assert [name for name, outcome in outcomes.items() if outcome == "failed"] == users[25:28]
    assert set(provisioning.enabled()) == set(users) - set(users[25:28])


@pytest.mark.any_core
def test_after_too_many_failures_the_other_batches_are_skipped(provisioning: Provisioning, webex: Simulator) -> None:
    webex.reset(people=60)
    provisioning.write([*lines_for(1, 60), "nobody@example.com;Berlin;99;", "bob@example.com;{{ 1 }};98;"])
    # One in the first batch, two in the second. Who is a problem of the plan is not counted.
    webex.fault(kind="status", status=400, method="PATCH", skip=5)
    webex.fault(kind="status", status=400, method="PATCH", skip=23, times=None)
    run = provisioning.run(calling_users_max_failures=3, calling_users_concurrency=1)
    assert run.status == 2
    for words in (
        "users 1-20 of 60: 19 enabled, 1 failed",
        "users 21-40 of 60: 4 enabled, 14 skipped, 2 failed",
        "users 41-60 of 60: 20 skipped",
        "62 users: 23 enabled, 34 skipped, 5 failed",
        "5 of 62 users failed, and 34 were skipped.",
    ):
        assert words in run.output
    # What looks like a template in a file is text.
    assert "{{ 1 }}" in run.failures()[-1]
    assert Counter(provisioning.results().values()) == {"enabled": 23, "skipped": 34, "failed": 5}
    report = json.loads((provisioning.user.folder / "out" / JSON).read_text(encoding="utf-8"))
    assert {one["reason"] for one in report["users"] if one["outcome"] == "skipped"} == {
        "Too many others failed before."
    }
    assert len([write for write in webex.writes() if write["method"] == "PATCH"]) == 26
    assert len(provisioning.enabled()) == 23


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


@pytest.mark.any_core
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"calling_users_json": "users.csv"}, "not both"),
        ({"calling_users_batch_size": -1}, "at least 1"),
        ({"calling_users_csv": "latin1.csv"}, "not UTF-8: there are characters of another encoding in lines 2-3."),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_sent(
    options: dict[str, Any], words: str, provisioning: Provisioning, webex: Simulator
) -> None:
    provisioning.write(lines_for(1, 2))
    text = "email;location;extension\nalice@example.com;München;2002\nbob@example.com;Köln;2003\n"
    (provisioning.user.folder / "latin1.csv").write_bytes(text.encode("latin-1"))
    run = provisioning.run(**options)
    assert run.status == 2
    assert words in run.failures()[-1]
    assert webex.journal() == []


@pytest.mark.any_core
@needs_chromium
def test_the_page_of_thousands_in_a_browser(user: Workplace) -> None:
    count = 3000
    reasons = (
        "The extension 1 is in use by <script>document.title = 'hit'</script>.",
        f"No. What to do: {'look ' * 40}",
    )
    results = [
        {
            "user": f"{'long.name.' * (number % 7)}user{number}@a-company-with-a-long-name.example.com",
            "outcome": ("failed", "enabled", "ok", "skipped", "changed")[number % 5],
            "reason": reasons[number % 2] if number % 5 in (0, 3) else None,
            "location": "Frankfurt am Main, headquarters" if number % 11 == 0 else "Berlin",
            "phone_number": "+493055502001",
            "verified": number % 3 == 0,
        }
        for number in range(count)
    ]
    users = [{"email": one["user"]} for one in results]
    user.write("found.json", json.dumps({"users": users, "results": results}))
    assert user.play(PAGE, "-e", "@found.json").status == 0
    page = user.folder / "page.html"
    opened = """(page) => ({
        users: new Set(page.body.textContent.match(/user\\d+@/g)).size,
        title: page.title,
        narrowest: Math.min(...[...page.querySelectorAll(".findings li")].map((one) => one.offsetWidth)),
    })"""
    backgrounds = set()
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            seen = look(page, width, scheme, opened)
            assert (seen["width"], seen["scroll"], seen["beyond"], seen["requests"]) == (width, width, 0, 0)
            assert seen["narrowest"] > 300
            assert seen["users"] == count
            assert seen["title"] == f"✕ Webex Calling: {count // 5} of {count} users failed."
            assert seen["overall"].startswith(f"{count // 5} of {count} users failed.")
            backgrounds.add(seen["background"])
    assert len(backgrounds) == 2
