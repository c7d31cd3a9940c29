# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to enable users for calling, in the ways that there are, side by side."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmark.desk import ROOT, Desk, Measure, Play

USERS = 500
SAMPLE = 40
LATENCY = 0.05
CONCURRENCY = 8
ROUNDS = 3
FIRST_EXTENSION = 10_001
WXC_SDK = ROOT / ".venv" / "wxc_sdk" / "bin" / "python"

# What somebody writes who has neither this collection nor an SDK: look at each user, then assign the license.
URI_LOOP = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    ansible.builtin.uri:
      headers: {Authorization: "Bearer {{ lookup('env', 'WEBEX_ACCESS_TOKEN') }}"}
  vars:
    base: "{{ lookup('env', 'WEBEX_BASE_URL') }}"
    license_id: >-
      {{ (licenses.json['items'] | selectattr('name', 'search', 'Calling - Professional')
          | sort(attribute='totalUnits') | last).id }}
  tasks:
    - ansible.builtin.uri:
        url: "{{ base }}/licenses"
      register: licenses
    - ansible.builtin.uri:
        url: "{{ base }}/telephony/config/locations"
      register: locations
    - ansible.builtin.uri:
        url: "{{ base }}/people?email={{ item.email }}&callingData=true"
      loop: "{{ users }}"
      register: people
    - ansible.builtin.uri:
        url: "{{ base }}/licenses/users"
        method: PATCH
        body_format: json
        body:
          personId: "{{ item.json['items'][0].id }}"
          licenses:
            - id: "{{ license_id }}"
              operation: add
              properties:
                locationId: "{{ (locations.json.locations | selectattr('name', 'eq', item.item.location) | first).id }}"
                extension: "{{ item.item.extension }}"
      loop: "{{ people.results }}"
      when: license_id not in item.json['items'][0].licenses
"""
MODULE_LOOP = """
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.calling_user:
        email: "{{ item.email }}"
        location: "{{ item.location }}"
        extension: "{{ item.extension }}"
      loop: "{{ users }}"
"""
ONE_TASK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.calling_users:
        users: "{{ users }}"
        concurrency: "{{ concurrency }}"
"""


@dataclass(frozen=True)
class Row:
    """What one way took: seconds for the work, with the start of all programs, and of the processor; requests; how it was had."""

    work: float | None
    whole: float
    cpu: float | None
    requests: float
    writes: float
    remark: str = ""


def make_users(count: int) -> list[dict[str, str]]:
    """Return the users of the simulator's org: those who are enabled already have these very extensions."""
    return [
        {"email": f"user{n:05}@example.com", "location": "Berlin", "extension": str(FIRST_EXTENSION + n - 1)}
        for n in range(1, count + 1)
    ]


def fresh(desk: Desk, people: int, enabled: int) -> None:
    """Put the org into its first state, in which *enabled* of the *people* have calling."""
    desk.webex.reset(people=people, enabled=enabled)
    desk.webex.configure(latency_ms=LATENCY * 1000)


def check(desk: Desk, users: list[dict[str, str]]) -> None:
    """See that every user has calling now: a way that is fast and wrong does not count."""
    has = {person["email"]: person["extension"] for person in desk.webex.state()["people"]}
    missing = [user["email"] for user in users if has[user["email"]] != user["extension"]]
    if missing:
        raise SystemExit(f"{len(missing)} users do not have calling, for example {missing[0]}")


def counted(desk: Desk, users: list[dict[str, str]], run: Callable[[], Measure | Play]) -> Row:
    """Run one way in a fresh org, and count its requests."""
    measure = run()
    work, whole, cpu = (
        (None, measure.seconds, measure.cpu)
        if isinstance(measure, Play)
        else (measure.work, measure.whole, measure.cpu)
    )
    requests, writes = len(desk.webex.journal()), len(desk.webex.writes())
    check(desk, users)
    return Row(work, whole, cpu, requests, writes)


def ours(desk: Desk, users: list[dict[str, str]]) -> Row:
    """Return the process of the module, as the task starts it."""

    return counted(desk, users, lambda: desk.run_module("calling_users", users=users, concurrency=CONCURRENCY))


def ours_with_start(desk: Desk, users: list[dict[str, str]]) -> Row:
    """Return a playbook with the one task."""
    return counted(desk, users, lambda: desk.play(ONE_TASK, {"users": users, "concurrency": CONCURRENCY}))


def wxc_sdk(desk: Desk, users: list[dict[str, str]], look: int) -> Row:
    """Return the asynchronous API of wxc_sdk, with as many looks at everybody."""

    order = {"users": users, "concurrency": CONCURRENCY, "look": look}
    return counted(desk, users, lambda: desk.run(WXC_SDK, "with_wxc_sdk.py", order))


