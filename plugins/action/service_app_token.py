# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid token of a service app, on the controller.

An action plugin and not a module, because a module's result is scrubbed of its secret arguments (Webex usually answers
a refresh with the same refresh token), because only the controller holds the run's vault secrets, and because refresh
and save must happen in one process, under one lock.
"""

from __future__ import annotations

from ..plugin_utils._controller import check_controller, on_controller

check_controller()

from collections.abc import Callable
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._options import spec_of
from ..module_utils._time import utc_now
from ..plugin_utils._controller import censored
from ..plugin_utils._custody.broker import obtain
from ..plugin_utils._custody.given_token import GivenToken, hand_on, is_given
from ..plugin_utils._custody.request import Outcome, Request
from ..plugin_utils._custody.revocation import Revocation, give_back
from ..plugin_utils._custody.stores.base import Store
from ..plugin_utils._organizations import with_organization
from ..plugin_utils._play import refuse_plain_text
from ..plugin_utils._task import ARGUMENT_SPEC, open_task, validated

STATES: dict[str, Callable[[Store, Request], Outcome | Revocation]] = {
    "present": obtain,
    "absent": give_back,
}
SPEC: dict[str, dict[str, Any]] = {
    **ARGUMENT_SPEC,
    "state": {"type": "str", "choices": list(STATES), "default": "present"},
    **spec_of(("access_token",)),
    "accept_access_token": {"type": "bool", "default": False},
    "recovery": {"type": "str", "no_log": True},
}


class ActionModule(ActionBase):
    """The action ``collabops.webex.service_app_token``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @on_controller
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the token, censored in every output; or a failure, which holds no secret and can be read."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = validated(with_organization(self._task.args, task_vars or {}), SPEC)
        if not options["accept_access_token"]:
            # module_defaults of the action group give one to all modules, also to the one where it comes from.
            options["access_token"] = None
        store, request = open_task(options, self._loader, self._task.check_mode, task_vars or {})
        if options["state"] == "present":
            refuse_plain_text(self._task)
        outcome: Outcome | Revocation | GivenToken
        if options["state"] == "present" and is_given(options, request.settings):
            outcome = hand_on(options, request, utc_now())
        else:
            outcome = STATES[options["state"]](store, request)
        texts = [*store.warnings(), *outcome.warnings]
        warnings = {"warnings": texts} if texts else {}
        for warning in texts:
            # Before 2.19 the warnings of a result that is censored are not shown; one that is shown twice is shown once.
            Display().warning(warning)
        if options["state"] != "present":
            return {**result, **outcome.result(store), **warnings}
        return censored(self, {**result, **outcome.result(store), **warnings})
