# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import yaml
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import token_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked


def test_a_token_tells_what_is_documented(run: t.Any, settings: Settings, webex: Simulator) -> None:
    result = run(token_info.main, access_token=settings.access_token, base_url=settings.base_url)
    assert (result["valid"], result["kind"], result["changed"]) == (True, "service_app", False)
    assert yaml.safe_load(token_info.RETURN).keys() <= result.keys()
    assert asked(webex) == ["GET /authorizations/tokenExpiry", "GET /people/me"]


def test_a_dead_token_is_no_failure(run: t.Any, settings: Settings) -> None:
    result = run(token_info.main, access_token="dead", base_url=settings.base_url)
    assert result["valid"] is False
    assert "failed" not in result


def test_an_answer_that_does_not_come_is_a_failure(run: t.Any, settings: Settings, webex: Simulator) -> None:
    webex.fault(kind="html", status=200, times=None)
    result = run(token_info.main, access_token=settings.access_token, base_url=settings.base_url)
    assert result["failed"]
    assert "not JSON" in result["msg"]
