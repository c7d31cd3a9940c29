# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong: one clear message each, no traceback, and store and org as they were."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.scenarios.conftest import Run, Workplace
from tests.simulator.process import Simulator

REFRESH = "collabops.webex.refresh_token"


def assert_clear(run: Run, *cases: tuple[str, ...]) -> None:
    """One failure with the words of each case, and nothing that a programmer alone understands."""
    assert "Traceback" not in run.output
    for words, failure in zip(cases, run.failures(), strict=True):
        assert [word for word in (*words, "What to do:") if word not in failure] == []


def play_of(*cases: tuple[str, dict[str, Any]]) -> str:
    """A playbook that runs modules with the options of each case, and goes on when one fails."""
    tasks = [{f"collabops.webex.{module}": options} for module, options in cases]
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": tasks}], indent=1)


def folder_state(folder: Path) -> dict[str, bytes]:
    """Return every file with its content; the empty lock files may come, and so does a playbook."""
    files = [path for path in folder.iterdir() if path.suffix != ".lock" and path.name != "playbook.yml"]
    return {path.name: path.read_bytes() for path in files}


@pytest.fixture
def closed_folder(user: Workplace) -> Path:
    """A folder in which nothing can be written."""
    if os.geteuid() == 0:
        return Path("/proc")  # not even by root
    folder = user.root / "closed"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    return folder


@pytest.mark.any_core
def test_a_token_that_cannot_be_refreshed_or_kept(user: Workplace, webex: Simulator, closed_folder: Path) -> None:
    password, other = (VaultSecret(text) for text in (b"a vault password", b"another password"))
    cut = VaultLib().encrypt("webex_refresh_token: it", secret=password)[:200].decode()
    user.write("cut.yml", cut)
    user.write("other.yml", VaultLib().encrypt("webex_refresh_token: it", secret=other).decode())
    user.write("own.yml", "my_variable: 1\n")
    paths = {
        "cut.yml": ("cannot be decrypted", "damaged"),
        "other.yml": ("encrypted with another password",),
        "own.yml": ("is not encrypted", "left untouched"),
        "nowhere/new.yml": ("does not exist", "create it"),
        str(closed_folder / "new.yml"): ("cannot be written", str(closed_folder)),
    }
    refused, foreign = (
        ("invalid_client", "trackingId", "client_secret"),
        ("belongs to the organization", "not to 8e7c1a9e"),
    )
    stores: list[dict[str, Any]] = [{"store": {"kind": "vault_file", "path": path}} for path in paths]
    wrong = [{"client_secret": "0" * 64}, {"org_id": "8e7c1a9e-0000-4000-8000-000000000000"}]
    options = stores + [{**values, "store": {"kind": "none"}} for values in wrong]
    before = folder_state(user.folder)
    run = user.play(play_of(*(("service_app_token", values) for values in options)))
    assert_clear(run, *paths.values(), refused, foreign)
    # For a store that cannot be used, no refresh token was spent.
    assert [write["status"] for write in webex.writes()] == [401, 200]
    assert folder_state(user.folder) == before


@pytest.mark.any_core
def test_dead_refresh_token(user: Workplace, webex: Simulator) -> None:
    before = folder_state(user.folder)
    webex.service_app(webex.credentials["service_app"]["client_id"], revoke=True)
    run = user.play(REFRESH)
    assert run.status != 0
    assert_clear(run, ("POST /access_token was answered with ", "trackingId", "mint a new token pair"))
    assert folder_state(user.folder) == before


def test_missing_vault_password(user: Workplace, webex: Simulator) -> None:
    """It is missing in check mode, too, which fails as a run would."""
    del user.environment["ANSIBLE_VAULT_PASSWORD_FILE"]
    run = user.play(REFRESH, "--check")
    assert run.status != 0
    assert_clear(run, ("has no vault password", "--vault-password-file"))
    assert webex.journal() == []


USER = {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}


@pytest.mark.any_core
def test_users_that_cannot_be_enabled(user: Workplace, webex: Simulator) -> None:
    for license_ in webex.state()["licenses"]:
        if license_["name"] == "Webex Calling - Professional":
            webex.control("PATCH", f"/licenses/{license_['id']}", {"total_units": license_["consumed_units"]})
    before = webex.state()
    user.environment["WEBEX_ACCESS_TOKEN"] = webex.credentials["service_app"]["access_token"]
    run = user.play(
        play_of(
            ("calling_user", USER | {"location": "Warehouse"}),
            ("calling_users", {"users": [USER]}),
        )
    )
    in_use = "Webex Calling - Professional (Sub-1): 5 of 5 units in use"
    assert_clear(
        run,
        ("'Warehouse' is not enabled for Webex Calling", "Control Hub"),
        ("Webex did not grant Webex Calling - Professional", in_use),
    )
    assert webex.state()["people"] == before["people"]
