# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page as somebody sees it: opened in a real browser, at each width and in each colour scheme."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, OPTIONS

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt install chromium)")
LOOKING = (
    *OPTIONS,
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--window-size=1400,900",
    "--virtual-time-budget=5000",
)
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
View = tuple[int, str]
VIEWS: tuple[View, ...] = tuple((width, scheme) for scheme in SCHEMES for width in WIDTHS)
# What a page shows depends on its window. A frame may be as narrow as a telephone, and hands its colour scheme on: a
# single start of the browser, which takes longer than any page, shows all views.
FRAMES = """<!DOCTYPE html>
%s
<pre id="seen"></pre>
<script>
onload = () => {
  seen.textContent = JSON.stringify([...document.querySelectorAll("iframe")].map((frame) => {
    const view = frame.contentWindow, page = frame.contentDocument, all = [...page.querySelectorAll("body *")];
    return {
      width: view.innerWidth,
      scroll: page.documentElement.scrollWidth,
      beyond: all.filter((one) => one.getBoundingClientRect().right > view.innerWidth + 0.5).length,
      background: view.getComputedStyle(page.body).backgroundColor,
      overall: page.querySelector(".overall").innerText,
      requests: view.performance.getEntriesByType("resource").length,
      ...(%s)(page),
    };
  }));
};
</script>
"""
FRAME = '<iframe src="page.html" style="border:0;width:%dpx;height:6000px;color-scheme:%s"></iframe>'


def look(page: Path, more: str, views: Sequence[View] = VIEWS) -> dict[View, dict[str, Any]]:
    """Return what is seen of a page in each view: what sticks out, and what *more*, in JavaScript, finds in it."""
    with tempfile.TemporaryDirectory(prefix="wx", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copy(page, folder / "page.html")
        frames = "\n".join(FRAME % view for view in views)
        (folder / "frames.html").write_text(FRAMES % (frames, more), encoding="utf-8")
        shown = subprocess.run(
            [str(CHROMIUM), *LOOKING, f"--user-data-dir={folder / 'profile'}", (folder / "frames.html").as_uri()],
            env={"PATH": os.environ["PATH"], "HOME": name, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
    found = re.search(r'<pre id="seen">(.+)</pre>', shown, re.DOTALL)
    assert found, shown
    return dict(zip(views, json.loads(html.unescape(found.group(1))), strict=True))
