# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingError,
    CallingState,
    License,
    Plan,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import OldRead
from ansible_collections.collabops.webex.plugins.module_utils._calling.write import OldPlan, fits, give_back, write
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import Refused, RequestError
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    MESSAGING,
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    Json,
    KnownOrganization,
    SimulatedOrganization,
    entry,
    ivan,
    person,
)
from ansible_collections.collabops.webex.tests.unit.support import Server

Licenses = tuple[License, ...]

A, B, C = "+4930001", "+4930002", "+4930003"
STATE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001", A)
STANDARD_STATE = replace(STATE, license=STANDARD)
PERSON = {"id": "ann/1", "displayName": "Ann Example"}
PROPERTIES = {"locationId": "berlin-1", "phoneNumber": A, "extension": "2001"}

ENABLE = Plan(PERSON, NO_CALLING, STATE)
DISABLE = Plan(PERSON, STATE, NO_CALLING)
RAISE = Plan(PERSON, STANDARD_STATE, STATE)


class Exchange:
    """What a plan asks of a server that answers what it is told to, and what comes of it."""

    def __init__(self, *answers: tuple[int, t.Any], people: t.Sequence[Json] = (), entries: t.Sequence[Json] = ()):
        self.server = Server([(status, {}, "" if body is None else json.dumps(body)) for status, body in answers])
        self.organization = KnownOrganization(people, entries)

    def write(self, plan: Plan, org_id: str | None = None) -> Licenses | None:
        """Carry out."""
        with self.server as server:
            settings = Settings(base_url=server.base_url, access_token="secret", timeout=10, org_id=org_id)
            with WebexClient(settings) as client:
                self.organization.client = client
                return write(client, self.organization, plan)

    @property
    def requests(self) -> list[tuple[str, str, t.Any]]:
        """What was asked, with the bodies."""
        asked = zip(self.server.requests, self.server.bodies, strict=True)
        return [(method, path, json.loads(body)) for (method, path, _headers), body in asked]


def holding(*licenses: License, status: int = 200) -> tuple[int, Json]:
    """The answer that says which licenses the person has."""
    return status, {"personId": "ann/1", "licenses": [license_.id for license_ in licenses]}


def patch(*operations: Json) -> tuple[str, str, Json]:
    """The request for licenses."""
    return "PATCH", "/v1/licenses/users", {"personId": "ann/1", "licenses": list(operations)}


def add(license_: License) -> Json:
    return {"id": license_.id, "operation": "add", "properties": PROPERTIES}


def remove(license_: License) -> Json:
    return {"id": license_.id, "operation": "remove"}


# Licenses


@pytest.mark.parametrize(
    ("plan", "operations", "has"),
    [
        (ENABLE, [add(PROFESSIONAL)], (PROFESSIONAL,)),
        (DISABLE, [remove(PROFESSIONAL)], ()),
        (RAISE, [remove(STANDARD), add(PROFESSIONAL)], (PROFESSIONAL,)),
        (
            Plan(PERSON, replace(STATE, further=(UNTOLD_TIER,)), NO_CALLING),
            [remove(PROFESSIONAL), remove(UNTOLD_TIER)],
            (),
        ),
        (
            Plan(
                PERSON,
                replace(STANDARD_STATE, further=(UNTOLD_TIER,)),
                replace(STATE, further=(UNTOLD_TIER,)),
            ),
            [remove(STANDARD), add(PROFESSIONAL)],
            (PROFESSIONAL, UNTOLD_TIER),
        ),
    ],
)
def test_licenses_take_one_request_whose_answer_says_which_ones_the_person_has(
    plan: Plan, operations: list[Json], has: Licenses
) -> None:
    exchange = Exchange(holding(MESSAGING, *has))
    assert exchange.write(plan) == has
    assert exchange.requests == [patch(*operations)]


def test_the_organization_is_named_if_the_task_names_one() -> None:
    exchange = Exchange(holding(PROFESSIONAL))
    exchange.write(ENABLE, org_id="org-1")
    assert exchange.requests[0][2] == {"personId": "ann/1", "orgId": "org-1", "licenses": [add(PROFESSIONAL)]}


@pytest.mark.parametrize("body", [None, {}, {"licenses": None}, {"licenses": "all"}])
def test_an_answer_that_does_not_say_the_licenses_is_none(body: t.Any) -> None:
    exchange = Exchange((200, body))
    assert exchange.write(ENABLE) is None
    assert len(exchange.requests) == 1


