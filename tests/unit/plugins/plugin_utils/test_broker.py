# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import pathlib
import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    NoAnswer,
    OptionError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._broker import Outcome, Request, obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import NoStore, Store, StoreError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.support import (
    NOW,
    contents,
    holding,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, asked, process, wait_until

REFRESH = "POST /access_token"
ME = "GET /people/me"
EXPIRED = NOW - timedelta(seconds=1)
OTHER_ORG = "96abc2aa-0000-0000-0000-fe34819cdc9a"


class Shop:
    """A service app, a vault file, and runs that want a token."""

    def __init__(self, webex: Simulator, settings: Settings, path: pathlib.Path) -> None:
        self.webex = webex
        self.settings = dataclasses.replace(settings, access_token=None)
        self.path = path

    def store(self, **options: t.Any) -> Store:
        """The vault file, as a run opens it."""
        return vault_file(self.path, **options)

    def put(self, **changes: t.Any) -> None:
        """Store a token set of the service app; its access token expires as soon as *changes* say."""
        app = {"client_id": self.settings.client_id, "refresh_token": self.settings.refresh_token}
        self.store().save(holding(**{**app, **changes}))

    def obtain(
        self,
        store: Store | None = None,
        min_validity: timedelta = timedelta(days=1),
        settings: dict[str, t.Any] | None = None,
        **request: bool,
    ) -> Outcome:
        """One run."""
        asks = Request(dataclasses.replace(self.settings, **(settings or {})), min_validity, **request)
        return obtain(store or self.store(), asks, now=lambda: NOW)

    def files(self) -> dict[str, bytes]:
        """What lies in the folder, but for the lock."""
        return {name: data for name, data in contents(self.path.parent).items() if not name.endswith(".lock")}


@pytest.fixture
def shop(webex: Simulator, settings: Settings, tmp_path: pathlib.Path) -> Shop:
    """The simulator's service app, and no file yet."""
    return Shop(webex, settings, tmp_path / "token.yml")


# The fewest calls


def test_a_good_token_takes_no_request_and_no_write(shop: Shop) -> None:
    shop.put()
    before = contents(shop.path.parent)
    outcome = shop.obtain()
    assert (outcome.token_set.access_token, outcome.refreshed) == ("stored-access", False)
    assert asked(shop.webex) == []
    assert contents(shop.path.parent) == before


def test_a_good_token_takes_no_credentials(shop: Shop) -> None:
    shop.put()
    without = {"client_id": None, "client_secret": None, "refresh_token": None}
    assert shop.obtain(settings=without).token_set.access_token == "stored-access"


@pytest.mark.parametrize(("left", "refreshed"), [(3600, True), (3601, False)])
def test_a_token_is_refreshed_when_it_does_not_live_longer_than_asked_for(
    shop: Shop, left: int, refreshed: bool
) -> None:
    shop.put(expires_at=NOW + timedelta(seconds=left))
    assert shop.obtain(min_validity=timedelta(hours=1)).refreshed is refreshed


def test_a_first_token_is_refreshed_saved_and_proven(shop: Shop) -> None:
    outcome = shop.obtain()
    assert (outcome.refreshed, outcome.verified, outcome.rotated) == (True, True, False)
    assert outcome.token_set.org_id == shop.webex.credentials["org_id"]
    assert asked(shop.webex) == [REFRESH, ME]
    assert shop.store().load().service_app == outcome.token_set


def test_a_dead_token_is_refreshed_once(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED)
    first, second = shop.obtain(), shop.obtain()
    assert (first.refreshed, second.refreshed) == (True, False)
    assert second.token_set == first.token_set
    assert asked(shop.webex) == [REFRESH, ME]


def test_a_token_whose_end_is_unknown_is_refreshed(shop: Shop) -> None:
    shop.put(expires_at=None)
    assert shop.obtain().refreshed


def test_a_good_token_is_refreshed_by_force(shop: Shop) -> None:
    shop.put()
    assert shop.obtain(force=True).token_set.access_token != "stored-access"


def test_the_store_s_client_id_will_do(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED)
    assert shop.obtain(settings={"client_id": None, "refresh_token": None}).refreshed


def test_without_a_store_every_run_refreshes(shop: Shop) -> None:
    assert [shop.obtain(NoStore()).refreshed for _run in range(2)] == [True, True]
    assert shop.files() == {}


# Refresh tokens


def test_a_new_refresh_token_is_kept_and_used(shop: Shop) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    first = shop.obtain()
    second = shop.obtain(force=True)
    assert (first.rotated, second.rotated) == (True, True)
    tokens = {shop.settings.refresh_token, first.token_set.refresh_token, second.token_set.refresh_token}
    assert len(tokens) == 3
    assert shop.store().load().service_app.refresh_token == second.token_set.refresh_token


def test_the_parameter_s_refresh_token_is_tried_when_the_stored_one_is_refused(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED, refresh_token="dead")
    outcome = shop.obtain()
    assert outcome.token_set.refresh_token == shop.settings.refresh_token
    assert asked(shop.webex) == [REFRESH, REFRESH, ME]


def test_the_scopes_of_a_refused_grant_are_not_those_of_another(shop: Shop) -> None:
    shop.webex.configure(scope_in_answer=False)
    shop.put(expires_at=EXPIRED, refresh_token="dead", scopes=("of:before",))
    assert shop.obtain().token_set.scopes is None


def test_the_scopes_of_the_same_grant_stay_known(shop: Shop) -> None:
    shop.webex.configure(scope_in_answer=False)
    shop.put(expires_at=EXPIRED, scopes=("of:before",))
    assert shop.obtain().token_set.scopes == ("of:before",)


def test_all_refused_refresh_tokens_are_told(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED, refresh_token="dead-secret")
    before = shop.files()
    with pytest.raises(GrantRefused, match="the store, then the one of the options") as error:
        shop.obtain(settings={"refresh_token": "other-secret"})
    assert error.value.cause == "dead_refresh_token"
    assert "-secret" not in str(error.value)
    assert shop.files() == before


def test_a_wrong_client_secret_is_tried_once(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED, refresh_token="dead")
    with pytest.raises(GrantRefused):
        shop.obtain(settings={"client_secret": "wrong"})
    assert asked(shop.webex) == [REFRESH]


def test_no_answer_leaves_the_file_as_it_is(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED)
    before = shop.files()
    shop.webex.fault(kind="reset")
    with pytest.raises(NoAnswer):
        shop.obtain()
    assert shop.files() == before


# Found before any request


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("option", ["client_id", "client_secret", "refresh_token"])
def test_a_missing_option_is_named_before_any_request(shop: Shop, option: str, check_mode: bool) -> None:
    with pytest.raises(OptionError) as error:
        shop.obtain(settings={option: None}, check_mode=check_mode)
    assert error.value.option == option
    assert asked(shop.webex) == []


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("stored", "options", "words"),
    [
        ({"client_id": "C0"}, {}, r"another service app \(client id C0\); it was left untouched"),
        ({"org_id": "here"}, {"org_id": OTHER_ORG}, r"another organization \(here\); it was left untouched"),
    ],
)
def test_the_tokens_of_somebody_else_are_left_untouched(
    shop: Shop, stored: dict[str, str], options: dict[str, str], words: str, check_mode: bool
) -> None:
    shop.put(**stored)
    before = shop.files()
    with pytest.raises(StoreError, match=words):
        shop.obtain(force=True, settings=options, check_mode=check_mode)
    assert (asked(shop.webex), shop.files()) == ([], before)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("passwords", [{}, {"default": b"wrong"}])
