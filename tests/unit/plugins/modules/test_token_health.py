# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is documentation only; what it does is tested with the action plugin of the same name."""

from __future__ import annotations

import inspect

import yaml
from ansible_collections.collabops.webex.plugins.module_utils._health import LEVELS
from ansible_collections.collabops.webex.plugins.modules import token_health


def test_there_is_nothing_to_run_on_a_host() -> None:
    own = [name for name, thing in vars(token_health).items() if inspect.isfunction(thing) or inspect.isclass(thing)]
    assert own == []


def test_the_report_has_a_list_for_each_level() -> None:
    documented = yaml.safe_load(token_health.RETURN)["report"]["contains"]
    assert set(LEVELS) < documented.keys()
