# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._stored_tokens import (
    SECRET_VARIABLES,
    VARIABLES,
    StoredTokens,
)
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.support import integration_set, token_set

BOTH = StoredTokens(token_set(), integration_set())


@pytest.mark.parametrize(
    "held", [StoredTokens(), StoredTokens(token_set()), StoredTokens(None, integration_set()), BOTH]
)
def test_a_holding_survives_json(held: StoredTokens) -> None:
    assert StoredTokens.from_variables(json.loads(json.dumps(held.variables()))) == held


def test_a_user_meets_these_variables() -> None:
    assert BOTH.variables() == {
        "webex_access_token": "stored-access",
        "webex_refresh_token": "stored-refresh",
        "webex_token": token_set().public(),
        "webex_integration_access_token": "integration-access",
        "webex_integration_refresh_token": "integration-refresh",
        "webex_integration_token": integration_set().public(),
    }
    assert set(BOTH.variables()) == set(VARIABLES)


def test_secrets_are_in_secret_variables_alone() -> None:
    plain = {name: value for name, value in BOTH.variables().items() if name not in SECRET_VARIABLES}
    secrets = [*token_set().secret().values(), *integration_set().secret().values()]
    assert len(plain) == 2
    assert not any(secret in json.dumps(plain) for secret in secrets)
    assert not any(secret in repr(BOTH) for secret in secrets)


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


@pytest.mark.parametrize("name", VARIABLES)
def test_one_variable_alone_is_no_token_set(name: str) -> None:
    with pytest.raises(ValueError, match="is missing"):
        StoredTokens.from_variables({name: BOTH.variables()[name]})
