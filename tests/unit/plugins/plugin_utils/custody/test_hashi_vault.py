# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import importlib
import pathlib
import sys
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet, refresh
from ansible_collections.collabops.webex.plugins.module_utils._time import to_iso
from ansible_collections.collabops.webex.plugins.plugin_utils._custody import renewal
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import hashi_vault as store_module
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import kv_secret
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store, StoreError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.hashi_vault import (
    LEASE_KEY,
    HashiVaultStore,
)
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.kv_options import ENVIRONMENT
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    Secret,
    Shop,
    hashi_vault,
    holding,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, Server, make_certificate, process
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer


@pytest.fixture
def secret(vault: VaultServer) -> Secret:
    """The secret, as somebody else sees it."""
    return Secret(vault)


def lease(seconds: float, holder: str = "another run") -> dict[str, str | None]:
    """A lease that ends in some seconds."""
    return {"holder": holder, "until": to_iso(datetime.now(timezone.utc) + timedelta(seconds=seconds))}


def asked(vault: VaultServer) -> list[tuple[str, str]]:
    """Methods and paths, in order."""
    return [(entry["method"], entry["path"].removeprefix("/v1/")) for entry in vault.journal()]


# The options, and the names that users of community.hashi_vault know


def logins(vault: VaultServer) -> dict[str, dict[str, str]]:
    """What each way to log in needs."""
    given = vault.credentials
    return {
        "token": {"token": given["writer_token"]},
        "approle": given["approle"],
        "jwt": {"role_id": given["jwt"]["role"], "jwt": given["jwt"]["jwt"]},
    }


@pytest.mark.parametrize(("auth_method", "name"), [("token", "writer"), ("approle", "approle"), ("jwt", "jwt")])
@pytest.mark.parametrize("last", [False, True])
def test_everything_but_the_path_may_come_from_the_environment(
    vault: VaultServer, monkeypatch: pytest.MonkeyPatch, auth_method: str, name: str, last: bool
) -> None:
    values = {"url": vault.url, "auth_method": auth_method, **logins(vault)[auth_method]}
    for option, value in values.items():
        monkeypatch.setenv(ENVIRONMENT[option][-1 if last else 0], value)
    store = HashiVaultStore({"kind": "hashi_vault", "path": vault.credentials["writer_path"]})
    store.save(holding())
    assert store.load() == holding()
    assert {entry["token"] for entry in vault.journal() if "login" not in entry["path"]} == {name}


def test_the_names_are_those_that_the_documentation_gives() -> None:
    assert {name for names in ENVIRONMENT.values() for name in names} == {
        "ANSIBLE_HASHI_VAULT_ADDR",
        "ANSIBLE_HASHI_VAULT_URL",
        "VAULT_ADDR",
        "ANSIBLE_HASHI_VAULT_AUTH_METHOD",
        "ANSIBLE_HASHI_VAULT_TOKEN",
        "VAULT_TOKEN",
        "ANSIBLE_HASHI_VAULT_ROLE_ID",
        "ANSIBLE_HASHI_VAULT_SECRET_ID",
        "ANSIBLE_HASHI_VAULT_JWT",
        "ANSIBLE_HASHI_VAULT_NAMESPACE",
        "VAULT_NAMESPACE",
        "ANSIBLE_HASHI_VAULT_MOUNT_POINT",
        "ANSIBLE_HASHI_VAULT_CA_CERT",
        "VAULT_CACERT",
    }


@pytest.mark.parametrize(
    ("option", "environ", "token"),
    [
        ("root", {"ANSIBLE_HASHI_VAULT_TOKEN": "dead", "VAULT_TOKEN": "dead"}, "root"),
        (None, {"ANSIBLE_HASHI_VAULT_TOKEN": "root", "VAULT_TOKEN": "dead"}, "root"),
        ("", {"ANSIBLE_HASHI_VAULT_TOKEN": "", "VAULT_TOKEN": "root"}, "root"),
    ],
)
def test_the_option_comes_before_ansible_s_names_and_those_before_vault_s(
    vault: VaultServer, option: str | None, environ: dict[str, str], token: str
) -> None:
    known = {"root": vault.root_token}
    options = {"url": vault.url, "path": "webex/tokens", "token": known.get(option or "", option)}
    store = HashiVaultStore(options, {name: known.get(value, value) for name, value in environ.items()})
    assert store.load() == StoredTokens()
    assert [entry["token"] for entry in vault.journal()] == [token]


