# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating those of a list who do not exist yet, before they get what the list says.

Nobody is created twice: an address is unique in all of Webex (Cisco's OpenAPI), which refuses one that exists with 409.
After an unclear end the address is looked for as long as changes may take to show, and only then sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from .._client import WebexClient
from .._errors import Refused, RequestError, WebexError, with_more
from .._parallel import run_in_threads, run_parallel
from .._patience import Patience
from .model import CallingError
from .organization import Organization
from .plan import OldRead, make_plan
from .scim import FEWEST_PEOPLE, MOST_OPERATIONS, create_in_bulk
from .settle import ATTEMPTS, REFUSAL_PATIENCE, Judge
from .steps import DONE, DUE, FAILED, OPEN, SKIPPED, Step, Way

Written = TypeVar("Written")


class Creator:
    """Creates people: in bulk if the token may, else one by one.

    Whether it may is told by the first bulk only: nothing harmless needs the scope identity:people_rw.
    """

    def __init__(
        self,
        client: WebexClient,
        live: Organization,
        judge: Judge,
        way: Way,
        reason_to_skip: Callable[[], WebexError | None],
    ) -> None:
        """*live* is an uncached organization; *reason_to_skip* says why nobody else is to be created, if so."""
        self._client, self._live, self._judge, self._way = client, live, judge, way
        self._reason_to_skip = reason_to_skip
        self._may_use_bulk = True
        self._org_id: str | None = None
        self._attempts: Counter[str] = Counter()

    def create(self, steps: Sequence[Step]) -> None:
        """Create the people of *steps*. Each of them then exists, or their step has failed, is skipped, or is open.

        Those who turn out to exist are planned anew. An open end is left only if ``judge.stop`` says why.
        """
        due = list(steps)
        while due:
            self._send(due)
            self._settle([step for step in due if step.verdict == OPEN])
            due = [step for step in due if step.is_missing and step.verdict == DUE]
            reason = self._reason_to_skip()
            if reason:
                for step in due:
                    step.end(SKIPPED, reason)
                return

    # Sending

    def _send(self, steps: Sequence[Step]) -> None:
        """Send each once. Those who could not be sent stay due."""
        if len(steps) >= FEWEST_PEOPLE:
            batches = [steps[start : start + MOST_OPERATIONS] for start in range(0, len(steps), MOST_OPERATIONS)]
            run_in_threads(self._way.workers, self._send_batch, batches[:1])
            run_in_threads(self._way.workers, self._send_batch, batches[1:])
        if len(steps) < FEWEST_PEOPLE or not self._may_use_bulk:
            left = [step for step in steps if step.is_missing and step.verdict == DUE]
            run_in_threads(self._way.workers, self._send_one, left)

    def _send_batch(self, steps: Sequence[Step]) -> None:
        if not self._may_use_bulk or self._reason_to_skip():
            return
        try:
            self._org_id = self._org_id or self._read_org_id()
            if not self._org_id:
                self._may_use_bulk = False
                return
            errors = create_in_bulk(self._client, self._org_id, [step.user.wanted for step in steps])
        except Exception as error:
            if isinstance(error, Refused) and not (error.unclear or error.passing or error.hits_everybody):
                # Nobody was created; if somebody was, one by one they are refused with 409.
                self._may_use_bulk = False
                return
            for step in steps:
                self._end(step, error)
            return
        for step, refusal in zip(steps, errors, strict=True):
            self._end(step, refusal)

    def _read_org_id(self) -> str | None:
        """Return the id of the organization that the task names, or that the token is of. Raises RequestError."""
        return self._client.org_params.get("orgId") or self._client.get("/people/me").get("orgId")

    def _send_one(self, step: Step) -> None:
        if self._reason_to_skip():
            return
        wanted = step.user.wanted
        names = {"displayName": wanted.full_name, "firstName": wanted.first_name, "lastName": wanted.last_name}
        body = {"emails": [wanted.email], **{key: name for key, name in names.items() if name}}
        try:
            person = self._client.post("/people", {**body, **self._client.org_params}).data or {}
        except Exception as error:
            self._end(step, error)
            return
        if person.get("id"):
            step.plan.person["id"] = person["id"]
        self._end(step, None)

    def _end(self, step: Step, error: Exception | None) -> None:
        """Note how a request for a person ended: created, open (to be looked at), or failed."""
        self._attempts[step.user.who] += 1
        if error is None:
            step.created = True
        elif isinstance(error, Refused) and error.status in (400, 409):
            # 409: somebody has the address. "400, but the person was created still" (Cisco's OpenAPI, "Create a Person").
            step.end(OPEN, error)
        elif isinstance(error, Refused) and not error.unclear and not error.hits_everybody:
            step.end(FAILED, error)
        else:
            self._judge.judge(step, error)

    # Looking

    def _settle(self, steps: Sequence[Step]) -> None:
        """Look for the people of open steps, until each is found, is due once more, or has failed."""
        patience = self._way.patience.at_most(self._client.time_left)
        if all(isinstance(step.error, Refused) and step.error.status == 400 for step in steps):
            patience = patience.at_most(REFUSAL_PATIENCE)
        left = list(steps)
        for _look in patience.looks() if left else ():
            if self._judge.stop:
                return
            run_parallel(self._way.workers, self._look, left)
            left = [step for step in left if step.verdict == OPEN]
            if not left:
                return
        for step in left:
            self._end_of_patience(step)

    def _look(self, step: Step) -> None:
        """Plan anew for a person who exists by now."""
        error = step.error or WebexError("It is open.")
        try:
            if self._live.person(step.user.wanted) is None:
                return
            plan = make_plan(self._live, step.user.wanted, self._way.rules)
        except OldRead:
            return
        except RequestError as unread:
            self._judge.note(unread)
            unknown = f" Whether the person was created is unknown, since they cannot be read: {unread.message}"
            step.end(FAILED, with_more(error, unknown))
        except WebexError as refusal:
            step.end(FAILED, refusal)
        else:
            if not plan.creates:
                # Somebody else's, if Webex refused the address at the first try already.
                step.created = self._attempts[step.user.who] > 1 or _is_unclear(error)
                step.user.plan = step.plan = plan
                step.end(DUE if plan.changes else DONE)

    def _end_of_patience(self, step: Step) -> None:
        error = step.error or WebexError("It is open.")
        if isinstance(error, Refused) and error.status == 409:
            step.end(FAILED, _taken(step.user.who, error))
        elif _is_unclear(error) and self._attempts[step.user.who] < ATTEMPTS:
            step.end(DUE)
        else:
            step.end(FAILED, with_more(error, " The address was looked up again: there is no such person."))


def _is_unclear(error: WebexError) -> bool:
    return isinstance(error, RequestError) and error.unclear


def _taken(who: str, error: Refused) -> CallingError:
    return CallingError(
        f"Webex says that somebody has the address {who}, and shows no such person in this organization. {error.message}",
        "run again, if the person was created just now; else another organization has the address, so choose another one.",
    )


def once_known(patience: Patience, write: Callable[[], Written]) -> Written:
    """Return what *write* returns, a request for a person who was just created.

    404 says that there is no such user (Cisco's OpenAPI): as long as the *patience* lasts, that they are not visible yet.
    """
    refusal: Refused | None = None
    for _look in patience.looks():
        try:
            return write()
        except Refused as error:
            if error.status != 404:
                raise
            refusal = error
    raise refusal or CallingError("The person is unknown.")
