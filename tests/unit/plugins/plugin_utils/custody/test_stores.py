# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every store promises: whoever adds one adds it to BENCHES."""

from __future__ import annotations

import pathlib
import threading
import typing as t
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import VARIABLES, StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import hashi_vault as store_module
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store, StoreError
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    PASSWORD,
    Secret,
    clients,
    contents,
    full_disk,
    hashi_vault,
    holding,
    integration_set,
    token_set,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, process, wait_until
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

BOTH = StoredTokens(token_set(org_id="o", scopes=("a", "b"), refresh_token_expires_at=NOW), integration_set())
HOLDINGS = {
    "service app": holding(),
    "without a refresh token": holding(refresh_token=""),
    "with its integration": BOTH,
    "with their clients": StoredTokens(token_set(), integration_set(), **clients()),
    "integration alone": StoredTokens(None, integration_set()),
}
SECRETS = ("stored-access", "stored-refresh", "integration-access", "integration-refresh", "client-secret")


class FileBench:
    """A vault file, beside a file of somebody else."""

    def __init__(self, folder: pathlib.Path, encrypt: str) -> None:
        self.path = folder / "token.yml"
        self.encrypt = encrypt
        (folder / "neighbour.yml").write_text("database_password: x\n")

    def open(self) -> Store:
        """The store, as one more run opens it."""
        return vault_file(self.path, encrypt=self.encrypt)

    def other(self) -> Store:
        """Another store of the same kind."""
        return vault_file(self.path.parent / "other.yml", encrypt=self.encrypt)

    def state(self) -> object:
        """All that is stored, by the store and by others."""
        return {name: data for name, data in contents(self.path.parent).items() if not name.endswith(".lock")}

    def emptied(self) -> object:
        """The state when nothing is left but what others have stored."""
        return {"neighbour.yml": b"database_password: x\n"}

    def damage(self) -> None:
        """Leave half a token set behind."""
        secret = VaultSecret(PASSWORD["default"])
        data = VaultLib([("default", secret)]).encrypt("webex_token: {schema: 1}\n", secret=secret)
        self.path.write_bytes(data)
        self.path.chmod(0o600)

    def out_of_order(self) -> AbstractContextManager[None]:
        """Let no save succeed."""
        return full_disk()


class SecretBench:
    """A secret that holds a key of somebody else too."""

    def __init__(self, vault: VaultServer, login: dict[str, str]) -> None:
        self.vault = vault
        self.login = login
        self.secret = Secret(vault)
        self.secret.write(database_password="x")

    def open(self) -> Store:
        """The store, as one more run opens it."""
        return hashi_vault(self.vault, **{"token": None, **self.login})

    def other(self) -> Store:
        """Another store of the same kind."""
        return hashi_vault(self.vault, **{"token": None, **self.login, "path": "webex/other"})

    def state(self) -> object:
        """All that is stored, by the store and by others."""
        return {key: value for key, value in self.secret.read().items() if key != store_module.LEASE_KEY}

    def emptied(self) -> object:
        """The state when nothing is left but what others have stored."""
        return {"database_password": "x"}

    def damage(self) -> None:
        """Leave half a token set behind."""
        self.secret.add(webex_token={"schema": 1})

    @contextmanager
    def out_of_order(self) -> t.Iterator[None]:
        """Let every write fail."""
        self.vault.fault(kind="status", method="POST", path="/data/", times=None)
        try:
            yield
        finally:
            self.vault.clear_faults()


Bench = FileBench | SecretBench
BENCHES = ("vault_file, file", "vault_file, values", "hashi_vault, token", "hashi_vault, approle", "hashi_vault, jwt")


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: pathlib.Path, vault: VaultServer) -> Bench:
    """Every kind of store, in every way to use it."""
    kind, way = request.param.split(", ")
    if kind == "vault_file":
        return FileBench(tmp_path, way)
    given = vault.credentials
    logins = {
        "token": {"token": given["writer_token"]},
        "approle": given["approle"],
        "jwt": {"role_id": given["jwt"]["role"], "jwt": given["jwt"]["jwt"]},
    }
    return SecretBench(vault, {"auth_method": way, **logins[way]})


# Saving and loading


def test_nothing_is_stored_at_first(bench: Bench) -> None:
    assert bench.open().load() == StoredTokens()
    assert bench.state() == bench.emptied()


@pytest.mark.parametrize("kept", HOLDINGS.values(), ids=HOLDINGS.keys())
def test_what_is_saved_is_loaded_by_another_run(bench: Bench, kept: StoredTokens) -> None:
    bench.open().save(kept)
    assert bench.open().load() == kept


@pytest.mark.parametrize("kept", HOLDINGS.values(), ids=HOLDINGS.keys())
def test_a_save_replaces_everything(bench: Bench, kept: StoredTokens) -> None:
    bench.open().save(BOTH)
    store = bench.open()
    with store.lock(0):
        store.load()
        store.reserve()
        store.save(kept)
    assert bench.open().load() == kept


def test_several_saves_under_one_lock_are_all_kept(bench: Bench) -> None:
    store = bench.open()
    with store.lock(0):
        store.reserve()
        for number in range(3):
            store.save(holding(access_token=f"number-{number}"))
            assert bench.open().load() == holding(access_token=f"number-{number}")


