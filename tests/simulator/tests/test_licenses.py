# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licenses: implicit ones, those beyond the total, renamed ones, and the form of their ids."""

from __future__ import annotations

import uuid

import pytest

from tests.simulator.ids import decode

from .conftest import Ids, Webex
from .test_api import add, remove, units

CALLING = "Webex Calling"


def test_units_beyond_the_total(webex: Webex, ids: Ids) -> None:
    webex.simulator.configure(license_overage="allow")
    request = add(ids.professional_full, locationId=ids.berlin, extension="2002")
    assert webex.assign("alice", request).status == 200
    assert units(webex, ids.professional_full) == 6
    assert webex.simulator.license(ids.professional_full)["total_units"] == 5


def test_an_implicit_license_stays(webex: Webex) -> None:
    simulator = webex.simulator
    screen_share = simulator.add_license("Screen Share", implicit=True, holders="everybody")["id"]
    assert screen_share in webex.person("alice")["licenses"]
    refused = webex.assign("alice", remove(screen_share))
    assert (refused.status, refused.code) == (400, 700006)
    assert screen_share in refused.description
    without = [key for key in webex.person("alice")["licenses"] if key != screen_share]
    answer = webex.put("alice", licenses=without)
    assert (answer.status, set(answer.body["licenses"])) == (200, {*without, screen_share})
    assert webex.put("alice", licenses=[*without, screen_share]).status == 200
    simulator.configure(implicit_put="refuse")
    refused = webex.put("alice", licenses=without)
    assert (refused.status, refused.code) == (400, 700006)
    assert screen_share in webex.person("alice")["licenses"]
    assert simulator.license("Screen Share")["implicit"]


def test_a_license_becomes_implicit(webex: Webex, ids: Ids) -> None:
    webex.simulator.change_license("Messaging - Advanced", implicit=True)
    assert webex.assign("alice", remove(ids.messaging)).code == 700006
    webex.simulator.change_license("Messaging - Advanced", implicit=False)
    assert webex.assign("alice", remove(ids.messaging)).status == 200


def test_a_renamed_license_is_what_it_was(webex: Webex, ids: Ids) -> None:
    simulator = webex.simulator
    simulator.change_license(ids.professional, name=CALLING)
    simulator.change_license("Webex Calling - Workspaces", name="Common Area Calling")
    berlin = {"locationId": ids.berlin, "extension": "2002"}
    assert webex.assign("alice", add(ids.professional)).code == 400411
    assert webex.assign("alice", add(ids.professional, **berlin)).status == 200
    assert webex.assign("alice", remove(ids.professional), add(ids.standard, **berlin)).code == 400112
    license = simulator.license(CALLING)
    assert (license["id"], license["tier"], license["consumed_by_users"]) == (ids.professional, "professional", 1)
    simulator.change_license(CALLING, tier="other")
    assert webex.assign("bob", add(ids.professional, locationId=ids.berlin, extension="2003")).status == 200
    assert webex.person("bob")["extension"] == "2003"
    assert simulator.license("Common Area Calling")["tier"] == "workspace"
    with pytest.raises(ValueError, match="tier is one of"):
        simulator.change_license(CALLING, tier="gold")


def test_several_calling_licenses(webex: Webex, ids: Ids) -> None:
    customer_assist = webex.simulator.add_license("Customer Assist", tier="other", holders=["ivan@example.com"])["id"]
    assert webex.assign("ivan", remove(ids.professional_full)).status == 200
    assert webex.person("ivan")["extension"] == "2001"  # still a calling user
    assert webex.assign("ivan", remove(customer_assist)).status == 200
    assert "extension" not in webex.person("ivan")


def test_a_put_leaves_what_is_not_sent_and_replaces_the_list_that_is(webex: Webex, ids: Ids) -> None:
    before = webex.person("ivan")
    assert webex.put("ivan", title="CEO").status == 200
    after = webex.person("ivan")
    assert {**after, "lastModified": ""} == {**before, "title": "CEO", "lastModified": ""}
    assert webex.put("ivan", licenses=[ids.professional_full]).body["licenses"] == [ids.professional_full]
    assert webex.put("ivan", licenses="all").status == 400


def test_the_form_of_an_id(webex: Webex) -> None:
    org = decode(webex.simulator.credentials["org_id"]).rpartition("/")[2]
    for license in webex.simulator.state()["licenses"]:
        kind, _slash, name = decode(license["id"]).rpartition("/")
        owner, _colon, unique = name.partition(":")
        assert (kind, owner) == ("ciscospark://us/LICENSE", org)
        assert uuid.UUID(unique.partition("_")[2])
