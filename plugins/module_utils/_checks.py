# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token, an id and a lifetime look like, wherever they come from: checked before they are sent or kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

# Those of Webex have some hundred characters. A longer one fits neither into a header nor into the room that is reserved.
LONGEST_TEXT = 4096
# The longest that a token of Webex is documented to be valid, but for those of bots, is 90 days.
LONGEST_LIFETIME = timedelta(days=3650)
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_TEMPLATE = re.compile(r"\{[{%#]")


def flaw_of(value: Any) -> str | None:
    """Return why *value* cannot be a token, an id or a scope, without quoting it; None if it can.

    These are texts of visible ASCII (RFC 6749, appendix A). A text that Ansible would take for a template is none: from
    a file of variables, it would run commands on the controller.
    """
    if not isinstance(value, str) or not value:
        return "is missing or not text"
    if not _VISIBLE.fullmatch(value):
        return "has blanks, line breaks or characters beyond ASCII in it"
    return "has the beginning of a template in it" if _TEMPLATE.search(value) else None


def flaw_on_arrival(value: Any) -> str | None:
    """Return what ``flaw_of`` returns; a *value* that has just come from a server must not be huge either."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"has more than {LONGEST_TEXT} characters"
    return flaw_of(value)


def lifetime(seconds: Any) -> timedelta | None:
    """Return the lifetime that an answer gives in *seconds*, a number or digits; None if it is of no use.

    Of no use is what is not above zero, or longer than LONGEST_LIFETIME: such a token would never be renewed.
    """
    if isinstance(seconds, str) and re.fullmatch(r"[0-9]{1,12}", seconds):
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    if not 0 < seconds <= LONGEST_LIFETIME.total_seconds():
        return None
    return timedelta(seconds=int(seconds))
