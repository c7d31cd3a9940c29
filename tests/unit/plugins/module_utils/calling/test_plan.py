# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingError,
    CallingState,
    Location,
    Plan,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import (
    OldRead,
    Rules,
    make_plan,
)
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    LICENSES,
    LONDON,
    MESSAGING,
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    KnownOrganization,
    entry,
    person,
)

NUMBER, FREE_NUMBER, LONDON_NUMBER, ANNS_NUMBER = "+493055502001", "+493055502002", "+442071838001", "+493055502009"
IVAN = person("ivan", MESSAGING, PROFESSIONAL, place=BERLIN, extension="2001", number=NUMBER)
NORA = person("nora", STANDARD, place=BERLIN, extension="3001")
ANN = person("ann", UNTOLD_TIER, PROFESSIONAL, place=BERLIN, extension="2009", number=ANNS_NUMBER)
ALICE = person("alice", MESSAGING)
IVANS_STATE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", NUMBER)
NORAS_STATE = CallingState(STANDARD, "berlin-1", "Berlin", "3001")
ANNS_STATE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2009", ANNS_NUMBER, (UNTOLD_TIER,))


def organization(*more_people: dict[str, t.Any], entries: t.Sequence[dict[str, t.Any]] = ()) -> KnownOrganization:
    """An organization in which ivan has Professional, nora Standard, ann two licenses, and alice none."""
    free = [entry(FREE_NUMBER), entry(LONDON_NUMBER, place=LONDON)]
    return KnownOrganization([IVAN, NORA, ANN, ALICE, *more_people], [*free, *entries])


def plan(name: str, rules: Rules = Rules(), **wanted: t.Any) -> Plan:  # noqa: B008
    """The plan of a person of that organization."""
    return make_plan(organization(), Wanted(email=f"{name}@example.com", **wanted), rules)


# What is done


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({"location": "Berlin", "extension": "2002"}, CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2002")),
        (
            {"location": "london-1", "extension": "2001", "license": "standard"},
            CallingState(STANDARD, "london-1", "London", "2001"),
        ),
        # A number brings its location along, and is written as the inventory writes it.
        (
            {"phone_number": "442071838001"},
            CallingState(PROFESSIONAL, "london-1", "London", None, LONDON_NUMBER),
        ),
        (
            {"phone_number": FREE_NUMBER, "location": "Berlin", "extension": "2002"},
            CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2002", FREE_NUMBER),
        ),
        (
            {"location": "Berlin", "extension": "2002", "remove_phone_number": True},
            CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2002"),
        ),
    ],
)
def test_who_has_no_calling_is_enabled(wanted: dict[str, t.Any], after: CallingState) -> None:
    known = {key: ALICE[key] for key in ("id", "emails", "displayName")}
    assert plan("alice", **wanted) == Plan(known, NO_CALLING, after, ())


