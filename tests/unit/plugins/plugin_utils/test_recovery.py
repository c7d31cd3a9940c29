# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import re
import tempfile
import threading
import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused
from ansible_collections.collabops.webex.plugins.plugin_utils._recovery import Recovery, default_folders
from ansible_collections.collabops.webex.plugins.plugin_utils._stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import NoStore, Store, StoreError
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.support import (
    NOW,
    Shop,
    contents,
    hashi_vault,
    holding,
    integration_set,
    token_set,
)
from ansible_collections.collabops.webex.tests.unit.support import asked, statuses, wait_until
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

REFRESH = "POST /access_token"
ME = "GET /people/me"
EXPIRED = NOW - timedelta(seconds=1)


@pytest.fixture
def folders(tmp_path: pathlib.Path) -> list[pathlib.Path]:
    """A folder that is not there yet, and one more."""
    return [tmp_path / "first", tmp_path / "second"]


def recovery(folders: list[pathlib.Path], secret: str = "client-secret", name: str = "the store") -> Recovery:
    """The recovery file of a store."""
    return Recovery(name, "C1", secret, [str(folder) for folder in folders])


# The file


@pytest.mark.parametrize("kept", [holding(), StoredTokens(token_set(), integration_set())])
def test_what_is_written_is_read_and_removed(folders: list[pathlib.Path], kept: StoredTokens) -> None:
    path = recovery(folders).write(kept)
    assert path is not None
    assert pathlib.Path(path).parent == folders[0]
    assert recovery(folders).read() == kept
    recovery(folders).remove()
    assert recovery(folders).read() is None
    assert contents(folders[0]) == {}


def test_nothing_is_there_at_first(folders: list[pathlib.Path]) -> None:
    assert recovery(folders).read() is None
    recovery(folders).remove()
    assert not folders[0].exists()


