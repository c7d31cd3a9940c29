# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, RequestError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.recovery import Recovery
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import NoStore, StoreError
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    Secret,
    Shop,
    contents,
    hashi_vault,
    holding,
    integration_set,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import asked, statuses
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

REVOKE = "DELETE /authorizations"


def grants(shop: Shop) -> set[bool]:
    """Whether the refresh tokens of the service app's grants are alive."""
    (app,) = shop.webex.state()["service_apps"]
    return {grant["refresh_token_alive"] for grant in app["grants"]}


def stock(shop: Shop, integration: str = "", **changes: t.Any) -> None:
    """Store the simulator's own tokens: of the service app, and of its integration."""
    given = shop.webex.credentials
    known = {"access_token": given["service_app"]["access_token"], "org_id": given["org_id"]}
    shop.put({"access_token": integration or given["integration"]["access_token"]}, **{**known, **changes})


def test_the_integration_revokes_and_the_store_is_emptied(shop: Shop) -> None:
    stock(shop)
    farewell = shop.give_back()
    assert (farewell.changed, farewell.revoked, farewell.warnings) == (True, True, ())
    assert (asked(shop.webex), statuses(shop.webex)) == ([REVOKE], [204])
    assert (grants(shop), shop.files()) == ({False}, {})


def test_the_grants_of_that_app_in_that_organization_are_revoked(shop: Shop) -> None:
    stock(shop)
    shop.give_back()
    (entry,) = shop.webex.journal()
    assert entry["query"] == {"clientId": shop.settings.client_id, "orgId": shop.webex.credentials["org_id"]}


def test_the_service_app_may_revoke_its_own(shop: Shop) -> None:
    token = shop.webex.token(kind="service_app", scopes=["identity:tokens_write"])["access_token"]
    shop.put(access_token=token)
    assert shop.give_back().revoked
    assert (grants(shop), shop.files()) == ({False}, {})


def test_the_service_app_is_tried_where_the_integration_may_not(shop: Shop) -> None:
    token = shop.webex.token(kind="service_app", scopes=["identity:tokens_write"])["access_token"]
    stock(shop, "dead", access_token=token)
    assert shop.give_back().revoked
    assert statuses(shop.webex) == [401, 204]


def test_a_token_that_may_not_is_a_warning_and_the_store_is_emptied(shop: Shop) -> None:
    shop.put(access_token=shop.webex.credentials["service_app"]["access_token"])
    farewell = shop.give_back()
    assert (farewell.changed, farewell.revoked, statuses(shop.webex)) == (True, False, [403])
    (warning,) = farewell.warnings
    assert f"The tokens are gone from the vault file {shop.path}, but could not be revoked" in warning
    assert "was answered with 403" in warning
    assert (grants(shop), shop.files()) == ({True}, {})


@pytest.mark.parametrize(
    "fault", [{"kind": "reset", "times": None}, {"kind": "status", "status": 503, "times": None}, {"kind": "html"}]
)
def test_a_failure_that_passes_leaves_the_store_as_it_is(shop: Shop, clock: object, fault: dict[str, t.Any]) -> None:
    stock(shop)
    before = shop.files()
    shop.webex.fault(method="DELETE", **{"status": 400, **fault})
    with pytest.raises(RequestError):
        shop.give_back()
    assert shop.files() == before
    shop.webex.clear_faults()
    assert shop.give_back().revoked


def test_a_second_run_changes_nothing_and_sends_nothing(shop: Shop) -> None:
    stock(shop)
    shop.give_back()
    shop.webex.clear_journal()
    again = shop.give_back()
    assert (again.changed, again.revoked, again.warnings) == (False, False, ())
    assert (asked(shop.webex), shop.files()) == ([], {})


