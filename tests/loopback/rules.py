# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: the table in RULES.md, and whether the code says the same. Standard library only."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Collection
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One row of the table."""

    text: str
    known: str  # how sure it is
    settings: str
    place: str  # where the code says it: a module of the package, and something in it


def table(folder: Path) -> list[Rule]:
    """The rules of the RULES.md in a folder."""
    lines = (folder / "RULES.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(("| Rule", "| ---"))]
    return [Rule(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows]


def said(package: str, rule: Rule) -> bool:
    """Whether the place of a rule says how sure it is; the module says it if the place is neither function nor class."""
    module, *path = rule.place.split(".")
    source: Any = importlib.import_module(f"{package}.{module}")
    found = reduce(getattr, path, source)
    if inspect.isfunction(found) or inspect.isclass(found):
        source = found
    return f"*{rule.known}*" in inspect.getsource(source)


def settings(rules: Collection[Rule]) -> set[str]:
    """The settings that the table names, and the calls of the control plane that stand among them."""
    return set(re.findall(r"`([^`]+)`", " ".join(rule.settings for rule in rules)))
