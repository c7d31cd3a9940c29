# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that die by SIGKILL at every step and at random instants, while every refresh token can be used once.

CUSTODY_RUNS is how many runs are killed; by default few. Where it is enough for that, every step of every case is met.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import hashi_vault

from tests.custody.support import KINDS, MINT, REFRESH, VERIFY, Custody, Run, start, timed

Make = Callable[[str], Custody]
RUNS = int(os.environ.get("CUSTODY_RUNS", "60"))
AT_RANDOM = RUNS // 3  # how many of them are killed at a random instant
LEASE = timedelta(seconds=2)
CHAINS = 8
# After these, what Webex has handed out is kept: in a file that is whole, under whichever name, or in Vault.
WHOLE = ("after ftruncate temporary file", "after write temporary recovery file")
SAFE = (*WHOLE, "after save in Vault")


def away(custody: Custody) -> None:
    """The folder of the store disappears, or its Vault fails, as soon as Webex has been asked."""
    if custody.kind == "hashi_vault":
        custody.vault.fault(kind="status", status=500, method="POST", path=custody.folder.name + "$", times=None)
    else:
        custody.folder.rename(custody.folder.with_suffix(".away"))


def back(custody: Custody) -> None:
    """It works again."""
    custody.vault.clear_faults()
    if not custody.folder.exists() and custody.folder.with_suffix(".away").exists():
        custody.folder.with_suffix(".away").rename(custody.folder)


# What is in the store and the recovery file when a run begins.
CASES: dict[str, Callable[[Custody], None]] = {
    "refresh": lambda custody: custody.put(),
    "first run": lambda custody: None,
    "mint": lambda custody: custody.put(app_is_dead=True),
    "both refresh": lambda custody: custody.put(integration_is_expired=True),
    "integration refresh and mint": lambda custody: custody.put(app_is_dead=True, integration_is_expired=True),
    "recovery": lambda custody: custody.put_recovery(),
    "save fails": lambda custody: custody.put(),
}


class Tally:
    """What was killed where, and how it healed."""

    def __init__(self) -> None:
        self.killed: collections.Counter[str] = collections.Counter()
        self.healed: collections.Counter[str] = collections.Counter()
        self.at_random = 0


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    """The report, which is printed at the end."""
    counts = Tally()
    yield counts
    print(f"\n\nKilled runs: {counts.killed.total()}, of which {counts.at_random} at random instants")
    for step, count in sorted(counts.killed.items()):
        print(f"{count:6} {step}")
    print("The next run (of those that were looked at) got a working token:")
    for way, count in sorted(counts.healed.items()):
        print(f"{count:6} {way}")


@pytest.fixture(autouse=True)
def _short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashi_vault, "LEASE", LEASE)


def begin(custody: Custody, case: str, kill_at: int | None = None) -> Run:
    """Fork a run of a case."""

    def on_step(step: str) -> None:
        if case == "save fails" and step == f"before {REFRESH}":
            away(custody)

    return start(custody, kill_at, on_step)


def clean_steps(custody: Custody, case: str) -> list[str]:
    """The steps of a run that is not killed."""
    CASES[case](custody)
    run = begin(custody, case).end(may_fail=case == "save fails")
    # It tells what it could not save, and where that is now.
    assert ("encrypted with the client secret" in run.failure) is (case == "save fails")
    back(custody)
    shutil.rmtree(os.environ["ANSIBLE_HOME"], ignore_errors=True)
    return run.steps


def verdict(case: str, steps: list[str]) -> str:
    """How the next run must get its token, from the steps that the killed one made: refresh, mint, either or nothing.

    It is nothing only where a run began with one of the two gone, and the kill took the other: the service app's refresh
    token was dead, the integration's access token too, and Webex's answer with its new tokens did not get to the disk.
    No kill leads there: a run makes the integration ready before it spends the service app's refresh token.
    """
    if steps[-1:] and steps[-1].startswith(("in POST", "in save")):
        return "either"
    safe = WHOLE if case == "save fails" else SAFE
    kept = max((number for number, step in enumerate(steps) if step in safe), default=-1)
    asked = [number for number, step in enumerate(steps) if step == f"after {REFRESH}"]
    if case == "integration refresh and mint" and len(asked) == 1 and kept < asked[0]:
        return "nothing"
    if case in ("mint", "integration refresh and mint"):
        return "refresh" if f"after {MINT}" in steps[: max(kept, 0)] else "mint"
    # The integration's own refresh comes first, where it has one.
    of_app = asked[1:] if case in ("both refresh", "first run") else asked
    return "mint" if max(of_app, default=-1) > kept else "refresh"


