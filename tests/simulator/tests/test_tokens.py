# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: refresh, mint, scopes, expiry, revocation, guests."""

from __future__ import annotations

import json
import time
from typing import Any

import leaks
import pytest

from tests.simulator.process import Simulator

from .conftest import Webex

DAY = 86_400
SEVEN = {
    "spark-admin:telephony_config_read",
    "spark:calls_read",
    "spark:people_read",
    "spark:people_write",
    "spark-admin:licenses_read",
    "spark-admin:people_read",
    "spark-admin:people_write",
}
UNAUTHORIZED = "The request requires a valid access token set in the Authorization request header."
FORBIDDEN = (
    "The server understood the request, but refused to fulfill it because the access token is missing required "
    "scopes or the user is missing required roles or licenses."
)


def mint(webex: Webex, **changes: Any) -> Any:
    """POST /applications/{id}/token with the integration's token."""
    simulator = webex.simulator
    app = simulator.credentials["service_app"]
    body = {
        "clientId": app["client_id"],
        "clientSecret": app["client_secret"],
        "targetOrgId": simulator.credentials["org_id"],
        **changes,
    }
    keeper = Webex(simulator, simulator.credentials["integration"]["access_token"])
    return keeper.call("POST", f"/applications/{app['application_id']}/token", body)


def alive(simulator: Simulator, token: str) -> bool:
    """Whether Webex takes an access token."""
    return Webex(simulator, token).get("/authorizations/tokenExpiry").status == 200


def test_credentials_look_real(simulator: Simulator) -> None:
    app = simulator.credentials["service_app"]
    random, cluster, org = app["access_token"].split("_")
    assert len(random) >= 64
    assert cluster
    assert len(org) == 36
    assert app["client_id"][0] == "C"
    assert len(app["client_id"]) == 65
    assert len(app["client_secret"]) == 64


def test_refresh(webex: Webex) -> None:
    answer = webex.refresh()
    assert answer.status == 200
    assert answer.body["expires_in"] in (14 * DAY, 14 * DAY - 1)
    assert answer.body["refresh_token_expires_in"] in (90 * DAY, 90 * DAY - 1)
    assert answer.body["token_type"] == "Bearer"
    assert set(answer.body["scope"].split()) == SEVEN
    assert answer.body["refresh_token"] == webex.simulator.credentials["service_app"]["refresh_token"]
    assert answer.body["access_token"] != webex.access_token
    assert alive(webex.simulator, answer.body["access_token"])
    assert webex.refresh("integration").status == 200


def test_refresh_without_scope(webex: Webex) -> None:
    webex.simulator.configure(scope_in_answer=False)
    assert "scope" not in webex.refresh().body


