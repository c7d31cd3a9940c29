# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All settings that are wanted of one person, one after the other; one that fails does not keep the others from being tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._client import WebexClient
from ..._errors import WebexError, with_more
from ..._patience import Patience
from ..._people import check_address, find_person
from ..model import CallingError
from . import numbers
from .apply import Outcome, apply, preview, public
from .base import Json, Setting, Subject
from .table import as_options


@dataclass(frozen=True)
class PersonSettings:
    """How the settings of a person stand: an outcome for each that was tried, and the names of those that were not."""

    outcomes: tuple[Outcome, ...] = ()
    not_tried: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether anything was, or would be, changed."""
        return any(outcome.is_changed for outcome in self.outcomes)

    @property
    def changed(self) -> list[str]:
        """The names of the settings that were, or would be, changed."""
        return [outcome.name for outcome in self.outcomes if outcome.is_changed]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        return tuple(note for outcome in self.outcomes for note in outcome.notes)

    @property
    def stop(self) -> WebexError | None:
        """An error that every further request would meet, too."""
        errors = (outcome.error for outcome in self.outcomes if outcome.error and outcome.error.hits_everybody)
        return next(errors, None)

    @property
    def error(self) -> WebexError | None:
        """One error for all settings that are not as wanted, which says what is done; None if all is as wanted."""
        failed = [outcome for outcome in self.outcomes if outcome.error]
        if not failed or failed[0].error is None:
            return None
        done = ", ".join(outcome.name for outcome in self.outcomes if not outcome.error)
        not_done = ", ".join([*(outcome.name for outcome in failed), *self.not_tried])
        more = "".join(f" {outcome.name}: {outcome.error}" for outcome in failed[1:])
        if len(self.outcomes) + len(self.not_tried) > 1:
            more += f" Settings as wanted: {done or 'none'}; not: {not_done}."
        error = with_more(failed[0].error, more)
        error.problem = f"{failed[0].name}: {error.problem}"
        return error

    def shown(self) -> Json:
        """Return what Webex shows now, as options; of settings that failed, what was seen before."""
        seen = (outcome.before if outcome.after is None else outcome.after for outcome in self.outcomes)
        flat = {key: value for part in seen for key, value in part.items()}
        # Nobody has a list of no numbers in the flat form.
        empty: Json = {numbers.OPTION: []} if any(outcome.name == numbers.OPTION for outcome in self.outcomes) else {}
        return empty | as_options({key: value for key, value in flat.items() if value is not None})

    def difference(self) -> tuple[Json, Json]:
        """Return what changes, as options: before and after."""
        before: Json = {}
        after: Json = {}
        for outcome in self.outcomes:
            old, new = outcome.difference()
            before |= old
            after |= new
        return before, after


def find_subject(client: WebexClient, *, email: str | None = None, person_id: str | None = None) -> Subject:
    """Return the person whose settings are meant.

    Raises OptionError for what is no address, CallingError if there is no such person, or if they have no calling.
    """
    if email:
        check_address("email", email)
    who = email or person_id
    person = find_person(client, email=email, person_id=person_id)
    if person is None:
        raise CallingError(
            f"There is no person {who} in this organization.", "correct the address or id, or create the person first."
        )
    if not person.get("locationId"):
        raise CallingError(
            f"{who} has no Webex Calling, so there are no settings.",
            "enable the person with `collabops.webex.calling_user`; right after that, wait until Webex shows it.",
        )
    return Subject(client, person, str(who))


def foretell_all(settings: Sequence[Setting], options: Mapping[str, Any]) -> PersonSettings:
    """Return what is wanted of somebody whose settings cannot be read yet: everything is to be written."""
    flats = [setting.flat(options) for setting in settings]
    return PersonSettings(
        tuple(
            Outcome(setting.name, {}, public(flat), public(flat)) for setting, flat in zip(settings, flats, strict=True)
        )
    )


def preview_all(settings: Sequence[Setting], subject: Subject, options: Mapping[str, Any]) -> PersonSettings:
    """Return what apply_all() would bring about. Nothing is written."""
    return _each(settings, lambda setting: preview(setting, subject, options))


def apply_all(
    settings: Sequence[Setting], subject: Subject, options: Mapping[str, Any], patience: Patience
) -> PersonSettings:
    """Bring *settings* about as *options*, in their plain form, say; errors are in what is returned."""
    return _each(settings, lambda setting: apply(setting, subject, options, patience))


def _each(settings: Sequence[Setting], work: Any) -> PersonSettings:
    outcomes: list[Outcome] = []
    for number, setting in enumerate(settings, start=1):
        outcomes.append(work(setting))
        if outcomes[-1].error and outcomes[-1].error.hits_everybody:
            return PersonSettings(tuple(outcomes), tuple(left.name for left in settings[number:]))
    return PersonSettings(tuple(outcomes))
