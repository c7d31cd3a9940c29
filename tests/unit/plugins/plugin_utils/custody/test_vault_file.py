# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import resource
import shutil
import stat
import tempfile
import typing as t

import pytest
from ansible.parsing import vault
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.run_vault import RunVault
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import OWN_PLAYBOOKS, open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import NoStore, Store, StoreError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.temporary_files import SLOTS
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    PASSWORD,
    contents,
    full_disk,
    holding,
    integration_set,
    make_loader,
    token_set,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, process, wait_until

TWO = {"dev": b"one password", "prod": b"another password"}


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    """Where the file is, or would be."""
    return tmp_path / "token.yml"


def encrypted(plain: bytes | str) -> bytes:
    """Something that a human encrypted with ansible-vault."""
    secret = VaultSecret(PASSWORD["default"])
    return VaultLib([("default", secret)]).encrypt(plain, secret=secret)


# Opening


def test_no_store_keeps_nothing() -> None:
    store = open_store({"kind": "none"}, make_loader())
    store.save(holding())
    assert isinstance(store, NoStore)
    assert store.load() == StoredTokens()
    assert store.describe() == {"kind": "none"}


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"kind": "none", "path": "x"}, "store.path"),
        ({"kind": "none", "vault_id": "x"}, "store.vault_id"),
        ({"kind": "vault_file"}, "store.path"),
        ({"kind": "vault_file", "path": "x", "url": "https://vault.example.com"}, "store.url"),
        ({"kind": "hashi_vault", "path": "x", "encrypt": "values"}, "store.encrypt"),
        ({"kind": "none", "auth_method": "token"}, "store.auth_method"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: dict[str, str], option: str) -> None:
    with pytest.raises(OptionError) as error:
        open_store(options, make_loader())
    assert error.value.option == option


def test_a_relative_path_is_in_the_playbook_s_folder(tmp_path: pathlib.Path) -> None:
    loader = make_loader()
    loader.set_basedir(str(tmp_path))
    store = open_store({"kind": "vault_file", "path": "token.yml"}, loader)
    assert store.describe() == {"kind": "vault_file", "path": str(tmp_path / "token.yml")}


# Saving and loading


def test_a_file_that_is_not_there_holds_nothing(path: pathlib.Path) -> None:
    assert vault_file(path).load() == StoredTokens()


@pytest.mark.parametrize("changes", [{}, {"scopes": ("a", "b"), "org_id": "o", "refresh_token_expires_at": NOW}])
def test_what_is_saved_is_loaded(path: pathlib.Path, changes: dict[str, t.Any]) -> None:
    vault_file(path).save(holding(**changes))
    assert vault_file(path).load() == holding(**changes)


