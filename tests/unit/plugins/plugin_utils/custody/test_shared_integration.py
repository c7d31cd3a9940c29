# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One integration that mints for many organizations, each of which has a store of its own."""

from __future__ import annotations

import dataclasses
import pathlib
import threading
import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    MissingSetting,
    RequestError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.shared_integration import SharedIntegration
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import StoreError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    token_set,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import asked

DAY = timedelta(days=1)
MINT = "POST /applications/*/token"
REFRESH, PROOF = "POST /access_token", "GET /people/me"


class Fleet:
    """Organizations, each with a store, and the store of the integration that they share."""

    def __init__(self, webex: Simulator, folder: pathlib.Path, count: int) -> None:
        self.webex, self.folder = webex, folder
        self.organizations = webex.add_organizations(count=count)
        app, integration = webex.credentials["service_app"], webex.credentials["integration"]
        self.client_id = integration["client_id"]
        self.settings = Settings(
            base_url=webex.base_url,
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            integration_client_id=integration["client_id"],
            integration_client_secret=integration["client_secret"],
            integration_refresh_token=integration["refresh_token"],
        )

    @property
    def path(self) -> pathlib.Path:
        """The store of the integration."""
        return self.folder / "integration.yml"

    def put(self, **changes: t.Any) -> None:
        """Store tokens of the integration."""
        given = self.webex.credentials["integration"]
        names = ("access_token", "refresh_token", "client_id")
        tokens = token_set(**{**{name: given[name] for name in names}, **changes})
        vault_file(self.path).save(StoredTokens(tokens))

    def put_app(self, org: dict[str, str], **changes: t.Any) -> None:
        """Store tokens of an organization which have expired."""
        known = {"client_id": self.settings.client_id, "refresh_token": org["refresh_token"], "org_id": org["org_id"]}
        tokens = token_set(**{**known, "expires_at": NOW - DAY, **changes})
        vault_file(self.folder / f"{org['uuid']}.yml").save(StoredTokens(tokens))

    def integration(self, **settings: t.Any) -> SharedIntegration:
        """The integration, as one run has it."""
        request = Request(dataclasses.replace(self.settings, **settings), DAY)
        return SharedIntegration(vault_file(self.path), request, now=lambda: NOW)

    def obtain(self, org: dict[str, str], integration: SharedIntegration, **request: bool) -> Outcome:
        """One organization's turn."""
        settings = dataclasses.replace(self.settings, org_id=org["org_id"])
        store = vault_file(self.folder / f"{org['uuid']}.yml")
        return obtain(store, Request(settings, DAY, integration=integration, **request), now=lambda: NOW)

    def asked(self) -> list[str]:
        """The requests, without the id of the application."""
        return [request if "/applications/" not in request else MINT for request in asked(self.webex)]


@pytest.fixture
def fleet(webex: Simulator, tmp_path: pathlib.Path) -> Fleet:
    return Fleet(webex, tmp_path, 3)


def test_it_is_refreshed_once_and_mints_for_all(fleet: Fleet) -> None:
    integration = fleet.integration()
    outcomes = [fleet.obtain(org, integration) for org in fleet.organizations]
    assert [(outcome.minted, outcome.verified) for outcome in outcomes] == [(True, True)] * 3
    assert fleet.asked() == [REFRESH, *[MINT, PROOF] * 3]
    held = vault_file(fleet.path).load()
    assert held.service_app.client_id == fleet.client_id
    for org in fleet.organizations:
        assert vault_file(fleet.folder / f"{org['uuid']}.yml").load().integration is None


def test_threads_that_need_it_at_once_get_the_same(fleet: Fleet) -> None:
    fleet.webex.configure(rotate_refresh_tokens=True, latency_ms=50)
    integration, tokens = fleet.integration(), []
    threads = [threading.Thread(target=lambda: tokens.append(integration.renew())) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(tokens)) == 1
    assert len(tokens) == 8
    assert fleet.asked() == [REFRESH]


def test_another_run_finds_it_in_its_store(fleet: Fleet) -> None:
    fleet.webex.configure(rotate_refresh_tokens=True)
    fleet.obtain(fleet.organizations[0], fleet.integration())
    fleet.webex.clear_journal()
    fleet.obtain(fleet.organizations[1], fleet.integration())
    assert fleet.asked() == [MINT, PROOF]


