# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id, is_webex_id, same_id

UUID = "96abc2aa-3dcc-11e5-a152-fe34819cdc9a"


def webex_id(cluster: str = "us", kind: str = "ORGANIZATION", last: str = UUID, padding: bool = False) -> str:
    text = base64.urlsafe_b64encode(f"ciscospark://{cluster}/{kind}/{last}".encode()).decode()
    return text if padding else text.rstrip("=")


def test_an_id_is_the_same_in_every_notation() -> None:
    notations = [webex_id(), webex_id(padding=True), webex_id("urn:TEAM:eu"), webex_id(last=UUID.upper()), UUID]
    assert all(same_id(one, other) for one in notations for other in notations)


@pytest.mark.parametrize("other", [webex_id(last="x"), "", None, "Berlin"])
def test_other_ids_are_other_ids(other: str | None) -> None:
    assert not same_id(webex_id(), other)


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert not same_id(None, None)


@pytest.mark.parametrize("text", ["Berlin", "Büro", "a" * 5, "////", UUID, ""])
def test_what_is_not_encoded_stays_as_it_is(text: str) -> None:
    assert bare_id(text) == text.lower()
    assert not is_webex_id(text)


def test_an_encoded_id_is_recognized() -> None:
    assert is_webex_id(webex_id())
