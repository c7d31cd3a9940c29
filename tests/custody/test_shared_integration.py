# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration that many organizations share, whose tokens are in a store of their own: no kill takes both tokens."""

from __future__ import annotations

import copy
import dataclasses
import os
import pathlib
import random
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.shared_integration import SharedIntegration
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store

from tests.custody.support import REFRESH, Custody, asked, start, works
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

RUNS = int(os.environ.get("CUSTODY_RUNS", "60"))
KINDS = ("vault_file", "hashi_vault")


class SharedCustody(Custody):
    """The store of an organization, and beside it that of the integration."""

    is_of_integration = False

    def open_integration(self) -> Store:
        """The store of the integration, as a run opens it."""
        beside = copy.copy(self)
        beside.is_of_integration = True
        return beside.open()

    @property
    def path(self) -> pathlib.Path:
        return self.folder / ("integration.yml" if self.is_of_integration else "token.yml")

    def store_options(self) -> dict[str, Any]:
        options = super().store_options()
        if self.kind == "hashi_vault" and self.is_of_integration:
            options["path"] += "-integration"
        return options

    def put_both(self) -> None:
        """Store both token sets; what the options have is as old as the first run."""
        holding = self.holding(integration_is_expired=True)
        self.open().save(StoredTokens(holding.service_app))
        self.open_integration().save(StoredTokens(holding.integration))
        self.settings = dataclasses.replace(self.settings, refresh_token=None, integration_refresh_token=None)

    def run(self, force: bool = True, **settings: Any) -> Outcome:
        request = Request(dataclasses.replace(self.settings, **settings), timedelta(days=1), force=force)
        integration = SharedIntegration(self.open_integration(), request)
        return obtain(self.open(), dataclasses.replace(request, integration=integration))


@pytest.mark.parametrize("kind", KINDS)
def test_no_kill_takes_both(
    kind: str, webex: Simulator, vault: VaultServer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The integration is refreshed and saved, then the service app: whichever answer is lost, the other one heals it."""
    monkeypatch.setattr(
        "ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.hashi_vault.LEASE",
        timedelta(seconds=2),
    )

    def victim(name: str) -> SharedCustody:
        made = SharedCustody(webex, vault, tmp_path / name, kind)
        made.put_both()
        return made

    steps = start(victim("whole")).end().steps
    # Both were refreshed, each once, and the integration first.
    assert asked(webex)[REFRESH, 200] == 2
    numbers = sorted(random.sample(range(len(steps)), min(len(steps), RUNS // 4)))
    for number in numbers:
        killed = victim(f"killed{number}")
        assert start(killed, kill_at=number).end().killed
        # Both stores can be read, whatever is in them.
        killed.open_integration().load()
        outcome = killed.run()
        assert outcome.token_set
        assert works(webex, outcome.token_set.access_token)
        assert killed.open().load().service_app == outcome.token_set
        assert not killed.run(force=False).refreshed
    print(
        f"\nA shared integration, {kind}: {len(numbers)} of {len(steps)} steps were the last of a killed run; nothing was lost"
    )
