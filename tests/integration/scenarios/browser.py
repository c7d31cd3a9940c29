# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page as somebody sees it: opened in a real browser, with a width and a colour scheme."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt install chromium)")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--window-size=1400,900",
    "--virtual-time-budget=5000",
    "--dump-dom",
)
# What a page shows depends on the width of a window; a frame may be as narrow as a telephone.
FRAME = """<!DOCTYPE html><iframe id="frame" src="page.html" style="border:0;width:%dpx;height:6000px"></iframe>
<script>
frame.onload = () => {
  const view = frame.contentWindow, page = frame.contentDocument, all = [...page.querySelectorAll("body *")];
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify({
    width: view.innerWidth,
    scroll: page.documentElement.scrollWidth,
    beyond: all.filter((one) => one.getBoundingClientRect().right > view.innerWidth + 0.5).length,
    background: view.getComputedStyle(page.body).backgroundColor,
    overall: page.querySelector(".overall").innerText,
    requests: view.performance.getEntriesByType("resource").length,
    ...(%s)(page),
  });
  document.body.append(out);
};
</script>
"""


def look(page: Path, width: int, scheme: str, more: str = "(page) => ({})") -> dict[str, Any]:
    """Return what is seen of a page: its width, what sticks out, and what *more*, in JavaScript, finds in it."""
    with tempfile.TemporaryDirectory(prefix="wx", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copy(page, folder / "page.html")
        (folder / "frame.html").write_text(FRAME % (width, more), encoding="utf-8")
        colours = f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}"
        shown = subprocess.run(
            [
                str(CHROMIUM),
                *OPTIONS,
                colours,
                f"--user-data-dir={folder / 'profile'}",
                (folder / "frame.html").as_uri(),
            ],
            env={"PATH": os.environ["PATH"], "HOME": name, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
    found = re.search(r'<pre id="seen">(.*)</pre>', shown, re.DOTALL)
    assert found, shown
    seen: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return seen
