# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a list, before anything is written: what there is, and what is to be written."""

from __future__ import annotations

from collections.abc import Sequence

from .._client import WebexClient
from .._parallel import run_parallel
from .planned_user import PlannedUser
from .settings.base import Subject
from .settings.person import foretell_all, preview_all
from .settings.table import named

# A setting is read, written and read back.
REQUESTS = 3


def preview_settings(client: WebexClient, users: Sequence[PlannedUser], workers: int) -> None:
    """Note of each of *users* how the settings stand that are wanted, and which are due.

    Webex has no call that reads a setting of many people, so each costs one request for each user. Those of users who
    get another license, location or number are read when that is done. Raises what hits everybody.
    """
    wanted = [user for user in users if user.wanted.settings and user.wanted.state == "present"]
    for user in wanted:
        if user.plan.changes:
            user.due = tuple(named(user.wanted.settings or {}))
            user.settings = foretell_all(user.due, user.wanted.settings or {})
    run_parallel(workers, lambda user: _preview(client, user), [user for user in wanted if not user.plan.changes])


def _preview(client: WebexClient, user: PlannedUser) -> None:
    options = user.wanted.settings or {}
    settings = named(options)
    result = user.settings = preview_all(settings, subject_of(client, user), options)
    if result.stop:
        raise result.stop
    tried = zip(settings, result.outcomes, strict=True)
    user.due = tuple(setting for setting, outcome in tried if outcome.changes or outcome.error)


def subject_of(client: WebexClient, user: PlannedUser) -> Subject:
    """Return the person as the plan leads to."""
    person = {**user.plan.person, "locationId": user.plan.after.location_id}
    return Subject(client, person, user.who, is_new=user.plan.changes_license)


def settings_requests(user: PlannedUser) -> int:
    """Return how many requests the settings that are due take."""
    return REQUESTS * len(user.due)
