#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: number
short_description: Add, activate, deactivate or remove phone numbers of a Webex Calling location
version_added: 1.0.0
description:
  - Puts phone numbers into the inventory of a calling location, activates or deactivates them, or takes them out.
  - This is for locations whose connection to the telephone network (PSTN) is a local gateway or a provider that is not
    integrated. Where it is integrated, as Cisco Calling Plans are, the task fails and says so. Cisco warns of damaged data
    there, so the connection is read before anything is written.
  - No number is taken away from anybody. Numbers that a person, a workspace or a feature has are neither removed nor
    deactivated, and then the task fails before anything is written. Before each request that removes or deactivates
    numbers, the inventory is read. Whether Webex itself would refuse is not documented, so do not give such numbers to
    people while the task runs.
  - Other numbers of the location stay as they are.
  - Up to 100 numbers are sent in a request, to be removed 5. After an error, the inventory is read before anything is said or
    repeated, and the message says which numbers are not as wanted. Run the task again for them.
  - A change is looked for until it shows, for O(wait_timeout) at most.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  location:
    description: The location, by name or id. It must be enabled for calling.
    type: str
    required: true
  phone_numbers:
    description:
      - The phone numbers in E.164 notation, in quotes. Blanks, hyphens, dots, slashes and parentheses in them are ignored.
      - Mobile numbers cannot be added, activated or removed, since they are ordered from a carrier.
    type: list
    elements: str
    required: true
  state:
    description:
      - With V(present), the numbers are in the inventory of the location. Those that are there stay as they are, active or
        not. Those that are added have the state that Webex gives them, which is not documented.
      - With V(active), they are there and can be called.
      - With V(inactive), they are there and cannot be called, for example because they are still to be ported.
      - With V(absent), they are not in the inventory of the location. The main number of a location cannot be removed.
      - A number that is in the inventory of another location is refused, but for V(absent), with which it stays there.
    type: str
    choices: [present, absent, active, inactive]
    default: present
  number_type:
    description:
      - What kind of numbers those are that are added; V(did) for ordinary ones. Webex decides if it is not given.
      - The kind of a number that is there already is not changed.
    type: str
    choices: [did, toll_free]
  wait_timeout:
    description:
      - How many seconds to wait until a change can be read back. Webex does not show changes at once everywhere.
      - When the time is over, the task ends well, with a warning and RV(verified=false).
      - If a request ends without a clear answer, its numbers are looked for as long too. New ones that do not show are sent
        once more; Webex ignores those that it has.
    type: float
    default: 30
seealso:
  - module: collabops.webex.number_info
  - module: collabops.webex.location
  - name: Add Phone Numbers to a location
    description: One of the calls of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/numbers/add-phone-numbers-to-a-location
"""

EXAMPLES = r"""
- name: Add numbers, ready for use
  collabops.webex.number:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    phone_numbers:
      - "+49 30 5550-3001"
      - "+49 30 5550-3002"
    state: active

- name: Add a block of a hundred numbers that are still to be ported
  collabops.webex.number:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    phone_numbers: "{{ range(3000, 3100) | map('regex_replace', '^', '+49305550') | list }}"
    state: inactive

- name: Read the numbers of a location that nobody has
  collabops.webex.number_info:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    available: true
  register: free

- name: Remove them, but for the main number
  collabops.webex.number:
    access_token: "{{ webex_access_token }}"
    location: Berlin
    phone_numbers: "{{ free.numbers | rejectattr('main_number') | map(attribute='phone_number') | list }}"
    state: absent
  when: free.numbers | rejectattr('main_number') | list
"""

RETURN = r"""
added:
  description: The numbers that were added, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: ["+493055503001"]
activated:
  description: The numbers that were there and were activated, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: []
deactivated:
  description: The numbers that were there and were deactivated, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: []
removed:
  description: The numbers that were removed, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: []
verified:
  description: Whether the change was seen when the inventory was read again. Always true when nothing was changed.
  type: bool
  returned: success
  sample: true
numbers:
  description:
    - Those of O(phone_numbers) that are in the inventory of the location, as read after the change, with every property that
      Webex sends, its name in snake_case. In check mode, as far as they are known before.
  type: list
  elements: dict
  returned: success
  sample:
    - phone_number: "+493055503001"
      state: ACTIVE
      location: {id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1, name: Berlin}
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.number_plan import (
    ACTIVATE,
    ADD,
    DEACTIVATE,
    NUMBER_TYPES,
    PRESENT,
    REMOVE,
    STATES,
    WantedNumbers,
    plan_numbers,
)
from ..module_utils._calling.number_write import Outcome, carry_out
from ..module_utils._client import WebexClient
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module
from ..module_utils._patience import Patience


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan, and carry the plan out unless in check mode."""
    params = module.params
    wanted = WantedNumbers(params["location"], tuple(params["phone_numbers"]), params["state"], params["number_type"])
    plan = plan_numbers(client, wanted)
    outcome = Outcome(plan.after, True)
    if plan.steps and not module.check_mode:
        outcome = carry_out(client, plan, Patience(params["wait_timeout"]))
    if not outcome.verified:
        module.warn(
            f"Webex accepted the change of numbers of {plan.place.name}, but did not show it yet; look again later."
        )
    return {
        "changed": bool(plan.steps),
        "added": plan.steps.get(ADD, []),
        "activated": plan.steps.get(ACTIVATE, []),
        "deactivated": plan.steps.get(DEACTIVATE, []),
        "removed": plan.steps.get(REMOVE, []),
        "verified": outcome.verified,
        "numbers": snake_case(outcome.items),
        "diff": plan.difference(),
    }


def main() -> None:
    """Run the module."""
    run_module(
        {
            "location": {"type": "str", "required": True},
            "phone_numbers": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": PRESENT},
            "number_type": {"type": "str", "choices": list(NUMBER_TYPES)},
            "wait_timeout": {"type": "float", "default": 30},
        },
        work,
    )


if __name__ == "__main__":
    main()
