# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory, as Ansible itself reads it."""

from __future__ import annotations

import json
import pathlib
import typing as t

import hvac
import pytest
import yaml
from ansible import constants as C
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.loader import inventory_loader
from ansible_collections.collabops.webex.plugins.inventory import organizations
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Server, asked
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

Json = dict[str, t.Any]
ACME, GLOBEX = "1eb65fdf-9643-417f-9974-ad72cae0e10f", "96abc2aa-3dcc-11e5-a152-fe34819cdc9a"
LIST = [{"org_id": ACME, "alias": "acme", "writable": True, "vars": {"region": "emea"}}, {"org_id": GLOBEX}]
PLUGIN = "collabops.webex.organizations"


@pytest.fixture
def read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> t.Any:
    """Reads an inventory with the given options, and returns its hosts with their variables; or the messages if it cannot."""
    monkeypatch.setattr(C, "INVENTORY_UNPARSED_WARNING", False)

    def read_inventory(use_cache: bool = True, **options: t.Any) -> t.Any:
        path = tmp_path / "webex_organizations.yml"
        path.write_text(json.dumps({"plugin": PLUGIN, **options}))
        loader = DataLoader()
        loader.set_vault_secrets([("default", VaultSecret(b"password"))])
        capsys.readouterr()
        inventory = InventoryManager(loader, [str(path)], cache=use_cache)
        if not inventory.hosts:
            return " ".join(capsys.readouterr().err.split())
        read_inventory.groups = inventory.get_groups_dict()  # type: ignore[attr-defined]
        return {
            name: {**host.vars, "group_names": sorted(map(str, host.groups))} for name, host in inventory.hosts.items()
        }

    return read_inventory


def the_list(read: t.Any, **options: t.Any) -> list[str]:
    hosts = read(**options)
    assert isinstance(hosts, dict), hosts
    return sorted(hosts)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("organizations.yml", True),
        ("webex_organizations.yaml", True),
        ("emea.organizations.yml", True),
        ("hosts.yml", False),
        ("organizations.json", False),
        ("missing_organizations.yml", False),
    ],
)
def test_a_file_is_ours_by_its_name(tmp_path: pathlib.Path, name: str, is_ours: bool) -> None:
    if "missing" not in name:
        (tmp_path / name).touch()
    assert inventory_loader.get(PLUGIN).verify_file(str(tmp_path / name)) == is_ours


def test_a_host_for_each_organization(read: t.Any) -> None:
    hosts = read(organizations=LIST)
    assert sorted(hosts) == [GLOBEX, "acme"]
    shown = {name: value for name, value in hosts["acme"].items() if name.startswith(("webex_", "region"))}
    assert shown == {
        "webex_org_id": ACME,
        "webex_org_uuid": ACME,
        "webex_org_alias": "acme",
        "webex_org_name": None,
        "region": "emea",
    }
    assert read.groups["webex_organizations"] == [GLOBEX, "acme"] or set(read.groups["webex_organizations"]) == set(
        hosts
    )
    assert read.groups["webex_organizations_writable"] == ["acme"]