def test_the_file_is_encrypted_and_for_its_owner_only(folders: list[pathlib.Path]) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    assert (path.stat().st_mode & 0o777, folders[0].stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(contents(folders[0])) == [path.name]
    assert not re.search("C1|store|secret", path.name)


def test_a_later_file_replaces_an_earlier_one(folders: list[pathlib.Path]) -> None:
    for access_token in ("one", "two"):
        recovery(folders).write(holding(access_token=access_token))
    assert recovery(folders).read() == holding(access_token="two")
    assert len(contents(folders[0])) == 1


@pytest.mark.parametrize("other", [{"secret": "other-secret"}, {"name": "another store"}])
def test_who_has_another_secret_or_another_store_reads_nothing(
    folders: list[pathlib.Path], other: dict[str, str]
) -> None:
    recovery(folders).write(holding())
    assert recovery(folders, **other).read() is None
    assert recovery(folders).read() == holding()


@pytest.mark.parametrize("data", [b"", b"webex_token: {}\n", b"$ANSIBLE_VAULT;1.1;AES256\n3131\n", b"\xff\xfe"])
def test_a_damaged_file_is_none(folders: list[pathlib.Path], data: bytes) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    path.write_bytes(data)
    assert recovery(folders).read() is None


def test_a_file_that_was_cut_off_is_none(folders: list[pathlib.Path]) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    path.write_bytes(path.read_bytes()[:-200])
    assert recovery(folders).read() is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_is_open_to_others_is_not_believed(folders: list[pathlib.Path], mode: int) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    path.chmod(mode)
    assert recovery(folders).read() is None


def test_a_symbolic_link_is_not_read(folders: list[pathlib.Path]) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    target = path.rename(folders[0] / "target")
    path.symlink_to(target)
    assert recovery(folders).read() is None


def test_a_symbolic_link_is_replaced_and_not_written_through(folders: list[pathlib.Path]) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    path.unlink()
    target = folders[0] / "target"
    target.write_text("not ours")
    path.symlink_to(target)
    recovery(folders).write(holding())
    assert (target.read_text(), path.is_symlink()) == ("not ours", False)
    assert recovery(folders).read() == holding()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_folder_that_is_open_to_others_is_not_used(folders: list[pathlib.Path], mode: int) -> None:
    folders[0].mkdir()
    folders[0].chmod(mode)
    path = recovery(folders).write(holding())
    assert pathlib.Path(path or "").parent == folders[1]
    assert contents(folders[0]) == {}
    assert recovery(folders).read() == holding()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(folders: list[pathlib.Path]) -> None:
    folders[0].mkdir(mode=0o700)
    os.chown(folders[0], 65534, 65534)
    assert pathlib.Path(recovery(folders).write(holding()) or "").parent == folders[1]
    assert contents(folders[0]) == {}


def test_a_folder_behind_a_symbolic_link_is_not_used(folders: list[pathlib.Path], tmp_path: pathlib.Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folders[0].symlink_to(elsewhere)
    assert pathlib.Path(recovery(folders).write(holding()) or "").parent == folders[1]
    assert contents(elsewhere) == {}


def test_the_newest_of_several_counts(folders: list[pathlib.Path]) -> None:
    recovery(folders[1:]).write(holding(obtained_at=NOW + timedelta(seconds=1)))
    recovery(folders[:1]).write(holding(obtained_at=NOW))
    assert recovery(folders).read() == holding(obtained_at=NOW + timedelta(seconds=1))
    recovery(folders).remove()
    assert recovery(folders).read() is None


def test_what_a_killed_run_left_is_removed_and_nothing_else(folders: list[pathlib.Path]) -> None:
    path = pathlib.Path(recovery(folders).write(holding()) or "")
    for name in (f"{path.name}.0123.tmp", "recovery-other.yml", "recovery-other.yml.0123.tmp"):
        (folders[0] / name).touch()
    recovery(folders).read()
    recovery(folders).remove()
    assert sorted(contents(folders[0])) == ["recovery-other.yml", "recovery-other.yml.0123.tmp"]


def test_nowhere_to_write_is_none(folders: list[pathlib.Path]) -> None:
    for folder in folders:
        folder.write_text("a file")
    assert recovery(folders).write(holding()) is None


def test_ansible_s_folder_comes_first_and_then_a_private_one_of_this_user(home: pathlib.Path) -> None:
    first, second = default_folders()
    assert first == str(home / ".ansible" / "collabops.webex")
    assert second == os.path.join(tempfile.gettempdir(), f"collabops.webex-{os.getuid()}")


# The broker: what Webex has handed out, and the store did not take


@pytest.fixture
def store(vault: VaultServer) -> t.Callable[[], Store]:
    """Opens a secret of Vault, where a single write can be made to fail."""
    return lambda: hashi_vault(vault)


@pytest.fixture
def spoil(shop: Shop, store: t.Callable[[], Store], vault: VaultServer, home: pathlib.Path) -> t.Callable[..., str]:
    """Lets a run refresh and fail to save; returns its message."""

    def run(**request: t.Any) -> str:
        # The first write is the lease.
        vault.fault(kind="status", status=503, method="POST", path="/data/", skip=1)
        with pytest.raises(StoreError) as error:
            shop.obtain(store(), **request)
        vault.clear_faults()
        return str(error.value)

    return run


def recovered(home: pathlib.Path) -> list[pathlib.Path]:
    """The recovery files that there are."""
    return list((home / ".ansible" / "collabops.webex").glob("*"))


def test_a_save_that_fails_names_the_recovery_file(shop: Shop, spoil: t.Any, store: t.Any, home: pathlib.Path) -> None:
    said = spoil()
    (path,) = recovered(home)
    assert f"Vault is sealed. The new tokens are in {path}, encrypted with the client secret." in said
    assert "run again on this machine" in said
    assert not any(secret in said for secret in shop.settings.secrets())
    assert store().load() == StoredTokens()
    assert asked(shop.webex) == [REFRESH]


def test_the_next_run_takes_saves_and_removes_it(shop: Shop, spoil: t.Any, store: t.Any, home: pathlib.Path) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    spoil()
    outcome = shop.obtain(store())
    assert (outcome.refreshed, outcome.token_set) == (False, store().load().service_app)
    assert outcome.token_set.refresh_token != shop.settings.refresh_token
    assert "an earlier run could not save were put into" in outcome.warnings[0]
    assert asked(shop.webex) == [REFRESH]
    assert recovered(home) == []
    # Which is the only one that is good any more.
    again = shop.obtain(store(), force=True)
    assert (again.refreshed, again.warnings) == (True, ())
    assert statuses(shop.webex) == [200, 200, 200]


def test_a_forced_run_goes_on_with_it(shop: Shop, spoil: t.Any, store: t.Any, home: pathlib.Path) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    shop.obtain(store())
    spoil(force=True)
    assert shop.obtain(store(), force=True).refreshed
    assert asked(shop.webex) == [REFRESH, ME, REFRESH, REFRESH, ME]
    assert statuses(shop.webex) == [200] * 5
    assert recovered(home) == []


def test_it_stays_until_the_store_takes_it(shop: Shop, spoil: t.Any, store: t.Any, home: pathlib.Path) -> None:
    spoil()
    spoil()
    assert len(recovered(home)) == 1
    assert not shop.obtain(store()).refreshed
    assert asked(shop.webex) == [REFRESH]


def test_an_older_one_is_passed_over_and_removed(shop: Shop, store: t.Any, home: pathlib.Path) -> None:
    shop.obtain(store())
    left = Recovery(store().name, str(shop.settings.client_id), str(shop.settings.client_secret))
    left.write(holding(access_token="older", obtained_at=NOW - timedelta(seconds=1)))
    outcome = shop.obtain(store(), force=True)
    assert (outcome.refreshed, outcome.warnings) == (True, ())
    assert statuses(shop.webex) == [200] * 4
    assert recovered(home) == []


def test_who_has_another_client_secret_leaves_it(shop: Shop, spoil: t.Any, store: t.Any, home: pathlib.Path) -> None:
    spoil()
    with pytest.raises(GrantRefused):
        shop.obtain(store(), settings={"client_secret": "wrong"})
    assert len(recovered(home)) == 1
    assert not shop.obtain(store()).refreshed


def test_minted_tokens_are_recovered_with_those_of_the_integration(
    shop: Shop, store: t.Any, vault: VaultServer, home: pathlib.Path
) -> None:
    # Lease, integration, and then the minted ones.
    vault.fault(kind="status", status=503, method="POST", path="/data/", skip=2)
    with pytest.raises(StoreError, match="The new tokens are in"):
        shop.obtain(store(), settings=shop.integration())
    assert store().load().service_app is None
    outcome = shop.obtain(store(), settings=shop.integration())
    assert (outcome.refreshed, len(outcome.warnings)) == (False, 1)
    assert store().load().integration
    assert len(asked(shop.webex)) == 2
    assert recovered(home) == []


def test_a_save_that_half_happened_does_no_harm(
    shop: Shop, store: t.Any, vault: VaultServer, home: pathlib.Path
) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    vault.fault(kind="apply_then_fail", status=503, method="POST", path="/data/", skip=1)
    with pytest.raises(StoreError, match="The new tokens are in"):
        shop.obtain(store())
    assert shop.obtain(store(), force=True).refreshed
    assert statuses(shop.webex) == [200] * 3
    assert recovered(home) == []


def test_a_vault_file_that_cannot_be_saved_is_recovered_too(shop: Shop, home: pathlib.Path) -> None:
    shop.put(expires_at=EXPIRED)
    before = shop.files()
    shop.webex.configure(rotate_refresh_tokens=True, latency_ms=500)

    def tidy() -> None:
        """Take away what was reserved, while Webex is asked."""
        wait_until(lambda: asked(shop.webex))
        for path in shop.path.parent.glob("*.tmp"):
            path.unlink()

    tidying = threading.Thread(target=tidy)
    tidying.start()
    with pytest.raises(StoreError, match="cannot be written: No such file.*The new tokens are in"):
        shop.obtain()
    tidying.join()
    assert shop.files() == before
    shop.webex.configure(latency_ms=0)
    outcome = shop.obtain()
    assert (outcome.refreshed, len(outcome.warnings)) == (False, 1)
    assert shop.store().load().service_app == outcome.token_set
    assert (asked(shop.webex), recovered(home)) == ([REFRESH], [])


def test_nowhere_to_keep_them_is_told(
    shop: Shop, spoil: t.Any, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("ANSIBLE_HOME", str(home / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(home / "file"))
    said = spoil()
    assert "could not be kept anywhere else either, and are lost. What to do: mend the store; then mint" in said


def test_without_a_store_nothing_is_kept(shop: Shop, home: pathlib.Path) -> None:
    shop.obtain(NoStore())
    assert recovered(home) == []
