# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._activation_codes import (
    Telephone,
    TelephoneRefused,
    find_owner,
    new_code,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, OptionError, RequestError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

MODEL = "DMS Cisco 8865"
CODE = "POST /devices/activationCode"
SCOPES = (
    "spark-admin:people_read",
    "spark-admin:licenses_read",
    "spark-admin:devices_write",
    "identity:one_time_password",
)


@pytest.fixture
def maker(webex: Simulator, settings: Settings, clock: object) -> t.Iterator[WebexClient]:
    """A client that may make codes."""
    token = webex.token(kind="service_app", scopes=list(SCOPES))["access_token"]
    with WebexClient(replace(settings, access_token=token)) as client:
        yield client


def owner(client: WebexClient, email: str | None = "ivan@example.com", person_id: str | None = None) -> Telephone:
    return find_owner(client, email=email, person_id=person_id, model=MODEL)


def test_a_code_is_for_a_person_and_a_model(maker: WebexClient, webex: Simulator) -> None:
    ivan = webex.person("ivan")["id"]
    for telephone in owner(maker), owner(maker, None, ivan):
        made = new_code(maker, telephone)
        assert made.code in webex.secrets()
        assert made.code not in repr(made)
        assert made.expires_at
        assert made.expires_at > datetime.now(timezone.utc)
    assert webex.state()["activation_codes"] == [{"person_id": ivan, "model": MODEL}] * 2


@pytest.mark.parametrize(
    ("license_name", "words"),
    [
        ("Webex Calling - Standard", "nora@example.com has Webex Calling - Standard. .*switch Webex Calling off"),
        ("Messaging - Advanced", "has no license for Webex Calling"),
        ("Webex Calling - Workspaces", "has no license for Webex Calling"),
    ],
)
def test_a_person_without_a_professional_license_is_refused_with_the_reason(
    maker: WebexClient, webex: Simulator, license_name: str, words: str
) -> None:
    webex.add_person("nora@example.com", licenses=[license_name])
    with pytest.raises(TelephoneRefused, match=words):
        owner(maker, "nora@example.com")
    assert webex.writes() == []


def test_a_person_who_does_not_exist_is_refused(maker: WebexClient) -> None:
    with pytest.raises(TelephoneRefused, match="no person nobody@example.com"):
        owner(maker, "nobody@example.com")
    with pytest.raises(TelephoneRefused, match="no person x"):
        owner(maker, None, "x")


def test_a_license_that_may_be_standard_is_told(maker: WebexClient, webex: Simulator) -> None:
    webex.add_license("Webex Calling", tier="professional", holders=["alice@example.com"])
    assert "it is unknown whether Webex Calling is a Standard license" in owner(maker, "alice@example.com").notes[0]
    assert owner(maker).notes == ()


@pytest.mark.parametrize(
    ("email", "person_id", "model", "option"),
    [
        (None, None, MODEL, "email"),
        ("ivan@example.com", "x", MODEL, "email"),
        ("ivan", None, MODEL, "email"),
        ("ivan@example.com", None, " ", "model"),
    ],
)
def test_what_is_wrong_by_itself_is_refused_before_any_request(
    maker: WebexClient, webex: Simulator, email: str | None, person_id: str | None, model: str, option: str
) -> None:
    with pytest.raises(OptionError) as error:
        find_owner(maker, email=email, person_id=person_id, model=model)
    assert error.value.option == option
    assert asked(webex) == []


@pytest.mark.parametrize(
    "fault", [{"kind": "apply_then_fail"}, {"kind": "truncated"}, {"kind": "reset"}, {"kind": "status", "status": 502}]
)
def test_a_code_whose_answer_is_lost_is_asked_for_once_and_shown_nowhere(
    maker: WebexClient, webex: Simulator, fault: dict[str, t.Any]
) -> None:
    telephone = owner(maker)
    webex.fault(method="POST", **fault)
    with pytest.raises(RequestError) as error:
        new_code(maker, telephone)
    assert error.value.unclear
    assert asked(webex).count(CODE) == 1
    codes = [secret for secret, what in webex.secrets().items() if what == "activation code"]
    assert not any(code in str(error.value.details()) for code in codes)


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 5}, {"code": None, "expiryTime": "soon"}])
def test_an_answer_without_a_code_is_an_error(maker: WebexClient, webex: Simulator, body: dict[str, t.Any]) -> None:
    telephone = owner(maker)
    webex.fault(kind="status", status=200, method="POST", body=body)
    with pytest.raises(NoAnswer, match="answered without a code"):
        new_code(maker, telephone)


@pytest.mark.parametrize("moment", [None, 5, "soon", "2027-01-01T00:00:00"])
def test_an_end_that_is_no_time_is_unknown(maker: WebexClient, webex: Simulator, moment: t.Any) -> None:
    telephone = owner(maker)
    webex.fault(kind="status", status=200, method="POST", body={"code": "5414011256173816", "expiryTime": moment})
    assert new_code(maker, telephone).expires_at is None
