# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._authorizations import (
    authorizations_of,
    grants_of,
    is_revoked,
    revoke,
    revoke_all,
    revoke_client,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import BrokenAnswer, Refused
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, statuses

ADMIN = {"personEmail": "admin@example.com"}


@pytest.fixture
def keeper(webex: Simulator, settings: Settings, clock: object) -> t.Iterator[WebexClient]:
    """A client with the token of the integration, which may read and revoke."""
    token = webex.credentials["integration"]["access_token"]
    with WebexClient(dataclasses.replace(settings, access_token=token)) as connected:
        yield connected


def machine(webex: Simulator) -> dict[str, str]:
    """The service app's machine account."""
    (app,) = webex.state()["service_apps"]
    return {"personId": app["grants"][0]["person_id"]}


def test_the_grants_of_a_person_are_read_by_address_or_id(keeper: WebexClient, webex: Simulator) -> None:
    (own, *_rest) = authorizations_of(keeper, ADMIN)
    assert own["clientId"] == webex.credentials["integration"]["client_id"]
    assert authorizations_of(keeper, {"personId": own["personId"]}) == authorizations_of(keeper, ADMIN)
    assert {one["type"] for one in authorizations_of(keeper, machine(webex))} == {"access", "refresh"}


def test_nobody_is_refused(keeper: WebexClient) -> None:
    with pytest.raises(Refused) as error:
        authorizations_of(keeper, {"personEmail": "nobody@example.com"})
    assert error.value.status == 404


def test_a_refresh_token_takes_its_access_tokens_along(keeper: WebexClient, webex: Simulator) -> None:
    found = {one["type"]: one["id"] for one in authorizations_of(keeper, machine(webex))}
    assert revoke(keeper, found["refresh"])
    assert authorizations_of(keeper, machine(webex)) == []
    assert not revoke(keeper, found["access"])
    assert not revoke(keeper, found["refresh"])


def test_what_goes_along_with_a_refresh_token_counts_as_revoked(keeper: WebexClient, webex: Simulator) -> None:
    app = webex.credentials["service_app"]["client_id"]
    found = grants_of(keeper, machine(webex), app)
    assert [one["type"] for one in found] == ["refresh", "access"]
    assert revoke_all(keeper, found) == [one["id"] for one in found]
    assert statuses(webex)[1:] == [204, 404]
    # Somebody else was faster: nothing is left to revoke.
    assert revoke_all(keeper, found) == []
    assert grants_of(keeper, machine(webex), app) == []


def own(keeper: WebexClient, webex: Simulator) -> list[dict[str, t.Any]]:
    """What the integration has of the admin: the token that is used is among it."""
    return grants_of(keeper, ADMIN, webex.credentials["integration"]["client_id"])


def test_the_token_that_is_used_may_go_along(keeper: WebexClient, webex: Simulator) -> None:
    found = own(keeper, webex)
    assert not is_revoked(keeper)
    assert revoke_all(keeper, found) == [one["id"] for one in found]
    assert is_revoked(keeper)
    assert statuses(webex) == [200, 200, 204, 401, 401]


def test_a_token_that_is_not_valid_at_the_start_is_refused(webex: Simulator, keeper: WebexClient) -> None:
    found = own(keeper, webex)
    webex.service_app(webex.credentials["integration"]["client_id"], revoke=True)
    with pytest.raises(Refused, match="was answered with 401"):
        revoke_all(keeper, found)


def test_nothing_counts_as_revoked_that_may_live_on(webex: Simulator, keeper: WebexClient) -> None:
    webex.token(kind="integration")
    refresh = [one for one in own(keeper, webex) if one["type"] == "refresh"]
    with pytest.raises(Refused, match=f"so these are left: {refresh[1]['id']}"):
        revoke_all(keeper, own(keeper, webex))


def test_an_access_token_takes_no_other_along(webex: Simulator, keeper: WebexClient) -> None:
    webex.token(kind="integration")
    access = [one for one in own(keeper, webex) if one["type"] == "access"]
    with pytest.raises(Refused, match=f"so these are left: {access[1]['id']}"):
        revoke_all(keeper, access)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "html", "status": 200}])
def test_an_answer_of_no_use_does_not_say_that_a_token_is_revoked(
    webex: Simulator, keeper: WebexClient, fault: dict[str, t.Any]
) -> None:
    webex.fault(times=None, **fault)
    assert not is_revoked(keeper)


def test_the_grants_of_other_clients_are_not_among_them(keeper: WebexClient, webex: Simulator) -> None:
    assert grants_of(keeper, ADMIN, webex.credentials["service_app"]["client_id"]) == []
    assert len(grants_of(keeper, ADMIN, webex.credentials["integration"]["client_id"])) == 2


def test_an_id_that_does_not_exist_is_not_there(keeper: WebexClient, webex: Simulator) -> None:
    assert not revoke(keeper, "../people/me")
    # As one segment, which the journal shows decoded; else it would be the path /people/me.
    assert asked(webex) == ["DELETE /authorizations/../people/me"]


def test_other_refusals_are_errors(webex: Simulator, client: WebexClient) -> None:
    with pytest.raises(Refused) as error:
        revoke(client, "any")
    assert error.value.status == 403


@pytest.mark.parametrize("org_id", [None, "encoded", "bare"])
def test_everything_of_a_client_is_revoked(
    webex: Simulator, settings: Settings, clock: object, org_id: str | None
) -> None:
    own = webex.credentials["org_id"]
    bare = str(settings.refresh_token).rpartition("_")[2]
    token = webex.credentials["integration"]["access_token"]
    org = {"encoded": own, "bare": bare}.get(org_id or "")
    with WebexClient(dataclasses.replace(settings, access_token=token, org_id=org)) as connected:
        revoke_client(connected, str(settings.client_id))
    (entry,) = webex.journal()
    assert entry["query"] == {"clientId": settings.client_id, **({"orgId": own} if org_id else {})}
    assert statuses(webex) == [204]
    (app,) = webex.state()["service_apps"]
    assert [grant["refresh_token_alive"] for grant in app["grants"]] == [False]


def test_who_may_not_revoke_a_client_is_refused(client: WebexClient, settings: Settings) -> None:
    with pytest.raises(Refused) as error:
        revoke_client(client, str(settings.client_id))
    assert error.value.status == 403


@pytest.mark.parametrize("items", [5, "a", {"id": "a"}, [5], [{}], [{"id": 5}], [{"id": "a\nb"}], [[]]])
def test_what_is_no_list_of_authorizations_is_an_error(keeper: WebexClient, webex: Simulator, items: t.Any) -> None:
    webex.fault(kind="status", status=200, body={"items": items}, path="/authorizations")
    with pytest.raises(BrokenAnswer, match="no list of authorizations"):
        grants_of(keeper, {"personEmail": "x@example.com"}, "C1")
