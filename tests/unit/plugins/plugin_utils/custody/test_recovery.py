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
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused, NoAnswer
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.recovery import Recovery, default_folders, remove
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import NoStore, Store, StoreError
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    Shop,
    contents,
    hashi_vault,
    holding,
    integration_set,
    token_set,
    vault_file,
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
    """The recovery files of a store."""
    return Recovery(name, secret, [str(folder) for folder in folders])


def write(folders: list[pathlib.Path], kept: StoredTokens | None = None) -> pathlib.Path:
    """Leave a recovery file."""
    path = recovery(folders).write(kept or holding(), StoredTokens())
    assert path is not None
    return pathlib.Path(path)


def read(folders: list[pathlib.Path], **other: str) -> list[StoredTokens]:
    """The tokens in the recovery files."""
    return [recovered.tokens for recovered in recovery(folders, **other).read()]


# The file


@pytest.mark.parametrize("kept", [holding(), StoredTokens(token_set(), integration_set())])
def test_what_is_written_is_read_and_removed(folders: list[pathlib.Path], kept: StoredTokens) -> None:
    stored = holding(access_token="stored-before")
    path = recovery(folders).write(kept, instead_of=stored)
    assert path is not None
    assert pathlib.Path(path).parent == folders[0]
    (recovered,) = recovery(folders).read()
    assert (recovered.path, recovered.tokens, recovered.replaces) == (path, kept, stored.fingerprints())
    remove(path)
    assert read(folders) == []
    assert contents(folders[0]) == {}


def test_nothing_is_there_at_first(folders: list[pathlib.Path]) -> None:
    assert (recovery(folders).paths(), read(folders)) == ([], [])
    assert not folders[0].exists()


