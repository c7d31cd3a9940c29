# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible.errors import AnsibleError
from ansible_collections.collabops.webex.plugins.module_utils import _python
from ansible_collections.collabops.webex.plugins.plugin_utils import _controller


def test_what_runs_these_tests_will_do() -> None:
    _controller.check_controller()


def test_an_ansible_core_that_is_too_old_is_an_error_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_controller, "__version__", "2.15.13")
    with pytest.raises(AnsibleError, match="ansible-core 2.15.13 is too old for collabops.webex"):
        _controller.check_controller()


def test_a_python_that_is_too_old_is_an_error_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_python, "OLDEST_PYTHON", (sys.version_info[0], sys.version_info[1] + 1))
    with pytest.raises(AnsibleError, match="is too old for collabops.webex"):
        _controller.check_controller()
