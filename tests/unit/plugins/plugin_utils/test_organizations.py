# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases and the guard, with inventories and variables as Ansible itself reads them."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import typing as t

import pytest
from ansible import constants as C
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.plugins.loader import connection_loader, lookup_loader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.collabops.webex.plugins.action import (
    activation_code,
    calling_users,
    guest_token,
    person,
    person_info,
    service_app_token,
    token_health,
)
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.plugins.plugin_utils import _organization_guard
from ansible_collections.collabops.webex.plugins.plugin_utils._organizations import resolved_org_id, with_organization
from ansible_collections.collabops.webex.plugins.plugin_utils._task import ARGUMENT_SPEC, open_task, validated
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, run_action

Json = dict[str, t.Any]
ACME, GLOBEX, STRANGER = (
    "1eb65fdf-9643-417f-9974-ad72cae0e10f",
    "96abc2aa-3dcc-11e5-a152-fe34819cdc9a",
    "2f0e1d5c-8a9b-4c3d-9e8f-0a1b2c3d4e5f",
)


class Controller:
    """A controller with an inventory of organizations in a folder, and what else Ansible finds there."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.extra: Json = {}
        self.more: list[str] = []
        self.is_fleet = True
        self.organizations: t.Any = [
            {"org_id": ACME, "alias": "acme", "name": "Acme, Inc.", "writable": True},
            {"org_id": GLOBEX, "alias": "globex"},
        ]

    def write(self, name: str, data: t.Any) -> str:
        """Put a file into the folder of the inventory."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(data))
        return str(path)

    def variables(self, host: str = "localhost", **of_the_task: t.Any) -> Json:
        """The variables of a task on a host."""
        loader = DataLoader()
        loader.set_basedir(str(self.folder))
        config = {"plugin": "collabops.webex.organizations", "organizations": self.organizations}
        sources = [self.write("webex_organizations.yml", config)] if self.is_fleet else []
        inventory = InventoryManager(loader, [*sources, *self.more])
        manager = VariableManager(loader, inventory, version_info={})
        manager._extra_vars = self.extra
        HostVars(inventory, manager, loader)
        variables: Json = manager.get_vars(host=inventory.get_host(host) or inventory.get_host("localhost"))
        return {**variables, **of_the_task}


