# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.modules import number_info
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

IVANS = "+493055502001"


@pytest.fixture
def numbers(run: t.Any, settings: Settings) -> t.Callable[..., list[dict[str, t.Any]]]:
    """Runs the module with a token, and returns the numbers."""

    def read(**arguments: t.Any) -> list[dict[str, t.Any]]:
        result = run(number_info.main, access_token=settings.access_token, base_url=settings.base_url, **arguments)
        assert not result["changed"]
        return result["numbers"]

    return read


def test_all_numbers_are_read_page_by_page(numbers: t.Any, webex: Simulator) -> None:
    webex.configure(max_page_size=20)
    assert len(numbers()) == 30
    assert asked(webex) == ["GET /telephony/config/numbers"] * 2


def test_a_number_has_its_owner_and_location(numbers: t.Any, webex: Simulator) -> None:
    (number,) = numbers(phone_number="+49 30 5550-2001")
    assert (number["phone_number"], number["extension"], number["available"]) == (IVANS, "2001", False)
    assert number["location"]["name"] == "Berlin"
    ivan = next(one["id"] for one in webex.state()["people"] if one["email"] == "ivan@example.com")
    assert number["owner"] == {"id": ivan, "type": "PEOPLE", "first_name": "Ivan", "last_name": "Example"}


def test_the_location_is_a_name_or_an_id(numbers: t.Any) -> None:
    found = numbers(location="london")
    assert len(found) == 10
    assert numbers(location=found[0]["location"]["id"]) == found


def test_the_free_numbers_of_a_location_are_read(numbers: t.Any) -> None:
    free = numbers(location="Berlin", available=True)
    assert len(free) == 19
    assert not any("owner" in one or not one["available"] for one in free)
    assert [one["phone_number"] for one in numbers(available=False)] == [IVANS]


def test_an_extension_without_a_number_is_found_too(numbers: t.Any, webex: Simulator) -> None:
    nora = {"email": "nora@example.com", "licenses": ["Webex Calling - Standard"], "location": "London"}
    webex.control("POST", "/people", {**nora, "extension": "2001"})
    assert [one["location"]["name"] for one in numbers(extension="2001")] == ["Berlin", "London"]
    (found,) = numbers(extension="2001", location="London")
    assert "phone_number" not in found
    assert (found["available"], numbers(owner="Nora@example.com")) == (False, [found])
    assert numbers(owner=found["owner"]["id"]) == [found]
    assert found in numbers(available=False)
    assert found not in numbers(available=True)


@pytest.mark.parametrize(
    "wanted",
    [
        {"phone_number": "+49309"},
        {"phone_number": "3055502001"},
        {"extension": "200"},
        {"owner": "nobody@example.com"},
        {"owner": "nobody"},
        {"location": "London", "extension": "2001"},
        {"phone_number": IVANS, "available": True},
    ],
)
def test_nothing_is_an_empty_list(numbers: t.Any, wanted: dict[str, t.Any]) -> None:
    assert numbers(**wanted) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"location": "Atlantis"}, "name one of: Berlin, London"),
        ({"location": "Warehouse"}, "not enabled for Webex Calling"),
        ({"phone_number": "none"}, "phone_number: 'none' is not a phone number"),
    ],
)
def test_what_cannot_be_meant_is_a_failure(run: t.Any, settings: Settings, wanted: dict[str, str], words: str) -> None:
    result = run(number_info.main, access_token=settings.access_token, base_url=settings.base_url, **wanted)
    assert result["failed"]
    assert words in result["msg"]


def test_a_refusal_is_a_failure(run: t.Any, webex: Simulator) -> None:
    assert run(number_info.main, access_token="dead", base_url=webex.base_url)["error"]["status"] == 401
