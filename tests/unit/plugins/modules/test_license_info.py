# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import license_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked


@pytest.fixture
def licenses(run: t.Any, settings: Settings) -> t.Callable[..., list[dict[str, t.Any]]]:
    """Runs the module with a token, and returns the licenses."""

    def read(**arguments: t.Any) -> list[dict[str, t.Any]]:
        result = run(license_info.main, access_token=settings.access_token, base_url=settings.base_url, **arguments)
        assert not result["changed"]
        return result["licenses"]

    return read


def test_all_licenses_are_read_in_one_request(licenses: t.Any, webex: Simulator) -> None:
    assert len(licenses()) == len(webex.state()["licenses"])
    assert asked(webex) == ["GET /licenses"]


def test_the_free_units_are_told(licenses: t.Any) -> None:
    found = {one["subscription_id"]: one for one in licenses(license="professional")}
    assert (found["Sub-1"]["total_units"], found["Sub-1"]["consumed_units"], found["Sub-1"]["free_units"]) == (5, 5, 0)
    assert found["Sub-2"]["free_units"] == 20


def test_unlimited_is_none(licenses: t.Any, webex: Simulator) -> None:
    (standard,) = licenses(license="standard")
    webex.control("PATCH", f"/licenses/{standard['id']}", {"total_units": -1})
    assert licenses(license="standard")[0]["free_units"] is None


def test_a_license_is_found_by_name_or_id(licenses: t.Any) -> None:
    (messaging,) = licenses(license="messaging - advanced")
    assert licenses(license=messaging["id"]) == [messaging]


def test_no_license_is_an_empty_list(licenses: t.Any) -> None:
    assert licenses(license="gold") == []


def test_the_holders_are_read_page_by_page(licenses: t.Any, webex: Simulator) -> None:
    webex.configure(max_page_size=3)
    (messaging,) = licenses(license="Messaging - Advanced", assigned_users=True)
    assert len({one["email"] for one in messaging["users"]}) == 10
    assert len(asked(webex)) == 1 + 4