def test_a_206_that_does_not_say_the_licenses_has_an_unclear_end() -> None:
    exchange = Exchange((206, {}))
    with pytest.raises(RequestError) as error:
        exchange.write(ENABLE)
    assert error.value.unclear
    assert error.value.request == "PATCH /licenses/users"
    assert error.value.message == (
        "PATCH /licenses/users was answered with 206, without the licenses that the user has now."
    )
    assert error.value.remedy == "look at the user in Control Hub."


def test_a_206_after_which_all_is_as_planned_is_a_success() -> None:
    assert Exchange(holding(PROFESSIONAL, status=206)).write(ENABLE) == (PROFESSIONAL,)


@pytest.mark.parametrize(
    ("plan", "answers", "message", "operations"),
    [
        (
            ENABLE,
            [holding(MESSAGING, status=206)],
            "PATCH /licenses/users was answered with 206: Webex did not grant Webex Calling - Professional (Sub-1): 2 of "
            "10 units in use, without saying why. The user's licenses are as they were.",
            [],
        ),
        (
            RAISE,
            [holding(STANDARD)],
            "PATCH /licenses/users was answered with 200: Webex did not grant Webex Calling - Professional (Sub-1): 2 of "
            "10 units in use, without saying why. The user's licenses are as they were.",
            [],
        ),
        (
            RAISE,
            [holding(status=206), holding(STANDARD)],
            "PATCH /licenses/users was answered with 206: Webex did not grant Webex Calling - Professional (Sub-1): 2 of "
            "10 units in use, without saying why. Webex Calling - Standard, which was to make room for it, was taken "
            "away. It was given back.",
            [patch(add(STANDARD))],
        ),
        (
            RAISE,
            [holding(status=206), holding(MESSAGING, status=206)],
            "PATCH /licenses/users was answered with 206: Webex did not grant Webex Calling - Professional (Sub-1): 2 of "
            "10 units in use, without saying why. Webex Calling - Standard, which was to make room for it, was taken "
            "away. It could not be given back either, so that the user has no calling now.",
            [patch(add(STANDARD))],
        ),
    ],
)
def test_a_license_that_is_not_granted_is_an_error_and_what_was_there_is_given_back(
    plan: Plan, answers: list[tuple[int, Json]], message: str, operations: list[t.Any]
) -> None:
    exchange = Exchange(*answers)
    with pytest.raises(CallingError) as error:
        exchange.write(plan)
    assert not isinstance(error.value, OldRead)
    assert error.value.message == message
    assert error.value.remedy == "most often no unit is free any more: look at `collabops.webex.license_info`."
    assert exchange.requests[1:] == operations


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (holding(STANDARD), "It was given back."),
        ((200, {}), "It was given back."),
        ((200, None), "It was given back."),
        (holding(), "It could not be given back either, so that the user has no calling now."),
        (
            (400, {"message": "no unit"}),
            "It could not be given back, so that the user has no calling now: PATCH /licenses/users was answered with "
            "400: no unit. trackingId none sent.",
        ),
    ],
)
def test_how_giving_back_ended_is_said(answer: tuple[int, t.Any], sentence: str) -> None:
    exchange = Exchange(answer)
    with exchange.server as server, WebexClient(Settings(base_url=server.base_url, access_token="secret")) as client:
        assert give_back(client, RAISE) == sentence
    assert exchange.requests == [patch(add(STANDARD))]


def test_a_second_license_is_taken_back_from_whom_an_old_read_showed_without_one() -> None:
    """Nobody gets a license beside the one that they have: the plan was made for somebody without calling."""
    exchange = Exchange(holding(PROFESSIONAL, UNTOLD_TIER), (200, {}))
    with pytest.raises(OldPlan) as error:
        exchange.write(ENABLE)
    assert exchange.requests == [patch(add(PROFESSIONAL)), patch(remove(PROFESSIONAL))]
    assert error.value.licenses == (UNTOLD_TIER,)
    assert error.value.message == (
        "Webex says that the user has these calling licenses: Webex Calling. The read before was old."
    )
    assert error.value.remedy == "run again: by then Webex shows what it has."


