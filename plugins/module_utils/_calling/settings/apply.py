# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out what is wanted of one person's settings: read, compare, write what differs, and read back.

Webex answers 204 also if it drops what was sent (live), so only what a read shows counts. A PUT may arrive twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._errors import Refused, RequestError, WebexError, with_more
from ..._patience import Patience
from ..model import CallingError
from . import emergency_callback
from .base import Flat, Json, Setting, Subject
from .table import as_options

# How often a setting is written at most, if it is unclear how the first time ended.
ATTEMPTS = 2


@dataclass(frozen=True)
class Outcome:
    """How one setting of one person stands: what Webex showed before and shows now, and what was, or would be, changed.

    ``after`` is None if it is unknown; ``error`` says why it is not as wanted, ``notes`` what the user should know.
    """

    name: str
    before: Flat = field(default_factory=dict)
    after: Flat | None = None
    changes: Flat = field(default_factory=dict)
    error: WebexError | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether something was, or would be, changed, be it not all that is wanted."""
        return bool(self.changes)

    def difference(self) -> tuple[Json, Json]:
        """Return what changes as options: before and after."""
        before, after = ({key: seen.get(key) for key in self.changes} for seen in (self.before, self.after or {}))
        return as_options(before), as_options(after)


def preview(setting: Setting, subject: Subject, options: Mapping[str, Any]) -> Outcome:
    """Return what apply() would bring about, by the same code. Nothing is written."""
    try:
        data = setting.read(subject)
        changes = setting.differences(setting.flat(options), data)
        if changes:
            setting.body(subject, changes, data)
    except WebexError as error:
        return Outcome(setting.name, error=_explained(setting, error))
    seen = setting.shown(data)
    after = {**seen, **public(changes)}
    return Outcome(setting.name, seen, after, public(changes), notes=() if changes else _notes_on(setting, data))


def apply(setting: Setting, subject: Subject, options: Mapping[str, Any], patience: Patience) -> Outcome:
    """Bring a setting about, and look within *patience* until Webex shows it. Errors are in what is returned."""
    before: Flat = {}
    try:
        data = _read(setting, subject, patience)
        before = setting.shown(data)
        changes = setting.differences(setting.flat(options), data)
        if not changes:
            return Outcome(setting.name, before, before, notes=_notes_on(setting, data))
        data, left, error = _write(setting, subject, changes, data, patience)
    except WebexError as unwritten:
        return Outcome(setting.name, before, error=_explained(setting, unwritten))
    after, notes = setting.shown(data), _notes_on(setting, data)
    if setting.is_alone(changes):
        notes += _side_effects(before, after, changes)
    done = public({key: value for key, value in changes.items() if key not in left})
    unseen = {key: value for key, value in done.items() if key in setting.unseen}
    return Outcome(setting.name, before, {**after, **unseen}, done, _explained(setting, error), notes)


def _read(setting: Setting, subject: Subject, patience: Patience) -> Json:
    """Return what Webex shows. A person who got calling a moment ago may have no settings yet: 404 is waited for."""
    for _look in patience.looks() if subject.is_new else range(1):
        try:
            return setting.read(subject)
        except Refused as error:
            if error.status != 404:
                raise
            unknown = error
    raise unknown


def _write(
    setting: Setting, subject: Subject, changes: Flat, data: Json, patience: Patience
) -> tuple[Json, Flat, WebexError | None]:
    """Write *changes*; return what Webex shows then, which of them it does not show, and the error if there are any.

    Raises WebexError if it was not written, or if that is unknown.
    """
    left, error = changes, None
    for _attempt in range(ATTEMPTS):
        error = None
        try:
            setting.write(subject, left, data)
        except RequestError as caught:
            error = caught
        if error and error.hits_everybody:
            raise error
        data, left = _look(setting, subject, left, error, patience)
        if error is None or not error.unclear or not left:
            break
    if not left:
        return data, left, None
    if error:
        more = f" The setting was read again, and does not show the wanted {', '.join(left)}."
        return data, left, with_more(error, more)
    return data, left, _not_kept(left, setting.shown(data))


def _look(
    setting: Setting, subject: Subject, changes: Flat, error: RequestError | None, patience: Patience
) -> tuple[Json, Flat]:
    """Return what Webex shows, and what of *changes* it does not, within *patience*; after a refusal, look once."""
    may_show = error is None or error.unclear or error.was_sent_before
    # What no read shows was done if Webex says so.
    unseen = frozenset() if error else setting.unseen

    def read() -> tuple[Json, Flat]:
        data = setting.read(subject)
        left = setting.differences(changes, data)
        return data, {key: value for key, value in left.items() if key not in unseen}

    try:
        return (patience if may_show else patience.at_most(0)).look(read, lambda seen: not seen[1])
    except RequestError as unread:
        outcome = error or CallingError("Webex answered that it is done.")
        raise with_more(
            outcome, f" Whether it was done is unknown, since it cannot be read: {unread.message}"
        ) from None


def _not_kept(left: Flat, seen: Flat) -> CallingError:
    parts = ", ".join(f"{key} (wanted {value}, shown {seen.get(key)})" for key, value in left.items())
    return CallingError(
        f"Webex answered that it is done, but does not show {parts}.",
        "look at it in Control Hub: Webex drops what it does not accept without a word, or shows it late. Then run again.",
    )


def _explained(setting: Setting, error: WebexError | None) -> WebexError | None:
    """Return *error*; a 403 with both of its causes: Control Hub can lock a feature for the API (live)."""
    if isinstance(error, Refused) and error.status == 403:
        longer = with_more(error, f" Control Hub may have locked {setting.name} for the API.")
        longer.remedy = (
            f"if the token has the scopes for it, {setting.name} is locked: change that in Control Hub, or leave it out. "
            f"Else {error.remedy}"
        )
        return longer
    return error


def _notes_on(setting: Setting, data: Json) -> tuple[str, ...]:
    if isinstance(setting, emergency_callback.EmergencyCallback) and emergency_callback.is_lacking(data):
        return (emergency_callback.LACKING,)
    return ()


def _side_effects(before: Flat, after: Flat, changes: Flat) -> tuple[str, ...]:
    """Return a note for each option that Webex changed though nobody asked for it."""
    keys = [key for key in before if key not in changes and before[key] != after.get(key)]
    return tuple(f"Webex changed {key} as well: it was {before[key]}, and is {after.get(key)}" for key in keys)


def public(changes: Flat) -> Flat:
    """Return *changes* without secrets: these have a text of their own."""
    return {key: value if isinstance(value, (str, int, bool)) else str(value) for key, value in changes.items()}
