# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the tokens of a service app in many organizations valid, on the controller: only there are the vault secrets."""

from __future__ import annotations

from ..plugin_utils._controller import check_controller, on_controller

check_controller()

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._errors import OptionError
from ..module_utils._line import Line
from ..module_utils._organization_list import is_org_id, read_organizations
from ..module_utils._throttle import Throttle
from ..plugin_utils._custody.request import Request
from ..plugin_utils._fleet import FleetRun, open_members
from ..plugin_utils._fleet_report import Progress, Row, grouped_warnings, result_of, summary
from ..plugin_utils._organizations import resolved_org_id
from ..plugin_utils._task import (
    ARGUMENT_SPEC,
    check_concurrency,
    min_validity,
    settings_of,
    shared_integration,
    validated,
)
from ..plugin_utils._voice import Voice

SPEC: dict[str, dict[str, Any]] = {
    **{name: option for name, option in ARGUMENT_SPEC.items() if name != "refresh_token"},
    # It is checked by what reads it: which entry it is that has a mistake.
    "organizations": {"type": "raw", "required": True},
    "concurrency": {"type": "int", "default": 8},
    "time_budget": {"type": "float", "default": 1800},
    "progress": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):
    """The action ``collabops.webex.service_app_tokens``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @on_controller
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the outcome of each organization, without any token; a failure if one has none that is good."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = validated(self._task.args, SPEC)
        check_concurrency(options)
        if options["time_budget"] <= 0:
            raise OptionError("time_budget", "is not above zero.", "write for example 1800.")
        organizations = read_organizations(_with_ids(options["organizations"], task_vars or {}))
        members = open_members(organizations, options["store"], _checked_store, self._loader)
        settings = settings_of(options)
        with closing(Line(Throttle(options["concurrency"]))) as line:
            request = Request(
                settings=settings,
                min_validity=min_validity(options["min_validity"]),
                force=options["force"],
                verify=options["verify"],
                check_mode=self._task.check_mode,
                line=line,
            )
            integration = shared_integration(options, request, self._loader, is_needed=True)
            voice = Voice(
                f"service_app_tokens [{(task_vars or {}).get('inventory_hostname')}]", not options["progress"]
            )
            progress = Progress(len(members), voice.say)
            run = FleetRun(
                members, replace(request, integration=integration), line, options["time_budget"], progress.note
            )

            def report(rows: Sequence[Row], is_interrupted: bool) -> dict[str, Any]:
                if is_interrupted:
                    voice.say_urgently(f"interrupted; {summary(rows)}")
                for warning in [*(integration.warnings if integration else ()), *grouped_warnings(rows)]:
                    Display().warning(warning)
                return {**result, **result_of(rows)}

            outcome: dict[str, Any] = run.run(report)
        # A long result would fill the pipe that nobody reads, and this worker would never end.
        return {"failed": True, "msg": "ansible-playbook has ended."} if run.is_orphaned else outcome


def _with_ids(entries: Any, variables: Mapping[str, Any]) -> Any:
    """Return the entries of a list with an id in the place of each alias of the inventory; raises OptionError."""
    if not isinstance(entries, list):
        return entries
    return [
        {**entry, "org_id": resolved_org_id(entry["org_id"], variables, f"organizations, entry {number}, org_id")}
        if isinstance(entry, Mapping) and isinstance(entry.get("org_id"), str) and not is_org_id(entry["org_id"])
        else entry
        for number, entry in enumerate(entries, 1)
    ]


def _checked_store(store: Any) -> dict[str, Any]:
    checked: dict[str, Any] = validated({"store": store}, {"store": SPEC["store"]})["store"]
    return checked
