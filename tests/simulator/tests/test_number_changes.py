# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers that are put into the inventory of a location, activated, and taken out."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Answer, Ids, Webex

NEW, FREE, IVANS = "+493055503001", "+493055502002", "+493055502001"


def ask(webex: Webex, location: str, method: str, *numbers: str, **more: Any) -> Answer:
    """One request about the numbers of a location."""
    return webex.call(method, f"/telephony/config/locations/{location}/numbers", {"phoneNumbers": numbers, **more})


def known(webex: Webex) -> set[str]:
    """The numbers of the state."""
    return {number["phone_number"] for number in webex.simulator.state()["numbers"]}


def test_numbers_are_added_activated_and_removed(admin: Webex, ids: Ids) -> None:
    assert ask(admin, ids.berlin, "POST", NEW, FREE, numberType="TOLLFREE").status == 201
    added = admin.simulator.number(NEW)
    assert (added["state"], added["toll_free"], added["location"]) == ("INACTIVE", True, "Berlin")
    assert admin.simulator.number(FREE)["state"] == "ACTIVE"
    assert ask(admin, ids.berlin, "PUT", NEW).status == 204
    assert admin.numbers(phoneNumber=NEW)[0]["state"] == "ACTIVE"
    assert ask(admin, ids.berlin, "PUT", NEW, action="DEACTIVATE").status == 204
    assert admin.numbers(phoneNumber=NEW)[0]["state"] == "INACTIVE"
    assert ask(admin, ids.berlin, "DELETE", NEW).status == 204
    assert admin.numbers(phoneNumber=NEW) == []


@pytest.mark.parametrize("in_part", [False, True])
def test_numbers_of_another_location_are_refused_with_or_without_the_rest(
    admin: Webex, ids: Ids, in_part: bool
) -> None:
    admin.simulator.configure(add_in_part=in_part)
    assert ask(admin, ids.london, "POST", NEW, FREE).status == 400
    assert (NEW in known(admin)) is in_part


@pytest.mark.parametrize(
    ("method", "numbers", "more"),
    [
        ("POST", ["030 5550"], {}),
        ("POST", [], {}),
        ("PUT", [NEW], {}),
        ("PUT", [IVANS], {"action": "DEACTIVATE"}),
        ("PUT", ["+493055509999"], {}),
        ("DELETE", [NEW], {}),
        ("DELETE", [f"+4930555020{number:02}" for number in range(2, 8)], {}),
        ("DELETE", ["+493055508888"], {}),
    ],
)
def test_what_is_refused_changes_nothing(
    admin: Webex, ids: Ids, method: str, numbers: list[str], more: dict[str, str]
) -> None:
    admin.simulator.add_numbers("Berlin", "+493055509999", mobile=True)
    admin.simulator.add_numbers("Berlin", "+493055508888", main=True)
    before = admin.simulator.state()["numbers"]
    assert ask(admin, ids.berlin, method, *numbers, **more).status == 400
    assert admin.simulator.state()["numbers"] == before


def test_a_number_that_somebody_has_is_taken_from_them(admin: Webex, ids: Ids) -> None:
    admin.simulator.add_numbers("Berlin", NEW, owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="7001")
    assert ask(admin, ids.berlin, "DELETE", IVANS, NEW).status == 204
    assert admin.simulator.person("ivan")["phone_number"] is None
    assert admin.simulator.state()["features"][0]["numbers"] == []


@pytest.mark.parametrize("pstn", ["INTEGRATED_CCP", "CISCO_PSTN"])
def test_an_integrated_connection(admin: Webex, ids: Ids, pstn: str) -> None:
    admin.simulator.change_location("Berlin", pstn=pstn)
    removal = ask(admin, ids.berlin, "DELETE", FREE)
    assert (removal.status, removal.code) == (400, "ERR.V.TRM.TMN60004")
    assert ask(admin, ids.berlin, "POST", NEW).status == 201
    admin.simulator.configure(integrated_pstn="refuse")
    assert ask(admin, ids.berlin, "PUT", NEW).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_without_a_connection_there_are_no_numbers(admin: Webex, ids: Ids, method: str) -> None:
    admin.simulator.change_location("Berlin", pstn=None)
    assert ask(admin, ids.berlin, method, FREE).status == 404
    assert ask(admin, ids.warehouse, method, FREE).status == 404


def test_what_was_written_shows_late(admin: Webex, ids: Ids) -> None:
    before = admin.numbers()
    admin.simulator.stale(3600, "numbers")
    assert ask(admin, ids.berlin, "POST", NEW).status == 201
    assert ask(admin, ids.berlin, "DELETE", FREE).status == 204
    assert ask(admin, ids.berlin, "DELETE", IVANS).status == 204
    assert sorted(admin.numbers(), key=str) == sorted(before, key=str)
