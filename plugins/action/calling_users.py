# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""calling_users, on the controller: reads the list, lets the module work on the task's host, and writes the reports."""

from __future__ import annotations

from ..plugin_utils._controller import check_controller

check_controller()

from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._calling.options import BULK_SPEC, LIST_SPEC
from ..module_utils._calling.result import UNDONE
from ..module_utils._calling.settings.table import public
from ..module_utils._errors import WebexError
from ..module_utils._options import CONNECTION_SPEC
from ..module_utils._time import utc_now
from ..module_utils._user_list import EmptyListError, UserList
from ..plugin_utils._controller import failure_of
from ..plugin_utils._list_source import check_variables, read_list
from ..plugin_utils._organization_guard import guard
from ..plugin_utils._organizations import with_organization
from ..plugin_utils._report_files import on_controller
from ..plugin_utils._reports import check_folder, make_report, summary_stats, write_reports
from ..plugin_utils._task import validated
from ..plugin_utils._voice import Voice
from ..plugin_utils._watched_run import WatchedRun

# The list is checked by what reads it: which user it is that has a mistake, and in which line.
SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION_SPEC,
    **BULK_SPEC,
    **LIST_SPEC,
    "text": {"type": "raw"},
    "users": {"type": "raw"},
}
ROLE = "collabops.webex.calling_users"
# What a failed task returns of those who failed or were skipped, and of how many.
SHOWN = ("user", "outcome", "created", "reason", "remedy", "error_codes", "tracking_id")
MOST_SHOWN = 100


class ActionModule(ActionBase):
    """The action ``collabops.webex.calling_users``."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, with notes on the list and the paths of the reports; or a failure."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            # A survey of AWX, or a variable of the role, may be left blank.
            given = {name: value for name, value in self._task.args.items() if value is not None and value != ""}
            given = with_organization(given, variables)
            arguments = validated(given, SPEC)
            voice = Voice(f"calling_users [{variables.get('inventory_hostname')}]", not arguments["progress"])
            self._check_role(variables)
            users = self._read(arguments, variables)
            for note in users.notes:
                voice.say(note)
            if arguments["list_only"] or not users.users:
                voice.say(f"{_count(users)} in the list")
                return {
                    **result,
                    "changed": False,
                    "list": [public(user) for user in users.users],
                    "list_notes": users.notes,
                }
            guard(self, arguments, variables)
            folder = self._report_folder(arguments)
            module_arguments = {name: arguments[name] for name in given if name not in LIST_SPEC}
            run = WatchedRun(self, voice.say)
            return run.execute(
                {**module_arguments, "users": users.users},
                variables,
                lambda answer: {**result, **self._finish(answer, users, folder, voice, run)},
            )
        except WebexError as error:
            return {**result, **failure_of(error)}

    def _check_role(self, variables: dict[str, Any]) -> None:
        role = self._task._role
        if role is not None and role.get_name() == ROLE:
            check_variables(variables)

    def _read(self, arguments: dict[str, Any], variables: dict[str, Any]) -> UserList:
        try:
            return read_list(self, arguments, variables)
        except EmptyListError as error:
            if not arguments["allow_empty"]:
                raise
            return UserList(users=[], notes=[error.details()["message"]], changes={}, left_out=0)

    def _report_folder(self, arguments: dict[str, Any]) -> str | None:
        """Return where reports go: relative to where the person stands who started the run; None for nowhere."""
        if not arguments["report_dir"] or self._task.check_mode:
            return None
        folder = on_controller(arguments["report_dir"])
        check_folder(folder)
        return folder

    def _finish(
        self, answer: dict[str, Any], users: UserList, folder: str | None, voice: Voice, run: WatchedRun
    ) -> dict[str, Any]:
        """Return the module's *answer* with what the action adds to it, once the reports are written."""
        results = answer.get("users") or _nobody_done(users, answer, run.is_interrupted)
        report = make_report(users.users, results, notes=users.notes, changes=users.changes, now=utc_now())
        answer |= {"summary": summary_stats(report), "list_notes": users.notes}
        words = f"{_count(users)}: {report['words']}"
        if folder:
            try:
                answer["reports"] = write_reports(folder, report)
                words += f"; see {folder}"
            except WebexError as error:
                # What was done is not forgotten for that.
                answer |= {
                    "failed": True,
                    "msg": f"{answer.get('msg') or f'{words}.'} The reports are missing: {error}",
                }
        if run.is_interrupted:
            words = f"interrupted; {words}"
        (voice.say_urgently if run.is_ansible_ending else voice.say)(words)
        if answer.get("failed") and "users" in answer:
            # Ansible prints all that a failed task returns.
            undone = [user for user in answer["users"] if user["outcome"] in UNDONE]
            answer["users"] = [{name: user[name] for name in SHOWN if user.get(name)} for user in undone[:MOST_SHOWN]]
        return answer


def _nobody_done(users: UserList, answer: dict[str, Any], is_interrupted: bool) -> list[dict[str, Any]]:
    """Return the result of each user if the module's *answer* has none: it ended before the first one was touched."""
    error = answer.get("error") or {"message": str(answer.get("msg")), "remedy": None}
    names = [user.get("email") or user.get("person_id") for user in users.users]
    outcome = "skipped" if is_interrupted else "failed"
    why = {"reason": error["message"], "remedy": error["remedy"]}
    return [{"user": name, "outcome": outcome, **why} for name in names]


def _count(users: UserList) -> str:
    return f"{len(users.users)} user{'' if len(users.users) == 1 else 's'}"
