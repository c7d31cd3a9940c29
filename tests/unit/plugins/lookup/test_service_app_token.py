# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t
from datetime import timedelta

import ansible.template
import pytest
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.collabops.webex.plugins.lookup import service_app_token as plugin
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now
from ansible_collections.collabops.webex.plugins.plugin_utils._custody import broker
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.vault_file import VaultFileStore
from ansible_collections.collabops.webex.plugins.plugin_utils._task import ARGUMENT_SPEC
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, documentation_of

ONCE = ["POST /access_token", "GET /people/me"]
SECRETS = ("client_secret", "refresh_token")
NAMES = ("client_id", *SECRETS)
ORG = "1eb65fdf-9643-417f-9974-ad72cae0e10f"


@pytest.fixture
def loader(tmp_path: pathlib.Path) -> DataLoader:
    """The loader of a run in a playbook's folder."""
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    loader.set_vault_secrets([("default", VaultSecret(b"pw"))])
    return loader


@pytest.fixture
def look(loader: DataLoader) -> t.Callable[..., str]:
    """Evaluates the lookup, and returns the token."""

    def evaluate(terms: list[str] | None = None, variables: dict[str, t.Any] | None = None, **keywords: t.Any) -> str:
        templar = Templar(loader=loader, variables=variables)
        lookup = lookup_loader.get("collabops.webex.service_app_token", loader=loader, templar=templar)
        (token,) = lookup.run(terms or [], variables=variables or {}, **keywords)
        return str(token)

    return evaluate


@pytest.fixture
def options(webex: Simulator) -> dict[str, t.Any]:
    """What an expression says."""
    app = webex.credentials["service_app"]
    store = {"kind": "vault_file", "path": "token.yml"}
    return {"base_url": webex.base_url, "store": store, **{name: app[name] for name in NAMES}}


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the stores that were read; each is read all the same."""
    seen: list[str] = []
    load = VaultFileStore.load

    def counted(store: VaultFileStore) -> StoredTokens:
        seen.append(store.name)
        return load(store)

    monkeypatch.setattr(VaultFileStore, "load", counted)
    return seen


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test got is not known."""
    monkeypatch.setattr(plugin, "_TOKENS", {})


def put(loader: DataLoader, webex: Simulator, seconds: float, path: str = "token.yml") -> None:
    """Store a token that lives for some seconds more."""
    app, now = webex.credentials["service_app"], utc_now()
    stored = TokenSet(
        access_token=f"stored-in-{path}",
        refresh_token=app["refresh_token"],
        client_id=app["client_id"],
        obtained_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )
    open_store({"kind": "vault_file", "path": path}, loader).save(StoredTokens(stored))


# Where its options come from


def test_keywords(look: t.Any, options: dict[str, t.Any], webex: Simulator, tmp_path: pathlib.Path) -> None:
    token = look(**options)
    assert len(token) > 80
    assert asked(webex) == ONCE
    assert (tmp_path / "token.yml").read_bytes().startswith(b"$ANSIBLE_VAULT;")


