# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""first_token.yml when something is amiss; test_guides runs it as the guide says, at a terminal."""

from __future__ import annotations

import pytest

from tests.integration.scenarios.conftest import BIN, Run, Workplace
from tests.integration.scenarios.terminal import converse
from tests.simulator.process import Simulator

PLAYBOOK = "collabops.webex.first_token"


@pytest.fixture
def newcomer(user: Workplace) -> Workplace:
    """Somebody with the values on a piece of paper, not in the environment."""
    for name in ("WEBEX_CLIENT_ID", "WEBEX_CLIENT_SECRET", "WEBEX_REFRESH_TOKEN"):
        del user.environment[name]
    return user


def answer(user: Workplace, answers: dict[str, str], *arguments: str) -> Run:
    """Run the playbook at a terminal; what was on the screen is looked at for secrets, as all outputs are."""
    command = [BIN / "ansible-playbook", PLAYBOOK, *arguments]
    status, screen = converse(command, answers, user.folder, user.environment)
    print(screen)
    user.printed[f"the screen of run {len(user.printed) + 1}"] = screen.encode()
    return Run(status, screen)


@pytest.mark.any_core
def test_a_store_that_cannot_keep_tokens_fails_before_secrets_are_typed(newcomer: Workplace, webex: Simulator) -> None:
    del newcomer.environment["ANSIBLE_VAULT_PASSWORD_FILE"]
    app = webex.credentials["service_app"]
    run = answer(newcomer, {"Client ID": app["client_id"], "Organization ID": ""})
    assert run.status != 0
    assert "has no vault password" in run.output
    assert "Client secret" not in run.output
    assert webex.journal() == []


@pytest.mark.any_core
def test_without_a_terminal_it_says_so(newcomer: Workplace, webex: Simulator) -> None:
    run = newcomer.play(PLAYBOOK)
    assert run.status != 0
    assert "there is no terminal to ask at" in run.failures()[0]
    assert webex.journal() == []


@pytest.mark.any_core
def test_what_is_set_is_not_asked_for_and_missing_scopes_are_said_last(user: Workplace, webex: Simulator) -> None:
    app = webex.credentials["service_app"]
    webex.service_app(app["client_id"], scopes=["spark-admin:people_read"], regrant=True)
    run = user.play(PLAYBOOK, "-e", f"service_app_token_org_id={webex.credentials['org_id']}")
    assert run.status != 0
    (failure,) = run.failures()
    assert "The token is stored, but 6 scopes are missing" in failure
    assert "Control Hub" in failure
    assert user.vault_file.exists()
    again = user.play(PLAYBOOK)
    assert "The store had tokens of this service app before." in again.output
    assert "move them away before you run this playbook with the new refresh token" in again.failures()[0]
