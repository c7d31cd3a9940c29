# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a list of users comes from: one of a file, a text and a YAML list; and what to say if there is none."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._errors import OptionError
from ..module_utils._user_list import EmptyListError, Reading, UserList, read_bytes, read_text, read_users
from ._vault import RunVault, VaultError

SOURCES = ("src", "text", "users")
# One more than a list may have; see _user_list.
MOST_BYTES = 20_000_001
WAYS = "give one of src, text and users; in the role, calling_users_src, calling_users_text or calling_users_list."
LIKE_A_LIST = re.compile(r"(calling_?)?users?(_|$)", re.IGNORECASE)


def read_list(action: ActionBase, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> UserList:
    """Return the list that the task's *arguments* name; raises OptionError, UserListError, or EmptyListError if it is empty.

    *variables* are those of the task: if there is no list, one of them may have been meant for it.
    """
    given = [name for name in SOURCES if not _is_blank(arguments.get(name))]
    if len(given) > 1:
        raise OptionError(given[0], f"is given, and so is {' and '.join(given[1:])}.", "give one list of users.")
    reading = Reading(
        columns=arguments["columns"], defaults=arguments["defaults"], default_country=arguments["default_country"]
    )
    if not given:
        raise EmptyListError(f"There is no list of users.{_misnamed(variables)}", WAYS)
    value = arguments[given[0]]
    if given == ["src"]:
        return read_bytes(_content(action, value), reading)
    if given == ["users"] and not isinstance(value, str):
        return read_users(value, reading)
    # A text with JSON in it, which ansible-core before 2.19 makes data of, is a text all the same.
    return read_text(value if isinstance(value, str) else json.dumps(value), reading)


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _content(action: ActionBase, path: str) -> bytes:
    """Return what is in the file *path*, decrypted if ansible-vault has encrypted it."""
    found = _find(action, path)
    try:
        with open(found, "rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        raise OptionError("src", f"{found} cannot be read: {error.strerror}.", "give a CSV or JSON file.") from None
    vault = RunVault(action._loader)
    if not vault.is_encrypted(content):
        return content
    try:
        return vault.decrypt(content).encode()
    except VaultError as error:
        raise OptionError("src", f"{found} cannot be decrypted: {error}.", "give its vault password.") from None


def _find(action: ActionBase, path: str) -> str:
    """Return the absolute path: from the folder where ansible-playbook was started, else from where Ansible looks."""
    here = os.path.abspath(path)
    if os.path.exists(here):
        return here
    try:
        return str(action._find_needle("files", path))
    except AnsibleError:
        where = "" if os.path.isabs(path) else ", nor a file of that name beside the playbook or in the role"
        raise OptionError("src", f"There is no file {here}{where}.", "correct the path.") from None


def _misnamed(variables: Mapping[str, Any]) -> str:
    names = sorted(name for name in variables if LIKE_A_LIST.match(name) and name not in ROLE_VARIABLES)
    return f" Nothing reads the variable {', '.join(names)}." if names else ""


# The variables of the role `calling_users`, by the option that each is for.
ROLE_VARIABLES = {
    "calling_users_src": "src",
    "calling_users_text": "text",
    "calling_users_list": "users",
    "calling_users_columns": "columns",
    "calling_users_defaults": "defaults",
    "calling_users_location": "",
    "calling_users_license": "",
    "calling_users_default_country": "default_country",
    "calling_users_allow_empty": "allow_empty",
    "calling_users_list_only": "list_only",
    "calling_users_check_mode": "",
    "calling_users_on_error": "on_error",
    "calling_users_max_failures": "max_failures",
    "calling_users_allow_move": "allow_move",
    "calling_users_allow_inactive_numbers": "allow_inactive_numbers",
    "calling_users_license_overage": "license_overage",
    "calling_users_release": "release",
    "calling_users_concurrency": "concurrency",
    "calling_users_time_budget": "time_budget",
    "calling_users_wait_timeout": "wait_timeout",
    "calling_users_report_dir": "report_dir",
    "calling_users_progress": "progress",
    "calling_users_access_token": "access_token",
    # What the role makes of them.
    "calling_users_answers": "",
    "calling_users_only_shows": "",
    "calling_users_result": "",
}


def check_variables(names: Iterable[str]) -> None:
    """Raise OptionError for a variable whose name is nearly that of one of the role `calling_users`."""
    for name in sorted(names):
        if name.startswith("calling_users_") and name not in ROLE_VARIABLES:
            meant = difflib.get_close_matches(name, ROLE_VARIABLES, 1, 0.9)
            if meant:
                raise OptionError(name, "is no variable of the role calling_users.", f"did you mean {meant[0]}?")
