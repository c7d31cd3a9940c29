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

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._errors import OptionError
from ..module_utils._user_list import EmptyListError, Reading, UserList, read_bytes, read_text, read_users
from ._custody.run_vault import RunVault, VaultError

SOURCES = ("src", "text", "users")
# One more than a list may have; see _user_list.
MOST_BYTES = 20_000_001
WAYS = "give one of src, text and users; in the role, calling_users_src, calling_users_text or calling_users_list."
_EXAMPLE = "write for example office: {emergency_callback: location}."
LIKE_A_LIST = re.compile(r"(calling_?)?users?(_|$)", re.IGNORECASE)


def read_list(action: ActionBase, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> UserList:
    """Return the list that the task's *arguments* name; raises OptionError, UserListError, or EmptyListError if it is empty.

    *variables* are those of the task: if there is no list, one of them may have been meant for it.
    """
    given = [name for name in SOURCES if not _is_blank(arguments.get(name))]
    if len(given) > 1:
        raise OptionError(given[0], f"is given, and so is {' and '.join(given[1:])}.", "give one list of users.")
    reading = Reading(
        columns=arguments["columns"],
        defaults=arguments["defaults"],
        default_country=arguments["default_country"],
        profiles=_profiles(action, arguments["profiles"]),
    )
    if not given:
        raise EmptyListError(f"There is no list of users.{_misnamed(variables)}", WAYS)
    value = arguments[given[0]]
    if given == ["src"]:
        return read_bytes(_content(action, value, "src"), reading)
    if given == ["users"] and not isinstance(value, str):
        return read_users(value, reading)
    # A text with JSON in it, which ansible-core before 2.19 makes data of, is a text all the same.
    return read_text(value if isinstance(value, str) else json.dumps(value), reading)


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _profiles(action: ActionBase, given: Any) -> dict[str, Any]:
    """Return the profiles, which are a mapping, or in a YAML file on the controller; values in it may be vaulted."""
    what = "the option"
    if isinstance(given, str) and given.strip():
        what = _find(action, given, "profiles")
        given = _yaml(_content(action, what, "profiles"), what, RunVault(action._loader))
    if given is None or given == "":
        return {}
    if not isinstance(given, Mapping):
        raise OptionError("profiles", f"{what} is not a mapping of names to options.", _EXAMPLE)
    return {str(name): _plain(bundle) for name, bundle in given.items()}


def _yaml(content: bytes, path: str, vault: RunVault) -> Any:
    """Return the data of a YAML file, in which ``!vault`` marks what is encrypted. No message quotes any of it."""

    class Loader(yaml.SafeLoader):
        """The safe loader, and the tag of ansible-vault."""

    Loader.add_constructor("!vault", lambda loader, node: vault.decrypt(str(node.value).encode()))
    try:
        return yaml.load(content, Loader=Loader)
    except VaultError as error:
        raise OptionError("profiles", f"{path} cannot be decrypted: {error}.", "give its vault password.") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", see line {mark.line + 1}" if mark else ""
        raise OptionError("profiles", f"{path} is not YAML{where}.", _EXAMPLE) from None


def _plain(value: Any) -> Any:
    """Return *value* with plain texts: what ansible-vault has encrypted is decrypted by that."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _content(action: ActionBase, path: str, option: str) -> bytes:
    """Return what is in the file *path*, decrypted if ansible-vault has encrypted it."""
    found = _find(action, path, option)
    try:
        with open(found, "rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        kind = "CSV or JSON" if option == "src" else "YAML"
        raise OptionError(option, f"{found} cannot be read: {error.strerror}.", f"give a {kind} file.") from None
    vault = RunVault(action._loader)
    if not vault.is_encrypted(content):
        return content
    try:
        return vault.decrypt(content).encode()
    except VaultError as error:
        raise OptionError(option, f"{found} cannot be decrypted: {error}.", "give its vault password.") from None


def _find(action: ActionBase, path: str, option: str) -> str:
    """Return the absolute path: from the folder where ansible-playbook was started, else from where Ansible looks."""
    here = os.path.abspath(path)
    if os.path.exists(here):
        return here
    try:
        return str(action._find_needle("files", path))
    except AnsibleError:
        where = "" if os.path.isabs(path) else ", nor a file of that name beside the playbook or in the role"
        raise OptionError(option, f"There is no file {here}{where}.", "correct the path.") from None


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
    "calling_users_profiles": "profiles",
    "calling_users_location": "",
    "calling_users_license": "",
    "calling_users_default_country": "default_country",
    "calling_users_allow_empty": "allow_empty",
    "calling_users_list_only": "list_only",
    "calling_users_check_mode": "",
    "calling_users_on_error": "on_error",
    "calling_users_max_failures": "max_failures",
    "calling_users_create_people": "create_people",
    "calling_users_default_create_people": "",
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
