# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, OptionError, Refused
from ansible_collections.collabops.webex.plugins.module_utils._guests import Guest, new_token
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Server, asked

NOW = utc_now()
VISITOR = Guest("visitor-1", "Alex Visitor")


def issuer(webex: Simulator, settings: Settings, **token: object) -> WebexClient:
    """A client with a token that may make guests, unless said otherwise."""
    given = {"kind": "service_app", "scopes": ["guest-issuer:write"], **token}
    return WebexClient(dataclasses.replace(settings, access_token=webex.token(**given)["access_token"]))


def test_the_same_subject_is_the_same_guest_with_one_more_token(webex: Simulator, settings: Settings) -> None:
    with issuer(webex, settings) as client:
        first, second = new_token(client, VISITOR, NOW), new_token(client, Guest("visitor-1", "Alex"), NOW)
    assert first.id == second.id
    assert first.access_token != second.access_token
    assert (first.display_name, second.display_name) == ("Alex Visitor", "Alex")
    assert first.expires_at == NOW + timedelta(seconds=64_799)


def test_a_token_is_not_in_what_is_shown(webex: Simulator, settings: Settings) -> None:
    with issuer(webex, settings) as client:
        guest = new_token(client, VISITOR, NOW)
    assert guest.access_token
    assert guest.access_token not in repr(guest)
    assert guest.result()["access_token"] == guest.access_token


@pytest.mark.parametrize(
    "token", [{"scopes": ["spark:people_read"]}, {"kind": "integration"}, {"kind": "personal", "scopes": []}]
)
def test_who_may_not_make_guests_is_told_what_it_takes(
    webex: Simulator, settings: Settings, token: dict[str, object]
) -> None:
    with issuer(webex, settings, **token) as client, pytest.raises(Refused) as error:
        new_token(client, VISITOR, NOW)
    assert error.value.status == 403
    assert "POST /guests/token needs guest-issuer:write" in (error.value.remedy or "")


@pytest.mark.parametrize("guest", [Guest("", "x"), Guest("x", " ")])
def test_a_guest_without_a_name_is_refused(guest: Guest) -> None:
    with pytest.raises(OptionError):
        guest.check()


def test_a_failure_is_not_sent_again(webex: Simulator, settings: Settings, clock: object) -> None:
    webex.fault(kind="status", status=503, times=None)
    with issuer(webex, settings) as client, pytest.raises(Refused) as error:
        new_token(client, VISITOR, NOW)
    assert error.value.unclear
    assert asked(webex) == ["POST /guests/token"]


@pytest.mark.parametrize("body", ["", "{}", '{"accessToken": 1}', '{"accessToken": "a b"}', '{"accessToken": "{{x}}"}'])
def test_an_answer_without_a_token_is_an_error(body: str) -> None:
    with (
        Server([(200, {}, body)]) as server,
        WebexClient(Settings(access_token="x", base_url=server.base_url)) as client,
        pytest.raises(NoAnswer),
    ):
        new_token(client, VISITOR, NOW)


def test_a_token_without_an_end_has_none() -> None:
    with (
        Server([(200, {}, '{"accessToken": "x"}')]) as server,
        WebexClient(Settings(access_token="x", base_url=server.base_url)) as client,
    ):
        assert new_token(client, VISITOR, NOW).result()["expires_at"] is None


@pytest.mark.parametrize("seconds", ["-1", "0", "1e300", "NaN", "true", "[]", "99999999999999", '"soon"'])
def test_a_lifetime_that_cannot_be_one_is_unknown(seconds: str) -> None:
    body = f'{{"accessToken": "a", "expiresIn": {seconds}, "id": 5, "email": ["a"]}}'
    with (
        Server([(200, {}, body)]) as server,
        WebexClient(Settings(access_token="x", base_url=server.base_url)) as client,
    ):
        guest = new_token(client, VISITOR, NOW)
    assert (guest.expires_at, guest.id, guest.email) == (None, None, None)
