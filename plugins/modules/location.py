#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: location
short_description: Create a location and enable it for Webex Calling
version_added: 1.0.0
description:
  - Creates a location, changes what differs, and enables it for Webex Calling.
  - What the options do not say stays as it is.
  - Before numbers can be added, or people called from outside, the location needs a connection to the telephone network
    (PSTN) and a main number. Set them up in Control Hub; this module does not.
  - This module does not delete a location, and takes neither calling nor the connection away from it. Webex deletes a location
    only when nothing is left in it, which can take hours (wxcli). Do that in Control Hub.
  - Each request is sent once. After an error, the locations are read before anything is said. A location whose creation ended
    without a clear answer and that does not show within O(wait_timeout) is not created again, as Webex might take it for a
    second one. The task fails, and the next run goes on with what is there.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  name:
    description:
      - The name of the location, which says which one is meant. It is compared without regard to case.
      - It has 80 characters at most, without O(calling) 256.
    type: str
    required: true
  time_zone:
    description: The time zone, such as V(Europe/Berlin). A location that is created or enabled needs it.
    type: str
  preferred_language:
    description: The language of e-mails, such as V(de_de). A location that is created or enabled needs it.
    type: str
  announcement_language:
    description:
      - The language of announcements, such as V(de_de). A location that is created or enabled needs it.
      - Webex does not show it with the location, so it is not changed later.
    type: str
  address:
    description:
      - The address, as a whole. A location that is created or enabled needs it.
      - Emergency services go by it.
    type: dict
    suboptions:
      address1:
        description: The street.
        type: str
        required: true
      address2:
        description: What else belongs to the street. If it is not given, it is not compared.
        type: str
      city:
        description: The city.
        type: str
        required: true
      state:
        description: The code of the state.
        type: str
        required: true
      postal_code:
        description: The postal code, in quotes.
        type: str
        required: true
      country:
        description: The country, by its two letters of ISO 3166.
        type: str
        required: true
  latitude:
    description: The latitude, for a location that is created. It is not changed later.
    type: str
  longitude:
    description: The longitude, for a location that is created. It is not changed later.
    type: str
  notes:
    description: Notes, for a location that is created. They are not changed later.
    type: str
  calling:
    description:
      - Whether to enable the location for Webex Calling. With V(false), it is not enabled; one that is stays so.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait until a change can be read back. Webex does not show changes at once everywhere.
      - When the time is over, the task ends well, with a warning and RV(verified=false). A task that creates the same location
        then may create it twice, so do not set this to V(0).
    type: float
    default: 30
seealso:
  - module: collabops.webex.location_info
  - module: collabops.webex.number
  - name: Enable a Location for Webex Calling
    description: One of the calls of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/locations/enable-a-location-for-webex-calling
"""

EXAMPLES = r"""
- name: Create a location with calling
  collabops.webex.location:
    access_token: "{{ webex_access_token }}"
    name: Hamburg
    time_zone: Europe/Berlin
    preferred_language: de_de
    announcement_language: de_de
    address:
      address1: Am Kaiserkai 1
      city: Hamburg
      state: HH
      postal_code: "20457"
      country: DE
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order; V(create) or V(update), and V(enable). Empty if there was
      nothing to do.
  type: list
  elements: str
  returned: success
  sample: [create, enable]
verified:
  description: Whether the change was seen when the locations were read again. Always true when nothing was changed.
  type: bool
  returned: success
  sample: true
location:
  description:
    - The location as read after the change, with every property that Webex sends, its name in snake_case, and with
      C(calling_enabled). In check mode, as far as it is known before.
  type: dict
  returned: success
  sample:
    id: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1
    name: Hamburg
    time_zone: Europe/Berlin
    calling_enabled: true
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._client import WebexClient
from ..module_utils._json_case import camel_case, snake_case
from ..module_utils._location_plan import WantedLocation, plan_location
from ..module_utils._location_write import carry_out
from ..module_utils._module import run_module
from ..module_utils._patience import Patience

ADDRESS: dict[str, dict[str, Any]] = {
    "address1": {"type": "str", "required": True},
    "address2": {"type": "str"},
    "city": {"type": "str", "required": True},
    "state": {"type": "str", "required": True},
    "postal_code": {"type": "str", "required": True},
    "country": {"type": "str", "required": True},
}
PROPERTIES: dict[str, dict[str, Any]] = {
    "time_zone": {"type": "str"},
    "preferred_language": {"type": "str"},
    "announcement_language": {"type": "str"},
    "address": {"type": "dict", "options": ADDRESS},
    "latitude": {"type": "str"},
    "longitude": {"type": "str"},
    "notes": {"type": "str"},
}


def wanted_location(params: dict[str, Any]) -> WantedLocation:
    """Return what the options ask for; those that are not given ask for nothing."""
    given = {name: params[name] for name in PROPERTIES if params[name] is not None}
    if "address" in given:
        given["address"] = {key: value for key, value in given["address"].items() if value is not None}
    return WantedLocation(params["name"], params["calling"], camel_case(given))


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan, and carry the plan out unless in check mode."""
    plan = plan_location(client, wanted_location(module.params))
    location, is_calling, verified = plan.after, plan.wanted.calling or plan.before.calling is not None, True
    notes = list(plan.notes)
    if plan.actions and not module.check_mode:
        outcome = carry_out(client, plan, Patience(module.params["wait_timeout"]))
        location, is_calling = dict(outcome.sight.location or {}), outcome.sight.calling is not None
        verified = outcome.verified
        if not verified:
            notes.append(
                f"Webex accepted the change of {plan.wanted.name}, but did not show all of it yet; look again later."
            )
    for note in notes:
        module.warn(note)
    return {
        "changed": bool(plan.actions),
        "actions": plan.actions,
        "verified": verified,
        "location": snake_case({**location, "callingEnabled": is_calling}),
        "diff": snake_case(plan.difference()),
    }


def main() -> None:
    """Run the module."""
    run_module(
        {
            "name": {"type": "str", "required": True},
            **PROPERTIES,
            "calling": {"type": "bool", "default": True},
            "wait_timeout": {"type": "float", "default": 30},
        },
        work,
    )


if __name__ == "__main__":
    main()
