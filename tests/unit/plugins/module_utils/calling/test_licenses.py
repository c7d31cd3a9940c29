# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.licenses import (
    Choice,
    choose,
    held_of,
    matching,
    most_free,
    read_licenses,
    refuse_downgrade,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError, License
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._ids import bare_id
from ansible_collections.collabops.webex.tests.simulator.ids import webex_id
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import (
    LICENSES,
    MESSAGING,
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    WORKSPACES,
)
from ansible_collections.collabops.webex.tests.unit.support import asked

FULL = replace(PROFESSIONAL, consumed=10)
SECOND_FULL = replace(SECOND_PROFESSIONAL, consumed=5)


def test_all_licenses_are_read_with_one_request(client: WebexClient, webex: Simulator) -> None:
    licenses = read_licenses(client, frozenset({"messaging - advanced"}))
    assert [(license_.name, license_.subscription, license_.named) for license_ in licenses] == [
        ("Webex Calling - Professional", "Sub-1", False),
        ("Webex Calling - Professional", "Sub-2", False),
        ("Webex Calling - Standard", "Sub-2", False),
        ("Webex Calling - Workspaces", "Sub-2", False),
        ("Messaging - Advanced", "Sub-1", True),
        ("Meeting - Webex Meeting Center", "Sub-1", False),
    ]
    assert asked(webex) == ["GET /licenses"]
    assert not any(license_.named for license_ in read_licenses(client))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("professional-2", [SECOND_PROFESSIONAL]),
        ("PROFESSIONAL-2", [SECOND_PROFESSIONAL]),
        ("webex calling - PROFESSIONAL", [PROFESSIONAL, SECOND_PROFESSIONAL]),
        ("Professional", [PROFESSIONAL, SECOND_PROFESSIONAL]),
        ("standard", [STANDARD]),
        ("Webex Calling", [UNTOLD_TIER]),
        ("Messaging - Advanced", [MESSAGING]),
        ("Webex", []),
        ("gold", []),
    ],
)
def test_a_license_is_named_by_id_or_name_or_tier(name: str, found: list[License]) -> None:
    assert matching(LICENSES, name) == found


def test_an_id_comes_before_a_name_and_a_name_before_a_tier() -> None:
    by_id, by_name = License("standard", "gold", "", 1, 0), License("1", "standard", "", 1, 0)
    assert matching(iter([STANDARD, by_name, by_id]), "standard") == [by_id]
    assert matching(iter([STANDARD, by_name]), "standard") == [by_name]


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ({}, []),
        ({"licenses": None}, []),
        ({"licenses": []}, []),
        ({"licenses": ["messaging-1", "else", "STANDARD-1"]}, [STANDARD, MESSAGING]),
    ],
)
def test_a_person_holds_what_their_list_names_in_the_order_of_the_organization(
    said: dict[str, t.Any], held: list[License]
) -> None:
    assert held_of(said, LICENSES) == held


def test_ids_of_held_licenses_may_be_written_in_two_ways() -> None:
    license_ = replace(STANDARD, id=webex_id("LICENSE", "0a1b"))
    assert held_of({"licenses": [bare_id(license_.id)]}, [PROFESSIONAL, license_]) == [license_]


@pytest.mark.parametrize(
    ("licenses", "chosen"),
    [
        ([STANDARD, PROFESSIONAL], STANDARD),
        ([PROFESSIONAL, STANDARD], STANDARD),
        ([PROFESSIONAL, replace(SECOND_PROFESSIONAL, total=-1)], replace(SECOND_PROFESSIONAL, total=-1)),
        ([PROFESSIONAL, replace(PROFESSIONAL, id="equal")], PROFESSIONAL),
    ],
)
def test_the_license_with_the_most_free_units_is_taken(licenses: list[License], chosen: License) -> None:
    assert most_free(iter(licenses)) == chosen


