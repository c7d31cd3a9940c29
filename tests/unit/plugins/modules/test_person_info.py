# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import person_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked


@pytest.fixture
def people(run: t.Any, settings: Settings) -> t.Callable[..., list[dict[str, t.Any]]]:
    """Runs the module with a token, and returns the people."""

    def read(**arguments: t.Any) -> list[dict[str, t.Any]]:
        result = run(person_info.main, access_token=settings.access_token, base_url=settings.base_url, **arguments)
        assert not result["changed"]
        return result["people"]

    return read


def test_everybody_is_read_page_by_page(people: t.Any, webex: Simulator) -> None:
    webex.configure(max_page_size=3)
    assert len(people()) == 10
    assert asked(webex) == ["GET /people"] * 4


def test_a_person_is_found_by_address_name_or_id(people: t.Any) -> None:
    (ivan,) = people(email="ivan@example.com")
    assert people(display_name="Ivan") == [ivan]
    assert people(person_id=ivan["id"]) == [ivan]


def test_the_calling_data_is_read_in_snake_case(people: t.Any) -> None:
    (ivan,) = people(email="ivan@example.com")
    assert (ivan["display_name"], ivan["extension"]) == ("Ivan Example", "2001")
    assert ivan["phone_numbers"][0]["value"] == "+493055502001"


def test_the_calling_data_can_be_left_out(people: t.Any) -> None:
    assert "extension" not in people(email="ivan@example.com", calling_data=False)[0]


@pytest.mark.parametrize("who", [{"email": "nobody@example.com"}, {"person_id": "nobody"}, {"display_name": "Nobody"}])
def test_nobody_is_an_empty_list(people: t.Any, who: dict[str, str]) -> None:
    assert people(**who) == []


def test_only_one_way_to_name_a_person_is_allowed(run: t.Any, webex: Simulator) -> None:
    result = run(person_info.main, email="a@b", display_name="A", access_token="dead", base_url=webex.base_url)
    assert "mutually exclusive" in result["msg"]
    assert asked(webex) == []


def test_a_refusal_is_a_failure(run: t.Any, webex: Simulator) -> None:
    result = run(person_info.main, person_id="x", access_token="dead", base_url=webex.base_url)
    assert result["error"]["status"] == 401
