# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in a secret of HashiCorp Vault, by real playbooks, against the stand-in of tests/vault_server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hvac
import pytest

from tests.integration.scenarios.conftest import Workplace
from tests.integration.scenarios.test_failures import assert_clear, play_of
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

pytestmark = pytest.mark.any_core

GET = """
- hosts: localhost
  gather_facts: false
  tasks:
    - collabops.webex.service_app_token:
        store: {kind: hashi_vault, path: webex/tokens}
      register: token
"""
USE = """
    - collabops.webex.token_info:
        access_token: "{{ token.access_token }}"
      register: asked

    - ansible.builtin.assert:
        that:
          - asked.valid
"""
GIVE_BACK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Give the tokens back
      collabops.webex.service_app_token:
        state: absent
        store: {kind: hashi_vault, path: webex/tokens}

    - name: Give them back again, which changes nothing
      collabops.webex.service_app_token:
        state: absent
        store: {kind: hashi_vault, path: webex/tokens}
      register: given
      failed_when: given is changed
"""


@pytest.fixture(scope="session")
def _vault() -> Iterator[VaultServer]:
    with VaultServer() as server:
        yield server


@pytest.fixture
def vault(_vault: VaultServer) -> VaultServer:
    """A Vault in its first state."""
    _vault.reset()
    return _vault


@pytest.fixture
def secret(vault: VaultServer) -> Any:
    """Reads the secret, as an administrator would, and writes to it first."""
    kv = hvac.Client(url=vault.url, token=vault.root_token).secrets.kv.v2
    kv.create_or_update_secret(path="webex/tokens", secret={"database_password": "x"})
    return lambda: kv.read_secret_version(path="webex/tokens", raise_on_deleted_version=True)["data"]["data"]


@pytest.fixture
def armed(user: Workplace, vault: VaultServer) -> Workplace:
    """A user without a vault password, who logs in with an AppRole that the environment names."""
    del user.environment["ANSIBLE_VAULT_PASSWORD_FILE"]
    user.servers.append(vault)
    user.environment |= {
        "ANSIBLE_HASHI_VAULT_ADDR": vault.url,
        "ANSIBLE_HASHI_VAULT_AUTH_METHOD": "approle",
        "ANSIBLE_HASHI_VAULT_ROLE_ID": vault.credentials["approle"]["role_id"],
        "ANSIBLE_HASHI_VAULT_SECRET_ID": vault.credentials["approle"]["secret_id"],
    }
    return user


def test_a_second_run_takes_the_token_from_the_secret_and_it_is_given_back(
    armed: Workplace, vault: VaultServer, webex: Simulator, secret: Any
) -> None:
    webex.configure(rotate_refresh_tokens=True)
    preview = armed.play(GET, "--check")
    assert (preview.status, preview.changed()) == (0, 1)
    assert webex.journal() == []
    assert secret() == {"database_password": "x"}

    first = armed.play(GET)
    assert (first.status, first.changed()) == (0, 1)
    assert [request["path"] for request in webex.writes()] == ["/v1/access_token"]
    kept = secret()
    assert kept["webex_refresh_token"] != armed.environment["WEBEX_REFRESH_TOKEN"]
    assert kept["database_password"] == "x"
    assert "webex_lease" not in kept

    webex.clear_journal()
    vault.clear_journal()
    again = armed.play(GET + USE)
    assert (again.status, again.changed()) == (0, 0)
    assert [request["path"] for request in webex.journal()] == ["/v1/authorizations/tokenExpiry", "/v1/people/me"]
    assert [entry["method"] for entry in vault.journal()] == ["POST", "GET"]
    assert secret() == kept

    run = armed.play(GIVE_BACK)
    assert (run.status, run.changed()) == (0, 1)
    assert secret() == {"database_password": "x"}


def test_what_does_not_work_is_found_before_anything_is_spent(armed: Workplace, webex: Simulator) -> None:
    armed.environment["THE_SECRET_ID"] = armed.environment.pop("ANSIBLE_HASHI_VAULT_SECRET_ID")
    wrong: dict[str, dict[str, str]] = {
        "invalid role or secret ID": {"secret_id": "wrong-secret-id"},
        "store.secret_id: is missing": {},
        "no answer": {"secret_id": "{{ lookup('env', 'THE_SECRET_ID') }}", "url": "http://127.0.0.1:9"},
    }
    store = {"kind": "hashi_vault", "path": "webex/tokens"}
    run = armed.play(play_of(*(("service_app_token", {"store": store | options}) for options in wrong.values())))
    assert_clear(run, *((words,) for words in wrong))
    assert "wrong-secret-id" not in run.output
    assert webex.journal() == []


def test_a_save_that_fails_is_recovered_by_the_next_run(
    armed: Workplace, vault: VaultServer, webex: Simulator, secret: Any
) -> None:
    webex.configure(rotate_refresh_tokens=True)
    # The first write is the lease.
    vault.fault(kind="status", status=503, method="POST", path="/data/", skip=1)
    run = armed.play(GET)
    assert run.status != 0
    assert_clear(run, ("Vault is sealed", "The new tokens are in"))
    vault.clear_faults()
    webex.clear_journal()
    again = armed.play(GET)
    assert (again.status, webex.writes()) == (0, [])
    assert "an earlier run could not save" in again.output
    assert "webex_access_token" in secret()
