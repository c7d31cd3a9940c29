# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to bring people whom nobody has to calling: created, enabled, and seen, in the ways that there are."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.benchmark.desk import Desk, Measure
from tests.benchmark.users import CONCURRENCY, LATENCY, WXC_SDK, check, fresh

# For a quick look, fewer will do.
PEOPLE = int(os.environ.get("NEWCOMERS", "500"))
BULK_SCOPE = "identity:people_rw"
SETTINGS_SCOPE = "spark-admin:telephony_config_write"
SETTINGS = {"emergency_callback": "location", "voicemail": {"rings": 5}}
# How requests are counted: by method, and what the path ends with.
KINDS = (("POST", "/v2/Bulk"), ("POST", "/v1/people"), ("PATCH", "/v1/licenses/users"), ("PUT", ""), ("GET", ""))


def make_newcomers() -> list[dict[str, str]]:
    """Return people who do not exist, with names."""
    return [
        {
            "email": f"new{n:05}@example.com",
            "display_name": f"New {n:05}",
            "location": "Berlin",
            "extension": str(20_000 + n),
        }
        for n in range(1, PEOPLE + 1)
    ]


def ours(desk: Desk, users: list[dict[str, str]], sets_up: bool) -> Measure:
    """Run the process of the module, as the task starts it."""
    wishes = [{**user, **SETTINGS} for user in users] if sets_up else users
    return desk.run_module("calling_users", users=wishes, concurrency=CONCURRENCY, create_people=True)


def wxc_sdk(desk: Desk, users: list[dict[str, str]], sets_up: bool) -> Measure:
    """Run the asynchronous API of wxc_sdk, looking first and afterwards."""
    order = {"users": users, "concurrency": CONCURRENCY, "look": 2, "create": True, "set_up": sets_up}
    return desk.run(WXC_SDK, "with_wxc_sdk.py", order)


def allow_bulk(desk: Desk, is_allowed: bool) -> None:
    """Give the scope for settings, and give or take that for SCIM."""
    app = desk.webex.credentials["service_app"]["client_id"]
    scopes = {*desk.webex.service_app(app)["scopes"], BULK_SCOPE, SETTINGS_SCOPE} - (
        set() if is_allowed else {BULK_SCOPE}
    )
    desk.webex.service_app(app, scopes=sorted(scopes), regrant=True)


def measure(desk: Desk) -> None:
    """Measure, and print the table."""
    users = make_newcomers()
    print(
        f"\n{PEOPLE} people whom nobody has, from nobody to licensed, or to set up; {LATENCY * 1000:.0f} ms latency, {CONCURRENCY} requests at once.\n"
        "bulk, people, licenses, settings: the writing requests; reads: all others. again: requests of a second run, which writes\n"
        f"nothing. set up: with {' and '.join(SETTINGS)}, too, each read before and afterwards."
    )
    print(
        f"\n{'way':48}{'work':>9}{'cpu':>7}{'bulk':>6}{'people':>8}{'licenses':>10}{'settings':>10}{'reads':>7}{'again':>7}"
    )
    ways: dict[str, tuple[bool, bool, Callable[[Desk, list[dict[str, str]], bool], Measure]]] = {
        "wxc_sdk, looking first and afterwards": (True, False, wxc_sdk),
        f"calling_users, with {BULK_SCOPE}": (True, False, ours),
        "calling_users, without it": (False, False, ours),
        "wxc_sdk, set up": (True, True, wxc_sdk),
        f"calling_users, with {BULK_SCOPE}, set up": (True, True, ours),
    }
    for name, (is_allowed, sets_up, way) in ways.items():
        fresh(desk, PEOPLE, 0)  # for their licenses
        allow_bulk(desk, is_allowed)
        desk.webex.clear_journal()
        found = way(desk, users, sets_up)
        check(desk, users)
        journal = desk.webex.journal()
        counts = [
            sum(entry["method"] == method and entry["path"].endswith(end) for entry in journal) for method, end in KINDS
        ]
        if sum(counts) != len(journal):
            raise SystemExit("there are requests that are not counted")
        desk.webex.clear_journal()
        way(desk, users, sets_up)
        if desk.webex.writes():
            raise SystemExit(f"{name}: the second run has written")
        again = len(desk.webex.journal())
        bulk, people, licenses, settings, reads = counts
        print(
            f"{name:48}{found.work:9.2f}{found.cpu:7.2f}{bulk:6}{people:8}{licenses:10}{settings:10}{reads:7}{again:7}",
            flush=True,
        )
