# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field, replace

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import (
    NO_CALLING,
    CallingError,
    CallingState,
    License,
    Plan,
    Wanted,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import OldRead
from ansible_collections.collabops.webex.plugins.module_utils._calling.planned_user import PlannedUser
from ansible_collections.collabops.webex.plugins.module_utils._calling.settle import ATTEMPTS, Judge, is_same
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import (
    DONE,
    DUE,
    FAILED,
    OPEN,
    Step,
    Way,
)
from ansible_collections.collabops.webex.plugins.module_utils._calling.write import NotGranted, OldPlan
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, Refused, WebexError, with_more
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.unit.organizations import (
    BERLIN,
    PROFESSIONAL,
    SECOND_PROFESSIONAL,
    STANDARD,
    UNTOLD_TIER,
    Json,
    KnownOrganization,
    person,
)
from ansible_collections.collabops.webex.tests.unit.support import Clock, Server

NOBODY = person("ann")
ANN = person("ann", PROFESSIONAL, place=BERLIN, extension="2001")
STANDARD_ANN = person("ann", STANDARD, place=BERLIN, extension="2001")
OTHER_ANN = person("ann", PROFESSIONAL, place=BERLIN, extension="7")
STATE = CallingState(PROFESSIONAL, "berlin-1", "Berlin", "2001")
WANTED = Wanted(email="ann@example.com", location="Berlin", extension="2001")

ENABLE = Plan({"id": "ann", "displayName": "Ann Example"}, NO_CALLING, STATE)
RAISE = replace(ENABLE, before=replace(STATE, license=STANDARD))
UNCLEAR = NoAnswer("no answer", unclear=True)


def refused(status: int = 400, *codes: str) -> Refused:
    return Refused(request="PATCH /licenses/users", status=status, reason="no", error_codes=list(codes))


class Later(KnownOrganization):
    """An organization that shows a person in another way at each look; the last one stays. None: they are not there."""

    def __init__(self, *looks: Json | None | WebexError) -> None:
        super().__init__()
        self.looks = list(looks)
        self.seen = 0
        self.asked_for: list[tuple[str | None, str | None]] = []

    def person(self, wanted: Wanted) -> Json | None:
        """See what is next."""
        look = self.looks[min(self.seen, len(self.looks) - 1)]
        self.seen += 1
        self.asked_for.append((wanted.email, wanted.person_id))
        if isinstance(look, WebexError):
            raise look
        return look


@dataclass
class Court:
    """A judge, and what he has at hand."""

    client: WebexClient
    server: Server
    clock: Clock = field(default_factory=Clock)
    budget: float = 30

    def judge(self, *looks: Json | None | WebexError) -> Judge:
        """A judge who sees so much."""
        self.organization = Later(*looks)
        way = Way(2, Patience(self.budget, self.clock.monotonic, self.clock.sleep))
        return Judge(self.client, self.organization, way)

    def settled(self, plan: Plan, error: WebexError, *looks: Json | None | WebexError, **more: t.Any) -> Step:
        """A step that ended with an error, after it was judged and settled."""
        judge, step = self.judge(*looks), Step(PlannedUser(WANTED, plan), plan, **{"attempts": 1, **more})
        judge.judge(step, error)
        if step.verdict == OPEN:
            judge.settle([step])
        return step


@pytest.fixture
def court() -> t.Iterator[Court]:
    """A judge's client, whose server gives back what it is asked to give back."""
    body = json.dumps({"licenses": [STANDARD.id]})
    with Server([(200, {}, body)]) as server:
        settings = Settings(base_url=server.base_url, access_token="secret-token", timeout=10)
        with WebexClient(settings) as client:
            yield Court(client, server)


# What an error means


def test_an_interruption_stops_everything(court: Court) -> None:
    judge, step = court.judge(NOBODY), Step(PlannedUser(WANTED, ENABLE), ENABLE)
    judge.judge(step, KeyboardInterrupt())
    assert (step.verdict, str(step.error)) == (
        FAILED,
        "The run was interrupted while Webex was asked to do it. What to do: look at the user.",
    )
    assert str(judge.stop) == "The run was interrupted. What to do: run again for the rest."
    assert court.organization.seen == 0


@pytest.mark.parametrize(
    ("error", "licenses"),
    [
        (OldRead("old"), None),
        (OldPlan("old", [UNTOLD_TIER]), (UNTOLD_TIER,)),
        (UNCLEAR, None),
        (NoAnswer("no answer"), None),
        (refused(), None),
        (refused(400, "400112"), None),
        (refused(400, "400404"), None),
        (refused(400, "1"), None),
        (Refused(request="PATCH /licenses/users", status=502, unclear=True), None),
    ],
)
def test_an_end_that_is_not_certain_is_left_open(court: Court, error: WebexError, licenses: t.Any) -> None:
    judge, step = court.judge(NOBODY), Step(PlannedUser(WANTED, ENABLE), ENABLE)
    judge.judge(step, error)
    assert (step.verdict, step.error, step.licenses, judge.stop) == (OPEN, error, licenses, None)
    assert court.organization.seen == 0


@pytest.mark.parametrize("error", [refused(400, "400411"), refused(403), refused(404), NotGranted("not granted")])
def test_after_a_refusal_that_is_explained_the_user_is_looked_at_once(court: Court, error: WebexError) -> None:
    step = court.settled(ENABLE, error, NOBODY)
    assert step.verdict == FAILED
    assert step.error is not None
    assert step.error.problem == f"{error.problem} The user was read again; now enabled: False."
    assert step.error.remedy == error.remedy
    assert (type(step.error), court.organization.seen, court.clock.naps) == (type(error), 1, [])
    assert court.settled(ENABLE, error, ANN).verdict == DONE


def test_a_refusal_of_the_token_stops_everything(court: Court) -> None:
    judge, step = court.judge(NOBODY), Step(PlannedUser(WANTED, ENABLE), ENABLE)
    error = refused(401)
    judge.judge(step, error)
    assert (judge.stop, step.verdict, step.error) == (error, FAILED, error)
    assert court.organization.seen == 0


@pytest.mark.parametrize("error", [CallingError("cannot be"), WebexError("odd")])
def test_what_cannot_be_has_failed(court: Court, error: WebexError) -> None:
    step = court.settled(ENABLE, error, ANN)
    assert (step.verdict, step.error, court.organization.seen) == (FAILED, error, 0)


def test_an_unexpected_error_is_told_without_secrets(court: Court) -> None:
    judge, step = court.judge(ANN), Step(PlannedUser(WANTED, ENABLE), ENABLE)
    judge.judge(step, KeyError("secret-token"))
    assert (step.verdict, str(step.error)) == (
        FAILED,
        "An unexpected error: KeyError: '***'. What to do: report it, with the output at -vvv.",
    )


# How an open end is settled


def test_what_was_done_all_the_same_is_done(court: Court) -> None:
    step = court.settled(ENABLE, UNCLEAR, NOBODY, NOBODY, ANN)
    assert (step.verdict, step.error, step.seen) == (DONE, None, STATE)
    assert court.clock.naps == [0.25, 0.5]


def test_what_was_not_done_as_long_as_changes_may_take_is_due_again(court: Court) -> None:
    step = court.settled(ENABLE, UNCLEAR, NOBODY)
    assert (step.verdict, step.error) == (DUE, None)
    assert step.plan == ENABLE
    assert 25 < sum(court.clock.naps) <= 30


def test_a_refusal_that_nothing_explains_is_looked_after_for_a_moment_and_not_repeated(court: Court) -> None:
    step = court.settled(ENABLE, refused(), NOBODY)
    assert step.verdict == FAILED
    assert str(step.error).count("now enabled: False") == 1
    assert 5 < sum(court.clock.naps) <= 10


def test_if_one_end_is_unclear_all_are_looked_for_as_long(court: Court) -> None:
    judge = court.judge(NOBODY)
    steps = [Step(PlannedUser(WANTED, ENABLE), ENABLE, attempts=1) for _number in range(2)]
    judge.judge(steps[0], refused())
    judge.judge(steps[1], UNCLEAR)
    judge.settle(steps)
    assert [step.verdict for step in steps] == [FAILED, DUE]
    assert sum(court.clock.naps) > 20


@pytest.mark.parametrize(("attempts", "verdict"), [(1, DUE), (ATTEMPTS - 1, DUE), (ATTEMPTS, FAILED)])
def test_a_user_is_written_three_times_at_most(court: Court, attempts: int, verdict: str) -> None:
    assert ATTEMPTS == 3
    step = court.settled(ENABLE, UNCLEAR, NOBODY, attempts=attempts)
    assert step.verdict == verdict
    if verdict == FAILED:
        assert step.error is not None
        assert step.error.message == "no answer The user was read again; now enabled: False."
    assert court.settled(ENABLE, UNCLEAR, ANN, attempts=attempts).verdict == DONE


def test_after_the_last_attempt_an_old_read_is_not_waited_for(court: Court) -> None:
    plan = Plan({"id": "ann"}, replace(STATE, extension="7"), STATE)
    step = court.settled(plan, OldRead("old"), OTHER_ANN, attempts=ATTEMPTS)
    assert (step.verdict, str(step.error), court.clock.naps) == (FAILED, "old", [])


def test_a_person_who_is_seen_otherwise_is_planned_anew(court: Court) -> None:
    """The half of it was done, or somebody else has changed the person."""
    renamed = {**OTHER_ANN, "displayName": "Ann Married"}
    step = court.settled(ENABLE, UNCLEAR, NOBODY, renamed)
    assert step.verdict == DUE
    assert (step.plan.before, step.plan.after) == (replace(STATE, extension="7"), STATE)
    assert step.plan.person == {"id": "ann", "displayName": "Ann Married"}
    # At once, and by the id: the address may be another one by now.
    assert court.clock.naps == [0.25]
    assert set(court.organization.asked_for) == {(None, "ann")}


def test_a_newcomer_is_looked_for_by_the_address_and_then_known_by_the_id(court: Court) -> None:
    newcomer = replace(ENABLE, person={"emails": ["ann@example.com"]}, creates=True)
    step = court.settled(newcomer, UNCLEAR, None, ANN, created=True)
    assert (step.verdict, step.plan.person["id"]) == (DONE, "ann")
    assert court.organization.asked_for == [("ann@example.com", None)] * 2


@pytest.mark.parametrize(
    ("created", "look", "license_"),
    [(True, NOBODY, STANDARD), (False, NOBODY, PROFESSIONAL), (True, OTHER_ANN, PROFESSIONAL)],
)
def test_only_a_newcomer_who_has_nothing_yet_gets_what_was_planned_before(
    court: Court, created: bool, look: Json, license_: License
) -> None:
    """Anybody else is planned anew: they may have got something in between."""
    before = NO_CALLING if created else replace(STATE, extension="7")
    plan = Plan({"id": "ann", "displayName": "Ann Example"}, before, replace(STATE, license=STANDARD))
    step = court.settled(plan, UNCLEAR, look, created=created)
    assert (step.verdict, step.plan.after.license) == (DUE, license_)


def test_what_another_license_of_the_tier_brought_about_is_done(court: Court) -> None:
    """Somebody else has enabled the user in between, from another subscription."""
    other = person("ann", SECOND_PROFESSIONAL, place=BERLIN, extension="2001")
    assert court.settled(ENABLE, UNCLEAR, NOBODY, other).verdict == DONE


def test_nothing_is_planned_from_a_read_that_contradicts_itself(court: Court) -> None:
    contradiction = person("ann", PROFESSIONAL)  # no location
    step = court.settled(ENABLE, UNCLEAR, contradiction, contradiction, OTHER_ANN)
    assert (step.verdict, step.plan.before) == (DUE, replace(STATE, extension="7"))


def test_a_plan_that_turned_out_to_be_impossible_has_failed(court: Court) -> None:
    step = court.settled(ENABLE, UNCLEAR, {**OTHER_ANN, "locationId": "london-1"})
    assert step.verdict == FAILED
    assert "has calling in another location (London)" in str(step.error)


def test_after_an_old_read_the_person_is_read_until_they_are_as_they_are_known(court: Court) -> None:
    """Nothing is planned from a read that shows them without calling, or with another name."""
    plan = Plan({"id": "ann", "displayName": "Ann Example"}, replace(STATE, extension="7"), STATE)
    looks = [NOBODY, {**OTHER_ANN, "displayName": "Ann Before"}, OTHER_ANN]
    step = court.settled(plan, OldRead("old"), *looks)
    assert step.verdict == DUE
    assert (step.plan.before, step.plan.after) == (plan.before, plan.after)
    # One look more: the plan is made of a read of its own.
    assert court.organization.seen == 4


def test_an_old_read_that_stays_old_fails_and_nothing_is_written(court: Court) -> None:
    plan = Plan({"id": "ann"}, replace(STATE, extension="7"), STATE)
    step = court.settled(plan, OldRead("old"), NOBODY)
    assert (step.verdict, str(step.error)) == (FAILED, "old")
    assert court.server.requests == []


def test_after_an_answer_that_said_other_licenses_older_reads_do_not_count(court: Court) -> None:
    held = person("ann", UNTOLD_TIER, place=BERLIN, extension="7")
    error = OldPlan("old", [UNTOLD_TIER])
    step = court.settled(ENABLE, error, NOBODY, ANN, held)
    assert step.verdict == DUE
    assert step.plan.before == CallingState(UNTOLD_TIER, "berlin-1", "Berlin", "7")
    assert step.plan.after == CallingState(UNTOLD_TIER, "berlin-1", "Berlin", "2001")
    step = court.settled(ENABLE, error, NOBODY)
    assert (step.verdict, step.error) == (FAILED, error)


def test_after_an_answer_that_said_no_license_the_user_is_planned_anew(court: Court) -> None:
    step = court.settled(RAISE, OldPlan("old", []), NOBODY)
    assert (step.verdict, step.plan.before, step.plan.after.license) == (DUE, NO_CALLING, PROFESSIONAL)


@pytest.mark.parametrize("plan", [ENABLE, replace(ENABLE, before=STATE, after=NO_CALLING)], ids=["enable", "disable"])
def test_what_no_read_shows_as_an_answer_said_it_is_neither_repeated_nor_undone(court: Court, plan: Plan) -> None:
    step = court.settled(plan, UNCLEAR, NOBODY, licenses=(UNTOLD_TIER,))
    assert step.verdict == FAILED
    assert "lost on the way" not in str(step.error)
    assert court.server.requests == []


def test_who_cannot_be_read_has_failed(court: Court) -> None:
    step = court.settled(ENABLE, UNCLEAR, NOBODY, refused(500))
    assert step.verdict == FAILED
    assert step.error is not None
    assert step.error.message.startswith(
        "no answer Whether it was done is unknown, since the user cannot be read: PATCH /licenses/users was answered"
    )


def test_a_refusal_stays_one_if_the_user_cannot_be_read(court: Court) -> None:
    step = court.settled(ENABLE, refused(403), refused(500))
    assert step.verdict == FAILED
    assert step.error is not None
    assert isinstance(step.error, Refused)
    assert step.error.status == 403
    assert "Whether it was done is unknown, since the user cannot be read" in step.error.message


def test_a_move_is_not_repeated(court: Court) -> None:
    move = Plan({"id": "ann"}, replace(STATE, location_id="london-1", location="London"), STATE)
    step = court.settled(move, UNCLEAR, {**ANN, "locationId": "london-1"})
    assert step.verdict == FAILED
    assert "now enabled: True, license: Webex Calling - Professional" in str(step.error)


def test_a_parking_is_repeated_from_what_is(court: Court) -> None:
    park = Plan({"id": "ann"}, STATE, replace(STATE, extension="9"))
    step = court.settled(park, UNCLEAR, OTHER_ANN, is_parking=True)
    assert step.verdict == DUE
    assert (step.plan.before, step.plan.after) == (replace(STATE, extension="7"), park.after)


def test_a_license_that_was_lost_on_the_way_is_given_back(court: Court) -> None:
    step = court.settled(RAISE, refused(403), NOBODY)
    assert step.error is not None
    assert step.error.problem.endswith(
        "The user was read again; now enabled: False. The license before was lost on the way. It was given back."
    )
    assert [json.loads(body)["licenses"] for body in court.server.bodies] == [
        [{"id": "standard-1", "operation": "add", "properties": {"locationId": "berlin-1", "extension": "2001"}}]
    ]


def test_after_what_stops_everything_nothing_is_given_back(court: Court) -> None:
    judge, step = court.judge(NOBODY), Step(PlannedUser(WANTED, RAISE), RAISE, attempts=ATTEMPTS)
    judge.judge(step, UNCLEAR)
    judge.stop = refused(401)
    judge.settle([step])
    assert step.verdict == FAILED
    assert "lost on the way" not in str(step.error)
    assert court.server.requests == []


@pytest.mark.parametrize(
    ("plan", "error", "look"),
    [
        (RAISE, refused(403), STANDARD_ANN),
        (ENABLE, refused(403), NOBODY),
        # This one has said already whether it was given back.
        (RAISE, NotGranted("not granted"), NOBODY),
    ],
)
def test_what_was_not_lost_is_not_given_back(court: Court, plan: Plan, error: WebexError, look: Json) -> None:
    assert "lost on the way" not in str(court.settled(plan, error, look).error)
    assert court.server.requests == []


def test_an_error_of_several_steps_stays_as_it_is() -> None:
    error = refused(403, "1")
    longer = with_more(error, " And more.")
    whole = f"{error.problem} And more. trackingId none sent."
    assert (longer.problem, longer.message, str(longer)) == (f"{error.problem} And more.", whole, whole)
    assert error.message.endswith("trackingId none sent.")
    assert isinstance(longer, Refused)
    assert (longer.status, longer.error_codes, longer.remedy) == (403, ["1"], None)


@pytest.mark.parametrize(
    ("state", "same"),
    [
        (STATE, True),
        (replace(STATE, location=None), True),
        (replace(STATE, location="Elsewhere"), True),
        (replace(STATE, extension=None), False),
        (replace(STATE, location_id="x"), False),
    ],
)
def test_the_name_of_a_location_is_a_courtesy(state: CallingState, same: bool) -> None:
    assert is_same(state, STATE) is same
