# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault of Webex and of Vault at every step of the broker, and disks that are full or cannot be written.

The run ends in time with one error that says what happened, and whatever Webex has handed out is not lost: the run
after it, without the fault, has a working token, by the integration if the answer was lost.
"""

from __future__ import annotations

import copy
import dataclasses
import errno
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused, WebexError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody import broker, keeper
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import hashi_vault

from tests.custody.support import MINT, REFRESH, VERIFY, Custody, Run, asked, start, works
from tests.loopback.waiting import wait_until
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

Make = Callable[[str], Custody]
RUNS = int(os.environ.get("CUSTODY_RUNS", "60"))
TIMEOUT = 0.5
BUDGET = 2.0
# The budget allows a few requests, whatever Retry-After says; a run that does not heed it asks without end, or rests for an hour.
REQUESTS = 25
FAULTS: dict[str, dict[str, Any]] = {
    "429 once": {"kind": "status", "status": 429, "retry_after": 1, "times": 1},
    "429": {"kind": "status", "status": 429, "retry_after": 1},
    "429 for an hour": {"kind": "status", "status": 429, "retry_after": 3600},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503},
    "reset": {"kind": "reset"},
    "timeout": {"kind": "timeout"},
    "html": {"kind": "html"},
    "html with 200": {"kind": "html", "status": 200},
    "truncated": {"kind": "truncated"},
    "empty": {"kind": "empty"},
    "redirect": {"kind": "redirect", "location": "http://127.0.0.1:9/v1/elsewhere"},
    "apply_then_fail": {"kind": "apply_then_fail"},
}
# Webex has acted, and what it answered did not arrive.
LOSES_THE_ANSWER = ("truncated", "apply_then_fail")
HARMLESS = ("429 once",)


@dataclasses.dataclass
class Ended:
    """How a run ended, and how many requests it took."""

    outcome: Outcome | None
    error: str
    requests: int


@pytest.fixture(autouse=True)
def _short_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "REFRESH_BUDGET", BUDGET)
    monkeypatch.setattr(broker, "PATIENCE", 5.0)
    monkeypatch.setattr(hashi_vault, "LEASE", timedelta(seconds=1))


def attempt(custody: Custody, **settings: Any) -> Ended:
    """A run under a fault: any error other than our own breaks the test, and ours must not hold a secret."""
    outcome, error, before = None, "", requests(custody)
    hurried = copy.copy(custody)  # what comes next must succeed, on a busy machine too
    hurried.vault_timeout = TIMEOUT
    try:
        outcome = hurried.run(timeout=TIMEOUT, **settings)
    except WebexError as problem:
        error = str(problem)
        assert "What to do: " in error
        said = error + str(problem.details()) + "".join(traceback.format_exception(problem))
        assert [name for name, secret in secrets(custody).items() if secret in said] == []
    count = requests(custody) - before
    print(f"{count} requests: {error or outcome}")
    return Ended(outcome, error, count)


def requests(custody: Custody) -> int:
    """How many there were so far, to Webex and to Vault."""
    return len(custody.webex.journal()) + len(custody.vault.journal())


def secrets(custody: Custody) -> dict[str, str]:
    """What must not be told."""
    return {
        "client secret": str(custody.settings.client_secret),
        "integration secret": str(custody.settings.integration_client_secret),
        "vault token": custody.vault.root_token,
        **{f"app's {name}": token for name, token in custody.app.items()},
        **{f"integration's {name}": token for name, token in custody.integration.items()},
    }


# Webex

STEPS: dict[str, tuple[dict[str, bool], dict[str, Any], str]] = {
    # step: what is stored, which requests fail, how the message names the request
    "refresh": ({}, {"method": "POST", "path": "/access_token$"}, "POST /access_token"),
    "mint": ({"app_is_dead": True}, {"method": "POST", "path": "/applications/.*/token$"}, "POST /applications/"),
    "integration": (
        {"app_is_dead": True, "integration_is_expired": True},
        {"method": "POST", "path": "/access_token$"},
        "POST /access_token",
    ),
    "both": ({"integration_is_expired": True}, {"method": "POST", "path": "/access_token$"}, "POST /access_token"),
    "verify": ({}, {"method": "GET", "path": "/people/me$"}, "GET /people/me"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_webex_fails(step: str, fault: str, custody: Make) -> None:
    stored, where, request = STEPS[step]
    store = custody("vault_file")
    store.put(**stored)
    before = store.open().load()
    store.webex.fault(**{"times": None, **FAULTS[fault], **where})
    ended = attempt(store)
    assert any(order["hits"] for order in store.webex.faults())
    store.webex.clear_faults()
    assert ended.requests < REQUESTS
    held = store.check_whole(before)
    if fault in HARMLESS:
        assert ended.outcome
        assert ended.outcome.verified
        return
    if step == "verify":
        # Truncated and failed reads change nothing, and some are read again.
        assert ended.outcome
        assert ended.outcome.token_set == held.service_app
        assert request in "".join(ended.outcome.warnings)
    else:
        assert request in ended.error
        assert held.service_app == before.service_app
    lost = fault in LOSES_THE_ANSWER
    if step == "integration" and lost:
        # The app's was dead before. The message asks for another of the integration, and that is all it takes.
        with pytest.raises(GrantRefused, match="integration"):
            store.run()
        again = store.webex.token(kind="integration")["refresh_token"]
        store.settings = dataclasses.replace(store.settings, integration_refresh_token=again)
    assert store.check_heals().minted is (step in ("mint", "integration") or (step == "refresh" and lost))


def test_all_requests_under_a_lease_share_one_budget(custody: Make) -> None:
    """Else a proof that takes long would outlast the lease, and save over what the next holder got."""
    store = custody("hashi_vault")
    store.put()
    store.webex.configure(latency_ms=1500)
    store.webex.fault(kind="status", status=503, path="/people/me$", times=None)
    store.run(timeout=5)
    # The token is got within the budget, which is then nearly over: the proof is asked for once, and not again.
    assert len(store.webex.journal()) == 2


# Vault


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["read", "lease", "save", "release"])
def test_vault_fails(step: str, fault: str, custody: Make) -> None:
    store = custody("hashi_vault")
    store.put()
    before = store.open().load()
    method, skip = {"read": ("GET", 0), "lease": ("POST", 0), "save": ("POST", 1), "release": ("POST", 2)}[step]
    path = f"/{store.folder.name}$"
    store.vault.fault(**{"times": None, **FAULTS[fault], "method": method, "skip": skip, "path": path})
    store.webex.clear_journal()
    ended = attempt(store)
    assert any(order["hits"] for order in store.vault.faults())
    store.vault.clear_faults()
    assert ended.requests < REQUESTS
    store.check_whole(before)
    if step == "release":
        # The lease ends by itself.
        assert ended.outcome
        assert ended.outcome.refreshed
    elif ended.outcome is None:
        assert store.open().name in ended.error
        if step in ("read", "lease"):
            assert asked(store.webex) == {}, "a refresh token was spent in vain"
        else:
            assert "encrypted with the client secret" in ended.error
    # What could not be saved is in the recovery file: nothing has to be minted.
    assert not store.check_heals().minted


def test_a_token_of_vault_is_not_sent_elsewhere(custody: Make) -> None:
    store = custody("hashi_vault")
    store.put()
    store.vault.fault(kind="redirect", location=f"{store.webex.base_url}/people/me", times=None, method="GET")
    store.webex.clear_journal()
    assert attempt(store).error
    assert asked(store.webex) == {}


@pytest.mark.parametrize("step", ["save of the integration", "save of the app"])
def test_a_save_that_fails_while_minting(step: str, custody: Make) -> None:
    store = custody("hashi_vault")
    store.put(app_is_dead=True, integration_is_expired=True)
    skip = 1 if step == "save of the integration" else 2
    path = f"/{store.folder.name}$"
    store.vault.fault(kind="status", status=500, times=None, method="POST", skip=skip, path=path)
    assert "encrypted with the client secret" in attempt(store).error
    store.vault.clear_faults()
    store.webex.clear_journal()
    outcome = store.check_heals()
    # The integration's only refresh token was in the recovery file, and so was the minted one.
    assert outcome.minted is (step == "save of the integration")
    assert asked(store.webex)[MINT, 200] == (1 if outcome.minted else 0)


# System calls that fail, and interrupts, at every step of a run that has no integration: the tokens are all it has

CALLS = ("open ", "write ", "fsync ", "ftruncate ", "replace ", "unlink ", "flock")
EVERY_ERROR = RUNS >= 500
FILES = ("vault_file", "vault_file_values") if EVERY_ERROR else ("vault_file",)
ERRORS = (errno.EIO, errno.ENOSPC, errno.EMFILE) if EVERY_ERROR else (errno.EIO,)


def alone(custody: Make, kind: str) -> Custody:
    """A store with tokens, and nothing that could mint others."""
    store = custody(kind)
    store.put()
    store.settings = dataclasses.replace(store.settings, integration_client_id=None)
    return store


def is_call(step: str) -> bool:
    """Whether a step is just before a system call, or in the middle of a write."""
    when, _blank, what = step.partition(" ")
    return when != "after" and what.startswith(CALLS)


def steps_to_break(custody: Make, kind: str, wanted: Callable[[str], bool]) -> list[int]:
    """The numbers of the steps at which a run is to be broken."""
    steps = start(alone(custody, kind)).end().steps
    return [number for number, step in enumerate(steps) if wanted(step)]


def broken(store: Custody, number: int, error: BaseException, for_good: bool = False) -> Run:
    """A run in which something is raised at a step; *for_good*: and from then on at every call but of recovery files."""
    count = 0

    def on_step(step: str) -> None:
        nonlocal count
        count += 1
        if count - 1 == number or (for_good and count > number and is_call(step) and "recovery" not in step):
            raise error

    return start(store, on_step=on_step).end(may_fail=True)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("kind", FILES)
def test_a_system_call_that_fails_at_any_step_loses_nothing(kind: str, for_good: bool, custody: Make) -> None:
    numbers = steps_to_break(custody, kind, is_call)
    for number in numbers:
        for code in ERRORS:
            store = alone(custody, kind)
            store.webex.clear_journal()
            run = broken(store, number, OSError(code, os.strerror(code)), for_good)
            was_asked = asked(store.webex)[REFRESH, 200]
            assert was_asked or run.failure, run.steps
            # Named errors of this collection, whatever happened.
            last = (run.failure.splitlines() or ["StoreError"])[-1]
            assert "StoreError" in last or "Unsaved" in last, run.failure
            assert not store.run().minted, (run.last, run.failure)
    print(f"\n{kind}: {len(numbers) * len(ERRORS)} runs with a system call that fails, none lost a token")


@pytest.mark.parametrize("kind", [*FILES, "hashi_vault"])
def test_an_interrupt_at_any_step_of_a_save_loses_nothing(kind: str, custody: Make) -> None:
    """As a signal does that can be put off no longer."""
    steps = start(alone(custody, kind)).end().steps
    numbers = range(steps.index(f"after {REFRESH}") + 1, steps.index(f"before {VERIFY}"))
    assert len(numbers) > 2
    for number in numbers:
        store = alone(custody, kind)
        run = broken(store, number, KeyboardInterrupt())
        assert "KeyboardInterrupt" in run.failure
        assert not store.run().minted, run.steps
    print(f"\n{kind}: {len(numbers)} runs with an interrupt in the save, none lost a token")


def test_descriptors_that_run_out_while_webex_answers(custody: Make) -> None:
    store = alone(custody, "vault_file")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def on_step(step: str) -> None:
        if step == f"after {REFRESH}":
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        elif step == f"before {VERIFY}":
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    start(store, on_step=on_step).end()
    assert store.leftovers() == []
    assert not store.run().minted


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run as somebody else")
def test_a_run_as_root_does_not_lock_the_store_s_user_out(webex: Simulator, vault: VaultServer) -> None:
    nobody = 65534
    # Not below pytest's own folder, where only this user may go.
    with tempfile.TemporaryDirectory(dir="/tmp") as reachable:
        os.chmod(reachable, 0o711)
        store = Custody(webex, vault, pathlib.Path(reachable, "store"), "vault_file")
        store.put()
        for path in (store.folder, *store.folder.iterdir()):
            os.chown(path, nobody, nobody)
        assert store.run().refreshed

        def run_as_its_user() -> None:
            os.setgid(nobody)
            os.setuid(nobody)
            os.environ["ANSIBLE_HOME"] = str(store.folder / "home")
            assert store.run().refreshed

        in_a_process(run_as_its_user)


def test_an_answer_that_takes_longer_than_the_timeout_is_awaited(
    custody: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not be given up: it may hold the only refresh token that is good."""
    store = alone(custody, "vault_file")
    monkeypatch.setattr(keeper, "REFRESH_BUDGET", 60.0)
    store.webex.configure(latency_ms=1500)
    assert store.run(timeout=TIMEOUT).refreshed


