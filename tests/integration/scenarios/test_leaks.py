# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret in anything that a run prints, logs, caches or leaves behind, from playbooks without a no_log.

It is the fixture `user` that looks for them, after each test of all scenarios. Here are runs that tempt secrets to get
out, and the proof that the scan finds what did.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import leaks
import pytest

from tests.integration.scenarios.conftest import Workplace
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

# Every way of getting a token, of using it, and of failing with it.
CARELESS = """
- hosts: localhost
  gather_facts: false
  vars_files: [store.yml]
  vars:
    app:
      client_id: "{{ lookup('env', 'WEBEX_CLIENT_ID') }}"
      client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET') }}"
      refresh_token: "{{ lookup('env', 'WEBEX_REFRESH_TOKEN') }}"
    integration:
      client_id: "{{ lookup('env', 'INTEGRATION_ID') }}"
      client_secret: "{{ lookup('env', 'INTEGRATION_SECRET') }}"
      refresh_token: "{{ lookup('env', 'INTEGRATION_REFRESH_TOKEN') }}"
  tasks:
    - name: Get a token
      collabops.webex.service_app_token:
        force: true
        client_id: "{{ app.client_id }}"
        client_secret: "{{ app.client_secret }}"
        refresh_token: "{{ app.refresh_token }}"
        store: "{{ store }}"
      register: token

    - name: Get it in a loop
      collabops.webex.service_app_token:
        refresh_token: "{{ token.refresh_token }}"
        store: "{{ item }}"
      loop:
        - "{{ same_store }}"
        - {kind: none, caller_keeps: true}

    - name: Kill the refresh token
      ansible.builtin.uri:
        url: "{{ lookup('env', 'WEBEX_CONTROL') }}/service_apps/{{ app.client_id }}"
        method: PATCH
        body_format: json
        body: {revoke: true}

    - name: Mint
      collabops.webex.service_app_token:
        force: true
        client_id: "{{ app.client_id }}"
        client_secret: "{{ app.client_secret }}"
        org_id: "{{ lookup('env', 'ORG_ID') }}"
        integration: "{{ integration }}"
        store: "{{ store }}"
      register: token

    - name: Check that it was minted
      ansible.builtin.assert:
        that: token.minted

    - name: Fail to mint
      collabops.webex.service_app_token:
        org_id: "{{ lookup('env', 'ORG_ID') }}"
        integration: "{{ integration | combine({'client_secret': integration.client_secret ~ '0'}) }}"
      ignore_errors: true

    - name: Fail to refresh
      collabops.webex.service_app_token:
        client_secret: "{{ app.client_secret }}0"
      ignore_errors: true

    - name: Fail for a bad option that holds a secret
      collabops.webex.service_app_token:
        client_secret: "{{ app.client_secret }} {{ app.refresh_token }}"
      ignore_errors: true

    - name: Fail for a store that cannot be used
      collabops.webex.service_app_token:
        store: "{{ store | combine(broken) }}"
      ignore_errors: true

    - name: Hand on
      ansible.builtin.import_role:
        name: collabops.webex.service_app_token
      vars:
        service_app_token_profile: calling_user_enablement
        service_app_token_client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET') }}"
        service_app_token_store: "{{ store }}"

    - name: Read people by the lookup
      collabops.webex.person_info:
        access_token: "{{ lookup('collabops.webex.service_app_token', store=store) }}"

    - name: Fail in the lookup
      collabops.webex.person_info:
        access_token: "{{ lookup('collabops.webex.service_app_token', store=store, client_id='C0', **other) }}"
      vars:
        other: {client_secret: "{{ app.client_secret }}", refresh_token: "{{ token.refresh_token }}"}
      ignore_errors: true

    - name: Use the token
      tags: use
      block:
        - name: Ask the token
          collabops.webex.token_info:
            access_token: "{{ token.access_token }}"

        - name: Check the scopes
          collabops.webex.service_app_scopes_info:
            access_token: "{{ token.access_token }}"
            granted: "{{ token.scopes }}"
            profile: calling_user_enablement

        - name: Read people
          collabops.webex.person_info:
            access_token: "{{ token.access_token }}"
          loop: [1, 2]

        - name: Enable users
          collabops.webex.calling_user:
            access_token: "{{ token.access_token }}"
            email: "{{ item }}@example.com"
            location: Berlin
            extension: "{{ 2002 + index }}"
          loop: [alice, bob]
          loop_control:
            index_var: index

        - name: Fail to set a passcode, for which the token lacks a scope
          collabops.webex.calling_user_settings:
            access_token: "{{ token.access_token }}"
            email: alice@example.com
            voicemail_passcode: "{{ lookup('env', 'PASSCODE') }}"
            voicemail_passcode_update: always
          ignore_errors: true

        - name: Fail to set it for a list
          collabops.webex.calling_users:
            access_token: "{{ token.access_token }}"
            users: [{email: bob@example.com, location: Berlin, extension: "2003", profile: office}]
            profiles:
              office: {voicemail_passcode: "{{ lookup('env', 'PASSCODE') }}", voicemail_passcode_update: always}
            report_dir: reports
          ignore_errors: true

        - name: Fail with a token
          collabops.webex.calling_user:
            access_token: "{{ token.access_token }}"
            email: nobody@example.com
            location: Berlin
            extension: "2009"
          ignore_errors: true

        - name: Enable more users
          ansible.builtin.import_role:
            name: collabops.webex.calling_users
          vars:
            calling_users_list:
              - {email: carol@example.com, location: Berlin, extension: "2010"}

    - name: Have something to cache
      ansible.builtin.set_fact:
        cached_fact: "{{ inventory_hostname }}"
        cacheable: true

    - name: Give the tokens back
      collabops.webex.service_app_token:
        state: absent
        client_secret: "{{ app.client_secret }}"
        store: "{{ store }}"

    - name: Fail for good
      collabops.webex.service_app_token:
        client_secret: "{{ app.client_secret }}0"
        refresh_token: "{{ token.refresh_token }}"
        store: "{{ store }}"
"""
# What every leak looks like, by means of Ansible alone.
PLANTED = """
- hosts: localhost
  gather_facts: false
  vars:
    planted: "{{ lookup('env', 'PLANTED') }}"
  tasks:
    - name: Show
      ansible.builtin.debug:
        msg: "{{ planted[20:40] }}"

    - name: Name in a command
      ansible.builtin.command: python3 -c 'import time; time.sleep(0.5)' {{ planted }}
      no_log: true

    - name: Cache
      ansible.builtin.set_fact:
        cached: "{{ planted | b64encode }}"
        cacheable: true
      no_log: true

    - name: Leave behind
      ansible.builtin.copy:
        content: "{{ planted }}"
        dest: "{{ lookup('env', 'TMPDIR') }}/left"
        mode: "0600"
"""


