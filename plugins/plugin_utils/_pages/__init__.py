# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML pages: Jinja2 templates in the files beside this one, which escape everything that they are given.

A page needs nothing else: no font, no network, and no script to be read. One may have a script of its own, in it; no other runs.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

# Control characters, half surrogate pairs, and what turns the direction of the text behind it.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def render(template: str, **values: Any) -> str:
    """Return the page that *template*, a file beside this one, makes of *values*; each of them is escaped."""
    return _ENVIRONMENT.get_template(template).render(**values)


def script(template: str) -> tuple[Markup, str]:
    """Return the script that *template*, a file beside this one, is, and the source by which a page allows it and no other."""
    text = render(template)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"


def visible(text: str) -> str:
    """Return *text* with a code, such as ``[U+202E]``, for each character that cannot be seen and could mislead."""
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def _shown(value: Any) -> Any:
    """Return a value as a template shows it: nothing for None, and no character that cannot be seen."""
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _marked(text: str) -> Markup:
    """Return *text* as HTML; the names of modules and options in it stand between backticks."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(visible(text)))))


def _date(moment: datetime) -> str:
    """Return a moment in UTC as the pages show it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 user``, ``2 users``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


_ENVIRONMENT = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    loader=FileSystemLoader(os.path.dirname(os.path.abspath(__file__))),
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(marked=_marked, date=_date, counted=_counted)
