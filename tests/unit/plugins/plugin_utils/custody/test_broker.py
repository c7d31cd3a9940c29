# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t
from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    NoAnswer,
    OptionError,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.keeper import Keeper
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import HOLDERS
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import NoStore, StoreError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    Secret,
    Shop,
    contents,
    hashi_vault,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, asked, process, statuses, wait_until
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

REFRESH = "POST /access_token"
ME = "GET /people/me"
MINT = "POST /applications/:id/token"
EXPIRED = NOW - timedelta(seconds=1)
OTHER_ORG = "96abc2aa-0000-0000-0000-fe34819cdc9a"
ALIVE = {"refresh_token": "of-nobody", "expires_at": NOW + timedelta(days=8)}


def requests(webex: Simulator) -> list[str]:
    """What was asked, whatever application a token was minted for."""
    return [MINT if request.startswith("POST /applications/") else request for request in asked(webex)]


def integration_token(webex: Simulator) -> str:
    """The access token that the simulator's integration starts with."""
    return str(webex.credentials["integration"]["access_token"])


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


# Minting by an integration


def test_a_lost_refresh_token_heals_itself(shop: Shop) -> None:
    outcome = shop.obtain(settings=shop.integration())
    assert (outcome.refreshed, outcome.minted, outcome.verified) == (True, True, True)
    assert requests(shop.webex) == [REFRESH, MINT, ME]
    held = shop.store().load()
    assert held.service_app == outcome.token_set
    assert held.integration.client_id == shop.webex.credentials["integration"]["client_id"]


@pytest.mark.parametrize("end", [{"expire": "refresh"}, {"revoke": True}])
def test_an_expired_or_refused_refresh_token_heals_itself(shop: Shop, end: dict[str, t.Any]) -> None:
    shop.put(expires_at=EXPIRED)
    shop.webex.service_app(shop.settings.client_id, **end)
    outcome = shop.obtain(settings=shop.integration())
    assert outcome.minted
    assert outcome.token_set.refresh_token != shop.settings.refresh_token
    assert (requests(shop.webex), statuses(shop.webex)) == ([REFRESH, REFRESH, MINT, ME], [200, 400, 200, 200])
    assert not shop.obtain().refreshed


def test_a_minted_pair_goes_on_by_itself(shop: Shop) -> None:
    minted = shop.obtain(settings=shop.integration())
    again = shop.obtain(settings={"refresh_token": None}, force=True)
    assert (again.refreshed, again.minted) == (True, False)
    assert again.token_set.refresh_token == minted.token_set.refresh_token
    assert shop.store().load().integration


def test_a_living_refresh_token_needs_no_integration_that_is_ready(shop: Shop) -> None:
    shop.put(ALIVE, expires_at=EXPIRED)
    assert not shop.obtain(settings=shop.integration()).minted
    assert asked(shop.webex) == [REFRESH, ME]


@pytest.mark.parametrize(
    "of_store",
    [None, {"expires_at": EXPIRED}, {"expires_at": NOW + timedelta(days=7)}, {"client_id": "C0", **ALIVE}],
)
def test_the_integration_is_made_ready_before_the_service_app_s_refresh_token_is_spent(
    shop: Shop, of_store: dict[str, t.Any] | None
) -> None:
    given = shop.integration()
    shop.put(of_store and {"refresh_token": given["integration_refresh_token"], **of_store}, expires_at=EXPIRED)
    outcome = shop.obtain(settings=given)
    assert (outcome.minted, outcome.warnings) == (False, ())
    clients = [entry["body"].get("client_id") for entry in shop.webex.writes()]
    assert clients == [given["integration_client_id"], shop.settings.client_id]
    held = shop.store().load().integration
    assert (held.client_id, held.obtained_at) == (given["integration_client_id"], NOW)
    assert held.lives_longer_than(timedelta(days=7), NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"integration_refresh_token": "dead"}, "The integration: .* consent to the integration again"),
        (
            {"integration_client_secret": "wrong-secret"},
            "The integration: .* check the integration's client id and secret",
        ),
        ({"integration_refresh_token": None}, "integration_refresh_token: is missing"),
    ],
)
def test_an_integration_that_cannot_be_made_ready_is_a_warning(
    shop: Shop, changes: dict[str, str | None], words: str
) -> None:
    shop.put(expires_at=EXPIRED)
    outcome = shop.obtain(settings=shop.integration(**changes))
    assert (outcome.refreshed, outcome.verified, outcome.minted) == (True, True, False)
    (warning,) = outcome.warnings
    assert re.search(f"Nothing could mint new tokens if these were lost. {words}", warning)
    assert "wrong-secret" not in warning