@pytest.fixture
def controller(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Controller:
    """A controller with Acme, which is writable, and Globex."""
    monkeypatch.setattr(C, "INVENTORY_UNPARSED_WARNING", False)
    monkeypatch.setattr(_organization_guard, "_OWNERS", {})
    return Controller(tmp_path)


def org_id_of(arguments: Json) -> str:
    return bare_id(arguments["org_id"])


# Aliases


@pytest.mark.parametrize("named", ["acme", ACME, ACME.upper(), f" {ACME}\n"])
def test_an_organization_is_named_by_alias_or_id(controller: Controller, named: str) -> None:
    arguments = with_organization({"org_id": named, "email": "x"}, controller.variables())
    assert arguments["org_id"].startswith("Y2lzY29")
    assert (org_id_of(arguments), arguments["email"]) == (ACME, "x")


@pytest.mark.parametrize("given", [{}, {"org_id": None}, {"org_id": ""}])
def test_a_host_that_is_an_organization_is_the_default(controller: Controller, given: Json) -> None:
    assert org_id_of(with_organization(given, controller.variables("globex"))) == GLOBEX
    assert with_organization(given, controller.variables()) == given


@pytest.mark.parametrize(
    ("host", "given", "used"), [("globex", {}, None), ("globex", {"refresh_token": "own"}, "own"), (None, {}, "env")]
)
def test_a_refresh_token_of_the_environment_is_not_that_of_each_organization(
    controller: Controller, monkeypatch: pytest.MonkeyPatch, host: str | None, given: Json, used: str | None
) -> None:
    monkeypatch.setenv("WEBEX_REFRESH_TOKEN", "env")
    options = validated({"store": {"kind": "none"}, **given}, ARGUMENT_SPEC)
    variables = controller.variables(host) if host else controller.variables()
    _store, request = open_task(options, DataLoader(), False, variables)
    assert request.settings.refresh_token == used


@pytest.mark.parametrize(("named", "near"), [("amce", "acme"), ("Globex", "globex"), ("xyz", "webex_organizations")])
def test_an_unknown_alias_is_refused_with_those_that_are_like_it(controller: Controller, named: str, near: str) -> None:
    with pytest.raises(OptionError, match=f"no organization '{named}'") as error:
        resolved_org_id(named, controller.variables())
    assert near in (error.value.remedy or "")


def test_an_alias_of_two_organizations_is_refused(controller: Controller) -> None:
    twin = {"hosts": {"other": {"webex_org_id": STRANGER, "webex_org_alias": "acme"}}}
    controller.more = [controller.write("other.yml", {"webex_organizations": twin})]
    with pytest.raises(OptionError, match="'acme' is the name of several organizations: acme"):
        resolved_org_id("acme", controller.variables())


def test_what_no_inventory_knows_stays_as_it_is_unless_it_is_no_id(controller: Controller) -> None:
    assert resolved_org_id(STRANGER, controller.variables()) == STRANGER
    controller.is_fleet = False
    assert resolved_org_id(ACME, controller.variables()) == ACME
    assert resolved_org_id(None, controller.variables()) is None
    with pytest.raises(OptionError, match="no inventory has aliases"):
        resolved_org_id("acme", controller.variables())


def test_aliases_are_known_where_there_are_a_thousand(controller: Controller) -> None:
    controller.organizations = [{"org_id": f"{ACME[:-4]}{n:04}", "alias": f"customer-{n:04}"} for n in range(1000)]
    assert bare_id(resolved_org_id("customer-0999", controller.variables())).endswith("0999")


APP = {"client_id": "C1", "client_secret": "s3cret", "refresh_token": "s3cret", "base_url": "http://127.0.0.1:9/v1"}
STORE = {"kind": "vault_file", "path": "tokens/{org_id}.yml"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("activation_code", {"access_token": "s3cret", "email": "x@acme.example", "model": "X"}),
        ("calling_users", {"users": [{"email": "x@acme.example"}], "list_only": True}),
        ("guest_token", {"access_token": "s3cret", "subject": "x", "display_name": "X"}),
        ("person", {"access_token": "s3cret", "email": "x@acme.example"}),
        ("person_info", {"access_token": "s3cret"}),
        ("service_app_token", {**APP, "store": STORE}),
    ],
)
def test_an_action_refuses_an_unknown_alias(controller: Controller, name: str, options: Json) -> None:
    action = importlib.import_module(f"ansible_collections.collabops.webex.plugins.action.{name}").ActionModule
    result = run_action(name, action, {**options, "org_id": "amce"}, DataLoader(), variables=controller.variables())
    assert result["msg"] == "org_id: the inventory has no organization 'amce'. What to do: did you mean acme?"


@pytest.mark.parametrize(("host", "org_id"), [("acme", None), ("localhost", "acme"), ("globex", "acme")])
def test_the_tokens_of_an_alias_are_looked_at(controller: Controller, host: str, org_id: str | None) -> None:
    options = {"apps": [{"name": "x", "store": STORE, "org_id": org_id or "acme"}]}
    result = run_action(
        "token_health", token_health.ActionModule, options, DataLoader(), variables=controller.variables(host)
    )
    assert result["report"]["apps"][0]["store"]["path"].endswith(f"/tokens/{ACME}.yml")
    task = {**APP, "store": STORE, **({"org_id": org_id} if org_id else {})}
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"password"))])
    loader.set_basedir(str(controller.folder))
    refused = run_action(
        "service_app_token", service_app_token.ActionModule, task, loader, variables=controller.variables(host)
    )
    assert f"{controller.folder}/tokens" in refused["msg"]