def test_the_file_is_encrypted_and_for_its_owner_only(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    assert (path.stat().st_mode & 0o777, folders[0].stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(contents(folders[0])) == [path.name]
    assert not re.search("C1|store|secret", path.name)


def test_no_file_is_written_over_another(folders: list[pathlib.Path]) -> None:
    kept = [holding(access_token=access_token) for access_token in ("one", "two")]
    for tokens in (*kept, *kept):
        write(folders, tokens)
    assert sorted(map(repr, read(folders))) == sorted(map(repr, kept))
    assert len(contents(folders[0])) == 2


@pytest.mark.parametrize("other", [{"secret": "other-secret"}, {"name": "another store"}])
def test_another_secret_or_another_store_reads_nothing(folders: list[pathlib.Path], other: dict[str, str]) -> None:
    write(folders)
    assert read(folders, **other) == []
    assert read(folders) == [holding()]


@pytest.mark.parametrize("data", [b"", b"webex_token: {}\n", b"$ANSIBLE_VAULT;1.1;AES256\n3131\n", b"\xff\xfe"])
def test_a_damaged_file_is_none(folders: list[pathlib.Path], data: bytes) -> None:
    path = write(folders)
    path.write_bytes(data)
    assert read(folders) == []


def test_a_file_that_was_cut_off_is_none(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    path.write_bytes(path.read_bytes()[:-200])
    assert read(folders) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_is_open_to_others_is_not_believed(folders: list[pathlib.Path], mode: int) -> None:
    path = write(folders)
    path.chmod(mode)
    assert read(folders) == []


def test_a_symbolic_link_is_not_read(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    target = path.rename(folders[0] / "target")
    path.symlink_to(target)
    assert read(folders) == []


def test_a_symbolic_link_is_replaced_and_not_written_through(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    path.unlink()
    target = folders[0] / "target"
    target.write_text("not ours")
    path.symlink_to(target)
    write(folders)
    assert (target.read_text(), path.is_symlink()) == ("not ours", False)
    assert read(folders) == [holding()]


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_folder_that_is_open_to_others_is_not_used(folders: list[pathlib.Path], mode: int) -> None:
    folders[0].mkdir()
    folders[0].chmod(mode)
    path = write(folders)
    assert path.parent == folders[1]
    assert contents(folders[0]) == {}
    assert read(folders) == [holding()]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(folders: list[pathlib.Path]) -> None:
    folders[0].mkdir(mode=0o700)
    os.chown(folders[0], 65534, 65534)
    assert write(folders).parent == folders[1]
    assert contents(folders[0]) == {}


def test_a_folder_behind_a_symbolic_link_is_not_used(folders: list[pathlib.Path], tmp_path: pathlib.Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folders[0].symlink_to(elsewhere)
    assert write(folders).parent == folders[1]
    assert contents(elsewhere) == {}


def test_the_files_in_all_folders_are_read(folders: list[pathlib.Path]) -> None:
    kept = [holding(access_token="one"), holding(access_token="two")]
    for folder, tokens in zip(folders, kept, strict=True):
        write([folder], tokens)
    assert read(folders) == kept


def test_what_a_killed_run_wrote_whole_is_read(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    path.rename(f"{path}.0123456789abcdef.tmp")
    assert read(folders) == [holding()]


def test_what_a_killed_run_wrote_in_part_is_removed_and_nothing_else(folders: list[pathlib.Path]) -> None:
    path = write(folders)
    cut_off = pathlib.Path(f"{path}.0123456789abcdef.tmp")
    cut_off.touch(mode=0o600)
    cut_off.write_bytes(path.read_bytes()[:-200].rstrip())
    others = ["recovery-other.yml", "recovery-other.yml.0123456789abcdef.tmp"]
    for name in others:
        (folders[0] / name).touch()
    assert read(folders) == [holding()]
    assert sorted(contents(folders[0])) == sorted([path.name, *others])


def test_tokens_whose_file_gets_no_name_are_not_removed(
    folders: list[pathlib.Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_paths: str) -> None:
        raise OSError("no name for it")

    monkeypatch.setattr(os, "replace", fail)
    path = write(folders)
    assert path.suffix == ".tmp"
    assert read(folders) == [holding()]


def test_nowhere_to_write_is_none(folders: list[pathlib.Path]) -> None:
    for folder in folders:
        folder.write_text("a file")
    assert recovery(folders).write(holding(), StoredTokens()) is None


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


def leave(shop: Shop, store: Store, kept: StoredTokens, instead_of: StoredTokens | None) -> pathlib.Path:
    """Leave a recovery file, as an earlier run did that could not save."""
    path = Recovery(store.identity, str(shop.settings.client_secret)).write(kept, instead_of)
    assert path is not None
    return pathlib.Path(path)


def newer(shop: Shop, **changes: t.Any) -> StoredTokens:
    """Tokens of the service app that live, from a clock that was behind."""
    app = {"client_id": shop.settings.client_id, "refresh_token": shop.settings.refresh_token}
    return holding(**{**app, "access_token": "recovered", "obtained_at": NOW - timedelta(days=400), **changes})


def test_clocks_do_not_count(shop: Shop) -> None:
    """The stored tokens seem to be newer, by a clock that was ahead, and are not."""
    shop.put(refresh_token="dead", obtained_at=NOW + timedelta(days=400))
    path = leave(shop, shop.store(), newer(shop), instead_of=shop.store().load())
    outcome = shop.obtain(settings={"refresh_token": None})
    assert (outcome.token_set.access_token, asked(shop.webex)) == ("recovered", [])
    assert shop.store().load() == newer(shop)
    assert not path.exists()


def test_what_replaces_other_tokens_is_a_candidate_and_stays_until_it_is_tried(shop: Shop) -> None:
    shop.put(refresh_token="dead")
    path = leave(shop, shop.store(), newer(shop), instead_of=holding(access_token="stored-before"))
    assert shop.obtain(settings={"refresh_token": None}).token_set.access_token == "stored-access"
    assert path.exists()
    outcome = shop.obtain(settings={"refresh_token": None}, force=True)
    assert (outcome.refreshed, statuses(shop.webex)) == (True, [400, 200, 200])
    assert not path.exists()


def test_a_candidate_that_webex_refuses_is_removed_and_told(shop: Shop) -> None:
    shop.put(refresh_token="dead", expires_at=EXPIRED)
    path = leave(shop, shop.store(), newer(shop, refresh_token="dead-too"), instead_of=None)
    with pytest.raises(GrantRefused, match=f"the store, then the one of the recovery file {path}"):
        shop.obtain(settings={"refresh_token": None})
    assert not path.exists()


def test_a_candidate_that_gets_no_answer_stays(shop: Shop) -> None:
    shop.put(refresh_token="dead", expires_at=EXPIRED)
    path = leave(shop, shop.store(), newer(shop), instead_of=None)
    shop.webex.fault(kind="reset", skip=1)
    with pytest.raises(NoAnswer):
        shop.obtain(settings={"refresh_token": None})
    assert path.exists()
    assert shop.obtain(settings={"refresh_token": None}).refreshed


def test_it_is_looked_at_before_a_missing_refresh_token_is_an_error(shop: Shop) -> None:
    leave(shop, shop.store(), newer(shop), instead_of=StoredTokens())
    outcome = shop.obtain(settings={"refresh_token": None})
    assert (outcome.token_set.access_token, outcome.refreshed) == ("recovered", False)


@pytest.mark.parametrize("check_mode", [False, True])
def test_it_is_looked_at_when_the_stored_token_is_good_too(shop: Shop, check_mode: bool) -> None:
    shop.put(refresh_token="dead")
    before = shop.files()
    path = leave(shop, shop.store(), newer(shop), instead_of=shop.store().load())
    outcome = shop.obtain(check_mode=check_mode)
    assert (outcome.token_set.access_token, outcome.refreshed, asked(shop.webex)) == ("recovered", False, [])
    assert path.exists() is check_mode
    assert (shop.files() == before) is check_mode


def test_it_is_found_by_whichever_way_the_store_is_named(shop: Shop, tmp_path: pathlib.Path) -> None:
    leave(shop, shop.store(), newer(shop), instead_of=StoredTokens())
    (tmp_path / "link").symlink_to(shop.path.parent)
    linked = vault_file(tmp_path / "link" / shop.path.name)
    assert shop.obtain(linked).token_set.access_token == "recovered"


@pytest.mark.parametrize("changes", [{"client_id": "C0"}, {"org_id": "96abc2aa-0000-0000-0000-fe34819cdc9a"}])
def test_the_tokens_of_somebody_else_are_left_alone(shop: Shop, changes: dict[str, str]) -> None:
    path = leave(shop, shop.store(), newer(shop, **changes), instead_of=StoredTokens())
    assert shop.obtain(settings={"org_id": shop.webex.credentials["org_id"]}).refreshed
    assert path.exists()


def test_only_that_part_is_taken_which_replaces_what_is_stored(shop: Shop) -> None:
    """The service app's tokens have been refreshed since elsewhere, and the integration's have not."""
    shop.put({"refresh_token": "dead"}, refresh_token="elsewhere")
    stored = shop.store().load()
    left = StoredTokens(newer(shop).service_app, integration_set(client_id=stored.integration.client_id))
    leave(shop, shop.store(), left, StoredTokens(token_set(access_token="before"), stored.integration))
    shop.obtain()
    assert shop.store().load() == StoredTokens(stored.service_app, left.integration)


def test_an_integration_s_refresh_token_is_a_candidate_too(shop: Shop) -> None:
    given = shop.integration()
    shop.put({"refresh_token": "dead", "expires_at": EXPIRED}, refresh_token="dead", expires_at=EXPIRED)
    lost = {"client_id": given["integration_client_id"], "refresh_token": given["integration_refresh_token"]}
    path = leave(shop, shop.store(), StoredTokens(None, integration_set(**lost)), instead_of=None)
    assert shop.obtain(settings={**given, "integration_refresh_token": None}).minted
    assert not path.exists()


# A save that is cut short, and a temporary file with tokens


def test_a_save_that_is_interrupted_reaches_the_recovery_file(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put(expires_at=EXPIRED)
    shop.webex.configure(rotate_refresh_tokens=True)
    store = shop.store()

    def interrupted(_tokens: StoredTokens) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shop.obtain(store)
    outcome = shop.obtain(force=True)
    assert (outcome.refreshed, statuses(shop.webex)) == (True, [200, 200, 200])


def left_unnamed(shop: Shop, kept: StoredTokens) -> pathlib.Path:
    """Leave a temporary file with tokens, as a run does that is killed before it renames it."""
    other = vault_file(shop.path.parent / "other.yml")
    other.save(kept)
    return (shop.path.parent / "other.yml").rename(shop.path.parent / f".{shop.path.name}.0.tmp")


def test_tokens_that_a_killed_run_wrote_are_a_candidate(shop: Shop) -> None:
    shop.put(refresh_token="dead", expires_at=EXPIRED)
    path = left_unnamed(shop, newer(shop))
    outcome = shop.obtain(settings={"refresh_token": None})
    assert (outcome.refreshed, statuses(shop.webex)) == (True, [400, 200, 200])
    assert not path.exists()


def test_tokens_that_a_killed_first_run_wrote_are_taken(shop: Shop) -> None:
    left_unnamed(shop, newer(shop))
    assert shop.obtain(settings={"refresh_token": None}).token_set.access_token == "recovered"
    assert list(shop.files()) == [shop.path.name]


def test_a_temporary_file_stays_if_the_tokens_are_nowhere_else(
    shop: Shop, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put(expires_at=EXPIRED)
    shop.webex.configure(rotate_refresh_tokens=True)
    (home / "file").touch()
    with monkeypatch.context() as patch:
        patch.setenv("ANSIBLE_HOME", str(home / "file"))
        patch.setattr(tempfile, "tempdir", str(home / "file"))
        patch.setattr(os, "replace", _fail)
        with pytest.raises(StoreError, match="The new tokens are in .*tmp, encrypted as the store is"):
            shop.obtain()
    outcome = shop.obtain(settings={"refresh_token": None})
    assert (outcome.refreshed, statuses(shop.webex)) == (True, [200, 400, 200, 200])
    assert list(shop.files()) == [shop.path.name]


def _fail(*_paths: str) -> None:
    raise OSError(5, "Input/output error")


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
    assert "could not be kept anywhere else either, and are lost. What to do: repair the store; then mint" in said


def test_without_a_store_nothing_is_kept(shop: Shop, home: pathlib.Path) -> None:
    shop.obtain(NoStore())
    assert recovered(home) == []