def test_an_integration_that_cannot_be_made_ready_may_mint_as_long_as_its_token_lives(shop: Shop) -> None:
    token = {"access_token": integration_token(shop.webex), "expires_at": NOW + timedelta(days=1)}
    shop.put(token, expires_at=EXPIRED, refresh_token="dead")
    assert shop.obtain(settings=shop.integration(integration_refresh_token=None)).minted
    assert (requests(shop.webex), statuses(shop.webex)) == ([REFRESH, REFRESH, MINT, ME], [400, 400, 200, 200])


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "truncated"}])
def test_while_it_is_not_known_whether_the_integration_can_mint_the_service_app_s_token_is_not_spent(
    shop: Shop, fault: dict[str, t.Any]
) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    shop.put(expires_at=EXPIRED)
    shop.webex.fault(path="/access_token", **fault)
    with pytest.raises(WebexError):
        shop.obtain(settings=shop.integration())
    assert asked(shop.webex) == [REFRESH]
    outcome = shop.obtain(settings=shop.integration())
    assert (outcome.refreshed, outcome.minted) == (True, False)
    assert bool(outcome.warnings) is (fault["kind"] == "truncated")


def test_without_a_store_the_integration_is_not_made_ready(shop: Shop) -> None:
    settings = shop.integration(refresh_token=shop.settings.refresh_token)
    assert shop.obtain(NoStore(), settings=settings).refreshed
    assert asked(shop.webex) == [REFRESH, ME]


def test_a_good_integration_token_is_used_as_it_is(shop: Shop) -> None:
    shop.put({**ALIVE, "access_token": integration_token(shop.webex)}, expires_at=EXPIRED, refresh_token="dead")
    assert shop.obtain(settings=shop.integration()).minted
    assert requests(shop.webex) == [REFRESH, MINT, ME]


def test_an_integration_token_that_dies_in_a_moment_is_refreshed_first(shop: Shop) -> None:
    token = {"access_token": integration_token(shop.webex), "expires_at": NOW + timedelta(minutes=5)}
    shop.put(token, expires_at=EXPIRED, refresh_token="dead")
    assert shop.obtain(settings=shop.integration()).minted
    assert requests(shop.webex) == [REFRESH, REFRESH, REFRESH, MINT, ME]


def test_an_integration_token_that_webex_does_not_take_is_refreshed(shop: Shop) -> None:
    shop.put({**ALIVE, "access_token": "dead"}, expires_at=EXPIRED, refresh_token="dead")
    assert shop.obtain(settings=shop.integration()).minted
    assert statuses(shop.webex) == [400, 401, 400, 200, 200, 200]
    assert requests(shop.webex) == [REFRESH, MINT, REFRESH, REFRESH, MINT, ME]


def test_the_tokens_of_another_integration_are_not_used(shop: Shop) -> None:
    token = integration_token(shop.webex)
    shop.put({**ALIVE, "access_token": token, "client_id": "C0"}, expires_at=EXPIRED, refresh_token="dead")
    assert shop.obtain(settings=shop.integration()).minted
    assert requests(shop.webex) == [REFRESH, REFRESH, MINT, ME]
    assert shop.store().load().integration.client_id == shop.webex.credentials["integration"]["client_id"]


def test_a_rotated_refresh_token_of_the_integration_is_kept_and_used(shop: Shop) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    shop.obtain(settings=shop.integration())
    first = shop.store().load().integration
    shop.webex.service_app(shop.settings.client_id, revoke=True)
    shop.webex.service_app(first.client_id, expire="access")
    shop.webex.clear_journal()
    assert shop.obtain(settings=shop.integration(), force=True).minted
    second = shop.store().load().integration
    assert len({first.refresh_token, second.refresh_token, shop.integration()["integration_refresh_token"]}) == 3
    assert requests(shop.webex) == [REFRESH, MINT, REFRESH, MINT, ME]


def test_a_dead_refresh_token_of_the_integration_is_a_failure_that_says_so(shop: Shop) -> None:
    shop.put(expires_at=EXPIRED, refresh_token="dead")
    shop.webex.service_app(shop.webex.credentials["integration"]["client_id"], revoke=True)
    before = shop.files()
    with pytest.raises(GrantRefused, match="let a user with the right roles consent to the integration again") as error:
        shop.obtain(settings=shop.integration())
    assert error.value.cause == "dead_refresh_token"
    assert shop.integration()["integration_refresh_token"] not in str(error.value)
    assert shop.files() == before


def test_a_wrong_secret_of_the_integration_is_tried_once(shop: Shop) -> None:
    with pytest.raises(GrantRefused, match="check the integration's client id and secret") as error:
        shop.obtain(settings=shop.integration(integration_client_secret="wrong-secret"))
    assert (error.value.cause, asked(shop.webex)) == ("wrong_client", [REFRESH])
    assert "wrong-secret" not in str(error.value)


