# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret in anything that a run prints, logs, caches or leaves behind, from playbooks without a single no_log."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.scenarios.conftest import Workplace
from tests.simulator.process import Simulator

PIECE = 20
CARELESS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Get a token
      collabops.webex.service_app_token:
        force: true
        client_id: "{{ lookup('env', 'WEBEX_CLIENT_ID') }}"
        client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET') }}"
        refresh_token: "{{ lookup('env', 'WEBEX_REFRESH_TOKEN') }}"
        store:
          kind: vault_file
          path: webex_token.yml
      register: token

    - name: Get it in a loop
      collabops.webex.service_app_token:
        refresh_token: "{{ token.refresh_token }}"
        store:
          kind: "{{ item }}"
          path: "{{ 'webex_token.yml' if item == 'vault_file' else omit }}"
      loop: [vault_file, none]
      register: tokens

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

    - name: Enable users
      collabops.webex.calling_user:
        access_token: "{{ tokens.results[0].access_token }}"
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
        client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET')[:-1] }}0"
      ignore_errors: true

    - name: Fail for a bad option that holds a secret
      collabops.webex.service_app_token:
        client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET') }} {{ lookup('env', 'WEBEX_REFRESH_TOKEN') }}"
      ignore_errors: true

    - name: Hand on
      ansible.builtin.import_role:
        name: collabops.webex.service_app_token
      vars:
        service_app_token_profile: calling_user_enablement
        service_app_token_client_secret: "{{ lookup('env', 'WEBEX_CLIENT_SECRET') }}"
        service_app_token_store: {kind: vault_file, path: webex_token.yml}

    - name: Enable more users
      ansible.builtin.import_role:
        name: collabops.webex.calling_users
      vars:
        calling_users_list:
          - {email: carol@example.com, location: Berlin, extension: "2010"}
"""


def forms(secret: str) -> Iterator[bytes]:
    """Every piece of a secret, plain, and the whole URL-encoded and in base64 at each of its three offsets."""
    for start in range(len(secret) - PIECE + 1):
        yield secret[start : start + PIECE].encode()
    yield quote(secret, safe="").encode()
    for pad in range(3):
        encoded = base64.b64encode(b"x" * pad + secret.encode())
        yield encoded[4:-4]


def find(secrets: dict[str, str], texts: dict[str, bytes]) -> list[str]:
    """Return where which secret was found."""
    return [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, text in texts.items()
        if any(form in text for form in forms(secret))
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


@pytest.mark.parametrize("rotate", [False, True])
def test_no_secret_anywhere(rotate: bool, user: Workplace, webex: Simulator, tmp_path: Path) -> None:
    webex.configure(rotate_refresh_tokens=rotate)
    user.environment.update(
        ANSIBLE_LOG_PATH=str(tmp_path / "ansible.log"),
        ANSIBLE_CACHE_PLUGIN="jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(tmp_path / "cache"),
    )
    stop, commands = threading.Event(), set[bytes]()
    watcher = threading.Thread(target=watch_processes, args=(stop, commands))
    watcher.start()
    try:
        run = user.play(CARELESS, "-vvvv", "--diff")
    finally:
        stop.set()
        watcher.join()
    assert run.status == 0
    secrets = secrets_of(user, webex)
    texts = {"the output": run.output.encode(), "the process list": b"\n".join(commands), **left_behind(tmp_path)}
    assert str(tmp_path / "ansible.log") in texts
    assert any(b"ansible-playbook" in command for command in commands)
    assert find(secrets, texts) == []


def secrets_of(user: Workplace, webex: Simulator) -> dict[str, str]:
    """Return every secret of the run: those that were given, and those that are in the vault file now."""
    run = user.play(
        """
- hosts: localhost
  gather_facts: false
  vars_files: [webex_token.yml]
  tasks:
    - ansible.builtin.copy:
        content: "{{ webex_access_token }} {{ webex_refresh_token }}"
        dest: ../../secrets
        mode: "0600"
      no_log: true
""".replace("../../secrets", str(user.folder.parent.parent / f"{user.folder.parent.name}-secrets"))
    )
    assert run.status == 0
    path = user.folder.parent.parent / f"{user.folder.parent.name}-secrets"
    access_token, refresh_token = path.read_text(encoding="utf-8").split()
    path.unlink()
    app = webex.credentials["service_app"]
    return {
        "the client secret": app["client_secret"],
        "the first refresh token": app["refresh_token"],
        "the access token": access_token,
        "the refresh token": refresh_token,
    }


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda secret: quote(secret, safe="").encode(),
        lambda secret: base64.b64encode(b"ab" + secret.encode()),
        lambda secret: secret[7:31].encode(),
    ],
)
def test_the_scan_finds_what_is_planted(encode, user: Workplace, webex: Simulator) -> None:
    secret = webex.credentials["service_app"]["client_secret"]
    (user.folder / "planted").write_bytes(b"before " + encode(secret) + b" after")
    assert find({"it": secret}, left_behind(user.folder)) == [f"it in {user.folder / 'planted'}"]
