#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: number_info
short_description: Read the phone numbers and extensions of a Webex organization
version_added: 1.0.0
description:
  - Reads the phone numbers in the inventory of the calling locations, and the extensions that are in use, each with its
    location and its owner.
  - Of several options, a number has to fit all. Where none fits, the list is empty, which is not a failure; a location that
    does not exist is one.
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
    description: The location of the numbers, by name or id. It must be enabled for calling.
    type: str
  phone_number:
    description: The phone number to read, in E.164 notation.
    type: str
  extension:
    description:
      - The extension to read, without the location's routing prefix. Write it in quotes, since YAML takes V(0123) for a
        number.
    type: str
  owner:
    description:
      - The e-mail address of a person, or the id of a person, workspace or feature, whose numbers to read.
      - A person who does not exist has no numbers.
    type: str
  available:
    description:
      - With V(true), only phone numbers that nobody has. With V(false), only numbers and extensions that somebody has.
    type: bool
seealso:
  - module: collabops.webex.calling_user
  - module: collabops.webex.location_info
"""

EXAMPLES = r"""
- name: Read the numbers of a location that are free
  collabops.webex.number_info:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    available: true
  register: free

- name: Enable a user with the first of them
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    location: Berlin
    phone_number: "{{ free.numbers[0].phone_number }}"

- name: See who has an extension
  collabops.webex.number_info:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    extension: "2001"
"""

RETURN = r"""
numbers:
  description:
    - The numbers, with every property that Webex sends, its name in snake_case, and with C(available).
    - An extension without a phone number has no C(phone_number), a number that nobody has no C(owner).
  type: list
  elements: dict
  returned: success
  contains:
    phone_number:
      description: The phone number in E.164 notation.
      type: str
      sample: "+493055502001"
    extension:
      description: The extension, without routing prefix.
      type: str
      sample: "2001"
    available:
      description: Whether it is a phone number that nobody has.
      type: bool
      sample: false
    location:
      description: The location, with C(id) and C(name).
      type: dict
      sample: {id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1, name: Berlin}
    owner:
      description: Whose it is, with C(id), C(type), and the names that there are.
      type: dict
      sample:
        id: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
        type: PEOPLE
        first_name: Ivan
        last_name: Example
  sample:
    - phone_number: "+493055502001"
      extension: "2001"
      available: false
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.number_list import NumberFilter, read_numbers
from ..module_utils._client import WebexClient
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Read the numbers."""
    names = ("location", "phone_number", "extension", "owner", "available")
    wanted = NumberFilter(**{name: module.params[name] for name in names})
    return {"changed": False, "numbers": snake_case(read_numbers(client, wanted))}


def main() -> None:
    """Run the module."""
    run_module(
        {
            "location": {"type": "str"},
            "phone_number": {"type": "str"},
            "extension": {"type": "str"},
            "owner": {"type": "str"},
            "available": {"type": "bool"},
        },
        work,
    )


if __name__ == "__main__":
    main()
