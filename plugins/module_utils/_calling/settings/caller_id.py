# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others see when the person calls (Cisco's OpenAPI, "Configure Caller ID Settings for a Person").

The PUT must have ``selected``; whatever else does not change is not sent.
"""

from __future__ import annotations

from typing import Any

from ..model import CallingError
from .base import Flat, Json, Setting, Subject
from .values import boolean, mapping_of, phone_number, same_line, text, word_or

OPTION = "caller_id"
NUMBER, NAME = f"{OPTION}.number", f"{OPTION}.name"
_NUMBERS = {"direct_line": "DIRECT_LINE", "location": "LOCATION_NUMBER"}
_NAMES = {"direct_line": "DIRECT_LINE", "location": "LOCATION"}


def _word(words: dict[str, str], choice: Any) -> str | None:
    return next((word for word, known in words.items() if known == choice), None)


class CallerId(Setting):
    """The number and the name that are shown, each of the line, of the location, or another one."""

    def shown(self, data: Json) -> Flat:
        """Return which number and name are shown."""
        return {
            **super().shown(data),
            NUMBER: _word(_NUMBERS, data.get("selected")) or data.get("customNumber"),
            NAME: _word(_NAMES, data.get("externalCallerIdNamePolicy")) or data.get("customExternalCallerIdName"),
        }

    def is_same(self, option: str, wanted: Any, seen: Any) -> bool:
        """Tell whether it is the same; of numbers, whether they are the same line."""
        is_number = option == NUMBER and wanted not in _NUMBERS and seen not in _NUMBERS
        return same_line(wanted, seen) if is_number else wanted == seen

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT. Raises CallingError for a number that Webex does not let the person choose (``types``)."""
        body = super().body(subject, {key: changes[key] for key in changes.keys() - {NUMBER, NAME}}, data)
        if NUMBER in changes:
            choice = _NUMBERS.get(changes[NUMBER], "CUSTOM")
            allowed = data.get("types")
            if isinstance(allowed, list) and allowed and choice not in allowed:
                words = ", ".join(_word(_NUMBERS, known) or "another number" for known in allowed)
                raise CallingError(f"Webex does not let this person show {changes[NUMBER]}.", f"choose from: {words}.")
            body["selected"] = choice
        if body.get("selected") == "CUSTOM":
            body["customNumber"] = changes.get(NUMBER, data.get("customNumber"))
        if NAME in changes:
            body["externalCallerIdNamePolicy"] = policy = _NAMES.get(changes[NAME], "OTHER")
            if policy == "OTHER":
                body["customExternalCallerIdName"] = changes[NAME]
        return body


SETTING = CallerId(
    OPTION,
    "/people/{id}/features/callerId",
    {
        OPTION: mapping_of(
            {
                "number": word_or(tuple(_NUMBERS), phone_number),
                "name": word_or(tuple(_NAMES), text),
                "block_in_forwarded_calls": boolean,
            }
        )
    },
    {f"{OPTION}.block_in_forwarded_calls": "blockInForwardCallsEnabled"},
    required=("selected",),
)