def test_a_wrong_or_missing_password_is_found_before_any_request(
    shop: Shop, passwords: dict[str, bytes], check_mode: bool
) -> None:
    shop.put(expires_at=EXPIRED)
    before = shop.files()
    with pytest.raises(StoreError):
        shop.obtain(shop.store(passwords=passwords), check_mode=check_mode)
    assert (asked(shop.webex), shop.files()) == ([], before)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_first_token_without_a_vault_password_is_not_asked_for(shop: Shop, check_mode: bool) -> None:
    with pytest.raises(StoreError, match="this run has no vault password"):
        shop.obtain(shop.store(passwords={}), check_mode=check_mode)
    assert (asked(shop.webex), shop.files()) == ([], {})


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("data", [b"db_password: x\n", b"$ANSIBLE_VAULT;1.1;AES256\n3131\n", b""])
def test_a_file_of_anything_else_is_found_before_any_request(shop: Shop, data: bytes, check_mode: bool) -> None:
    shop.path.write_bytes(data)
    with pytest.raises(StoreError):
        shop.obtain(force=True, check_mode=check_mode)
    assert (asked(shop.webex), shop.files()) == ([], {"token.yml": data})


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_folder_that_is_not_there_is_found_before_any_request(shop: Shop, check_mode: bool) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        shop.obtain(vault_file(shop.path / "none" / "token.yml"), check_mode=check_mode)
    assert asked(shop.webex) == []


# Check mode


@pytest.mark.parametrize(
    ("left", "refreshed", "handed_on"), [(14 * 86_400, False, True), (3600, True, True), (-1, True, False)]
)
def test_check_mode_tells_and_does_nothing(shop: Shop, left: int, refreshed: bool, handed_on: bool) -> None:
    shop.put(expires_at=NOW + timedelta(seconds=left))
    before = contents(shop.path.parent)
    outcome = shop.obtain(check_mode=True)
    assert (outcome.refreshed, outcome.token_set is not None) == (refreshed, handed_on)
    assert asked(shop.webex) == []
    assert contents(shop.path.parent) == before


