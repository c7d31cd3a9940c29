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
from ansible_collections.collabops.webex.plugins.module_utils._identity import expiry, identify, kind_of, owner
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._time import to_iso, utc_now
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

NOW = utc_now()
PEOPLE = "spark-admin:people_read"


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
        ({"kind": "personal"}, "personal", "likely"),
        ({"kind": "bot"}, "bot", "known"),
        ({"kind": "guest"}, "guest", "likely"),
        # What cannot be told from a personal access token is said to be likely one, and why that may be wrong.
        ({"kind": "integration", "lifetime": 3600}, "personal", "likely"),
        ({"kind": "service_app", "scopes": ["spark:calls_read"]}, "unknown", "unknown"),
    ],
)
def test_the_kind_of_a_token(
    webex: Simulator, identified: t.Any, token: dict[str, t.Any], kind: str, certainty: str
) -> None:
    found = identified(webex.token(**token)["access_token"])
    assert (found["valid"], found["kind"], found["kind_certainty"]) == (True, kind, certainty)
    assert found["kind_evidence"]


def test_a_guest_is_known_by_its_address() -> None:
    for account in ("appuser", "person"):
        me = {"type": account, "emails": ["x@appid.ciscospark.com"]}
        assert kind_of(me, timedelta(days=1))[:2] == ("guest", "likely")


@pytest.mark.parametrize(("hours", "kind"), [(12, "personal"), (13, "integration")])
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


@pytest.mark.parametrize("kind", ["service_app", "integration", "personal", "bot", "guest"])
def test_an_expired_token_of_any_kind_is_an_answer(webex: Simulator, identified: t.Any, kind: str) -> None:
    found = identified(webex.token(kind=kind, lifetime=-1)["access_token"])
    assert (found["valid"], found["cause"]) == (False, "expired_or_revoked")
    assert "401" in found["reason"]
    assert "service_app_token" in found["remedy"]
    assert asked(webex) == ["GET /authorizations/tokenExpiry"]


def test_a_revoked_token_is_an_answer(webex: Simulator, identified: t.Any, settings: Settings) -> None:
    webex.service_app(settings.client_id or "", revoke=True)
    assert identified(settings.access_token)["cause"] == "expired_or_revoked"


@pytest.mark.parametrize("token", ["dead", "never_was_one", "eyJ", "x" * 200])
def test_a_malformed_token_is_an_answer(identified: t.Any, token: str) -> None:
    found = identified(token)
    assert (found["valid"], found["cause"]) == (False, "malformed")
    assert token not in str(found)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ({"kind": "personal"}, "12 hours"),
        ({"kind": "bot"}, "messaging only"),
        ({"kind": "guest"}, "what a guest does"),
        ({"kind": "service_app", "lifetime": 4 * 3600 + 60}, "expires in 4 hours"),
    ],
)
def test_what_matters_is_a_warning(webex: Simulator, identified: t.Any, token: dict[str, t.Any], words: str) -> None:
    (warning,) = identified(webex.token(**token)["access_token"])["warnings"]
    assert words in warning


@pytest.mark.parametrize("kind", ["service_app", "integration"])
def test_a_token_that_lives_long_has_no_warning(webex: Simulator, identified: t.Any, kind: str) -> None:
    assert identified(webex.token(kind=kind)["access_token"])["warnings"] == []


@pytest.mark.parametrize(
    ("token", "granted"),
    [
        ({"kind": "service_app", "scopes": [PEOPLE]}, {PEOPLE}),
        ({"kind": "integration", "scopes": ["spark-admin:licenses_read"]}, {"spark-admin:licenses_read"}),
        (
            {"kind": "personal"},
            {
                PEOPLE,
                "spark-admin:licenses_read",
                "spark-admin:telephony_config_read",
                "spark-admin:organizations_read",
            },
        ),
        ({"kind": "bot"}, set()),
        ({"kind": "guest"}, set()),
    ],
)
def test_scopes_are_told_by_requests_that_only_read(
    webex: Simulator, settings: Settings, clock: object, token: dict[str, t.Any], granted: set[str]
) -> None:
    access_token = webex.token(**token)["access_token"]
    before = webex.state()
    with WebexClient(dataclasses.replace(settings, access_token=access_token)) as client:
        found = identify(client, NOW, probe=True)
    assert {one["scope"] for one in found["scopes"] if one["verdict"] == "granted"} == granted
    assert {request["method"] for request in webex.journal()} == {"GET"}
    assert webex.state() == before


@pytest.mark.parametrize("body", [{}, {"exp": None}, {"exp": "soon"}, {"exp": 1e300}])
def test_an_end_that_webex_does_not_tell_is_unknown(
    webex: Simulator, client: WebexClient, body: dict[str, t.Any]
) -> None:
    webex.fault(kind="status", status=200, path="tokenExpiry", times=None, body=body)
    assert expiry(client) is None
    found = identify(client, NOW)
    assert (found["valid"], found["kind"], found["warnings"]) == (True, "service_app", [])
    assert (found["expires_at"], found["remaining_seconds"]) == (None, None)


def test_a_person_s_token_of_which_no_end_is_told_may_be_of_either_kind() -> None:
    assert kind_of({"type": "person"}, None)[:2] == ("unknown", "unknown")
    assert kind_of({"type": "bot"}, None)[:2] == ("bot", "known")


def test_an_answer_of_no_use_is_a_failure(webex: Simulator, identified: t.Any, settings: Settings) -> None:
    webex.fault(kind="empty", path="tokenExpiry", times=None)
    with pytest.raises(BrokenAnswer):
        identified(settings.access_token)


def test_an_owner_that_webex_cannot_tell_now_is_a_failure(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=500, times=None)
    with pytest.raises(Refused):
        owner(client)


def test_a_failure_of_webex_is_no_answer_about_the_token(webex: Simulator, identified: t.Any) -> None:
    webex.fault(kind="status", status=500, times=None)
    with pytest.raises(Refused) as error:
        identified(webex.token(kind="service_app")["access_token"])
    assert error.value.status == 500
