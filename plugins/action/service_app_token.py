# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid token of a service app, on the controller.

An action plugin and not a module, because a module's result is scrubbed of its secret arguments (Webex usually answers
a refresh with the same refresh token), because only the controller holds the run's vault secrets, and because refresh
and save must happen in one process, under one lock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._module import CONNECTION_SPEC
from ansible_collections.collabops.webex.plugins.module_utils._oauth import ACCESS_TOKEN_LIFETIME
from ansible_collections.collabops.webex.plugins.module_utils._settings import resolve
from ansible_collections.collabops.webex.plugins.module_utils._time import parse_duration
from ansible_collections.collabops.webex.plugins.plugin_utils._broker import Request, obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._stores import STORE_SPEC, open_store

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **{name: option for name, option in CONNECTION_SPEC.items() if name != "access_token"},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "refresh_token": {"type": "str", "no_log": True},
    "min_validity": {"type": "str", "default": "1d"},
    "force": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": True},
    "store": {"type": "dict", "options": STORE_SPEC, "apply_defaults": True},
}


class ActionModule(ActionBase):
    """The action ``collabops.webex.service_app_token``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the token, censored in every output; or a failure, which holds no secret and can be read."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            options = _validated(self._task.args)
            store = open_store(options["store"], self._loader)
            request = Request(
                settings=resolve(options),
                min_validity=_min_validity(options["min_validity"]),
                force=options["force"],
                verify=options["verify"],
                check_mode=self._task.check_mode,
            )
            outcome = obtain(store, request)
        except WebexError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error), "error": error.details()}
        warnings = {"warnings": list(outcome.warnings)} if outcome.warnings else {}
        # The registered value stays usable; what is shown of it is nothing, also without no_log.
        return {**result, **outcome.result(store), **warnings, "_ansible_no_log": True}


def _validated(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the task's arguments with their types and defaults; raises OptionError."""
    # module_defaults of the action group give an access token to all modules; this one is where it comes from.
    given = {name: value for name, value in arguments.items() if name != "access_token"}
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(given)
    if validation.error_messages:
        # Of an option that is not known, the message gives no more than the name.
        unknown = "not known: " if isinstance(validation.errors[0], UnsupportedError) else ""
        raise OptionError("options", unknown + "; ".join(validation.error_messages), "see ansible-doc.")
    options: dict[str, Any] = validation.validated_parameters
    return options


def _min_validity(text: str) -> timedelta:
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise OptionError("min_validity", f"{error}.") from None
    if duration >= ACCESS_TOKEN_LIFETIME:
        raise OptionError(
            "min_validity", f"{text} is not below the 14 days that an access token lives.", "write for example 1d."
        )
    return duration
