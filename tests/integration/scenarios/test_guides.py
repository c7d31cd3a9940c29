# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides, followed to the letter at a terminal, by somebody with nothing but a fresh home and what the first guide left there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.scenarios.conftest import BIN, COLLECTION, Run, Workplace, user_in
from tests.integration.scenarios.guides import Block, read_blocks, script
from tests.integration.scenarios.terminal import converse
from tests.simulator.process import Simulator

pytestmark = pytest.mark.any_core

GUIDES = {path.stem: read_blocks(path) for path in sorted((COLLECTION / "docs" / "docsite" / "rst").glob("*.rst"))}
FIRST = "guide_first_token"
FOLLOWED = [name for name, blocks in GUIDES.items() if any(block.is_commands and not block.not_run for block in blocks)]
# The seven, and what the guide to the first token says to tick for more.
SCOPES = (
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:licenses_read",
    "spark-admin:telephony_config_read",
    "spark:people_read",
    "spark:people_write",
    "spark:calls_read",
    "spark-admin:telephony_config_write",
    "spark-admin:telephony_pstn_read",
    "spark-admin:devices_read",
    "spark-admin:devices_write",
    "identity:people_rw",
    "identity:one_time_password",
)
# What the environment of the other scenarios has, and a newcomer has not.
NOT_OF_A_NEWCOMER = (
    "ANSIBLE_DIFF_ALWAYS",
    "ANSIBLE_VAULT_PASSWORD_FILE",
    "ANSIBLE_VERBOSITY",
    "WEBEX_CLIENT_ID",
    "WEBEX_CLIENT_SECRET",
    "WEBEX_REFRESH_TOKEN",
)
PLAIN_MODULE = re.compile(r"(ansible\.builtin|collabops\.webex)\.\w+")


@pytest.fixture(scope="module")
def webex() -> Iterator[Simulator]:
    """A Webex in which an administrator has authorized all that the guides use."""
    with Simulator() as simulator:
        simulator.service_app(simulator.credentials["service_app"]["client_id"], scopes=SCOPES, regrant=True)
        yield simulator


def follow(guide: str, user: Workplace, answers: dict[str, str]) -> Run:
    """Write what a guide says to write, and run what it says to run, in one shell."""
    path = user.write("guide.sh", script(GUIDES[guide]))
    status, screen = converse([shutil.which("bash") or "bash", path], answers, user.folder, user.environment)
    print(screen)
    user.printed["the screen"] = screen.encode()
    return Run(status, screen.replace("\r\n", "\n"))


def make_newcomer(user: Workplace) -> None:
    """Take away what a newcomer has not, and give them a home."""
    for name in NOT_OF_A_NEWCOMER:
        del user.environment[name]
    home = user.root / "home"
    home.mkdir()
    user.folder = home
    user.environment |= {"HOME": str(home), "PATH": f"{BIN}:{user.environment['PATH']}"}


@pytest.fixture(scope="module")
def first(webex: Simulator) -> Iterator[tuple[Run, Workplace]]:
    """How the first guide ended, and who followed it."""
    app = webex.credentials["service_app"]
    answers = {
        "Client ID of the service app": app["client_id"],
        "Organization ID": "",
        "Client secret of the service app (output is hidden)": app["client_secret"],
        "Refresh token of the service app (output is hidden)": app["refresh_token"],
    }
    with tempfile.TemporaryDirectory(prefix="wx") as root, user_in(Path(root), webex) as user:
        make_newcomer(user)
        yield follow(FIRST, user, answers), user
    assert user.leaks() == []


def expected(guide: str) -> Iterator[Block]:
    return (block for block in GUIDES[guide] if block.is_expected and not block.not_run)


def unseen(guide: str, screen: str) -> list[str]:
    """Return the lines that a guide shows and that were not on the screen; three dots stand for anything."""
    lines = [line.strip() for block in expected(guide) for line in block.text.splitlines() if line.strip()]
    return [line for line in lines if not re.search(".*".join(map(re.escape, line.split("..."))), screen)]


def test_the_first_guide_leads_to_the_first_enabled_user(first: tuple[Run, Workplace], webex: Simulator) -> None:
    run, _user = first
    assert run.status == 0
    assert unseen(FIRST, run.output) == []
    assert webex.person("alice@example.com")["extension"] == "2002"


@pytest.mark.parametrize("guide", [name for name in FOLLOWED if name != FIRST])
def test_a_guide_works(guide: str, first: tuple[Run, Workplace], user: Workplace) -> None:
    make_newcomer(user)
    shutil.copytree(first[1].folder, user.folder, dirs_exist_ok=True)
    user.environment["ANSIBLE_VAULT_PASSWORD_FILE"] = f"{user.folder}/.vault_password"
    user.folder /= "calling"
    run = follow(guide, user, {})
    assert run.status == 0
    assert unseen(guide, run.output) == []


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_has_nothing_that_is_neither_run_nor_marked(guide: str) -> None:
    followed = [block for block in GUIDES[guide] if not block.not_run]
    files = {block.name for block in followed if block.name}
    assert [name for name in files if not any(name in block.text for block in followed if block.name != name)] == []
    assert [block.place for block in followed if not block.name and is_runnable(block)] == []


def is_runnable(block: Block) -> bool:
    """Whether a block that is no file is something to run all the same: plays or tasks, or of a language of which nothing is known."""
    if block.language in ("yaml", "yaml+jinja"):
        return isinstance(yaml.safe_load(block.text), list)
    return not block.is_commands and not block.is_expected and block.language not in ("ini", "json")
