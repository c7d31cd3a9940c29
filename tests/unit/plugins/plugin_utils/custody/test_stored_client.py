# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""store.keep_client: runs that are given nothing but what opens the store."""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused, MissingSetting, OptionError
from ansible_collections.collabops.webex.plugins.module_utils._settings import COMMERCIAL, Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.keeper import completed
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.shared_integration import SharedIntegration
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store, StoreError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    Shop,
    clients,
    hashi_vault,
    holding,
    integration_set,
    make_loader,
    token_set,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import asked
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

REFRESH, PROOF = "POST /access_token", "GET /people/me"
EXPIRED = NOW - timedelta(seconds=1)
NOTHING = dict.fromkeys(
    (
        "client_id",
        "client_secret",
        "refresh_token",
        "integration_client_id",
        "integration_client_secret",
        "integration_refresh_token",
    )
)


@pytest.fixture(params=["file", "values", "hashi_vault"])
def store(request: pytest.FixtureRequest, shop: Shop) -> t.Callable[..., Store]:
    """A store of each kind, as a run opens it."""
    if request.param == "hashi_vault":
        vault: VaultServer = request.getfixturevalue("vault")
        return lambda **options: hashi_vault(vault, **options)
    return lambda **options: shop.store(encrypt=request.param, **options)


def test_later_runs_need_nothing_but_the_store(shop: Shop, store: t.Callable[..., Store]) -> None:
    shop.obtain(store(keep_client=True))
    # The base URL of the simulator is kept too: without it, this would ask Webex itself.
    with_nothing = {**NOTHING, "base_url": COMMERCIAL}
    outcome = shop.obtain(store(), settings=with_nothing, force=True)
    assert (outcome.refreshed, outcome.verified) == (True, True)
    assert asked(shop.webex) == [REFRESH, PROOF] * 2
    # A run that is not told to keep the client does not forget it.
    assert shop.obtain(store(), settings=with_nothing, force=True).refreshed


def test_without_the_option_the_client_is_not_kept(shop: Shop, store: t.Callable[..., Store]) -> None:
    shop.obtain(store())
    with pytest.raises(MissingSetting, match="client_secret"):
        shop.obtain(store(), settings=NOTHING, force=True)


def test_a_client_is_kept_once_a_refresh_has_proven_it(shop: Shop) -> None:
    shop.put()
    assert not shop.obtain(shop.store(keep_client=True)).refreshed
    assert shop.store().load().client_of("service_app") is None
    shop.obtain(shop.store(keep_client=True), force=True)
    assert shop.store().load().client_of("service_app").client_secret == shop.settings.client_secret


def test_a_secret_that_is_given_comes_first_and_replaces_the_stored_one_if_webex_takes_it(shop: Shop) -> None:
    shop.obtain(shop.store(keep_client=True))
    kept = shop.store().load()
    with pytest.raises(GrantRefused):
        shop.obtain(shop.store(keep_client=True), settings={"client_secret": "wrong"}, force=True)
    assert shop.store().load() == kept
    stale = dataclasses.replace(kept.service_app_client, client_secret="regenerated-since")
    shop.store().save(dataclasses.replace(kept, service_app_client=stale))
    with pytest.raises(GrantRefused):
        shop.obtain(settings=NOTHING, force=True)
    assert shop.obtain(shop.store(keep_client=True), force=True).refreshed
    assert shop.store().load().service_app_client == kept.service_app_client


def test_the_client_of_another_service_app_is_refused(shop: Shop) -> None:
    shop.obtain(shop.store(keep_client=True))
    with pytest.raises(StoreError, match="tokens of another service app"):
        shop.obtain(settings={"client_id": "C0", "client_secret": "of-another"}, force=True)


def test_the_integration_is_kept_too_and_heals(shop: Shop) -> None:
    shop.obtain(shop.store(keep_client=True), settings=shop.integration())
    held = shop.store().load()
    dead = dataclasses.replace(held.service_app, refresh_token="dead", expires_at=EXPIRED)
    shop.store().save(dataclasses.replace(held, service_app=dead))
    outcome = shop.obtain(settings=NOTHING)
    assert (outcome.minted, outcome.verified) == (True, True)