def test_the_file_yields_the_variables(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    assert make_loader().load_from_file(str(path)) == {
        "webex_access_token": "stored-access",
        "webex_refresh_token": "stored-refresh",
        "webex_token": token_set().public(),
    }


def test_the_file_is_encrypted_and_for_its_owner_only(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_for_its_owner_only_afterwards(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    path.chmod(0o644)
    vault_file(path).save(holding())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_token_set_of_any_size_is_saved(path: pathlib.Path) -> None:
    large = holding(access_token="x" * 100_000)
    vault_file(path).save(large)
    vault_file(path).save(holding())
    assert vault_file(path).load() == holding()
    vault_file(path).save(large)
    assert vault_file(path).load() == large


def test_a_save_leaves_nothing_but_the_file(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    assert list(contents(path.parent)) == ["token.yml"]


# Vault ids


@pytest.mark.parametrize(("vault_id", "header"), [("prod", b"1.2;AES256;prod"), (None, b"1.2;AES256;dev")])
def test_the_vault_id_is_the_one_asked_for_or_the_usual_one(
    path: pathlib.Path, vault_id: str | None, header: bytes
) -> None:
    vault_file(path, TWO, vault_id).save(holding())
    assert path.read_bytes().split(b"\n")[0] == b"$ANSIBLE_VAULT;" + header
    assert vault_file(path, {"any": TWO[vault_id or "dev"]}).load() == holding()


def test_a_file_keeps_its_vault_id(path: pathlib.Path) -> None:
    vault_file(path, TWO, "prod").save(holding())
    vault_file(path, TWO).save(holding(access_token="new"))
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.2;AES256;prod\n")


def test_a_vault_id_without_a_password_is_named(path: pathlib.Path) -> None:
    with pytest.raises(StoreError, match="no password for the vault id stage .known: dev, prod."):
        vault_file(path, TWO, "stage").reserve()
    assert contents(path.parent) == {}


# Each secret encrypted, and the rest in plain text


def encrypted_value(plain: str) -> str:
    """A secret as ``ansible-vault encrypt_string`` writes it."""
    return "!vault |\n" + "".join(f"  {line}\n" for line in encrypted(plain).decode().splitlines())


def values_file(**changes: str | None) -> bytes:
    """A file of the form ``values``, by hand; None leaves a variable out."""
    variables = {
        "webex_access_token": encrypted_value("stored-access"),
        "webex_refresh_token": encrypted_value("stored-refresh"),
        "webex_token": "{schema: 1, client_id: C1, obtained_at: '2026-11-24T03:00:00Z'}\n",
    }
    lines = [f"{name}: {text}" for name, text in {**variables, **changes}.items() if text is not None]
    return "".join(lines).encode()


BOTH_SETS = StoredTokens(token_set(), integration_set())
PLAIN = {
    "webex_access_token": "stored-access",
    "webex_refresh_token": "stored-refresh",
    "webex_token": token_set().public(),
    "webex_integration_access_token": "integration-access",
    "webex_integration_refresh_token": "integration-refresh",
    "webex_integration_token": integration_set().public(),
}


@pytest.mark.parametrize("encrypt", ["file", "values"])
def test_either_form_yields_the_variables(path: pathlib.Path, encrypt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vault_file(path, encrypt=encrypt).save(BOTH_SETS)
    # From ansible-core 2.19 on, an encrypted value finds the passwords of the run there.
    if hasattr(vault, "VaultSecretsContext"):
        context = vault.VaultSecretsContext
        monkeypatch.setattr(context, "_current", context([("default", VaultSecret(PASSWORD["default"]))]))
    loaded = make_loader().load_from_file(str(path))
    assert loaded.keys() == PLAIN.keys()
    assert {name: value if isinstance(value, dict) else str(value) for name, value in loaded.items()} == PLAIN


def test_expiries_can_be_read_without_the_password(path: pathlib.Path) -> None:
    vault_file(path, encrypt="values").save(BOTH_SETS)
    text = path.read_text(encoding="utf-8")
    assert "expires_at: '2026-12-08T03:00:00Z'" in text
    assert text.count("!vault |") == 4
    assert not any(secret in text for secret in ("stored-", "integration-"))
    assert make_loader({}).load_from_file(str(path))["webex_token"]["expires_at"] == "2026-12-08T03:00:00Z"


def test_a_file_with_encrypted_values_is_for_its_owner_only(path: pathlib.Path) -> None:
    vault_file(path, encrypt="values").save(holding())
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("written", ["file", "values"])
@pytest.mark.parametrize("read", [None, "file", "values"])
def test_both_forms_are_read_and_the_wanted_one_is_written(path: pathlib.Path, written: str, read: str | None) -> None:
    vault_file(path, encrypt=written).save(BOTH_SETS)
    store = vault_file(path, encrypt=read)
    assert store.load() == BOTH_SETS
    store.save(BOTH_SETS)
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;") is (read != "values")
    assert vault_file(path).load() == BOTH_SETS


@pytest.mark.parametrize(("first", "second"), [("values", "values"), ("values", "file"), ("file", "values")])
def test_encrypted_values_keep_their_vault_id(path: pathlib.Path, first: str, second: str) -> None:
    vault_file(path, TWO, "prod", encrypt=first).save(BOTH_SETS)
    vault_file(path, TWO, encrypt=second).save(holding(access_token="new"))
    assert path.read_bytes().count(b"$ANSIBLE_VAULT;1.2;AES256;prod\n") == (2 if second == "values" else 1)
    assert vault_file(path, {"prod": TWO["prod"]}).load() == holding(access_token="new")


def test_a_file_that_a_human_made_of_encrypted_strings_is_read(path: pathlib.Path) -> None:
    path.write_bytes(values_file())
    path.chmod(0o600)
    assert vault_file(path).load() == holding(expires_at=None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"webex_access_token": "stored-access\n"}, "has webex_access_token in plain text"),
        ({"webex_refresh_token": "5\n"}, "has webex_refresh_token in plain text"),
        ({"webex_access_token": None}, "is not a complete token set: access_token is missing"),
        ({"webex_access_token": encrypted_value("")}, "is not a complete token set: access_token is missing"),
        ({"webex_token": None}, "is not a complete token set: webex_token is missing"),
        ({"webex_token": encrypted_value("{schema: 1}")}, "is not a complete token set: webex_token is missing"),
        ({"database_password": encrypted_value("x")}, r"holds other variables too \(database_password\)"),
        ({"webex_access_token": "!vault {a: b}\n"}, "cannot be decrypted: it is damaged"),
        ({"webex_access_token": "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3131\n"}, "cannot be decrypted"),
        ({"webex_token": "!other {a: b}\n"}, "is not YAML"),
        ({"webex_token": "[\n"}, "is not YAML"),
    ],
)
def test_encrypted_values_that_are_not_the_store_s_own_are_refused(
    path: pathlib.Path, changes: dict[str, str | None], words: str
) -> None:
    data = values_file(**changes)
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=words) as error:
        vault_file(path, encrypt="values").load()
    assert "stored-" not in str(error.value)
    assert contents(path.parent) == {"token.yml": data}


@pytest.mark.parametrize(
    ("passwords", "words"), [({}, "this run has no vault password"), ({"default": b"wrong"}, "another password")]
)
def test_encrypted_values_without_their_password_are_refused(
    path: pathlib.Path, passwords: dict[str, bytes], words: str
) -> None:
    vault_file(path, encrypt="values").save(holding())
    before = path.read_bytes()
    with pytest.raises(StoreError, match=words):
        vault_file(path, passwords, encrypt="values").load()
    assert path.read_bytes() == before


# Where the file is


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("of the playbook", "token.yml", "of the playbook/token.yml"),
        ("of the collection", "token.yml", "present/token.yml"),
        ("of the collection", "~/token.yml", "home/token.yml"),
        ("of the collection", "/srv/token.yml", "/srv/token.yml"),
    ],
)
def test_a_relative_path_never_leads_into_the_collection(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str, expected: str
) -> None:
    (tmp_path / "present").mkdir()
    monkeypatch.chdir(tmp_path / "present")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    loader = make_loader()
    loader.set_basedir(OWN_PLAYBOOKS if folder == "of the collection" else str(tmp_path / folder))
    store = open_store({"kind": "vault_file", "path": name}, loader)
    assert store.describe()["path"] == str(tmp_path / expected)


