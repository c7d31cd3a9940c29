# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import collections
import os
import pathlib
import signal
import typing as t
from datetime import timedelta

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.action.service_app_tokens import SPEC, ActionModule
from ansible_collections.collabops.webex.plugins.module_utils import _organization_list, _retry
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now
from ansible_collections.collabops.webex.plugins.modules import service_app_tokens as documentation
from ansible_collections.collabops.webex.plugins.plugin_utils import _fleet_report
from ansible_collections.collabops.webex.plugins.plugin_utils._custody import keeper
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.vault_file import VaultFileStore
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.vault_text import VaultText
from ansible_collections.collabops.webex.plugins.plugin_utils._fleet import ORGANIZATIONS_PER_REQUEST
from ansible_collections.collabops.webex.plugins.plugin_utils._voice import Voice
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import documentation_of, run_action

REFRESH, PROOF = "POST /v1/access_token", "GET /v1/people/me"


class Desk:
    """The folder of a playbook, with the stores of organizations, and tasks that are run there."""

    def __init__(self, webex: Simulator, folder: pathlib.Path) -> None:
        self.webex, self.folder = webex, folder
        self.loader = DataLoader()
        self.loader.set_basedir(str(folder))
        self.loader.set_vault_secrets([("default", VaultSecret(b"pw"))])
        self.organizations: list[dict[str, str]] = []

    def add(self, count: int, lives: timedelta | None = timedelta(hours=1)) -> None:
        """Have so many organizations, with tokens that live for so long; None: without tokens in their stores."""
        self.organizations = self.webex.add_organizations(count=count)
        for org in self.organizations if lives is not None else []:
            self.put(org, lives)
        self.webex.clear_journal()

    def put(self, org: dict[str, str], lives: timedelta | None = None) -> None:
        """Store the tokens of an organization, which live for so long."""
        now = utc_now().replace(microsecond=0)
        tokens = TokenSet(
            access_token=org["access_token"],
            refresh_token=org["refresh_token"],
            client_id=self.webex.credentials["service_app"]["client_id"],
            obtained_at=now - timedelta(days=14),
            expires_at=now + (lives or timedelta()),
            org_id=org["org_id"],
        )
        self.store(org).save(StoredTokens(tokens))

    def store(self, org: dict[str, str]) -> t.Any:
        """The store of an organization."""
        return open_store({"kind": "vault_file", "path": f"{org['uuid']}.yml"}, self.loader)

    def act(self, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """Run the task."""
        app = self.webex.credentials["service_app"]
        listed = [{"org_id": org["org_id"], "alias": f"c{number}"} for number, org in enumerate(self.organizations)]
        given = {
            "base_url": self.webex.base_url,
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "store": {"kind": "vault_file", "path": "{org_id}.yml"},
            "organizations": listed,
            **options,
        }
        return run_action("service_app_tokens", ActionModule, given, self.loader, check_mode)

    def integration(self) -> dict[str, t.Any]:
        """The options of a task that has an integration."""
        given = self.webex.credentials["integration"]
        names = ("client_id", "client_secret", "refresh_token")
        return {
            "integration": {name: given[name] for name in names},
            "integration_store": {"kind": "vault_file", "path": "integration.yml"},
        }

    def is_renewed(self, org: dict[str, str]) -> bool:
        """Whether the store of an organization has another refresh token than at first."""
        return bool(self.store(org).load().service_app.refresh_token != org["refresh_token"])

    def asked(self) -> dict[str, int]:
        """How often each request was sent."""
        return dict(collections.Counter(f"{entry['method']} {entry['path']}" for entry in self.webex.journal()))


@pytest.fixture
def desk(webex: Simulator, tmp_path: pathlib.Path) -> Desk:
    return Desk(webex, tmp_path)


def test_what_is_due_is_refreshed_and_a_second_run_sends_nothing(desk: Desk) -> None:
    desk.add(5)
    desk.put(desk.organizations[2], timedelta(days=9))
    first = desk.act()
    assert first["counts"] == {"total": 5, "fresh": 1, "refreshed": 4, "minted": 0, "failed": 0, "skipped": 0}
    assert [row["status"] for row in first["organizations"]] == ["refreshed"] * 2 + ["fresh"] + ["refreshed"] * 2
    assert desk.asked() == {REFRESH: 4, PROOF: 4}
    desk.webex.clear_journal()
    second = desk.act()
    assert (second["changed"], second["counts"]["fresh"], desk.asked()) == (False, 5, {})
    assert second["msg"] == "5 organizations: 5 fresh."


def test_a_row_says_everything_but_a_token(desk: Desk) -> None:
    desk.add(1)
    result = desk.act()
    (row,) = result["organizations"]
    assert (row["org_id"], row["alias"]) == (desk.organizations[0]["org_id"], "c0")
    assert row["store"] == {"kind": "vault_file", "path": str(desk.folder / f"{desk.organizations[0]['uuid']}.yml")}
    assert row["expires_at"] < row["refresh_token_expires_at"]
    for secret in desk.webex.secrets():
        assert secret not in str(result)
    documented = yaml.safe_load(documentation.RETURN)
    assert row.keys() == documented["organizations"]["contains"].keys()
    assert result["counts"].keys() == documented["counts"]["sample"].keys()
    assert result.keys() - {"changed"} == documented.keys()


def test_new_customers_are_minted_by_an_integration_that_is_refreshed_once(desk: Desk) -> None:
    desk.webex.configure(rotate_refresh_tokens=True)
    desk.add(12, lives=None)
    result = desk.act(**desk.integration())
    assert result["counts"]["minted"] == 12
    application = desk.webex.credentials["service_app"]["application_id"]
    assert desk.asked() == {REFRESH: 1, f"POST /v1/applications/{application}/token": 12, PROOF: 12}
    desk.webex.clear_journal()
    assert desk.act(**desk.integration())["counts"]["fresh"] == 12
    assert desk.asked() == {}


def test_a_failing_organization_stops_none_of_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sixty, three were revoked, two get no answer within the budget, and one gets a page of HTML."""
    monkeypatch.setattr(keeper, "REFRESH_BUDGET", 10.0)
    desk.add(60)
    names = [org["name"] for org in desk.organizations]
    for name in names[:3]:
        desk.webex.service_app(desk.webex.credentials["service_app"]["client_id"], revoke=True, org=name)
    for name in names[3:5]:
        desk.webex.fault(kind="timeout", org=name, path="/access_token$", seconds=60)
    desk.webex.fault(kind="html", org=names[5], path="/access_token$")
    result = desk.act()
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["counts"] == {"total": 60, "fresh": 0, "refreshed": 54, "minted": 0, "failed": 6, "skipped": 0}
    assert desk.asked() == {REFRESH: 60, PROOF: 54}
    rows = {row["alias"]: row for row in result["organizations"]}
    assert sorted(rows) == [f"c{number}" for number in range(6)]
    assert all(row["remedy"] and row["msg"] for row in rows.values())
    assert all("mint a new token pair" in rows[f"c{number}"]["remedy"] for number in range(3))
    assert all(rows[f"c{number}"]["tracking_id"] for number in range(3))
    assert all("no complete answer" in rows[f"c{number}"]["msg"] for number in (3, 4))
    assert "502" in rows["c5"]["msg"]
    first, *lines = result["msg"].splitlines()
    assert first == "60 organizations: 54 refreshed, 6 failed."
    assert lines[0].startswith("3 failed (c0, c1, c2): POST /access_token was answered with 400")
    assert "What to do: " in lines[0]
    # Another run, when all is well, has those left that need a human.
    desk.webex.clear_faults()
    assert desk.act()["counts"] == {"total": 60, "fresh": 54, "refreshed": 3, "minted": 0, "failed": 3, "skipped": 0}


def test_check_mode_sends_nothing_and_writes_nothing(desk: Desk) -> None:
    desk.add(2)
    desk.put(desk.organizations[0], timedelta(days=9))
    before = sorted(os.listdir(desk.folder))
    result = desk.act(check_mode=True, **desk.integration())
    assert [row["status"] for row in result["organizations"]] == ["fresh", "refreshed"]
    assert (result["changed"], desk.asked(), sorted(os.listdir(desk.folder))) == (True, {}, before)


def test_a_429_slows_all_down_and_fails_none(desk: Desk) -> None:
    desk.add(12)
    desk.webex.fault(kind="status", status=429, retry_after=1, times=5)
    result = desk.act()
    assert result["counts"]["refreshed"] == 12
    assert sum(entry["status"] == 429 for entry in desk.webex.journal()) == 5


def test_an_organization_that_was_told_to_wait_longer_than_it_may_has_another_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "REFRESH_BUDGET", 3.0)
    desk.add(3)
    desk.webex.fault(kind="status", status=429, retry_after=5, path="/access_token$")
    assert desk.act(concurrency=1)["counts"]["refreshed"] == 3


def test_a_webex_that_cannot_be_reached_is_not_asked_a_thousand_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_retry, "LONGEST_PAUSE", 0.01)
    desk.add(30)
    desk.webex.down()
    try:
        result = desk.act(concurrency=1)
    finally:
        desk.webex.up()
    counts = result["counts"]
    assert counts["failed"] + counts["skipped"] == 30
    assert counts["failed"] <= ORGANIZATIONS_PER_REQUEST
    assert "30 organizations: " in result["msg"]
    assert "since Webex cannot be reached: POST /access_token: no connection" in result["msg"]


def test_when_the_time_is_used_up_nothing_is_begun(desk: Desk) -> None:
    desk.add(4)
    result = desk.act(time_budget=0.000001)
    assert (result["counts"]["skipped"], desk.asked()) == (4, {})
    assert "the task's 1e-06 seconds are used up. What to do: run again" in result["msg"]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_signal_ends_the_run_after_what_is_under_way(
    desk: Desk, concurrency: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Webex was asked is answered and saved, what was not begun is not, and the next run goes on."""
    desk.webex.configure(rotate_refresh_tokens=True, latency_ms=20)
    desk.add(40)
    said: list[str] = []
    monkeypatch.setattr(Voice, "say_urgently", lambda voice, text: said.append(text))
    with monkeypatch.context() as patch:
        patch.setattr(_fleet_report.Progress, "note", lambda progress, row: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            desk.act(concurrency=concurrency)
    (line,) = said
    assert line.startswith("interrupted; 40 organizations: ")
    asked = desk.asked()[REFRESH]
    # Those that were under way at the first outcome, in as many threads as there are.
    assert 1 <= asked <= 2 * ORGANIZATIONS_PER_REQUEST * concurrency
    assert sum(desk.is_renewed(org) for org in desk.organizations) == asked
    assert not list(desk.folder.glob(".*.tmp"))
    assert desk.act()["counts"]["refreshed"] == 40 - asked


def test_a_run_whose_ansible_has_ended_begins_nothing_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add(40)

    def lose_the_parent(_progress: object, _row: object) -> None:
        monkeypatch.setattr(os, "getppid", lambda: 1)

    monkeypatch.setattr(_fleet_report.Progress, "note", lose_the_parent)
    assert desk.act(concurrency=1) == {"failed": True, "msg": "ansible-playbook has ended."}
    assert desk.asked()[REFRESH] < 10


def test_a_mistake_of_ours_in_one_organization_does_not_cost_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(3)
    load = VaultFileStore.load

    def fail_for_one(store: VaultFileStore) -> StoredTokens:
        if desk.organizations[1]["uuid"] in store.name:
            raise RuntimeError("with a secret in it")
        return load(store)

    monkeypatch.setattr(VaultFileStore, "load", fail_for_one)
    result = desk.act()
    assert (result["counts"]["refreshed"], result["counts"]["failed"]) == (2, 1)
    assert "RuntimeError" in result["msg"]
    assert "with a secret in it" not in str(result)


def test_tokens_that_a_store_does_not_take_are_shown_however_many_fail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", "/runner")
    monkeypatch.setattr(_fleet_report, "MOST_ROWS", 2)
    monkeypatch.setattr(
        "ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.vault_file.ends_with_the_job",
        lambda folder: False,
    )
    desk.webex.configure(rotate_refresh_tokens=True)
    desk.add(5)

    def fail(*_arguments: object) -> t.NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VaultText, "bytes_of", fail)
    result = desk.act()
    assert result["counts"]["failed"] == 5
    assert len({row["recovery"] for row in result["organizations"] if row["recovery"]}) == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"store": {"kind": "vault_file", "path": "token.yml"}},
            "would be that of c0 and of c1. What to do: put `{org_id}`",
        ),
        ({"store": {"kind": "vault_file", "path": "{org}.yml"}}, "c0: store.path: has {org} in it, which is unknown"),
        ({"store": {"kind": "none"}}, "c0: store.kind: is none, which keeps nothing"),
        (
            {"store": {"kind": "awx_credential"}},
            "the credentials 'Webex Service App' and 'Webex Access Token' of AWX would be",
        ),
        ({"concurrency": 0}, "concurrency: 0 is not from 1 to 100"),
        ({"time_budget": -1}, "time_budget: is not above zero"),
        ({"min_validity": "15d"}, "min_validity: 15d is not below the 14 days"),
        ({"organizations": [{"alias": "acme"}]}, "organizations, entry 1 (acme), org_id: is missing"),
        ({"organizations": "acme"}, "organizations: is not a list"),
        ({"organizations": [{"org_id": "acme"}]}, "organizations, entry 1, org_id: 'acme' is neither a UUID nor"),
        (
            {"integration_store": {"kind": "awx_credential"}},
            "integration_store.kind: is awx_credential. What to do: choose",
        ),
        ({"integration_store": {"kind": "vault_file", "path": "i.yml"}}, "integration_client_id: is missing"),
        (
            {"integration": {"client_id": "C1", "client_secret": "s"}},
            "integration_store: is missing: one integration mints",
        ),
    ],
)
def test_options_that_cannot_be_are_named_before_anything_is_sent(
    desk: Desk, changes: dict[str, t.Any], words: str
) -> None:
    desk.add(2)
    result = desk.act(**changes)
    assert result["failed"]
    assert words in result["msg"]
    assert desk.asked() == {}