def test_the_lookup_knows_aliases(controller: Controller) -> None:
    loader = DataLoader()
    loader.set_basedir(str(controller.folder))
    variables = controller.variables()
    lookup = lookup_loader.get("collabops.webex.service_app_token", loader=loader, templar=Templar(loader, variables))
    with pytest.raises(AnsibleLookupError, match="did you mean acme"):
        lookup.run([], variables, **APP, store=STORE, org_id="amce")
    with pytest.raises(AnsibleLookupError, match=f"{controller.folder}/tokens"):
        lookup.run([], variables, **APP, store=STORE, org_id="acme")


# The guard

NEW = {"email": "new@acme.example", "display_name": "New"}


class Guarded:
    """Runs the action of `person`, up to where the module would begin."""

    def __init__(self, controller: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
        self.controller = controller
        self.runs: list[Json] = []
        monkeypatch.setattr(
            person.ActionModule, "_execute_module", lambda action, **how: self.runs.append(action._task.args) or {}
        )

    def __call__(
        self,
        host: str,
        *,
        check_mode: bool = False,
        variables: Json | None = None,
        action: t.Any = None,
        **given: t.Any,
    ) -> str:
        """Return the message of a refusal, or the UUID of the organization that the module would work in."""
        action = action or person
        known = len(self.runs)
        result = run_action(
            action.__name__.rpartition(".")[2],
            action.ActionModule,
            {**NEW, **given},
            DataLoader(),
            check_mode,
            self.controller.variables(host, **(variables or {})),
        )
        assert bool(result.get("failed")) == (len(self.runs) == known)
        return result["msg"] if result.get("failed") else org_id_of(self.runs[-1])


@pytest.fixture
def write(controller: Controller, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """Asks the guard, without an access token that it could see."""
    return Guarded(controller, monkeypatch)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("host", "given", "answer"),
    [
        ("acme", {}, ACME),
        ("acme", {"org_id": "acme"}, ACME),
        ("acme", {"org_id": ACME}, ACME),
        ("acme", {"org_id": "globex"}, "org_id: names globex .*, but the host of the task is acme"),
        ("acme", {"org_id": STRANGER}, f"org_id: names {STRANGER}, but the host of the task is acme"),
        ("acme", {"org_id": "amce"}, "no organization 'amce'. What to do: did you mean acme?"),
        ("globex", {}, "globex .* is read-only .* What to do: .*`writable: true` .*entry .globex. in .*_organizations.yml"),
        ("globex", {"org_id": "acme"}, "org_id: names acme .Acme, Inc.., but the host of the task is globex"),
        ("localhost", {}, "org_id: is missing: the host localhost is none of the organizations"),
        ("localhost", {"org_id": "acme"}, ACME),
        ("localhost", {"org_id": "globex"}, "globex .* is read-only"),
        ("localhost", {"org_id": STRANGER}, f"does not know the organization {STRANGER}, so it is read-only"),
    ],
)  # fmt: skip
def test_who_may_write_where(write: Guarded, host: str, given: Json, answer: str, check_mode: bool) -> None:
    assert re.search(answer, write(host, check_mode=check_mode, **given))


@pytest.mark.parametrize("host", ["acme", "localhost"])
@pytest.mark.parametrize(
    "where", ["group_vars/all.yml", "group_vars/webex_organizations.yml", "host_vars/acme.yml", "-e"]
)
@pytest.mark.parametrize("value", [False, "false", "no", "", None, "nearly"])
def test_any_variable_can_forbid(write: Guarded, host: str, where: str, value: t.Any) -> None:
    if where == "-e":
        write.controller.extra = {"webex_org_writable": value}
    else:
        write.controller.write(where, {"webex_org_writable": value})
    assert "acme (Acme, Inc.) is read-only in this run" in write(host, org_id="acme")


@pytest.mark.parametrize("host", ["globex", "localhost"])
@pytest.mark.parametrize("where", ["group_vars/all.yml", "host_vars/globex.yml", "-e"])
def test_no_variable_can_allow(write: Guarded, host: str, where: str) -> None:
    if where == "-e":
        write.controller.extra = {"webex_org_writable": True}
    else:
        write.controller.write(where, {"webex_org_writable": True})
    assert "globex (96abc2aa-3dcc-11e5-a152-fe34819cdc9a) is read-only for this collection" in write(
        host, org_id="globex"
    )


def test_no_group_can_allow(write: Guarded) -> None:
    group = {"webex_organizations_writable": {"hosts": {"globex": {}}}}
    write.controller.more = [write.controller.write("other.yml", group)]
    assert "is read-only for this collection" in write("globex")


@pytest.mark.parametrize("variable", ["webex_org_id", "webex_org_uuid"])
def test_a_host_is_not_made_another_organization_by_a_variable(write: Guarded, variable: str) -> None:
    write.controller.extra = {variable: STRANGER}
    assert write("acme").startswith(f"{variable}: names another organization than acme")


def test_a_mistake_in_the_inventory_does_not_open_anything(write: Guarded) -> None:
    write.controller.organizations = [{"org_id": ACME, "writeable": True}]
    assert "none of the organizations" in write("localhost")
    assert "does not know the organization" in write("localhost", org_id=ACME)


def test_an_organization_with_two_hosts_is_writable_only_if_both_say_so(write: Guarded) -> None:
    twin = {"hosts": {"acme-again": {"webex_org_id": ACME}}}
    write.controller.more = [write.controller.write("other.yml", {"webex_organizations": twin})]
    assert "acme-again (1eb65fdf-9643-417f-9974-ad72cae0e10f) is read-only" in write("acme")


def test_a_host_of_the_group_that_is_no_organization_writes_nowhere(write: Guarded) -> None:
    write.controller.more = [write.controller.write("other.yml", {"webex_organizations": {"hosts": {"mail": {}}}})]
    assert "the host mail is none of the organizations" in write("mail")


def test_hosts_that_have_lost_their_groups_are_read_only(write: Guarded) -> None:
    """As in a smart inventory of AWX."""
    write.controller.is_fleet = False
    host = {"webex_org_id": ACME, "webex_org_uuid": ACME, "webex_org_alias": "acme"}
    write.controller.more = [write.controller.write("other.yml", {"all": {"hosts": {"acme": host}}})]
    assert "acme (1eb65fdf-9643-417f-9974-ad72cae0e10f) is read-only" in write("acme")
    assert write("acme", action=person_info) == ACME


def test_without_an_inventory_of_organizations_nothing_is_guarded(write: Guarded) -> None:
    write.controller.is_fleet = False
    assert write("localhost", org_id=STRANGER) == STRANGER


def test_reading_is_not_guarded(write: Guarded) -> None:
    assert write("globex", action=person_info) == GLOBEX
    assert write("localhost", action=person_info, org_id="globex") == GLOBEX


def test_a_list_of_users_is_guarded_unless_it_is_only_read(controller: Controller) -> None:
    user = {"email": "x@acme.example", "location": "Berlin", "extension": "2001"}
    options = {"users": [user], "access_token": "s3cret"}

    def run(**more: t.Any) -> Json:
        return run_action(
            "calling_users",
            calling_users.ActionModule,
            {**options, **more},
            DataLoader(),
            variables=controller.variables("globex"),
        )

    assert "globex (96abc2aa-3dcc-11e5-a152-fe34819cdc9a) is read-only" in run()["msg"]
    assert len(run(list_only=True)["list"]) == 1


# Whose token it is


@pytest.fixture
def customers(webex: Simulator, controller: Controller, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Acme and Globex as customers of the simulator's organization, both writable, and the tokens for them."""
    acme, globex = webex.add_organizations("Acme", "Globex")
    controller.organizations = [
        {"org_id": org["org_id"], "alias": org["name"].lower(), "writable": True} for org in (acme, globex)
    ]
    monkeypatch.setenv("WEBEX_BASE_URL", webex.base_url)
    return {
        "acme": acme["access_token"],
        "globex": globex["access_token"],
        "partner": webex.credentials["personal_access_token"]["access_token"],
        "bot": webex.credentials["bot"]["access_token"],
        "no scope": webex.token(kind="service_app", org="Acme", scopes=["spark-admin:telephony_config_write"])["access_token"],
        "no scope, globex": webex.token(kind="service_app", org="Globex", scopes=["spark:calls_read"])["access_token"],
        "dead": "dead_P0A1_00000000-0000-0000-0000-000000000000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("whose", "answer"),
    [
        ("acme", None),
        ("partner", None),
        ("no scope", None),
        ("globex", "access_token: is that of globex"),
        ("bot", "access_token: is that of"),
        ("no scope, globex", "access_token: is that of globex"),
        ("dead", "401"),
    ],
)
@pytest.mark.parametrize("where", ["argument", "environment", "keyword"])
def test_the_token_is_that_of_the_organization(
    write: Guarded, customers: dict[str, str], webex: Simulator, monkeypatch: pytest.MonkeyPatch,
    whose: str, answer: str | None, where: str,
) -> None:  # fmt: skip
    token = {"access_token": customers[whose]} if where == "argument" else {}
    if where == "environment":
        monkeypatch.setenv("WEBEX_ACCESS_TOKEN", customers[whose])
    webex.clear_journal()
    if where == "keyword":
        original = person.ActionModule.run

        def run(action: t.Any, *arguments: t.Any, **keywords: t.Any) -> Json:
            action._task.environment = [{"WEBEX_ACCESS_TOKEN": customers[whose]}]
            return original(action, *arguments, **keywords)

        monkeypatch.setattr(person.ActionModule, "run", run)
    said = write("acme", **token)
    assert customers[whose] not in said
    assert (answer or bare_id(write.controller.organizations[0]["org_id"])) in said
    assert asked(webex) == ["GET /people/me"]


def test_a_loop_asks_once_whose_token_it_is(write: Guarded, customers: dict[str, str], webex: Simulator) -> None:
    webex.clear_journal()
    for _turn in range(3):
        write("acme", access_token=customers["acme"])
    assert asked(webex) == ["GET /people/me"]


def test_a_token_that_says_nothing_of_its_organization_is_refused(
    write: Guarded, customers: Json, webex: Simulator
) -> None:
    guest = webex.token(kind="guest")["access_token"]
    assert "access_token: does not say whose it is" in write("acme", access_token=guest)


def test_nothing_is_asked_for_what_is_refused_anyway(write: Guarded, customers: Json, webex: Simulator) -> None:
    webex.clear_journal()
    write("localhost", access_token=customers["acme"])
    write("acme", access_token=customers["acme"], org_id="globex")
    assert asked(webex) == []


@pytest.mark.parametrize(
    ("action", "options"),
    [
        (activation_code, {"email": "x@acme.example", "model": "X"}),
        (guest_token, {"subject": "x", "display_name": "X"}),
    ],
)
def test_an_action_of_its_own_is_guarded_too(
    controller: Controller, customers: Json, webex: Simulator, action: t.Any, options: Json
) -> None:
    webex.clear_journal()
    result = run_action(
        action.__name__.rpartition(".")[2],
        action.ActionModule,
        {"access_token": customers["globex"], "base_url": webex.base_url, **options},
        DataLoader(),
        variables=controller.variables("acme"),
    )
    assert "is that of globex" in result["msg"]
    assert asked(webex) == ["GET /people/me"]


# Tasks on other hosts than the controller


@pytest.fixture
def elsewhere(write: Guarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """Asks the guard for a task whose module runs on another host."""
    connection = connection_loader.get("ansible.builtin.local", class_only=True)
    monkeypatch.setattr(connection, "transport", "ssh")
    return write


def test_a_token_of_another_host_cannot_be_seen(
    elsewhere: Guarded, customers: Json, webex: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", customers["globex"])
    webex.clear_journal()
    elsewhere("acme")
    assert (len(elsewhere.runs), asked(webex)) == (1, [])
    assert "is that of globex" in elsewhere("acme", access_token=customers["globex"])


def test_a_controller_that_does_not_reach_webex_says_so_and_lets_the_other_host_ask(
    elsewhere: Guarded, customers: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere("acme", access_token=customers["acme"], ca_path="/nowhere/on/this/machine.pem")
    assert len(elsewhere.runs) == 1
    warning = " ".join(capsys.readouterr().err.split())
    assert "Whether the access token is for the organization acme" in warning
    assert customers["acme"] not in warning