def test_the_features_of_constructed_inventories(read: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    hosts = read(
        organizations=LIST,
        compose={"shout": "webex_org_alias | upper"},
        keyed_groups=[{"key": "region | default('nowhere')", "prefix": "region"}],
        groups={"locked": "not webex_org_writable"},
        strict=True,
    )
    assert hosts["acme"]["shout"] == "ACME"
    assert (read.groups["region_emea"], read.groups["region_nowhere"]) == (["acme"], [GLOBEX])
    assert read.groups["locked"] == [GLOBEX]
    read(organizations=LIST, keyed_groups=[{"key": "region", "prefix": "region"}], strict=True)
    assert "Could not generate group" in capsys.readouterr().err


@pytest.mark.parametrize("is_encrypted", [False, True])
@pytest.mark.parametrize("data", [LIST, {"organizations": LIST}])
def test_the_list_may_be_in_a_file(read: t.Any, tmp_path: pathlib.Path, data: t.Any, is_encrypted: bool) -> None:
    content = yaml.safe_dump(data).encode()
    vault = VaultLib([("default", VaultSecret(b"password"))])
    (tmp_path / "customers.yml").write_bytes(vault.encrypt(content) if is_encrypted else content)
    assert the_list(read, organizations_file="customers.yml") == [GLOBEX, "acme"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"organizations": [{"org_id": "x"}]}, "organizations, entry 1 (x), org_id: is neither a UUID nor an id"),
        ({"organizations": "x"}, "organizations"),
        ({"organisations": LIST}, "organisations: is unknown. What to do: did you mean `organizations`?"),
        (
            {"organizations": LIST, "organizations_file": "x.yml"},
            "organizations_file: is given, and so is organizations",
        ),
        ({"organizations_file": "missing.yml"}, "organizations_file: "),
        (
            {"organizations": [{**LIST[0], "vars": {"webex_access_token": "s3cret"}}]},
            "vars.webex_access_token: is a secret",
        ),
        ({"organizations": LIST, "store": {"kind": "hashi_vault", "token": "s3cret"}}, "store.token: is a secret"),
        ({"organizations": LIST, "store": {"kind": "vault"}}, "value of kind must be one of"),
        (
            {"organizations": LIST, "store": {"kind": "vault_file", "path": "{org}.yml"}},
            "acme, store.path: has {org} in it",
        ),
        ({"organizations": LIST, "compose": {"webex_org_writable": "true"}}, "compose.webex_org_writable: is set by"),
        ({"discover": ["store"]}, "store: is missing"),
        ({"discover": ["organizations"]}, "access_token: is missing"),
        ({"discover": ["partner_organizations"], "access_token": "x"}, "managed_by: is missing"),
        ({"discover": ["store"], "store": {"kind": "awx_credential"}}, "a job cannot list credentials"),
        (
            {"discover": ["store"], "store": {"kind": "vault_file", "path": "{org_id}/t.yml"}},
            "does not tell the stores",
        ),
        ({"discover": ["store"], "store": {"kind": "vault_file", "path": "t.yml"}}, "does not tell the stores"),
    ],
)
def test_a_mistake_is_named(read: t.Any, options: Json, message: str) -> None:
    said = read(**options)
    assert message in said
    assert "s3cret" not in said


def test_an_alias_of_another_host_is_refused(read: t.Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "hosts").write_text("acme\n")
    inventory_file = tmp_path / "webex_organizations.yml"
    inventory_file.write_text(json.dumps({"plugin": PLUGIN, "organizations": LIST}))
    inventory = InventoryManager(DataLoader(), [str(tmp_path / "hosts"), str(inventory_file)])
    assert "webex_org_id" not in inventory.get_host("acme").vars


# Stores


def test_an_organization_has_its_store(read: t.Any, tmp_path: pathlib.Path) -> None:
    of_its_own = {"kind": "hashi_vault", "path": "webex/{inventory_hostname}"}
    third = {"org_id": "2f0e1d5c-8a9b-4c3d-9e8f-0a1b2c3d4e5f", "alias": "third", "store": of_its_own}
    hosts = read(
        organizations=[LIST[0], {**LIST[1], "store": {"vault_id": "globex"}}, third],
        store={"kind": "vault_file", "path": "tokens/{org_id}.yml"},
    )
    stores = {name: host["webex_org_store"] for name, host in hosts.items()}
    assert stores == {
        "acme": {"kind": "vault_file", "path": f"{tmp_path}/tokens/{ACME}.yml"},
        GLOBEX: {"kind": "vault_file", "path": f"{tmp_path}/tokens/{GLOBEX}.yml", "vault_id": "globex"},
        "third": {"kind": "hashi_vault", "path": "webex/third"},
    }


