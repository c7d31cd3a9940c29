# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People, licenses, locations, numbers and organizations."""

from __future__ import annotations

from typing import Any

from .conftest import Ids, Webex


def add(license: str, **properties: str) -> dict[str, Any]:
    """One license to assign."""
    request: dict[str, Any] = {"id": license, "operation": "add"}
    return {**request, "properties": properties} if properties else request


def remove(license: str) -> dict[str, Any]:
    """One license to take away."""
    return {"id": license, "operation": "remove"}


def units(webex: Webex, license: str) -> int:
    """The units of a license in use."""
    used: int = webex.get(f"/licenses/{license}").body["consumedUnits"]
    return used


def free_number(webex: Webex, number: str) -> bool:
    """Whether nobody owns a number."""
    return "owner" not in webex.get("/telephony/config/numbers", phoneNumber=number).body["phoneNumbers"][0]


# -- reading -------------------------------------------------------------------------------------------------------


def test_people(webex: Webex) -> None:
    people = webex.get("/people").body["items"]
    names = ["admin", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan"]
    assert [person["emails"][0] for person in people] == [f"{name}@example.com" for name in names]
    assert all(len(person["licenses"]) >= 2 for person in people)
    assert "extension" not in people[-1]
    assert webex.get("/people", email="ALICE@example.com").body["items"][0]["displayName"] == "Alice Example"
    assert webex.get("/people", email="nobody@example.com").body["items"] == []
    assert [p["emails"] for p in webex.get("/people", displayName="car").body["items"]] == [["carol@example.com"]]
    found = webex.get("/people", id=f"{people[0]['id']},unknown").body
    assert [person["id"] for person in found["items"]] == [people[0]["id"]]
    assert "licenses" not in found["items"][0]
    assert found["notFoundIds"] == ["unknown"]


def test_calling_data(webex: Webex, ids: Ids) -> None:
    ivan = webex.person("ivan")
    assert (ivan["extension"], ivan["locationId"]) == ("2001", ids.berlin)
    numbers = {number["type"]: number["value"] for number in ivan["phoneNumbers"]}
    assert numbers == {"work": "+493055502001", "work_extension": "80302001"}
    plain = webex.get(f"/people/{ivan['id']}").body
    assert not plain.keys() & {"extension", "locationId", "phoneNumbers"}
    assert webex.get(f"/people/{ivan['id']}", callingData="true").body == ivan
    there = webex.get("/people", locationId=ids.berlin, callingData="true").body["items"]
    assert [person["id"] for person in there] == [ivan["id"]]


def test_people_pages_by_cursor(webex: Webex) -> None:
    webex.simulator.reset(people=120, enabled=60)
    pages = webex.pages("/people", callingData="true", max=1000, start=50)
    assert [len(page) for page in pages] == [100, 30]
    assert len({person["id"] for page in pages for person in page}) == 130
    link = webex.get("/people", max=7).next
    assert link is not None
    assert link.startswith(webex.simulator.base_url + "/people?")
    location = webex.person("ivan")["locationId"]
    assert [len(page) for page in webex.pages("/people", callingData="true", locationId=location)] == [50, 11]
    assert webex.get("/people", max="many").status == 400
    assert webex.get("/people", cursor="bent").status == 400


def test_own_data_only(webex: Webex) -> None:
    token = webex.simulator.token(kind="integration", scopes=["spark:people_read"], person="alice@example.com")
    alice = Webex(webex.simulator, token["access_token"])
    me = alice.get("/people/me").body
    assert me["emails"] == ["alice@example.com"]
    assert "licenses" not in me
    assert alice.get(f"/people/{me['id']}").status == 200
    assert alice.get("/people").status == 400
    assert alice.get("/people", email="alice@example.com").body["items"][0]["id"] == me["id"]
    assert alice.get("/people", email="bob@example.com").body["items"] == []
    bob = webex.person("bob")["id"]
    assert alice.get(f"/people/{bob}").status == 403


def test_not_found_and_not_allowed(webex: Webex) -> None:
    for path in ("/people/unknown", "/licenses/unknown", "/nothing/here"):
        answer = webex.get(path)
        assert answer.status == 404
        assert answer.body["trackingId"] == answer.headers["trackingid"]
    for method in ("POST", "PUT"):
        answer = webex.call(method, "/licenses/users", {})
        assert (answer.status, answer.headers["Allow"]) == (405, "PATCH")
    assert webex.get("/people", orgId=webex.simulator.state()["other_org"]["org_id"]).status == 403
    assert webex.get("/people", orgId=webex.simulator.credentials["org_id"]).status == 200


def test_licenses(webex: Webex, ids: Ids) -> None:
    items = webex.get("/licenses").body["items"]
    found = {(item["name"], item["subscriptionId"]): (item["totalUnits"], item["consumedUnits"]) for item in items}
    assert found["Webex Calling - Professional", "Sub-1"] == (5, 5)
    assert found["Webex Calling - Professional", "Sub-2"] == (20, 0)
    assert found["Webex Calling - Standard", "Sub-2"] == (5, 0)
    assert found["Webex Calling - Workspaces", "Sub-2"] == (5, 0)
    assert found["Messaging - Advanced", "Sub-1"] == (100, 10)
    assert found["Meeting - Webex Meeting Center", "Sub-1"] == (100, 10)
    assert "users" not in webex.get(f"/licenses/{ids.messaging}").body
    pages = webex.pages(f"/licenses/{ids.messaging}", "users", includeAssignedTo="user", limit=4)
    assert [len(page) for page in pages] == [4, 4, 2]
    assert pages[2][1]["email"] == "ivan@example.com"
    webex.simulator.reset(people=500)
    pages = webex.pages(f"/licenses/{ids.messaging}", "users", includeAssignedTo="user", limit=1000)
    assert [len(page) for page in pages] == [300, 210]


def test_locations(webex: Webex) -> None:
    everywhere = webex.get("/locations").body["items"]
    calling = webex.get("/telephony/config/locations").body["locations"]
    assert [place["name"] for place in everywhere] == ["Berlin", "London", "Warehouse"]
    assert [(place["name"], place["routingPrefix"]) for place in calling] == [("Berlin", "8030"), ("London", "8044")]
    assert len(webex.get("/telephony/config/locations", name="lond").body["locations"]) == 1
    assert [len(page) for page in webex.pages("/telephony/config/locations", "locations", max=1)] == [1, 1]


def test_numbers(webex: Webex, ids: Ids) -> None:
    def numbers(**query: Any) -> list[Any]:
        found: list[Any] = webex.get("/telephony/config/numbers", **query).body["phoneNumbers"]
        return found

    assert len(numbers()) == 30
    assert len(numbers(locationId=ids.london)) == 10
    assert len(numbers(available="true")) == 29
    ivan = webex.person("ivan")
    (item,) = numbers(ownerId=ivan["id"])
    assert numbers(phoneNumber="+493055502001") == numbers(extension="2001") == [item]
    assert item["owner"] == {"id": ivan["id"], "type": "PEOPLE", "firstName": "Ivan", "lastName": "Example"}
    assert (item["esn"], item["routingPrefix"], item["extension"]) == ("80302001", "8030", "2001")
    assert (item["state"], item["mainNumber"], item["tollFreeNumber"]) == ("ACTIVE", False, False)
    assert item["location"] == {"id": ids.berlin, "name": "Berlin"}
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200
    (item,) = numbers(extension="2002")
    assert "phoneNumber" not in item
    pages = webex.pages("/telephony/config/numbers", "phoneNumbers", max=20)
    assert [len(page) for page in pages] == [20, 11]


def test_organizations(admin: Webex) -> None:
    (org,) = admin.get("/organizations").body["items"]
    assert admin.get(f"/organizations/{org['id']}").body == org
    assert org["id"] == admin.simulator.credentials["org_id"]


def test_a_partner_works_in_the_organizations_of_customers(admin: Webex) -> None:
    simulator = admin.simulator
    first, second = simulator.add_organizations(count=2, managed_by=["alice@example.com"])
    partner = Webex(simulator, simulator.credentials["personal_access_token"]["access_token"])
    shown = partner.get("/organizations").body["items"]
    assert [org["displayName"] for org in shown] == ["Example GmbH", "Customer 0001", "Customer 0002"]
    (customer,) = partner.get("/people", orgId=first["org_id"]).body["items"]
    assert customer["orgId"] == first["org_id"]
    assert partner.get("/people", orgId=simulator.state()["other_org"]["org_id"]).status == 403
    alice = partner.person("alice")["id"]
    managed = partner.get("/partner/organizations", managedBy=alice).body["items"]
    assert [org["orgId"] for org in managed] == [first["org_id"], second["org_id"]]
    assert partner.get("/partner/organizations").status == 400
    assert partner.get("/partner/organizations", managedBy="x").status == 404
    refused = partner.get("/partner/organizations", managedBy=partner.get("/people/me").body["id"])
    assert (refused.status, refused.body["message"].partition(" ")[0]) == (400, "The")


def test_a_service_app_works_in_its_own_organization(webex: Webex) -> None:
    simulator = webex.simulator
    acme, globex = simulator.add_organizations("Acme", "Globex")
    machine = Webex(simulator, acme["access_token"])
    assert machine.get("/people/me").body["orgId"] == acme["org_id"]
    assert [person["orgId"] for person in machine.get("/people").body["items"]] == [acme["org_id"]]
    assert machine.get("/people", orgId=globex["org_id"]).status == 403
    assert webex.get("/people", orgId=acme["org_id"]).status == 403
    simulator.service_app(simulator.credentials["service_app"]["client_id"], revoke=True, org="Globex")
    assert webex.refresh(refresh_token=globex["refresh_token"]).status == 400
    assert webex.refresh(refresh_token=acme["refresh_token"]).status == 200


def test_max_page_size(webex: Webex) -> None:
    webex.simulator.configure(max_page_size=4)
    assert [len(page) for page in webex.pages("/people")] == [4, 4, 2]
    assert [len(page) for page in webex.pages("/locations")] == [3]
    assert len(webex.pages("/telephony/config/numbers", "phoneNumbers")) == 8


# -- enabling for calling ------------------------------------------------------------------------------------------


def test_enable_with_extension_and_number(webex: Webex, ids: Ids) -> None:
    number = "+493055502002"
    answer = webex.assign("alice", add(ids.professional, locationId=ids.berlin, phoneNumber=number, extension="2002"))
    assert answer.status == 200
    assert ids.professional in answer.body["licenses"]
    alice = webex.person("alice")
    assert answer.body["personId"] == alice["id"]
    assert (alice["extension"], alice["locationId"]) == ("2002", ids.berlin)
    assert not free_number(webex, number)
    assert units(webex, ids.professional) == 1
    again = webex.assign("alice", add(ids.professional, locationId=ids.berlin, phoneNumber=number, extension="2003"))
    assert again.status == 200
    assert units(webex, ids.professional) == 1
    assert webex.person("alice")["extension"] == "2003"
    assert webex.assign("bob", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200


def test_remove_frees_everything(webex: Webex, ids: Ids) -> None:
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    assert not webex.person("ivan").keys() & {"extension", "locationId", "phoneNumbers"}
    assert free_number(webex, "+493055502001")
    assert units(webex, ids.professional_full) == 4
    request = add(ids.professional, locationId=ids.berlin, extension="2001", phoneNumber="+493055502001")
    assert webex.assign("alice", request).status == 200


def test_location_follows_from_the_number(webex: Webex, ids: Ids) -> None:
    assert webex.assign("alice", add(ids.professional, phoneNumber="+442071838003")).status == 200
    assert webex.person("alice")["locationId"] == ids.london


def test_person_by_id_and_default_operation(webex: Webex, ids: Ids) -> None:
    request = {"id": ids.professional, "properties": {"locationId": ids.berlin, "extension": "2002"}}
    body = {"personId": webex.person("bob")["id"], "licenses": [request]}
    assert webex.call("PATCH", "/licenses/users", body).status == 200
    assert webex.person("bob")["extension"] == "2002"


def test_refused_with_an_error_code(webex: Webex, ids: Ids) -> None:
    def refused(name: str, *licenses: dict[str, Any]) -> tuple[int, int | str | None]:
        answer = webex.assign(name, *licenses)
        return answer.status, answer.code

    berlin = {"locationId": ids.berlin, "extension": "2002"}
    before = webex.simulator.state()
    assert refused("alice", add("unknown")) == (400, 400000)
    assert refused("alice", add(ids.professional)) == (400, 400411)
    assert refused("alice", add(ids.professional, locationId=ids.berlin)) == (400, 400411)
    assert refused("alice", add(ids.professional, locationId="unknown", extension="2002")) == (400, 400)
    assert refused("alice", add(ids.professional, extension="2002")) == (400, 400)
    assert refused("alice", add(ids.professional, **berlin), add(ids.standard, **berlin)) == (400, 400404)
    assert refused("ivan", add(ids.standard, **berlin)) == (400, 400404)
    assert refused("ivan", remove(ids.professional_full), add(ids.standard, **berlin)) == (400, 400112)
    body = {"email": "alice@example.com", "siteUrls": [{"siteUrl": "no.webex.com", "accountType": "attendee"}]}
    assert webex.call("PATCH", "/licenses/users", body).code == 400216
    assert webex.simulator.state() == before


def test_refused_with_a_sentence(webex: Webex, ids: Ids) -> None:
    def refused(name: str, **properties: str) -> str:
        answer = webex.assign(name, add(ids.professional, **properties))
        assert answer.status == 400
        return answer.description

    before = webex.simulator.state()
    assert "Calling flag not set" in refused("alice", locationId=ids.warehouse, extension="2002")
    for number in ("+493055502001", "+493099999999", "+442071838001"):  # owned, unknown, of another location
        text = refused("alice", locationId=ids.berlin, phoneNumber=number)
        assert text.startswith(f"[Error 4250] {number} phone number(s) not added.")
    assert refused("alice", phoneNumber="+493099999999").startswith("[Error 4250]")
    assert "2001" in refused("alice", locationId=ids.berlin, extension="2001")
    assert "location" in refused("ivan", locationId=ids.london, extension="2001")
    assert webex.call("PATCH", "/licenses/users", {"licenses": []}).status == 400
    assert webex.assign("nobody", add(ids.messaging)).status == 404
    assert webex.assign("alice", {"id": ids.messaging, "operation": "lend"}).status == 400
    assert webex.simulator.state() == before
    assert webex.assign("alice", add(ids.professional, locationId=ids.london, extension="2001")).status == 200


def test_standard_to_professional(webex: Webex, ids: Ids) -> None:
    berlin = {"locationId": ids.berlin, "extension": "2002"}
    assert webex.assign("alice", add(ids.standard, **berlin)).status == 200
    assert webex.assign("alice", remove(ids.standard), add(ids.professional, **berlin)).status == 200
    assert units(webex, ids.standard) == 0
    assert webex.person("alice")["extension"] == "2002"


def test_no_free_unit(webex: Webex, ids: Ids) -> None:
    request = add(ids.professional_full, locationId=ids.berlin, extension="2002")
    answer = webex.assign("alice", request)
    assert answer.status == 206
    assert answer.body["licenses"] == webex.person("alice")["licenses"]
    assert ids.professional_full not in answer.body["licenses"]
    assert "extension" not in webex.person("alice")
    webex.simulator.control("PATCH", f"/licenses/{ids.professional_full}", {"total_units": -1})
    assert webex.assign("alice", request).status == 200


# -- people --------------------------------------------------------------------------------------------------------


def test_create_and_delete(webex: Webex, ids: Ids) -> None:
    body = {
        "emails": ["judy@example.com"],
        "firstName": "Judy",
        "lastName": "Example",
        "licenses": [ids.professional, ids.professional_full],
        "locationId": ids.berlin,
        "extension": "2002",
        "phoneNumbers": [{"type": "work", "value": "+493055502002"}],
    }
    judy = webex.call("POST", "/people", body, callingData="true")
    assert judy.status == 200
    assert judy.body["displayName"] == "Judy Example"
    assert judy.body["licenses"] == [ids.professional]  # the other one has no free unit: left out, says the spec
    assert judy.body["extension"] == "2002"
    assert webex.call("POST", "/people", body, callingData="true").status == 409
    assert webex.call("POST", "/people", {"emails": ["k@example.com"]}).status == 400
    assert webex.call("POST", "/people", {"displayName": "K"}).status == 400
    minimal = webex.call("POST", "/people", {"emails": ["k@example.com"], "displayName": "K"}, minResponse="true")
    assert list(minimal.body) == ["id"]
    assert webex.call("DELETE", f"/people/{judy.body['id']}").status == 204
    assert webex.get(f"/people/{judy.body['id']}").status == 404
    assert free_number(webex, "+493055502002")
    assert units(webex, ids.professional) == 0


def test_created_still(webex: Webex, ids: Ids) -> None:
    body = {
        "emails": ["judy@example.com"],
        "displayName": "Judy",
        "licenses": [ids.professional],
        "locationId": ids.berlin,
        "phoneNumbers": [{"type": "work", "value": "+493055502001"}],
    }
    answer = webex.call("POST", "/people", body, callingData="true")
    assert (answer.status, "[Error 4250]" in answer.description) == (400, True)
    assert webex.person("judy")["displayName"] == "Judy"


def test_update(webex: Webex, ids: Ids) -> None:
    ivan = webex.person("ivan")

    def put(**body: Any) -> Any:
        return webex.call("PUT", f"/people/{ivan['id']}", body, callingData="true")

    assert put(title="CEO").status == 400
    assert put(displayName="Ivan I.", title="CEO").body["title"] == "CEO"
    assert webex.person("ivan")["licenses"] == ivan["licenses"]
    assert put(displayName="Ivan", extension="2009").body["extension"] == "2009"
    assert put(displayName="Ivan", phoneNumbers=[{"type": "work", "value": "+493055502009"}]).status == 200
    assert free_number(webex, "+493055502001")
    assert put(displayName="Ivan", phoneNumbers=[{"type": "work", "value": "+442071838001"}]).status == 400
    assert put(displayName="Ivan", locationId=ids.london).status == 400
    assert webex.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2002")).status == 200
    assert put(displayName="Ivan", extension="2002").status == 400
    assert put(displayName="Ivan", licenses=["unknown"]).code == 400000
    assert put(displayName="Ivan", emails=["bob@example.com"]).status == 409
    assert put(displayName="Ivan", licenses=[ids.messaging]).body["licenses"] == [ids.messaging]
    assert "extension" not in webex.person("ivan")
    assert put(displayName="Ivan", extension="2009").status == 400  # no calling user any more
    assert put(displayName="Ivan", emails=["ivan.i@example.com"]).status == 200
    assert webex.person("ivan.i")["id"] == ivan["id"]
    assert webex.call("PUT", f"/people/{ivan['id']}", {"displayName": "I"}, minResponse="true").status == 204


def test_put_what_was_read(webex: Webex) -> None:
    ivan = webex.person("ivan")
    answer = webex.call("PUT", f"/people/{ivan['id']}", ivan, callingData="true")
    assert answer.status == 200
    assert {**answer.body, "lastModified": ""} == {**ivan, "lastModified": ""}