def check_heals(victim: Custody, case: str, steps: list[str], tally: Tally) -> None:
    """The next run gets a working token in the way that it must."""
    expected = verdict(case, steps)
    refused: GrantRefused | None = None
    try:
        outcome = victim.check_heals()
    except GrantRefused as error:
        refused = error
    if refused is None:
        assert expected in ("either", "mint" if outcome.minted else "refresh"), (expected, steps)
        tally.healed["by minting" if outcome.minted else "by refreshing"] += 1
    else:
        assert case == "integration refresh and mint", steps
        assert expected in ("nothing", "either"), steps
        # The third tier is the user's: the message says which, and the run after that is whole again.
        assert "integration" in str(refused.remedy)
        again = victim.webex.token(kind="integration")["refresh_token"]
        victim.settings = dataclasses.replace(victim.settings, integration_refresh_token=again)
        outcome = victim.check_heals()
        tally.healed[
            "by a new refresh token of the integration: the app's was dead before, and the kill took the other"
        ] += 1
    assert outcome.verified


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_step(kind: str, case: str, custody: Make, tally: Tally) -> None:
    numbers = list(range(len(clean_steps(custody(kind), case))))
    wanted = (RUNS - AT_RANDOM) // (len(KINDS) * len(CASES)) + 1
    if RUNS < 500:
        numbers = sorted(random.sample(numbers, min(wanted, len(numbers))))
    victims = []
    for number in numbers:
        victim = custody(kind)
        CASES[case](victim)
        before = victim.open().load()
        run = begin(victim, case, number).end()
        back(victim)
        assert run.killed
        assert len(run.steps) == number + 1
        tally.killed[run.last] += 1
        victim.check_whole(before)
        if kind == "hashi_vault":
            victims.append((victim, run.steps))
        else:
            check_heals(victim, case, run.steps, tally)
    # In Vault all leases of the killed end at about the same time.
    for victim, steps in victims:
        check_heals(victim, case, steps, tally)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_random_instants(kind: str, custody: Make, tally: Tally) -> None:
    chains = [custody(kind) for _chain in range(CHAINS)]
    for chain in chains:
        chain.put()
    duration = statistics.median(timed(begin(chain, "refresh").end) for chain in chains)
    killed = 0
    while killed < AT_RANDOM // len(KINDS):
        for chain in chains:
            before = chain.open().load()
            run = begin(chain, "refresh")
            time.sleep(random.uniform(0, duration * 1.1))
            run.kill()
            run.end()
            if run.killed:
                killed += 1
                tally.at_random += 1
                tally.killed[run.last] += 1
            chain.check_whole(before)
        for chain in chains:
            # Sometimes several runs die before one does not.
            if random.random() < 0.5:
                tally.healed["by minting" if chain.check_heals().minted else "by refreshing"] += 1
    for chain in chains:
        tally.healed["by minting" if chain.check_heals().minted else "by refreshing"] += 1


def test_what_gets_its_name_is_on_stable_storage(custody: Make) -> None:
    """A kill does not show what a power failure would: that needs the order of the calls."""
    steps = clean_steps(custody("vault_file"), "refresh")
    asked = steps.index(f"before {REFRESH}")
    tried, done = steps[:asked], steps[asked : steps.index(f"before {VERIFY}")]
    # What can fail has been tried before Webex is asked. What is written then is encrypted.
    assert {"after flock", "after write temporary file", "after fsync temporary file"} <= set(tried)
    wanted = [
        "write temporary file",
        "ftruncate temporary file",
        "fsync temporary file",
        "replace temporary file",
        "fsync folder",
    ]
    assert [step[6:] for step in done if step.startswith("after ") and step[6:] in wanted] == wanted


def test_each_of_two_saves_is_reserved_before_webex_is_asked(custody: Make) -> None:
    steps = clean_steps(custody("vault_file"), "both refresh")
    needed = ["after fsync temporary file", "after fsync folder"]
    for _request in range(2):
        asked = steps.index(f"before {REFRESH}")
        assert [step for step in steps[:asked] if step in needed][-2:] == needed
        # And nothing is opened for the save.
        saved = steps.index("after replace temporary file", asked)
        assert not any(" open " in step for step in steps[asked:saved])
        steps = steps[saved + 1 :]
        # What comes after this save does not count for the next one, but its own reservation.
        steps = steps[steps.index("after fsync folder") + 1 :]