def test_a_save_leaves_what_others_have_stored(bench: Bench) -> None:
    store = bench.open()
    with store.lock(0):
        store.reserve()
        store.save(holding())
    assert set(t.cast(dict[str, t.Any], bench.state())) > set(t.cast(dict[str, t.Any], bench.emptied()))


@pytest.mark.parametrize("kept", HOLDINGS.values(), ids=HOLDINGS.keys())
def test_clearing_takes_away_what_was_saved_and_nothing_else(bench: Bench, kept: StoredTokens) -> None:
    bench.open().save(kept)
    store = bench.open()
    with store.lock(0):
        store.load()
        store.clear()
    assert bench.state() == bench.emptied()
    assert bench.open().load() == StoredTokens()


def test_clearing_nothing_is_no_error(bench: Bench) -> None:
    bench.open().clear()
    assert bench.state() == bench.emptied()


# Preparing


@pytest.mark.parametrize("kept", [None, BOTH])
def test_checking_changes_nothing(bench: Bench, kept: StoredTokens | None) -> None:
    if kept:
        bench.open().save(kept)
    before = bench.state()
    bench.open().check()
    assert bench.state() == before


def test_a_reservation_that_is_not_used_leaves_nothing(bench: Bench) -> None:
    store = bench.open()
    with store.lock(0):
        store.reserve()
    assert bench.state() == bench.emptied()


def test_what_breaks_a_save_is_found_before(bench: Bench) -> None:
    bench.open().save(BOTH)
    before = bench.state()
    store = bench.open()
    store.load()
    with bench.out_of_order(), pytest.raises(StoreError, match="What to do: "), store.lock(0):
        store.reserve()
    assert bench.state() == before


# Failing


def test_a_save_that_fails_leaves_everything_as_it_was(bench: Bench) -> None:
    bench.open().save(BOTH)
    before = bench.state()
    store = bench.open()
    with store.lock(0):
        store.load()
        store.reserve()
        with bench.out_of_order(), pytest.raises(StoreError, match="What to do: ") as error:
            store.save(holding(access_token="new-access"))
    assert bench.state() == before
    assert not any(secret in str(error.value) for secret in (*SECRETS, "new-access"))
    store.save(holding(access_token="new-access"))
    assert bench.open().load() == holding(access_token="new-access")


def test_half_a_token_set_is_refused_and_left_untouched(bench: Bench) -> None:
    bench.damage()
    before = bench.state()
    with pytest.raises(StoreError, match="complete token set: .*left untouched"):
        bench.open().load()
    assert bench.state() == before


def test_an_error_under_the_lock_gives_it_back(bench: Bench) -> None:
    store = bench.open()

    def fail() -> None:
        with store.lock(0):
            store.reserve()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert bench.state() == bench.emptied()
    with bench.open().lock(0):
        pass


# Its name


def test_a_store_s_name_is_its_own_and_holds_no_secret(bench: Bench) -> None:
    store, other = bench.open(), bench.other()
    assert bench.open().name == store.name != other.name
    assert store.describe() != other.describe()
    shown = f"{store.name} {store.describe()} {store!r}"
    login = bench.login if isinstance(bench, SecretBench) else {}
    assert not any(login[name] in shown for name in ("token", "secret_id", "jwt") if name in login)
    assert {"kind"} < store.describe().keys()
    assert not set(store.describe()) & set(VARIABLES)


# The lock


def hold(bench: Bench, taken: t.Any, release: t.Any) -> None:
    """Take the lock, and keep it until told otherwise."""
    store = bench.open()
    with store.lock(0):
        store.reserve()
        taken.set()
        release.wait()


def test_the_lock_lets_one_run_in_at_a_time(bench: Bench) -> None:
    taken, release = FORK.Event(), FORK.Event()
    with process(hold, bench, taken, release):
        assert taken.wait(60)
        with pytest.raises(StoreError, match="by another run.*What to do: look for"), bench.open().lock(0.3):
            pass


def test_who_waits_for_the_lock_gets_it(bench: Bench) -> None:
    taken, release = FORK.Event(), FORK.Event()
    with process(hold, bench, taken, release):
        assert taken.wait(60)
        threading.Timer(0.3, release.set).start()
        with bench.open().lock(60):
            assert release.is_set()


def test_a_run_that_was_killed_does_not_hold_the_lock_for_long(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LEASE", timedelta(seconds=2))
    taken = FORK.Event()
    with process(hold, bench, taken, FORK.Event()) as holder:
        assert taken.wait(60)
        holder.kill()
        wait_until(lambda: not holder.is_alive())
    store = bench.open()
    with store.lock(5):
        store.reserve()
        store.save(holding())
    assert bench.open().load() == holding()


def test_the_lock_is_given_back(bench: Bench) -> None:
    store = bench.open()
    for _time in range(2):
        with store.lock(0):
            pass
        with bench.open().lock(0):
            pass


def test_two_stores_have_two_locks(bench: Bench, vault: VaultServer) -> None:
    if isinstance(bench, SecretBench):
        bench.login = {"token": vault.root_token}
    with bench.open().lock(0), bench.other().lock(0):
        pass