def test_a_second_license_that_cannot_be_taken_back_is_said() -> None:
    exchange = Exchange(holding(PROFESSIONAL, UNTOLD_TIER), (403, {"message": "No."}))
    with pytest.raises(CallingError) as error:
        exchange.write(ENABLE)
    assert not isinstance(error.value, OldPlan)
    assert exchange.requests == [patch(add(PROFESSIONAL)), patch(remove(PROFESSIONAL))]
    assert error.value.message.startswith(
        "The user had another calling license, which the read before did not show, and got Webex Calling - "
        "Professional (Sub-1): 2 of 10 units in use beside it. It could not be taken back: PATCH /licenses/users"
    )
    assert error.value.remedy == "take the second license away in Control Hub."


def test_a_swap_is_not_taken_back_for_a_further_license_that_was_not_seen() -> None:
    """The license before is gone already: taking the new one back would leave less than there was."""
    exchange = Exchange(holding(PROFESSIONAL, UNTOLD_TIER))
    with pytest.raises(OldPlan) as error:
        exchange.write(RAISE)
    assert exchange.requests == [patch(remove(STANDARD), add(PROFESSIONAL))]
    assert error.value.licenses == (PROFESSIONAL, UNTOLD_TIER)
    assert "these calling licenses: Webex Calling - Professional, Webex Calling." in error.value.message


@pytest.mark.parametrize(
    ("plan", "has", "names"),
    [
        (DISABLE, (PROFESSIONAL,), "Webex Calling - Professional"),
        (DISABLE, (SECOND_PROFESSIONAL,), "Webex Calling - Professional"),
        (RAISE, (PROFESSIONAL, STANDARD), "Webex Calling - Professional, Webex Calling - Standard"),
        (
            Plan(PERSON, replace(STANDARD_STATE, further=(UNTOLD_TIER,)), replace(STATE, further=(UNTOLD_TIER,))),
            (PROFESSIONAL,),
            "Webex Calling - Professional",
        ),
    ],
)
def test_an_answer_that_says_other_licenses_than_planned_shows_an_old_plan(
    plan: Plan, has: Licenses, names: str
) -> None:
    exchange = Exchange(holding(*has))
    with pytest.raises(OldPlan) as error:
        exchange.write(plan)
    assert error.value.licenses == has
    assert f"these calling licenses: {names}. The read" in error.value.message
    assert len(exchange.requests) == 1


def test_what_webex_refuses_is_an_error_and_not_repeated() -> None:
    exchange = Exchange((400, {"message": "no"}))
    with pytest.raises(Refused, match="400: no"):
        exchange.write(ENABLE)
    assert len(exchange.requests) == 1


# Extension and number of a person who keeps calling


def ann(*numbers: str, **more: t.Any) -> Json:
    """The person as a read shows them, the primary number last: the order says nothing."""
    entries = [{"type": "work", "value": number, "primary": number == A} for number in numbers]
    return {
        **person("ann", PROFESSIONAL, place=BERLIN, extension="2001"),
        "id": "ann/1",
        "phoneNumbers": entries,
        **more,
    }


def owned(*numbers: str) -> list[Json]:
    return [entry(number, owner="ann/1") for number in numbers]


def put(**changes: t.Any) -> tuple[str, str, Json]:
    """The change of the person."""
    body = {"displayName": "Ann Example", "emails": ["ann@example.com"], **changes}
    return "PUT", "/v1/people/ann%2F1?callingData=true", body


def work(*numbers: str) -> list[Json]:
    return [{"type": "work", "value": number} for number in numbers]


@pytest.mark.parametrize(
    ("changes", "numbers", "sent"),
    [
        ({"extension": "2009"}, (A,), {"extension": "2009"}),
        ({"phone_number": C}, (A,), {"phoneNumbers": work(C)}),
        ({"phone_number": None}, (A,), {"phoneNumbers": []}),
        ({"extension": "2009", "phone_number": C}, (A,), {"extension": "2009", "phoneNumbers": work(C)}),
        # Further numbers stay; the new one comes first.
        ({"phone_number": C}, (B, A), {"phoneNumbers": work(C, B)}),
        ({"phone_number": None}, (B, A), {"phoneNumbers": work(B)}),
        ({"phone_number": B}, (B, A), {"phoneNumbers": work(B)}),
        # What comes from a directory is not sent: it would be assigned.
        ({"phone_number": C}, (A, "+4930777"), {"phoneNumbers": work(C)}),
    ],
)
def test_of_a_person_only_what_changes_is_sent_and_what_webex_demands(
    changes: dict[str, t.Any], numbers: tuple[str, ...], sent: dict[str, t.Any]
) -> None:
    someone = ann(*numbers, licenses=["professional-1", "messaging-1"], department="Sales", title="Boss")
    exchange = Exchange((200, {}), people=[someone], entries=owned(A, B))
    assert exchange.write(Plan(PERSON, STATE, replace(STATE, **changes))) is None
    assert exchange.requests == [put(**sent)]


