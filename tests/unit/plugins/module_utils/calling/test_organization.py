# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
import unicodedata
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.inventory import Entry
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingError,
    CallingState,
    Location,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.organization import (
    Organization,
    UncachedOrganization,
    locations_called,
    plain_name,
    some,
    work_numbers,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    LONDON,
    PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    KnownOrganization,
    entry,
    person,
)
from ansible_collections.collabops.webex.tests.unit.support import asked

NUMBER, OTHER_NUMBER = "+493055502001", "+493055502002"
COLOGNE = Location("cologne-1", unicodedata.normalize("NFD", "Köln"))


# What is read, and how often


def test_each_list_is_read_once(client: WebexClient, webex: Simulator) -> None:
    organization = Organization(client)
    for _time in range(2):
        assert [license_.name for license_ in organization.calling_licenses] == [
            "Webex Calling - Professional",
            "Webex Calling - Professional",
            "Webex Calling - Standard",
        ]
        assert len(organization.licenses) == 6
        assert [(place.name, place.routing_prefix) for place in organization.calling_locations] == [
            ("Berlin", "8030"),
            ("London", "8044"),
        ]
        assert [place.name for place in organization.plain_locations] == ["Berlin", "London", "Warehouse"]
        assert len(organization.entries_of_number(NUMBER)) == 1
        assert len(organization.entries_of_place(organization.calling_locations[1])) == 10
    assert asked(webex) == [
        "GET /licenses",
        "GET /telephony/config/locations",
        "GET /locations",
        "GET /telephony/config/numbers",
        "GET /telephony/config/numbers",
    ]
    assert [request["query"].get("max") for request in webex.journal()] == [None, "1000", "1000", "2000", "2000"]


def test_licenses_that_the_task_names_are_named(client: WebexClient) -> None:
    organization = Organization(client, [None, "", "MEETING - webex meeting center", "Messaging - Advanced"])
    assert organization.named == {"meeting - webex meeting center", "messaging - advanced"}
    assert [license_.name for license_ in organization.licenses if license_.named] == [
        "Messaging - Advanced",
        "Meeting - Webex Meeting Center",
    ]


def test_a_person_is_read_each_time(client: WebexClient, webex: Simulator) -> None:
    organization = Organization(client)
    read = organization.person(Wanted(email="IVAN@example.com"))
    assert read is not None
    assert (read["extension"], read["emails"]) == ("2001", ["ivan@example.com"])
    assert organization.person(Wanted(person_id=read["id"])) == read
    assert organization.person(Wanted(email="nobody@example.com")) is None
    assert asked(webex) == ["GET /people", f"GET /people/{read['id']}", "GET /people"]


def test_what_was_read_of_numbers_can_be_forgotten(client: WebexClient, webex: Simulator) -> None:
    organization = Organization(client)
    organization.entries_of_number(NUMBER)
    organization.forget()
    organization.entries_of_number(NUMBER)
    assert asked(webex) == ["GET /telephony/config/numbers"] * 2


def test_uncached_reads_numbers_each_time_and_knows_the_lists(client: WebexClient, webex: Simulator) -> None:
    organization = Organization(client, ["Messaging - Advanced"])
    for name in ("licenses", "calling_licenses", "calling_locations", "plain_locations"):
        assert getattr(organization, name)
    webex.clear_journal()
    live = organization.uncached()
    assert isinstance(live, UncachedOrganization)
    assert live.licenses is organization.licenses
    assert live.calling_licenses is organization.calling_licenses
    assert live.calling_locations is organization.calling_locations
    assert live.plain_locations is organization.plain_locations
    assert live.named == organization.named
    assert asked(webex) == []
    assert live.entries_of_number(NUMBER) == live.entries_of_number(NUMBER)
    assert asked(webex) == ["GET /telephony/config/numbers"] * 2


def test_uncached_reads_the_lists_that_nobody_has_read(client: WebexClient, webex: Simulator) -> None:
    assert len(Organization(client).uncached().licenses) == 6
    assert asked(webex) == ["GET /licenses"]