def test_an_integration_without_any_refresh_token_names_the_option(shop: Shop) -> None:
    with pytest.raises(OptionError) as error:
        shop.obtain(settings=shop.integration(integration_refresh_token=None))
    assert error.value.option == "integration_refresh_token"
    assert asked(shop.webex) == []


@pytest.mark.parametrize(
    ("app", "options", "status", "cause", "words"),
    [
        ({"authorized": False}, {}, 403, "not_authorized", "the service app is not authorized in that organization"),
        ({}, {"client_id": "C0"}, 404, "unknown_app", "Webex knows no service app with it"),
        ({}, {"client_secret": "wrong-secret"}, 401, "wrong_client", "check `client_id` and `client_secret`"),
        ({}, {"org_id": OTHER_ORG}, 403, "not_authorized", "a full admin authorizes it"),
    ],
)
def test_a_mint_that_is_refused_says_why_and_is_tried_once(
    shop: Shop, app: dict[str, t.Any], options: dict[str, str], status: int, cause: str, words: str
) -> None:
    if app:
        shop.webex.service_app(shop.settings.client_id, **app)
    with pytest.raises(GrantRefused, match=words) as error:
        shop.obtain(settings=shop.integration(**options))
    assert (error.value.status, error.value.cause) == (status, cause)
    assert requests(shop.webex) == [REFRESH, MINT]
    assert "wrong-secret" not in str(error.value)
    # The integration's tokens, which it may just have been given, are not lost.
    assert shop.store().load().integration


def test_an_integration_that_may_not_mint_says_so(shop: Shop) -> None:
    integration = shop.webex.credentials["integration"]["client_id"]
    shop.webex.service_app(integration, scopes=["spark:people_read"], regrant=True)
    with pytest.raises(GrantRefused, match="the integration's token lacks the scope spark:applications_token"):
        shop.obtain(settings=shop.integration())


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "html"}])
def test_a_mint_that_is_not_answered_keeps_the_integration_s_tokens(shop: Shop, fault: dict[str, t.Any]) -> None:
    shop.webex.configure(rotate_refresh_tokens=True)
    shop.webex.fault(path="/applications/", **fault)
    with pytest.raises(WebexError):
        shop.obtain(settings=shop.integration())
    assert shop.obtain(settings=shop.integration()).minted
    assert requests(shop.webex) == [REFRESH, MINT, MINT, ME]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_first_mint_needs_the_organization(shop: Shop, check_mode: bool) -> None:
    with pytest.raises(OptionError, match="an integration mints a token for one organization: name it") as error:
        shop.obtain(settings=shop.integration(org_id=None), check_mode=check_mode)
    assert (error.value.option, asked(shop.webex)) == ("org_id", [])


def test_the_store_may_know_the_organization(shop: Shop) -> None:
    org_id = shop.webex.credentials["org_id"]
    shop.put(expires_at=EXPIRED, refresh_token="dead", org_id=org_id)
    assert shop.obtain(settings=shop.integration(org_id=None)).token_set.org_id == org_id


def test_a_mint_for_an_organization_that_nobody_knows_names_the_option(shop: Shop) -> None:
    shop.put(ALIVE, expires_at=EXPIRED, refresh_token="dead")
    with pytest.raises(OptionError, match="the store does not know it") as error:
        shop.obtain(settings=shop.integration(org_id=None))
    assert (error.value.option, asked(shop.webex)) == ("org_id", [REFRESH])


@pytest.mark.parametrize("uuid", [True, False])
def test_the_organization_of_a_mint_may_be_a_bare_uuid(shop: Shop, uuid: bool) -> None:
    org_id = shop.webex.credentials["org_id"]
    bare = str(shop.settings.refresh_token).rpartition("_")[2]
    outcome = shop.obtain(settings=shop.integration(org_id=bare if uuid else org_id))
    assert outcome.token_set.org_id == org_id


def test_the_government_cloud_does_not_mint(shop: Shop) -> None:
    with pytest.raises(WebexError, match="There is no refresh token. The government cloud does not offer minting"):
        shop.obtain(settings=shop.integration(base_url="https://api-usgov.webex.com/v1"))
    assert shop.files() == {}


@pytest.mark.parametrize("half", ["integration_client_id", "integration_client_secret"])
def test_half_an_integration_is_none(shop: Shop, half: str) -> None:
    with pytest.raises(OptionError) as error:
        shop.obtain(settings=shop.integration(**{half: None}))
    assert (error.value.option, asked(shop.webex)) == ("refresh_token", [])