@pytest.mark.parametrize("named", [False, True])
def test_what_vault_login_left_will_do(vault: VaultServer, home: pathlib.Path, named: bool) -> None:
    folder, name = (home / "elsewhere", "token") if named else (home, ".vault-token")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(vault.root_token + "\n")
    environ = {"ANSIBLE_HASHI_VAULT_TOKEN_PATH": str(folder), "ANSIBLE_HASHI_VAULT_TOKEN_FILE": name}
    HashiVaultStore({"url": vault.url, "path": "webex/tokens"}, environ if named else {}).load()
    assert [entry["token"] for entry in vault.journal()] == ["root"]


@pytest.mark.parametrize(
    ("auth_method", "option", "ways"),
    [
        ("token", "path", ""),
        ("token", "url", "ANSIBLE_HASHI_VAULT_ADDR or .*VAULT_ADDR"),
        ("token", "token", "ANSIBLE_HASHI_VAULT_TOKEN or VAULT_TOKEN"),
        ("approle", "role_id", "ANSIBLE_HASHI_VAULT_ROLE_ID"),
        ("approle", "secret_id", "ANSIBLE_HASHI_VAULT_SECRET_ID"),
        ("jwt", "role_id", "ANSIBLE_HASHI_VAULT_ROLE_ID"),
        ("jwt", "jwt", "ANSIBLE_HASHI_VAULT_JWT"),
    ],
)
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_missing_option_is_named_with_every_way_to_give_it(
    vault: VaultServer, auth_method: str, option: str, ways: str, nothing: str | None
) -> None:
    with pytest.raises(OptionError, match=f"is missing.*set store.{option}.*{ways}") as error:
        hashi_vault(vault, **{"token": None, **logins(vault)[auth_method], "auth_method": auth_method, option: nothing})
    assert error.value.option == f"store.{option}"
    assert asked(vault) == []


