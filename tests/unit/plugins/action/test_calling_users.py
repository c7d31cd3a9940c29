# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action with its module, which it executes as a task does: by the local connection."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import sys
import tempfile
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.collabops.webex.plugins.action.calling_users import ActionModule
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils import _list_source
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import run_action

LIST = "email,location,extension\nalice@example.com,Berlin,2002\nnobody@example.com,Berlin,2003\n"
ALICE = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}
Act = t.Callable[..., "dict[str, t.Any]"]


@pytest.fixture
def act(webex: Simulator, settings: Settings, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Act:
    """Runs the action with a token, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    loader.set_vault_secrets([("default", VaultSecret(b"pw"))])
    connection = {"base_url": webex.base_url, "access_token": settings.access_token}
    python = {"ansible_python_interpreter": sys.executable, "inventory_hostname": "localhost"}

    def run(
        check_mode: bool = False, variables: t.Mapping[str, t.Any] | None = None, **options: t.Any
    ) -> dict[str, t.Any]:
        return run_action(
            "calling_users",
            ActionModule,
            {**connection, **options},
            loader,
            check_mode,
            {**python, **(variables or {})},
        )

    return run


def test_the_users_of_a_file_are_enabled_and_the_reports_written(
    act: Act, webex: Simulator, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "users.csv").write_text(LIST)
    result = act(src="users.csv", report_dir="out", on_error="skip")
    assert (result["failed"], result["changed"]) == (True, True)
    assert webex.person("alice")["extension"] == "2002"
    assert result["counts"] == {"ok": 0, "enabled": 1, "changed": 0, "skipped": 0, "failed": 1}
    assert [user["user"] for user in result["users"]] == ["nobody@example.com"]
    assert set(result["users"][0]) == {"user", "outcome", "reason", "remedy"}
    assert result["summary"]["failed"] == ["nobody@example.com"]
    assert result["reports"]["json"] == str(tmp_path / "out" / "calling_users.json")
    report = json.loads((tmp_path / "out" / "calling_users.json").read_text(encoding="utf-8"))
    assert [user["user"] for user in report["users"]] == ["nobody@example.com", "alice@example.com"]


def test_a_second_time_nothing_is_written_and_all_are_returned(act: Act, webex: Simulator) -> None:
    act(users=[ALICE])
    webex.clear_journal()
    result = act(users=[ALICE])
    assert not result["changed"]
    assert [user["outcome"] for user in result["users"]] == ["ok"]
    assert result["users"][0]["extension"] == "2002"
    assert webex.writes() == []


def test_check_mode_writes_nothing_anywhere(act: Act, webex: Simulator, tmp_path: pathlib.Path) -> None:
    result = act(check_mode=True, users=[ALICE], report_dir="out")
    assert result["counts"]["enabled"] == 1
    assert "reports" not in result
    assert webex.writes() == []
    assert list(tmp_path.iterdir()) == []


def test_if_nobody_could_be_planned_the_reports_say_so_of_everybody(act: Act, tmp_path: pathlib.Path) -> None:
    result = act(users=[ALICE], access_token="dead", report_dir="out")
    assert result["summary"]["counts"]["failed"] == 1
    report = json.loads((tmp_path / "out" / "calling_users.json").read_text(encoding="utf-8"))
    assert "answered with 401" in report["users"][0]["reason"]
    assert "service_app_token" in report["users"][0]["remedy"]


def test_reports_that_cannot_be_written_do_not_hide_who_is_done(
    act: Act, webex: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "out").mkdir()
    real = os.replace
    monkeypatch.setattr(os, "replace", no_space)
    result = act(users=[ALICE], report_dir="out")
    monkeypatch.setattr(os, "replace", real)
    assert (result["failed"], result["changed"], result["counts"]["enabled"]) == (True, True, 1)
    assert result["msg"].startswith("1 user: 1 enabled. The reports are missing: report_dir: ")
    assert webex.person("alice")["extension"] == "2002"


def test_how_the_list_was_read_is_returned_and_reported(act: Act, tmp_path: pathlib.Path) -> None:
    text = 'Mail;Site;Ext.;Cost center\nalice@example.com;Berlin;="2002";7\n'
    result = act(text=text, report_dir="out")
    assert result["users"][0]["extension"] == "2002"
    assert any("Cost center" in note for note in result["list_notes"])
    report = json.loads((tmp_path / "out" / "calling_users.json").read_text(encoding="utf-8"))
    assert report["notes"] == result["list_notes"]
    assert "2002" in report["users"][0]["notes"][0]


def test_a_file_that_ansible_vault_has_encrypted_is_read(act: Act, tmp_path: pathlib.Path) -> None:
    secrets = [("default", VaultSecret(b"pw"))]
    (tmp_path / "users.csv").write_bytes(VaultLib(secrets).encrypt(LIST, secrets[0][1]))
    assert [user["email"] for user in act(src="users.csv", list_only=True)["list"]] == [
        "alice@example.com",
        "nobody@example.com",
    ]
    (tmp_path / "others.csv").write_bytes(VaultLib(secrets).encrypt(LIST, VaultSecret(b"another")))
    assert "others.csv cannot be decrypted" in act(src="others.csv", list_only=True)["msg"]


def test_a_list_can_be_checked_without_a_token_and_is_returned(act: Act, webex: Simulator) -> None:
    result = act(users=[ALICE], access_token="", list_only=True)
    assert (result["changed"], result["list"]) == (False, [{**ALICE, "state": "present"}])
    assert webex.journal() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "There is no list of users. What to do: give one of src, text and users"),
        ({"src": "", "text": None, "users": []}, "There is no list of users."),
        ({"text": " \n"}, "There is no list of users."),
        ({"text": "email,location,extension\n"}, "but no users"),
        ({"src": "users.csv", "users": [ALICE]}, "src: is given, and so is users."),
        ({"src": "missing.csv"}, "There is no file {here}/missing.csv, nor a file of that name beside the playbook"),
        ({"src": "/nowhere/users.csv"}, "There is no file /nowhere/users.csv. What to do: correct the path."),
        ({"src": "."}, "cannot be read: Is a directory."),
        ({"users": [{**ALICE, "extension": "x"}]}, "user 1: extension: 'x' is not an extension."),
        ({"users": [ALICE], "concurency": 3}, "concurency"),
        ({"users": [ALICE], "concurrency": "many"}, "concurrency"),
        ({"users": [ALICE], "concurrency": 0}, "concurrency: 0 is not from 1 to 100."),
        ({"users": [ALICE], "report_dir": "/proc/reports"}, "report_dir: "),
        ({"users": [ALICE], "default_country": "Germany"}, "default_country: "),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    options: dict[str, t.Any], words: str, act: Act, webex: Simulator, tmp_path: pathlib.Path
) -> None:
    result = act(**options)
    assert result["failed"]
    assert words.format(here=tmp_path) in result["msg"]
    assert webex.journal() == []


def test_a_variable_that_nothing_reads_is_named(act: Act) -> None:
    assert "Nothing reads the variable user_csv, users_file." in act(variables={"user_csv": "", "users_file": 1})["msg"]


@pytest.mark.parametrize("options", [{}, {"text": "email,location,extension\n"}, {"users": []}])
def test_nothing_to_do_can_be_a_success(options: dict[str, t.Any], act: Act, webex: Simulator) -> None:
    result = act(allow_empty=True, **options)
    assert not result.get("failed")
    assert (result["changed"], result["list"]) == (False, [])
    assert webex.journal() == []


def test_of_many_who_failed_a_hundred_are_returned(act: Act) -> None:
    users = [
        {**ALICE, "email": f"nobody{number}@example.com", "extension": str(3000 + number)} for number in range(150)
    ]
    result = act(users=users)
    assert (result["counts"]["failed"], len(result["users"])) == (150, 100)
    assert result["summary"]["failed_more"] == 50
    assert len(json.dumps(result["users"])) < 50_000


def test_the_variables_of_the_role_are_those_that_it_documents() -> None:
    import yaml

    role = pathlib.Path(_list_source.__file__).parents[2] / "roles" / "calling_users"
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    documented = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    tasks = (role / "tasks" / "main.yml").read_text(encoding="utf-8")
    made = {f"calling_users_{name}" for name in ("answers", "only_shows", "result")}
    assert set(_list_source.ROLE_VARIABLES) == {*defaults, *made}
    assert set(documented["argument_specs"]["main"]["options"]) == {*defaults} - {"calling_users_list"}
    for variable, option in _list_source.ROLE_VARIABLES.items():
        assert not option or f'{option}: "{{{{ {variable}' in tasks


def test_nothing_of_a_run_is_left_in_the_temporary_folder(
    act: Act, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    act(users=[ALICE])
    assert not list((tmp_path / "temporary").iterdir())


def allow_settings(webex: Simulator) -> None:
    """Let the service app write settings of telephony, and give Berlin a number that can be called back."""
    app = webex.credentials["service_app"]["client_id"]
    scopes = [*webex.service_app(app)["scopes"], "spark-admin:telephony_config_write"]
    webex.service_app(app, scopes=scopes, regrant=True)
    webex.add_numbers("Berlin", "+493055502000", main=True)


def test_profiles_of_a_file_are_chosen_by_a_column_and_no_output_shows_a_passcode(
    act: Act, webex: Simulator, tmp_path: pathlib.Path
) -> None:
    allow_settings(webex)
    secret = VaultLib([("default", VaultSecret(b"pw"))]).encrypt("72948170", secret=VaultSecret(b"pw")).decode()
    indented = "".join(f"      {line}\n" for line in secret.splitlines())
    (tmp_path / "profiles.yml").write_text(
        "office:\n  voicemail: {email_copy: true}\n  voicemail_passcode_update: always\n"
        f"  voicemail_passcode: !vault |\n{indented}contractor:\n  voicemail: {{enabled: false}}\n"
    )
    (tmp_path / "users.csv").write_text(
        "email,location,extension,profile\nalice@example.com,Berlin,2002,office\nbob@example.com,Berlin,2003,contractor\n"
    )
    options = {"src": "users.csv", "profiles": "profiles.yml", "defaults": {"emergency_callback": "location"}}
    results = [act(**options, list_only=True), act(**options, check_mode=True), act(**options, report_dir="out")]
    assert results[2]["counts"]["enabled"] == 2
    assert results[2]["single_reads"] == ["emergency_callback", "voicemail"]
    alice, bob = webex.person("alice"), webex.person("bob")
    assert alice["passcodes"] == 1
    assert alice["settings"]["voicemail"]["emailCopyOfMessage"]["enabled"] is True
    assert bob["settings"]["voicemail"]["enabled"] is False
    assert {
        name: person["settings"]["emergencyCallbackNumber"]["selected"] for name, person in (("a", alice), ("b", bob))
    } == {
        "a": "LOCATION_ECBN",
        "b": "LOCATION_ECBN",
    }
    shown = json.dumps(results) + "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "72948170" not in shown
    assert "email copy yes" in (tmp_path / "out" / "calling_users.html").read_text()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "profiles: There is no file"),
        ("- office\n", "profiles: {here}/profiles.yml is not a mapping"),
        ("office: {a: b\n", "profiles: {here}/profiles.yml is not YAML"),
    ],
)
def test_profiles_that_cannot_be_read_are_an_error(
    act: Act, webex: Simulator, tmp_path: pathlib.Path, content: str | None, says: str
) -> None:
    if content:
        (tmp_path / "profiles.yml").write_text(content)
    result = act(users=[ALICE], profiles="profiles.yml")
    assert says.format(here=tmp_path) in result["msg"]
    assert webex.journal() == []