@pytest.fixture(scope="module")
def vault() -> Iterator[VaultServer]:
    """A Vault."""
    with VaultServer() as server:
        yield server


def vault_file(vault: VaultServer) -> tuple[dict[str, Any], dict[str, str]]:
    """A file with encrypted values, and no other way to it."""
    store = {"kind": "vault_file", "path": "webex_token.yml", "encrypt": "values"}
    return {"store": store, "same_store": store, "broken": {"path": "/nonexistent/token.yml"}}, {}


def hashi_vault(vault: VaultServer) -> tuple[dict[str, Any], dict[str, str]]:
    """A secret, by a login with options, and by one with the environment."""
    approle = vault.credentials["approle"]
    by_token = {"kind": "hashi_vault", "path": "webex/tokens"}
    by_approle = {
        "auth_method": "approle",
        "role_id": "{{ lookup('env', 'ROLE_ID') }}",
        "secret_id": "{{ lookup('env', 'THE_SECRET_ID') }}",
    }
    return {"store": by_token | by_approle, "same_store": by_token, "broken": {"path": "forbidden"}}, {
        "ROLE_ID": approle["role_id"],
        "THE_SECRET_ID": approle["secret_id"],
        "VAULT_TOKEN": vault.credentials["writer_token"],
    }


# The default callback shows results as JSON in all other scenarios.
YAML = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.tree,ansible.builtin.junit",
}
MINIMAL = {"ANSIBLE_STDOUT_CALLBACK": "minimal"}
WITHOUT_USE = ("--skip-tags", "use")


