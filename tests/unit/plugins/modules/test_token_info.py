# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import token_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

NOT_VALID = {"cause", "reason", "remedy"}


@pytest.fixture
def info(run: t.Any, settings: Settings) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module with a token."""
    return lambda token, **arguments: run(token_info.main, access_token=token, base_url=settings.base_url, **arguments)


def test_a_token_tells_what_is_documented(info: t.Any, settings: Settings, webex: Simulator) -> None:
    result = info(settings.access_token)
    assert (result["valid"], result["kind"], result["changed"]) == (True, "service_app", False)
    documented = yaml.safe_load(token_info.RETURN).keys()
    assert documented - NOT_VALID - {"scopes", "warnings"} <= result.keys()
    assert result.keys() <= documented | {"changed", "invocation"}
    assert asked(webex) == ["GET /authorizations/tokenExpiry", "GET /people/me"]


def test_a_token_whose_end_webex_does_not_tell_is_no_failure(info: t.Any, settings: Settings, webex: Simulator) -> None:
    webex.fault(kind="status", status=200, path="tokenExpiry", body={})
    result = info(settings.access_token)
    assert (result["valid"], result["expires_at"], result["remaining_seconds"]) == (True, None, None)


@pytest.mark.parametrize("kind", ["service_app", "integration", "personal", "bot", "guest"])
@pytest.mark.parametrize("probe_scopes", [False, True])
def test_each_of_the_five_kinds_is_told(info: t.Any, webex: Simulator, kind: str, probe_scopes: bool) -> None:
    result = info(webex.token(kind=kind)["access_token"], probe_scopes=probe_scopes)
    assert (result["valid"], result["kind"]) == (True, kind)
    assert result["kind_certainty"] == ("known" if kind == "bot" else "likely")
    assert result["remaining_seconds"] > 3600
    assert ("scopes" in result) == probe_scopes
    assert ("not for scheduled runs" in str(result.get("warnings"))) == (kind == "personal")
    assert webex.writes() == []


@pytest.mark.parametrize(
    ("token", "cause"),
    [("dead", "malformed"), ("two words", "malformed"), ("Bearer x", "malformed"), ("\u00fc", "malformed")],
)
def test_a_dead_token_is_no_failure(info: t.Any, webex: Simulator, token: str, cause: str) -> None:
    result = info(token)
    assert (result["valid"], result["cause"]) == (False, cause)
    assert NOT_VALID | {"valid"} <= result.keys()
    assert "failed" not in result


def test_an_expired_token_is_no_failure(info: t.Any, webex: Simulator) -> None:
    result = info(webex.token(kind="guest", lifetime=-1)["access_token"])
    assert (result["valid"], result["cause"]) == (False, "expired_or_revoked")


def test_no_token_is_a_failure(info: t.Any) -> None:
    assert "access_token: is missing" in info("")["msg"]


def test_an_answer_that_does_not_come_is_a_failure(run: t.Any, settings: Settings, webex: Simulator) -> None:
    webex.fault(kind="html", status=200, times=None)
    result = run(token_info.main, access_token=settings.access_token, base_url=settings.base_url)
    assert result["failed"]
    assert "not JSON" in result["msg"]
