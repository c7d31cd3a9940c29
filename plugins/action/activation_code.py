# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""activation_code: make the activation code of a telephone, on the controller.

An action plugin and not a module, because only so the result can censor itself and stay usable.
"""

from __future__ import annotations

from ..plugin_utils._controller import check_controller, on_controller

check_controller()

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._activation_codes import ActivationCode, find_owner, new_code
from ..module_utils._client import WebexClient
from ..module_utils._options import CONNECTION_SPEC
from ..module_utils._settings import resolve
from ..module_utils._time import to_iso
from ..plugin_utils._controller import censored
from ..plugin_utils._organization_guard import guard
from ..plugin_utils._organizations import with_organization
from ..plugin_utils._task import validated

SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION_SPEC,
    "email": {"type": "str"},
    "person_id": {"type": "str"},
    "model": {"type": "str", "required": True},
    "show_code": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    """The action ``collabops.webex.activation_code``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @on_controller
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the code, censored in every output unless the task says otherwise; or a failure, which can be read."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = validated(with_organization(self._task.args, task_vars or {}), SPEC)
        settings = resolve(options)
        settings.require("access_token")
        guard(self, options, task_vars or {})
        made: ActivationCode | None = None
        with WebexClient(settings) as client:
            owner = {name: options.get(name) for name in ("email", "person_id")}
            telephone = find_owner(client, **owner, model=options["model"] or "")
            if not self._task.check_mode:
                made = new_code(client, telephone)
        for note in telephone.notes:
            Display().warning(note)
        result.update(
            changed=True,
            code=made.code if made else None,
            expires_at=to_iso(made.expires_at) if made else None,
            person_id=telephone.person_id,
            model=telephone.model,
        )
        return result if options["show_code"] else censored(self, result)
