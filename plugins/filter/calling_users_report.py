# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: calling_users_report
short_description: Tell what became of each user of a list
version_added: 0.1.0
description:
  - Joins a list of users with what M(collabops.webex.calling_users) returned for them, in one task or in several.
author:
  - collabops contributors (@collabops)
positional: _input, results
options:
  _input:
    description: The users, as the filter P(collabops.webex.calling_users#filter) returns them.
    type: list
    elements: dict
    required: true
  results:
    description: The RV(collabops.webex.calling_users#module:users) of one or several tasks. The last one of a user counts.
    type: list
    elements: dict
    required: true
  otherwise:
    description: The result of users who have none, with C(outcome) and C(reason). By default they are skipped.
    type: dict
    default: {}
seealso:
  - module: collabops.webex.calling_users
"""

EXAMPLES = r"""
- name: Enable the users who can be enabled
  collabops.webex.calling_users:
    users: "{{ users }}"
    on_error: skip
  register: enabled
  ignore_errors: true

- name: Show who was not
  ansible.builtin.debug:
    msg: "{{ (users | collabops.webex.calling_users_report(enabled.users)).failed }}"
"""

RETURN = r"""
_value:
  description:
    - C(changed) (also enabled), C(unchanged), C(skipped) and C(failed) are lists in the order
      of the users. An entry has what was asked for, overlaid with what RV(collabops.webex.calling_users#module:users) says.
    - C(due) lists the users to change as they were asked for, which is what is left to do after a task in check mode. Those
      with V(state=absent) come first, since another one may get what they give back.
    - C(counts) has how many users had which outcome, and C(words) says it.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils._calling.list_report import report


def calling_users_report(
    users: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    otherwise: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what became of the users."""
    return report(users, results, otherwise)


class FilterModule:
    """The filter for results."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"calling_users_report": calling_users_report}