def test_an_integration_that_is_healthy_is_proven_and_kept_at_once(shop: Shop) -> None:
    shop.put({"refresh_token": shop.integration()["integration_refresh_token"]}, expires_at=EXPIRED)
    settings = shop.integration(integration_refresh_token=None)
    shop.obtain(shop.store(keep_client=True), settings=settings)
    assert shop.store().load().client_of("integration").client_secret == settings["integration_client_secret"]
    shop.webex.clear_journal()
    shop.obtain(shop.store(keep_client=True), settings=settings, force=True)
    assert asked(shop.webex) == [REFRESH, PROOF]


def test_tokens_that_could_not_be_saved_are_recovered_with_the_stored_secret(shop: Shop) -> None:
    shop.obtain(shop.store(keep_client=True))
    held = shop.store().load()

    class Broken(type(shop.store())):  # type: ignore[misc]
        def save(self, holding: StoredTokens) -> None:
            raise OSError(5, "Input/output error")

    broken = shop.store()
    broken.__class__ = Broken
    with pytest.raises(StoreError, match="encrypted with the client secret"):
        shop.obtain(broken, settings=NOTHING, force=True)
    assert shop.store().load() == held
    outcome = shop.obtain(settings=NOTHING)
    assert outcome.refreshed is False
    assert outcome.token_set.access_token not in ("", held.service_app.access_token)
    assert shop.store().load().client_of("service_app") == held.service_app_client


def test_giving_back_takes_the_client_away(shop: Shop) -> None:
    shop.obtain(shop.store(keep_client=True), settings=shop.integration())
    assert shop.give_back(**NOTHING, base_url=COMMERCIAL).changed
    assert shop.files() == {}


def test_no_store_keeps_no_client() -> None:
    with pytest.raises(OptionError, match="keep_client: is not for a store of the kind none") as error:
        open_store({"kind": "none", "keep_client": True}, make_loader())
    assert error.value.remedy == "set store.kind to vault_file or hashi_vault or awx_credential."


def test_what_is_given_comes_before_the_store() -> None:
    held = StoredTokens(token_set(), integration_set(), **clients())
    given = Settings(client_secret="given", integration_client_secret="given-too", base_url="https://example.com/v1")
    settings = completed(given, held)
    assert (settings.client_id, settings.client_secret, settings.base_url) == ("C1", "given", "https://example.com/v1")
    assert (settings.integration_client_id, settings.integration_client_secret) == ("C2", "given-too")
    other = completed(Settings(integration_client_id="C9"), held)
    assert (other.integration_client_id, other.integration_client_secret) == ("C9", None)
    assert completed(given, holding()) == given


def test_a_shared_integration_is_kept_in_its_own_store(shop: Shop, webex: Simulator, tmp_path: pathlib.Path) -> None:
    def run(store: Store, **given: t.Any) -> str | None:
        settings = dataclasses.replace(shop.settings, **{**NOTHING, **given})
        request = Request(settings, timedelta(days=1), force=True)
        integration = SharedIntegration(store, request, now=lambda: NOW)
        asks = dataclasses.replace(request, integration=integration)
        obtain(vault_file(tmp_path / "app.yml", keep_client=True), asks, now=lambda: NOW)
        client = store.load().client_of("service_app")
        return client.client_id if client else None

    path = tmp_path / "integration.yml"
    given = {**shop.integration(), "client_id": shop.settings.client_id, "client_secret": shop.settings.client_secret}
    assert run(vault_file(path, keep_client=True), **given) == given["integration_client_id"]
    assert run(vault_file(path)) == given["integration_client_id"]
    with pytest.raises(MissingSetting, match="integration_client_secret"):
        run(vault_file(path), integration_client_id="C0")
