#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: person_info
short_description: Read the people of a Webex organization
version_added: 1.0.0
description:
  - Reads one person, the people with a name, or everybody, with their licenses and their calling data.
  - A person who does not exist is an empty list, not a failure.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
options:
  email:
    description: The e-mail address of the person to read.
    type: str
  person_id:
    description: The id of the person to read.
    type: str
  display_name:
    description: What the name of the people to read starts with.
    type: str
  calling_data:
    description:
      - Whether to read the location, the extension and the work numbers too. The lists are slower with it.
    type: bool
    default: true
seealso:
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Read a person
  collabops.webex.person_info:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
  register: alice

- name: Show the extension
  ansible.builtin.debug:
    msg: "{{ alice.people[0].extension | default('none') }}"
"""

RETURN = r"""
people:
  description:
    - The people, with every property that Webex sends, its name in snake_case.
    - Which properties there are depends on the person and on the token.
  type: list
  elements: dict
  returned: success
  sample:
    - id: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
      emails: [alice@example.com]
      display_name: Alice Example
      extension: "2002"
      location_id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1
      licenses: [Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh]
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._client import WebexClient
from ..module_utils._errors import Refused
from ..module_utils._ids import as_segment
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module

PEOPLE_PER_PAGE = 100


def read(params: dict[str, Any], client: WebexClient) -> list[dict[str, Any]]:
    """Return the people whom the options name, as Webex says them."""
    calling = {"callingData": "true"} if params["calling_data"] else {}
    if params["person_id"]:
        try:
            return [client.get(f"/people/{as_segment(params['person_id'])}", **calling)]
        except Refused as error:
            if error.status == 404:
                return []
            raise
    names = {"email": params["email"], "displayName": params["display_name"]}
    chosen = {key: value for key, value in names.items() if value}
    return list(client.pages("/people", "items", max=PEOPLE_PER_PAGE, **chosen, **calling, **client.org_params))


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Read the people."""
    return {"changed": False, "people": snake_case(read(module.params, client))}


def main() -> None:
    """Run the module."""
    run_module(
        {
            "email": {"type": "str"},
            "person_id": {"type": "str"},
            "display_name": {"type": "str"},
            "calling_data": {"type": "bool", "default": True},
        },
        work,
        mutually_exclusive=[("email", "person_id", "display_name")],
    )


if __name__ == "__main__":
    main()
