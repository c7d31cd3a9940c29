# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Voicemail (Cisco's OpenAPI, "Configure Voicemail Settings for a Person", "Modify a person's voicemail passcode").

The PUT must have ``notifications`` and ``transferToNumber``; whatever else does not change is not sent. The passcode has a
PUT of its own, and no read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._errors import OptionError
from ..._ids import as_segment
from .base import Flat, Json, Setting, Subject
from .values import address, boolean, choice_of, mapping_of, rings

OPTION, PASSCODE, UPDATE = "voicemail", "voicemail_passcode", "voicemail_passcode_update"
ENABLED = f"{OPTION}.enabled"
ON_ENABLE, ALWAYS = "on_enable", "always"
_PASSCODE_PATH = "/telephony/config/people/{id}/voicemail/passcode"
_LENGTHS = range(6, 31)
_FIELDS = {
    "enabled": "enabled",
    "all_calls": "sendAllCalls.enabled",
    "busy_calls": "sendBusyCalls.enabled",
    "unanswered_calls": "sendUnansweredCalls.enabled",
    "rings": "sendUnansweredCalls.numberOfRings",
    "email_copy": "emailCopyOfMessage.enabled",
    "email_copy_to": "emailCopyOfMessage.emailId",
    "notification": "notifications.enabled",
    "notification_to": "notifications.destination",
}
_CHECKS = dict.fromkeys(_FIELDS, boolean) | {
    "rings": rings,
    "email_copy_to": address,
    "notification_to": address,
}


@dataclass(frozen=True)
class Passcode:
    """A passcode that is to be set: each time, or only together with voicemail. What is shown of it is no secret."""

    value: str = field(repr=False)
    always: bool = False

    def __str__(self) -> str:
        return "(new)"


def passcode(option: str, value: Any) -> str:
    """Return a passcode: from 6 to 30 characters (Cisco's OpenAPI). No message says what it is."""
    code = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if len(code) not in _LENGTHS:
        raise OptionError(
            option, "does not have from 6 to 30 characters.", "write it in quotes, since YAML takes zeros from numbers."
        )
    return code


class Voicemail(Setting):
    """Voicemail, and the passcode that opens it."""

    def flat(self, options: Mapping[str, Any]) -> Flat:
        """Return what is wanted; the passcode is an object that does not show it."""
        flat = super().flat({name: value for name, value in options.items() if name == OPTION})
        if options.get(PASSCODE):
            flat[PASSCODE] = Passcode(options[PASSCODE], options.get(UPDATE) == ALWAYS)
        return flat

    def differences(self, wanted: Flat, data: Json) -> Flat:
        """Return what Webex does not show; the passcode if voicemail is switched on, or if it is to be set each time."""
        changes = super().differences(wanted, data)
        code = changes.get(PASSCODE)
        if code and not code.always and changes.get(ENABLED) is not True:
            del changes[PASSCODE]
        return changes

    def write(self, subject: Subject, changes: Flat, data: Json) -> None:
        """Write the passcode, then the rest: a run that ends in between finds voicemail off, and does both again."""
        rest = dict(changes)
        code: Passcode | None = rest.pop(PASSCODE, None)
        if code:
            client = subject.client
            client.scrub.add([code.value])
            path = _PASSCODE_PATH.format(id=as_segment(subject.person_id))
            client.put(path, {"passcode": code.value}, **client.org_params)
        if rest:
            super().write(subject, rest, data)

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT of everything but the passcode."""
        return super().body(subject, {key: value for key, value in changes.items() if key != PASSCODE}, data)


SETTING = Voicemail(
    OPTION,
    "/people/{id}/features/voicemail",
    {OPTION: mapping_of(_CHECKS), PASSCODE: passcode, UPDATE: choice_of((ON_ENABLE, ALWAYS))},
    {f"{OPTION}.{name}": field_ for name, field_ in _FIELDS.items()},
    required=tuple(
        f"{part}.{field_}" for part in ("notifications", "transferToNumber") for field_ in ("enabled", "destination")
    ),
    unseen=frozenset({PASSCODE}),
)