def test_who_has_no_number_gets_the_first_one() -> None:
    before = replace(STATE, phone_number=None)
    exchange = Exchange((200, {}), people=[ann()])
    exchange.write(Plan(PERSON, before, replace(before, phone_number=C)))
    assert exchange.requests == [put(phoneNumbers=work(C))]


def test_a_plan_without_changes_asks_nothing() -> None:
    exchange = Exchange((500, {}))
    assert exchange.write(Plan(PERSON, STATE, STATE)) is None
    assert exchange.requests == []


def test_a_person_who_is_gone_is_not_written() -> None:
    exchange = Exchange((200, {}))
    with pytest.raises(CallingError, match="The person is not there any more.") as error:
        exchange.write(Plan(PERSON, STATE, replace(STATE, extension="2009")))
    assert not isinstance(error.value, OldRead)
    assert error.value.remedy == "look whether somebody deleted the person."
    assert exchange.requests == []


@pytest.mark.parametrize(
    ("shown", "changes"),
    [
        (ann(A, licenses=[]), {"extension": "2009"}),
        (ann(A, displayName="Ann Before"), {"extension": "2009"}),
        # A PUT lists the numbers: it must not carry one that the person does not have any more.
        (ann(B), {"phone_number": C}),
        (ann(), {"phone_number": C}),
    ],
)
def test_nothing_is_written_on_the_strength_of_an_old_read(shown: Json, changes: dict[str, t.Any]) -> None:
    exchange = Exchange((200, {}), people=[shown], entries=owned(A, B))
    with pytest.raises(OldRead) as error:
        exchange.write(Plan(PERSON, STATE, replace(STATE, **changes)))
    assert error.value.message == (
        "Webex shows the user in two different ways, so that one of them is old; nothing was written."
    )
    assert error.value.remedy == "run again."
    assert exchange.requests == []


@pytest.mark.parametrize(
    ("person", "shown", "state", "changes", "is_fitting"),
    [
        ({"displayName": "Ann"}, {"displayName": "Ann"}, STATE, {"extension": "9"}, True),
        ({}, {"displayName": "Ann"}, STATE, {"extension": "9"}, True),
        ({"displayName": None}, {"displayName": "Ann"}, STATE, {"extension": "9"}, True),
        ({"displayName": "Ann"}, {"displayName": "Bob"}, STATE, {"extension": "9"}, False),
        ({"displayName": "Ann"}, {}, STATE, {"extension": "9"}, False),
        ({}, {}, NO_CALLING, {"extension": "9"}, False),
        ({}, {}, STANDARD_STATE, {"extension": "9"}, True),
        ({}, {}, replace(STATE, phone_number=B), {"extension": "9"}, True),
        ({}, {}, replace(STATE, phone_number=B), {"phone_number": C}, False),
        ({}, {}, replace(STATE, phone_number="49 30 001"), {"phone_number": C}, True),
        ({}, {}, replace(STATE, phone_number=None), {"phone_number": C}, False),
    ],
)
def test_a_read_fits_if_it_can_be_of_the_person_as_they_are_known(
    person: Json, shown: Json, state: CallingState, changes: dict[str, t.Any], is_fitting: bool
) -> None:
    assert fits(Plan(person, STATE, replace(STATE, **changes)), shown, state) is is_fitting


# With the simulator: everything else stays


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        ({"extension": "2050"}, {"extension": "2050"}),
        ({"phone_number": "+493055502003"}, {"phone_number": "+493055502003"}),
        ({"remove_phone_number": True}, {"phone_number": None}),
    ],
)
def test_what_is_not_named_stays(bulk: SimulatedOrganization, wanted: dict[str, t.Any], changes: Json) -> None:
    before = bulk.person("ivan")
    result = bulk.apply_one(ivan(**wanted))
    assert (result.outcome, result.verified) == ("changed", True)
    assert bulk.person("ivan") == {**before, **changes}