def test_the_inventory_is_asked_for_what_is_needed_and_sifted() -> None:
    items = [
        entry(NUMBER, "2001"),
        entry(OTHER_NUMBER, "2001", LONDON),
        entry(None, "2001", LONDON),
        entry(None, "2009"),
        entry(None, "2001", None),
    ]
    organization = KnownOrganization(entries=items)
    assert [found.phone_number for found in organization.entries_of_number("49 30 5550 2001")] == [NUMBER]
    assert [found.extension for found in organization.entries_of_place(BERLIN)] == ["2001", "2009", "2001"]
    assert [found.phone_number for found in organization.entries_of_extension(LONDON, "2001")] == [
        OTHER_NUMBER,
        None,
        None,
    ]
    assert organization.queries == [{"phoneNumber": NUMBER}, {"locationId": "berlin-1"}, {"locationId": "london-1"}]


# Locations


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("berlin-1", [BERLIN]),
        ("BERLIN-1", [BERLIN]),
        ("Berlin", [BERLIN]),
        (" bERLIN\t", [BERLIN]),
        ("Köln", [COLOGNE]),
        ("KÖLN ", [COLOGNE]),
        ("Ber", []),
        ("", []),
    ],
)
def test_a_location_is_named_by_id_or_by_name_however_it_is_typed(name: str, found: list[Location]) -> None:
    assert locations_called(name, iter([BERLIN, LONDON, COLOGNE])) == found


def test_an_id_comes_before_a_name_and_an_exact_name_before_another() -> None:
    lower, named_as_id = Location("2", "berlin"), Location("3", "berlin-1")
    assert locations_called("Berlin", [lower, BERLIN]) == [BERLIN]
    assert locations_called("berlin", [lower, BERLIN]) == [lower]
    assert locations_called("BERLIN", [lower, BERLIN]) == [lower, BERLIN]
    assert locations_called("berlin-1", [named_as_id, BERLIN]) == [BERLIN]


@pytest.mark.parametrize(("name", "plain"), [(" Straße ", "strasse"), ("e\u0301", "é"), ("\u1e9e", "ss")])
def test_a_plain_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_location_is_found_and_looked_up_once() -> None:
    organization = KnownOrganization()
    assert organization.location("berlin") is BERLIN
    organization.__dict__["calling_locations"] = []
    assert organization.location("berlin") is BERLIN


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("Atlantis", "The location 'Atlantis' does not exist.", "name one of: Berlin, London."),
        (
            "warehouse",
            "The location 'warehouse' is not enabled for Webex Calling.",
            "enable it (`collabops.webex.location`, or Control Hub), or name one that is: Berlin, London.",
        ),
    ],
)
def test_a_location_that_is_not_there_or_not_for_calling_is_refused(name: str, message: str, remedy: str) -> None:
    with pytest.raises(CallingError) as error:
        KnownOrganization().location(name)
    assert (error.value.message, error.value.remedy) == (message, remedy)


def test_a_name_that_several_locations_have_is_refused_with_their_ids() -> None:
    organization = KnownOrganization(locations=[BERLIN, replace(LONDON, name="BERLIN")])
    assert organization.location("Berlin") == BERLIN
    with pytest.raises(CallingError) as error:
        organization.location("berlin")
    assert error.value.message == "Several locations are called 'berlin': Berlin (berlin-1), BERLIN (london-1)."
    assert error.value.remedy == "give the id of the one."


def test_the_name_of_a_location_is_no_request(client: WebexClient, webex: Simulator) -> None:
    organization = Organization(client)
    place = next(known["id"] for known in webex.state()["locations"] if known["name"] == "Berlin")
    assert organization.location_name(place) is None
    assert asked(webex) == []
    assert organization.calling_locations
    assert organization.location_name(place) == "Berlin"
    assert organization.location_name("x") is None
    assert organization.location_name(None) is None


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "there is none"),
        (["b", "a"], "a, b"),
        (list("jihgfedcba"), "a, b, c, d, e, f, g, h, i, j"),
        (list("lkjihgfedcba"), "a, b, c, d, e, f, g, h, i, j and 2 more"),
    ],
)
def test_of_many_names_some_are_told(names: list[str], words: str) -> None:
    assert some(iter(names)) == words


# People

IVAN = person("ivan", PROFESSIONAL, place=BERLIN, extension="2001", number=NUMBER)


