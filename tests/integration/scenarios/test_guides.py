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

from tests.integration.scenarios.conftest import BIN, COLLECTION, Run, Workplace, assert_quiet, user_in
from tests.integration.scenarios.guides import Block, read_blocks, script
from tests.integration.scenarios.terminal import converse
from tests.simulator.process import Simulator

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
    "ANSIBLE_INVENTORY_UNPARSED_WARNING",
    "ANSIBLE_LOCALHOST_WARNING",
    "ANSIBLE_VAULT_PASSWORD_FILE",
    "ANSIBLE_VERBOSITY",
    "WEBEX_CLIENT_ID",
    "WEBEX_CLIENT_SECRET",
    "WEBEX_REFRESH_TOKEN",
)
OURS = "collabops.webex."


@pytest.fixture(scope="module")
def webex() -> Iterator[Simulator]:
    """A Webex in which an administrator has authorized all that the guides use."""
    with Simulator() as simulator:
        simulator.service_app(simulator.credentials["service_app"]["client_id"], scopes=SCOPES, regrant=True)
        simulator.add_numbers("Berlin", "+493055500000", main=True)  # that emergency services call back
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


def settle(user: Workplace, newcomer: Workplace) -> None:
    """Let a user begin with what the first guide has left to a newcomer."""
    make_newcomer(user)
    shutil.copytree(newcomer.folder, user.folder, dirs_exist_ok=True)
    user.folder /= "calling"


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


def unseen(guide: str, screen: str) -> list[str]:
    """Return the lines that a guide shows and that were not on the screen; three dots stand for anything."""
    shown = [block.text for block in GUIDES[guide] if block.is_expected and not block.not_run]
    lines = [line.strip() for text in shown for line in text.splitlines() if line.strip()]
    return [line for line in lines if not re.search(".*".join(map(re.escape, line.split("..."))), screen)]


def test_the_first_guide_leads_to_the_first_enabled_user(first: tuple[Run, Workplace], webex: Simulator) -> None:
    run, user = first
    assert run.status == 0
    assert unseen(FIRST, run.output) == []
    assert_quiet(run.output)
    assert webex.person("alice@example.com")["extension"] == "2002"
    assert [write["path"] for write in webex.writes()] == ["/v1/access_token", "/v1/licenses/users"]
    tokens = user.folder / "calling" / "webex_token.yml"
    assert tokens.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT;")
    assert tokens.stat().st_mode & 0o777 == 0o600


def test_what_it_left_can_be_refreshed_with_nothing_but_the_vault_password(
    user: Workplace, first: tuple[Run, Workplace], webex: Simulator
) -> None:
    settle(user, first[1])
    del user.environment["WEBEX_BASE_URL"]
    webex.clear_journal()
    assert user.play("collabops.webex.refresh_token", "-e", "service_app_token_force=true").status == 0
    assert [request["path"] for request in webex.journal()] == ["/v1/access_token", "/v1/people/me"]


@pytest.mark.any_core
@pytest.mark.parametrize("guide", [name for name in FOLLOWED if name != FIRST])
def test_a_guide_works(guide: str, first: tuple[Run, Workplace], user: Workplace) -> None:
    settle(user, first[1])
    run = follow(guide, user, {})
    assert run.status == 0
    assert unseen(guide, run.output) == []


@pytest.mark.any_core
@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_has_nothing_that_is_neither_run_nor_marked(guide: str) -> None:
    followed = [block for block in GUIDES[guide] if not block.not_run]
    names = {block.name for block in followed if block.name} - {"ansible.cfg"}  # which Ansible looks for
    assert [name for name in names if not any(name in block.text for block in followed if block.name != name)] == []
    assert [block.place for block in followed if not block.name and is_to_be_run(block)] == []


def is_to_be_run(block: Block) -> bool:
    """Whether a block that is no file holds plays or tasks, or something of which nothing is known."""
    if block.language in ("yaml", "yaml+jinja"):
        return isinstance(yaml.safe_load(block.text), list)
    return not (block.is_commands or block.is_expected or block.language in ("ini", "json"))


@pytest.mark.any_core
def test_playbooks_that_are_not_run_have_no_mistakes_that_can_be_seen(user: Workplace) -> None:
    """Their syntax is right, and modules of this collection have the options that they use."""
    data = [
        yaml.safe_load(block.text)
        for blocks in GUIDES.values()
        for block in blocks
        if block.not_run and block.language in ("yaml", "yaml+jinja")
    ]
    plays = [play for items in data if isinstance(items, list) for play in as_plays(items)]
    make_newcomer(user)
    user.write("plays.yml", yaml.safe_dump(plays))
    assert user.play("plays.yml", "--syntax-check").status == 0
    tasks = [
        (key, value)
        for mapping in mappings(plays)
        for key, value in mapping.items()
        if key.startswith(OURS) and isinstance(value, dict)
    ]
    options = documented_options({name for name, _ in tasks}, user)
    assert [(name, option) for name, values in tasks for option in values if option not in options[name]] == []


def as_plays(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return plays as they are, tasks as a play, and of rulebooks, which are not for ansible-playbook, nothing."""
    if any("rules" in item for item in items):
        return []
    if any("hosts" in item or "import_playbook" in item for item in items):
        return items
    return [{"hosts": "localhost", "tasks": items}]


def mappings(data: Any) -> Iterator[dict[str, Any]]:
    """Every mapping at every depth."""
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from mappings(item)
    if isinstance(data, dict):
        yield data


def documented_options(modules: set[str], user: Workplace) -> dict[str, set[str]]:
    """Return the options of each module, as ansible-doc tells them."""
    command = [BIN / "ansible-doc", "--json", "--type", "module", *sorted(modules)]
    shown = subprocess.run(command, env=user.environment, capture_output=True, text=True, check=True).stdout
    return {name: set(entry["doc"]["options"]) for name, entry in json.loads(shown).items()}