def test_it_is_made_ready_before_a_service_app_s_refresh_token_is_spent(fleet: Fleet) -> None:
    org = fleet.organizations[0]
    fleet.put_app(org)
    fleet.put(expires_at=NOW + timedelta(days=6))
    outcome = fleet.obtain(org, fleet.integration())
    assert (outcome.refreshed, outcome.minted) == (True, False)
    clients = [entry["client_id"] for entry in fleet.webex.journal() if entry["path"].endswith("/access_token")]
    assert clients == [fleet.client_id, fleet.settings.client_id]


def test_while_all_tokens_are_good_it_is_not_even_read(fleet: Fleet) -> None:
    org = fleet.organizations[0]
    fleet.put_app(org, expires_at=NOW + timedelta(days=9))
    fleet.path.write_text("no store", encoding="utf-8")
    assert not fleet.obtain(org, fleet.integration()).refreshed
    assert fleet.asked() == []


def test_check_mode_sends_nothing(fleet: Fleet) -> None:
    assert fleet.obtain(fleet.organizations[0], fleet.integration(), check_mode=True).refreshed
    assert fleet.asked() == []
    assert not fleet.path.exists()


def test_a_failure_is_found_out_once_and_leaves_living_refresh_tokens_alone(fleet: Fleet) -> None:
    fleet.webex.service_app(fleet.client_id, revoke=True)
    integration = fleet.integration()
    fleet.put_app(fleet.organizations[0])
    fleet.put_app(fleet.organizations[1], refresh_token="dead")
    (warning,) = fleet.obtain(fleet.organizations[0], integration).warnings
    assert warning.startswith("Nothing could mint new tokens if these were lost. The integration: POST /access_token")
    for org in fleet.organizations[1:]:
        with pytest.raises(GrantRefused, match="The integration: .* consent to the integration again"):
            fleet.obtain(org, integration)
    clients = [entry["client_id"] for entry in fleet.webex.journal() if entry["path"].endswith("/access_token")]
    assert clients.count(fleet.client_id) == 1


def test_an_answer_that_does_not_come_puts_no_service_app_at_risk(fleet: Fleet) -> None:
    for org in fleet.organizations[:2]:
        fleet.put_app(org)
    fleet.webex.fault(kind="truncated", path="/access_token$")
    integration = fleet.integration()
    for org in fleet.organizations[:2]:
        with pytest.raises(RequestError, match="Webex may have replaced the refresh token"):
            fleet.obtain(org, integration)
    assert fleet.asked() == [REFRESH]
    # The next run goes on.
    assert fleet.obtain(fleet.organizations[0], fleet.integration()).refreshed


def test_a_token_that_webex_does_not_take_is_replaced_once(fleet: Fleet) -> None:
    fleet.put(access_token="of-yesterday")
    integration = fleet.integration()
    for org in fleet.organizations[:2]:
        assert fleet.obtain(org, integration).minted
    assert fleet.asked() == [MINT, REFRESH, MINT, PROOF, MINT, PROOF]


def test_a_new_token_that_webex_does_not_take_is_the_end_of_it(fleet: Fleet) -> None:
    fleet.webex.fault(kind="status", status=401, path="/applications/", times=None)
    integration = fleet.integration()
    for _org in range(2):
        with pytest.raises(
            WebexError, match="refuses the token that the integration has just got. What to do: let a user"
        ):
            fleet.obtain(fleet.organizations[0], integration)
    assert fleet.asked().count(REFRESH) == 1


def test_the_tokens_of_something_else_are_no_integration(fleet: Fleet) -> None:
    fleet.put(client_id="C" + "0" * 64)
    with pytest.raises(StoreError, match="holds the tokens of another service app"):
        fleet.obtain(fleet.organizations[0], fleet.integration())
    assert fleet.asked() == []


@pytest.mark.parametrize("name", ["integration_client_id", "integration_client_secret"])
def test_without_a_client_there_is_none(fleet: Fleet, name: str) -> None:
    with pytest.raises(MissingSetting) as error:
        fleet.integration(**{name: None})
    assert error.value.option == name


def test_without_a_refresh_token_the_option_is_named(fleet: Fleet) -> None:
    with pytest.raises(MissingSetting) as error:
        fleet.obtain(fleet.organizations[0], fleet.integration(integration_refresh_token=None))
    assert error.value.option == "integration_refresh_token"
