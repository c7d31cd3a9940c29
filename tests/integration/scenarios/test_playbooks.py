# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection by their FQCN, beyond what test_guides runs: check mode, inventories, lists with mistakes."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import pytest

from tests.integration.scenarios.conftest import COLLECTION, INSTALLED, Workplace, assert_quiet, person
from tests.simulator.process import Simulator

USERS = "email;location;extension;phone_number\nalice@example.com;Berlin;2002;\nbob@example.com;;;+49 30 55502003\n"
ENABLE = ("collabops.webex.enable_calling_users", "-e", "calling_users_src=users.csv")
ALL = tuple(f"collabops.webex.{name}" for name in ("refresh_token", "validate_scopes", "token_health"))
NO_CREDENTIALS = {f"WEBEX_{name}": "" for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}


WITH_BECOME = """\
- hosts: localhost
  become: true
  gather_facts: false
  vars:
    service_app_token_store:
      kind: vault_file
      path: tokens/of-the-play.yml
  roles:
    - collabops.webex.service_app_token
  tasks:
    - name: What runs on the controller does not become anybody
      ansible.builtin.debug:
        msg: "{{ lookup('collabops.webex.service_app_token', store=service_app_token_store) | length }} characters"
    - name: What runs on the host does, if it can
      collabops.webex.license_info:
        access_token: "{{ webex_access_token }}"
      vars:
        ansible_become_method: su
        ansible_become_exe: su
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
      when: lookup('ansible.builtin.pipe', 'id -u') == '0'
"""


def test_every_playbook_is_found_by_its_name(user: Workplace) -> None:
    names = {path.stem for path in (INSTALLED / "playbooks").glob("*.yml")}
    # It uses awx.awx; the tests of AWX run it.
    names.remove("configure_awx")
    assert len(names) > 9
    run = user.play(*(f"collabops.webex.{name}" for name in sorted(names)), "--syntax-check")
    assert run.status == 0
    assert_quiet(run.output)


def test_what_the_inventory_says_wins_and_no_inventory_changes_where_they_run(
    user: Workplace, webex: Simulator
) -> None:
    user.write("become.yml", WITH_BECOME)
    (user.folder / "tokens").mkdir()
    group_vars = user.folder / "inventory" / "group_vars"
    group_vars.mkdir(parents=True)
    # Not this machine, and nothing that can be become.
    user.write("inventory/hosts", "localhost ansible_connection=ssh ansible_host=192.0.2.1 ansible_become=true\n")
    user.write(
        "inventory/group_vars/all.yml",
        "service_app_token_store: {kind: vault_file, path: tokens/of-the-inventory.yml}\n"
        "service_app_token_profile: calling_read_only\n",
    )
    become = {"ANSIBLE_BECOME": "true", "ANSIBLE_BECOME_EXE": "/nowhere/sudo"}
    run = user.play(*ALL, "-i", "inventory", **become)
    assert run.status == 0
    tokens = user.folder / "tokens" / "of-the-inventory.yml"
    assert f"They are in {tokens}." in run.output
    assert (tokens.stat().st_mode & 0o777, tokens.stat().st_uid) == (0o600, os.getuid())
    assert not user.vault_file.exists()
    # The playbook about health looks at the store of the others.
    assert "Overall: healthy (0 broken, 0 warning, 1 healthy)." in run.output
    assert re.search(
        r"Webex service app  healthy  in (13 d 23 h|14 d) +in (89 d 23 h|90 d) +not scheduled  4 granted", run.output
    )
    assert [request["path"] for request in webex.writes()] == ["/v1/access_token"]
    assert '"granted spark-admin:people_write' not in run.output
    assert_quiet(run.output)
    run = user.play("become.yml", **become)
    assert run.status == 0
    assert " characters" in run.output
    assert (user.folder / "tokens" / "of-the-play.yml").stat().st_uid == os.getuid()
    assert_quiet(run.output)


@pytest.mark.any_core
def test_an_access_token_alone_is_enough(user: Workplace, webex: Simulator) -> None:
    del user.environment["ANSIBLE_VAULT_PASSWORD_FILE"]
    token = webex.credentials["service_app"]["access_token"]
    run = user.play(ALL[1], **NO_CREDENTIALS, WEBEX_ACCESS_TOKEN=token)
    assert run.status == 0
    assert "granted spark-admin:licenses_read (GET /licenses answered 2xx)" in run.output
    assert "/v1/access_token" not in [request["path"] for request in webex.journal()]
    assert sorted(path.name for path in user.folder.iterdir()) == ["password"]
    webex.clear_journal()
    run = user.play(
        ALL[1], "-e", "service_app_token_access_token=dead-token", **NO_CREDENTIALS, WEBEX_ACCESS_TOKEN=token
    )
    assert run.status != 0
    assert "The access token that the option `access_token` gives is refused" in run.output
    run = user.play(ALL[0], **NO_CREDENTIALS, WEBEX_ACCESS_TOKEN=token)
    assert run.status != 0
    assert "client_id: is missing." in run.output
    assert [request["status"] for request in webex.journal()] == [401]


