# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins, tokens, policies and namespaces, through hvac and through plain HTTP."""

from __future__ import annotations

from typing import Any

import hvac
import pytest

from tests.vault_server.process import VaultServer

from .conftest import Answer, Client

DENIED_BY_POLICY = (403, ["1 error occurred:\n\t* permission denied\n\n"])


@pytest.fixture
def writer(server: VaultServer) -> Client:
    return Client(server, server.credentials["writer_token"])


@pytest.fixture
def reader(server: VaultServer) -> Client:
    return Client(server, server.credentials["read_only_token"])


@pytest.fixture
def path(server: VaultServer) -> str:
    return str(server.credentials["writer_path"])


def test_health(server: VaultServer) -> None:
    nobody = Client(server, None)
    health = nobody.get("sys/health")
    assert (health.status, health.body["initialized"], health.body["sealed"]) == (200, True, False)
    assert hvac.Client(url=server.url).sys.read_health_status(method="GET")["standby"] is False
    assert hvac.Client(url=server.url).sys.read_health_status().status_code == 200  # HEAD
    server.configure(sealed=True)
    assert nobody.get("sys/health").status == 503
    assert nobody.get("sys/health?sealedcode=299").status == 299
    assert Client(server, server.root_token).get("secret/data/x").error == (503, ["Vault is sealed"])


def test_no_token_or_no_good_one(server: VaultServer) -> None:
    for token in (None, "hvs.unknown", server.credentials["expired_token"]):
        for method, place in (("GET", "secret/data/x"), ("GET", "auth/token/lookup-self"), ("GET", "nowhere")):
            assert Client(server, token).call(method, place).error == (403, ["permission denied"])
    server.configure(flavor="vault")
    assert Client(server, None).get("secret/data/x").error == (
        403,
        ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"],
    )
    expired = hvac.Client(url=server.url, token=server.credentials["expired_token"])
    assert not expired.is_authenticated()
    with pytest.raises(hvac.exceptions.Forbidden):
        expired.secrets.kv.v2.read_secret_version("x", raise_on_deleted_version=True)


def test_read_only(root: Client, reader: Client, path: str) -> None:
    root.put(f"secret/data/{path}", {"n": 1})
    assert reader.get(f"secret/data/{path}").data["data"] == {"n": 1}
    assert reader.get(f"secret/metadata/{path}").status == 200
    assert reader.call("LIST", "secret/metadata").status == 200
    for method, place in (
        ("POST", f"secret/data/{path}"),
        ("PUT", "secret/data/new"),
        ("DELETE", f"secret/data/{path}"),
        ("DELETE", f"secret/metadata/{path}"),
        ("POST", f"secret/metadata/{path}"),
        ("POST", f"secret/delete/{path}"),
        ("GET", "secret/config"),
        ("GET", "nowhere"),
    ):
        assert reader.call(method, place, {"data": {}}).error == DENIED_BY_POLICY
    assert root.get(f"secret/metadata/{path}").data["current_version"] == 1


def test_writer(writer: Client, path: str) -> None:
    assert writer.put(f"secret/data/{path}", {"n": 1}, cas=0).status == 200
    assert writer.get(f"secret/data/{path}").data["data"] == {"n": 1}
    assert writer.call("POST", f"secret/metadata/{path}", {"cas_required": True}).status == 204
    for method, place, body in (
        ("DELETE", f"secret/data/{path}", None),
        ("POST", f"secret/undelete/{path}", {"versions": [1]}),
        ("POST", f"secret/delete/{path}", {"versions": [1]}),
        ("PUT", f"secret/destroy/{path}", {"versions": [1]}),
        ("DELETE", f"secret/metadata/{path}", None),
    ):
        assert writer.call(method, place, body).status == 204
    for place in ("secret/data/other", f"secret/data/{path}/below", f"kv/data/{path}"):
        assert writer.put(place, {}).error == DENIED_BY_POLICY
        assert writer.get(place).error == DENIED_BY_POLICY


def test_rules(server: VaultServer) -> None:
    rules = {
        "secret/data/team-*": ["read"],
        "secret/data/team-a/own": ["create"],
        "secret/data/+/shared": ["read", "update"],
    }
    token = Client(server, server.token(rules=rules)["client_token"])
    assert token.get("secret/data/team-x/y").status == 404
    assert token.get("secret/data/team-a/own").status == 403
    assert token.put("secret/data/team-a/own", {}).status == 200
    assert token.put("secret/data/team-a/own", {}).error == DENIED_BY_POLICY  # that would be an update
    assert token.get("secret/data/z/shared").status == 404
    assert token.put("secret/data/z/shared", {}).error == DENIED_BY_POLICY  # and this, a creation
    assert token.get("secret/data/z/z/shared").status == 403


def logged_in(answer: Any, meta: dict[str, str]) -> str:
    """The token of a login."""
    auth = answer["auth"]
    assert answer["data"] is None
    assert (auth["metadata"], auth["lease_duration"], auth["renewable"]) == (meta, 3600, True)
    assert sorted(auth) == [
        "accessor",
        "client_token",
        "entity_id",
        "lease_duration",
        "metadata",
        "mfa_requirement",
        "num_uses",
        "orphan",
        "policies",
        "renewable",
        "token_policies",
        "token_type",
    ]
    return str(auth["client_token"])


