# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out the plan for the numbers of a location, in requests of a few numbers each.

After an error the inventory is read before anything is said or repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._client import WebexClient
from .._errors import RequestError
from .._ids import as_segment
from .._patience import Patience
from .model import digits
from .number_plan import (
    ACTIVATE,
    ADD,
    DEACTIVATE,
    NUMBER_TYPES,
    PRESENT,
    REMOVE,
    Inventory,
    NumberPlan,
    read_inventory,
    refuse_unfit,
)
from .organization import some

# How many numbers a request has at most: 5 to be removed, 500 to be deactivated (Cisco's OpenAPI); for the others nobody
# says, and so many are few.
MOST_NUMBERS = {ADD: 100, ACTIVATE: 100, DEACTIVATE: 100, REMOVE: 5}
# How many seconds a change is looked for that Webex refused: it may have been made in part.
PATIENCE_AFTER_REFUSAL = 5.0


@dataclass(frozen=True)
class Outcome:
    """The items of the numbers as read at last, and whether that is what was planned."""

    items: list[dict[str, Any]]
    verified: bool


def carry_out(client: WebexClient, plan: NumberPlan, patience: Patience) -> Outcome:
    """Carry *plan* out, and look within the *patience* until it shows.

    Raises RequestError with what Webex said and what is now, CallingError if a number got an owner in the meantime.
    """
    steps = plan.steps
    for action, numbers in steps.items():
        for batch in _batches(numbers, MOST_NUMBERS[action]):
            _write(client, plan, action, batch, patience)
    changed = [number for numbers in steps.values() for number in numbers]
    try:
        inventory = _look(client, plan, changed, patience)
    except RequestError as error:
        error.problem = f"Webex accepted the change of {len(changed)} numbers, but it cannot be seen. {error.problem}"
        raise
    items = [dict(inventory[digits(number)]) for number in plan.wanted.numbers if digits(number) in inventory]
    return Outcome(items, not plan.undone(changed, inventory))


def _batches(numbers: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _look(client: WebexClient, plan: NumberPlan, numbers: list[str], patience: Patience) -> Inventory:
    """Return the inventory when it shows what is wanted of *numbers*, or when the patience ends."""
    return patience.look(
        lambda: read_inventory(client, plan.place), lambda inventory: not plan.undone(numbers, inventory)
    )


def _write(
    client: WebexClient, plan: NumberPlan, action: str, numbers: list[str], patience: Patience, repeats: int = 1
) -> None:
    """Send one request, and decide what its end means."""
    if action in (REMOVE, DEACTIVATE):
        # Somebody may have got one of them since the plan was made.
        refuse_unfit({action: numbers}, read_inventory(client, plan.place))
    try:
        _send(client, plan, action, numbers)
    except RequestError as error:
        left = _left_after_error(client, plan, numbers, error, patience)
        if not left:
            return
        # Of numbers that are added twice, Webex ignores the second time (Cisco's OpenAPI); other requests the client repeats.
        if action != ADD or not error.unclear or not repeats:
            raise
        _write(client, plan, action, left, patience, repeats - 1)


def _send(client: WebexClient, plan: NumberPlan, action: str, numbers: list[str]) -> None:
    path = f"/telephony/config/locations/{as_segment(plan.place.id)}/numbers"
    body: dict[str, Any] = {"phoneNumbers": numbers}
    if action == ADD:
        wanted = plan.wanted
        if wanted.number_type:
            body["numberType"] = NUMBER_TYPES[wanted.number_type]
        if wanted.state != PRESENT:
            body["state"] = wanted.state.upper()
        client.post(path, body, **client.org_params)
    elif action == REMOVE:
        client.delete(path, body, **client.org_params)
    else:
        client.put(path, {**body, "action": action.upper()}, **client.org_params)


def _left_after_error(
    client: WebexClient, plan: NumberPlan, numbers: list[str], error: RequestError, patience: Patience
) -> list[str]:
    """Return those of *numbers* that the request has not brought to where they shall be; *error* then tells them."""
    may_be_done = error.unclear or error.was_sent_before
    try:
        inventory = _look(client, plan, numbers, patience if may_be_done else patience.at_most(PATIENCE_AFTER_REFUSAL))
    except RequestError as unread:
        error.problem += f" Whether it was done is unknown, since the inventory cannot be read: {unread.message}"
        raise error from None
    wanted = plan.wanted.numbers
    left = plan.undone(wanted, inventory)
    error.problem += (
        f" The inventory was read again: {len(wanted) - len(left)} of {len(wanted)} numbers are {plan.wanted.state}; "
        f"not {some(left)}."
    )
    return plan.undone(numbers, inventory)
