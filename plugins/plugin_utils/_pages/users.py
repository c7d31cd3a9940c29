# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the users of a list: how each of them ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._calling.settings.table import OPTIONS, SECRETS
from ...module_utils._time import from_iso
from . import render

# The outcomes of ``calling_users`` in the words of a report.
OUTCOME_WORDS = {
    "enabled": "enabled",
    "changed": "changed",
    "ok": "unchanged",
    "skipped": "skipped",
    "failed": "failed",
}
# Their levels and signs, the worst first.
_LEVELS = {
    "failed": ("broken", "✕"),
    "skipped": ("warning", "!"),
    "enabled": ("healthy", "✓"),
    "changed": ("healthy", "✓"),
    "ok": ("calm", "="),
}
_SIGNS = dict(_LEVELS.values())
_ACTIONS = {"disable": "calling taken away", "move": "moved"}
# What a person has; what is only asked for, and how, is left out.
SETTINGS = tuple(name for name in OPTIONS if name not in (*SECRETS, "remove_numbers", "voicemail_passcode_update"))
# A list that is longer can be folded.
LONG = 50


def users_page(report: Mapping[str, Any]) -> str:
    """Return the page for what ``make_report`` returns."""
    counts, rows = report["counts"], report["users"]
    level, sentence = _overall(counts, rows)
    changed = [row for row in rows if row["outcome"] in ("enabled", "changed")]
    unchanged = [row for row in rows if row["outcome"] == "ok"]
    return render(
        "users.html.j2",
        sign=_SIGNS[level],
        level=level,
        sentence=sentence,
        total=len(rows),
        time=from_iso(report["time"]),
        counts=[
            {"number": counts[outcome], "word": OUTCOME_WORDS[outcome], "level": level_of_it, "sign": sign}
            for outcome, (level_of_it, sign) in _LEVELS.items()
            if counts[outcome]
        ],
        notes=report["notes"],
        undone=[_undone(outcome, rows) for outcome in ("failed", "skipped") if counts[outcome]],
        done=[
            {"title": title, "rows": group, "with_outcome": group is changed}
            for title, group in (("Enabled or changed", changed), ("Unchanged", unchanged))
            if group
        ],
        long=LONG,
        wish=_wish,
        deed=_deed,
        settings=_settings,
    )


def _overall(counts: Mapping[str, int], rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return how it is on the whole: a level and a sentence."""
    total = f"{len(rows)} user{'' if len(rows) == 1 else 's'}"
    unseen = sum(row["verified"] is False for row in rows)
    if counts["failed"]:
        return "broken", f"{counts['failed']} of {total} failed."
    if counts["skipped"]:
        return "warning", f"{counts['skipped']} of {total} {'was' if counts['skipped'] == 1 else 'were'} skipped."
    if unseen:
        of_whom = f"{unseen} user{'' if unseen == 1 else 's'}"
        return "warning", f"Webex does not show the changes of {of_whom} yet; look again later."
    if not rows:
        return "healthy", "Nobody is on the list."
    return "healthy", "The user is as the list says." if len(rows) == 1 else f"All {total} are as the list says."


def _undone(outcome: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return those who failed, or who were skipped, by the reason: often many have the same."""
    undone = [row for row in rows if row["outcome"] == outcome]
    by_reason: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in undone:
        by_reason.setdefault((row["reason"] or "No reason is known.", row["remedy"]), []).append(row)
    reasons = [{"problem": problem, "remedy": remedy, "rows": rows} for (problem, remedy), rows in by_reason.items()]
    level, sign = _LEVELS[outcome]
    return {"title": outcome.title(), "number": len(undone), "level": level, "sign": sign, "reasons": reasons}


def _wish(row: Mapping[str, Any]) -> str:
    """Return what was asked for, for a user who did not get it."""
    if row["state"] == "absent":
        return "without calling"
    wanted = [row[name] for name in ("license", "location", "extension", "phone_number") if row[name]]
    return ", ".join([*wanted, *(["without phone number"] if row["remove_phone_number"] else [])])


def _settings(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the user has of the settings that were asked for: the name of each, and its value in words."""
    return [(_plain(name), _words(row[name])) for name in SETTINGS if row.get(name) not in (None, [], {})]


def _words(value: Any) -> str:
    """Return the value of a setting in words: ``email copy yes; rings 4``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{_plain(key)} {_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    return _plain(value) if value == "direct_line" else str(value)


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")


def _deed(row: Mapping[str, Any]) -> str:
    """Return what was done for a user."""
    words = _ACTIONS.get(row["action"], OUTCOME_WORDS[row["outcome"]])
    return f"{words}, not seen yet" if row["verified"] is False else words
