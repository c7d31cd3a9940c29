# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of many tokens: the playbook as a monitor runs it, and its page in a real browser."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.scenarios.browser import CHROMIUM, look
from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator
from tests.simulator.world import SCOPES

DAY = timedelta(days=1)
# Where becoming somebody else cannot work: nothing that is done on the controller may need it.
BECOME = """
- hosts: all
  gather_facts: false
  become: true
  vars:
    ansible_become_exe: /nonexistent/sudo
  roles:
    - collabops.webex.token_health
"""
INVENTORY = """
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: /nonexistent/python
"""
PROFILE = "calling_user_enablement"
# What is special on the page: the apps, and their time lines, whose words must not meet.
APPS = """(page) => ({
  overlaps: [...page.querySelectorAll(".ticks")].map(
    (ticks) => [...ticks.children].map((tick) => tick.getBoundingClientRect())
  ).flatMap((row) => row.slice(1).filter((box, n) => box.left < row[n].right)).length,
  apps: Object.fromEntries([...page.querySelectorAll("article")].map((one) => [one.dataset.app, {
    status: one.dataset.status, text: one.innerText,
    rows: one.querySelectorAll(".row .track").length, marks: one.querySelectorAll(".end").length }])),
})"""


@dataclass
class Monitor:
    """A user who looks after many service apps, with the tokens of each in a vault file."""

    user: Workplace
    webex: Simulator
    apps: list[dict[str, Any]]

    def app(self, name: str, **options: Any) -> Path:
        """Put an app on the list, and return the path of its vault file."""
        path = self.user.folder / f"{name}.yml"
        store = {"kind": "vault_file", "path": str(path)}
        self.apps.append({"name": name, "profile": PROFILE, "refresh_every": "1d", "store": store, **options})
        return path

    def stored(
        self,
        name: str,
        lifetime: timedelta = 14 * DAY,
        refresh_lifetime: timedelta = 90 * DAY,
        scopes: tuple[str, ...] = SCOPES,
        known: bool = True,
        access_token: str = "",
        **options: Any,
    ) -> None:
        """Put an app on the list whose tokens have these lives left; *known*: whether the store knows the scopes."""
        now = datetime.now(timezone.utc)
        tokens = self.webex.token(kind="service_app", scopes=list(scopes), lifetime=lifetime.total_seconds())
        variables = {
            "webex_access_token": access_token or tokens["access_token"],
            "webex_refresh_token": tokens["refresh_token"],
            "webex_token": {
                "schema": 1,
                "client_id": self.webex.credentials["service_app"]["client_id"],
                "org_id": self.webex.credentials["org_id"],
                "scopes": list(scopes) if known else None,
                "obtained_at": (now - DAY / 4).isoformat(),
                "expires_at": (now + lifetime).isoformat(),
                "refresh_token_expires_at": (now + refresh_lifetime).isoformat(),
            },
        }
        password = VaultSecret((self.user.folder / "password").read_bytes().strip())
        path = self.app(name, **options)
        path.write_bytes(VaultLib().encrypt(yaml.safe_dump(variables), secret=password))
        path.chmod(0o600)

    def check(self, *arguments: str, **variables: Any) -> Run:
        """Run the playbook."""
        self.user.write("apps.yml", yaml.safe_dump({"token_health_apps": self.apps, **variables}))
        return self.user.play("collabops.webex.token_health", "-e", "@apps.yml", *arguments)

    def report(self) -> dict[str, Any]:
        """What is in the JSON file."""
        found: dict[str, Any] = json.loads((self.user.folder / "webex_token_health.json").read_text(encoding="utf-8"))
        return found

    def found(self) -> dict[str, dict[str, Any]]:
        """What is in the JSON file, by app."""
        return {app["name"]: app for app in self.report()["apps"]}

    @property
    def page(self) -> Path:
        """The page."""
        return self.user.folder / "webex_token_health.html"

    def before(self) -> dict[str, bytes]:
        """Every file of the folder."""
        return {path.name: path.read_bytes() for path in self.user.folder.iterdir()}


@pytest.fixture
def monitor(user: Workplace, webex: Simulator) -> Monitor:
    """A user with no apps yet."""
    return Monitor(user, webex, [])


def add_every_kind(monitor: Monitor) -> None:
    """Apps of every kind, as a bad day has them."""
    monitor.stored("healthy")
    monitor.stored("probed", known=False)
    monitor.stored("late", lifetime=DAY / 3, next_refresh=(datetime.now(timezone.utc) + DAY / 2).isoformat())
    monitor.stored("old", refresh_lifetime=10 * DAY)
    monitor.stored("expired", lifetime=-DAY)
    monitor.stored("dead", lifetime=-80 * DAY, refresh_lifetime=-4 * DAY, refresh_every=None)
    monitor.stored("revoked", access_token="revoked-token-which-webex-does-not-know")
    monitor.stored("narrow", scopes=SCOPES[:5])
    monitor.stored("narrow_probed", scopes=("spark:people_read",), known=False)
    monitor.app("corrupt").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n", encoding="utf-8")
    monitor.app("empty")
    monitor.app("<b>bold</b>", modules=["no_such_module"])


