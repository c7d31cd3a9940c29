# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML pages have in common. A page needs nothing else: no script, no font, no network."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

# The classes healthy, soon and broken tell how good something is.
STYLE = """
:root { color-scheme: light dark;
  --page: #f4f5f7; --card: #fff; --line: #d9dde3; --faint: #eceff3; --text: #1b222c; --soft: #566171;
  --healthy: #17713f; --soon: #8f5700; --broken: #b3261e; --next: #5b3fc4;
  --healthy-wash: #e2f4e9; --soon-wash: #fdf0d5; --broken-wash: #fce8e6; }
@media screen and (prefers-color-scheme: dark) { :root {
  --page: #12161c; --card: #1b212a; --line: #343d4a; --faint: #262e39; --text: #e8ecf1; --soft: #a3afbe;
  --healthy: #5fd08f; --soon: #f0b450; --broken: #ff8a80; --next: #b7a3ff;
  --healthy-wash: #17342a; --soon-wash: #3a2d14; --broken-wash: #41211f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0; }
p { margin: 0; }
ul { list-style: none; margin: 0; padding: 0; }
small, .soft { color: var(--soft); font-size: .875rem; }
code { font: .875rem/1.5 ui-monospace, monospace; }
.healthy { --level: var(--healthy); --wash: var(--healthy-wash); }
.soon { --level: var(--soon); --wash: var(--soon-wash); }
.broken { --level: var(--broken); --wash: var(--broken-wash); }
.overall { background: var(--wash); border-left: .3rem solid var(--level); border-radius: .5rem; padding: .8rem 1rem;
  margin: 1.25rem 0; }
.overall strong { color: var(--level); font-size: 1.1rem; }
.overall li { margin-top: .25rem; }
.overall b { color: var(--level); }
.findings > li { background: var(--wash); border-radius: .4rem; padding: .6rem .8rem; margin-top: .75rem; }
.findings b { color: var(--level); }
summary { cursor: pointer; color: var(--soft); font-size: .875rem; font-weight: 600; }
footer { margin-top: 1.5rem; }
@media (max-width: 44rem) { main { padding-top: 1.25rem; } }
@media print {
  :root { color-scheme: light; }
  body { background: none; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  li, tr { break-inside: avoid; }
}
"""


def page(title: str, body: str, style: str) -> str:
    """Return the page with the HTML *body* and, beyond the common style, a *style* of its own."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{STYLE}{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def marked(text: str) -> str:
    """Return *text* as HTML; the names of modules and options in it stand between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def date(moment: datetime) -> str:
    """Return a moment in UTC as the pages show it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
