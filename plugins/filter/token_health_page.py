# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: token_health_page
short_description: Make one HTML page of a report on the health of tokens
version_added: 0.1.0
description:
  - Turns the report of M(collabops.webex.token_health) into one HTML page that needs nothing else. It has no script, no font
    and no image, sends no request, and is dark or light as the browser is.
  - Every app has a time line with the ends of both tokens and the next refresh, the verdict on each scope, and what to do.
author:
  - collabops contributors (@collabops)
positional: _input
options:
  _input:
    description: The return value RV(collabops.webex.token_health#module:report).
    type: dict
    required: true
seealso:
  - module: collabops.webex.token_health
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ result.report | collabops.webex.token_health_page }}"
    dest: /srv/www/webex_token_health.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._health_page import render


def token_health_page(found: Any) -> str:
    """Return the page for a report of ``token_health``; raises AnsibleFilterError for anything else."""
    if not isinstance(found, Mapping) or not {"status", "checked_at", "apps"} <= found.keys():
        raise AnsibleFilterError("This is not a report. What to do: give the return value report of token_health.")
    return render(found)


class FilterModule:
    """The filter for reports of ``token_health``."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"token_health_page": token_health_page}
