# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong: one clear message each, no traceback, and store and org as they were."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator

REFRESH = "collabops.webex.refresh_token"


def assert_clear(run: Run, *words: str) -> None:
    """One failure with these words, and nothing that a programmer alone understands."""
    assert run.status != 0
    failures = run.failures()
    assert len(failures) == 1, failures
    for word in words:
        assert word in failures[0]
    assert "Traceback" not in run.output
    assert "What to do:" in failures[0]


def folder_state(folder: Path) -> dict[str, bytes]:
    """Return every file with its content; the empty lock file may come."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".lock")}


@pytest.mark.any_core
def test_wrong_client_secret(user: Workplace, webex: Simulator) -> None:
    before = folder_state(user.folder)
    run = user.play(REFRESH, WEBEX_CLIENT_SECRET="0" * 64)
    assert_clear(run, "invalid_client", "trackingId", "client_secret")
    assert folder_state(user.folder) == before
    assert [write["status"] for write in webex.writes()] == [401]


@pytest.mark.any_core
@pytest.mark.parametrize(("shape", "status"), [("oauth", 400), ("webex", 401)])
def test_dead_refresh_token(shape: str, status: int, user: Workplace, webex: Simulator) -> None:
    user.play(REFRESH)
    before = folder_state(user.folder)
    webex.configure(refusal_shape=shape, dead_refresh_status=status)
    webex.service_app(webex.credentials["service_app"]["client_id"], revoke=True)
    run = user.play(REFRESH, "-e", "service_app_token_force=true")
    assert_clear(run, f"answered with {status}", "trackingId", "mint a new token pair")
    assert folder_state(user.folder) == before


def test_missing_credentials(user: Workplace, webex: Simulator) -> None:
    assert_clear(user.play(REFRESH, WEBEX_CLIENT_SECRET=""), "client_secret: is missing", "WEBEX_CLIENT_SECRET")
    assert webex.journal() == []


def test_missing_vault_password(user: Workplace, webex: Simulator) -> None:
    del user.environment["ANSIBLE_VAULT_PASSWORD_FILE"]
    assert_clear(user.play(REFRESH), "has no vault password", "--vault-password-file")
    assert webex.journal() == []


@pytest.mark.any_core
def test_unwritable_folder(user: Workplace, webex: Simulator) -> None:
    if os.geteuid() == 0:
        folder = Path("/proc")  # where even root cannot write
    else:
        folder = user.folder / "locked"
        folder.mkdir()
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    run = user.play(REFRESH, WEBEX_VAULT_FILE=str(folder / "webex_token.yml"))
    assert_clear(run, "cannot be written", str(folder))
    assert webex.journal() == []


@pytest.mark.any_core
def test_missing_folder(user: Workplace, webex: Simulator) -> None:
    assert_clear(user.play(REFRESH, WEBEX_VAULT_FILE="nowhere/webex_token.yml"), "does not exist", "create it")
    assert webex.journal() == []


def test_corrupt_vault_file(user: Workplace, webex: Simulator) -> None:
    user.play(REFRESH)
    text = user.vault_file.read_text(encoding="utf-8")
    user.vault_file.write_text(text[: len(text) // 2], encoding="utf-8")
    before = folder_state(user.folder)
    webex.clear_journal()
    assert_clear(user.play(REFRESH), "cannot be decrypted", "damaged")
    assert folder_state(user.folder) == before
    assert webex.journal() == []


@pytest.mark.any_core
def test_other_vault_password(user: Workplace, webex: Simulator) -> None:
    user.play(REFRESH)
    user.write("password", "another password\n")
    before = folder_state(user.folder)
    webex.clear_journal()
    assert_clear(user.play(REFRESH), "encrypted with another password")
    assert folder_state(user.folder) == before
    assert webex.journal() == []


@pytest.mark.any_core
def test_a_file_of_the_users_own(user: Workplace, webex: Simulator) -> None:
    user.write("webex_token.yml", "my_variable: 1\n")
    before = folder_state(user.folder)
    assert_clear(user.play(REFRESH), "is not encrypted", "left untouched")
    assert folder_state(user.folder) == before
    assert webex.journal() == []


@pytest.mark.any_core
def test_another_organization(user: Workplace, webex: Simulator) -> None:
    run = user.play(REFRESH, WEBEX_ORG_ID="8e7c1a9e-0000-4000-8000-000000000000")
    assert_clear(run, "belongs to the organization", "not to 8e7c1a9e")


@pytest.mark.any_core
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("license: gold", ("The license 'gold' is not a license of this organization", "Webex Calling - Professional")),
        ("location: Warehouse", ("'Warehouse' is not enabled for Webex Calling", "Control Hub")),
        ("phone_number: '+493055502001'", ("The phone number +493055502001 is in use by Ivan Example",)),
        ("base_url: http://webexapis.com/v1", ("base_url:", "without encryption")),
        ("access_token: Bearer abc", ("access_token: starts with the word Bearer",)),
    ],
)
def test_a_user_that_cannot_be_enabled(options: str, words: tuple[str, ...], user: Workplace, webex: Simulator) -> None:
    before = webex.state()
    name, value = options.split(": ", 1)
    task = {"email": "alice@example.com", "location": "Berlin", "extension": "'2002'", name: value}
    lines = "".join(f"        {key}: {text}\n" for key, text in task.items())
    run = user.play(
        f"- hosts: localhost\n  gather_facts: false\n  tasks:\n    - collabops.webex.calling_user:\n{lines}",
        WEBEX_ACCESS_TOKEN=webex.credentials["service_app"]["access_token"],
    )
    assert_clear(run, *words)
    assert webex.writes() == []
    assert webex.state() == before


@pytest.mark.any_core
@pytest.mark.parametrize(
    ("overage", "words"), [("allow", "Webex did not grant Webex Calling - Professional"), ("refuse", "No free license")]
)
def test_no_free_license(user: Workplace, webex: Simulator, overage: str, words: str) -> None:
    for license_ in webex.state()["licenses"]:
        if license_["name"] == "Webex Calling - Professional":
            webex.control("PATCH", f"/licenses/{license_['id']}", {"total_units": license_["consumed_units"]})
    before = webex.state()
    user.write("users.csv", "email,location,extension\nalice@example.com,Berlin,2002\n")
    options = ("-e", "calling_users_src=users.csv", "-e", f"calling_users_license_overage={overage}")
    run = user.play("collabops.webex.enable_calling_users", *options)
    assert run.status != 0
    assert words in run.output
    assert "Webex Calling - Professional (Sub-1): 5 of 5 units in use" in run.output
    assert "Traceback" not in run.output
    assert webex.state()["people"] == before["people"]