@pytest.mark.parametrize("kind", ["vault_file", "hashi_vault"])
def test_who_waited_for_another_run_finds_nothing_left_and_is_quiet(
    shop: Shop, vault: VaultServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    stock(shop)
    held = shop.store().load()
    first, second = (hashi_vault(vault) if kind == "hashi_vault" else shop.store() for _run in range(2))
    first.save(held)
    lock = second.lock

    def after_the_other(patience: float) -> t.ContextManager[None]:
        assert shop.give_back(first).revoked
        shop.webex.clear_journal()
        return lock(patience)

    monkeypatch.setattr(second, "lock", after_the_other)
    farewell = shop.give_back(second)
    assert (farewell.changed, farewell.revoked, farewell.warnings) == (False, False, ())
    assert (asked(shop.webex), second.load()) == ([], StoredTokens())


def test_check_mode_tells_and_does_nothing(shop: Shop) -> None:
    assert not shop.give_back(check_mode=True).changed
    stock(shop)
    before = contents(shop.path.parent)
    assert shop.give_back(check_mode=True).changed
    assert (asked(shop.webex), contents(shop.path.parent)) == ([], before)


def test_no_credentials_are_needed(shop: Shop) -> None:
    stock(shop)
    assert shop.give_back(client_id=None, client_secret=None, refresh_token=None).revoked


@pytest.mark.parametrize("check_mode", [False, True])
def test_without_a_store_there_is_nothing_to_give_back(shop: Shop, check_mode: bool) -> None:
    with pytest.raises(OptionError) as error:
        shop.give_back(NoStore(), check_mode=check_mode)
    assert error.value.option == "store"
    assert asked(shop.webex) == []


def test_an_integration_s_tokens_alone_are_removed(shop: Shop) -> None:
    shop.store().save(StoredTokens(None, integration_set()))
    farewell = shop.give_back()
    assert "there is no token of the service app" in farewell.warnings[0]
    assert (asked(shop.webex), shop.files()) == ([], {})


@pytest.mark.parametrize(
    "options", [{"client_id": "C0"}, {"org_id": "96abc2aa-0000-0000-0000-fe34819cdc9a"}], ids=["app", "organization"]
)
def test_the_tokens_of_somebody_else_are_left_untouched(shop: Shop, options: dict[str, str]) -> None:
    stock(shop)
    before = shop.files()
    with pytest.raises(StoreError, match="it was left untouched"):
        shop.give_back(**options)
    assert (asked(shop.webex), shop.files()) == ([], before)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_symbolic_link_is_found_before_anything_is_revoked(shop: Shop, check_mode: bool) -> None:
    stock(shop)
    link = shop.path.parent / "link.yml"
    link.symlink_to(shop.path)
    before = shop.files()
    with pytest.raises(StoreError, match="is a symbolic link"):
        shop.give_back(vault_file(link), check_mode=check_mode)
    assert (asked(shop.webex), shop.files(), link.is_symlink()) == ([], before, True)


@pytest.mark.parametrize("is_stored", [False, True])
def test_what_a_failed_save_left_is_given_back_too(shop: Shop, home: pathlib.Path, is_stored: bool) -> None:
    token = shop.webex.token(kind="service_app", scopes=["identity:tokens_write"])
    if is_stored:
        shop.put(access_token="dead")
    recovery = Recovery(shop.store().identity, str(shop.settings.client_secret))
    left = holding(
        client_id=shop.settings.client_id, **{name: token[name] for name in ("access_token", "refresh_token")}
    )
    path = recovery.write(left, shop.store().load())
    assert path is not None
    assert path.startswith(str(home))
    assert shop.give_back(check_mode=True).changed
    assert os.path.exists(path)
    farewell = shop.give_back()
    assert (farewell.changed, farewell.revoked) == (True, True)
    assert (grants(shop), os.path.exists(path)) == ({False}, False)
    assert not shop.give_back().changed


@pytest.mark.parametrize("absent", [{}, {"client_id": None, "client_secret": None, "refresh_token": None}])
def test_a_recovery_file_that_cannot_be_read_is_removed_with_a_warning(shop: Shop, absent: dict[str, None]) -> None:
    path = Recovery(shop.store().identity, "another secret").write(holding(), StoredTokens())
    farewell = shop.give_back(**absent)
    assert (farewell.changed, farewell.revoked, os.path.exists(str(path))) == (True, False, False)
    assert "could not be revoked: there is no token of the service app that could be read" in farewell.warnings[0]


def test_a_temporary_file_with_tokens_is_given_back_too(shop: Shop) -> None:
    stock(shop)
    shop.path.rename(shop.path.parent / f".{shop.path.name}.0.tmp")
    assert shop.give_back().revoked
    assert (grants(shop), shop.files()) == ({False}, {})


def test_other_keys_of_a_secret_stay(shop: Shop, vault: VaultServer) -> None:
    secret = Secret(vault)
    secret.write(database_password="x")
    shop.obtain(hashi_vault(vault))
    assert shop.give_back(hashi_vault(vault)).changed
    assert secret.read() == {"database_password": "x"}
    assert not shop.give_back(hashi_vault(vault)).changed
