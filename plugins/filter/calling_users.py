# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: calling_users
short_description: Check a list of users for Webex Calling, from YAML, CSV or JSON
version_added: 0.1.0
description:
  - Turns a list, a CSV text or a JSON text into a list of options for M(collabops.webex.calling_users), after checking all
    of it.
  - All problems are reported at once, each with its line or number.
author:
  - collabops contributors (@collabops)
positional: _input
options:
  _input:
    description:
      - A list of dictionaries with options of M(collabops.webex.calling_user), a CSV text, or a JSON text, which is a list of
        objects with these options.
      - The CSV text has a header line with the names of the options. Commas, semicolons and tabs can separate. Empty lines are
        left out; a byte order mark is, too.
      - A text that was not UTF-8 is refused.
    type: raw
    required: true
  defaults:
    description: Options for the users who do not have their own, for example C(location).
    type: dict
    default: {}
  columns:
    description:
      - Which option is meant by a column or key of another name, as in the example. Case does not matter.
      - A column that is given nothing (V(null) or an empty text) is left out.
    type: dict
    default: {}
seealso:
  - module: collabops.webex.calling_users
  - plugin: collabops.webex.calling_users_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the users of a CSV file
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'users.csv') | collabops.webex.calling_users(defaults={'location': 'Berlin'}) }}"

- name: Show the users of a file whose columns have other names
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'staff.csv') | collabops.webex.calling_users(columns=columns) }}"
  vars:
    columns:
      Mail: email
      Desk phone: phone_number
      Cost center:
"""

RETURN = r"""
_value:
  description: The users, each a dictionary with options of M(collabops.webex.calling_user).
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import WebexError
from ..module_utils._user_list import EmptyListError, Reading, read_text, read_users


def calling_users(
    source: Any, defaults: Mapping[str, Any] | None = None, columns: Mapping[str, str | None] | None = None
) -> list[dict[str, Any]]:
    """Return checked users from a text or a list; raises AnsibleFilterError with every problem."""
    reading = Reading(columns=columns or {}, defaults=defaults or {})
    try:
        user_list = read_text(str(source), reading) if isinstance(source, str) else read_users(source, reading)
    except EmptyListError:
        return []
    except WebexError as error:
        raise AnsibleFilterError(str(error)) from None
    return user_list.users


class FilterModule:
    """The filters for lists of users."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"calling_users": calling_users}
