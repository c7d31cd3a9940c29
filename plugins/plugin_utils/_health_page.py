# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of ``token_health`` as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from ..module_utils._health import (
    BROKEN,
    HEALTHY,
    LEVELS,
    SOON,
    count,
    when,
    worst,
)
from ..module_utils._scopes import GRANTED, MISSING, UNVERIFIED
from ..module_utils._time import from_iso
from . import _page

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
SIGNS = {HEALTHY: "✓", SOON: "!", BROKEN: "✕", GRANTED: "✓", MISSING: "✕", UNVERIFIED: "?"}
SUMMARIES = {
    HEALTHY: "All tokens are healthy.",
    SOON: "Nothing is broken yet, but something needs a look.",
    BROKEN: "Something is broken.",
}

STYLE = """
h3 { font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; color: var(--soft); margin: 1.5rem 0 .5rem; }
.badge { background: var(--wash); color: var(--level); border-radius: 1rem; padding: .15rem .75rem; font-weight: 600;
  white-space: nowrap; }
.top { display: flex; justify-content: space-between; align-items: start; gap: .5rem 1rem; }
a { color: inherit; text-underline-offset: .2em; }
article { background: var(--card); border: 1px solid var(--line); border-top: .25rem solid var(--level);
  border-radius: .5rem; padding: 1.1rem 1.25rem 1.25rem; margin-top: 1.25rem; }
.row { display: grid; grid-template-columns: 17rem 1fr; gap: 0 1rem; }
.label { padding: .45rem 0; line-height: 1.35; }
.label b { font-weight: 600; }
.track { position: relative; min-height: 2.25rem; background: linear-gradient(var(--faint), var(--faint)) 0 50% / 100%
  .45rem no-repeat; }
.track i { position: absolute; }
.past { left: 0; width: var(--now); top: 0; bottom: 0; opacity: .6;
  background: repeating-linear-gradient(135deg, var(--line) 0 1px, transparent 1px 7px); }
.now { left: var(--now); top: 0; bottom: 0; border-left: 2px solid var(--text); }
.due { top: 0; bottom: 0; border-left: 2px dashed var(--next); }
.bar { top: calc(50% - .225rem); height: .45rem; background: var(--level); }
.end { top: calc(50% - .45rem); width: .9rem; height: .9rem; margin-left: -.45rem; background: var(--level);
  border: 2px solid var(--card); border-radius: 50%; }
.next { background: var(--next); border-radius: 0; transform: rotate(45deg) scale(.85); }
.ticks { position: relative; height: 1.5rem; font-size: .75rem; color: var(--soft); }
.ticks > span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.ticks > span:last-child { transform: translateX(-100%); }
.ticks .at { color: var(--text); font-weight: 600; }
.brief { display: none; }
summary { margin-top: 1.25rem; }
.scopes { margin-top: .5rem; }
.scopes li { display: grid; grid-template-columns: 7rem 5fr 6fr; gap: 0 1rem; padding: .35rem 0;
  border-top: 1px solid var(--line); align-items: baseline; }
.scopes b { color: var(--level); font-weight: 600; }
.none { margin-top: 1.25rem; }
@media (max-width: 44rem) {
  .row { grid-template-columns: 1fr; }
  .label { padding-bottom: 0; }
  .track { min-height: 1.6rem; }
  .full { display: none; }
  .brief { display: inline; }
  .scopes li { grid-template-columns: 1fr; padding: .5rem 0; }
}
"""


def render(found: Mapping[str, Any]) -> str:
    """Return the page for a report of ``token_health``."""
    now = found["checked_at"]
    numbered = list(enumerate(found["apps"], start=1))
    counts = "".join(_count(level, numbered) for level in reversed(LEVELS))
    apps = "".join(_article(number, app, now) for number, app in numbered)
    body = f"""<header>
<h1>Health of the Webex tokens</h1>
<p class="soft">Checked on {_date(now)}. Nothing was refreshed or changed.</p>
<div class="overall {found["status"]}"><strong>{SUMMARIES[found["status"]]}</strong><ul>{counts}</ul></div>
</header>
{apps}
<footer><small>Dates are in UTC. On the time lines, what is near is drawn wider than what is far.
Made by collabops.webex.token_health.</small></footer>"""
    return _page.page(f"{SIGNS[found['status']]} Webex tokens: {found['status']}", body, STYLE)


def _count(level: str, numbered: list[tuple[int, dict[str, Any]]]) -> str:
    links = [f'<a href="#app{n}">{escape(app["name"])}</a>' for n, app in numbered if app["status"] == level]
    names = f": {', '.join(links)}" if links else ""
    return f'<li class="{level}"><b>{SIGNS[level]} {len(links)} {level}</b>{names}</li>'