def test_no_refresh_token_is_spent_without_time_for_the_answer(custody: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    store = custody("vault_file")
    store.put(integration_is_expired=True)
    monkeypatch.setattr(keeper, "REFRESH_BUDGET", 6.0)
    store.webex.configure(latency_ms=3500)
    assert "whose refresh token was not spent" in attempt_slowly(store)
    assert asked(store.webex) == {(REFRESH, 200): 1}
    store.webex.configure(latency_ms=0)
    assert not store.check_heals().minted


def test_an_answer_that_does_not_come_says_what_may_be_lost(custody: Make) -> None:
    store = alone(custody, "vault_file")
    store.webex.fault(kind="timeout", path="/access_token$")
    error = attempt(store).error
    assert "POST /access_token" in error
    assert "may have replaced the refresh token all the same" in error
    assert "An integration would do that by itself" in error
    assert not store.run().minted


# Disks


def in_a_process(action: Callable[[], object]) -> None:
    """Run something in a process that may give up rights; an exception there is a failure here."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            action()
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        failure = file.read().decode()
    assert os.waitpid(process, 0)[1] == 0
    assert not failure, failure


def expect_refusal(store: Custody, words: str) -> None:
    """The run fails before Webex is asked for anything."""
    store.webex.clear_journal()
    ended = attempt(store)
    assert words in ended.error
    assert ended.requests < REQUESTS
    assert asked(store.webex) == {}, "a refresh token was spent in vain"


@pytest.mark.parametrize("kind", ["vault_file", "vault_file_values"])
def test_a_file_that_may_not_grow_is_found_before_webex_is_asked(kind: str, custody: Make) -> None:
    store = custody(kind)
    store.put()
    before = store.path.read_bytes()

    def run() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, resource.RLIM_INFINITY))
        expect_refusal(store, "File too large")

    in_a_process(run)
    assert store.path.read_bytes() == before
    assert not store.check_heals().minted


@pytest.mark.parametrize("kind", ["vault_file", "vault_file_values"])
def test_a_folder_that_cannot_be_written_is_found_before_webex_is_asked(
    kind: str, webex: Simulator, vault: VaultServer
) -> None:
    nobody = 65534
    # Not below pytest's own folder, where only this user may go.
    with tempfile.TemporaryDirectory(dir="/tmp") as reachable:
        os.chmod(reachable, 0o711)
        store = Custody(webex, vault, pathlib.Path(reachable, "store"), kind)
        store.put()
        before = store.path.read_bytes()

        def run() -> None:
            if os.getuid() == 0:
                os.setuid(nobody)
            expect_refusal(store, "cannot be written")

        if os.getuid() == 0:
            for path in (store.folder, *store.folder.iterdir()):
                os.chown(path, nobody, nobody)
        store.folder.chmod(0o500)
        try:
            in_a_process(run)
        finally:
            store.folder.chmod(0o700)
        assert store.path.read_bytes() == before
        assert not store.check_heals().minted


@pytest.fixture
def small_disk(custody: Make) -> Iterator[Custody]:
    """A store on a disk that is soon full."""
    store = custody("vault_file")
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", str(store.folder)]
    if os.getuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield store
    subprocess.run(["umount", str(store.folder)], check=True)


def fill(folder: pathlib.Path) -> None:
    """Leave no room."""
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 1024):
                pass
        except OSError:
            return


def test_a_full_disk_is_found_before_webex_is_asked(small_disk: Custody) -> None:
    small_disk.put()
    before = small_disk.path.read_bytes()
    fill(small_disk.folder)
    expect_refusal(small_disk, "No space left on device")
    assert small_disk.path.read_bytes() == before
    (small_disk.folder / "filler").unlink()
    assert not small_disk.check_heals().minted


def test_a_read_only_disk_is_found_before_webex_is_asked(small_disk: Custody) -> None:
    small_disk.put()
    before = small_disk.path.read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.folder)], check=True)
    expect_refusal(small_disk, "cannot be written")
    assert small_disk.path.read_bytes() == before
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk.folder)], check=True)
    assert not small_disk.check_heals().minted


def test_a_disk_that_fills_up_while_webex_is_asked_does_no_harm(small_disk: Custody) -> None:
    small_disk.put()
    small_disk.webex.configure(latency_ms=500)

    def run() -> None:
        assert small_disk.run().refreshed

    process = os.fork()
    if not process:
        try:
            wait_until(lambda: asked(small_disk.webex)[REFRESH, None])
            fill(small_disk.folder)
        finally:
            os._exit(0)
    run()
    os.waitpid(process, 0)
    assert (small_disk.folder / "filler").stat().st_size
    held = small_disk.open().load().service_app
    assert held
    assert works(small_disk.webex, held.access_token)
    (small_disk.folder / "filler").unlink()
    assert not small_disk.check_heals().minted


@pytest.mark.parametrize("kind", ["vault_file", "vault_file_values"])
def test_a_folder_that_goes_away_while_webex_is_asked(kind: str, custody: Make) -> None:
    store = custody(kind)
    store.put()
    away = store.folder.with_suffix(".away")
    store.webex.configure(latency_ms=500)

    def run() -> None:
        assert "encrypted with the client secret" in attempt_slowly(store)

    process = os.fork()
    if not process:
        try:
            wait_until(lambda: asked(store.webex)[REFRESH, None])
            store.folder.rename(away)
        finally:
            os._exit(0)
    run()
    os.waitpid(process, 0)
    away.rename(store.folder)
    store.webex.configure(latency_ms=0)
    assert not store.check_heals().minted


def attempt_slowly(store: Custody) -> str:
    """The error of a run that has time."""
    with pytest.raises(WebexError) as error:
        store.run(timeout=5)
    return str(error.value)


def test_a_client_secret_that_was_replaced_leaves_the_recovery_file(custody: Make) -> None:
    store = custody("vault_file")
    store.put_recovery()
    with pytest.raises(WebexError):
        store.run(client_secret="0" * 64)
    assert not store.check_heals().minted
