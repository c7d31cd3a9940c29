# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.collabops.webex.plugins.action.service_app_token import SPEC, ActionModule
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.plugins.module_utils._time import from_iso
from ansible_collections.collabops.webex.plugins.modules import service_app_token as documentation
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import STORE_SPEC
from ansible_collections.collabops.webex.plugins.plugin_utils._task import INTEGRATION_SPEC
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, documentation_of
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

SECRETS = ("client_secret", "refresh_token")


@pytest.fixture
def options(webex: Simulator, tmp_path: pathlib.Path) -> dict[str, t.Any]:
    """What a task says."""
    app = webex.credentials["service_app"]
    names = ("client_id", *SECRETS)
    store = {"kind": "vault_file", "path": "token.yml"}
    return {"base_url": webex.base_url, "store": store, **{name: app[name] for name in names}}


@pytest.fixture
def act(tmp_path: pathlib.Path) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the action in a playbook's folder."""

    def run(
        options: dict[str, t.Any],
        check_mode: bool = False,
        password: bytes | None = b"pw",
        environment: dict[str, t.Any] | None = None,
    ) -> dict[str, t.Any]:
        loader = DataLoader()
        loader.set_basedir(str(tmp_path))
        loader.set_vault_secrets([("default", VaultSecret(password))] if password else [])
        task = Task()
        task.action = "collabops.webex.service_app_token"
        task.args = options
        task.check_mode = check_mode
        # As Ansible hands it to an action: templated, the later ones win.
        task.environment = [{"WEBEX_CLIENT_SECRET": "of-the-play"}, environment] if environment else []
        local = connection_loader.get("ansible.builtin.local", PlayContext(), os.devnull)
        action = ActionModule(task, local, PlayContext(), loader, Templar(loader=loader), None)
        return action.run(task_vars={})

    return run


def test_a_token_is_got_and_kept(act: t.Any, options: dict[str, t.Any], webex: Simulator, tmp_path: t.Any) -> None:
    first, second = act(options), act(options)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["access_token"] == second["access_token"]
    assert first["store"] == {"kind": "vault_file", "path": str(tmp_path / "token.yml")}
    assert asked(webex) == ["POST /access_token", "GET /people/me"]


def test_the_environment_of_the_task_comes_before_that_of_ansible(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = webex.credentials["service_app"]
    environment = {f"WEBEX_{name}".upper(): options.pop(name) for name in ("base_url", "client_id", *SECRETS)}
    monkeypatch.setenv("WEBEX_CLIENT_SECRET", "of-the-shell")
    monkeypatch.setenv("WEBEX_TOKEN_AGE", "3")
    before = dict(os.environ)
    result = act(options, environment={**environment, "WEBEX_TOKEN_AGE": 4})
    assert (result["changed"], result["client_id"]) == (True, app["client_id"])
    assert asked(webex) == ["POST /access_token", "GET /people/me"]
    assert dict(os.environ) == before


def test_a_failure_takes_the_environment_of_the_task_back_and_shows_no_secret(
    act: t.Any, options: dict[str, t.Any], webex: Simulator
) -> None:
    del options["client_secret"]
    before = dict(os.environ)
    result = act(options, environment={"WEBEX_CLIENT_SECRET": "Bearer hidden-word"})
    assert result["error"]["option"] == "client_secret"
    assert "hidden-word" not in str(result)
    assert act(options, environment={"WEBEX_X": "hidden\0word"})["msg"].startswith(
        "environment: 'WEBEX_X' cannot be set."
    )
    assert act(options)["error"]["message"] == "client_secret: is missing."
    assert dict(os.environ) == before
    assert asked(webex) == []


def test_the_result_is_censored_and_usable(act: t.Any, options: dict[str, t.Any]) -> None:
    result = act(options)
    assert result["_ansible_no_log"] is True
    assert result["refresh_token"] == options["refresh_token"]


def test_every_return_value_is_documented(act: t.Any, options: dict[str, t.Any]) -> None:
    documented = yaml.safe_load(documentation.RETURN)
    for state in ("present", "absent"):
        expected = {name for name, value in documented.items() if is_returned(value["returned"], state)}
        result = act({**options, "state": state})
        assert set(result) - {"changed", "warnings", "_ansible_no_log"} == expected


def is_returned(when: str, state: str) -> bool:
    """Whether a return value is documented for a task with this state."""
    return f"O(state={state})" in when or "O(state=" not in when


def test_the_options_are_those_that_are_documented() -> None:
    documented = documentation_of(documentation.DOCUMENTATION)["options"]
    assert_documented(documented, SPEC)
    assert_documented(documented["store"]["suboptions"], STORE_SPEC)
    assert_documented(documented["integration"]["suboptions"], INTEGRATION_SPEC)


def assert_documented(documented: dict[str, t.Any], spec: dict[str, t.Any]) -> None:
    """Every option with its type, its choices and its default."""
    assert documented.keys() == spec.keys()
    for name, option in spec.items():
        for about in ("type", "choices"):
            assert documented[name].get(about) == option.get(about), name
        if option["type"] != "dict":
            assert documented[name].get("default") == option.get("default"), name


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (SPEC, (*SECRETS, "access_token", "proxy", "recovery")),
        (INTEGRATION_SPEC, SECRETS),
        (STORE_SPEC, ("token", "secret_id", "jwt", "password")),
    ],
)
def test_secrets_are_marked(spec: dict[str, t.Any], names: tuple[str, ...]) -> None:
    assert {name for name, option in spec.items() if option.get("no_log")} == set(names)


