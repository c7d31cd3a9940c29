# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import BrokenAnswer, Refused
from ansible_collections.collabops.webex.plugins.module_utils._identity import identify, kind_of, owner
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._time import to_iso, utc_now
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

NOW = utc_now()


@pytest.fixture
def identified(settings: Settings, clock: object) -> t.Callable[[str], dict[str, t.Any]]:
    """Asks a token about itself."""

    def ask(token: str) -> dict[str, t.Any]:
        with WebexClient(dataclasses.replace(settings, access_token=token)) as client:
            return identify(client, NOW)

    return ask


@pytest.mark.parametrize(
    ("token", "kind", "certainty"),
    [
        ({"kind": "service_app"}, "service_app", "likely"),
        ({"kind": "integration"}, "integration", "likely"),
        ({"kind": "integration", "lifetime": 3600}, "unknown", "unknown"),
        ({"kind": "bot"}, "bot", "known"),
        ({"kind": "guest"}, "unknown", "unknown"),
        ({"kind": "service_app", "scopes": ["spark:calls_read"]}, "unknown", "unknown"),
    ],
)
def test_the_kind_of_a_token(
    webex: Simulator, identified: t.Any, token: dict[str, t.Any], kind: str, certainty: str
) -> None:
    found = identified(webex.token(**token)["access_token"])
    assert (found["valid"], found["kind"], found["kind_certainty"]) == (True, kind, certainty)


def test_a_guest_is_known_by_its_address() -> None:
    me = {"type": "appuser", "emails": ["x@appid.ciscospark.com"]}
    assert kind_of(me, timedelta(days=1))[:2] == ("guest", "likely")


@pytest.mark.parametrize(("hours", "kind"), [(12, "unknown"), (13, "integration")])
def test_a_person_s_token_that_lives_longer_than_12_hours_is_an_integration_s(hours: int, kind: str) -> None:
    assert kind_of({"type": "person"}, timedelta(hours=hours))[0] == kind


def test_owner_organization_and_end_are_told(webex: Simulator, identified: t.Any, settings: Settings) -> None:
    found = identified(settings.access_token)
    assert found["org_id"] == webex.credentials["org_id"]
    assert (found["owner"]["type"], found["owner"]["display_name"]) == ("appuser", "Onboarding")
    assert abs(14 * 86_400 - found["remaining_seconds"]) < 600
    assert found["expires_at"] == to_iso(NOW + timedelta(seconds=found["remaining_seconds"]))


def test_a_token_without_a_people_scope_has_an_end_but_no_owner(webex: Simulator, identified: t.Any) -> None:
    found = identified(webex.token(kind="service_app", scopes=["spark:calls_read"])["access_token"])
    assert (found["owner"], found["org_id"]) == (None, None)
    assert found["remaining_seconds"] > 0


@pytest.mark.parametrize("change", [{"expire": "access"}, {"revoke": True}])
def test_a_dead_token_is_an_answer(
    webex: Simulator, identified: t.Any, settings: Settings, change: dict[str, t.Any]
) -> None:
    webex.service_app(settings.client_id or "", **change)
    assert identified(settings.access_token) == {"valid": False}
    assert asked(webex) == ["GET /authorizations/tokenExpiry"]


def test_an_answer_of_no_use_is_a_failure(webex: Simulator, identified: t.Any, settings: Settings) -> None:
    webex.fault(kind="empty", path="tokenExpiry", times=None)
    with pytest.raises(BrokenAnswer):
        identified(settings.access_token)


def test_an_owner_that_webex_cannot_tell_now_is_a_failure(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=500, times=None)
    with pytest.raises(Refused):
        owner(client)
