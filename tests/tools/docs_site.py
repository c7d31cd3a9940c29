# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation as a web site, and looks for links in it that lead nowhere."""

from __future__ import annotations

import html.parser
import pathlib
import shutil
import urllib.parse

import environments
import runner

SITE = environments.VENV / "docsite"
SETTINGS = "tests/docsite"


def build(workplace: runner.Workplace) -> None:
    """Build the site of modules, plugins, roles and guides, without the network; any warning fails. It ends up in SITE."""
    source, site = workplace.root / "docsite-rst", workplace.root / "docsite"
    # antsibull-docs refuses a folder that others may write into.
    source.mkdir(mode=0o755)
    workplace.run(
        *("antsibull-docs", "--config-file", f"{SETTINGS}/antsibull-docs.cfg"),
        *("collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
        *("--dest-dir", str(source), "collabops.webex"),
    )
    # In place of the index that antsibull-docs has made: ours says what people look for.
    shutil.copy(workplace.collection / SETTINGS / "index.rst", source)
    workplace.run(
        *("sphinx-build", "--builder", "html", "--conf-dir", SETTINGS),
        *("--nitpicky", "--fail-on-warning", "--keep-going", "--quiet"),
        *("--doctree-dir", str(workplace.root / "doctrees"), str(source), str(site)),
    )
    broken = broken_links(site)
    if broken:
        raise runner.Failed("\n".join(f"A link leads nowhere: {link}" for link in broken))
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(site, SITE)
    environments.say(f"The documentation is in {SITE / 'index.html'}")


class Page(html.parser.HTMLParser):
    """What a page can be linked by, and what it links to."""

    def __init__(self, text: str) -> None:
        """Read the text of a page."""
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchors and links of a tag."""
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")


def broken_links(site: pathlib.Path) -> list[str]:
    """Return the links between the pages of a site, in a folder, whose file or anchor is missing, as 'page: link'."""
    site = site.resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            address = urllib.parse.urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(address.path)).resolve() if address.path else path
            anchor = urllib.parse.unquote(address.fragment)
            if not target.exists() or (anchor and target in pages and anchor not in pages[target].anchors):
                broken.append(f"{path.relative_to(site)}: {link}")
    return broken
