# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: calling_users_page
short_description: Make one HTML page of what became of each user of a list
version_added: 0.1.0
description:
  - Turns what P(collabops.webex.calling_users_report#filter) returns into one HTML page that needs nothing else. It has no
    script, no font and no image, sends no request, is dark or light as the browser is, and can be printed.
  - Those who failed or were skipped come first, by the reason; then those who were changed, and those who were not.
author:
  - collabops contributors (@collabops)
positional: _input
options:
  _input:
    description: What P(collabops.webex.calling_users_report#filter) returns.
    type: dict
    required: true
seealso:
  - plugin: collabops.webex.calling_users_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ users | collabops.webex.calling_users_report(enabled.users) | collabops.webex.calling_users_page }}"
    dest: reports/calling_users.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._time import to_iso, utc_now
from ..plugin_utils._pages.users import users_page


def calling_users_page(found: Any) -> str:
    """Return the page for what ``calling_users_report`` returned; raises AnsibleFilterError for anything else."""
    if not isinstance(found, Mapping) or not {"counts", "failed", "skipped", "changed", "unchanged"} <= found.keys():
        raise AnsibleFilterError("This is not a report. What to do: give what the filter calling_users_report returns.")
    rows = [row for end in ("failed", "skipped", "changed", "unchanged") for row in found[end]]
    complete = [{"notes": [], "verified": None, **row} for row in rows]
    return users_page({"time": to_iso(utc_now()), "counts": found["counts"], "notes": [], "users": complete})


class FilterModule:
    """The filter for reports of ``calling_users_report``."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"calling_users_page": calling_users_page}