def test_a_mint_without_a_refresh_token_is_minted_again(shop: Shop) -> None:
    given = shop.webex.token(kind="service_app")["access_token"]
    body = {"access_token": given, "expires_in": 1_209_599, "token_type": "Bearer"}
    shop.webex.fault(kind="status", status=200, path="/applications/", body=body)
    first = shop.obtain(settings=shop.integration())
    assert (first.token_set.access_token, first.token_set.refresh_token) == (given, "")
    assert not shop.obtain(settings=shop.integration()).refreshed
    second = shop.obtain(settings=shop.integration(), force=True)
    assert second.minted
    assert second.token_set.refresh_token
    assert requests(shop.webex) == [REFRESH, MINT, ME, MINT, ME]


def test_the_scopes_of_a_mint_are_not_those_of_before(shop: Shop) -> None:
    shop.webex.configure(scope_in_answer=False)
    shop.put(expires_at=EXPIRED, refresh_token="dead", scopes=("of:before",))
    assert shop.obtain(settings=shop.integration()).token_set.scopes is None


def test_check_mode_mints_nothing(shop: Shop) -> None:
    outcome = shop.obtain(settings=shop.integration(), check_mode=True)
    assert (outcome.refreshed, outcome.token_set) == (True, None)
    assert (asked(shop.webex), shop.files()) == ([], {})


# A secret of HashiCorp Vault


def test_a_token_in_a_secret_is_got_once(shop: Shop, vault: VaultServer) -> None:
    first, second = (shop.obtain(hashi_vault(vault)) for _run in range(2))
    assert (first.refreshed, second.refreshed) == (True, False)
    assert second.token_set == first.token_set
    assert asked(shop.webex) == [REFRESH, ME]


def test_a_secret_that_cannot_be_written_is_found_before_any_request(shop: Shop, vault: VaultServer) -> None:
    with pytest.raises(StoreError, match="permission denied"):
        shop.obtain(hashi_vault(vault, token=vault.credentials["read_only_token"]))
    assert asked(shop.webex) == []


def test_a_deleted_secret_is_told_where_nothing_else_helps(shop: Shop, vault: VaultServer) -> None:
    shop.obtain(hashi_vault(vault))
    secret = Secret(vault)
    secret.kv.delete_latest_version_of_secret(**secret.where)
    with pytest.raises(OptionError, match="of the secret was deleted .*vault kv undelete"):
        shop.obtain(hashi_vault(vault), settings={"refresh_token": None})


def test_check_mode_writes_no_secret(shop: Shop, vault: VaultServer) -> None:
    assert shop.obtain(hashi_vault(vault), check_mode=True).refreshed
    assert asked(shop.webex) == []
    assert [entry["method"] for entry in vault.journal()] == ["GET"] * 2


def tokens_of_ten_at_once(obtain: t.Callable[[], t.Any]) -> set[str]:
    """Return the access tokens that ten runs get that begin at the same time."""
    barrier, found = FORK.Barrier(10), FORK.Queue()

    def run() -> None:
        barrier.wait(60)
        found.put(obtain().token_set.access_token)

    runs = [FORK.Process(target=run) for _run in range(10)]
    for started in runs:
        started.start()
    tokens = {found.get(timeout=120) for _run in runs}
    for started in runs:
        started.join()
    return tokens


def test_ten_runs_at_once_refresh_once_with_a_secret(shop: Shop, vault: VaultServer) -> None:
    shop.webex.configure(rotate_refresh_tokens=True, latency_ms=100)
    assert len(tokens_of_ten_at_once(lambda: shop.obtain(hashi_vault(vault)))) == 1
    assert statuses(shop.webex).count(400) == 0
    assert asked(shop.webex) == [REFRESH, ME]


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


@pytest.mark.parametrize("stored", [True, False])
def test_ten_runs_at_once_refresh_once(shop: Shop, stored: bool) -> None:
    if stored:
        shop.put(expires_at=EXPIRED)
    shop.webex.configure(rotate_refresh_tokens=True, latency_ms=100)
    assert len(tokens_of_ten_at_once(shop.obtain)) == 1
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


@pytest.mark.parametrize("holder", HOLDERS)
def test_what_is_tried_shows_no_secret(shop: Shop, holder: str) -> None:
    settings = replace(shop.settings, **shop.integration(refresh_token="of-the-options"))
    shop.put(integration={})
    keeper = Keeper(shop.store(), Request(settings, timedelta(days=1)), shop.store().load())
    credentials, candidates = keeper.credentials_of(holder), keeper.candidates(holder)
    assert len(candidates) == 2
    secrets = {credentials.client_secret, *(candidate.refresh_token for candidate in candidates)}
    shown = repr(credentials) + repr(candidates)
    assert [secret for secret in secrets if secret in shown] == []
