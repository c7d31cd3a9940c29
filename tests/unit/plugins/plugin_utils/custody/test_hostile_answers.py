# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of Webex that are not what they should be: whatever comes, the run ends in words, and the store can be read."""

from __future__ import annotations

import json
import pathlib
import typing as t
from datetime import timedelta

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import vault_file
from ansible_collections.collabops.webex.tests.unit.support import Server

# What a server says is the same on every ansible-core.
pytestmark = pytest.mark.any_core

TEMPLATE = "{{ lookup('pipe', 'id') }}"
VALUES: dict[str, t.Any] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "negative": -1,
    "fraction": 0.5,
    "large": 10**12,
    "larger": 10**30,
    "largest": 1e308,
    "not a number": float("nan"),
    "infinity": float("-inf"),
    "empty": "",
    "blank": " ",
    "blanks": "a b",
    "line break": "a\nb: c",
    "NUL": "a\x00b",
    "escape code": "\x1b[31mred",
    "beyond ASCII": "\u00e9",
    "lone surrogate": "a\ud800",
    "other lone surrogate": "\udfff",
    "template": TEMPLATE,
    "statement": "{% if x %}",
    "comment": "{#x#}",
    "huge": "x" * 100_000,
    "digits": "9" * 5000,
    "list": ["a"],
    "empty list": [],
    "object": {"a": 1},
    "tag": "!vault|",
}
TOKEN = {"access_token": "new-access", "expires_in": 1209599, "refresh_token": "new-refresh", "scope": "a b"}
TOKEN_FIELDS = ("access_token", "refresh_token", "expires_in", "refresh_token_expires_in", "scope")
PERSON_FIELDS = ("orgId", "id", "type")
BODIES = {
    "nothing": "",
    "null": "null",
    "number": "5",
    "text": '"access_token"',
    "list": "[{}]",
    "empty": "{}",
    "half": '{"access_token": "new',
    "many digits": '{"access_token": "a", "expires_in": ' + "9" * 5000 + "}",
    "nested": "[" * 100_000,
    "nested objects": '{"a":' * 100_000,
    "page": "<html>it works</html>",
    "twice": '{"access_token": "a"} {"access_token": "b"}',
    "named twice": '{"access_token": "a", "access_token": {}}',
    "NUL": "\x00",
}


def run(tmp_path: pathlib.Path, *answers: str) -> tuple[Outcome | None, StoredTokens]:
    """Return the outcome of a run that gets these *answers*, None if it fails in words, and what is stored then."""
    store = vault_file(tmp_path / "token.yml")
    outcome, words = None, ""
    with Server([(200, {}, answer) for answer in answers]) as server:
        settings = Settings(
            base_url=server.base_url, client_id="C1", client_secret="client-secret", refresh_token="old-refresh"
        )
        try:
            outcome = obtain(store, Request(settings, timedelta(days=1)))
        except WebexError as error:
            words = str(error)
    assert words.isprintable()
    assert "lookup" not in words
    held = store.load()
    variables = held.variables()
    assert yaml.safe_load(yaml.safe_dump(variables)) == json.loads(json.dumps(variables)) == variables
    assert not any(mark in json.dumps(variables) for mark in ("{{", "{%", "{#"))
    return outcome, held


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("field", TOKEN_FIELDS)
def test_a_token_answer_with_one_strange_field(tmp_path: pathlib.Path, field: str, value: t.Any) -> None:
    outcome, held = run(tmp_path, json.dumps({**TOKEN, field: value}), '{"orgId": "org"}')
    if field in ("access_token", "refresh_token") and value not in ("", None, "!vault|"):
        assert outcome is None
    if outcome is None:
        assert not held
        return
    app = held.service_app
    assert app is not None
    assert outcome.token_set == app
    assert app.org_id == "org"
    for moment in (app.expires_at, app.refresh_token_expires_at):
        assert moment is None or timedelta() < moment - app.obtained_at < timedelta(days=3651)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("field", PERSON_FIELDS)
def test_the_owner_of_a_new_token_with_one_strange_field(tmp_path: pathlib.Path, field: str, value: t.Any) -> None:
    outcome, held = run(tmp_path, json.dumps(TOKEN), json.dumps({"orgId": "org", field: value}))
    assert outcome is not None
    assert held.service_app is not None
    assert held.service_app.access_token == "new-access"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("place", [0, 1])
def test_a_body_of_another_kind(tmp_path: pathlib.Path, body: str, place: int) -> None:
    answers = [json.dumps(TOKEN), "{}"]
    answers[place] = body
    outcome, held = run(tmp_path, *answers)
    # A new token stays, whatever comes after it; what is no token is not kept.
    assert (outcome is not None) is bool(held) is (place == 1)