def _article(number: int, app: dict[str, Any], now: str) -> str:
    places = [app["store"].get(name) for name in ("path", "url") if app["store"].get(name)]
    facts = [f"{escape(str(app['store'].get('kind')))} <code>{escape(' at '.join(map(str, places)))}</code>"]
    if app["org_id"]:
        facts.append(f"organization <code>{escape(app['org_id'])}</code>")
    return f"""<article id="app{number}" class="{app["status"]}" data-app="{escape(app["name"])}" data-status="{app["status"]}">
<div class="top"><h2>{escape(app["name"])}</h2><span class="badge">{SIGNS[app["status"]]} {app["status"]}</span></div>
<p class="soft">{"<br>".join(facts)}</p>
{_findings(app)}
{_time_line(app, now)}
{_scopes(app)}
</article>
"""


def _findings(app: dict[str, Any]) -> str:
    items = []
    for finding in app["findings"]:
        remedy = f"<p>What to do: {_page.marked(finding['remedy'])}</p>" if finding["remedy"] else ""
        sign = SIGNS[finding["level"]]
        items.append(f'<li class="{finding["level"]}"><b>{sign} {escape(finding["message"])}</b>{remedy}</li>')
    return f'<ul class="findings">{"".join(items)}</ul>' if items else ""


def _time_line(app: dict[str, Any], now: str) -> str:
    """Return a row for each moment, its words beside or above its line, so that labels cannot meet."""
    if app["obtained_at"] is None:
        return ""
    moments = [_days(app[name], now) or 0 for name in ("expires_at", "refresh_token_expires_at", "next_refresh")]
    farthest = max(90.0, *moments)

    def place(days: float) -> float:
        """Return where a point in time is on the line, in percent."""
        share = math.log1p(abs(days)) / math.log1p(farthest)
        return round(NOW + (100 - NOW) * share if days >= 0 else max(NOW - NOW * share, 0.5), 2)

    next_days = _days(app["next_refresh"], now)
    due = "" if next_days is None else f'<i class="due" style="left:{place(next_days)}%"></i>'
    ticks = "".join(
        f'<span style="left:{place(days)}%"><span class="full">{full}</span><span class="brief">{brief}</span></span>'
        for days, full, brief in TICKS
    )
    rows = [
        f'<div class="row"><div></div><div class="ticks"><span class="at" style="left:{NOW}%">now</span>{ticks}</div></div>'
    ]
    for name, about, title in TOKENS:
        days = _days(app[name], now)
        refused = name == "expires_at" and app["valid"] is False and (days or 0) > 0
        verb = "refused; was to end" if refused else "ends" if (days or 0) > 0 else "ended"
        words = "end unknown" if days is None else f"{verb} {when(app[name], now)}"
        mark = ""
        if days is not None:
            left, right = sorted((NOW, place(days)))
            stripe = f'<i class="bar" style="left:{left}%;width:{right - left:.2f}%"></i>'
            mark = f'{stripe}<i class="end" style="left:{place(days)}%"></i>'
        level = worst(finding for finding in app["findings"] if finding["about"] == about)
        rows.append(_row(title, words, app[name], f'<i class="past"></i><i class="now"></i>{due}{mark}', level))
    words = "not known to be scheduled" if next_days is None else when(app["next_refresh"], now)
    mark = "" if next_days is None else f'<i class="end next" style="left:{place(next_days)}%"></i>'
    rows.append(_row("Next refresh", words, app["next_refresh"], f'<i class="past"></i><i class="now"></i>{due}{mark}'))
    return f'<h3>Time line</h3><div class="line" style="--now:{NOW}%">{"".join(rows)}</div>'


def _row(title: str, words: str, moment: str | None, marks: str, level: str = "") -> str:
    date = f"<br><small>{_date(moment)}</small>" if moment else ""
    label = f'<div class="label"><b>{title}</b> <span>{words}</span>{date}</div>'
    return f'<div class="row {level}">{label}<div class="track" aria-hidden="true">{marks}</div></div>'


def _scopes(app: dict[str, Any]) -> str:
    if app["obtained_at"] is None:
        return ""
    levels = {GRANTED: HEALTHY, UNVERIFIED: SOON, MISSING: BROKEN}
    order = list(levels)
    items = "".join(
        f'<li class="{levels[scope["verdict"]]}"><b>{SIGNS[scope["verdict"]]} {scope["verdict"]}</b>'
        f"<code>{escape(scope['scope'])}</code>"
        f"<small>{escape(scope['evidence'])}; for {escape(' and '.join(scope['needed_by']))}</small></li>"
        for scope in sorted(app["scopes"], key=lambda scope: -order.index(scope["verdict"]))
    )
    if not items:
        return '<p class="soft none">No scopes were asked for.</p>'
    beyond = ", ".join(f"<code>{escape(scope)}</code>" for scope in app["excess"])
    beyond = f'<p class="soft">Granted beyond what is asked for: {beyond}</p>' if beyond else ""
    is_open = "" if all(scope["verdict"] == GRANTED for scope in app["scopes"]) else " open"
    return f'<details{is_open}><summary>Scopes: {count(app)}</summary><ul class="scopes">{items}</ul>{beyond}</details>'


def _days(moment: str | None, now: str) -> float | None:
    then, present = from_iso(moment), from_iso(now)
    return (then - present).total_seconds() / DAY if then and present else None


def _date(moment: str) -> str:
    then = from_iso(moment)
    return _page.date(then) if then else ""
