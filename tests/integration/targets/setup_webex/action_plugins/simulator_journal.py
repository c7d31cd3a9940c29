# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task ``simulator_journal``: what was asked of Webex since the last such task."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Read the journal and begin a new page: ``requests`` are all of them, ``writes`` those other than GET."""

    _supports_check_mode = True

    def run(self, tmp: object = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Take what ``simulator_control`` answers."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task = self._task.copy()
        task.args = {"path": "journal", "method": "DELETE"}
        control = self._shared_loader_obj.action_loader.get(
            "simulator_control",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        result["requests"] = control.run(task_vars=task_vars)["json"]["requests"]
        result["writes"] = [request for request in result["requests"] if request["method"] != "GET"]
        return result
