# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a Vault that are not what they should be: whatever comes, it is an error in words, without a secret."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._time import to_iso, utc_now
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import StoreError
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.hashi_vault import LEASE, HashiVaultStore
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.kv_secret import LARGEST_ANSWER
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import holding
from ansible_collections.collabops.webex.tests.unit.support import (
    RawServer,
    Server,
    send_a_byte_now_and_then,
    send_without_end,
)

# What a server says is the same on every ansible-core.
pytestmark = pytest.mark.any_core

TOKEN = "hvs.the-token-of-the-vault-that-nobody-may-see"
LOGIN = {"auth_method": "approle", "role_id": "the-role", "secret_id": "the-secret-id-that-nobody-may-see"}
DATA = {**holding().variables(), "webex_lease": {"holder": "another run", "until": to_iso(utc_now() - LEASE)}}
GOOD = {"data": {"data": DATA, "metadata": {"version": 1, "deletion_time": "", "destroyed": False}}}
PATHS = (
    "data",
    "data.data",
    "data.metadata",
    "data.metadata.version",
    "data.metadata.deletion_time",
    "data.metadata.destroyed",
    "data.data.webex_access_token",
    "data.data.webex_token",
    "data.data.webex_token.schema",
    "data.data.webex_token.expires_at",
    "data.data.webex_lease",
    "data.data.webex_lease.until",
    "data.data.webex_lease.holder",
)
VALUES: dict[str, t.Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "fraction": 1.5,
    "large": 10**30,
    "not a number": float("nan"),
    "empty": "",
    "escape code": "\x1b[2J",
    "lone surrogate": "\ud800",
    "beyond the calendar": "0001-01-01T00:00:00+23:59",
    "list": [1],
    "object": {"a": 1},
}
BODIES = {
    "nothing": "",
    "null": "null",
    "number": "5",
    "text": '"data"',
    "list": "[1]",
    "empty": "{}",
    "half": '{"data": {',
    "nested": "[" * 100_000,
    "page": "<html>it works</html>",
    "errors is null": '{"errors": null}',
    "errors is a number": '{"errors": 5}',
    "errors is text": '{"errors": "no \x1b[2J"}',
    "errors is an object": '{"errors": {"a": "b"}}',
    "errors of another type": '{"errors": [5, null, {"a": 1}, ["b"]]}',
    "errors with a lone surrogate": '{"errors": ["\\ud800"]}',
    "errors with escape codes": '{"errors": ["\\u001b[2J\\u009b"]}',
    "errors that quote": json.dumps({"errors": [f"{TOKEN} {TOKEN.upper()} {TOKEN[5:30]} {LOGIN['secret_id']}"]}),
    "text that quotes": f"no: {TOKEN} {LOGIN['secret_id']} {DATA['webex_access_token']}",
    "data is a list": '{"data": []}',
    "auth is null": '{"auth": null}',
    "auth without a token": '{"auth": {}}',
    "auth with a number": '{"auth": {"client_token": 5}}',
    "auth with a list": '{"auth": {"client_token": ["a"]}}',
    "auth with a line break": '{"auth": {"client_token": "a\\nb"}}',
    "auth with a lone surrogate": '{"auth": {"client_token": "a\\ud800"}}',
}
STATUSES = (200, 400, 404, 503)


def texts_of_all_steps(status: int, body: str, **options: str) -> list[str]:
    """Return what the store says of this answer in each of its steps; nothing if the step goes well."""
    texts = []
    with Server([(status, {}, body)]) as server:
        url = server.base_url.removesuffix("/v1")
        for step in (HashiVaultStore.load, enter, lambda store: store.save(holding()), HashiVaultStore.clear):
            store = HashiVaultStore({"url": url, "path": "x", "timeout": 5, **(options or {"token": TOKEN})}, {})
            try:
                step(store)
            except StoreError as error:
                texts.append(str(error))
    return texts


def enter(store: HashiVaultStore) -> None:
    """Take the lease."""
    with store.lock(0):
        pass


def check(texts: list[str]) -> None:
    """They can be shown."""
    shown = " ".join(texts)
    assert shown.isprintable()
    for secret in (TOKEN, LOGIN["secret_id"], *(value for value in DATA.values() if isinstance(value, str))):
        assert secret[5:25].lower() not in shown.lower()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("path", PATHS)
def test_an_answer_with_one_strange_field(path: str, value: t.Any) -> None:
    answer = copy.deepcopy(GOOD)
    place: t.Any = answer
    *folders, name = path.split(".")
    for folder in folders:
        place = place[folder]
    place[name] = value
    check(texts_of_all_steps(200, json.dumps(answer)))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_of_another_kind(body: str, status: int) -> None:
    texts = texts_of_all_steps(status, body)
    check(texts)
    # Nothing of it looks like a success, but for a 404: that is how a secret is answered that was never written.
    assert len(texts) == 4 or status == 404


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_login_that_is_answered_with_something_else(body: str) -> None:
    texts = texts_of_all_steps(200, body, **LOGIN)
    check(texts)
    assert len(texts) == 4


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    with RawServer(send_without_end) as server:
        store = HashiVaultStore({"url": f"http://127.0.0.1:{server.port}", "path": "x", "token": TOKEN}, {})
        with pytest.raises(StoreError, match=f"more than {LARGEST_ANSWER // 1024 // 1024} MB"):
            store.load()


def test_an_answer_of_a_byte_now_and_then_ends_with_the_timeout() -> None:
    with RawServer(send_a_byte_now_and_then) as server:
        options = {"url": f"http://127.0.0.1:{server.port}", "path": "x", "token": TOKEN, "timeout": 1}
        with pytest.raises(StoreError, match="no answer"):
            HashiVaultStore(options, {}).load()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://vault.example.com:8200", "without encryption"),
        ("http://10.0.0.1", "without encryption"),
        ("http://localhost.example.com", "without encryption"),
        ("https://user:a-hidden-word@vault.example.com", "a user or a password"),
        ("https://a-hidden-word@vault.example.com", "a user or a password"),
        ("http://127.0.0.1:80@vault.example.com", "a user or a password"),
        ("vault.example.com:8200", "not a URL with a scheme and a host"),
        ("https://[", "not a URL"),
        ("https://vault.example.com/?x=1", "too much follows"),
        ("https://vault.example.com/#x", "too much follows"),
    ],
)
@pytest.mark.parametrize("from_environment", [False, True])
def test_an_address_to_which_secrets_must_not_go_is_refused(url: str, words: str, from_environment: bool) -> None:
    environ = {"VAULT_ADDR": url} if from_environment else {}
    options = {} if from_environment else {"url": url}
    with pytest.raises(OptionError, match=words) as error:
        HashiVaultStore({"path": "x", "token": TOKEN, **options}, environ)
    assert error.value.option == "store.url"
    assert "a-hidden-word" not in str(error.value)


@pytest.mark.parametrize("token", ["hidden\u00e9", "hid den", "['hidden']"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(OptionError, match="store.token: ") as error:
        HashiVaultStore({"url": "http://127.0.0.1", "path": "x", "token": token}, {})
    assert "hid" not in str(error.value)
