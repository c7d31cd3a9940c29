# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t
from datetime import timedelta

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.action import token_health
from ansible_collections.collabops.webex.plugins.action.token_health import APP_SPEC, ARGUMENT_SPEC, ActionModule
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now
from ansible_collections.collabops.webex.plugins.modules import token_health as documentation
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, documentation_of, run_action

ORG = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x"


@pytest.fixture
def loader(tmp_path: pathlib.Path) -> DataLoader:
    """The loader of a run with a vault password."""
    made = DataLoader()
    made.set_basedir(str(tmp_path))
    made.set_vault_secrets([("default", VaultSecret(b"pw"))])
    return made


@pytest.fixture
def act(loader: DataLoader, webex: Simulator) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the action in a playbook's folder, with some apps and other options."""

    def run(*apps: dict[str, t.Any], check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given = {"base_url": webex.base_url, "apps": list(apps), **options}
        return run_action("token_health", ActionModule, given, loader, check_mode)

    return run


@pytest.fixture
def stored(loader: DataLoader, webex: Simulator) -> dict[str, t.Any]:
    """An app with a living token in its store."""
    app, now = webex.credentials["service_app"], utc_now()
    tokens = TokenSet(
        access_token=app["access_token"],
        refresh_token=app["refresh_token"],
        client_id=app["client_id"],
        obtained_at=now,
        expires_at=now + timedelta(days=14),
        refresh_token_expires_at=now + timedelta(days=90),
        scopes=("spark-admin:people_read",),
        org_id=ORG,
    )
    store = {"kind": "vault_file", "path": "token.yml"}
    open_store({**dict.fromkeys(("vault_id", "encrypt")), **store}, loader).save(StoredTokens(tokens))
    return {"name": "one", "store": store}


def test_no_app_at_all_is_a_failure(act: t.Any) -> None:
    result = act()
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["option"] == "apps"


def test_a_store_that_others_may_read_is_looked_at_with_a_warning(
    act: t.Any, stored: dict[str, t.Any], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token.yml").chmod(0o644)
    assert act(stored)["report"]["status"] == "broken"
    stored["store"] = {**stored["store"], "allow_shared_file": True}
    assert act(stored)["report"]["status"] == "healthy"
    assert "as store.allow_shared_file allows" in " ".join(capsys.readouterr().err.split())


def test_a_living_token_is_healthy(act: t.Any, stored: dict[str, t.Any], webex: Simulator, tmp_path: t.Any) -> None:
    result = act({**stored, "modules": ["person_info"]}, refresh_every="1d")
    assert (result["report"]["status"], result["changed"]) == ("healthy", False)
    assert result["report"]["apps"][0]["store"] == {"kind": "vault_file", "path": str(tmp_path / "token.yml")}
    assert result["table"][-1] == "Overall: healthy (0 broken, 0 warning, 1 healthy)."
    assert asked(webex) == ["GET /authorizations/tokenExpiry"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"store": {"kind": "vault_file", "path": "new.yml"}}, "There are no tokens in the vault file"),
        ({"store": {"kind": "vault_file"}}, "store.path: is missing"),
        ({"store": {"kind": "none"}}, "store.kind: is none"),
        ({"profile": "everything"}, "profile: 'everything' is unknown"),
        ({"scopes": ["a b"]}, "scopes: 'a b' is not one scope"),
        ({"next_refresh": "tomorrow"}, "next_refresh: 'tomorrow' is no point in time"),
        ({"next_refresh": "2026-12-01T03:00:00"}, "next_refresh: '2026-12-01T03:00:00' is no point in time"),
        ({"refresh_every": "often"}, "refresh_every: 'often' is not a duration"),
        ({"client_id": "another"}, "the tokens of another service app"),
        ({"org_id": "1eb65fdf-9643-417f-9974-ad72cae0e10f"}, "the tokens of another organization"),
        ({"org_id": "acme"}, "org_id: 'acme' is neither a UUID nor the id of an organization"),
        ({"base_url": "http://webexapis.com/v1"}, "without encryption"),
    ],
)
def test_a_broken_app_does_not_stop_the_others(
    act: t.Any, stored: dict[str, t.Any], changes: dict[str, t.Any], message: str
) -> None:
    found = act({**stored, "name": "bad", **changes}, stored)["report"]
    assert (found["broken"], found["healthy"]) == (["bad"], ["one"])
    assert message in found["apps"][0]["findings"][0]["message"]


