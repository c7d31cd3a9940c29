# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers that are not free for everybody, their owners, directory numbers and further addresses."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Answer, Ids, Webex
from .test_api import add, remove

NUMBER = "+493055503001"


def give(webex: Webex, ids: Ids, name: str, number: str) -> Answer:
    """Enable a person with a number and an extension in Berlin."""
    properties = {"locationId": ids.berlin, "phoneNumber": number, "extension": "2900"}
    return webex.assign(name, add(ids.professional, **properties))


def values(person: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The phone numbers of a person, in their order: type, value, whether it is the primary one."""
    return [(entry["type"], entry["value"], entry.get("primary", False)) for entry in person["phoneNumbers"]]


# -- the inventory -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"service": True}, {"isServiceNumber": True}),
        ({"reserved": True}, {"isReservedNumber": True}),
        ({"mobile": True}, {"includedTelephonyTypes": "MOBILE_NUMBER"}),
        ({"state": "INACTIVE"}, {"state": "INACTIVE"}),
        ({"type": "FAX"}, {"phoneNumberType": "FAX"}),
        ({"type": "DNIS"}, {"phoneNumberType": "DNIS"}),
        ({"type": "ALTERNATE"}, {"phoneNumberType": "ALTERNATE"}),
    ],
)
def test_a_number_that_is_not_for_people(
    webex: Webex, ids: Ids, options: dict[str, Any], shown: dict[str, Any]
) -> None:
    webex.simulator.add_numbers("Berlin", NUMBER, **options)
    (item,) = webex.numbers(phoneNumber=NUMBER)
    assert item.items() >= shown.items()
    assert "owner" not in item
    assert webex.numbers(phoneNumber=NUMBER, available="true") == [item]
    answer = give(webex, ids, "alice", NUMBER)
    assert (answer.status, "[Error 4250]" in answer.description) == (400, True)
    assert webex.simulator.person("alice")["phone_number"] is None


def test_main_and_toll_free_numbers_are_numbers_like_others(webex: Webex, ids: Ids) -> None:
    webex.simulator.add_numbers("Berlin", NUMBER, main=True, toll_free=True)
    (item,) = webex.numbers(phoneNumber=NUMBER)
    assert (item["mainNumber"], item["tollFreeNumber"]) == (True, True)
    berlin = webex.get("/telephony/config/locations", name="Berlin").body["locations"][0]
    assert berlin["callingLineId"] == {"phoneNumber": NUMBER}
    assert give(webex, ids, "alice", NUMBER).status == 200


def test_an_inactive_number_can_be_allowed(webex: Webex, ids: Ids) -> None:
    webex.simulator.add_numbers("Berlin", NUMBER, state="INACTIVE")
    webex.simulator.configure(inactive_numbers="allow")
    assert give(webex, ids, "alice", NUMBER).status == 200
    assert webex.simulator.number(NUMBER)["state"] == "INACTIVE"


def test_filters_that_leave_out_extensions(webex: Webex, ids: Ids) -> None:
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2900")).status == 200
    webex.simulator.add_numbers("Berlin", NUMBER, state="INACTIVE", service=True)
    assert len(webex.numbers()) == 32
    assert len(webex.numbers(state="ACTIVE")) == 30
    assert [item["phoneNumber"] for item in webex.numbers(state="INACTIVE")] == [NUMBER]
    assert [item["phoneNumber"] for item in webex.numbers(serviceNumber="true")] == [NUMBER]
    assert len(webex.numbers(phoneNumberType="PRIMARY")) == 31
    assert [item["extension"] for item in webex.numbers(numberType="EXTENSION")] == ["2900"]


def test_a_hunt_group_owns_a_number_and_an_extension(webex: Webex, ids: Ids) -> None:
    simulator = webex.simulator
    simulator.add_numbers("Berlin", NUMBER, owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="7001")
    (item,) = webex.numbers(phoneNumber=NUMBER)
    assert item["owner"].items() >= {"type": "HUNT_GROUP", "lastName": "Sales"}.items()
    assert (item["extension"], item["esn"]) == ("7001", "80307001")
    assert webex.numbers(extension="7001") == webex.numbers(ownerId=item["owner"]["id"]) == [item]
    assert webex.numbers(ownerType="HUNT_GROUP") == [item]
    assert give(webex, ids, "alice", NUMBER).status == 400
    refused = webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="7001"))
    assert (refused.status, "7001" in refused.description) == (400, True)
    assert simulator.number(NUMBER)["owner"] == "Sales"


def test_a_workspace_with_an_extension_only(webex: Webex, ids: Ids) -> None:
    webex.simulator.add_numbers("Berlin", owner={"type": "PLACE", "first_name": "Lobby"}, extension="7002")
    (item,) = webex.numbers(extension="7002")
    assert "phoneNumber" not in item
    assert item["owner"].items() >= {"type": "PLACE", "firstName": "Lobby"}.items()
    assert webex.assign("alice", add(ids.professional, locationId=ids.london, extension="7002")).status == 200
    assert len(webex.numbers(extension="7002")) == 2


def test_alternate_numbers(webex: Webex, ids: Ids) -> None:
    webex.simulator.add_numbers("Berlin", NUMBER, type="ALTERNATE", owner={"email": "ivan@example.com"})
    ivan, number = webex.person("ivan"), "+493055502001"
    both = [("work", number, True), ("work", NUMBER, False), ("work_extension", "80302001", False)]
    assert values(ivan) == both
    (item,) = webex.numbers(phoneNumber=NUMBER)
    assert (item["phoneNumberType"], item["owner"]["id"], "extension" in item) == ("ALTERNATE", ivan["id"], False)
    # What is sent replaces what was there; the first one is the primary one.
    assert webex.put("ivan", extension="2002").status == 200
    assert len(values(webex.person("ivan"))) == 3
    swapped = [{"type": "work", "value": NUMBER}, {"type": "work", "value": number}]
    assert webex.put("ivan", phoneNumbers=swapped).status == 200
    assert values(webex.person("ivan"))[:2] == [("work", NUMBER, True), ("work", number, False)]
    assert webex.put("ivan", phoneNumbers=swapped[:1]).status == 200
    assert webex.simulator.number(number)["owner"] is None
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    assert webex.simulator.number(NUMBER)["owner"] is None


# -- directory numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [False, True])
def test_a_directory_number_beside_the_one_of_calling(webex: Webex, first: bool) -> None:
    webex.simulator.change_person("ivan@example.com", directory_numbers=["+4989100"])
    webex.simulator.configure(directory_first=first)
    calling = [("work", "+493055502001", True), ("work_extension", "80302001", False)]
    directory = [("work", "+4989100", False)]
    assert values(webex.person("ivan")) == (directory + calling if first else calling + directory)
    assert values(webex.get(f"/people/{webex.person('ivan')['id']}").body) == directory
    # What was read, sent back: a directory number that comes first would become the number of calling.
    numbers = [entry for entry in webex.person("ivan")["phoneNumbers"] if entry["type"] == "work"]
    assert webex.put("ivan", phoneNumbers=numbers).status == (400 if first else 200)
    assert webex.simulator.person("ivan")["phone_number"] == "+493055502001"


def test_a_directory_number_that_is_in_the_inventory_is_assigned_if_it_is_sent_first(webex: Webex) -> None:
    webex.simulator.change_person("ivan@example.com", directory_numbers=["+493055502002"])
    assert webex.put("ivan", phoneNumbers=[{"type": "work", "value": "+493055502002"}]).status == 200
    assert webex.simulator.person("ivan")["phone_number"] == "+493055502002"
    assert values(webex.person("ivan"))[0] == ("work", "+493055502002", True)
    assert len(values(webex.person("ivan"))) == 2  # shown once


def test_a_person_without_calling(webex: Webex) -> None:
    entries = ["+4989100", {"value": "+4989101", "primary": True}, {"type": "mobile", "value": "+49170"}]
    webex.simulator.add_person("nora@example.com", directory_numbers=entries)
    shown = [("work", "+4989100", False), ("work", "+4989101", True), ("mobile", "+49170", False)]
    assert values(webex.person("nora")) == shown
    assert webex.put("nora", title="CEO").status == 200
    assert webex.put("nora", phoneNumbers=[{"type": "work", "value": "+4989100"}]).status == 200
    assert webex.put("nora", phoneNumbers=[{"type": "work", "value": "+4989999"}]).status == 400
    assert values(webex.person("nora")) == shown
    assert webex.simulator.person("nora")["directory_numbers"][2] == {"type": "mobile", "value": "+49170"}


@pytest.mark.parametrize("kind", ["mobile", "fax"])
def test_only_work_numbers_can_be_set(webex: Webex, kind: str) -> None:
    before = webex.person("ivan")
    wrong = [*before["phoneNumbers"], {"type": kind, "value": "+49170"}]
    assert webex.put("ivan", phoneNumbers=wrong).status == 400
    assert webex.person("ivan") == before


@pytest.mark.parametrize("field", ["locationId", "extension", "phoneNumbers"])
def test_calling_fields_need_calling_data(webex: Webex, ids: Ids, field: str) -> None:
    ivan = webex.person("ivan")
    body = {"displayName": "Ivan", field: ivan[field]}
    for method, path in (("PUT", f"/people/{ivan['id']}"), ("POST", "/people")):
        answer = webex.call(method, path, {**body, "emails": ["ivan@example.com"]})
        assert (answer.status, answer.description) == (400, "Calling flag not set")
    answer = webex.get("/people", locationId=ids.berlin)
    assert (answer.status, answer.description) == (400, "Calling flag not set")
    assert webex.person("ivan") == ivan


# -- addresses -----------------------------------------------------------------------------------------------------


def test_aliases(webex: Webex, ids: Ids) -> None:
    simulator = webex.simulator
    simulator.change_person("ivan@example.com", aliases=["i@example.com", "vanja@example.com"])
    everything = ["ivan@example.com", "i@example.com", "vanja@example.com"]
    assert webex.person("ivan")["emails"] == everything
    assert webex.person("vanja") == webex.person("ivan")
    simulator.configure(emails_order="primary_last")
    assert webex.person("ivan")["emails"] == [*everything[1:], everything[0]]
    simulator.configure(emails_order="shuffled")
    orders = [webex.person("ivan")["emails"] for _unused in range(100)]
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(everything))}
    assert len({tuple(order) for order in orders}) > 1
    # The answers about licenses name the primary address.
    assert webex.assign("vanja", add(ids.messaging)).body["email"] == "ivan@example.com"
    assert "ivan@example.com" in webex.holders(ids.professional_full)
    assert simulator.person("i")["aliases"] == everything[1:]


def test_the_first_address_of_a_put_becomes_the_primary_one(webex: Webex, ids: Ids) -> None:
    webex.simulator.change_person("ivan@example.com", aliases=["i@example.com"])
    webex.simulator.configure(emails_order="primary_last")
    assert webex.put("ivan", emails=webex.person("ivan")["emails"]).status == 200
    assert webex.holders(ids.professional_full) == ["i@example.com"]
    assert webex.put("i", emails=["i@example.com", "bob@example.com"]).status == 409
    webex.simulator.configure(put_emails="keep")
    assert webex.put("i", emails=["ivan@example.com"]).status == 200
    assert webex.simulator.person("ivan")["aliases"] == ["i@example.com"]
    webex.simulator.configure(put_emails="replace")
    assert webex.put("ivan", emails=["ivan@example.com"]).status == 200
    assert webex.get("/people", email="i@example.com").body["items"] == []
