# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents: every link inside the repository leads somewhere.

Links between the guides and the documentation of modules are looked at when ``make docs`` builds the site.
"""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils import _client

pytestmark = pytest.mark.any_core

ROOT = pathlib.Path(_client.__file__).parents[2]
# Galaxy shows the README without the rest of the repository, so links in it are whole addresses, as they are in the guides.
OURS = "https://github.com/collabops/webex/blob/main/"
DOCSITE = ROOT / "docs" / "docsite"
GUIDES = sorted((DOCSITE / "rst").glob("*.rst"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("roles/*/README.md"), *GUIDES])
# What may name a guide: all that users and developers read.
NAMING_GUIDES = sorted(
    path
    for folder in ("extensions", "playbooks", "plugins", "roles", "tests")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".yml", ".md")
)


def name(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


def anchors(path: pathlib.Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".rst":
        headings = re.findall(r"^(\S.*)\n[=^~-]{3,}$", text, re.MULTILINE)
    else:
        headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {anchor(heading.strip()) for heading in headings}


def links(path: pathlib.Path) -> list[str]:
    """The links of a document that name an address, or a path from where the document is."""
    pattern = r"`[^`]*<([a-z]+:[^>`\s]+)>`_" if path.suffix == ".rst" else r"\]\(([^)\s]+)\)"
    return re.findall(pattern, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: pathlib.Path) -> None:
    broken = []
    for link in links(path):
        address, _hash, fragment = link.partition("#")
        if address.startswith(OURS):
            target = ROOT / address.removeprefix(OURS)
        elif re.match(r"[a-z]+:", address):
            continue
        else:
            target = path.parent / address if address else path
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_links_of_the_readme_are_whole() -> None:
    assert links(ROOT / "README.md")
    assert [link for link in links(ROOT / "README.md") if not link.startswith(("https://", "#"))] == []


def test_documents_that_are_named_exist() -> None:
    named = {
        f"{name(path)}: {document}"
        for path in NAMING_GUIDES
        for document in re.findall(r"\bdocs/[\w./]+\.(?:md|rst)\b", path.read_text(encoding="utf-8"))
        if not (ROOT / document).is_file()
    }
    assert named == set()


def test_both_indexes_list_every_guide_in_the_same_sections() -> None:
    """That of our own site, and that of a site of many collections."""
    sections = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    of_many = [(section["title"], section["toctree"]) for section in sections]
    index = (ROOT / "tests" / "docsite" / "index.rst").read_text(encoding="utf-8")
    of_ours = [
        (title, re.findall(r"^   docsite/(\w+)$", toctree, re.MULTILINE))
        for title, toctree in re.findall(r":caption: (.+)\n((?:   .+\n|\n)+)", index)
        if "docsite/" in toctree
    ]
    assert of_ours == of_many
    assert sorted(guide for _title, guides in of_many for guide in guides) == [guide.stem for guide in GUIDES]


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_a_guide_has_its_label_above_its_title(guide: pathlib.Path) -> None:
    label = f".. _ansible_collections.collabops.webex.docsite.{guide.stem}:"
    assert re.search(rf"^{re.escape(label)}\n\n.+\n===", guide.read_text(encoding="utf-8"), re.MULTILINE)