@pytest.mark.parametrize("prefix", ["WEBEX", "SERVICE_APP"])
def test_the_environment(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    for name in NAMES:
        monkeypatch.setenv(f"{prefix}_{name.upper()}", options.pop(name))
    monkeypatch.setenv("WEBEX_BASE_URL", options.pop("base_url"))
    assert look(**options)
    assert asked(webex) == ONCE


def test_variables(look: t.Any, options: dict[str, t.Any], webex: Simulator) -> None:
    options["first_refresh_token"] = options.pop("refresh_token")
    assert look(variables={f"webex_{name}": value for name, value in options.items()})
    assert asked(webex) == ONCE


def test_variables_may_be_templates(look: t.Any, options: dict[str, t.Any], webex: Simulator) -> None:
    # From ansible-core 2.19 on, a text is a template only where its author is trusted.
    written = getattr(ansible.template, "trust_as_template", str)
    templates = {name: written("{{ " + f"vault_{name}" + " }}") for name in NAMES}
    vaulted = {f"vault_{name}": options.pop(name) for name in NAMES}
    store = {"kind": "vault_file", "path": written("{{ name }}.yml")}
    own = {"webex_client_id": templates["client_id"], "webex_client_secret": templates["client_secret"]}
    own |= {"webex_first_refresh_token": templates["refresh_token"], "webex_store": store}
    # The variable that a user gives the lookup's value must not be asked for.
    own["webex_access_token"] = written("{{ undefined }}")
    assert look(variables={**own, **vaulted, "name": "token"}, base_url=options["base_url"])
    assert asked(webex) == ONCE


def test_keywords_come_before_variables_and_those_before_the_environment(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBEX_CLIENT_ID", "C0")
    monkeypatch.setenv("WEBEX_CLIENT_SECRET", "wrong")
    variables = {"webex_client_id": options.pop("client_id"), "webex_client_secret": "wrong"}
    assert look(variables=variables, **options)
    assert asked(webex) == ONCE


def test_a_file_with_credentials_comes_before_the_environment(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "credentials.json").write_text(json.dumps({name: options.pop(name) for name in NAMES}))
    monkeypatch.setenv("WEBEX_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    for name in NAMES:
        monkeypatch.setenv(f"WEBEX_{name.upper()}", "another")
    assert look(**options)
    assert asked(webex) == ONCE


def test_the_refresh_token_of_the_environment_is_not_that_of_each_organization(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, monkeypatch: pytest.MonkeyPatch, loader: DataLoader
) -> None:
    monkeypatch.setenv("WEBEX_REFRESH_TOKEN", options.pop("refresh_token"))
    path = pathlib.Path(loader.get_basedir()) / "organizations.yml"
    config = {"plugin": "collabops.webex.organizations", "organizations": [{"org_id": ORG, "alias": "acme"}]}
    path.write_text(json.dumps(config))
    inventory = InventoryManager(loader, [str(path)])
    manager = VariableManager(loader, inventory, version_info={})
    HostVars(inventory, manager, loader)
    with pytest.raises(AnsibleError, match="refresh_token: is missing"):
        look(variables=manager.get_vars(host=inventory.get_host("acme")), **options)
    assert asked(webex) == []


def test_the_documented_options_are_those_of_the_task_that_make_sense() -> None:
    documented = documentation_of(plugin.DOCUMENTATION)["options"]
    assert set(documented) == set(ARGUMENT_SPEC) - {"force", "verify"}
    for name, option in documented.items():
        assert option["type"] == ARGUMENT_SPEC[name]["type"]
        assert [one["name"].startswith("webex_") for one in option["vars"]] == [True]
        if name != "store":
            assert option.get("default") == ARGUMENT_SPEC[name].get("default")


def test_no_variable_is_one_that_a_vault_file_yields() -> None:
    documented = documentation_of(plugin.DOCUMENTATION)["options"]
    names = {one["name"] for option in documented.values() for one in option["vars"]}
    assert not names & {"webex_access_token", "webex_refresh_token", "webex_token"}


# How often the store is read


def test_a_thousand_evaluations_read_the_store_once(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, loader: DataLoader, loads: list[str]
) -> None:
    put(loader, webex, 10 * 86_400)
    tokens = {look(**options) for _time in range(1000)}
    assert (tokens, len(loads), asked(webex)) == ({"stored-in-token.yml"}, 1, [])


def test_a_new_token_is_got_once(look: t.Any, options: dict[str, t.Any], webex: Simulator, loads: list[str]) -> None:
    assert len({look(**options) for _time in range(50)}) == 1
    # Once to see that there is none, and once more under the lock.
    assert (len(loads), asked(webex)) == (2, ONCE)


def test_what_is_asked_for_decides_which_token(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, loader: DataLoader, loads: list[str]
) -> None:
    for path in ("one.yml", "two.yml"):
        put(loader, webex, 10 * 86_400, path)
    for path in ("one.yml", "two.yml", "one.yml"):
        store = {"kind": "vault_file", "path": path}
        assert look(**{**options, "store": store}) == f"stored-in-{path}"
    assert len(loads) == 2


def test_a_token_that_gets_too_old_meanwhile_is_replaced(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, loader: DataLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(loader, webex, 3800)
    assert look(min_validity="1h", **options) == "stored-in-token.yml"
    assert asked(webex) == []
    later = utc_now() + timedelta(seconds=300)
    monkeypatch.setattr(plugin, "utc_now", lambda: later)
    monkeypatch.setitem(broker.obtain.__kwdefaults__, "now", lambda: later)
    assert look(min_validity="1h", **options) != "stored-in-token.yml"
    assert asked(webex) == ONCE


# Check mode


@pytest.mark.parametrize("left", [10 * 86_400, 60])
def test_check_mode_hands_on_what_lives(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, loader: DataLoader, left: int
) -> None:
    put(loader, webex, left)
    assert look(variables={"ansible_check_mode": True}, **options) == "stored-in-token.yml"
    assert asked(webex) == []


@pytest.mark.parametrize("stored", [True, False])
def test_check_mode_without_a_valid_token_is_a_failure(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, loader: DataLoader, stored: bool
) -> None:
    if stored:
        put(loader, webex, -1)
    with pytest.raises(AnsibleError, match="holds no valid token, and check mode asks for none.*run without --check"):
        look(variables={"ansible_check_mode": True}, **options)
    assert asked(webex) == []


# Failures


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"terms": ["token"]}, "terms: there is nothing to look up.*give keywords"),
        ({"store": {"kind": "none"}}, "store: keeps nothing.*kind: vault_file"),
        ({"store": {}}, "store: keeps nothing"),
        ({"store": None}, "store"),
        ({"store": {"kind": "vault_file"}}, "store.path: is missing"),
        ({"store": {"kind": "cupboard"}}, "value of kind must be one of"),
        ({"min_validity": "14d"}, "min_validity: 14d is not below"),
        (
            {"client_secret": None},
            "client_secret: is missing.*WEBEX_CLIENT_SECRET.*keyword `environment`.*does not reach",
        ),
        ({"client_secret": "hidden secret"}, "client_secret: has blanks"),
        ({"base_url": "http://webexapis.com/v1"}, "without encryption"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, changes: dict[str, t.Any], words: str
) -> None:
    given = {name: value for name, value in {**options, **changes}.items() if value is not None}
    with pytest.raises(AnsibleError, match=words) as error:
        look(**given)
    assert "hidden" not in str(error.value)
    assert asked(webex) == []


@pytest.mark.parametrize("wrong", SECRETS)
def test_a_refusal_is_a_failure_that_holds_no_secret(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, wrong: str
) -> None:
    with pytest.raises(AnsibleError, match="trackingId .*What to do: ") as error:
        look(**{**options, wrong: "hidden-secret"})
    assert not any(options[name] in str(error.value) for name in SECRETS)
    assert "hidden-secret" not in str(error.value)


def test_a_failure_is_not_remembered(look: t.Any, options: dict[str, t.Any], webex: Simulator) -> None:
    webex.fault(kind="reset")
    with pytest.raises(AnsibleError):
        look(**options)
    assert look(**options)


@pytest.mark.parametrize("name", ["client_secret", "refresh_token"])
@pytest.mark.parametrize("value", [["a-hidden-value"], {"a": "a-hidden-value"}, 4711])
@pytest.mark.parametrize("as_variable", [False, True])
def test_a_secret_of_a_wrong_type_is_named_and_not_quoted(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, name: str, value: t.Any, as_variable: bool
) -> None:
    del options[name]
    variable = {"client_secret": "webex_client_secret", "refresh_token": "webex_first_refresh_token"}[name]
    given = {"variables": {variable: value}} if as_variable else {name: value}
    with pytest.raises(AnsibleError, match=f"{name}: is not text") as error:
        look(**options, **given)
    assert "a-hidden-value" not in str(error.value)
    assert "4711" not in str(error.value)
    assert asked(webex) == []


@pytest.mark.parametrize("value", [5, "a-hidden-value", ["a-hidden-value"], {"client_secret": ["a-hidden-value"]}])
def test_an_integration_of_a_wrong_type_is_named_and_not_quoted(
    look: t.Any, options: dict[str, t.Any], webex: Simulator, value: t.Any
) -> None:
    with pytest.raises(AnsibleError, match="integration(.client_secret)?: is not") as error:
        look(**options, integration=value)
    assert "a-hidden-value" not in str(error.value)
    assert asked(webex) == []


def test_the_address_of_the_store_may_have_the_host_in_it(
    look: t.Any, options: dict[str, t.Any], tmp_path: pathlib.Path, loads: list[str]
) -> None:
    options["store"] = {"kind": "vault_file", "path": "{inventory_hostname}.yml"}
    for host in ("acme", "globex", "acme"):
        assert look(**options, variables={"inventory_hostname": host})
    assert sorted(path.name for path in tmp_path.glob("*.yml")) == ["acme.yml", "globex.yml"]
    # Each store was asked once: what it gave is known in this process.
    assert {loads.count(name) for name in loads} == {2}
