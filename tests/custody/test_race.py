# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many processes want a token from one store at once, while every refresh token can be used once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._custody import broker
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import PATIENCE
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import hashi_vault
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import StoreError

from tests.custody.support import KINDS, MINT, REFRESH, VERIFY, Custody, asked, start, works

Make = Callable[[str], Custody]
FORK = multiprocessing.get_context("fork")
AT_ONCE = 100 if int(os.environ.get("CUSTODY_RUNS", "60")) >= 500 else 50
# Each run decrypts each value by itself, which takes several times as long as a file.
SLOW_KIND, FEWER_AT_ONCE = "vault_file_values", AT_ONCE // 3


def ask(custody: Custody, barrier: Any, answers: Any) -> None:
    """One of many runs that begin at the same time."""
    barrier.wait(120)
    try:
        outcome = custody.run(force=False)
        assert outcome.token_set
        answers.put((outcome.token_set.access_token, outcome.refreshed))
    except Exception as error:
        answers.put((repr(error), False))


@pytest.mark.parametrize("first", [False, True], ids=["expired", "first run"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_at_once_refresh_once(kind: str, first: bool, custody: Make) -> None:
    store = custody(kind)
    if not first:
        store.put(expired=True)
    store.webex.configure(latency_ms=200)
    store.webex.clear_journal()
    at_once = FEWER_AT_ONCE if kind == SLOW_KIND else AT_ONCE
    barrier, answers = FORK.Barrier(at_once), FORK.Queue()
    runs = [FORK.Process(target=ask, args=(store, barrier, answers), daemon=True) for _run in range(at_once)]
    for run in runs:
        run.start()
    found = [answers.get(timeout=2 * PATIENCE) for _run in runs]
    for run in runs:
        run.join()
    journal = asked(store.webex)
    print(f"\n{kind}, {'first run' if first else 'expired'}: {at_once} at once: {journal}")
    (token,) = {token for token, _refreshed in found}
    assert sum(refreshed for _token, refreshed in found) == 1
    # Of the service app; on the first run, the integration is made ready before that.
    assert journal == {(REFRESH, 200): 1 + first, (VERIFY, 200): 1}
    assert works(store.webex, token)
    held = store.open().load().service_app
    assert held
    assert held.access_token == token
    assert store.leftovers() == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_lock_of_a_dead_holder_does_not_block(kind: str, custody: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = timedelta(seconds=4)
    monkeypatch.setattr(hashi_vault, "LEASE", lease)
    store = custody(kind)
    store.put(expired=True)
    run = start(store, on_step=lambda step: os.kill(os.getpid(), signal.SIGSTOP) if step == f"in {REFRESH}" else None)
    os.waitpid(run.process, os.WUNTRACED)
    barrier, answers = FORK.Barrier(2), FORK.Queue()
    others = [FORK.Process(target=ask, args=(store, barrier, answers), daemon=True) for _other in range(2)]
    for other in others:
        other.start()
    time.sleep(1)
    assert answers.empty(), f"the lock does not hold: {answers.get()}"
    run.kill()
    run.end()
    found = [answers.get(timeout=2 * PATIENCE) for _other in others]
    # A run that waits for longer than the patience has an error in place of a token.
    (token,) = {token for token, _refreshed in found}
    assert sum(refreshed for _token, refreshed in found) == 1
    # The dead one did not read Webex's answer: the integration minted.
    assert asked(store.webex)[MINT, 200] == 1
    assert works(store.webex, token)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_waits_for_ever(kind: str, custody: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "PATIENCE", 1.0)
    store = custody(kind)
    store.put(expired=True)
    with store.open().lock(1), pytest.raises(StoreError, match="by another run"):
        store.run()
    assert store.run().refreshed
