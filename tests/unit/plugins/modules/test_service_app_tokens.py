# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is documentation only; what it does is tested with the action plugin of the same name."""

from __future__ import annotations

import inspect

import yaml
from ansible_collections.collabops.webex.plugins.modules import service_app_tokens


def test_there_is_nothing_to_run_on_a_host() -> None:
    things = vars(service_app_tokens).items()
    assert [name for name, thing in things if inspect.isfunction(thing) or inspect.isclass(thing)] == []


def test_no_token_is_returned() -> None:
    returned = yaml.safe_load(service_app_tokens.RETURN)
    assert not {"access_token", "refresh_token"} & {*returned, *returned["organizations"]["contains"]}
