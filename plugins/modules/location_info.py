#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: location_info
short_description: Read the locations of a Webex organization
version_added: 1.0.0
description:
  - Reads the locations, and which of them are enabled for Webex Calling.
  - A location that does not exist is an empty list, not a failure.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
options:
  location:
    description: The location to read, by name or id. Without it, all are read.
    type: str
seealso:
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Read all locations
  collabops.webex.location_info:
    access_token: "{{ webex_access_token }}"
  register: all

- name: Show those that are enabled for calling
  ansible.builtin.debug:
    msg: "{{ all.locations | selectattr('calling_enabled') | map(attribute='name') }}"
"""

RETURN = r"""
locations:
  description:
    - The locations, with every property that Webex sends, its name in snake_case, and with C(calling_enabled).
    - C(calling) holds the calling settings of the location, V(none) if it is not enabled for calling.
  type: list
  elements: dict
  returned: success
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1
      name: Berlin
      calling_enabled: true
      calling:
        id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1
        name: Berlin
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.organization import plain_name
from ..module_utils._client import WebexClient
from ..module_utils._ids import bare_id, same_id
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module
from ..module_utils._page_sizes import LOCATIONS_PER_PAGE


def read(client: WebexClient) -> list[dict[str, Any]]:
    """Return every location, with its calling settings where it has any."""
    page: dict[str, Any] = {"max": LOCATIONS_PER_PAGE, **client.org_params}
    calling = {bare_id(item["id"]): item for item in client.pages("/telephony/config/locations", "locations", **page)}
    locations = []
    for location in client.pages("/locations", "items", **page):
        settings = calling.get(bare_id(location["id"]))
        locations.append({**location, "calling_enabled": settings is not None, "calling": settings})
    return locations


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Read the locations."""
    locations, wanted = read(client), module.params["location"]
    if wanted:
        locations = [
            location
            for location in locations
            if same_id(location["id"], wanted) or plain_name(location["name"]) == plain_name(wanted)
        ]
    return {"changed": False, "locations": snake_case(locations)}


def main() -> None:
    """Run the module."""
    run_module({"location": {"type": "str"}}, work)


if __name__ == "__main__":
    main()