def test_a_way_to_log_in_that_is_not_known_is_refused(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_HASHI_VAULT_AUTH_METHOD", "kerberos")
    with pytest.raises(OptionError, match="is unknown.*choose from token, approle, jwt") as error:
        hashi_vault(vault)
    assert error.value.option == "store.auth_method"


def open_without_hvac(said: t.Any) -> None:
    """Open the store as on a machine without hvac."""
    sys.modules["hvac"] = None  # type: ignore[assignment]
    importlib.reload(kv_secret)
    module = importlib.reload(store_module)
    try:
        module.HashiVaultStore({"url": "http://127.0.0.1:1", "path": "x", "token": "x"}, {})
    except OptionError as error:
        said.put(str(error))


def test_a_machine_without_hvac_is_told_what_to_install() -> None:
    said = FORK.Queue()
    with process(open_without_hvac, said):
        assert "hashi_vault needs the Python package hvac" in said.get(timeout=60)


# Logging in


@pytest.mark.parametrize("auth_method", ["approle", "jwt"])
def test_a_run_logs_in_once(vault: VaultServer, auth_method: str) -> None:
    store = hashi_vault(vault, token=None, auth_method=auth_method, **logins(vault)[auth_method])
    with store.lock(0):
        store.load()
        store.save(holding())
    assert [path for _method, path in asked(vault) if "login" in path] == [f"auth/{auth_method}/login"]


@pytest.mark.parametrize(("auth_method", "mount_point"), [("approle", "team/approle"), ("jwt", "ci")])
def test_a_login_may_be_mounted_elsewhere(vault: VaultServer, auth_method: str, mount_point: str) -> None:
    login = {**logins(vault)[auth_method], "auth_method": auth_method, "mount_point": mount_point}
    hashi_vault(vault, token=None, **login).load()
    assert asked(vault)[0] == ("POST", f"auth/{mount_point}/login")


@pytest.mark.parametrize(
    ("auth_method", "wrong", "words"),
    [
        ("token", {"token": "wrong-secret"}, "permission denied"),
        ("approle", {"secret_id": "wrong-secret"}, "invalid role or secret ID"),
        ("approle", {"role_id": "wrong"}, "invalid role or secret ID"),
        ("approle", {"mount_point": "nowhere"}, "permission denied"),
        ("jwt", {"jwt": "wrong-secret"}, "error verifying token signature"),
        ("jwt", {"role_id": "wrong"}, "could not be found"),
    ],
)
def test_a_login_that_is_refused_says_why_and_shows_no_secret(
    vault: VaultServer, auth_method: str, wrong: dict[str, str], words: str
) -> None:
    store = hashi_vault(vault, **{"token": None, **logins(vault)[auth_method], "auth_method": auth_method, **wrong})
    with pytest.raises(StoreError, match=f"{words}.*check the login and the policy") as error:
        store.load()
    assert "wrong-secret" not in str(error.value)


def test_a_login_behind_something_that_is_not_vault_is_told(vault: VaultServer) -> None:
    vault.fault(kind="html", status=200, path="login")
    store = hashi_vault(vault, token=None, auth_method="approle", **logins(vault)["approle"])
    with pytest.raises(StoreError, match="not that of a Vault.*check the store's url"):
        store.load()


# Where the secret is


def test_namespaces_are_apart(vault: VaultServer) -> None:
    inside = hashi_vault(vault, token=vault.root_token, namespace="team")
    inside.save(holding())
    assert inside.load() == holding()
    assert hashi_vault(vault, token=vault.root_token).load() == StoredTokens()
    assert [entry["namespace"] for entry in vault.journal()] == ["team"] * 3 + [""]


def test_the_namespace_may_come_from_the_environment(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_NAMESPACE", "team")
    hashi_vault(vault, token=vault.root_token).load()
    assert vault.journal()[0]["namespace"] == "team"


@pytest.mark.parametrize("mount_point", ["team/kv", "/team/kv/"])
def test_the_engine_may_be_mounted_elsewhere(vault: VaultServer, mount_point: str) -> None:
    vault.mount("team/kv", "kv")
    store = hashi_vault(vault, token=vault.root_token, engine_mount_point=mount_point, path="/webex/tokens/")
    store.save(holding())
    assert store.load() == holding()
    assert store.describe() == {"kind": "hashi_vault", "url": vault.url, "path": "team/kv/webex/tokens"}
    assert {path for _method, path in asked(vault)} == {"team/kv/data/webex/tokens"}


def test_an_engine_that_is_not_there_is_told_before_anything_is_spent(vault: VaultServer) -> None:
    store = hashi_vault(vault, token=vault.root_token, engine_mount_point="nowhere")
    with (
        pytest.raises(StoreError, match="no engine is mounted at nowhere.*set store.engine_mount_point"),
        store.lock(0),
    ):
        pass


# Versions


def test_every_write_is_checked_and_set_on_the_version_that_was_read(vault: VaultServer) -> None:
    store = hashi_vault(vault)
    with store.lock(0):
        store.load()
        store.save(holding())
    writes = [entry for entry in vault.journal() if entry["method"] == "POST"]
    assert [(entry["cas"], entry["status"]) for entry in writes] == [(0, 200), (1, 200), (2, 200)]


def test_what_is_stored_already_is_not_written_again(vault: VaultServer) -> None:
    hashi_vault(vault).save(holding())
    vault.clear_journal()
    hashi_vault(vault).save(holding())
    assert [method for method, _path in asked(vault)] == ["GET"]


def test_other_keys_that_somebody_writes_during_the_lease_stay(vault: VaultServer, secret: Secret) -> None:
    secret.write(database_password="old", other="x")
    store = hashi_vault(vault)
    with store.lock(0):
        store.load()
        store.reserve()
        secret.add(database_password="new")
        store.save(holding())
        secret.add(more="y")
    assert secret.read() == {"database_password": "new", "other": "x", "more": "y", **holding().variables()}


def test_a_secret_that_never_stands_still_is_given_up(vault: VaultServer) -> None:
    body = {"errors": ["check-and-set parameter did not match the current version"]}
    vault.fault(kind="status", status=400, body=body, method="POST", times=None)
    with pytest.raises(StoreError, match="changes faster than it can be written"):
        hashi_vault(vault).save(holding())
    assert len(asked(vault)) < 50


def vanish(secret: Secret, how: str) -> None:
    """Take the newest version away."""
    if how == "deleted":
        secret.kv.delete_latest_version_of_secret(**secret.where)
    else:
        secret.kv.destroy_secret_versions(**secret.where, versions=[1])


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("missing", " The secret does not exist yet."),
        ("deleted", " Version 1 of the secret was deleted (20"),
        ("destroyed", " Version 1 of the secret was destroyed."),
    ],
)
def test_deleted_destroyed_and_missing_are_told_apart(vault: VaultServer, secret: Secret, how: str, words: str) -> None:
    if how != "missing":
        secret.write(**holding().variables())
        vanish(secret, how)
    store = hashi_vault(vault)
    assert (store.load(), store.absence()[: len(words)]) == (StoredTokens(), words)
    undelete = "`vault kv undelete -mount=secret -versions=1 webex/tokens` brings it back."
    assert store.absence().endswith(undelete) is (how == "deleted")