@pytest.mark.parametrize(
    ("someone", "state"),
    [
        (IVAN, CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", NUMBER)),
        (person("ivan"), NO_CALLING),
        (person("ivan", place=BERLIN, extension="2001", number=NUMBER), NO_CALLING),
        (person("ivan", STANDARD), CallingState(STANDARD)),
        (
            person("ivan", UNTOLD_TIER, PROFESSIONAL, place=LONDON, extension="7"),
            CallingState(PROFESSIONAL, "london-1", "London", "7", None, (UNTOLD_TIER,)),
        ),
        (person("ivan", PROFESSIONAL, place=Location("x", "X")), CallingState(PROFESSIONAL, "x", None)),
    ],
)
def test_the_calling_side_of_a_person(someone: dict[str, t.Any], state: CallingState) -> None:
    assert KnownOrganization([someone]).state_of(someone) == state


def work(*values: str | None, **more: t.Any) -> list[dict[str, t.Any]]:
    return [{"type": "work", "value": value, **more} for value in values]


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (None, []),
        (work(NUMBER), [NUMBER]),
        (work(None, ""), []),
        ([{"type": "work"}], []),
        ([*work(NUMBER), *work(OTHER_NUMBER, primary=True)], [OTHER_NUMBER, NUMBER]),
        (work(OTHER_NUMBER, NUMBER, primary=False), [OTHER_NUMBER, NUMBER]),
        ([{"type": "mobile", "value": NUMBER}, {"type": "fax", "value": NUMBER}], []),
        # The extension, with and without its routing prefix, is nobody's phone number.
        ([*work("80302001", NUMBER), {"type": "work_extension", "value": "80302001"}], [NUMBER]),
        (work("2001"), []),
    ],
)
def test_work_numbers_the_primary_one_first_and_no_extension(
    numbers: list[dict[str, t.Any]] | None, found: list[str]
) -> None:
    assert work_numbers({"extension": "2001", "phoneNumbers": numbers}) == found


def test_a_work_number_is_theirs_only_by_the_inventory() -> None:
    """A number can come from a directory: it is in nobody's inventory, or somebody else's."""
    someone = {**IVAN, "phoneNumbers": work("+4930111", NUMBER, "49 30 5550 2002", "+4930222")}
    owned = [entry(NUMBER, "2001", owner="ivan"), entry(NUMBER, owner="ivan"), entry(OTHER_NUMBER, owner="IVAN")]
    organization = KnownOrganization([someone], [*owned, entry("+4930222", owner="bob"), entry("+4930111")])
    assert organization.numbers_of(someone) == [NUMBER, OTHER_NUMBER]
    assert organization.state_of(someone).phone_number == NUMBER
    assert organization.numbers_of({**someone, "id": None}) == []


@pytest.mark.parametrize(
    ("items", "number"),
    [
        ([entry(NUMBER, owner="ivan")], None),
        ([entry(NUMBER, owner="bob")], None),
        ([entry(OTHER_NUMBER, owner="bob")], None),
        ([entry(NUMBER)], NUMBER),
        ([entry(NUMBER), entry(NUMBER, place=LONDON, owner="bob")], None),
        ([entry(NUMBER, owner="ivan"), entry(OTHER_NUMBER)], OTHER_NUMBER),
    ],
)
def test_a_work_number_that_the_inventory_has_without_an_owner(
    items: list[dict[str, t.Any]], number: str | None
) -> None:
    someone = {**IVAN, "phoneNumbers": work(NUMBER, OTHER_NUMBER)}
    assert KnownOrganization([], items).unowned_number_of(someone) == number


def test_entries_of_which_nothing_is_known_are_of_nobody() -> None:
    assert KnownOrganization().entries_of_number(NUMBER) == []
    assert KnownOrganization(entries=[{}]).entries_of_place(BERLIN) == [Entry(None, None, None)]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, CallingError, "'Nowhere' does not exist, or is not enabled for Webex Calling"),
        (400, Refused, "GET /locations was answered with 400"),
    ],
)
def test_if_the_locations_cannot_be_read_only_a_missing_scope_is_overlooked(
    client: WebexClient, webex: Simulator, status: int, kind: type[Exception], words: str
) -> None:
    webex.fault(kind="status", status=status, path="/v1/locations$", times=None)
    with pytest.raises(kind) as error:
        Organization(client).location("Nowhere")
    assert words in str(error.value)