def test_an_entry_s_own_store_comes_before_that_of_all(desk: Desk) -> None:
    desk.add(2)
    first, second = desk.organizations
    listed = [
        {"org_id": first["uuid"], "alias": "acme", "store": {"path": f"{first['uuid']}.yml", "encrypt": "values"}},
        {"org_id": second["uuid"], "store": {"kind": "vault_file", "path": "{inventory_hostname}.yml"}},
    ]
    result = desk.act(organizations=listed, store={"kind": "vault_file", "path": "nowhere/{org_id}.yml"})
    assert result["counts"] == {"total": 2, "fresh": 0, "refreshed": 2, "minted": 0, "failed": 0, "skipped": 0}
    assert (desk.folder / f"{first['uuid']}.yml").read_bytes().count(b"!vault") == 2


def test_a_refresh_token_of_the_environment_is_that_of_one_organization(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(2, lives=None)
    monkeypatch.setenv("WEBEX_REFRESH_TOKEN", desk.organizations[0]["refresh_token"])
    monkeypatch.setenv("WEBEX_ORG_ID", desk.organizations[0]["org_id"])
    result = desk.act()
    assert (result["counts"]["failed"], desk.asked()) == (2, {})


def test_the_options_are_those_that_are_documented() -> None:
    documented = documentation_of(documentation.DOCUMENTATION)["options"]
    assert documented.keys() == SPEC.keys()
    for name, option in SPEC.items():
        if option["type"] not in ("dict", "raw"):
            assert (documented[name]["type"], documented[name].get("default")) == (
                option["type"],
                option.get("default"),
            )
    entry = yaml.safe_load(documentation.DOCUMENTATION)["options"]["organizations"]["suboptions"]
    assert sorted(entry) == sorted(_organization_list.KEYS)
