#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: license_info
short_description: Read the licenses of a Webex organization
version_added: 1.0.0
description:
  - Reads the licenses with their units, and on request who holds them.
  - A license that does not exist is an empty list, not a failure.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
options:
  license:
    description:
      - The license to read, as V(professional) or V(standard), by its name, or by its id. Without it, all are read.
      - The same name can occur once per subscription.
    type: str
  assigned_users:
    description: Whether to read who holds each of the licenses. That is one request for every 300 holders.
    type: bool
    default: false
seealso:
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Read the Professional licenses
  collabops.webex.license_info:
    access_token: "{{ webex_access_token }}"
    license: professional
  register: professional

- name: Show how many are free
  ansible.builtin.debug:
    msg: "{{ item.subscription_id }}: {{ item.free_units | default('unlimited', true) }}"
  loop: "{{ professional.licenses }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
licenses:
  description:
    - The licenses, with every property that Webex sends, its name in snake_case, and with C(free_units), which is V(none)
      if the number is unlimited.
    - With O(assigned_users=true), C(users) lists the holders.
  type: list
  elements: dict
  returned: success
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh
      name: Webex Calling - Professional
      subscription_id: Sub-hydraOct26a
      total_units: 50
      consumed_units: 5
      free_units: 45
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.licenses import matching
from ..module_utils._calling.model import License
from ..module_utils._client import WebexClient
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module
from ..module_utils._page_sizes import HOLDERS_PER_PAGE


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Read the licenses."""
    items = list(client.pages("/licenses", "items", **client.org_params))
    if module.params["license"]:
        chosen = {license_.id for license_ in matching(map(License.from_webex, items), module.params["license"])}
        items = [item for item in items if item["id"] in chosen]
    for item in items:
        free = License.from_webex(item).free
        item["freeUnits"] = None if free == float("inf") else free
        if module.params["assigned_users"]:
            holders = client.pages(f"/licenses/{item['id']}", "users", includeAssignedTo="user", limit=HOLDERS_PER_PAGE)
            item["users"] = list(holders)
    return {"changed": False, "licenses": snake_case(items)}


def main() -> None:
    """Run the module."""
    run_module({"license": {"type": "str"}, "assigned_users": {"type": "bool", "default": False}}, work)


if __name__ == "__main__":
    main()
