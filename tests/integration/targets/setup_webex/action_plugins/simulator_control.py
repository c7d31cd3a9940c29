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


class ActionModule(ActionBase):
    """Send *method* (POST), with *body* as JSON, to *path* below *url*; the answer is ``json``. It runs in check mode too."""

    _supports_check_mode = True

    def run(self, tmp: object = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Make the call; AnsibleActionFail with the answer of the simulator if it refuses."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            {
                "url": {"type": "str", "required": True},
                "path": {"type": "str", "required": True},
                "method": {"type": "str", "default": "POST"},
                "body": {"type": "dict", "default": {}},
            }
        )
        address = urllib.parse.urlsplit(options["url"])
        path = f"{address.path}/{urllib.parse.quote(options['path'])}"
        with contextlib.closing(http.client.HTTPConnection(address.netloc, timeout=TIMEOUT)) as connection:
            connection.request(
                options["method"], path, json.dumps(options["body"]), headers={"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise AnsibleActionFail(f"{options['method']} {path}: {answer.status} {text}")
        result["json"] = json.loads(text)
        return result