# Who may read the file


@pytest.mark.parametrize("encrypt", ["file", "values"])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_is_open_to_others_is_refused_with_the_remedy(path: pathlib.Path, mode: int, encrypt: str) -> None:
    vault_file(path, encrypt=encrypt).save(holding())
    before = path.read_bytes()
    path.chmod(mode)
    with pytest.raises(StoreError, match=f"by others .mode {mode:04o}.. What to do: chmod 600 {path}"):
        vault_file(path).load()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (before, mode)


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_file_that_is_open_to_others_can_be_allowed_with_a_warning(path: pathlib.Path, mode: int) -> None:
    vault_file(path).save(holding())
    path.chmod(mode)
    store = vault_file(path, allow_shared_file=True)
    assert store.load() == holding()
    (warning,) = store.warnings()
    assert f"{path} can be read or written by others (mode {mode:04o})" in warning
    assert "nothing but the vault password protects its tokens" in warning
    store.save(holding())
    assert path.stat().st_mode & 0o777 == 0o600
    assert store.warnings() == ()


def test_a_file_of_which_others_could_read_a_part_is_refused_in_spite_of_that(path: pathlib.Path) -> None:
    vault_file(path, encrypt="values").save(holding())
    path.chmod(0o644)
    with pytest.raises(StoreError, match="by others .mode 0644.*encrypted as a whole, and set store.allow_shared_file"):
        vault_file(path, allow_shared_file=True).load()


