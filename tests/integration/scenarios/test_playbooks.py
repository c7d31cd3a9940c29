# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection by their FQCN: what they do, in check mode, again, and without a word too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.scenarios.conftest import Workplace, person
from tests.simulator.process import Simulator

USERS = "email;location;extension;phone_number\nalice@example.com;Berlin;2002;\nbob@example.com;;;+49 30 55502003\n"
ENABLE = ("collabops.webex.enable_calling_users", "-e", "users_csv=users.csv")


def assert_quiet(output: str) -> None:
    assert "WARNING" not in output
    assert "DEPRECAT" not in output


def test_refresh_token(user: Workplace, webex: Simulator) -> None:
    first = user.play("collabops.webex.refresh_token")
    assert (first.status, first.changed()) == (0, 1)
    assert [request["path"] for request in webex.journal()] == ["/v1/access_token", "/v1/people/me"]
    webex.clear_journal()
    again = user.play("collabops.webex.refresh_token")
    assert (again.status, again.changed()) == (0, 0)
    assert webex.journal() == []
    assert "Still good, nothing was sent." in again.output
    assert_quiet(first.output + again.output)


def test_refresh_token_where_the_environment_says(user: Workplace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yml"
    assert user.play("collabops.webex.refresh_token", WEBEX_VAULT_FILE=str(elsewhere)).status == 0
    assert elsewhere.exists()
    assert not user.vault_file.exists()


def test_validate_scopes(user: Workplace, webex: Simulator) -> None:
    run = user.play("collabops.webex.validate_scopes")
    assert run.status == 0
    assert run.output.count('"granted spark') == 7
    assert_quiet(run.output)


def test_enable_calling_users(user: Workplace, webex: Simulator) -> None:
    user.write("users.csv", USERS)
    first = user.play(*ENABLE)
    assert first.status == 0
    assert "users 1-2 of 2: 2 enabled" in first.output
    assert "2 users: 2 enabled" in first.output
    assert person(webex, "alice@example.com")["extension"] == "2002"
    assert person(webex, "bob@example.com")["phone_number"] == "+493055502003"
    webex.clear_journal()
    again = user.play(*ENABLE)
    assert (again.status, again.changed()) == (0, 0)
    assert "2 users: 2 unchanged" in again.output
    assert webex.writes() == []
    assert_quiet(first.output + again.output)


def test_check_mode_without_a_token_sends_nothing(user: Workplace, webex: Simulator) -> None:
    user.write("users.csv", USERS)
    run = user.play(*ENABLE, "--check", "--diff")
    assert run.status == 0
    assert webex.journal() == []
    assert list(user.folder.glob(".*")) + list(user.folder.glob("*.yml")) == []


def test_check_mode_with_a_token_reads_only(user: Workplace, webex: Simulator) -> None:
    user.write("users.csv", USERS)
    user.play("collabops.webex.refresh_token")
    webex.clear_journal()
    run = user.play(*ENABLE, "--check", "--diff")
    assert run.status == 0
    assert "2 users: 2 enabled" in run.output
    assert "-alice@example.com: no calling" in run.output
    assert "+alice@example.com: Webex Calling - Professional, Berlin, 2002, -" in run.output
    assert webex.journal() != []
    assert webex.writes() == []
    assert_quiet(run.output)


def test_a_bad_list_stops_before_the_first_user(user: Workplace, webex: Simulator) -> None:
    user.write(
        "users.csv", "email,location,extension\nalice@example.com,Berlin,2002\nbob,Berlin,2003\ncarol@example.com,,\n"
    )
    run = user.play(*ENABLE)
    assert run.status != 0
    assert "line 3: email: 'bob' is not an e-mail address." in run.output
    assert "line 4: extension: carol@example.com has neither" in run.output
    assert [write["path"] for write in webex.writes()] == ["/v1/access_token"]


def test_one_user_that_fails_does_not_stop_the_others(user: Workplace, webex: Simulator) -> None:
    user.write("users.csv", USERS + "nobody@example.com;Berlin;2009;\ncarol@example.com;Berlin;2004;\n")
    run = user.play(*ENABLE)
    assert run.status != 0
    assert "users 1-3 of 3: 3 enabled" in run.output
    assert "4 users: 3 enabled, 1 failed" in run.output
    assert "1 of 4 users failed." in run.output
    assert "nobody@example.com: There is no person nobody@example.com" in run.output
    assert person(webex, "carol@example.com")["extension"] == "2004"


@pytest.mark.parametrize("callback", ["ansible.builtin.default", "ansible.builtin.minimal"])
def test_the_result_is_hidden_without_no_log(callback: str, user: Workplace) -> None:
    run = user.play(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - collabops.webex.service_app_token:\n",
        "-vvvv",
        ANSIBLE_STDOUT_CALLBACK=callback,
    )
    assert run.status == 0
    assert "censored" in run.output
