# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of code in a guide, and what a reader does with each.

A block of a shell is run. A block that has a name, as its caption or in its first line (``# users.yml``), is written into a
file. A text without a name is what the reader should see. A comment right before a block, ``.. not run: REASON``, says why
a reader here cannot follow it.
"""

from __future__ import annotations

import itertools
import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path

SHELLS = ("bash", "console", "shell")
MARK = re.compile(r"\s*\.\. not run: (.+)")
DIRECTIVE = re.compile(r"( *)\.\. code-block:: *(\S*)\s*")
OTHER_LITERAL = re.compile(r"(?!\s*\.\. ).*::\s*|\s*\.\. (code|sourcecode|parsed-literal|literalinclude)::.*")
END_OF_FILE = "END_OF_FILE_OF_THE_GUIDE"


@dataclass(frozen=True)
class Block:
    """A block of code: where it is, its language and text, the name of the file that it is, and why it is not followed."""

    place: str
    language: str
    text: str
    name: str
    not_run: str

    @property
    def is_commands(self) -> bool:
        """Whether a reader types it."""
        return self.language in SHELLS

    @property
    def is_expected(self) -> bool:
        """Whether a reader sees it."""
        return self.language == "text" and not self.name


def read_blocks(guide: Path) -> list[Block]:
    """Return the blocks of code of *guide*, an rst file. Raises ValueError for one that is marked up in another way."""
    lines = guide.read_text(encoding="utf-8").splitlines()
    blocks, mark, until = [], "", 0
    for index, line in enumerate(lines):
        if index < until:
            continue
        if directive := DIRECTIVE.fullmatch(line):
            until = _end(lines, index + 1, len(directive[1]))
            place = f"{guide.name}, line {index + 1}"
            blocks.append(_block(place, directive[2], "\n".join(lines[index + 1 : until]), mark))
        elif OTHER_LITERAL.fullmatch(line):
            raise ValueError(f"{guide.name}, line {index + 1}: use code-block, so that the tests see the block")
        if line.strip():
            marked = MARK.fullmatch(line)
            mark = marked[1] if marked else ""
    return blocks


def _end(lines: list[str], start: int, indent: int) -> int:
    """Return the line in which the block ends that belongs to a directive with this indent."""
    for index in range(start, len(lines)):
        line = lines[index]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return index
    return len(lines)


def _block(place: str, language: str, body: str, mark: str) -> Block:
    """Return a block from the lines below its directive: the directive's options, then the text."""
    lines = textwrap.dedent(body).splitlines()
    options = list(itertools.takewhile(lambda line: line.startswith(":"), lines))
    text = "\n".join(lines[len(options) :]).strip("\n")
    named = re.search(r"^:caption: *(\S+)$", "\n".join(options), re.MULTILINE)
    if not named and language not in SHELLS:
        named = re.match(r"# (\S+\.\w+)$", text, re.MULTILINE)
    return Block(place, language, text, named[1] if named else "", mark)


def script(blocks: list[Block]) -> str:
    """Return what a reader does with *blocks*, as a script for bash that ends at the first failure and says where it is."""
    parts = ["set -e"]
    for block in blocks:
        if block.not_run:
            continue
        if block.is_commands:
            parts.append(f"echo {shlex.quote(f'[{block.place}]')}\n{block.text}")
        elif block.name:
            parts.append(f"cat > {shlex.quote(block.name)} <<'{END_OF_FILE}'\n{block.text}\n{END_OF_FILE}")
    return "\n".join(parts) + "\n"
