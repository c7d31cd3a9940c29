# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError
from ansible_collections.collabops.webex.plugins.module_utils._calling.number_list import NumberFilter, read_numbers
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

IVANS, FREE = "+493055502001", "+493055502002"
NUMBERS = "GET /telephony/config/numbers"


def read(client: WebexClient, **wanted: t.Any) -> list[str | None]:
    """The numbers that are wanted; None is an extension without a number."""
    return [item.get("phoneNumber") for item in read_numbers(client, NumberFilter(**wanted))]


def test_all_numbers_are_read_with_whether_they_are_available(client: WebexClient, webex: Simulator) -> None:
    numbers = read_numbers(client, NumberFilter())
    assert len(numbers) == 30
    assert [item["phoneNumber"] for item in numbers if not item["available"]] == [IVANS]
    assert asked(webex) == [NUMBERS]
    assert webex.journal()[0]["query"] == {"max": "2000"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"phone_number": "+49 30 5550 2001"}, [IVANS]),
        ({"phone_number": "+4930"}, []),
        ({"extension": " 2001 "}, [IVANS]),
        ({"extension": "200"}, []),
        ({"owner": "IVAN@example.com"}, [IVANS]),
        ({"owner": "nobody@example.com"}, []),
        ({"available": False}, [IVANS]),
        ({"location": "London", "extension": "2001"}, []),
        ({"location": "berlin", "extension": "2001", "available": True}, []),
    ],
)
def test_numbers_are_filtered(client: WebexClient, wanted: dict[str, t.Any], found: list[str]) -> None:
    assert read(client, **wanted) == found


def test_available_ones_are_those_that_a_person_can_have(client: WebexClient, webex: Simulator) -> None:
    kinds: list[dict[str, t.Any]] = [{"state": "INACTIVE"}, {"service": True}, {"reserved": True}, {"type": "FAX"}]
    for number, kind in enumerate(kinds):
        webex.add_numbers("Berlin", f"+493055509{number}", **kind)
    webex.add_numbers("Berlin", owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="77")
    free = read(client, location="Berlin", available=True)
    assert len(free) == 19
    assert FREE in free
    assert not any(number is None or number.startswith("+493055509") for number in free)
    assert set(read(client, available=False)) == {IVANS, None, *(f"+493055509{number}" for number in range(4))}


def test_whatever_webex_returns_is_sifted(client: WebexClient, webex: Simulator) -> None:
    berlin = webex.location("Berlin")["id"]
    items = [
        {"phoneNumber": IVANS, "location": {"id": berlin}, "owner": {"id": "P1"}},
        {"phoneNumber": FREE, "location": {"id": "elsewhere"}},
        {"extension": "7"},
    ]
    webex.fault(kind="status", status=200, path="/numbers$", body={"phoneNumbers": items}, times=None)
    assert read(client, phone_number=FREE) == [FREE]
    assert read(client, location="Berlin") == [IVANS]
    assert read(client, extension="7") == [None]
    assert read(client, owner="p1") == [IVANS]
    queries = [request["query"] for request in webex.journal() if request["path"].endswith("/numbers")]
    assert queries == [
        {"max": "2000", "phoneNumber": FREE},
        {"max": "2000", "locationId": berlin},
        {"max": "2000"},
        {"max": "2000"},
    ]


def test_what_cannot_be_meant_is_refused(client: WebexClient, webex: Simulator) -> None:
    with pytest.raises(OptionError, match="'none' is not a phone number"):
        read(client, phone_number="none")
    assert asked(webex) == []
    with pytest.raises(CallingError, match="'Atlantis' does not exist"):
        read(client, location="Atlantis")
