# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret in anything that a run prints, logs, caches or leaves behind, from playbooks without a no_log."""

from __future__ import annotations

import base64
import json
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.plugin_utils._holding import Holding
from ansible_collections.collabops.webex.plugins.plugin_utils._stores import STORE_SPEC, open_store

from tests.integration.scenarios.conftest import Workplace
from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

PIECE = 20
# One after the other they hand out tokens; after each, what the store holds is put aside for the scan.
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

    - name: Put aside
      ansible.builtin.command: python3 keep.py

    - name: Get it in a loop
      collabops.webex.service_app_token:
        refresh_token: "{{ token.refresh_token }}"
        store: "{{ item }}"
      loop:
        - "{{ store }}"
        - {kind: none}
      register: tokens

    # The only place where these are. It is the test that hides them here, and not the careless user.
    - name: Put aside what no store keeps
      ansible.builtin.copy:
        content: "{{ tokens.results | map(attribute='access_token') | zip(tokens.results | map(attribute='refresh_token')) }}"
        dest: "{{ lookup('env', 'KEPT') }}/loop"
        mode: "0600"
      no_log: true

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

    - name: Put aside
      ansible.builtin.command: python3 keep.py

    - name: Fail to mint
      collabops.webex.service_app_token:
        org_id: "{{ lookup('env', 'ORG_ID') }}"
        integration: "{{ integration | combine({'client_secret': integration.client_secret[:-1] ~ '0'}) }}"
      ignore_errors: true

    - name: Ask the token
      collabops.webex.token_info:
        access_token: "{{ token.access_token }}"

    - name: Check the scopes
      collabops.webex.service_app_scopes:
        access_token: "{{ token.access_token }}"
        granted: "{{ token.scopes }}"
        profile: calling_user_enablement

    - name: Read people
      collabops.webex.person_info:
        access_token: "{{ token.access_token }}"
      loop: [1, 2]

    - name: Read people by the lookup
      collabops.webex.person_info:
        access_token: "{{ lookup('collabops.webex.service_app_token', store=store) }}"

    - name: Fail in the lookup
      collabops.webex.person_info:
        access_token: "{{ lookup('collabops.webex.service_app_token', store=store, client_id='C0', **other) }}"
      vars:
        other: {client_secret: "{{ app.client_secret }}", refresh_token: "{{ token.refresh_token }}"}
      ignore_errors: true

    - name: Enable users
      collabops.webex.calling_user:
        access_token: "{{ token.access_token }}"
        email: "{{ item }}@example.com"
        location: Berlin
        extension: "{{ 2002 + index }}"
      loop: [alice, bob]
      loop_control:
        index_var: index

    - name: Fail with a token
      collabops.webex.calling_user:
        access_token: "{{ token.access_token }}"
        email: nobody@example.com
        location: Berlin
        extension: "2009"
      ignore_errors: true

    - name: Fail to refresh
      collabops.webex.service_app_token:
        client_secret: "{{ app.client_secret[:-1] }}0"
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
        client_secret: "{{ app.client_secret[:-1] }}0"
        refresh_token: "{{ token.refresh_token }}"
        store: "{{ store }}"
"""
# Copies what the store holds to a folder that is not scanned.
KEEP = """
import os, secrets, shutil, urllib.request
target = os.path.join(os.environ["KEPT"], secrets.token_hex(8))
if os.path.exists("webex_token.yml"):
    shutil.copy("webex_token.yml", target + ".yml")
else:
    url = os.environ["VAULT_ADDR"] + "/v1/secret/data/webex/tokens"
    request = urllib.request.Request(url, headers={"X-Vault-Token": os.environ["KEEPERS_TOKEN"]})
    with urllib.request.urlopen(request) as answer, open(target + ".json", "wb") as file:
        file.write(answer.read())