# What modules do with a token depends neither on its store nor on what shows their results: it is seen once.
@pytest.mark.parametrize(
    ("store", "callbacks", "rotate", "arguments"),
    [
        pytest.param(vault_file, YAML, True, WITHOUT_USE, id="vault_file, YAML"),
        pytest.param(hashi_vault, MINIMAL, False, (), id="hashi_vault, minimal", marks=pytest.mark.any_core),
    ],
)
def test_careless_runs(
    store: Callable[[VaultServer], tuple[dict[str, Any], dict[str, str]]],
    callbacks: dict[str, str],
    rotate: bool,
    arguments: tuple[str, ...],
    user: Workplace,
    webex: Simulator,
    vault: VaultServer,
    tmp_path: Path,
) -> None:
    webex.configure(rotate_refresh_tokens=rotate)
    vault.reset()
    user.servers.append(vault)
    variables, logins = store(vault)
    user.write("store.yml", json.dumps(variables))
    integration = webex.credentials["integration"]
    user.environment |= {
        "ANSIBLE_CALLBACK_TREE_DIR": str(tmp_path / "tree"),
        "JUNIT_OUTPUT_DIR": str(tmp_path / "junit"),
        "WEBEX_CONTROL": webex.credentials["control_url"],
        "ORG_ID": webex.credentials["org_id"],
        "PASSCODE": f"{secrets.randbelow(10**30):030}",
        "INTEGRATION_ID": integration["client_id"],
        "INTEGRATION_SECRET": integration["client_secret"],
        "INTEGRATION_REFRESH_TOKEN": integration["refresh_token"],
        "VAULT_ADDR": vault.url,
        **logins,
        **callbacks,
    }
    before = webex.secrets().keys()
    run = user.play(CARELESS, *arguments)
    # It went all the way: the tokens were given back, and then it failed, as it was meant to.
    assert "revoked" in run.output
    assert run.status == 2
    # Two refreshes of the app, one of the integration, and a minted pair; a passcode, if the token is used.
    assert len(webex.secrets().keys() - before) == (8 if rotate else 5) + (not arguments)
    wanted = ["ansible.log", "cache/*localhost"]
    if callbacks is YAML:
        wanted += ["tree/localhost", "junit/*.xml"]
    assert [pattern for pattern in wanted if not list(tmp_path.glob(pattern))] == []


@pytest.mark.any_core
def test_the_scan_finds_what_leaks_anywhere(user: Workplace, webex: Simulator, tmp_path: Path) -> None:
    planted = webex.token(kind="bot")["access_token"]
    run = user.play(PLANTED, PLANTED=planted)
    assert run.status == 0
    found = {leak.partition(", line ")[0]: leak for leak in user.leaks()}
    (cache,) = (tmp_path / "cache").iterdir()
    places = ("the process list", "the output of run 1", "ansible.log", f"cache/{cache.name}", "temporary/tmp/left")
    assert found.keys() == {f"access token (bot): {place}" for place in places}
    said = "\n".join(user.leaks())
    assert re.findall(r"run 1, line \d+, TASK \[(.*?)\], after", said) == ["Show", "Leave behind"]
    assert leaks.find(webex.secrets(), {"what it says": said.encode()}) == []
    user.servers.clear()  # these are no leaks of the collection


@pytest.mark.any_core
@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda secret: quote(secret, safe="").encode(),
        lambda secret: "".join(f"%{ord(letter):02x}" for letter in secret[5:-5]).encode(),
        lambda secret: base64.b64encode(b"ab" + secret.encode()),
        lambda secret: secret[7 : 7 + leaks.PIECE].encode(),
        lambda secret: base64.b64encode(b"a" + secret[7 : 7 + leaks.PIECE].encode() + b"bcd"),
        lambda secret: base64.b64encode(b"ab" + secret[-leaks.PIECE :].encode()),
    ],
)
@pytest.mark.parametrize("what", ["client_secret", "refresh_token"])
def test_the_scan_finds_every_form(what: str, encode: Callable[[str], bytes], webex: Simulator) -> None:
    secret = webex.credentials["service_app"][what]
    planted = b"before\n{'it': '" + encode(secret.partition("_")[0]) + b"'} after"
    assert leaks.find({secret: what}, {"here": planted, "there": b""}) == [f"{what}: here, line 2, after \"{{'it': '\""]


@pytest.mark.any_core
def test_the_scan_finds_nothing_else(webex: Simulator) -> None:
    for number in range(20):
        secret = secrets.token_hex(32)
        text = f"{secret[:15]} {base64.b64encode(secret[20:35].encode())!r} {number}"
        assert leaks.find({secret: "it"}, {"here": text.encode()}) == []
    ids = json.dumps([webex.credentials["org_id"], webex.state(), webex.credentials["bot"]["access_token"][87:]])
    assert leaks.find(webex.secrets(), {"here": ids.encode()}) == []


@pytest.mark.any_core
def test_the_scan_says_what_it_cannot_find() -> None:
    for secret in ("short", "with blanks in it, and long"):
        with pytest.raises(ValueError, match="cannot be looked for: a password"):
            leaks.find({secret: "a password"}, {"here": b""})
