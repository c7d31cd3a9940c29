# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._ids import (
    application_id,
    as_segment,
    bare_id,
    is_webex_id,
    kind_of_id,
    organization_id,
    same_id,
)

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


def test_an_id_says_what_it_is_the_id_of() -> None:
    assert kind_of_id(webex_id("urn:TEAM:eu", "PEOPLE")) == "PEOPLE"
    assert [kind_of_id(text) for text in (UUID, webex_id(last="a/b"), "", "Berlin")] == [None] * 4


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert not same_id(None, None)


@pytest.mark.parametrize("text", ["Berlin", "Büro", "a" * 5, "////", UUID, ""])
def test_what_is_not_encoded_stays_as_it_is(text: str) -> None:
    assert bare_id(text) == text.lower()
    assert not is_webex_id(text)


def test_an_encoded_id_is_recognized() -> None:
    assert is_webex_id(webex_id())


def test_the_id_of_an_application_follows_from_its_client_id() -> None:
    client_id = "C" + "0123456789abcdef" * 4
    assert application_id(client_id) == webex_id("us", "APPLICATION", client_id)
    assert "=" not in application_id("C1")


@pytest.mark.parametrize("given", [webex_id(), webex_id("urn:TEAM:eu")])
def test_the_id_of_an_organization_stays_as_it_was_given(given: str) -> None:
    assert organization_id(given) == given


def test_the_uuid_of_an_organization_becomes_an_id() -> None:
    assert organization_id(UUID) == webex_id()


@pytest.mark.parametrize(
    ("given", "segment"), [(webex_id(), webex_id()), ("../people?x=y#z", "..%2Fpeople%3Fx%3Dy%23z")]
)
def test_an_id_is_one_segment_of_a_path(given: str, segment: str) -> None:
    assert as_segment(given) == segment