def test_what_is_not_encrypted_as_a_whole_cannot_be_shared(path: pathlib.Path) -> None:
    with pytest.raises(OptionError, match="store.allow_shared_file: is for a file that is encrypted as a whole"):
        vault_file(path, encrypt="values", allow_shared_file=True)
    assert vault_file(path, encrypt="values", allow_shared_file=False).load() == StoredTokens()


def test_a_file_that_another_run_gives_back_meanwhile_was_read(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = vault_file(path)
    store.save(holding())
    read = StoredTokens.from_variables

    def and_remove(variables: t.Mapping[str, t.Any]) -> StoredTokens:
        path.unlink()
        return read(variables)

    monkeypatch.setattr(StoredTokens, "from_variables", and_remove)
    assert (store.load(), store.load()) == (holding(), StoredTokens())


@pytest.mark.parametrize("encrypt", ["file", "values"])
def test_a_symbolic_link_is_read_and_not_written(path: pathlib.Path, encrypt: str) -> None:
    vault_file(path, encrypt=encrypt).save(holding())
    link = path.parent / "link.yml"
    link.symlink_to(path)
    before = path.read_bytes()
    store = vault_file(link, encrypt=encrypt)
    assert store.load() == holding()
    with pytest.raises(StoreError, match="is a symbolic link"), store.lock(0):
        store.save(holding(access_token="new"))
    assert (path.read_bytes(), link.is_symlink()) == (before, True)
    assert list(path.parent.glob("*.tmp")) == []


# What is not the store's own is refused, and left as it is


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not encrypted"),
        (b"webex_access_token: x\n", "is not encrypted"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n", "damaged"),
        (b"$ANSIBLE_VAULT;1.1;AES256\nnot hex\n", "damaged"),
        (b"$ANSIBLE_VAULT;9.9\n00\n", "damaged"),
        (encrypted("- a\n- list\n"), "does not hold a token set"),
        (encrypted("db_password: x\n"), "holds other variables too"),
        (encrypted("{}\n"), "does not hold a token set"),
        (encrypted("webex_token: {}\ndb_password: x\n"), r"holds other variables too \(db_password\)"),
        (encrypted("webex_token: {schema: 1}\n"), "is not a complete token set: access_token"),
        (encrypted("webex_token: {schema: 2}\n"), "is not a complete token set: its schema"),
        (encrypted("a: [\n"), "is not YAML"),
        (encrypted("a: 2026-99-99\n"), "is not YAML"),
        (encrypted(b"\xff\xfe\x00"), "it is not text"),
    ],
)
def test_a_file_of_anything_else_is_refused(path: pathlib.Path, data: bytes, words: str) -> None:
    path.write_bytes(data)
    with pytest.raises(StoreError, match=words):
        vault_file(path).load()
    assert contents(path.parent) == {"token.yml": data}


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_refused(path: pathlib.Path, cut: float) -> None:
    vault_file(path).save(holding())
    damaged = path.read_bytes()[: int(path.stat().st_size * cut)]
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="damaged"):
        vault_file(path).load()
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("passwords", "words"), [({}, "this run has no vault password"), ({"default": b"wrong"}, "another password")]
)
def test_a_file_without_its_password_is_refused(path: pathlib.Path, passwords: dict[str, bytes], words: str) -> None:
    vault_file(path).save(holding())
    before = path.read_bytes()
    with pytest.raises(StoreError, match=words) as error:
        vault_file(path, passwords).load()
    assert path.read_bytes() == before
    assert "stored-" not in str(error.value)


def test_a_folder_is_no_file(path: pathlib.Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="is not a regular file"):
        vault_file(path).load()


# Preparing


def links_elsewhere(path: pathlib.Path) -> Store:
    path.symlink_to(path.parent / "target.yml")
    return vault_file(path)