@pytest.mark.parametrize("how", ["deleted", "destroyed"])
def test_a_secret_that_was_taken_away_is_written_again(vault: VaultServer, secret: Secret, how: str) -> None:
    secret.write(**holding().variables())
    vanish(secret, how)
    store = hashi_vault(vault)
    with store.lock(0):
        store.load()
        store.save(holding(access_token="new"))
    assert secret.read() == holding(access_token="new").variables()
    assert (store.load(), store.absence()) == (holding(access_token="new"), "")


def test_an_undeleted_version_is_there_again(vault: VaultServer, secret: Secret) -> None:
    secret.write(**holding().variables())
    vanish(secret, "deleted")
    secret.kv.undelete_secret_versions(**secret.where, versions=[1])
    assert hashi_vault(vault).load() == holding()


def test_half_a_token_set_names_the_keys(vault: VaultServer, secret: Secret) -> None:
    secret.write(webex_access_token="hidden")
    with pytest.raises(StoreError, match="remove the keys webex_access_token, webex_refresh_token") as error:
        hashi_vault(vault).load()
    assert "hidden" not in str(error.value)


# What does not work


def write(store: Store) -> None:
    """Take the lease, which is the first write."""
    with store.lock(0):
        pass


def test_a_token_that_may_only_read_is_found_with_the_lease(vault: VaultServer, secret: Secret) -> None:
    secret.write(**holding().variables())
    store = hashi_vault(vault, token=vault.credentials["read_only_token"])
    assert store.load() == holding()
    with pytest.raises(StoreError, match="permission denied.*create, read and update on secret/data/webex/tokens"):
        write(store)
    assert secret.read() == holding().variables()


@pytest.mark.parametrize("flavor", ["openbao", "vault"])
def test_an_expired_token_is_told(vault: VaultServer, flavor: str) -> None:
    vault.configure(flavor=flavor)
    with pytest.raises(StoreError, match="cannot be used: .*permission denied.*check the login"):
        hashi_vault(vault, token=vault.credentials["expired_token"]).load()


def test_a_sealed_vault_is_told(vault: VaultServer) -> None:
    vault.configure(sealed=True)
    with pytest.raises(StoreError, match="cannot be used: Vault is sealed"):
        hashi_vault(vault).load()


@pytest.mark.parametrize("step", [lambda store: store.load(), write, lambda store: store.save(holding())])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset"},
        {"kind": "truncated"},
        {"kind": "timeout"},
        {"kind": "html", "status": 200},
        {"kind": "html", "status": 502},
        {"kind": "empty"},
        {"kind": "status", "status": 200, "body": {"not": "Vault"}},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 429},
    ],
    ids=str,
)
def test_an_answer_that_is_of_no_use_is_an_error_after_few_requests(
    vault: VaultServer, secret: Secret, step: t.Callable[[Store], None], fault: dict[str, t.Any]
) -> None:
    secret.write(database_password="x")
    vault.fault(path="/data/", times=None, **fault)
    with pytest.raises(StoreError, match=f"the secret secret/webex/tokens in {vault.url} cannot be used: "):
        step(hashi_vault(vault, timeout=0.3))
    assert len(vault.journal()) < 10
    vault.clear_faults()
    assert secret.read() == {"database_password": "x"}


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("auth_method", ["token", "approle", "jwt"])
def test_a_standby_node_that_redirects_is_told_and_not_followed(
    vault: VaultServer, auth_method: str, status: int
) -> None:
    with Server([(200, {}, '{"data": {}}')]) as active:
        vault.fault(kind="redirect", status=status, location=f"{active.base_url}/x", times=None)
        store = hashi_vault(vault, **{"token": None, **logins(vault)[auth_method], "auth_method": auth_method})
        with pytest.raises(StoreError, match=f"redirect to 127.0.0.1:{active.port}, as standby nodes .* load balancer"):
            store.load()
        assert active.requests == []