def check_page(monitor: Monitor) -> None:
    """What a browser shows is what was found, on every screen."""
    views = look(monitor.page, APPS)
    for (width, _scheme), seen in views.items():
        assert (seen["width"], seen["scroll"], seen["beyond"], seen["overlaps"]) == (width, width, 0, 0)
        assert seen["requests"] == 0
    assert len({(scheme, seen["background"]) for (_width, scheme), seen in views.items()}) == 2
    assert len({seen["background"] for seen in views.values()}) == 2
    assert {name: app["status"] for name, app in seen["apps"].items()} == {
        name: app["status"] for name, app in monitor.found().items()
    }
    assert seen["overall"].startswith("Something is broken.")
    assert (seen["apps"]["healthy"]["rows"], seen["apps"]["healthy"]["marks"]) == (3, 3)
    assert seen["apps"]["dead"]["marks"] == 2
    assert seen["apps"]["corrupt"]["rows"] == 0
    assert "What to do: refresh now" in seen["apps"]["old"]["text"]
    assert re.search(r"Next refresh in (17 h 5\d min|18 h)", seen["apps"]["healthy"]["text"])
    assert re.search(r"missing\s+spark-admin:people_write", seen["apps"]["narrow"]["text"])


@pytest.mark.any_core
def test_apps_of_every_kind(monitor: Monitor) -> None:
    add_every_kind(monitor)
    before = monitor.before()
    run = monitor.check()
    assert run.status == 2
    assert {name: app["status"] for name, app in monitor.found().items()} == {
        "healthy": "healthy",
        "probed": "healthy",
        "late": "warning",
        "old": "warning",
        **dict.fromkeys(("expired", "dead", "revoked", "narrow", "narrow_probed", "corrupt", "empty"), "broken"),
        "<b>bold</b>": "broken",
    }
    messages = {name: [finding["message"] for finding in app["findings"]] for name, app in monitor.found().items()}
    for name, expected in {
        "late": r"The access token expires in (7 h 59 min|8 h), before the next scheduled refresh \(in 1[12] h",
        "old": r"The refresh token expires in (9 d 23 h|10 d)",
        "expired": r"The access token expired (1 d|23 h 59 min) ago",
        "dead": r"The refresh token expired (4 d|3 d 23 h) ago",
        "revoked": r"Webex refuses the access token \(401\), though it should be valid until 20",
        "narrow": r"2 scopes are missing: spark-admin:people_read, spark-admin:people_write",
        "narrow_probed": r"3 scopes are missing: spark-admin:telephony_config_read, spark-admin:licenses_read, spark-admin:people_read",
        "corrupt": r"The vault file .*corrupt.yml cannot be decrypted",
        "empty": r"There are no tokens in the vault file .*empty.yml",
        "<b>bold</b>": r"no_such_module",
    }.items():
        assert re.search(expected, messages[name][0]), name
    # Nothing was refreshed, nothing written, and what was asked is asked by GET.
    assert monitor.webex.journal() != []
    assert monitor.webex.writes() == []
    assert {name: data for name, data in monitor.before().items() if name in before} == before
    # The table says the same.
    for name, app in monitor.found().items():
        assert re.search(rf"{re.escape(name)} +{app['status']} ", run.output)
    assert "Overall: broken (8 broken, 2 warning, 2 healthy)." in run.output
    assert "8 broken: expired, dead, " in run.output
    assert "What to do: mint a new token pair" in run.output
    # The page says the same, and takes no name for markup.
    page = monitor.page.read_text(encoding="utf-8")
    assert "<b>bold</b>" not in page
    for name, app in monitor.found().items():
        assert f'data-app="{html.escape(name)}" data-status="{app["status"]}"' in page
        assert all(finding["message"] in html.unescape(page) for finding in app["findings"])
    if CHROMIUM is None:
        pytest.skip("the page was not looked at: there is no Chromium (Debian: apt install chromium)")
    check_page(monitor)


@pytest.mark.any_core
def test_tokens_that_expire_soon_are_a_failure_if_that_is_wanted_and_a_second_look_is_no_change(
    monitor: Monitor,
) -> None:
    monitor.stored("one")
    monitor.stored("two", profile=None, modules=["license_info"])
    run = monitor.check(token_health_refresh_margin="91d")
    assert (run.status, run.changed()) == (0, 1)
    assert "Overall: warning (0 broken, 2 warning, 0 healthy)." in run.output
    assert monitor.report()["status"] == "warning"
    assert "spark-admin:people_write" in monitor.found()["two"]["excess"]
    assert {request["path"] for request in monitor.webex.journal()} == {"/v1/authorizations/tokenExpiry"}
    assert "WARNING" not in run.output
    assert "DEPRECAT" not in run.output

    first = monitor.report()["checked_at"]
    time.sleep(1.1)
    again = monitor.check(token_health_refresh_margin="91d", token_health_fail_on="warning")
    assert (again.status, again.changed()) == (2, 0)
    assert monitor.report()["checked_at"] > first


@pytest.mark.any_core
def test_it_is_the_same_under_become_and_with_localhost_in_the_inventory(monitor: Monitor) -> None:
    monitor.stored("one", lifetime=-DAY)
    monitor.user.write("hosts.yml", INVENTORY)
    variables = {"token_health_apps": monitor.apps}
    monitor.user.write("apps.yml", yaml.safe_dump(variables))
    run = monitor.user.play(BECOME, "-i", "hosts.yml", "-e", "@apps.yml")
    assert run.status == 2
    assert "Overall: broken (1 broken, 0 warning, 0 healthy)." in run.output
    assert "1 broken: one; 0 warning: none." in run.failures()[-1]
    assert len(run.failures()) == 1
    assert monitor.page.exists()
    # It fails after the look, which is what would change the files.
    assert run.changed() == 1
