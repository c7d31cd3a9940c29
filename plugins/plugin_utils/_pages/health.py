# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the health of tokens."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from ...module_utils._health import BROKEN, HEALTHY, LEVELS, WARNING, count, when, worst
from ...module_utils._scopes import GRANTED, MISSING, UNVERIFIED
from ...module_utils._time import from_iso
from . import render, script

# A page with more apps than this is not read from top to bottom: it can be searched, filtered and sorted.
MANY = 20
DAY = 86_400.0
# Where "now" is on a time line, in percent; to the left is the past. The scale is logarithmic: what is near is wide.
NOW = 12.0
TICKS = (
    (1, "1 day", "1 d"),
    (7, "1 week", "1 w"),
    (14, "2 weeks", "2 w"),
    (30, "30 days", "30 d"),
    (90, "90 days", "90 d"),
)
TOKENS = (
    ("expires_at", "access_token", "Access token"),
    ("refresh_token_expires_at", "refresh_token", "Refresh token"),
)
SIGNS = {HEALTHY: "✓", WARNING: "!", BROKEN: "✕", GRANTED: "✓", MISSING: "✕", UNVERIFIED: "?"}
# The level of a scope's verdict, the best first.
VERDICTS = {GRANTED: HEALTHY, UNVERIFIED: WARNING, MISSING: BROKEN}
SUMMARIES = {
    HEALTHY: "All tokens are healthy.",
    WARNING: "Nothing is broken yet, but something needs a look.",
    BROKEN: "Something is broken.",
}
# How long something lasts yet, or is over, in the message of a finding.
_SPAN = re.compile(r"\b\d+ (?:d|h|min)(?: \d+ (?:h|min))?\b|less than a minute")


def health_page(found: Mapping[str, Any]) -> str:
    """Return the page for a report of ``token_health``."""
    apps = [_view(number, app, found["checked_at"]) for number, app in enumerate(found["apps"], start=1)]
    tools, tools_source = script("tools.js.j2") if len(apps) > MANY else (None, None)
    return render(
        "health.html.j2",
        tools=tools,
        tools_source=tools_source,
        fingerprint=fingerprint(found),
        status=found["status"],
        summary=SUMMARIES[found["status"]] if apps else "No app is on the list.",
        checked_at=from_iso(found["checked_at"]),
        counts=[
            {"level": level, "apps": [view for view in apps if view["app"]["status"] == level]}
            for level in reversed(LEVELS)
        ],
        apps=apps,
        signs=SIGNS,
        levels=VERDICTS,
    )


def fingerprint(found: Mapping[str, Any]) -> str:
    """Return a hash of what a report of ``token_health`` says, apart from what time alone changes.

    That is when it was looked at, how long something lasts from then, and which turn of a schedule is the next one.
    """
    apps = [
        {
            **{name: value for name, value in app.items() if name != "next_refresh"},
            "findings": [{**finding, "message": _SPAN.sub("", finding["message"])} for finding in app["findings"]],
        }
        for app in found["apps"]
    ]
    facts = json.dumps({"status": found["status"], "apps": apps}, sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()


def fingerprint_in_page(text: str) -> str | None:
    """Return the fingerprint of the report that a page shows; None if it is no page about the health of tokens."""
    match = re.search(r'<meta name="fingerprint" content="([0-9a-f]{64})">', text)
    return match[1] if match else None


def _view(number: int, app: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Return what the page shows of an app."""
    is_known = app["obtained_at"] is not None
    return {
        "number": number,
        "app": app,
        "place": " at ".join(str(app["store"][name]) for name in ("path", "url") if app["store"].get(name)),
        "line": _time_line(app, now) if is_known else None,
        "scopes": {
            "verdicts": sorted(app["scopes"], key=lambda scope: -list(VERDICTS).index(scope["verdict"])),
            "summary": count(dict(app)),
            "is_open": any(scope["verdict"] != GRANTED for scope in app["scopes"]),
        },
    }


def _time_line(app: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Return a row for each moment: its words, and where its marks are, in percent."""
    moments = [_days(app[name], now) or 0 for name in ("expires_at", "refresh_token_expires_at", "next_refresh")]
    farthest = max(90.0, *moments)

    def place(days: float) -> float:
        """Return where a point in time is on the line, in percent."""
        share = math.log1p(abs(days)) / math.log1p(farthest)
        return round(NOW + (100 - NOW) * share if days >= 0 else max(NOW - NOW * share, 0.5), 2)

    next_days = _days(app["next_refresh"], now)
    due = None if next_days is None else place(next_days)
    next_refresh = {
        "title": "Next refresh",
        "words": when(app["next_refresh"], now) if app["next_refresh"] else "not known to be scheduled",
        "moment": from_iso(app["next_refresh"]),
        "level": "",
        "left": due,
        "stripe": None,
        "is_next": True,
    }
    return {
        "now": NOW,
        "due": due,
        "ticks": [{"left": place(days), "full": full, "brief": brief} for days, full, brief in TICKS],
        "rows": [*(_token(app, now, place, *token) for token in TOKENS), next_refresh],
    }


def _token(
    app: Mapping[str, Any], now: str, place: Callable[[float], float], name: str, about: str, title: str
) -> dict[str, Any]:
    """Return the row of a token, whose end is the moment *name* of the app."""
    days = _days(app[name], now)
    row = {
        "title": title,
        "words": "end unknown",
        "moment": from_iso(app[name]),
        "level": worst(finding for finding in app["findings"] if finding["about"] == about),
        "left": None,
        "stripe": None,
        "is_next": False,
    }
    if days is None:
        return row
    is_refused = name == "expires_at" and app["valid"] is False and days > 0
    verb = "refused; was to end" if is_refused else "ends" if days > 0 else "ended"
    left, right = sorted((NOW, place(days)))
    stripe = {"left": left, "width": round(right - left, 2)}
    return {**row, "words": f"{verb} {when(app[name], now)}", "left": place(days), "stripe": stripe}


def _days(moment: str | None, now: str) -> float | None:
    then, present = from_iso(moment), from_iso(now)
    return (then - present).total_seconds() / DAY if then and present else None
