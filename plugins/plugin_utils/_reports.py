# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on the users of a list: how each of them ended, as CSV, JSON and HTML. It holds no secret.

The CSV and JSON files can be given as a list again, to retry those who failed or were skipped.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..module_utils._calling.model import Wanted
from ..module_utils._calling.settings.table import OPTIONS as ALL_SETTINGS
from ..module_utils._calling.settings.table import SECRETS
from ..module_utils._calling.wish import OWN_OPTIONS
from ..module_utils._time import to_iso
from ..module_utils._user_list.formulas import guarded
from ._pages import visible
from ._pages.users import OUTCOME_WORDS, users_page
from ._report_files import ReportFile, check_path, check_writable, make_folder, on_controller, write_files

OPTION = "report_dir"
FORMATS = ("csv", "json", "html")
OPTIONS = OWN_OPTIONS
# Only those are in a report that a user of it has.
SETTINGS = ("profile", *(option for option in ALL_SETTINGS if option not in SECRETS))
ENDS = ("outcome", "action", "verified", "reason", "remedy", "error_codes", "tracking_id", "notes")
COLUMNS = (*OPTIONS, *ENDS)
# In this order, the first first: those who need a look.
_RANKS = {"failed": 0, "skipped": 1, "enabled": 2, "changed": 2, "ok": 3}
_DONE = ("enabled", "changed")
# Of so many users, set_stats gets the addresses.
MOST_NAMED = 100
NO_RESULT: dict[str, Any] = {
    "outcome": "skipped",
    "reason": "Nothing is known of this user: the run ended before.",
    "remedy": "run again.",
}


def make_report(
    users: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    *,
    notes: Sequence[str] = (),
    changes: Mapping[str, Sequence[str]] | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Return the report at *now*: ``time``, ``counts``, ``words``, ``notes`` and ``users``, those who failed first.

    *users* are the options of each user, *results* what the module ``calling_users`` returned as ``users``; the last
    one of a user counts. *notes* are about the list. *changes* say of a user, by address or else id, what was written
    otherwise in it. A row of ``users`` has COLUMNS and ``user``, and those of SETTINGS that are asked for. Its options are those that the user has now or, of a
    user who failed or was skipped, those that were asked for.
    """
    by_user = {str(result["user"]): result for result in results}
    rows = []
    for user in users:
        who = Wanted(email=user.get("email"), person_id=user.get("person_id")).who
        rows.append(_row(who, user, by_user.get(who), (changes or {}).get(who, ())))
    rows.sort(key=lambda row: _RANKS[row["outcome"]])
    counts = Counter(row["outcome"] for row in rows)
    words = ", ".join(f"{counts[outcome]} {word}" for outcome, word in OUTCOME_WORDS.items() if counts[outcome])
    return {
        "time": to_iso(now),
        "counts": {outcome: counts[outcome] for outcome in OUTCOME_WORDS},
        "words": words or "nobody",
        "notes": list(notes),
        "users": rows,
    }


def summary_stats(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a report what ``set_stats`` gets: the counts, and who failed or was skipped, a hundred at most."""

    def named(outcome: str) -> dict[str, Any]:
        who = [row["user"] for row in report["users"] if row["outcome"] == outcome]
        return {outcome: who[:MOST_NAMED], f"{outcome}_more": max(len(who) - MOST_NAMED, 0)}

    return {
        **{name: report[name] for name in ("time", "counts", "words")},
        "total": len(report["users"]),
        **named("failed"),
        **named("skipped"),
    }


def check_folder(folder: str) -> None:
    """Prove that the reports can be written into *folder*, which is made. Raises OptionError if they cannot."""
    make_folder(OPTION, on_controller(folder))
    for path in _paths(folder).values():
        check_path(OPTION, path)
    check_writable(OPTION, on_controller(folder))


def write_reports(folder: str, report: Mapping[str, Any]) -> dict[str, str]:
    """Write the report into *folder*, which is made; return the paths by format. Raises OptionError.

    Only the owner can read the files. Each is replaced as a whole, and not touched if it would be the same.
    """
    make_folder(OPTION, on_controller(folder))
    paths = _paths(folder)
    texts = {"csv": as_csv(report), "json": as_json(report), "html": users_page(report)}
    write_files([ReportFile(OPTION, paths[name], texts[name], 0o600) for name in FORMATS])
    return paths


def as_csv(report: Mapping[str, Any]) -> str:
    """Return the users of a report as CSV (RFC 4180), with the byte order mark that Excel needs for UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    used = [name for name in SETTINGS if any(name in row for row in report["users"])]
    columns = (*OPTIONS, *used, *ENDS)
    writer.writerow(columns)
    writer.writerows([_cell_of(name, row.get(name)) for name in columns] for row in report["users"])
    return f"\ufeff{text.getvalue()}"


def as_json(report: Mapping[str, Any]) -> str:
    """Return a report as JSON."""
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _paths(folder: str) -> dict[str, str]:
    return {name: os.path.join(on_controller(folder), f"calling_users.{name}") for name in FORMATS}


def _row(who: str, user: Mapping[str, Any], result: Mapping[str, Any] | None, changes: Sequence[str]) -> dict[str, Any]:
    """Return how one user ended; of some, a result has no more than the outcome."""
    result = result or NO_RESULT
    outcome = str(result["outcome"])
    options = {name: user.get(name) for name in OPTIONS}
    options["state"] = options["state"] or "present"
    options["remove_phone_number"] = bool(options["remove_phone_number"])
    if outcome in (*_DONE, "ok"):
        options |= {name: result[name] for name in OPTIONS if name in result}
        options["person_id"] = options["person_id"] or user.get("person_id")
    settings = {name: user[name] for name in SETTINGS if user.get(name) not in (None, "", [], {})}
    if outcome in (*_DONE, "ok"):
        settings |= result.get("settings") or {}
    return {
        "user": who,
        **options,
        **settings,
        "outcome": outcome,
        "action": result.get("action") or "none",
        "verified": result.get("verified") if outcome in _DONE else None,
        "reason": result.get("reason"),
        "remedy": result.get("remedy"),
        "error_codes": list(result.get("error_codes") or ()),
        "tracking_id": result.get("tracking_id"),
        "notes": [*changes, *(["was created"] if result.get("created") else []), *(result.get("notes") or ())],
    }


def _cell_of(name: str, value: Any) -> str:
    """Return a value as a cell; settings with more than one value as JSON, as a list is read."""
    is_json = name in SETTINGS and isinstance(value, (dict, list))
    return _cell(json.dumps(value, ensure_ascii=False) if is_json else value)


def _cell(value: Any) -> str:
    """Return a value as a cell. One that a spreadsheet would compute gets an apostrophe; a phone number needs none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = visible("; ".join(map(str, value)) if isinstance(value, list) else str(value))
    return guarded(text)