@pytest.mark.parametrize(
    ("name", "held", "chosen"),
    [
        # Without a name, who holds one keeps it: nobody is raised unasked.
        (None, [], PROFESSIONAL),
        (None, [STANDARD], STANDARD),
        (None, [UNTOLD_TIER, STANDARD], UNTOLD_TIER),
        ("professional", [], PROFESSIONAL),
        ("professional", [SECOND_PROFESSIONAL], SECOND_PROFESSIONAL),
        ("professional", [UNTOLD_TIER, SECOND_PROFESSIONAL], SECOND_PROFESSIONAL),
        ("professional", [STANDARD], PROFESSIONAL),
        ("standard", [PROFESSIONAL], STANDARD),
        ("webex calling", [], UNTOLD_TIER),
        ("professional-2", [PROFESSIONAL], SECOND_PROFESSIONAL),
        ("professional-2", [], SECOND_PROFESSIONAL),
    ],
)
def test_the_license_that_is_held_is_kept_if_it_fits(name: str | None, held: list[License], chosen: License) -> None:
    assert choose(LICENSES, name, held) == Choice(chosen, None)


def test_a_held_license_is_kept_though_no_unit_is_free() -> None:
    assert choose([FULL, SECOND_PROFESSIONAL], "professional", [FULL], "refuse") == Choice(FULL, None)


def test_of_a_name_that_calling_and_other_licenses_share_the_calling_license_is_meant() -> None:
    workspaces = replace(WORKSPACES, name="Webex Calling", named=False)
    rooms = replace(workspaces, id="rooms", name="Workspaces")
    assert choose([rooms, workspaces], "Webex Calling", []).license == workspaces


def test_what_is_consumed_orders_the_choice_and_does_not_decide() -> None:
    """Webex's counts lag, and may be exceeded by contract (facts): 0 free units are a note, unless they shall refuse."""
    use = (
        "Webex Calling - Professional (Sub-1): 10 of 10 units in use; "
        "Webex Calling - Professional (Sub-2): 5 of 5 units in use"
    )
    full = [FULL, SECOND_FULL, STANDARD]
    note = f"no unit of the license seems to be free, so Webex decides: {use}"
    assert choose(full, None, []) == Choice(FULL, note)
    assert choose(full, "professional", [], "allow") == Choice(FULL, note)
    with pytest.raises(CallingError) as error:
        choose(full, None, [], "refuse")
    assert error.value.message == f"No free license: {use}."
    assert error.value.remedy == (
        "free a unit, buy more, choose another license, or let Webex decide with license_overage=allow."
    )


@pytest.mark.parametrize("overage", ["allow", "refuse"])
def test_one_free_unit_is_enough(overage: str) -> None:
    last = replace(PROFESSIONAL, consumed=9)
    assert choose([last], None, [], overage) == Choice(last, None)


@pytest.mark.parametrize(
    ("name", "licenses", "message", "names"),
    [
        (
            "gold",
            LICENSES,
            "The license 'gold' is not a license of this organization.",
            "Webex Calling, Webex Calling - Professional, Webex Calling - Standard",
        ),
        (
            "Messaging - Advanced",
            LICENSES,
            "The license 'Messaging - Advanced' is not a calling license for people.",
            "Webex Calling, Webex Calling - Professional, Webex Calling - Standard",
        ),
        (
            "workspaces-1",
            (WORKSPACES, STANDARD),
            "The license 'workspaces-1' is not a calling license for people.",
            "Webex Calling - Standard",
        ),
        (None, (MESSAGING,), "The license 'professional' is not a license of this organization.", "none"),
    ],
)
def test_what_is_no_calling_license_is_refused(
    name: str | None, licenses: tuple[License, ...], message: str, names: str
) -> None:
    with pytest.raises(CallingError) as error:
        choose(licenses, name, [])
    assert error.value.message == message
    assert error.value.remedy == f"name one in full, or by its id; for people there are: {names}."


def test_the_way_from_professional_to_standard_is_refused() -> None:
    with pytest.raises(CallingError) as error:
        refuse_downgrade("ivan@example.com", PROFESSIONAL, STANDARD)
    assert error.value.message == (
        "ivan@example.com has Webex Calling - Professional, and Webex does not change it to Webex Calling - Standard "
        "(errorCode 400112)."
    )
    assert error.value.remedy == "take calling away first with state=absent, then enable the user again."


@pytest.mark.parametrize(
    ("held", "chosen"),
    [
        (None, STANDARD),
        (STANDARD, PROFESSIONAL),
        (STANDARD, STANDARD),
        (PROFESSIONAL, SECOND_PROFESSIONAL),
        (PROFESSIONAL, UNTOLD_TIER),
        (UNTOLD_TIER, STANDARD),
    ],
)
def test_every_other_way_is_open(held: License | None, chosen: License) -> None:
    refuse_downgrade("ivan@example.com", held, chosen)