def test_nobody_at_the_address_is_told(vault: VaultServer) -> None:
    with pytest.raises(StoreError, match="no answer .*Connection refused.*check the store's url"):
        hashi_vault(vault, url="http://127.0.0.1:9").load()


# Certificates


@pytest.mark.parametrize(
    ("options", "environ", "trusted"),
    [
        ({}, {}, False),
        ({"ca_cert": "{ca}"}, {}, True),
        ({}, {"VAULT_CACERT": "{ca}"}, True),
        ({"validate_certs": False}, {}, True),
        ({}, {"VAULT_SKIP_VERIFY": "true"}, True),
        ({"validate_certs": True}, {"VAULT_SKIP_VERIFY": "true"}, False),
    ],
)
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificates_are_checked_as_wanted(
    tmp_path: pathlib.Path, options: dict[str, t.Any], environ: dict[str, str], trusted: bool
) -> None:
    path = str(tmp_path / "ca.pem")
    given = {name: path if value == "{ca}" else value for name, value in options.items()}
    with Server([(404, {}, '{"errors": []}')], tls=make_certificate(path)) as server:
        url = server.base_url.removesuffix("/v1")
        store = HashiVaultStore(
            {"url": url, "path": "x", "token": "t", **given},
            {name: path if value == "{ca}" else value for name, value in environ.items()},
        )
        if trusted:
            assert store.load() == StoredTokens()
        else:
            with pytest.raises(StoreError, match="no answer .*certificate"):
                store.load()
        assert len(server.requests) == trusted


# The lease


@pytest.mark.parametrize(
    # A number: the seconds until the lease ends, from when the test runs.
    "over",
    [-1, 120, 86400, {"holder": "x"}, {"until": "soon", "holder": "x"}, "text", None, {}],
)
def test_a_lease_that_is_over_or_damaged_is_free(vault: VaultServer, secret: Secret, over: t.Any) -> None:
    secret.write(**{LEASE_KEY: lease(over) if isinstance(over, int) else over}, database_password="x")
    store = hashi_vault(vault)
    with store.lock(0):
        assert secret.read()[LEASE_KEY]["holder"] != "another run"
    assert secret.read() == {"database_password": "x"}


def test_a_lease_of_another_run_is_named_and_left(vault: VaultServer, secret: Secret) -> None:
    secret.write(**{LEASE_KEY: lease(60)})
    with pytest.raises(StoreError, match=r"leased by another run \(another run\) for 0 seconds"):
        write(hashi_vault(vault))
    assert secret.read()[LEASE_KEY]["holder"] == "another run"


def test_a_lease_ends_by_itself_in_a_minute(vault: VaultServer, secret: Secret) -> None:
    with hashi_vault(vault).lock(0):
        until = datetime.fromisoformat(secret.read()[LEASE_KEY]["until"].replace("Z", "+00:00"))
        assert timedelta(seconds=50) < until - datetime.now(timezone.utc) <= timedelta(seconds=60)


def test_a_lease_that_somebody_else_took_meanwhile_is_left_to_them(vault: VaultServer, secret: Secret) -> None:
    with hashi_vault(vault).lock(0):
        secret.add(**{LEASE_KEY: lease(60)})
    assert secret.read()[LEASE_KEY]["holder"] == "another run"


def test_a_lease_that_cannot_be_given_back_is_no_error(vault: VaultServer, secret: Secret) -> None:
    with hashi_vault(vault).lock(0):
        vault.configure(sealed=True)
    vault.configure(sealed=False)
    assert LEASE_KEY in secret.read()


def test_a_lease_is_not_what_is_held(vault: VaultServer) -> None:
    store = hashi_vault(vault)
    with store.lock(0):
        assert hashi_vault(vault).load() == StoredTokens()


# A run that outlives its lease


