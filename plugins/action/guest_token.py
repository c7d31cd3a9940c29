# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""guest_token: make a token for a guest, on the controller.

An action plugin and not a module, because only so the result can censor itself and stay usable.
"""

from __future__ import annotations

from ..plugin_utils._controller import check_controller, on_controller

check_controller()

from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._client import WebexClient
from ..module_utils._guests import Guest, new_token
from ..module_utils._options import CONNECTION_SPEC
from ..module_utils._settings import resolve
from ..module_utils._time import utc_now
from ..plugin_utils._controller import censored
from ..plugin_utils._organization_guard import guard
from ..plugin_utils._organizations import with_organization
from ..plugin_utils._task import validated

SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION_SPEC,
    "subject": {"type": "str", "required": True},
    "display_name": {"type": "str", "required": True},
}


class ActionModule(ActionBase):
    """The action ``collabops.webex.guest_token``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @on_controller
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the token, censored in every output; or a failure, which holds no secret and can be read."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = validated(with_organization(self._task.args, task_vars or {}), SPEC)
        guest = Guest(options["subject"], options["display_name"]).check()
        settings = resolve(options)
        settings.require("access_token")
        guard(self, options, task_vars or {})
        if not self._task.check_mode:
            with WebexClient(settings) as client:
                guest = new_token(client, guest, utc_now())
        return censored(self, {**result, "changed": True, **guest.result()})
