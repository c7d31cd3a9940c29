# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out the plan for one location: each request is sent once, and after an error both lists are read.

Whether Webex would create a second location of the same name is not documented, so a creation is never sent again: if it
does not show, that is left to the next run, which finds what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._client import Answer, WebexClient
from ._errors import RequestError
from ._ids import as_segment
from ._location_plan import (
    CALLING_PATH,
    CREATE,
    ENABLE,
    LOCATIONS_PATH,
    REQUIRED,
    UPDATE,
    LocationError,
    LocationPlan,
    Sight,
    see,
)
from ._patience import Patience

# How many seconds a change is looked for that Webex refused.
PATIENCE_AFTER_REFUSAL = 5.0


@dataclass(frozen=True)
class Outcome:
    """The location as read at last, and whether that is what was planned."""

    sight: Sight
    verified: bool


def carry_out(client: WebexClient, plan: LocationPlan, patience: Patience) -> Outcome:
    """Carry *plan* out, and look within the *patience* until it shows.

    Raises RequestError with what Webex said and what is now, LocationError if a new location does not show.
    """
    return _Work(client, plan, patience).carry_out()


class _Work:
    def __init__(self, client: WebexClient, plan: LocationPlan, patience: Patience) -> None:
        self._client = client
        self._plan = plan
        self._patience = patience
        self._name = plan.wanted.name

    def carry_out(self) -> Outcome:
        plan = self._plan
        location_id = self._create() if CREATE in plan.actions else str((plan.before.location or {})["id"])
        if UPDATE in plan.actions:
            self._update(location_id)
        if ENABLE in plan.actions:
            self._enable(location_id)
        try:
            sight = self._look(self._patience, self._shows)
        except RequestError as error:
            error.problem = f"Webex accepted the change of {self._name}, but it cannot be seen. {error.problem}"
            raise
        return Outcome(sight, self._shows(sight))

    def _shows(self, sight: Sight) -> bool:
        is_there = sight.plain is not None and not sight.differences(self._plan.target)
        return is_there and (sight.calling is not None or not self._plan.wanted.calling)

    def _look(self, patience: Patience, is_enough: Callable[[Sight], bool]) -> Sight:
        return patience.look(lambda: see(self._client, self._name), is_enough)

    def _create(self) -> str:
        """Create the location, and return its id."""
        client, body = self._client, {"name": self._name, **self._plan.wanted.properties}
        answer = self._send(
            lambda: client.post(LOCATIONS_PATH, body, **client.org_params), _exists, "there is none of that name"
        )
        location_id = answer.get("id") or (self._look(self._patience, _exists).location or {}).get("id")
        if not location_id:
            raise LocationError(
                f"Webex created the location {self._name}, but does not show it yet.",
                "look whether Control Hub shows it, then run again for the rest.",
            )
        return str(location_id)

    def _update(self, location_id: str) -> None:
        client, changes = self._client, self._plan.changes
        path = f"{LOCATIONS_PATH}/{as_segment(location_id)}"
        self._send(
            lambda: client.put(path, changes, **client.org_params),
            lambda sight: sight.plain is not None and not sight.differences(changes),
            "it does not show the change",
        )

    def _enable(self, location_id: str) -> None:
        """Enable the location for calling, with the values that the user gave: none comes from a read."""
        client, properties = self._client, self._plan.wanted.properties
        body = {"id": location_id, "name": self._plan.after["name"], **{key: properties[key] for key in REQUIRED}}
        self._send(
            lambda: client.post(CALLING_PATH, body, **client.org_params),
            lambda sight: sight.calling is not None,
            "calling is not enabled there",
        )

    def _send(self, request: Callable[[], Answer], is_done: Callable[[Sight], bool], undone: str) -> dict[str, Any]:
        """Return what a request was answered; nothing if it ended with an error and was carried out all the same.

        Else the error is raised, with *undone*, what a look showed.
        """
        try:
            return request().data or {}
        except RequestError as error:
            may_be_done = error.unclear or error.was_sent_before
            patience = self._patience if may_be_done else self._patience.at_most(PATIENCE_AFTER_REFUSAL)
            try:
                sight = self._look(patience, is_done)
            except RequestError as unread:
                error.problem += (
                    f" Whether it was done is unknown, since the locations cannot be read: {unread.message}"
                )
                raise error from None
            if is_done(sight):
                return {}
            error.problem += f" The locations were read again, and {undone}."
            raise


def _exists(sight: Sight) -> bool:
    return sight.location is not None