def outlive(store: Store, secret: Secret, **changes: t.Any) -> None:
    """Let the lease of *store* end, and another run save these *changes*."""
    tokens = holding(access_token="of-another-run", **changes).variables()
    secret.write(**{**secret.read(), LEASE_KEY: lease(60), **tokens})


def test_newer_tokens_are_not_overwritten_by_a_run_whose_lease_has_ended(vault: VaultServer, secret: Secret) -> None:
    store = hashi_vault(vault)
    store.save(holding())
    with store.lock(0):
        store.load()
        outlive(store, secret)
        with pytest.raises(StoreError, match="another run has saved in the meantime; they were left as they are"):
            store.save(holding(access_token="too-late"))
    assert hashi_vault(vault).load() == holding(access_token="of-another-run")
    assert secret.read()[LEASE_KEY]["holder"] == "another run"


def test_newer_tokens_are_not_cleared_by_a_run_whose_lease_has_ended(vault: VaultServer, secret: Secret) -> None:
    store = hashi_vault(vault)
    store.save(holding())
    with store.lock(0):
        store.load()
        outlive(store, secret)
        with pytest.raises(StoreError, match="another run has saved in the meantime"):
            store.clear()
    assert hashi_vault(vault).load() == holding(access_token="of-another-run")


def test_a_run_whose_lease_has_ended_saves_if_nobody_else_did(vault: VaultServer, secret: Secret) -> None:
    store = hashi_vault(vault)
    store.save(holding())
    with store.lock(0):
        store.load()
        secret.add(**{LEASE_KEY: lease(60)})
        store.save(holding(access_token="late"))
        store.save(holding(access_token="later"))
    assert hashi_vault(vault).load() == holding(access_token="later")


def test_what_the_store_does_not_take_is_in_the_recovery_file(
    shop: Shop, vault: VaultServer, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = hashi_vault(vault)
    store.save(holding(client_id=shop.settings.client_id, refresh_token=shop.settings.refresh_token, expires_at=NOW))

    def refresh_late(*arguments: t.Any, **keywords: t.Any) -> TokenSet:
        outlive(store, secret, client_id=shop.settings.client_id)
        return refresh(*arguments, **keywords)

    monkeypatch.setattr(renewal, "refresh", refresh_late)
    with pytest.raises(StoreError, match=r"left as they are.*The new tokens are in .*/recovery-[\w-]+\.yml"):
        shop.obtain(store)
    assert secret.read()["webex_access_token"] == "of-another-run"


# A crowd


def is_new(tokens: StoredTokens) -> bool:
    """Whether the winner has saved."""
    return tokens == holding(access_token="new")


def test_a_run_that_waits_leaves_with_what_the_winner_saved(vault: VaultServer, secret: Secret) -> None:
    secret.write(**holding(access_token="new").variables(), **{LEASE_KEY: lease(60)})
    store = hashi_vault(vault)
    vault.clear_journal()
    with store.lock_unless(is_new, 0):
        assert store.load() == holding(access_token="new")
        with pytest.raises(StoreError, match="run again"):
            store.reserve()
    # It did not win the lease, and so had none to give back.
    assert [method for method, _path in asked(vault)] == ["GET", "GET"]


def wait_for_new_tokens(vault: VaultServer, barrier: t.Any, outcomes: t.Any) -> None:
    """One of a crowd: whatever run gets the lease saves new tokens."""
    store = hashi_vault(vault)
    barrier.wait(120)
    with store.lock_unless(is_new, 120):
        is_winner = not is_new(store.load())
        if is_winner:
            store.reserve()
            store.save(holding(access_token="new"))
    outcomes.put(is_winner)


def test_in_a_crowd_one_writes_and_the_others_only_read(vault: VaultServer, secret: Secret) -> None:
    crowd = 30
    barrier, outcomes = FORK.Barrier(crowd), FORK.Queue()
    with contextlib.ExitStack() as stack:
        for _run in range(crowd):
            stack.enter_context(process(wait_for_new_tokens, vault, barrier, outcomes))
        winners = [outcomes.get(timeout=300) for _run in range(crowd)]
    assert winners.count(True) == 1
    writes = [entry for entry in vault.journal() if (entry["method"], entry["status"]) == ("POST", 200)]
    # The lease, the tokens, and the end of the lease; what tried for the lease at the same instant was refused.
    assert len(writes) <= 3
    assert secret.read()["webex_access_token"] == "new"