def no_folder(path: pathlib.Path) -> Store:
    return vault_file(path.parent / "none" / "token.yml")


def no_password(path: pathlib.Path) -> Store:
    return vault_file(path, {})


@pytest.mark.parametrize(
    ("open_it", "words"),
    [(links_elsewhere, "symbolic link"), (no_folder, "does not exist"), (no_password, "no vault password")],
)
@pytest.mark.parametrize("step", ["check", "reserve"])
def test_what_would_make_a_save_fail_is_found_before(
    path: pathlib.Path, open_it: t.Callable[[pathlib.Path], Store], words: str, step: str
) -> None:
    store = open_it(path)
    with pytest.raises(StoreError, match=words):
        getattr(store, step)()
    assert not path.exists()


def test_a_full_disk_is_found_before_a_save(path: pathlib.Path) -> None:
    store = vault_file(path)
    with pytest.raises(StoreError, match="cannot be written: File too large"), full_disk(), store.lock(0):
        store.reserve()
    assert list(contents(path.parent)) == [".token.yml.lock"]


def test_a_disk_that_is_full_after_the_reservation_is_no_problem(path: pathlib.Path) -> None:
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
        (reserved,) = path.parent.glob("*.tmp")
        assert reserved.stat().st_size > 60_000
        blocks = reserved.stat().st_blocks
        store.save(holding())
        assert path.stat().st_blocks <= blocks


def test_a_reservation_is_encrypted_and_for_its_owner_only(path: pathlib.Path) -> None:
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
        (reserved,) = path.parent.glob("*.tmp")
        assert reserved.read_bytes().startswith(b"$ANSIBLE_VAULT;")
        assert reserved.stat().st_mode & 0o777 == 0o600


def test_a_reservation_that_is_not_used_is_undone(path: pathlib.Path) -> None:
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
    assert list(contents(path.parent)) == [".token.yml.lock"]


def test_what_killed_runs_left_is_removed_and_nothing_else(path: pathlib.Path) -> None:
    others = [".other.yml.0.tmp", ".token.yml.old.0.tmp", "token.yml.tmp"]
    for name in (".token.yml.0.tmp", *others):
        (path.parent / name).touch()
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
        store.save(holding())
    assert sorted(contents(path.parent)) == sorted([".token.yml.lock", "token.yml", *others])


def test_two_stores_whose_names_begin_alike_do_not_touch_each_other_s_reservations(path: pathlib.Path) -> None:
    long, short = vault_file(path), vault_file(path.with_suffix(""))
    with long.lock(0), short.lock(0):
        long.reserve()
        short.reserve()
        long.save(holding())
        short.save(holding(access_token="other"))
    assert (long.load(), short.load()) == (holding(), holding(access_token="other"))


