# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job of AWX leaves in its container is gone when it ends: a store there is refused, and recovery is a text."""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.job import ends_with_the_job, is_in_job
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.keeper import Unsaved
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.run_vault import RunVault
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import NoStore, StoreError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.vault_file import VaultFileStore
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    NOW,
    Secret,
    Shop,
    hashi_vault,
    make_loader,
    vault_file,
)
from ansible_collections.collabops.webex.tests.unit.support import FORK, asked
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

# What is kept where is the same on every ansible-core.
pytestmark = pytest.mark.any_core

EXPIRED = NOW - timedelta(seconds=1)
REFRESH = "POST /access_token"
ME = "GET /people/me"
# A mount of its own on every Linux, in which a user may write.
MOUNT = "/dev/shm"


@pytest.fixture
def shop(webex: Simulator, settings: Settings, tmp_path: pathlib.Path) -> Shop:
    """A vault file, and refresh tokens that can be used once."""
    webex.configure(rotate_refresh_tokens=True)
    return Shop(webex, settings, tmp_path / "token.yml")


@pytest.fixture(params=["AWX_PRIVATE_DATA_DIR", "JOB_ID"])
def job(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a job of AWX."""
    monkeypatch.setenv(request.param, "42")


def test_a_run_elsewhere_is_no_job(tmp_path: pathlib.Path) -> None:
    assert not is_in_job()
    assert not ends_with_the_job(str(tmp_path))


def test_a_folder_on_a_mount_of_its_own_outlives_the_job(job: None, tmp_path: pathlib.Path) -> None:
    assert is_in_job()
    assert os.path.ismount(MOUNT)
    assert not ends_with_the_job(f"{MOUNT}/a folder that/is not there")
    link = tmp_path / "link"
    link.symlink_to(MOUNT)
    assert not ends_with_the_job(str(link))
    assert ends_with_the_job("/a folder that/is not there")


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_vault_file_that_ends_with_the_job_is_refused_before_webex_is_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, check_mode: bool
) -> None:
    shop.put(expires_at=EXPIRED)
    before = shop.files()
    monkeypatch.setenv("JOB_ID", "42")
    with pytest.raises(StoreError, match="would be gone with this job of AWX") as error:
        shop.obtain(check_mode=check_mode)
    assert "service_app_token_store, to {kind: awx_credential}" in str(error.value.remedy)
    assert asked(shop.webex) == []
    assert shop.files() == before


def test_a_job_without_any_credential_is_told_which_it_needs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that a client id is missing."""
    monkeypatch.setenv("JOB_ID", "42")
    with pytest.raises(StoreError, match="would be gone with this job of AWX") as error:
        shop.store().load()
    assert "attach a credential of the type `Webex Access Token`" in str(error.value.remedy)


def test_a_vault_file_on_a_mount_is_used(shop: Shop, job: None) -> None:
    with tempfile.TemporaryDirectory(dir=MOUNT) as folder:
        store = vault_file(pathlib.Path(folder) / "token.yml")
        assert shop.obtain(store).refreshed
        assert not shop.obtain(store).refreshed


# Recovery


def failed(shop: Shop, vault: VaultServer) -> str:
    """A job whose Vault fails as soon as Webex has been asked: the text that it shows."""
    # The lease goes well, and what comes after it does not.
    vault.fault(kind="status", status=500, method="POST", path="/data/", skip=1, times=None)
    with pytest.raises(Unsaved) as error:
        shop.obtain(hashi_vault(vault))
    vault.clear_faults()
    assert error.value.recovery
    assert error.value.recovery in str(error.value)
    assert "on this machine" not in str(error.value)
    return error.value.recovery


def test_in_a_job_recovery_is_a_text_with_any_store(
    shop: Shop, vault: VaultServer, home: pathlib.Path, job: None
) -> None:
    text = failed(shop, vault)
    assert not list(home.rglob("recovery-*"))
    secret = Secret(vault)
    data = secret.read()
    secret.write(**{key: value for key, value in data.items() if key != "webex_lease"})
    shop.webex.clear_journal()
    outcome = shop.obtain(hashi_vault(vault), recovery=text, settings={"refresh_token": None})
    assert asked(shop.webex) == []
    assert outcome.warnings == (
        f"The tokens that an earlier run could not save were put into {hashi_vault(vault).name}.",
    )
    assert hashi_vault(vault).load().service_app == outcome.token_set


def test_a_text_is_for_its_own_service_app(shop: Shop, vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_ID", "42")
    text = failed(shop, vault)
    monkeypatch.delenv("JOB_ID")
    with pytest.raises(OptionError, match="is not a recovery text that this client secret opens"):
        shop.obtain(recovery=text, settings={"client_secret": "another"})
    with pytest.raises(OptionError, match="client_secret: is missing"):
        shop.obtain(recovery=text, settings={"client_secret": None})
    with pytest.raises(OptionError, match="recovery: needs a store"):
        shop.obtain(NoStore(), recovery=text)
    # It does not matter into which store.
    assert shop.obtain(recovery=text, settings={"refresh_token": None}).warnings


def test_a_text_does_not_take_the_place_of_newer_tokens(
    shop: Shop, vault: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_ID", "42")
    text = failed(shop, vault)
    monkeypatch.delenv("JOB_ID")
    shop.put(access_token="newer-access", refresh_token="newer-refresh")
    assert shop.obtain(recovery=text).token_set.access_token == "newer-access"
    shop.put(access_token="newer-access", refresh_token="dead", expires_at=EXPIRED)
    # But it is tried if those are refused.
    assert shop.obtain(recovery=text, settings={"refresh_token": None}).refreshed


# No store


def test_without_a_store_a_refresh_token_that_is_replaced_is_a_failure_that_loses_nothing(shop: Shop) -> None:
    with pytest.raises(Unsaved, match="a store of the kind none does not keep the new one") as error:
        shop.obtain(NoStore())
    assert "store.caller_keeps=true" in str(error.value.remedy)
    outcome = shop.obtain(recovery=error.value.recovery, settings={"refresh_token": None})
    assert asked(shop.webex) == [REFRESH]
    assert shop.obtain(force=True, settings={"refresh_token": None}).refreshed
    assert outcome.token_set is not None


def test_without_a_store_the_caller_may_keep_it(shop: Shop) -> None:
    first = shop.obtain(NoStore(caller_keeps=True))
    assert first.rotated
    second = shop.obtain(NoStore(caller_keeps=True), settings={"refresh_token": first.token_set.refresh_token})
    assert second.refreshed


def test_without_a_store_nobody_keeps_the_refresh_token_of_an_integration(shop: Shop) -> None:
    with pytest.raises(Unsaved):
        shop.obtain(NoStore(caller_keeps=True), settings=shop.integration())
    shop.webex.configure(rotate_refresh_tokens=False)
    shop.webex.reset()
    assert shop.obtain(NoStore(), settings=shop.integration()).minted


def test_without_a_store_and_a_refresh_token_that_stays_all_is_well(shop: Shop) -> None:
    shop.webex.configure(rotate_refresh_tokens=False)
    assert shop.obtain(NoStore()).verified
    assert asked(shop.webex) == [REFRESH, ME]


class Killed(BaseException):
    """A signal that could not be put off any longer."""


class Interrupted(VaultFileStore):
    """A store in whose save such a signal comes, and which does not look where it is."""

    def load(self) -> StoredTokens:
        """Nothing is there."""
        return StoredTokens()

    def reserve(self) -> None:
        """Nothing can fail."""

    def save(self, holding: StoredTokens) -> None:
        """Be killed."""
        raise Killed


def be_interrupted(shop: Shop) -> None:
    """A worker of Ansible whose save is interrupted."""
    with contextlib.suppress(Killed):
        shop.obtain(Interrupted(str(shop.path), RunVault(make_loader())))


def test_a_run_that_a_signal_ends_says_the_text_at_once(
    shop: Shop, job: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the standard error of its parent, which is that of ansible-playbook."""
    worker = FORK.Process(target=be_interrupted, args=(shop,))
    worker.start()
    worker.join()
    assert "the new tokens are in this text, encrypted with the client secret: " in capfd.readouterr().err
