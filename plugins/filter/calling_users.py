# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: calling_users
short_description: Check a list of users for Webex Calling, from YAML or CSV
version_added: 0.1.0
description:
  - Turns a list or a CSV text into a list of options for M(collabops.webex.calling_user), after checking all of it.
  - All problems are reported at once, each with its line or number.
author:
  - collabops contributors (@collabops)
positional: _input
options:
  _input:
    description:
      - A list of dictionaries with options of M(collabops.webex.calling_user), or a CSV text.
      - The CSV text has a header line with the names of the options. Commas, semicolons and tabs can separate.
    type: raw
    required: true
  defaults:
    description: Options for the users who do not have their own, for example C(location).
    type: dict
    default: {}
seealso:
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Show the users of a CSV file
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'users.csv') | collabops.webex.calling_users(defaults={'location': 'Berlin'}) }}"
"""

RETURN = r"""
_value:
  description: The users, each a dictionary with options of M(collabops.webex.calling_user).
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._users import (
    UserListError,
    check_users,
    numbered,
    read_csv,
)


def calling_users(source: Any, defaults: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return checked users from a CSV text or a list; raises AnsibleFilterError with every problem."""
    try:
        return check_users(read_csv(str(source)) if isinstance(source, str) else _numbered(source), defaults)
    except WebexError as error:
        raise AnsibleFilterError(str(error)) from None


def _numbered(source: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(source, Sequence) or not all(isinstance(user, Mapping) for user in source):
        raise UserListError("The users are not a list of dictionaries.", "write each as a list entry with email: ...")
    return numbered(source)


class FilterModule:
    """The filters for lists of users."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"calling_users": calling_users}
