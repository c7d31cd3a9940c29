# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locations, from their creation to their connection; and the codes of telephones."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Ids, Webex

HAMBURG: dict[str, Any] = {
    "name": "Hamburg",
    "timeZone": "Europe/Berlin",
    "preferredLanguage": "de_de",
    "announcementLanguage": "de_de",
    "address": {"address1": "Kai 1", "city": "Hamburg", "state": "HH", "postalCode": "20457", "country": "DE"},
}
CALLING = "/telephony/config/locations"


def names(webex: Webex, path: str = "/locations", key: str = "items") -> list[str]:
    """The names of the locations that a list shows."""
    return [location["name"] for location in webex.get(path).body[key]]


def test_a_location_is_created_enabled_and_connected(admin: Webex) -> None:
    key = admin.call("POST", "/locations", {**HAMBURG, "notes": "harbour"}).body["id"]
    shown = admin.get("/locations", name="hamburg").body["items"][0]
    assert shown.items() >= {"id": key, "notes": "harbour", "timeZone": "Europe/Berlin"}.items()
    assert "announcementLanguage" not in shown
    assert "Hamburg" not in names(admin, CALLING, "locations")
    assert admin.get(f"/telephony/pstn/locations/{key}/connection").status == 404
    assert admin.call("POST", CALLING, {"id": key, **HAMBURG}).status == 201
    assert "Hamburg" in names(admin, CALLING, "locations")
    assert admin.call("POST", CALLING, {"id": key, **HAMBURG}).status == 409
    refused = admin.get(f"/telephony/pstn/locations/{key}/connection")
    assert (refused.status, refused.description) == (404, "PSTN for the location is not configured")
    admin.simulator.change_location("Hamburg", pstn="CISCO_PSTN")
    assert admin.get(f"/telephony/pstn/locations/{key}/connection").body["pstnConnectionType"] == "CISCO_PSTN"


@pytest.mark.parametrize("missing", ["name", "timeZone", "preferredLanguage", "announcementLanguage", "address"])
def test_what_a_location_must_have(admin: Webex, missing: str) -> None:
    body = {key: value for key, value in HAMBURG.items() if key != missing}
    assert admin.call("POST", "/locations", body).status == 400
    assert admin.call("POST", "/locations", {**HAMBURG, "address": {"city": "Hamburg"}}).status == 400
    assert "Hamburg" not in names(admin)


def test_a_location_is_changed(admin: Webex, ids: Ids) -> None:
    changed = admin.call("PUT", f"/locations/{ids.warehouse}", {"timeZone": "Europe/Paris", "name": "Store"})
    assert changed.status == 204
    store = admin.simulator.location("Store")
    assert (store["time_zone"], store["preferred_language"]) == ("Europe/Paris", "de_DE")
    assert admin.call("PUT", f"/locations/{ids.berlin}", {"name": "B" * 81}).status == 400
    assert admin.call("PUT", "/locations/x", {"name": "X"}).status == 404


def test_a_second_location_of_the_same_name_is_another_one(admin: Webex) -> None:
    keys = {admin.call("POST", "/locations", HAMBURG).body["id"] for _number in range(2)}
    assert len(keys) == 2
    assert names(admin).count("Hamburg") == 2


def test_what_was_written_shows_late(admin: Webex, ids: Ids) -> None:
    admin.simulator.stale(3600, "locations")
    key = admin.call("POST", "/locations", HAMBURG).body["id"]
    assert admin.call("POST", CALLING, {"id": key, **HAMBURG}).status == 201
    assert admin.call("PUT", f"/locations/{ids.berlin}", {"name": "Berlin 2"}).status == 204
    assert names(admin) == ["Berlin", "London", "Warehouse"]
    assert names(admin, CALLING, "locations") == ["Berlin", "London"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/locations", "spark-admin:locations_write"),
        ("PUT", "/locations/{berlin}", "spark-admin:locations_write"),
        ("POST", CALLING, "spark-admin:telephony_config_write"),
        ("GET", "/telephony/pstn/locations/{berlin}/connection", "spark-admin:telephony_pstn_read"),
        ("POST", CALLING + "/{berlin}/numbers", "spark-admin:telephony_config_write"),
        ("PUT", CALLING + "/{berlin}/numbers", "spark-admin:telephony_config_write"),
        ("DELETE", CALLING + "/{berlin}/numbers", "spark-admin:telephony_config_write"),
    ],
)
def test_each_call_needs_its_scope(webex: Webex, ids: Ids, method: str, path: str, scope: str) -> None:
    path = path.format(berlin=ids.berlin)
    for scopes, is_forbidden in (["spark-admin:people_read"], True), ([scope], False):
        token = webex.simulator.token(kind="service_app", scopes=scopes)["access_token"]
        asked = Webex(webex.simulator, token).call(method, path, {"phoneNumbers": ["+493055502002"]})
        assert (asked.status == 403) is is_forbidden


def test_an_activation_code_is_a_new_one_each_time(webex: Webex) -> None:
    simulator, ivan = webex.simulator, webex.person("ivan")["id"]
    body = {"personId": ivan, "model": "DMS Cisco 8865"}
    assert webex.call("POST", "/devices/activationCode", body).status == 403
    scopes = ["spark-admin:devices_write", "identity:one_time_password"]
    allowed = Webex(simulator, simulator.token(kind="service_app", scopes=scopes)["access_token"])
    first, second = (allowed.call("POST", "/devices/activationCode", body).body for _number in range(2))
    assert first["code"] != second["code"]
    assert simulator.state()["activation_codes"] == [{"person_id": ivan, "model": "DMS Cisco 8865"}] * 2
    assert allowed.call("POST", "/devices/activationCode", {"personId": "x"}).status == 404


def test_devices_are_listed_and_deleted(admin: Webex) -> None:
    simulator, ivan = admin.simulator, admin.person("ivan")["id"]
    keys = [simulator.add_device(f"{name}@example.com")["id"] for name in ("ivan", "ivan", "alice")]
    simulator.configure(max_page_size=2)
    assert [[device["id"] for device in page] for page in admin.pages("/devices")] == [keys[:2], keys[2:]]
    assert [device["id"] for device in admin.get("/devices", personId=ivan).body["items"]] == keys[:2]
    assert admin.call("DELETE", f"/devices/{keys[0]}").status == 204
    assert admin.call("DELETE", f"/devices/{keys[0]}").status == 404
    assert [device["owner"] for device in simulator.state()["devices"]] == ["ivan@example.com", "alice@example.com"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/devices"), ("DELETE", "/devices/x")])
def test_devices_need_their_scopes(webex: Webex, method: str, path: str) -> None:
    assert webex.call(method, path).status == 403
