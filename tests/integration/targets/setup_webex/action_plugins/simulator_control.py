# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task ``simulator_control``: one call to the control plane of the simulator, without starting a module."""

from __future__ import annotations

import contextlib
import http
import http.client
import json
import typing as t
import urllib.parse

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

TIMEOUT = 60
WITH_CREDENTIALS = ("reset", "tokens")
NO_SIMULATOR = (
    "The variable simulator is missing. Run python3 tests/tools/check.py --only integration, which starts the simulator "
    "and writes what it says into tests/integration/integration_config.yml."
)


class ActionModule(ActionBase):
    """Send *method* (POST), with *body* as JSON, to *path*; the answer is ``json``. It runs in check mode, too."""

    _supports_check_mode = True

    def run(self, tmp: object = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Make the call; the output shows no answer that has credentials in it."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            {
                "path": {"type": "str", "required": True},
                "method": {"type": "str", "default": "POST"},
                "body": {"type": "dict", "default": {}},
            }
        )
        result["json"] = call(task_vars or {}, options["method"], options["path"], options["body"])
        result["_ansible_no_log"] = options["path"] in WITH_CREDENTIALS
        return result


def call(variables: dict[str, t.Any], method: str, path: str, body: dict[str, t.Any]) -> t.Any:
    """Return what the simulator that *variables* name answers; AnsibleActionFail if it refuses, or there is none."""
    if "simulator" not in variables:
        raise AnsibleActionFail(NO_SIMULATOR)
    address = urllib.parse.urlsplit(variables["simulator"]["control_url"])
    with contextlib.closing(http.client.HTTPConnection(address.netloc, timeout=TIMEOUT)) as connection:
        connection.request(
            method,
            f"{address.path}/{urllib.parse.quote(path)}",
            json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        text = answer.read().decode()
    if answer.status != http.HTTPStatus.OK:
        raise AnsibleActionFail(f"{method} {path}: {answer.status} {text}")
    return json.loads(text)