def test_vault_files_are_found_by_their_names(read: t.Any, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "[tokens]"
    folder.mkdir()
    for name in (f"webex-{ACME}.yml", f"webex-{GLOBEX.upper()}.yml", f"webex-{GLOBEX}.yml.lock", "webex-x.yml"):
        (folder / name).write_bytes(b"\x00 nothing that can be read")
    (folder / f"webex-{GLOBEX}.yml").mkdir()
    options = {"discover": ["store"], "store": {"kind": "vault_file", "path": "[tokens]/webex-{org_id}.yml"}}
    assert the_list(read, **options) == [ACME]
    assert the_list(read, organizations=LIST, **options) == [GLOBEX, "acme"]
    missing = {"kind": "vault_file", "path": "missing/{org_id}.yml"}
    assert the_list(read, organizations=LIST, discover=["store"], store=missing) == [GLOBEX, "acme"]


# Webex


def webex_options(url: str, token: str, **more: t.Any) -> Json:
    return {"discover": ["organizations"], "base_url": url, "access_token": token, **more}


@pytest.fixture
def partner(webex: Simulator) -> str:
    """The token of a full administrator of a partner with two customers."""
    webex.add_organizations("Acme", "Globex", managed_by=["alice@example.com"], tokens=False)
    token: str = webex.credentials["personal_access_token"]["access_token"]
    return token


def test_what_webex_lists_is_read_only_unless_the_list_says_otherwise(
    read: t.Any, webex: Simulator, partner: str
) -> None:
    acme, _globex = webex.add_organizations("Acme", "Globex", tokens=False)
    entries = [{"org_id": acme["uuid"], "alias": "customer-1", "writable": True}, {"org_id": GLOBEX, "alias": "unseen"}]
    hosts = read(organizations=entries, **webex_options(webex.base_url, partner))
    assert sorted(hosts) == ["customer-1", "example-gmbh", "globex", "unseen"]
    assert (hosts["customer-1"]["webex_org_name"], hosts["customer-1"]["webex_org_id"]) == ("Acme", acme["org_id"])
    assert read.groups["webex_organizations_writable"] == ["customer-1"]


def test_the_customers_of_one_administrator(read: t.Any, webex: Simulator, partner: str) -> None:
    options = webex_options(webex.base_url, partner, discover=["partner_organizations"])
    uuids = sorted(org["uuid"] for org in webex.add_organizations("Acme", "Globex", tokens=False))
    assert the_list(read, managed_by=webex.person("alice")["id"], **options) == uuids
    admin = webex.person("admin")["id"]
    assert "answered with 400: The user already has access to all customers" in read(managed_by=admin, **options)


def test_the_token_may_be_an_expression_or_come_from_the_environment(
    read: t.Any, webex: Simulator, partner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTNER_TOKEN", partner)
    template = "{{ lookup('ansible.builtin.env', 'PARTNER_TOKEN') }}"
    assert "acme" in read(**webex_options(webex.base_url, template))
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", partner)
    monkeypatch.setenv("WEBEX_BASE_URL", webex.base_url)
    assert "acme" in read(discover=["organizations"])


def test_a_thousand_organizations_take_one_request(read: t.Any, webex: Simulator, partner: str) -> None:
    webex.add_organizations(count=1000, tokens=False)
    webex.clear_journal()
    assert len(read(**webex_options(webex.base_url, partner))) == 1003
    assert asked(webex) == ["GET /organizations"]


def test_a_refusal_holds_no_secret(read: t.Any, webex: Simulator) -> None:
    token = webex.credentials["service_app"]["access_token"]
    said = read(**webex_options(webex.base_url, token))
    assert "GET /organizations was answered with 403" in said
    assert "spark-admin:organizations_read" in said
    assert token not in said


ID = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xZWI2NWZkZi05NjQzLTQxN2YtOTk3NC1hZDcyY2FlMGUxMGY"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("{{ lookup('pipe', 'id') }}", "(( lookup('pipe', 'id') ))"),
        ("{%if 1%}{{{%x", "(%if 1%)(((%x"),
        ("Acme\x1b[31m\n\r\u202eInc\x00", "Acme[31m Inc"),
        ("A {curly} name", "A {curly} name"),
        (["Acme"], None),
        ("\x00", None),
        ("x" * 999, "x" * 200),
    ],
)
def test_a_name_from_webex_is_harmless(read: t.Any, name: t.Any, shown: str | None) -> None:
    with Server([(200, {}, json.dumps({"items": [{"id": ID, "displayName": name}]}))]) as server:
        (host,) = read(**webex_options(server.base_url, "x")).values()
    assert host["webex_org_name"] == shown


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"items": [{"id": ID}, {"id": ID}, {"id": ACME}]}, [ACME]),
        ({"items": [{"id": ID}, {"id": "x"}, {"id": 5}, {}, {"id": "x" * 9999}]}, [ACME]),
        ({"items": "x"}, "no list under `items`"),
        ({"items": [{"id": ID}, "x"]}, "a list of something else than objects"),
        ([], "not a JSON object"),
    ],
)
def test_what_webex_lists_is_checked(
    read: t.Any, body: t.Any, answer: t.Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server([(200, {}, json.dumps(body))]) as server:
        hosts = read(**webex_options(server.base_url, "x"))
    assert sorted(hosts) == answer if isinstance(hosts, dict) else answer in hosts
    if "{}" in json.dumps(body):
        assert "lists 4 entries without the id of an organization" in " ".join(capsys.readouterr().err.split())


# The cache


def test_the_cache_saves_requests_and_holds_no_secret(
    read: t.Any, webex: Simulator, partner: str, tmp_path: pathlib.Path
) -> None:
    cached = {
        **webex_options(webex.base_url, partner),
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    webex.clear_journal()
    first = read(**cached)
    assert read(**cached) == first
    assert asked(webex) == ["GET /organizations"]
    read(use_cache=False, **cached)
    assert len(asked(webex)) == 2
    # Another question is not answered from the cache.
    read(**{**cached, "discover": ["partner_organizations"], "managed_by": webex.person("alice")["id"]})
    assert asked(webex)[-1] == "GET /partner/organizations"
    (file,) = (tmp_path / "cache").iterdir()
    assert partner not in file.read_text()


def test_what_the_cache_holds_is_checked_as_what_webex_lists(
    read: t.Any, webex: Simulator, partner: str, tmp_path: pathlib.Path
) -> None:
    cached = {
        **webex_options(webex.base_url, partner),
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    read(**cached)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text(file.read_text().replace("Globex", "{{ evil }}"))
    assert [host["webex_org_name"] for host in read(**cached).values()] == ["Example GmbH", "Acme", "(( evil ))"]


def test_the_documented_choices_are_those_of_the_plugin() -> None:
    documented = yaml.safe_load(organizations.DOCUMENTATION)
    assert documented["name"] == PLUGIN.rpartition(".")[2]
    assert organizations.InventoryModule.NAME == PLUGIN
    examples = list(yaml.safe_load_all(organizations.EXAMPLES))
    fragments = {"cache", "cache_plugin", "cache_connection", "cache_timeout", "keyed_groups", "groups"}
    assert all(set(example) <= {*documented["options"], *fragments} for example in examples)


# HashiCorp Vault


@pytest.fixture
def kv(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> VaultServer:
    """A Vault whose login is in the environment."""
    monkeypatch.setenv("VAULT_ADDR", vault.url)
    monkeypatch.setenv("VAULT_TOKEN", vault.root_token)
    return vault


IN_VAULT = {"discover": ["store"], "store": {"kind": "hashi_vault", "path": "webex/{org_id}"}}


def test_secrets_are_found_by_their_names(read: t.Any, kv: VaultServer) -> None:
    assert the_list(read, organizations=LIST, **IN_VAULT) == [GLOBEX, "acme"]
    client = hvac.Client(url=kv.url, token=kv.root_token)
    third = "2f0e1d5c-8a9b-4c3d-9e8f-0a1b2c3d4e5f"
    for name in (third, "notes", f"{GLOBEX}/more"):
        client.secrets.kv.v2.create_or_update_secret(path=f"webex/{name}", secret={"x": "y"})
    assert the_list(read, organizations=LIST[:1], **IN_VAULT) == [third, "acme"]
    at_the_top = {"kind": "hashi_vault", "path": "webex-{org_id}"}
    assert the_list(read, organizations=LIST, discover=["store"], store=at_the_top) == [GLOBEX, "acme"]


def test_a_policy_that_does_not_allow_to_list_is_named(
    read: t.Any, kv: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"secret/data/webex/*": ["create", "read", "update"]}
    monkeypatch.setenv("VAULT_TOKEN", kv.token(rules=rules)["client_token"])
    assert "the policy: it must allow list on secret/metadata/webex/." in read(**IN_VAULT)
