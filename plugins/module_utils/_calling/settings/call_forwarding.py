# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call forwarding (Cisco's OpenAPI, "Configure Call Forwarding Settings for a Person").

A PUT can have any of the four kinds; ``always`` must say whether it is enabled. The kinds that do not change are not sent.
"""

from __future__ import annotations

from typing import Any

from ..model import digits
from .base import Flat, Json, Setting, Subject, dig, nested
from .values import destination, mapping_of, rings, same_line

OPTION = "call_forwarding"
OFF = "off"
RINGS = f"{OPTION}.rings"
_KINDS = {
    f"{OPTION}.always": "callForwarding.always",
    f"{OPTION}.busy": "callForwarding.busy",
    f"{OPTION}.no_answer": "callForwarding.noAnswer",
    f"{OPTION}.business_continuity": "businessContinuity",
}


class CallForwarding(Setting):
    """Where calls go: always, if the line is busy, if nobody answers, if the telephone cannot be reached; or ``off``."""

    def shown(self, data: Json) -> Flat:
        """Return the destination of each kind that is enabled, and ``off`` for the others."""
        seen = super().shown(data)
        for option, field in _KINDS.items():
            kind = dig(data, field) or {}
            seen[option] = kind.get("destination") if kind.get("enabled") else OFF
        return seen

    def is_same(self, option: str, wanted: Any, seen: Any) -> bool:
        """Tell whether it is the same destination; of numbers, whether they are the same line."""
        if option in _KINDS and OFF not in (wanted, seen) and digits(str(wanted)) and "@" not in str(wanted):
            return same_line(wanted, seen)
        return bool(wanted == seen)

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT with the kinds that change."""
        fields: Flat = {}
        for option, value in changes.items():
            if option == RINGS:
                fields[self.fields[RINGS]] = value
                continue
            fields[f"{_KINDS[option]}.enabled"] = value != OFF
            if value != OFF:
                fields[f"{_KINDS[option]}.destination"] = value
        return nested(fields)


SETTING = CallForwarding(
    OPTION,
    "/people/{id}/features/callForwarding",
    {OPTION: mapping_of({**{option.partition(".")[2]: destination for option in _KINDS}, "rings": rings})},
    {RINGS: "callForwarding.noAnswer.numberOfRings"},
)
