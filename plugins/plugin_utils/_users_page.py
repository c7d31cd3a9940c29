# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each user of a list, as one HTML page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from ..module_utils._calling.list_report import OUTCOME_WORDS
from . import _page

# The order in which outcomes are told: the worst first. Their class, and their sign.
OUTCOMES = {
    "failed": ("broken", "✕"),
    "skipped": ("soon", "!"),
    "enabled": ("healthy", "✓"),
    "changed": ("healthy", "✓"),
    "ok": ("calm", "="),
}
ACTIONS = {"disable": "calling taken away", "move": "moved"}
COLUMNS = {"license": "License", "location": "Location", "extension": "Extension", "phone_number": "Phone number"}
# A list that is longer can be folded.
LONG = 50

STYLE = """
.counts { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
h2 { margin-top: 2rem; }
.calm { --level: var(--soft); }
.findings > li { background: var(--card); border-left: .3rem solid var(--level); break-inside: auto; }
.findings strong { font-weight: 600; }
.findings p { margin-top: .25rem; }
.people { margin-top: .5rem; }
.people li { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; padding: .2rem 0;
  border-top: 1px solid var(--line); }
details { margin-top: .75rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border-radius: .5rem; margin-top: .75rem;
  font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
th { border: 0; color: var(--soft); font-weight: 600; white-space: nowrap; }
td:first-child { min-width: 13rem; }
td:not(:first-child) { overflow-wrap: normal; }
td:last-child { white-space: nowrap; }
.done { color: var(--level); }
@media (max-width: 44rem) {
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .4rem .75rem; border-top: 1px solid var(--line); }
  td { padding: 0; border: 0; }
  td:first-child { flex-basis: 100%; font-weight: 600; }
  td:not(:first-child, .done) { color: var(--soft); }
}
"""


def render(found: Mapping[str, Any], now: datetime) -> str:
    """Return the page for what ``calling_users_report`` found, made at *now* (UTC)."""
    counts = found["counts"]
    total, failed, skipped = sum(counts.values()), counts["failed"], counts["skipped"]
    unseen = sum(not row.get("verified", True) for row in found["changed"])
    level, words = "healthy", f"All {_users(total)} are as the list says."
    if unseen:
        level, words = "soon", f"Webex does not show the changes of {_users(unseen)} yet; look again later."
    if skipped:
        level, words = "soon", f"{skipped} of {_users(total)} were skipped."
    if failed:
        level, words = "broken", f"{failed} of {_users(total)} failed."
    told = "".join(
        f'<li class="{OUTCOMES[outcome][0]}"><b>{OUTCOMES[outcome][1]} {counts[outcome]} {OUTCOME_WORDS[outcome]}</b></li>'
        for outcome in OUTCOMES
        if counts[outcome]
    )
    body = f"""<header>
<h1>Users of Webex Calling</h1>
<p class="soft">{_users(total)} on {_page.date(now)}</p>
<div class="overall {level}"><strong>{words}</strong><ul class="counts">{told}</ul></div>
</header>
{_reasons("Failed", found["failed"])}
{_reasons("Skipped", found["skipped"])}
{_table("Enabled or changed", found["changed"], _outcome)}
{_table("Unchanged", found["unchanged"])}
<footer><small>Made by the role collabops.webex.calling_users.</small></footer>"""
    sign = next(sign for name, sign in OUTCOMES.values() if name == level)
    return _page.page(f"{sign} Webex Calling: {words}", body, STYLE)


def _users(number: int) -> str:
    return f"{number} user{'' if number == 1 else 's'}"


def _reasons(title: str, rows: list[dict[str, Any]]) -> str:
    """Return those with an unhappy end, by its reason: often many have the same."""
    if not rows:
        return ""
    by_reason: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_reason.setdefault(str(row["reason"] or "No reason is known."), []).append(row)
    level, sign = OUTCOMES[rows[0]["outcome"]]
    items = []
    for reason, those in by_reason.items():
        message, remedy = reason.split(" What to do: ", 1) if " What to do: " in reason else (reason, "")
        advice = f"<p>What to do: {_page.marked(remedy)}</p>" if remedy else ""
        people = f'<ul class="people">{"".join(map(_person, those))}</ul>'
        if len(those) > LONG:
            people = f"<details open><summary>{_users(len(those))}</summary>{people}</details>"
        items.append(f'<li class="{level}"><b>{sign}</b> <strong>{_page.marked(message)}</strong>{advice}{people}</li>')
    return f'<h2>{title}: {len(rows)}</h2><ul class="findings">{"".join(items)}</ul>'


def _person(row: Mapping[str, Any]) -> str:
    wanted = ", ".join(str(row[name]) for name in COLUMNS if row[name])
    tracked = row["tracking_id"] and row["tracking_id"] not in str(row["reason"])
    tracking = f" trackingId {escape(str(row['tracking_id']))}" if tracked else ""
    return f'<li>{escape(row["user"])} <span class="soft">{escape(wanted)}{tracking}</span></li>'


def _table(title: str, rows: list[dict[str, Any]], outcome: Callable[[Mapping[str, Any]], str] | None = None) -> str:
    """Return those who are as they should be, a line for each, with their *outcome* where it is not the same for all."""
    if not rows:
        return ""
    heads = ["User", *(["Outcome"] if outcome else []), *COLUMNS.values()]
    head = "".join(f"<th>{head}</th>" for head in heads)
    lines = "".join(
        f"<tr><td>{escape(row['user'])}</td>{outcome(row) if outcome else ''}{_cells(row)}</tr>\n" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{lines}</tbody></table>"
    if len(rows) > LONG:
        table = f"<details><summary>Show them</summary>{table}</details>"
    return f"<h2>{title}: {len(rows)}</h2>{table}"


def _outcome(row: Mapping[str, Any]) -> str:
    words = ACTIONS.get(row["action"], OUTCOME_WORDS[row["outcome"]])
    seen = row.get("verified", True)
    return f'<td class="done {"healthy" if seen else "soon"}">{words}{"" if seen else ", not seen yet"}</td>'


def _cells(row: Mapping[str, Any]) -> str:
    return "".join(f"<td>{escape(str(row[name] or ''))}</td>" for name in COLUMNS)