"""


def forms(secret: str) -> Iterator[bytes]:
    """Every piece of a secret, plain and in base64 at each of its three offsets, and the whole of it URL-encoded."""
    for start in range(len(secret) - PIECE + 1):
        yield secret[start : start + PIECE].encode()
    for encoded in in_base64(secret):
        for start in range(len(encoded) - BASE64_PIECE + 1):
            yield encoded[start : start + BASE64_PIECE]
    yield quote(secret, safe="").encode()


# Of the characters that a piece becomes, those that do not depend on what stands before and after it, at any offset.
BASE64_PIECE = (PIECE - 2) // 3 * 4


def in_base64(secret: str) -> Iterator[bytes]:
    """A secret at each offset, without the characters that depend on its neighbours."""
    for pad in range(3):
        yield base64.b64encode(b"x" * pad + secret.encode()).rstrip(b"=")[4 if pad else 0 : -1]


def hints(secret: str) -> Iterator[bytes]:
    """A few bytes, one of which is in every form: they are looked for first, because there are many forms."""
    for text, size in ((secret.encode(), PIECE), *((encoded, BASE64_PIECE) for encoded in in_base64(secret))):
        for start in range(0, len(text), size // 2):
            yield text[start : start + size // 2]
    yield quote(secret, safe="").encode()


def random_part(secret: str) -> str:
    """A token without its end, ``_<cluster>_<organization>``, which it has in common with ids that are no secret."""
    return secret.partition("_")[0] if "_" in secret else secret


def find(secrets_: dict[str, str], texts: dict[str, bytes]) -> list[str]:
    """Return where which secret was found."""
    return [
        f"{name} in {place}"
        for name, secret in ((name, random_part(secret)) for name, secret in secrets_.items())
        for place, text in texts.items()
        if any(hint in text for hint in hints(secret)) and any(form in text for form in forms(secret))
    ]


def left_behind(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* that is not the user's own."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def watch_processes(stop: threading.Event, seen: set[bytes]) -> None:
    """Collect the command lines of all processes until *stop*."""
    while not stop.wait(0.02):
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(path.read_bytes().replace(b"\0", b" "))
            except OSError:
                continue


@pytest.fixture(scope="module")
def vault() -> Iterator[VaultServer]:
    """A Vault."""
    with VaultServer() as server:
        yield server


def with_token(vault: VaultServer) -> tuple[dict[str, Any], dict[str, str]]:
    """A login by the environment."""
    return {}, {"VAULT_TOKEN": vault.credentials["writer_token"]}


def with_approle(vault: VaultServer) -> tuple[dict[str, Any], dict[str, str]]:
    """A login by options."""
    options = {
        "auth_method": "approle",
        "role_id": "{{ lookup('env', 'ROLE_ID') }}",
        "secret_id": "{{ lookup('env', 'THE_SECRET_ID') }}",
    }
    approle = vault.credentials["approle"]
    return options, {"ROLE_ID": approle["role_id"], "THE_SECRET_ID": approle["secret_id"]}


FILE = {"kind": "vault_file", "path": "webex_token.yml"}
EXTRA_CALLBACKS = {"ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.tree,ansible.builtin.junit"}
RUNS: dict[str, tuple[bool, Callable[[VaultServer], tuple[dict[str, Any], dict[str, str]]] | None, dict[str, str]]] = {
    # name: whether refresh tokens are used up, how to log in to Vault (None: a vault file), how to show results
    "vault_file, default callback": (False, None, {}),
    "encrypted values, YAML": (True, None, {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", **EXTRA_CALLBACKS}),
    "hashi_vault by token, JSON": (True, with_token, {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", **EXTRA_CALLBACKS}),
    "hashi_vault by approle, minimal callback": (False, with_approle, {"ANSIBLE_STDOUT_CALLBACK": "minimal"}),
}


@pytest.mark.parametrize("name", RUNS)
def test_no_secret_anywhere(name: str, user: Workplace, webex: Simulator, vault: VaultServer, tmp_path: Path) -> None:
    rotate, login, environment = RUNS[name]
    webex.configure(rotate_refresh_tokens=rotate)
    vault.reset()
    options, logins = login(vault) if login else ({}, {})
    store = {"kind": "hashi_vault", "path": "webex/tokens", **options} if login else dict(FILE)
    if "values" in name:
        store["encrypt"] = "values"
    broken = {"path": "forbidden"} if login else {"path": "/nonexistent/token.yml"}
    user.write("store.yml", json.dumps({"store": store, "broken": broken}))
    user.write("keep.py", KEEP)
    integration = webex.credentials["integration"]
    with tempfile.TemporaryDirectory() as kept:
        user.environment.update(
            {
                "ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"),
                "ANSIBLE_CACHE_PLUGIN": "jsonfile",
                "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache"),
                "ANSIBLE_CALLBACK_TREE_DIR": str(tmp_path / "tree"),
                "JUNIT_OUTPUT_DIR": str(tmp_path / "junit"),
                "WEBEX_CONTROL": webex.credentials["control_url"],
                "ORG_ID": webex.credentials["org_id"],
                "INTEGRATION_ID": integration["client_id"],
                "INTEGRATION_SECRET": integration["client_secret"],
                "INTEGRATION_REFRESH_TOKEN": integration["refresh_token"],
                "VAULT_ADDR": vault.url,
                "KEEPERS_TOKEN": vault.root_token,
                "KEPT": kept,
                **logins,
                **environment,
            }
        )
        stop, commands = threading.Event(), set[bytes]()
        watcher = threading.Thread(target=watch_processes, args=(stop, commands))
        watcher.start()
        try:
            run = user.play(CARELESS, "-vvvv", "--diff")
        finally:
            stop.set()
            watcher.join()
        found = secrets_of(Path(kept))
    # It went all the way: the tokens were given back, and then it failed, as it was meant to.
    assert "revoked" in run.output
    assert run.status == 2
    given = {
        "the client secret": webex.credentials["service_app"]["client_secret"],
        "the first refresh token": webex.credentials["service_app"]["refresh_token"],
        "the integration's secret": integration["client_secret"],
        "the integration's first refresh token": integration["refresh_token"],
        "Vault's root token": vault.root_token,
        **{f"{variable} of Vault": value for variable, value in logins.items() if variable != "ROLE_ID"},
    }
    # Two of the first, two of no store, and two each of the app and the integration after minting.
    assert len(set(found.values()) - set(given.values())) >= (6 if rotate else 5), list(found)
    texts = {"the output": run.output.encode(), "the process list": b"\n".join(commands), **left_behind(tmp_path)}
    wanted = ["ansible.log", "cache/*localhost"]
    if "ANSIBLE_CALLBACKS_ENABLED" in environment:
        wanted += ["tree/localhost", "junit/*.xml"]
    assert [pattern for pattern in wanted if not list(tmp_path.glob(pattern))] == []
    assert any(b"ansible-playbook" in command for command in commands)
    assert find({**given, **found}, texts) == []


def secrets_of(kept: Path) -> dict[str, str]:
    """Return every token that was put aside."""
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"a vault password"))])
    found: dict[str, str] = {}
    for path in sorted(kept.iterdir()):
        if path.suffix == ".yml":
            holding = open_store({**dict.fromkeys(STORE_SPEC), "kind": "vault_file", "path": str(path)}, loader).load()
        elif path.suffix == ".json":
            holding = Holding.from_variables(json.loads(path.read_text(encoding="utf-8"))["data"]["data"])
        else:
            for number, token in enumerate(sum(json.loads(path.read_text(encoding="utf-8")), [])):
                found[f"token {number} of the loop"] = token
            continue
        for owner in ("service_app", "integration"):
            token_set = getattr(holding, owner)
            for name, token in (token_set.secret() if token_set else {}).items():
                found[f"{name} of the {owner} in {path.name}"] = token
    return found


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda secret: quote(secret, safe="").encode(),
        lambda secret: base64.b64encode(b"ab" + secret.encode()),
        lambda secret: secret[7 : 7 + PIECE].encode(),
        lambda secret: base64.b64encode(b"a" + secret[7 : 7 + PIECE].encode() + b"bcd"),
        lambda secret: base64.b64encode(b"ab" + secret[-PIECE:].encode()),
    ],
)
@pytest.mark.parametrize("what", ["client_secret", "refresh_token"])
def test_the_scan_finds_what_is_planted(
    what: str, encode: Callable[[str], bytes], user: Workplace, webex: Simulator
) -> None:
    secret = random_part(webex.credentials["service_app"][what])
    (user.folder / "planted").write_bytes(b"before " + encode(secret) + b" after")
    assert find({"it": secret}, left_behind(user.folder)) == [f"it in {user.folder / 'planted'}"]


def test_the_scan_finds_nothing_else(user: Workplace) -> None:
    for number in range(20):
        secret = secrets.token_hex(32)
        (user.folder / "planted").write_text(f"{secret[:15]} {base64.b64encode(secret[20:35].encode())!r} {number}")
        assert find({"it": secret}, left_behind(user.folder)) == []