def test_the_keyword_environment_reaches_what_runs_on_the_controller(user: Workplace, webex: Simulator) -> None:
    names = ("WEBEX_CLIENT_ID", "WEBEX_CLIENT_SECRET", "WEBEX_REFRESH_TOKEN")
    values = {f"value_of_{name}": user.environment.pop(name) for name in names}
    user.write("values.yml", json.dumps(values))
    pairs = "".join(f'    {name}: "{{{{ value_of_{name} }}}}"\n' for name in names[1:])
    run = user.play(
        f"- hosts: localhost\n  gather_facts: false\n  environment:\n    WEBEX_CLIENT_ID: overwritten\n{pairs}"
        "  tasks:\n    - collabops.webex.service_app_token:\n"
        '      environment:\n        WEBEX_CLIENT_ID: "{{ value_of_WEBEX_CLIENT_ID }}"\n      register: token\n'
        "    - ansible.builtin.debug:\n        var: token.client_id\n"
        "    - ansible.builtin.debug:\n        msg: \"{{ lookup('collabops.webex.service_app_token',"
        " store={'kind': 'vault_file', 'path': 'no.yml'}) }}\"\n",
        "-e",
        "@values.yml",
    )
    assert run.status != 0
    assert f'"token.client_id": "{values["value_of_WEBEX_CLIENT_ID"]}"' in run.output
    (failure,) = run.failures()
    assert "client_id: is missing." in failure
    assert "The keyword `environment` of a play or a task does not reach a lookup" in failure
    (user.folder / "values.yml").unlink()


@pytest.mark.any_core
def test_check_mode_writes_and_sends_nothing_and_ends_as_a_run_would(user: Workplace, webex: Simulator) -> None:
    user.write("users.csv", USERS)
    run = user.play(*ENABLE, "--check")
    assert run.status == 0
    assert "A run would get one." in run.output
    assert_quiet(run.output)
    run = user.play(ALL[1], "--check", "-e", "service_app_token_profile=nonsense")
    assert run.status != 0
    assert "profile: 'nonsense' is unknown." in run.output
    assert webex.journal() == []
    assert list(user.folder.glob(".*")) + list(user.folder.glob("*.yml")) == []


@pytest.mark.any_core
def test_from_a_folder_in_which_nothing_can_be_written(user: Workplace, webex: Simulator) -> None:
    tokens = user.folder / "tokens.yml"
    environment = {"WEBEX_VAULT_FILE": str(tokens), "ANSIBLE_VAULT_PASSWORD_FILE": str(user.folder / "password")}
    user.folder = Path("/proc")
    assert user.play(str(COLLECTION / "playbooks" / "refresh_token.yml"), **environment).status == 0
    assert tokens.exists()
    webex.clear_journal()
    run = user.play(ALL[0], **{**environment, "WEBEX_VAULT_FILE": ""})
    assert run.status != 0
    assert "the vault file /proc/webex_token.yml cannot be written" in run.failures()[0]
    assert webex.journal() == []


@pytest.mark.any_core
def test_many_users_are_no_wall_and_those_who_fail_do_not_stop_the_others(user: Workplace, webex: Simulator) -> None:
    webex.reset(people=600, enabled=100)
    hostile = ["=1+1@example.com", '<b>"x</b>@example.com']
    nobody = hostile + [f"nobody{n}@example.com" for n in range(1, 29)]
    emails = nobody + [f"user{n:05}@example.com" for n in range(1, 601)]
    people = [{"Mail": email, "Desk": 10_000 + n, "Cost center": 7} for n, email in enumerate(emails, 1 - len(nobody))]
    user.write("users.json", json.dumps(people, indent=1))
    options = {
        "calling_users_src": "users.json",
        "calling_users_columns": {"mail": "email", "Desk": "extension", "cost center": None},
        "calling_users_defaults": {"location": "Berlin"},
        "calling_users_report_dir": "out",
    }
    quiet = {"ANSIBLE_VERBOSITY": "0", "ANSIBLE_DIFF_ALWAYS": "false"}
    run = user.play(ENABLE[0], "-e", json.dumps(options), **quiet)
    assert run.status != 0
    assert "630 users: 500 enabled, 100 unchanged, 30 failed" in run.output
    assert "30 of 630 users failed." in run.output
    assert "=1+1@example.com: There is no person =1+1@example.com" in run.output
    assert "And 20 more for other reasons: see the return value users." in run.output
    assert len(run.output) < 20_000
    assert len(webex.journal()) < 630
    assert person(webex, "user00600@example.com")["extension"] == "10600"

    folder = user.folder / "out"
    assert sorted((path.name, path.stat().st_mode & 0o777) for path in folder.iterdir()) == [
        ("calling_users.csv", 0o600),
        ("calling_users.html", 0o600),
        ("calling_users.json", 0o600),
    ]
    with open(folder / "calling_users.csv", encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    emails = ["'=1+1@example.com", '<b>"x</b>@example.com', "user00001@example.com", "user00600@example.com"]
    assert [
        (row["email"], row["outcome"], row["extension"], row["verified"]) for row in rows if row["email"] in emails
    ] == [
        (emails[0], "failed", "9971", ""),
        (emails[1], "failed", "9972", ""),
        (emails[3], "enabled", "10600", "true"),
        (emails[2], "ok", "10001", ""),
    ]
    assert all(None not in row and None not in row.values() for row in rows)
    report = json.loads((folder / "calling_users.json").read_text(encoding="utf-8"))
    assert report["counts"] == {"enabled": 500, "changed": 0, "ok": 100, "skipped": 0, "failed": 30}
    assert report["users"][0]["email"] == "=1+1@example.com"
    page = (folder / "calling_users.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&#34;x&lt;/b&gt;@example.com" in page
    assert '<b>"x' not in page
    assert not re.search(r"https?:|src=|<script|url\(|@import", page)
    assert webex.credentials["service_app"]["client_secret"] not in page


def test_the_result_is_hidden_without_no_log(user: Workplace) -> None:
    """The default callback shows the careless runs of test_leaks."""
    run = user.play(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - collabops.webex.service_app_token:\n",
        "-vvvv",
        ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal",
    )
    assert run.status == 0
    assert "censored" in run.output
