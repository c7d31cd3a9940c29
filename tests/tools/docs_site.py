# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation as a web site, follows the links inside it, and searches it as its readers do."""

from __future__ import annotations

import html.parser
import pathlib
import re
import shutil
import urllib.parse

import environments
import runner
from chromium import CHROMIUM, OPTIONS

SITE = environments.VENV / "docsite"
SETTINGS = "tests/docsite"
# What people search for, and the pages that must be among the first results.
SEARCHES = {
    "webex calling ansible enable user": ("docsite/guide_provisioning.html", "calling_user_module.html"),
    "voicemail": ("calling_user_settings_module.html",),
}
FIRST_RESULTS = 3


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
    # Ours, which uses the words that people look for, replaces the index that antsibull-docs has made.
    shutil.copy(workplace.collection / SETTINGS / "index.rst", source)
    workplace.run(
        *("sphinx-build", "--builder", "html", "--conf-dir", SETTINGS),
        *("--nitpicky", "--fail-on-warning", "--keep-going", "--quiet"),
        *("--doctree-dir", str(workplace.root / "doctrees"), str(source), str(site)),
    )
    problems = [f"A link leads nowhere: {link}" for link in broken_links(site)]
    if CHROMIUM:
        problems += missed_pages(workplace, site)
    if problems:
        raise runner.Failed("\n".join(problems))
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


def missed_pages(workplace: runner.Workplace, site: pathlib.Path) -> list[str]:
    """Return what the site's own search, in a browser, does not find among its first results."""
    missed = []
    for number, (words, pages) in enumerate(SEARCHES.items()):
        results = search(workplace, site, words, workplace.root / f"search-{number}.html")[:FIRST_RESULTS]
        missed += [f"A search for {words!r} finds {results}, not {page}" for page in pages if page not in results]
    return missed


def search(workplace: runner.Workplace, site: pathlib.Path, words: str, output: pathlib.Path) -> list[str]:
    """Return the pages that the site's search page finds, the best first; what the browser shows goes to ``output``."""
    address = f"{(site / 'search.html').as_uri()}?{urllib.parse.urlencode({'q': words})}"
    profile, budget = f"--user-data-dir={workplace.root / 'chromium'}", "--virtual-time-budget=10000"
    with (
        open(output, "w", encoding="utf-8") as stdout,
        workplace.start(str(CHROMIUM), *OPTIONS, profile, budget, address, stdout=stdout) as browser,
    ):
        browser.wait()
    return re.findall(r'<li class="kind-\w+">\s*<a href="([^"?#]+)', output.read_text(encoding="utf-8"))