def test_a_temporary_file_with_tokens_stays(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    left = path.rename(path.parent / ".token.yml.0.tmp")
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
    assert store.unsaved() == {str(left): holding()}


def test_a_folder_of_many_stores_is_never_listed(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand runs, each of which looked at the files of a thousand stores, would look at a million."""

    def refuse(*_path: object) -> t.NoReturn:
        raise AssertionError("the folder was listed")

    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, refuse)
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
        store.save(holding())
    assert (store.load(), store.unsaved()) == (holding(), {})


def test_temporary_files_that_nobody_can_read_are_named_if_there_is_no_room_for_one_more(path: pathlib.Path) -> None:
    vault_file(path, {"default": b"another"}).save(holding())
    whole = path.read_bytes()
    path.unlink()
    for slot in range(SLOTS):
        (path.parent / f".token.yml.{slot}.tmp").write_bytes(whole)
    store = vault_file(path)
    with (
        store.lock(0),
        pytest.raises(StoreError, match=r"has 8 temporary files beside it.*remove them: \.token\.yml\."),
    ):
        store.reserve()
    (path.parent / ".token.yml.3.tmp").unlink()
    with store.lock(0):
        store.save(holding())
    assert store.load() == holding()


def test_a_file_that_has_not_changed_is_decrypted_once(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault_file(path).save(holding())
    decrypted = []
    decrypt = RunVault.decrypt
    monkeypatch.setattr(RunVault, "decrypt", lambda vault, data: decrypted.append(data) or decrypt(vault, data))
    store = vault_file(path)
    assert (store.load(), store.load(), len(decrypted)) == (holding(), holding(), 1)
    vault_file(path).save(holding(access_token="of-another-run"))
    assert store.load() == holding(access_token="of-another-run")


def test_a_whole_temporary_file_under_another_password_stays(path: pathlib.Path) -> None:
    vault_file(path, {"default": b"another"}).save(holding())
    left = path.rename(path.parent / ".token.yml.0.tmp")
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
    assert left.exists()
    assert store.unsaved() == {}


@pytest.mark.parametrize("encrypt", ["file", "values"])
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_temporary_file_that_was_not_written_to_its_end_is_removed(
    path: pathlib.Path, encrypt: str, cut: float
) -> None:
    store = vault_file(path, encrypt=encrypt)
    store.save(holding())
    whole = path.read_bytes()
    with store.lock(0):
        store.reserve()
        (reserved,) = path.parent.glob("*.tmp")
        placeholder = reserved.read_bytes()
    left = path.parent / ".token.yml.0.tmp"
    # As a kill leaves it: in the middle of the reservation, and of the tokens that are written over it.
    written = int(len(whole) * cut)
    for data in (placeholder[: int(len(placeholder) * cut)].rstrip(), whole[:written] + placeholder[written:]):
        left.write_bytes(data)
        with store.lock(0):
            store.reserve()
        assert not left.exists()


def test_a_save_opens_nothing(path: pathlib.Path) -> None:
    """A process that has run out of descriptors since can save what Webex has handed out."""
    store = vault_file(path)
    store.save(holding())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with store.lock(0):
        store.reserve()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                os.open(os.devnull, os.O_RDONLY)
            store.save(holding(access_token="new"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert vault_file(path).load() == holding(access_token="new")


def test_descriptors_are_given_back(path: pathlib.Path) -> None:
    store = vault_file(path)
    before = os.listdir("/proc/self/fd")
    with store.lock(0):
        store.reserve()
        store.save(holding())
        store.reserve()
    assert os.listdir("/proc/self/fd") == before


def test_every_save_has_a_reservation_of_its_own(path: pathlib.Path) -> None:
    store = vault_file(path)
    with store.lock(0):
        for access_token in ("one", "two"):
            store.reserve()
            store.reserve()
            assert len(list(path.parent.glob("*.tmp"))) == 1
            with full_disk(), pytest.raises(OSError, match="File too large"):
                (path.parent / "filler").write_bytes(b"x" * 2000)
            store.save(holding(access_token=access_token))
    assert store.load() == holding(access_token="two")


def test_a_reservation_that_failed_is_none(path: pathlib.Path) -> None:
    store = vault_file(path)
    with store.lock(0):
        for _time in range(2):
            with full_disk(), pytest.raises(StoreError, match="cannot be written: File too large"):
                store.reserve()
        assert list(path.parent.glob("*.tmp")) == []


def test_a_folder_that_cannot_be_synced_is_found_before_a_save(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def of_files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", of_files_only)
    store = vault_file(path)
    with store.lock(0), pytest.raises(StoreError, match="cannot be written: Invalid argument"):
        store.reserve()
    assert list(contents(path.parent)) == [".token.yml.lock"]


# Whose file it is


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")


@needs_root
def test_the_file_and_its_lock_keep_their_owner(path: pathlib.Path) -> None:
    vault_file(path).save(holding())
    os.chown(path, 65534, 65534)
    store = vault_file(path)
    with store.lock(0):
        store.reserve()
        store.save(holding(access_token="new"))
    for name in ("token.yml", ".token.yml.lock"):
        status = (path.parent / name).stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65534, 0o600)


@needs_root
def test_a_file_that_cannot_keep_its_owner_is_refused_before_a_save(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_file(path).save(holding())
    os.chown(path, 65534, 65534)

    def refuse(*_arguments: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    store = vault_file(path)
    with store.lock(0), pytest.raises(StoreError, match="belongs to another user .uid 65534.*cannot be given"):
        store.reserve()
    assert list(path.parent.glob("*.tmp")) == []


@pytest.mark.parametrize(("mode", "warns"), [(0o700, False), (0o755, False), (0o757, True), (0o1777, True)])
def test_a_folder_that_others_may_write_into_is_a_warning(path: pathlib.Path, mode: int, warns: bool) -> None:
    path.parent.chmod(mode)
    warnings = vault_file(path).warnings()
    path.parent.chmod(0o700)
    assert len(warnings) == warns
    assert all(f"chmod go-w {path.parent}" in warning for warning in warnings)


@needs_root
@pytest.mark.parametrize(("gid", "warns"), [(0, False), (65534, True)])
def test_a_group_that_may_write_is_a_warning_unless_it_is_the_owner_s_own(
    path: pathlib.Path, gid: int, warns: bool
) -> None:
    os.chown(path.parent, 0, gid)
    path.parent.chmod(0o770)
    assert len(vault_file(path).warnings()) == warns


def try_as_nobody(path: pathlib.Path, said: t.Any) -> None:
    """Reserve as somebody who may read the folder and not write to it."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        vault_file(path).reserve()
    except StoreError as error:
        said.put(str(error))


def test_a_folder_that_cannot_be_written_is_found_before_a_save() -> None:
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o555)
    said = FORK.Queue()
    try:
        with process(try_as_nobody, pathlib.Path(folder, "token.yml"), said):
            assert "cannot be written: Permission denied" in said.get(timeout=60)
        assert os.listdir(folder) == []
    finally:
        shutil.rmtree(folder)


# The lock


def hold(path: pathlib.Path, ready: t.Any) -> None:
    """Take the lock, and keep it."""
    with vault_file(path).lock(0):
        ready.set()
        ready.__class__(ctx=FORK).wait()


def test_a_lock_that_another_run_holds_is_waited_for_in_bounds(path: pathlib.Path) -> None:
    ready = FORK.Event()
    with process(hold, path, ready):
        assert ready.wait(60)
        with (
            pytest.raises(StoreError, match="has been locked by another run for 0 seconds"),
            vault_file(path).lock(0.1),
        ):
            pass


def test_a_run_that_was_killed_holds_no_lock(path: pathlib.Path) -> None:
    ready = FORK.Event()
    with process(hold, path, ready) as holder:
        assert ready.wait(60)
        holder.kill()
        wait_until(lambda: not holder.is_alive())
        with vault_file(path).lock(0):
            pass


def test_a_lock_is_given_back(path: pathlib.Path) -> None:
    for _time in range(2):
        with vault_file(path).lock(0):
            pass


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.EIO])
def test_a_lock_file_that_cannot_be_opened_for_now_is_an_error_and_no_run_without_a_lock(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with (
        pytest.raises(StoreError, match=f"cannot be locked.*{os.strerror(number)}.*run again"),
        vault_file(path).lock(0),
    ):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EIO])
def test_a_file_system_without_locks_is_named(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_arguments: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreError, match=f"cannot be locked.*{os.strerror(number)}"), vault_file(path).lock(0):
        pass


def test_a_file_whose_state_cannot_be_read_is_named(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = vault_file(path)
    store.save(holding())

    def refuse(*_arguments: object) -> os.stat_result:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "stat", refuse)
    with pytest.raises(StoreError, match="cannot be read: Input/output error"):
        store.load()


@pytest.mark.parametrize("encrypt", ["file", "values"])
def test_what_could_not_be_read_again_does_not_take_the_place_of_what_can(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, encrypt: str
) -> None:
    store = open_store({"kind": "vault_file", "path": str(path), "encrypt": encrypt}, make_loader())
    store.save(holding())
    before = path.read_bytes()
    store.reserve()
    monkeypatch.setattr(RunVault, "encrypt", lambda vault, text, secret: encrypted(f"{text}: broken: ["))
    with pytest.raises(StoreError):
        store.save(holding(access_token="another"))
    assert path.read_bytes() == before
