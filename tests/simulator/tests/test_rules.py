# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RULES.md says what the code says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tests.loopback import control as common
from tests.loopback import rules
from tests.simulator import control
from tests.simulator.config import Config

CONTROL = f"{common.__doc__}{control.__doc__}"
TABLE = rules.table(Path(__file__).parents[1])


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.text[:60])
def test_a_rule_has_its_place_in_the_code(rule: rules.Rule) -> None:
    assert rule.known in ("spec", "live", "guess")
    assert rules.said("tests.simulator", rule)


def test_every_setting_is_in_the_table() -> None:
    named = rules.settings(TABLE)
    settings = {name for name in named if " " not in name}
    assert settings == {field.name for field in fields(Config)}
    for call in named - settings:
        assert call in CONTROL.replace(", DELETE", "").replace("GET, POST", "POST")