def test_rotated_refresh_token_is_single_use(webex: Webex) -> None:
    webex.simulator.configure(rotate_refresh_tokens=True)
    new = webex.refresh().body["refresh_token"]
    assert new != webex.simulator.credentials["service_app"]["refresh_token"]
    assert webex.refresh().status == 400
    assert webex.refresh(refresh_token=new).status == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "0" * 64}, 401, "invalid_client"),
        ({"client_id": "C0"}, 401, "invalid_client"),
        ({"refresh_token": "nonsense"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_refresh_refused(webex: Webex, changes: dict[str, str], status: int, error: str) -> None:
    answer = webex.refresh(**changes)
    assert (answer.status, answer.body["error"]) == (status, error)
    webex.simulator.configure(refusal_shape="webex")
    wrapped = webex.refresh(**changes)
    assert wrapped.status == status
    assert error in wrapped.description
    assert wrapped.body["trackingId"] == wrapped.headers["trackingid"]


def test_refresh_token_of_another_client(webex: Webex) -> None:
    other = webex.simulator.credentials["integration"]["refresh_token"]
    assert webex.refresh(refresh_token=other).body["error"] == "invalid_grant"


def test_dead_refresh_token_with_401(webex: Webex) -> None:
    webex.simulator.configure(dead_refresh_status=401, refusal_error="invalid_request")
    answer = webex.refresh(refresh_token="nonsense")
    assert answer.status == 401
    assert answer.body["error"] == "invalid_request"
    assert "expired, revoked, malformed, or invalid" in answer.body["error_description"]


def test_the_clock(webex: Webex) -> None:
    simulator = webex.simulator
    expiry = webex.get("/authorizations/tokenExpiry").body["exp"] / 1000
    assert abs(expiry - time.time() - 14 * DAY) < 60
    simulator.configure(clock_offset=15 * DAY)
    assert webex.get("/people/me").body["message"] == UNAUTHORIZED
    assert webex.refresh().status == 200
    simulator.configure(clock_offset=100 * DAY)  # 85 days after a refresh that started the clock again
    assert webex.refresh().status == 200
    simulator.configure(clock_offset=191 * DAY)
    assert webex.refresh().status == 400


def test_mint(webex: Webex) -> None:
    answer = mint(webex)
    assert answer.status == 200
    assert set(answer.body["scope"].split()) == SEVEN
    assert alive(webex.simulator, answer.body["access_token"])
    assert webex.refresh(refresh_token=answer.body["refresh_token"]).status == 200
    assert webex.call("POST", "/applications/x/token", {}).status == 403  # the service app lacks the scope


def test_mint_refused(webex: Webex) -> None:
    simulator = webex.simulator
    other = simulator.state()["other_org"]["org_id"]
    client_id = simulator.credentials["service_app"]["client_id"]
    assert mint(webex, targetOrgId=other).status == 403
    assert mint(webex, clientSecret="").description == "clientSecret is required"
    assert mint(webex, clientSecret="wrong").status == 401
    keeper = Webex(simulator, simulator.credentials["integration"]["access_token"])
    body = {"clientId": "C0", "clientSecret": "0", "targetOrgId": other}
    assert keeper.call("POST", "/applications/unknown/token", body).status == 404
    simulator.service_app(client_id, authorized=True, org="other")
    token = mint(webex, targetOrgId=other).body["access_token"]
    me = Webex(simulator, token).get("/people/me").body
    assert (me["orgId"], me["type"]) == (other, "appuser")
    simulator.service_app(client_id, authorized=False)
    assert mint(webex).status == 403


def test_scopes_change_with_the_next_mint(webex: Webex) -> None:
    client_id = webex.simulator.credentials["service_app"]["client_id"]
    webex.simulator.service_app(client_id, scopes=["spark-admin:people_read"])
    assert set(webex.refresh().body["scope"].split()) == SEVEN
    assert mint(webex).body["scope"] == "spark-admin:people_read"
    assert webex.get("/licenses").status == 200
    webex.simulator.service_app(client_id, regrant=True)
    assert webex.refresh().body["scope"] == "spark-admin:people_read"
    assert webex.get("/licenses").status == 403


def test_expire_and_revoke(webex: Webex) -> None:
    client_id = webex.simulator.credentials["service_app"]["client_id"]
    webex.simulator.service_app(client_id, expire="access")
    assert webex.get("/people/me").status == 401
    fresh = webex.refresh().body["access_token"]
    webex.simulator.service_app(client_id, expire="refresh")
    assert webex.refresh().status == 400
    assert alive(webex.simulator, fresh)
    webex.simulator.service_app(client_id, revoke=True)
    assert not alive(webex.simulator, fresh)


def test_authorizations(webex: Webex) -> None:
    simulator = webex.simulator
    keeper = Webex(simulator, simulator.credentials["integration"]["access_token"])
    machine = webex.get("/people/me").body
    items = keeper.get("/authorizations", personId=machine["id"]).body["items"]
    assert [item["type"] for item in items] == ["refresh", "access"]
    assert items[0]["clientId"] == simulator.credentials["service_app"]["client_id"]
    assert "scopes" not in items[0]
    assert len(keeper.get("/authorizations", personEmail="admin@example.com").body["items"]) == 2
    assert keeper.get("/authorizations").status == 400
    assert webex.get("/authorizations", personId=machine["id"]).status == 403
    assert keeper.call("DELETE", "/authorizations/unknown").status == 404
    assert keeper.call("DELETE", f"/authorizations/{items[0]['id']}").status == 204
    assert webex.get("/people/me").status == 401
    assert webex.refresh().status == 400
    assert keeper.get("/authorizations", personId=machine["id"]).body["items"] == []


def test_delete_what_a_client_has(webex: Webex) -> None:
    simulator = webex.simulator
    keeper = Webex(simulator, simulator.credentials["integration"]["access_token"])
    assert keeper.call("DELETE", "/authorizations").status == 400
    client_id = simulator.credentials["service_app"]["client_id"]
    org_id = simulator.credentials["org_id"]
    assert keeper.call("DELETE", "/authorizations", clientId=client_id, orgId=org_id).status == 204
    assert webex.refresh().status == 400
    assert mint(webex).status == 200


def test_guests(webex: Webex) -> None:
    body = {"subject": "visitor-1", "displayName": "Visitor"}
    assert webex.call("POST", "/guests/token", body).status == 403
    issuer = Webex(
        webex.simulator, webex.simulator.token(kind="service_app", scopes=["guest-issuer:write"])["access_token"]
    )
    first = issuer.call("POST", "/guests/token", body).body
    second = issuer.call("POST", "/guests/token", {**body, "displayName": "Renamed"}).body
    assert first["id"] == second["id"]
    assert second["displayName"] == "Renamed"
    assert len(first["accessToken"]) > 2000
    assert alive(webex.simulator, first["accessToken"])
    assert issuer.call("POST", "/guests/token", {"subject": "x"}).description == "displayName is required"


def test_every_secret_is_known_for_ever(webex: Webex) -> None:
    simulator = webex.simulator
    simulator.configure(rotate_refresh_tokens=True)
    simulator.service_app(simulator.credentials["service_app"]["client_id"], scopes=["guest-issuer:write"])
    given, minted, refreshed = simulator.credentials, mint(webex).body, webex.refresh().body
    issuer = Webex(simulator, minted["access_token"])
    guest = issuer.call("POST", "/guests/token", {"subject": "x", "displayName": "X"}).body["accessToken"]
    bot = simulator.token(kind="bot")["access_token"]
    shown = {"the state": simulator.state(), "the journal": simulator.journal()}
    anew = simulator.reset(new_credentials=True)
    known = simulator.secrets()
    expected = {guest: "access token (guest)", bot: "access token (bot)"}
    for answer in (minted, refreshed, given["service_app"], anew["service_app"]):
        expected |= {answer[f"{use}_token"]: f"{use} token (service_app)" for use in ("access", "refresh")}
    for kind in ("service_app", "integration"):
        expected |= {now[kind]["client_secret"]: f"client secret ({kind})" for now in (given, anew)}
    assert expected.items() <= known.items()
    # Nothing else of the control plane shows one, and nothing that is no secret looks like one.
    assert leaks.find(known, {place: json.dumps(things).encode() for place, things in shown.items()}) == []


def test_people_me_by_kind(webex: Webex) -> None:
    simulator = webex.simulator

    def me(token: str) -> Any:
        return Webex(simulator, token).get("/people/me")

    given = simulator.credentials
    assert me(given["service_app"]["access_token"]).body["type"] == "appuser"
    assert me(given["integration"]["access_token"]).body["emails"] == ["admin@example.com"]
    assert me(given["bot"]["access_token"]).body["type"] == "bot"
    assert me(given["personal_access_token"]["access_token"]).body["type"] == "person"
    assert me(simulator.token(kind="guest")["access_token"]).status == 403
    assert me(simulator.token(kind="service_app", scopes=["spark:calls_read"])["access_token"]).status == 403
    assert me(simulator.token(kind="personal", org="other")["access_token"]).body["emails"] == ["zoe@other.example"]
    assert me(given["service_app"]["refresh_token"]).status == 401
    short = simulator.token(kind="bot", lifetime=0)["access_token"]
    assert me(short).status == 401


NEEDS = [
    ("GET", "/people", ["spark-admin:people_read"]),
    ("POST", "/people", ["spark-admin:people_write", "spark-admin:people_read"]),
    ("PUT", "/people/x", ["spark-admin:people_write", "spark-admin:people_read"]),
    ("DELETE", "/people/x", ["spark-admin:people_write", "spark-admin:people_read"]),
    ("GET", "/licenses", ["spark-admin:licenses_read"]),
    ("GET", "/licenses/x", ["spark-admin:licenses_read"]),
    ("PATCH", "/licenses/users", ["spark-admin:people_write"]),
    ("GET", "/locations", ["spark-admin:locations_read"]),
    ("GET", "/locations", ["spark-admin:people_read"]),
    ("GET", "/locations", ["spark-admin:device_read"]),
    ("GET", "/telephony/config/locations", ["spark-admin:telephony_config_read"]),
    ("GET", "/telephony/config/numbers", ["spark-admin:telephony_config_read"]),
    ("GET", "/organizations", ["spark-admin:organizations_read"]),
    ("GET", "/organizations/x", ["spark-admin:organizations_read"]),
    ("GET", "/partner/organizations", ["spark-admin:organizations_read"]),
    ("POST", "/guests/token", ["guest-issuer:write"]),
    ("POST", "/applications/x/token", ["spark:applications_token"]),
    ("GET", "/authorizations", ["identity:tokens_read"]),
    ("DELETE", "/authorizations", ["identity:tokens_write"]),
]


@pytest.mark.parametrize(("method", "path", "scopes"), NEEDS)
def test_scopes_are_enforced(simulator: Simulator, method: str, path: str, scopes: list[str]) -> None:
    body: dict[str, Any] | None = {} if method in ("POST", "PUT", "PATCH") else None

    def call(granted: list[str]) -> Any:
        token = simulator.token(kind="service_app", scopes=granted)["access_token"]
        return Webex(simulator, token).call(method, path, body)

    assert call(scopes).status not in (401, 403)
    for missing in scopes:
        refused = call([scope for scope in scopes if scope != missing] + ["spark:calls_read"])
        assert (refused.status, refused.body["message"]) == (403, FORBIDDEN)
    assert Webex(simulator, None).call(method, path, body).body["message"] == UNAUTHORIZED
    personal = Webex(simulator, simulator.credentials["personal_access_token"]["access_token"])
    if path != "/guests/token":
        assert personal.call(method, path, body).status != 403