def loop(desk: Desk, playbook: str, enabled: int) -> Row:
    """Return a loop over users, from one over SAMPLE users and one over none."""
    users = make_users(USERS)
    middle = USERS // 2
    # Half of them enabled where half of all are.
    sample = users[middle - SAMPLE // 2 : middle + SAMPLE // 2]
    rows = []
    for chosen in ([], sample):
        fresh(desk, USERS, enabled)
        rows.append(counted(desk, chosen, lambda chosen=chosen: desk.play(playbook, {"users": chosen})))  # type: ignore[misc]
    nobody, some = rows
    times = USERS / SAMPLE
    return Row(
        None,
        nobody.whole + (some.whole - nobody.whole) * times,
        (nobody.cpu or 0) + ((some.cpu or 0) - (nobody.cpu or 0)) * times,
        nobody.requests + (some.requests - nobody.requests) * times,
        nobody.writes + (some.writes - nobody.writes) * times,
        f"extrapolated from {SAMPLE} users",
    )


def median(rows: list[Row]) -> Row:
    """Return the median of the rounds."""
    work = [row.work for row in rows if row.work is not None]
    cpu = [row.cpu for row in rows if row.cpu is not None]
    return Row(
        statistics.median(work) if work else None,
        statistics.median(row.whole for row in rows),
        statistics.median(cpu) if cpu else None,
        rows[0].requests,
        rows[0].writes,
        f"median of {len(rows)}" if len(rows) > 1 else "",
    )


def measure(desk: Desk) -> None:
    """Measure, and print a table for each state of the org."""
    users = make_users(USERS)
    print(
        f"\n{USERS} users, {LATENCY * 1000:.0f} ms latency, {CONCURRENCY} requests at once.\n"
        "work: seconds of the program itself, its imports done; whole: with the start of Python or of ansible-playbook;\n"
        "floor: one write for each user who needs one, times latency over concurrency; ratio: work (or whole) to floor.\n"
        "calling_users looks first, and afterwards that everybody has what was planned."
    )
    for state, enabled in (("none", 0), ("half", USERS // 2), ("all", USERS)):
        ways: dict[str, Callable[[Desk, list[dict[str, str]]], Row]] = {
            "wxc_sdk, asynchronous, looking first": lambda desk, users: wxc_sdk(desk, users, look=1),
            "wxc_sdk, looking first and afterwards": lambda desk, users: wxc_sdk(desk, users, look=2),
            "calling_users, the module's process": ours,
            "calling_users, with ansible-playbook": ours_with_start,
        }
        if not enabled:
            ways["wxc_sdk, asynchronous, without looking"] = lambda desk, users: wxc_sdk(desk, users, look=0)
        found: dict[str, list[Row]] = defaultdict(list)
        for _round in range(ROUNDS):
            for name, way in ways.items():
                fresh(desk, USERS, enabled)
                found[name].append(way(desk, users))
        rows = {
            "loop of ansible.builtin.uri": loop(desk, URI_LOOP, enabled),
            "loop of calling_user": loop(desk, MODULE_LOOP, enabled),
            **{name: median(rounds) for name, rounds in sorted(found.items(), reverse=True)},
        }
        print_table(state, USERS - enabled, rows)


def print_table(state: str, needed: int, rows: dict[str, Row]) -> None:
    """Print the rows for one state of the org."""
    floor = needed * LATENCY / CONCURRENCY
    print(
        f"\n{state} of them enabled already{'':17}{'work':>8}{'whole':>9}{'cpu':>7}{'requests':>10}{'writes':>8}{'ratio':>9}"
    )
    print(f"{'floor':42}{floor:8.2f}{floor:9.2f}{'':7}{needed:10}{needed:8}{1 if needed else 0:9.2f}")
    for name, row in rows.items():
        work = f"{row.work:.2f}" if row.work is not None else "-"
        cpu = f"{row.cpu:.2f}" if row.cpu is not None else "-"
        ratio = f"{(row.whole if row.work is None else row.work) / floor:.2f}" if floor else "-"
        print(
            f"{name:42}{work:>8}{row.whole:9.2f}{cpu:>7}{row.requests:10.0f}{row.writes:8.0f}{ratio:>9}  {row.remark}",
            flush=True,
        )


def growth(desk: Desk) -> None:
    """Print time and peak memory for more and more users, none or all of them enabled."""
    print(
        "\nGrowth of calling_users, the module's process. memory: its peak in MiB, without what the list takes (the peak of\n"
        "the same process that is given the list and ends before it does anything, less that of one with a single user)."
    )
    print(
        f"\n{'users':>8}{'enabled':>10}{'work':>9}{'floor':>9}{'ratio':>8}{'requests':>10}{'writes':>8}{'memory':>9}{'list':>7}"
    )
    empty = list_memory(desk, 1)
    memory: dict[tuple[str, int], float] = {}
    for state in ("none", "all"):
        for count in (100, 1_000, 5_000):
            enabled = count if state == "all" else 0
            fresh(desk, count, enabled)
            users = make_users(count)
            found = desk.run_module("calling_users", users=users, concurrency=CONCURRENCY)
            requests, writes = len(desk.webex.journal()), len(desk.webex.writes())
            check(desk, users)
            of_list = list_memory(desk, count) - empty
            memory[state, count] = found.memory - of_list
            floor = (count - enabled) * LATENCY / CONCURRENCY
            ratio = f"{found.work / floor:.2f}" if floor else "-"
            print(
                f"{count:8}{state:>10}{found.work:9.2f}{floor:9.2f}{ratio:>8}{requests:10}{writes:8}"
                f"{memory[state, count]:9.1f}{of_list:7.1f}",
                flush=True,
            )
    for state in ("none", "all"):
        print(
            f"memory for 5,000 users to that for 100, {state} enabled: {memory[state, 5_000] / memory[state, 100]:.2f}"
        )


def list_memory(desk: Desk, count: int) -> float:
    """Return the peak memory of a process that takes the list and ends at an option that is wrong."""
    found: Any = desk.run_module("calling_users", users=make_users(count), concurrency=0)
    if "concurrency" not in found.result.get("msg", ""):
        raise SystemExit(f"the process did not end as it should: {found.result}")
    return float(found.memory)
