# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import (
    HOLDERS,
    SECRET_VARIABLES,
    VARIABLES,
    StoredTokens,
)
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    clients,
    integration_set,
    token_set,
)

BOTH = StoredTokens(token_set(), integration_set())
ALL = StoredTokens(token_set(), integration_set(), **clients())


@pytest.mark.parametrize(
    "held", [StoredTokens(), StoredTokens(token_set()), StoredTokens(None, integration_set()), BOTH, ALL]
)
def test_a_holding_survives_json(held: StoredTokens) -> None:
    assert StoredTokens.from_variables(json.loads(json.dumps(held.variables()))) == held


def test_a_user_meets_these_variables() -> None:
    client = {"schema": 1, "base_url": "https://webexapis.com/v1"}
    variables = ALL.variables()
    parsed = {name: json.loads(variables.pop(name)) for name in ("webex_client", "webex_integration_client")}
    assert parsed == {
        "webex_client": {**client, "client_id": "C1", "client_secret": "app-client-secret"},
        "webex_integration_client": {**client, "client_id": "C2", "client_secret": "integration-client-secret"},
    }
    assert variables == {
        "webex_access_token": "stored-access",
        "webex_refresh_token": "stored-refresh",
        "webex_token": token_set().public(),
        "webex_integration_access_token": "integration-access",
        "webex_integration_refresh_token": "integration-refresh",
        "webex_integration_token": integration_set().public(),
    }
    assert set(ALL.variables()) == set(VARIABLES)


def test_secrets_are_in_secret_variables_alone() -> None:
    plain = {name: value for name, value in ALL.variables().items() if name not in SECRET_VARIABLES}
    secrets = [*token_set().secret().values(), *integration_set().secret().values(), "client-secret"]
    assert len(plain) == 2
    assert not any(secret in json.dumps(plain) for secret in secrets)
    assert not any(secret in repr(ALL) for secret in secrets)


@pytest.mark.parametrize(
    ("held", "anything"),
    [(StoredTokens(), False), (StoredTokens(token_set()), True), (StoredTokens(None, integration_set()), True)],
)
def test_a_holding_is_true_where_there_is_anything(held: StoredTokens, anything: bool) -> None:
    assert bool(held) is anything


def test_other_names_are_passed_over() -> None:
    assert StoredTokens.from_variables({"database_password": "x", **BOTH.variables()}) == BOTH
    assert StoredTokens.from_variables({"database_password": "x"}) == StoredTokens()


@pytest.mark.parametrize("prefix", ["webex", "webex_integration"])
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("_token", None, "_token is missing or not a mapping"),
        ("_token", "text", "_token is missing or not a mapping"),
        ("_token", {"schema": 9}, "its schema is not 1"),
        ("_access_token", None, "access_token is missing or not text"),
        ("_access_token", "", "access_token is missing or not text"),
        ("_refresh_token", 5, "refresh_token is missing or not text"),
    ],
)
def test_half_a_token_set_is_refused_without_quoting_it(prefix: str, name: str, value: t.Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        StoredTokens.from_variables({**BOTH.variables(), prefix + name: value})
    assert not any(secret in str(error.value) for secret in ("stored-", "integration-"))


@pytest.mark.parametrize("name", BOTH.variables())
def test_one_variable_alone_is_no_token_set(name: str) -> None:
    with pytest.raises(ValueError, match="is missing"):
        StoredTokens.from_variables({name: BOTH.variables()[name]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "is not JSON text"),
        ("app-client-secret", "is not JSON text"),
        ('["app-client-secret"]', "schema of the client is not 1"),
        ('{"schema": 2, "client_secret": "app-client-secret"}', "schema of the client is not 1"),
        ('{"schema": 1, "client_id": "C1", "client_secret": "app-client-secret"}', "base_url of the client is missing"),
        ('{"schema": 1, "client_id": "C1", "client_secret": "{{ app-client-secret }}"}', "has blanks"),
    ],
)
def test_half_a_client_is_refused_without_quoting_it(text: t.Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        StoredTokens.from_variables({**ALL.variables(), "webex_client": text})
    assert "app-client-secret" not in str(error.value)


@pytest.mark.parametrize("url", ["http://example.com/v1", "https://user@example.com/v1", "ftp://example.com/v1"])
def test_a_client_secret_goes_to_no_address_that_secrets_may_not_be_sent_to(url: str) -> None:
    client = {**json.loads(ALL.variables()["webex_client"]), "base_url": url}
    with pytest.raises(ValueError, match="not an address to which secrets may be sent"):
        StoredTokens.from_variables({**ALL.variables(), "webex_client": json.dumps(client)})


def test_the_client_of_other_tokens_is_none_and_is_not_kept() -> None:
    other = StoredTokens(token_set(client_id="C3"), None, **clients())
    assert [other.client_of(holder) for holder in HOLDERS] == [None, None]
    assert not {"webex_client", "webex_integration_client"} & set(other.variables())


def test_tokens_of_an_earlier_run_come_with_the_client_that_got_them() -> None:
    fresh = token_set(access_token="newer")
    kept, without = ALL.client_of("service_app"), StoredTokens(fresh)
    assert BOTH.succeeded_by(StoredTokens(fresh, None, kept), BOTH.fingerprints()).client_of("service_app") == kept
    assert ALL.succeeded_by(without, ALL.fingerprints()).client_of("service_app") == kept
    assert BOTH.succeeded_by(StoredTokens(fresh, None, kept), {}) == BOTH
