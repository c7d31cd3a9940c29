# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RULES.md says what the code says."""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import fields
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import control as common
from tests.simulator import control
from tests.simulator.config import Config

CONTROL = f"{common.__doc__}{control.__doc__}"
LINES = (Path(__file__).parents[1] / "RULES.md").read_text().splitlines()
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in LINES
    if line.startswith("| ") and not line.startswith(("| Rule", "| ---"))
]


def place(name: str) -> Any:
    """What a place of the table names: a module, and something in it."""
    module, *path = name.split(".")
    return reduce(getattr, path, importlib.import_module(f"tests.simulator.{module}"))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0][:60])
def test_a_rule_has_its_place_in_the_code(row: list[str]) -> None:
    _rule, known, _settings, name = row
    assert known in ("spec", "live", "guess")
    found = place(name)
    if not (inspect.isfunction(found) or inspect.isclass(found)):
        found = place(name.partition(".")[0])
    assert f"*{known}*" in inspect.getsource(found)


def test_every_setting_is_in_the_table() -> None:
    named = re.findall(r"`([^`]+)`", " ".join(row[2] for row in TABLE))
    settings = {name for name in named if " " not in name}
    assert settings == {field.name for field in fields(Config)}
    for call in set(named) - settings:
        assert call in CONTROL.replace(", DELETE", "").replace("GET, POST", "POST")