def test_check_mode_tells_and_does_nothing(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, tmp_path: pathlib.Path
) -> None:
    result = act(options, check_mode=True)
    assert (result["changed"], result["refreshed"], result["access_token"]) == (True, True, None)
    assert asked(webex) == []
    assert list(tmp_path.iterdir()) == []


def test_options_may_come_from_the_environment(
    act: t.Any, options: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("client_id", *SECRETS, "base_url"):
        monkeypatch.setenv(f"WEBEX_{name.upper()}", options.pop(name))
    assert act(options)["refreshed"]


def test_options_may_be_text_as_templates_make_it(act: t.Any, options: dict[str, t.Any]) -> None:
    assert act({**options, "force": "no", "verify": "false", "min_validity": 3600})["verified"] is False


def test_an_access_token_of_module_defaults_is_not_used(
    act: t.Any, options: dict[str, t.Any], webex: Simulator
) -> None:
    dead = "dead-access-token"
    assert act({**options, "access_token": dead})["access_token"] != dead
    assert asked(webex) == ["POST /access_token", "GET /people/me"]


# An access token that is given

PROOF = ["GET /authorizations/tokenExpiry", "GET /people/me"]


@pytest.fixture
def token(webex: Simulator) -> str:
    """An access token that somebody has, valid for two days."""
    return webex.token(kind="service_app", lifetime=172_800)["access_token"]


@pytest.fixture
def nothing_else(webex: Simulator) -> dict[str, t.Any]:
    """What a task says that has no service app; its store cannot even be written, and no vault password is given."""
    store = {"kind": "vault_file", "path": "nowhere/token.yml"}
    return {"base_url": webex.base_url, "store": store, "accept_access_token": True}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("source", ["option", "variable", "file", "environment of the task"])
def test_a_given_token_is_handed_on_as_it_is(
    act: t.Any,
    nothing_else: dict[str, t.Any],
    token: str,
    webex: Simulator,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    check_mode: bool,
) -> None:
    environment = {"WEBEX_ACCESS_TOKEN": token, "WEBEX_CLIENT_SECRET": ""} if "task" in source else None
    if source == "option":
        nothing_else["access_token"] = token
    if source == "variable":
        monkeypatch.setenv("WEBEX_ACCESS_TOKEN", token)
    if source == "file":
        (tmp_path / "credentials.json").write_text(json.dumps({"access_token": token}), encoding="utf-8")
        monkeypatch.setenv("WEBEX_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    result = act(nothing_else, check_mode, password=None, environment=environment)
    assert result["access_token"] == token
    assert {name for name, value in result.items() if value is True} == {"given", "verified", "_ansible_no_log"}
    assert {name for name, value in result.items() if value is None} == {
        "refresh_token",
        "client_id",
        "scopes",
        "obtained_at",
        "refresh_token_expires_at",
    }
    assert (result["org_id"], result["store"]) == (webex.credentials["org_id"], {"kind": "none"})
    assert from_iso(result["expires_at"]) is not None
    assert asked(webex) == PROOF


def test_a_given_token_has_the_documented_values(act: t.Any, nothing_else: dict[str, t.Any], token: str) -> None:
    documented = yaml.safe_load(documentation.RETURN)
    expected = {name for name, value in documented.items() if is_returned(value["returned"], "present")}
    result = act({**nothing_else, "access_token": token})
    assert set(result) - {"changed", "_ansible_no_log"} == expected


def test_what_webex_does_not_tell_of_a_given_token_is_unknown(
    act: t.Any, nothing_else: dict[str, t.Any], token: str, webex: Simulator
) -> None:
    webex.fault(kind="status", path="/authorizations/tokenExpiry$", status=404)
    unknown = webex.token(kind="service_app", scopes=[])["access_token"]
    result = act({**nothing_else, "access_token": unknown})
    assert (result["access_token"], result["expires_at"], result["org_id"]) == (unknown, None, None)
    webex.clear_journal()
    result = act({**nothing_else, "access_token": token, "verify": False})
    assert (result["access_token"], result["expires_at"], result["verified"]) == (token, None, False)
    assert asked(webex) == []


@pytest.mark.parametrize(
    ("changes", "is_used"),
    [
        ({}, True),
        ({"accept_access_token": False}, False),
        ({"force": True}, False),
        ({"client_secret": "s" * 64}, False),
        ({"client_id": "C" + "0" * 64, "refresh_token": "r" * 64}, True),
    ],
)
def test_when_a_token_of_the_environment_is_used(
    act: t.Any,
    nothing_else: dict[str, t.Any],
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, t.Any],
    is_used: bool,
) -> None:
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", token)
    result = act({**nothing_else, **changes})
    assert (result.get("access_token") == token, result.get("failed", False)) == (is_used, not is_used)


def test_a_token_that_the_task_names_comes_before_the_service_app(
    act: t.Any, options: dict[str, t.Any], token: str, webex: Simulator
) -> None:
    act(options)
    webex.clear_journal()
    result = act({**options, "access_token": token, "accept_access_token": True})
    assert (result["access_token"], result["given"]) == (token, True)
    assert asked(webex) == PROOF


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_given_token_that_is_refused_is_named_as_what_it_is(
    act: t.Any,
    nothing_else: dict[str, t.Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
    check_mode: bool,
) -> None:
    texts = [act({**nothing_else, "access_token": "dead-token"}, check_mode)]
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN", "dead-token")
    texts.append(act(nothing_else, check_mode))
    (tmp_path / "credentials.json").write_text('{"access_token": "dead-token-of-a-file"}', encoding="utf-8")
    monkeypatch.setenv("WEBEX_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    texts.append(act(nothing_else, check_mode))
    for result, origin in zip(
        texts,
        (
            "the option `access_token`",
            "the environment variable WEBEX_ACCESS_TOKEN",
            "the file that WEBEX_CREDENTIALS_FILE names",
        ),
        strict=True,
    ):
        assert result["msg"].startswith(f"The access token that {origin} gives is refused: GET ")
        assert result["error"]["status"] == 401
        assert result["error"]["tracking_id"]
        assert result["error"]["remedy"].startswith("give a valid one, or leave it out")
        assert "dead-token" not in str(result)


def test_in_a_job_the_credential_with_a_token_that_is_refused_is_to_be_refreshed(
    act: t.Any, nothing_else: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "token.json").write_text('{"access_token": "dead-token"}', encoding="utf-8")
    monkeypatch.setenv("WEBEX_ACCESS_TOKEN_FILE", str(tmp_path / "token.json"))
    monkeypatch.setenv("JOB_ID", "42")
    assert act(nothing_else)["error"]["remedy"].startswith("launch the job that refreshes the token")


def test_a_given_token_of_another_organization_is_refused(
    act: t.Any, nothing_else: dict[str, t.Any], token: str
) -> None:
    result = act({**nothing_else, "access_token": token, "org_id": "8e7c1a9e-0000-4000-8000-000000000000"})
    assert result["error"]["option"] == "org_id"
    assert "belongs to the organization" in result["msg"]


def test_a_given_token_that_ends_too_soon_is_a_warning(act: t.Any, nothing_else: dict[str, t.Any], token: str) -> None:
    result = act({**nothing_else, "access_token": token, "min_validity": "3d"})
    (warning,) = result["warnings"]
    assert f"is valid until {result['expires_at']}, which is sooner than min_validity asks for" in warning


def test_a_proof_that_does_not_come_is_a_warning(act: t.Any, options: dict[str, t.Any], webex: Simulator) -> None:
    webex.fault(kind="html", status=200, path="/people/me", times=None)
    result = act(options)
    assert (result["verified"], len(result["warnings"])) == (False, 1)
    assert result["access_token"] not in result["warnings"][0]


# Giving it back


def test_a_token_is_given_back(act: t.Any, options: dict[str, t.Any], webex: Simulator, tmp_path: pathlib.Path) -> None:
    act(options)
    webex.clear_journal()
    foreseen = act({**options, "state": "absent"}, check_mode=True)
    assert (foreseen["changed"], foreseen["revoked"], asked(webex)) == (True, False, [])
    assert (tmp_path / "token.yml").exists()
    first, second = (act({**options, "state": "absent"}) for _time in range(2))
    # The service app itself has no scope to revoke.
    assert (first["changed"], first["revoked"], len(first["warnings"])) == (True, False, 1)
    assert (second["changed"], second["revoked"], "warnings" in second) == (False, False, False)
    assert asked(webex) == ["DELETE /authorizations"]
    assert not (tmp_path / "token.yml").exists()


def test_the_result_of_giving_back_can_be_seen_and_holds_no_secret(act: t.Any, options: dict[str, t.Any]) -> None:
    got = act(options)
    result = act({**options, "state": "absent"})
    assert "_ansible_no_log" not in result
    secrets = [got["access_token"], *(options[name] for name in SECRETS)]
    assert not any(secret in json.dumps(result) for secret in secrets)


@pytest.mark.parametrize("check_mode", [False, True])
def test_without_a_store_nothing_can_be_given_back(act: t.Any, options: dict[str, t.Any], check_mode: bool) -> None:
    result = act({**options, "store": {"kind": "none"}, "state": "absent"}, check_mode=check_mode)
    assert (result["failed"], result["error"]["option"]) == (True, "store")
    assert "nothing to give back" in result["msg"]


def test_a_folder_that_others_may_write_into_is_a_warning(
    act: t.Any, options: dict[str, t.Any], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    result = act({**options, "store": {"kind": "vault_file", "path": "open/token.yml"}})
    assert not result.get("failed")
    (warning,) = result["warnings"]
    assert f"chmod go-w {tmp_path}/open" in warning


# An integration, and the other store


@pytest.fixture
def integration(webex: Simulator) -> dict[str, str]:
    """The option that names the simulator's integration."""
    return {name: webex.credentials["integration"][name] for name in ("client_id", *SECRETS)}


def test_an_integration_mints(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, integration: dict[str, str]
) -> None:
    org_id = webex.credentials["org_id"]
    minting = {**options, "refresh_token": None, "integration": integration, "org_id": org_id}
    result = act(minting)
    assert (result["changed"], result["minted"], result["org_id"]) == (True, True, org_id)
    assert result["_ansible_no_log"] is True
    assert not act(minting)["changed"]
    assert act({**minting, "state": "absent"})["revoked"]


def test_an_integration_may_come_from_the_environment(
    act: t.Any,
    options: dict[str, t.Any],
    webex: Simulator,
    integration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in integration.items():
        monkeypatch.setenv(f"WEBEX_INTEGRATION_{name.upper()}", value)
    del options["refresh_token"]
    assert act({**options, "org_id": webex.credentials["org_id"]})["minted"]


def test_a_secret_of_vault_keeps_the_token(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, vault: VaultServer
) -> None:
    store = {
        "kind": "hashi_vault",
        "path": "webex/tokens",
        "url": vault.url,
        "auth_method": "approle",
        **vault.credentials["approle"],
    }
    first, second = (act({**options, "store": store}, password=None) for _time in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["store"] == {"kind": "hashi_vault", "url": vault.url, "path": "secret/webex/tokens"}
    assert asked(webex) == ["POST /access_token", "GET /people/me"]


def test_a_failure_of_vault_holds_no_secret(act: t.Any, options: dict[str, t.Any], vault: VaultServer) -> None:
    store = {"kind": "hashi_vault", "path": "x", "url": vault.url, "token": "hidden-secret"}
    result = act({**options, "store": store})
    assert result["failed"]
    assert "permission denied" in result["msg"]
    assert "hidden-secret" not in json.dumps(result)


# Failures


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"min_validity": "soon"}, "min_validity"),
        ({"min_validity": "14d"}, "min_validity"),
        ({"timeout": 0}, "timeout"),
        ({"base_url": "http://webexapis.com/v1"}, "base_url"),
        ({"store": {"kind": "vault_file"}}, "store.path"),
        ({"store": {"kind": "cupboard"}}, "options"),
        ({"store": {"kind": "hashi_vault", "path": "x"}}, "store.url"),
        ({"store": {"kind": "vault_file", "path": "x", "token": "y"}}, "store.token"),
        ({"state": "gone"}, "options"),
        ({"integration": {"client_id": "C", "secret": "x"}}, "options"),
        ({"store": None, "client_secret": None}, "client_secret"),
        ({"force": "perhaps"}, "options"),
        ({"clientid": "x"}, "options"),
        ({"client_secret": "Bearer hidden"}, "client_secret"),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, changes: dict[str, t.Any], option: str
) -> None:
    result = act({**options, **changes})
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["option"] == option
    assert asked(webex) == []


def test_no_vault_password_is_a_failure_before_any_request(
    act: t.Any, options: dict[str, t.Any], webex: Simulator
) -> None:
    assert "this run has no vault password" in act(options, password=None)["msg"]
    assert asked(webex) == []


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ({"kind": "reset"}, {}),
        ({"kind": "status", "status": 500}, {}),
        (None, {"client_secret": "hidden-secret"}),
        (None, {"refresh_token": "hidden-secret"}),
        (None, {"base_url": "http://webexapis.com/v1"}),
        (None, {"unknown": "hidden-secret"}),
        (None, {"client_secret": "hidden secret"}),
        (None, {"force": "perhaps"}),
    ],
)
def test_a_failure_can_be_read_and_holds_no_secret(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, fault: dict[str, t.Any] | None, changes: dict[str, str]
) -> None:
    if fault:
        webex.fault(**fault)
    result = act({**options, **changes})
    assert result["failed"]
    assert "_ansible_no_log" not in result
    shown = json.dumps(result)
    assert not any(secret in shown for secret in (*[options[name] for name in SECRETS], "hidden"))


def test_a_refusal_is_a_failure_with_its_details(act: t.Any, options: dict[str, t.Any]) -> None:
    result = act({**options, "refresh_token": "dead"})
    assert (result["error"]["cause"], result["error"]["status"]) == ("dead_refresh_token", 400)
    assert result["error"]["tracking_id"] in result["msg"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"integration": 5}, "integration: is not a mapping"),
        ({"integration": "a-hidden-value"}, "integration: is not a mapping"),
        ({"integration": ["a-hidden-value"]}, "integration: is not a mapping"),
        ({"integration": {"client_secret": ["a-hidden-value"]}}, "integration.client_secret: is not text"),
        ({"client_secret": ["a-hidden-value"]}, "client_secret: is not text"),
        ({"client_secret": {"a": "a-hidden-value"}}, "client_secret: is not text"),
        ({"refresh_token": 4711}, "refresh_token: is not text"),
        ({"client_id": ["a-hidden-value"]}, "client_id: is not text"),
        ({"proxy": ["a-hidden-value"]}, "proxy: is not text"),
        ({"store": {"kind": "hashi_vault", "token": ["a-hidden-value"]}}, "store.token: is not text"),
        ({"client_id": "{{ a-hidden-value"}, "client_id: has blanks"),
        ({"client_id": "{{a-hidden-value"}, "client_id: has the beginning of a template"),
        ({"integration": "client_secret='a hidden-value' client_id=C"}, "client_secret: has blanks"),
    ],
)
def test_a_value_of_a_wrong_type_is_named_and_not_quoted(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, changes: dict[str, t.Any], words: str
) -> None:
    result = act({**options, **changes})
    assert result["failed"]
    assert words in result["msg"]
    assert "hidden-value" not in str(result)
    assert "4711" not in str(result)
    assert asked(webex) == []


def test_an_integration_may_have_a_store_of_its_own(
    act: t.Any, options: dict[str, t.Any], webex: Simulator, tmp_path: pathlib.Path
) -> None:
    given = webex.credentials["integration"]
    del options["refresh_token"]
    options["integration"] = {name: given[name] for name in ("client_id", *SECRETS)}
    options |= {"org_id": webex.credentials["org_id"], "store": {"kind": "vault_file", "path": "{org_id}.yml"}}
    options["integration_store"] = {"kind": "vault_file", "path": "integration.yml"}
    assert act(options)["minted"]
    uuid = bare_id(webex.credentials["org_id"])
    assert sorted(path.name for path in tmp_path.glob("*.yml")) == sorted([f"{uuid}.yml", "integration.yml"])
    assert act({**options, "integration_store": {"kind": "none"}})["error"]["option"] == "integration_store.kind"