@pytest.mark.parametrize("mount", ["approle", "team/approle"])
def test_approle(server: VaultServer, path: str, mount: str) -> None:
    nobody, given = Client(server, None), server.credentials["approle"]
    token = logged_in(nobody.call("POST", f"auth/{mount}/login", given).body, {"role_name": "webex"})
    assert Client(server, token).put(f"secret/data/{path}", {}).status == 200
    assert Client(server, token).get("auth/token/lookup-self").data["path"] == f"auth/{mount}/login"
    for change, message in (
        ({"role_id": ""}, "missing role_id"),
        ({"secret_id": ""}, "missing secret_id"),
        ({"role_id": "x"}, "invalid role or secret ID"),
        ({"secret_id": "x"}, "invalid role or secret ID"),
    ):
        assert nobody.call("POST", f"auth/{mount}/login", {**given, **change}).error == (400, [message])
    client = hvac.Client(url=server.url)
    answer = client.auth.approle.login(given["role_id"], given["secret_id"], mount_point=mount)
    assert client.token == answer["auth"]["client_token"]
    assert client.is_authenticated()
    client.logout(revoke_token=True)
    assert not hvac.Client(url=server.url, token=answer["auth"]["client_token"]).is_authenticated()


@pytest.mark.parametrize("mount", ["jwt", "ci", "over/there"])
def test_jwt(server: VaultServer, path: str, mount: str) -> None:
    server.mount("over/there", "jwt")
    nobody, given = Client(server, None), server.credentials["jwt"]
    token = logged_in(nobody.call("PUT", f"auth/{mount}/login", given).body, {"role": "webex"})
    assert Client(server, token).put(f"secret/data/{path}", {}).status == 200
    for change, message in (
        ({"role": ""}, "missing role"),
        ({"role": "x"}, 'role "x" could not be found'),
        ({"jwt": ""}, "missing token"),
    ):
        assert nobody.call("POST", f"auth/{mount}/login", {**given, **change}).error == (400, [message])
    refused: Answer = nobody.call("POST", f"auth/{mount}/login", {**given, "jwt": given["jwt"][:-1]})
    assert refused.status == 400
    assert refused.body["errors"][0].startswith("error validating token: ")
    client = hvac.Client(url=server.url)
    client.auth.jwt.jwt_login(given["role"], given["jwt"], path=mount)
    assert client.is_authenticated()


def test_every_secret_is_known_for_ever(server: VaultServer) -> None:
    given = server.credentials
    token = Client(server, None).call("POST", "auth/approle/login", given["approle"]).body["auth"]["client_token"]
    anew = server.reset(new_credentials=True)
    expected = {token: "token of Vault (approle)"}
    for now in (given, anew):
        expected |= {now["root_token"]: "token of Vault (root)", now["writer_token"]: "token of Vault (writer)"}
        expected |= {now["approle"]["secret_id"]: "secret id of Vault", now["jwt"]["jwt"]: "JWT for Vault"}
    assert expected.items() <= server.secrets().items()


def test_no_such_auth_mount(server: VaultServer) -> None:
    given = server.credentials["approle"]
    assert Client(server, None).call("POST", "auth/nowhere/login", given).error == (403, ["permission denied"])


def test_lookup_self(server: VaultServer, root: Client, vault: Any) -> None:
    data = root.get("auth/token/lookup-self").data
    assert (data["policies"], data["ttl"], data["expire_time"]) == (["root"], 0, None)
    assert vault.auth.token.lookup_self()["data"]["id"] == server.root_token
    short = Client(server, server.token(rules={}, ttl=100)["client_token"])
    data = short.get("auth/token/lookup-self").data
    assert (data["policies"], data["creation_ttl"], data["renewable"]) == (["custom", "default"], 100, True)
    assert 98 <= data["ttl"] <= 100
    assert data["expire_time"].endswith("Z")
    server.configure(clock_offset=101)
    assert short.get("auth/token/lookup-self").error == (403, ["permission denied"])
    assert Client(server, server.token(ttl=-1)["client_token"]).get("secret/data/x").status == 403


def test_token_as_bearer(server: VaultServer, root: Client) -> None:
    vault = hvac.Client(url=server.url)
    vault.session.headers["Authorization"] = f"Bearer {server.root_token}"
    assert vault.auth.token.lookup_self()["data"]["id"] == server.root_token


def test_namespaces(server: VaultServer, root: Client, writer: Client, path: str) -> None:
    root.put(f"secret/data/{path}", {"in": "root"})
    inner = root.within("team-a/")
    assert inner.get(f"secret/data/{path}").error == (404, [])
    inner.put(f"secret/data/{path}", {"in": "a"})
    assert root.within("team-a").get(f"secret/data/{path}").data["data"] == {"in": "a"}
    assert root.within("team-b").get(f"secret/data/{path}").error == (404, [])
    assert root.within("root").get(f"secret/data/{path}").data["data"] == {"in": "root"}
    # Policies belong to a namespace.
    assert writer.within("team-a").get(f"secret/data/{path}").error == DENIED_BY_POLICY
    client = hvac.Client(url=server.url, namespace="team-a")
    client.auth.approle.login(**server.credentials["approle"])
    found = client.secrets.kv.v2.read_secret_version(path, raise_on_deleted_version=True)
    assert found["data"]["data"] == {"in": "a"}
    assert client.auth.token.lookup_self()["data"]["namespace_path"] == "team-a/"
    assert Client(server, client.token).get(f"secret/data/{path}").status == 403
    lonely = server.token(namespace="team-a")["client_token"]
    assert Client(server, lonely, "team-a").get(f"secret/data/{path}").status == 200
    assert Client(server, lonely).get(f"secret/data/{path}").status == 403