@pytest.mark.parametrize(
    ("name", "wanted", "before", "after"),
    [
        # Nothing to do.
        ("ivan", {"location": "berlin", "extension": "2001"}, IVANS_STATE, IVANS_STATE),
        ("ivan", {"phone_number": "49 30 5550 2001"}, IVANS_STATE, IVANS_STATE),
        ("ivan", {"location": "Berlin", "extension": "2001", "license": "Professional"}, IVANS_STATE, IVANS_STATE),
        ("ann", {"location": "Berlin", "extension": "2009"}, ANNS_STATE, ANNS_STATE),
        # A Standard user is never raised unasked.
        ("nora", {"location": "Berlin", "extension": "3001"}, NORAS_STATE, NORAS_STATE),
        # One thing changes; what is not named stays.
        ("ivan", {"location": "Berlin", "extension": "2002"}, IVANS_STATE, replace(IVANS_STATE, extension="2002")),
        ("ivan", {"phone_number": FREE_NUMBER}, IVANS_STATE, replace(IVANS_STATE, phone_number=FREE_NUMBER)),
        (
            "nora",
            {"location": "Berlin", "extension": "3001", "license": "professional"},
            NORAS_STATE,
            replace(NORAS_STATE, license=PROFESSIONAL),
        ),
        (
            "ivan",
            {"phone_number": NUMBER, "license": "professional-2"},
            IVANS_STATE,
            replace(IVANS_STATE, license=SECOND_PROFESSIONAL),
        ),
        (
            "ivan",
            {"location": "Berlin", "extension": "2001", "remove_phone_number": True},
            IVANS_STATE,
            replace(IVANS_STATE, phone_number=None),
        ),
        # A further license stays; the first one is what another one replaces.
        ("ann", {"location": "Berlin", "extension": "2009", "license": "Webex Calling"}, ANNS_STATE, ANNS_STATE),
        (
            "ann",
            {"phone_number": ANNS_NUMBER, "license": "professional-2"},
            ANNS_STATE,
            replace(ANNS_STATE, license=SECOND_PROFESSIONAL),
        ),
    ],
)
def test_who_has_calling_is_changed_as_far_as_it_is_named(
    name: str, wanted: dict[str, t.Any], before: CallingState, after: CallingState
) -> None:
    found = plan(name, **wanted)
    assert (found.before, found.after, found.notes) == (before, after, ())
    assert found.person["id"] == name
    # Of thousands, most stay as they are.
    assert found.changes or found.after is found.before


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        # The number goes along.
        ({"location": "London", "extension": "2001"}, replace(IVANS_STATE, location_id="london-1", location="London")),
        (
            {"location": "London", "extension": "7", "phone_number": LONDON_NUMBER},
            CallingState(PROFESSIONAL, "london-1", "London", "7", LONDON_NUMBER),
        ),
        (
            {"location": "London", "phone_number": NUMBER},
            replace(IVANS_STATE, location_id="london-1", location="London"),
        ),
        (
            {"location": "London", "extension": "2001", "remove_phone_number": True},
            CallingState(PROFESSIONAL, "london-1", "London", "2001"),
        ),
    ],
)
def test_who_has_calling_is_moved_if_it_is_allowed(wanted: dict[str, t.Any], after: CallingState) -> None:
    found = plan("ivan", Rules(allow_move=True), **wanted)
    assert (found.action, found.before, found.after) == ("move", IVANS_STATE, after)
    with pytest.raises(CallingError) as error:
        plan("ivan", **wanted)
    assert error.value.message == (
        "ivan@example.com has calling in another location (Berlin) already, and Webex does not change the location of a "
        "calling user by a license."
    )
    assert error.value.remedy == ("allow the move with allow_move=true, or take calling away first with state=absent.")


@pytest.mark.parametrize(
    ("name", "before"), [("ivan", IVANS_STATE), ("nora", NORAS_STATE), ("ann", ANNS_STATE), ("alice", NO_CALLING)]
)
def test_calling_is_taken_away(name: str, before: CallingState) -> None:
    found = plan(name, state="absent")
    assert (found.person["id"], found.before, found.after, found.notes) == (name, before, NO_CALLING, ())


def test_who_is_not_there_has_no_calling() -> None:
    assert plan("nobody", state="absent") == Plan({"emails": ["nobody@example.com"]}, NO_CALLING, NO_CALLING)
    found = make_plan(organization(), Wanted(person_id="nobody", state="absent"))
    assert found == Plan({"emails": []}, NO_CALLING, NO_CALLING)


def test_a_license_that_is_held_by_nobody_by_its_count_is_held_all_the_same() -> None:
    """consumedUnits lags: a count of 0 takes calling from nobody."""
    known = KnownOrganization([IVAN], licenses=[replace(PROFESSIONAL, consumed=0, total=0)])
    found = make_plan(known, Wanted(email="ivan@example.com", location="Berlin", extension="2001"))
    assert (found.action, found.before.license) == ("none", replace(PROFESSIONAL, consumed=0, total=0))


# What the user should know


def test_a_license_without_free_units_is_a_note_or_a_refusal() -> None:
    known = KnownOrganization([ALICE], licenses=[replace(PROFESSIONAL, consumed=10)])
    wanted = Wanted(email="alice@example.com", location="Berlin", extension="2002")
    assert make_plan(known, wanted).notes == (
        "no unit of the license seems to be free, so Webex decides: Webex Calling - Professional (Sub-1): 10 of 10 "
        "units in use",
    )
    with pytest.raises(CallingError, match="No free license"):
        make_plan(known, wanted, Rules(license_overage="refuse"))


