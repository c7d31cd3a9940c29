# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module runs that needs nothing but its host: as any other, in the organization that the task means.

An action of its own, because only the controller has the inventory. Each module of that sort has a file in
``plugins/action`` which names this class, so that Ansible finds it.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import normal

from ..module_utils._errors import WebexError
from ._controller import failure_of
from ._organization_guard import WRITING_MODULES, guard
from ._organizations import with_organization


class ActionModule(normal.ActionModule):
    """The action of every module that has no other one."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; or a failure if the task means no organization, or one that it may not change."""
        variables = task_vars or {}
        try:
            arguments = with_organization(self._task.args, variables)
            if self._task.action.rpartition(".")[2] in WRITING_MODULES:
                guard(self, arguments, variables)
        except WebexError as error:
            return failure_of(error)
        self._task.args = arguments
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result