def test_check_mode_makes_no_file(shop: Shop) -> None:
    outcome = shop.obtain(check_mode=True)
    assert (outcome.refreshed, outcome.token_set) == (True, None)
    assert contents(shop.path.parent) == {}


# Proving the new token


def test_a_token_need_not_be_proven(shop: Shop) -> None:
    outcome = shop.obtain(verify=False)
    assert (outcome.refreshed, outcome.verified) == (True, False)
    assert asked(shop.webex) == [REFRESH]


def test_a_proof_that_does_not_come_is_a_warning(shop: Shop, clock: object) -> None:
    shop.webex.fault(kind="status", status=503, path="/people/me", times=None)
    outcome = shop.obtain()
    assert (outcome.refreshed, outcome.verified) == (True, False)
    assert "could not be proven: GET /people/me was answered with 503" in outcome.warnings[0]
    assert shop.store().load().service_app == outcome.token_set


def test_a_token_without_a_people_scope_is_proven_without_an_organization(shop: Shop) -> None:
    shop.webex.service_app(shop.settings.client_id or "", scopes=["spark:calls_read"], regrant=True)
    outcome = shop.obtain()
    assert (outcome.verified, outcome.token_set.org_id) == (True, None)


def test_a_new_token_that_is_refused_is_a_failure_and_kept(shop: Shop) -> None:
    shop.webex.fault(kind="status", status=401, path="/people/me")
    with pytest.raises(WebexError, match="is refused by Webex.*force=true"):
        shop.obtain()
    assert shop.store().load()


def test_a_new_token_of_another_organization_is_a_failure_also_in_the_next_run(shop: Shop) -> None:
    with pytest.raises(WebexError, match="belongs to the organization"):
        shop.obtain(settings={"org_id": OTHER_ORG})
    with pytest.raises(StoreError, match="the tokens of another organization"):
        shop.obtain(settings={"org_id": OTHER_ORG})


def test_the_organization_may_be_given_as_a_bare_uuid(shop: Shop) -> None:
    uuid = shop.settings.refresh_token.rpartition("_")[2]
    assert shop.obtain(settings={"org_id": uuid}).verified


# The result


def test_the_result_has_all_that_is_documented(shop: Shop) -> None:
    store = shop.store()
    outcome = shop.obtain(store)
    result = outcome.result(store)
    assert {name: result[name] for name in ("changed", "refreshed", "refresh_token_rotated", "verified")} == {
        "changed": True,
        "refreshed": True,
        "refresh_token_rotated": False,
        "verified": True,
    }
    assert result["store"] == {"kind": "vault_file", "path": str(shop.path)}
    assert result["access_token"] == outcome.token_set.access_token
    assert result["expires_at"] == "2026-12-08T02:59:59Z"


def test_a_result_without_a_token_has_the_same_keys(shop: Shop) -> None:
    store = shop.store()
    without = shop.obtain(store, check_mode=True).result(store)
    assert without["access_token"] is None
    assert without.keys() == shop.obtain(store).result(store).keys()


# Several runs, and runs that are killed


def run_together(shop: Shop, barrier: t.Any, found: t.Any) -> None:
    """One of many runs that begin at the same time."""
    barrier.wait(20)
    found.put(shop.obtain().token_set.access_token)


@pytest.mark.parametrize("stored", [True, False])
def test_ten_runs_at_once_refresh_once(shop: Shop, stored: bool) -> None:
    if stored:
        shop.put(expires_at=EXPIRED)
    shop.webex.configure(rotate_refresh_tokens=True, latency_ms=100)
    barrier, found = FORK.Barrier(10), FORK.Queue()
    runs = [FORK.Process(target=run_together, args=(shop, barrier, found)) for _run in range(10)]
    for run in runs:
        run.start()
    tokens = {found.get(timeout=30) for _run in runs}
    for run in runs:
        run.join()
    assert len(tokens) == 1
    assert asked(shop.webex) == [REFRESH, ME]
    assert list(shop.files()) == ["token.yml"]


def test_a_run_that_is_killed_while_it_refreshes_does_no_harm(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED)
    before = shop.path.read_bytes()
    shop.webex.fault(kind="timeout")
    with process(shop.obtain) as run:
        wait_until(lambda: asked(shop.webex))
        run.kill()
        run.join()
    assert shop.path.read_bytes() == before
    assert len(list(shop.path.parent.glob("*.tmp"))) == 1
    assert shop.obtain().refreshed
    assert list(shop.files()) == ["token.yml"]


def test_a_run_that_is_killed_after_it_saved_loses_nothing(shop: Shop) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    shop.webex.fault(kind="timeout", path="/people/me")
    with process(shop.obtain) as run:
        wait_until(lambda: ME in asked(shop.webex))
        run.kill()
        run.join()
    assert not shop.obtain().refreshed
    assert asked(shop.webex) == [REFRESH, ME]
    assert shop.obtain(force=True).refreshed
