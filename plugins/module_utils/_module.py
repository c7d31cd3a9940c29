# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one bridge between AnsibleModule and the rest, which knows nothing of Ansible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.ansible_release import __version__
from ansible.module_utils.basic import AnsibleModule

from ._client import WebexClient
from ._errors import WebexError
from ._options import CONNECTION_SPEC
from ._requirements import check_core, check_packages
from ._settings import Settings, resolve


def run_module(
    argument_spec: dict[str, dict[str, Any]],
    work: Callable[[AnsibleModule, WebexClient], dict[str, Any]],
    *,
    connect: Callable[[Settings, dict[str, Any]], WebexClient] = lambda settings, params: WebexClient(settings),
    needs_token: Callable[[dict[str, Any]], bool] = lambda params: True,
    answer_to: Callable[[WebexError], dict[str, Any] | None] = lambda error: None,
    **constraints: Any,
) -> None:
    """Run *work* with a connected client and leave with what it returns, or with a failure that says what to do.

    Where *answer_to* makes a result of an error, that is the answer, and no failure.
    *constraints* are those of AnsibleModule (``required_one_of`` and so on). The result of a failure has ``error``:
    message, remedy and, if Webex answered, status, descriptions, error codes and tracking id.
    """
    module = AnsibleModule({**CONNECTION_SPEC, **argument_spec}, supports_check_mode=True, **constraints)
    try:
        check_core(__version__)
        check_packages()
        settings = resolve(module.params)
        # Also those that came from the environment or a file: Ansible then keeps them out of every result.
        module.no_log_values.update(settings.secrets())
        if needs_token(module.params):
            settings.require("access_token")
        with connect(settings, module.params) as client:
            result = work(module, client)
    except WebexError as error:
        answer = answer_to(error)
        if answer is None:
            module.fail_json(msg=str(error), error=error.details())
        result = answer or {}
    module.exit_json(**result)