def test_no_app_is_taken_for_that_of_the_environment(
    act: t.Any, stored: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBEX_CLIENT_ID", "another")
    monkeypatch.setenv("WEBEX_ORG_ID", "another")
    assert act(stored)["report"]["status"] == "healthy"


def test_options_of_all_apps(act: t.Any, stored: dict[str, t.Any]) -> None:
    assert act(stored, refresh_margin="91d")["report"]["status"] == "warning"
    assert act(stored, access_margin="15d")["report"]["status"] == "warning"
    assert act(stored, access_margin="15d", refresh_every="1d")["report"]["status"] == "healthy"
    assert act({**stored, "profile": "mine"}, profiles={"mine": ["spark:x"]})["report"]["status"] == "broken"
    assert act(stored, access_token="of-no-use")["report"]["status"] == "healthy"


@pytest.mark.parametrize(
    ("app", "options"),
    [
        ({}, {"refresh_every": "often"}),
        ({}, {"refresh_margin": "often"}),
        ({}, {"colour": "red"}),
        ({"name": None}, {}),
        ({"store": None}, {}),
        ({"colour": "red"}, {}),
    ],
)
def test_a_wrong_option_is_a_failure_before_any_request(
    act: t.Any, stored: dict[str, t.Any], webex: Simulator, app: dict[str, t.Any], options: dict[str, t.Any]
) -> None:
    given = {name: value for name, value in {**stored, **app}.items() if value is not None}
    result = act(given, **options)
    assert (result["failed"], result["changed"]) == (True, False)
    assert asked(webex) == []


def test_the_report_is_written_and_only_what_it_says_is_a_change(
    act: t.Any, stored: dict[str, t.Any], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    # Relative to where Ansible was started, not to the playbook's folder.
    files = {"html": "page.html", "json": str(tmp_path / "report.json")}
    page, data = tmp_path / "out" / "page.html", tmp_path / "report.json"

    first = act(stored, **files)
    assert (first["changed"], first["files"]) == (True, {"html": str(page), "json": str(data)})
    assert json.loads(data.read_text(encoding="utf-8")) == first["report"]
    assert 'data-app="one" data-status="healthy"' in page.read_text(encoding="utf-8")
    assert {path.stat().st_mode & 0o777 for path in (page, data)} == {0o644}

    monkeypatch.setattr(token_health, "utc_now", lambda: utc_now() + timedelta(hours=5))
    later = act(stored, **files)
    assert later["changed"] is False
    # All the same, a file tells when the last look was.
    assert json.loads(data.read_text(encoding="utf-8")) == later["report"] != first["report"]

    assert act(stored, **files, refresh_margin="91d")["changed"] is True
    assert act(stored, **files, refresh_margin="91d")["changed"] is False
    page.unlink()
    assert act(stored, **files, refresh_margin="91d")["changed"] is True
    data.write_text("[]", encoding="utf-8")
    assert act(stored, **files, refresh_margin="91d")["changed"] is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "report.json", "token.yml"]


def test_in_check_mode_it_says_whether_the_files_would_change(
    act: t.Any, stored: dict[str, t.Any], tmp_path: pathlib.Path
) -> None:
    files = {"html": str(tmp_path / "page.html"), "json": str(tmp_path / "report.json")}
    assert act(stored, **files, check_mode=True)["changed"] is True
    assert [path.name for path in tmp_path.iterdir()] == ["token.yml"]
    assert act(stored, **files)["changed"] is True
    assert act(stored, **files, check_mode=True)["changed"] is False


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"html": "{folder}/missing/page.html"},
            "html: nothing can be written to {folder}/missing: there is no such folder.",
        ),
        ({"json": "{folder}/file/report.json"}, "json: nothing can be written to {folder}/file: a file stands where"),
        ({"html": "{folder}"}, "html: {folder} is a folder."),
        ({"html": "{folder}/one", "json": "{folder}/./one"}, "json: is the same file as html."),
    ],
)
def test_a_file_that_cannot_be_written_is_said_before_webex_is_asked(
    act: t.Any,
    stored: dict[str, t.Any],
    webex: Simulator,
    tmp_path: pathlib.Path,
    options: dict[str, str],
    message: str,
    check_mode: bool,
) -> None:
    (tmp_path / "file").touch()
    given = {name: path.format(folder=tmp_path) for name, path in options.items()}
    result = act(stored, **given, check_mode=check_mode)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["msg"].startswith(message.format(folder=tmp_path))
    assert asked(webex) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "token.yml"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_paths_there_are_no_files(act: t.Any, stored: dict[str, t.Any], nothing: t.Any) -> None:
    result = act(stored, html=nothing, json=nothing)
    assert (result["changed"], result["files"]) == (False, {})


def test_the_result_is_documented_and_holds_no_secret(act: t.Any, stored: dict[str, t.Any], webex: Simulator) -> None:
    result = act(stored, {**stored, "store": {"kind": "vault_file", "path": "new.yml"}})
    documented = yaml.safe_load(documentation.RETURN)
    assert set(result) == {*documented, "changed"}
    assert set(result["report"]) == set(documented["report"]["contains"])
    for app in result["report"]["apps"]:
        assert set(app) == set(documented["report"]["contains"]["apps"]["contains"])
    secrets = [value for name, value in webex.credentials["service_app"].items() if name.endswith(("token", "secret"))]
    assert len(secrets) == 3
    assert not any(secret in json.dumps(result) for secret in secrets)


def test_the_options_are_those_that_are_documented() -> None:
    documented = documentation_of(documentation.DOCUMENTATION)["options"]
    for given, described in ((ARGUMENT_SPEC, documented), (APP_SPEC, documented["apps"]["suboptions"])):
        assert described.keys() == given.keys()
        for name, spec in given.items():
            for field in ("type", "elements", "required", "default"):
                assert described[name].get(field) == spec.get(field), name


def test_the_address_of_a_store_may_have_the_organization_in_it(
    act: t.Any, stored: dict[str, t.Any], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "token.yml").rename(tmp_path / "1.yml")
    stored["store"] = {"kind": "vault_file", "path": "{org_id}.yml"}
    assert act({**stored, "org_id": ORG})["report"]["status"] == "healthy"
    (app,) = act(stored)["report"]["apps"]
    assert "store.path: has {org_id} in it, which has no value here" in app["findings"][0]["message"]


def test_many_apps_are_looked_at_side_by_side(act: t.Any, stored: dict[str, t.Any], webex: Simulator) -> None:
    report = act(*({**stored, "name": f"app{number}"} for number in range(30)), concurrency=4)["report"]
    assert len(report["healthy"]) == 30
    assert asked(webex) == ["GET /authorizations/tokenExpiry"] * 30
    assert act(stored, concurrency=0)["msg"].startswith("concurrency: 0 is not from 1 to 100")
