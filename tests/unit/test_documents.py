# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents: every link inside the repository leads somewhere."""

from __future__ import annotations

import pathlib
import re

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _client

ROOT = pathlib.Path(_client.__file__).parents[2]
# Galaxy shows the README without the rest of the repository, so links in it are whole addresses.
OURS = "https://github.com/collabops/webex/blob/main/"
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")] if path.is_file()
)


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


def anchors(path: pathlib.Path) -> set[str]:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {anchor(heading.strip()) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.any_core
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: pathlib.Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if link.startswith(OURS):
            target, fragment = (ROOT / link.removeprefix(OURS).partition("#")[0]), link.partition("#")[2]
        elif re.match(r"[a-z]+:", link):
            continue
        else:
            target, fragment = (path.parent / link.partition("#")[0]), link.partition("#")[2]
            target = path if link.startswith("#") else target
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.any_core
def test_links_of_the_readme_are_whole() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