def test_an_inactive_number_is_refused_or_a_note() -> None:
    known = organization(entries=[entry("+493055502020", state="INACTIVE")])
    wanted = Wanted(email="alice@example.com", phone_number="+493055502020")
    with pytest.raises(CallingError, match="is not active"):
        make_plan(known, wanted)
    found = make_plan(known, wanted, Rules(allow_inactive_numbers=True))
    assert found.notes == ("the phone number +493055502020 is not active: no call reaches it yet",)
    assert found.after == CallingState(PROFESSIONAL, "berlin-1", "Berlin", None, "+493055502020")


def test_what_a_person_has_already_is_not_refused_for_being_inactive() -> None:
    owned = entry(NUMBER, "2001", owner="ivan", state="INACTIVE", isReservedNumber=True)
    found = make_plan(
        KnownOrganization([IVAN], [owned]), Wanted(email="ivan@example.com", phone_number=NUMBER, extension="2002")
    )
    assert (found.action, found.notes) == ("update", ())


# What cannot be done


@pytest.mark.parametrize(
    ("name", "wanted", "words"),
    [
        ("nobody", {"extension": "1"}, "There is no person nobody@example.com in this organization.*people_read"),
        ("alice", {"license": "gold"}, "'gold' is not a license"),
        ("alice", {"license": "Messaging - Advanced"}, "is not a calling license for people"),
        ("alice", {"location": "Atlantis"}, "'Atlantis' does not exist"),
        ("alice", {"phone_number": "+49301"}, r"\+49301 is not in the inventory of Berlin"),
        ("alice", {"phone_number": "+49301", "location": None}, r"\+49301 is not in the inventory\."),
        ("alice", {"phone_number": LONDON_NUMBER}, "is in the inventory of London, not of Berlin"),
        ("ivan", {"license": "standard"}, "does not change it to Webex Calling - Standard"),
        # The location of a calling user decides, also if the list leaves it out.
        ("ivan", {"phone_number": LONDON_NUMBER, "location": None}, "is in the inventory of London, not of Berlin"),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, wanted: dict[str, t.Any], words: str) -> None:
    with pytest.raises(CallingError, match=words) as error:
        plan(name, **{"location": "Berlin", "extension": "2002", **wanted})
    assert not isinstance(error.value, OldRead)


def test_of_who_is_not_there_it_is_said_what_can_be_the_reason() -> None:
    with pytest.raises(CallingError) as error:
        plan("nobody", location="Berlin", extension="1")
    assert (error.value.message, error.value.remedy) == (
        "There is no person nobody@example.com in this organization.",
        "create the person first (create_people=true does it), or correct the address or id; without the scope "
        "spark-admin:people_read, a token sees only its owner.",
    )


NOBODY = {"email": "nobody@example.com", "location": "Berlin", "extension": "2002"}


@pytest.mark.parametrize(
    ("names", "full_name"),
    [
        ({"display_name": "No Body"}, "No Body"),
        ({"first_name": "No", "last_name": "Body"}, "No Body"),
        ({"first_name": "No", "last_name": "Body", "display_name": "Nobody"}, "Nobody"),
    ],
)
def test_who_is_not_there_can_be_created(names: dict[str, str], full_name: str) -> None:
    wanted = Wanted(**NOBODY, **names)
    made = make_plan(KnownOrganization(), wanted, Rules(create_people=True))
    assert (made.creates, made.before, made.action, made.known_as) == (True, NO_CALLING, "enable", Wanted(wanted.email))
    assert made.person == {"emails": ["nobody@example.com"], "displayName": full_name}


@pytest.mark.parametrize("names", [{}, {"first_name": "No"}, {"last_name": "Body"}])
def test_nobody_is_created_with_half_a_name(names: dict[str, str]) -> None:
    with pytest.raises(CallingError, match="nobody@example.com .* without a name none can be created"):
        make_plan(KnownOrganization(), Wanted(**NOBODY, **names), Rules(create_people=True))


def test_of_somebody_who_is_created_the_address_must_be_known() -> None:
    wanted = Wanted(person_id="nobody-1", location="Berlin", extension="2002", display_name="No Body")
    with pytest.raises(CallingError, match="give the email"):
        make_plan(KnownOrganization(), wanted, Rules(create_people=True))


def test_who_loses_calling_is_not_created_for_that() -> None:
    wanted = Wanted(email="nobody@example.com", state="absent", display_name="No Body")
    made = make_plan(KnownOrganization(), wanted, Rules(create_people=True))
    assert (made.creates, made.action) == (False, "none")


def test_a_number_that_a_person_has_beside_their_own_can_become_their_own() -> None:
    """It is in the inventory as theirs, whatever its kind."""
    known = organization(entries=[entry("+4930077", owner="ivan", isReservedNumber=True)])
    found = make_plan(known, Wanted(email="ivan@example.com", phone_number="+4930077"))
    assert found.after == replace(IVANS_STATE, phone_number="+4930077")


@pytest.mark.parametrize(("location", "place"), [("Berlin", ("berlin-1", "Berlin")), (None, (None, None))])
def test_of_a_number_without_a_location_the_list_tells_it(
    location: str | None, place: tuple[str | None, str | None]
) -> None:
    known = organization(entries=[entry("+4930077", place=None)])
    found = make_plan(known, Wanted(email="alice@example.com", phone_number="+4930077", location=location))
    assert (found.after.location_id, found.after.location) == place
    assert found.after.phone_number == "+4930077"


def test_who_has_what_is_wanted_is_not_refused_for_what_they_lack() -> None:
    known = KnownOrganization([person("otto", PROFESSIONAL, place=BERLIN)])
    wanted = Wanted(email="otto@example.com", location="Berlin", remove_phone_number=True)
    assert make_plan(known, wanted).action == "none"


def test_a_location_without_a_name_is_named_by_its_id() -> None:
    known = KnownOrganization([person("otto", PROFESSIONAL, place=Location("x-1", ""), extension="7")])
    with pytest.raises(CallingError, match=r"otto@example.com has calling in another location \(x-1\) already"):
        make_plan(known, Wanted(email="otto@example.com", location="Berlin", extension="7"))


def test_a_number_is_not_taken_away_from_whom_nothing_is_left() -> None:
    known = KnownOrganization([person("otto", PROFESSIONAL, place=BERLIN, number=NUMBER)])
    wanted = Wanted(email="otto@example.com", remove_phone_number=True, location="Berlin")
    with pytest.raises(CallingError) as error:
        make_plan(known, wanted)
    assert error.value.message == "Without the phone number, otto@example.com has neither a number nor an extension."
    assert error.value.remedy == "give an extension."
    assert make_plan(known, replace(wanted, extension="7")).after.extension == "7"


def test_a_calling_license_without_a_location_is_named_as_what_it_is() -> None:
    otto = person("otto", PROFESSIONAL) | {"extension": "7"}
    known = KnownOrganization([otto])
    for changes in (
        {"location": "Berlin", "extension": "7"},
        {"location": "Berlin", "extension": "8"},
        {"location": "Berlin", "extension": "7", "license": "professional-2"},
    ):
        with pytest.raises(OldRead) as error:
            make_plan(known, Wanted(email="otto@example.com", **changes))
        assert error.value.message == (
            "otto@example.com has the license Webex Calling - Professional, but no location: Webex has not set up "
            "calling for them, or does not show it yet."
        )
        assert error.value.remedy == (
            "run again in a while; if it stays, take calling away with state=absent, then enable the user again."
        )
    assert make_plan(known, Wanted(email="otto@example.com", state="absent")).action == "disable"


# A new license must carry the number


@pytest.mark.parametrize("change", [{"license": "professional"}, {"license": "professional", "extension": "3002"}])
def test_a_new_license_is_not_given_without_the_number_that_one_of_two_reads_shows(change: dict[str, str]) -> None:
    """The person has a number, but in the inventory it is nobody's: one of the two is old."""
    nora = person("nora", STANDARD, place=BERLIN, extension="3001", number=FREE_NUMBER)
    known = KnownOrganization([nora], [entry(FREE_NUMBER)])
    wanted = Wanted(email="nora@example.com", location="Berlin", **{"extension": "3001", **change})
    with pytest.raises(OldRead) as error:
        make_plan(known, wanted)
    assert error.value.message == (
        f"nora@example.com has the phone number {FREE_NUMBER}, but in the inventory nobody owns it: one of the two is "
        f"old, and a new license must carry the number."
    )
    assert error.value.remedy == (
        "run again in a while; if it stays, give `phone_number`, or remove_phone_number=true."
    )
    assert make_plan(known, replace(wanted, phone_number=FREE_NUMBER)).after.phone_number == FREE_NUMBER
    assert make_plan(known, replace(wanted, remove_phone_number=True)).after.phone_number is None


@pytest.mark.parametrize(
    ("item", "is_refused"),
    [
        (entry(FREE_NUMBER, "3001", owner="nora"), True),
        (entry(FREE_NUMBER, "3001", owner="NORA"), True),
        (entry(FREE_NUMBER, "3001", owner="bob"), False),
        (entry(None, "3001", owner="nora"), False),
        (entry(FREE_NUMBER, owner="nora", phoneNumberType="ALTERNATE"), False),
        (entry(FREE_NUMBER, place=LONDON, owner="nora"), False),
    ],
)
def test_a_new_license_is_not_given_without_the_number_that_only_the_inventory_shows(
    item: dict[str, t.Any], is_refused: bool
) -> None:
    known = KnownOrganization([NORA], [item])
    wanted = Wanted(email="nora@example.com", location="Berlin", extension="3001", license="professional")
    if not is_refused:
        assert make_plan(known, wanted).after == replace(NORAS_STATE, license=PROFESSIONAL)
        return
    with pytest.raises(OldRead) as error:
        make_plan(known, wanted)
    assert error.value.message == (
        f"In the inventory, nora@example.com has the phone number {FREE_NUMBER}, which the person does not show: one of "
        f"the two is old, and a new license must carry the number."
    )
    assert error.value.remedy == (
        "run again in a while; if it stays, give `phone_number`, or remove_phone_number=true."
    )
    assert make_plan(known, replace(wanted, phone_number=FREE_NUMBER)).after.phone_number == FREE_NUMBER


def test_the_number_that_both_show_is_carried() -> None:
    nora = person("nora", STANDARD, place=BERLIN, extension="3001", number=FREE_NUMBER)
    wanted = Wanted(email="nora@example.com", location="Berlin", extension="3001", license="professional")
    found = make_plan(KnownOrganization([nora]), wanted)
    assert found.after == replace(NORAS_STATE, license=PROFESSIONAL, phone_number=FREE_NUMBER)


def test_without_a_new_license_the_number_is_not_looked_for() -> None:
    nora = person("nora", STANDARD, place=BERLIN, extension="3001", number=FREE_NUMBER)
    known = KnownOrganization([nora], [entry(FREE_NUMBER)])
    found = make_plan(known, Wanted(email="nora@example.com", location="Berlin", extension="3002"))
    assert (found.action, found.after.phone_number) == ("update", None)


def test_a_newcomer_has_no_number_to_lose() -> None:
    """What stands there comes from a directory."""
    alice = {**ALICE, "phoneNumbers": [{"type": "work", "value": FREE_NUMBER}]}
    known = KnownOrganization([alice], [entry(FREE_NUMBER)])
    found = make_plan(known, Wanted(email="alice@example.com", location="Berlin", extension="2002"))
    assert found.after == CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2002")


def test_a_number_of_a_directory_is_neither_kept_nor_assigned() -> None:
    """It is not in the calling inventory: neither a false `ok`, nor assigned unasked."""
    nora = person("nora", STANDARD, place=BERLIN, extension="3001", number="+4930999")
    known = KnownOrganization([nora], licenses=LICENSES)
    known.items = [entry(None, "3001", owner="nora")]
    found = make_plan(
        known, Wanted(email="nora@example.com", location="Berlin", extension="3001", license="professional")
    )
    assert found.after == replace(NORAS_STATE, license=PROFESSIONAL)
    with pytest.raises(CallingError, match="is not in the inventory of Berlin"):
        make_plan(known, Wanted(email="nora@example.com", phone_number="+4930999"))


def test_a_location_whose_name_is_not_known_has_no_other_name() -> None:
    """Its name is not looked up if the list does not name it; an id is no name."""
    known = organization()
    known.__dict__["calling_locations"] = []
    found = make_plan(known, Wanted(email="ivan@example.com", phone_number=NUMBER, extension="2002"))
    assert (found.after.location_id, found.after.location) == ("berlin-1", None)
