# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import location_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator


@pytest.fixture
def locations(run: t.Any, settings: Settings) -> t.Callable[..., list[dict[str, t.Any]]]:
    """Runs the module with a token, and returns the locations."""

    def read(**arguments: t.Any) -> list[dict[str, t.Any]]:
        result = run(location_info.main, access_token=settings.access_token, base_url=settings.base_url, **arguments)
        assert not result["changed"]
        return result["locations"]

    return read


@pytest.mark.parametrize("page_size", [None, 1])
def test_all_locations_are_read_and_those_with_calling_are_told(
    locations: t.Any, webex: Simulator, page_size: int | None
) -> None:
    webex.configure(max_page_size=page_size)
    assert {one["name"]: one["calling_enabled"] for one in locations()} == {
        "Berlin": True,
        "London": True,
        "Warehouse": False,
    }


def test_the_calling_settings_are_in_snake_case(locations: t.Any) -> None:
    (berlin,) = locations(location="berlin")
    assert berlin["calling"]["routing_prefix"] == "8030"
    assert berlin["time_zone"] == "Europe/Berlin"


def test_a_location_without_calling_has_no_settings(locations: t.Any) -> None:
    assert locations(location="Warehouse")[0]["calling"] is None


def test_a_location_is_found_by_its_id(locations: t.Any) -> None:
    (berlin,) = locations(location="Berlin")
    assert locations(location=berlin["id"]) == [berlin]


def test_no_location_is_an_empty_list(locations: t.Any) -> None:
    assert locations(location="Atlantis") == []
