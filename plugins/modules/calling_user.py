#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: calling_user
short_description: Enable or disable Webex Calling for a person
version_added: 1.0.0
description:
  - Gives a person a Webex Calling license with a location, an extension and a phone number, changes the extension or the
    phone number, or takes the license away.
  - The person must exist, or is created with O(create_people=true). What is there already is read first, and only what differs
    is written.
  - What is read can be old. So nothing that was read is sent back, but for the name and the addresses that Webex demands; after
    an error the person is read before anything is said or sent again; and if Webex's answers contradict what was read, it
    is read again, for O(wait_timeout) at most, or nothing is written.
  - After a change the person is read until the change shows, for O(wait_timeout) at most.
  - Then the settings are set up that the options name (O(emergency_callback) to O(remove_numbers)), as
    M(collabops.webex.calling_user_settings) does it. If one of them fails, the task fails, says which are as wanted, and the
    license stays. With O(state=absent), they do not count.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.calling
  - collabops.webex.settings
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  email:
    description: The person's e-mail address. One of O(email) and O(person_id) is required.
    type: str
  person_id:
    description: The person's id.
    type: str
  state:
    description:
      - With V(present), the person has Webex Calling with what the other options say. What they do not say stays as it
        is.
      - With V(absent), the person has no Webex Calling license, of whichever kind and however many they had. A person who
        does not exist has none.
    type: str
    choices: [present, absent]
    default: present
  license:
    description:
      - The license, as V(professional) or V(standard), by its name in this organization, or by its id.
      - Without it, a person who has a calling license keeps that one, and a newcomer gets Professional.
      - If several subscriptions have it, one that the person holds already is kept, else the one with the most free units is
        taken.
      - A person with Standard is raised to Professional only if this option says so. It costs more, and Webex does not allow
        the way back.
      - A license that is named in full is taken as meant, whatever it is called. Cisco renamed the licenses in January 2026.
    type: str
  location:
    description:
      - The location by name or id. It must be enabled for calling. An exact name comes first; else case, Unicode form and outer
        blanks do not matter.
      - Mandatory for O(state=present) unless O(phone_number) is given, which then decides it.
      - Another location for a person who has calling already is refused, unless O(allow_move=true).
    type: str
  extension:
    description:
      - The extension, without the location's routing prefix. Write it in quotes, since YAML takes V(0123) for a number.
      - For O(state=present) at least one of O(extension) and O(phone_number) is required.
    type: str
  phone_number:
    description:
      - The phone number in E.164 notation. It must be in the location's inventory, free, and for people - not a service, reserved
        or mobile number.
      - It replaces the primary number. Further numbers of the person stay.
    type: str
  remove_phone_number:
    description:
      - Whether to take the phone number away. The extension stays, so there must be one.
      - Webex does not document how that is done; the person is sent without the number, and what is read back tells.
    type: bool
    default: false
  first_name:
    description: The first name of somebody who has to be created, see O(create_people).
    type: str
  last_name:
    description: Their last name.
    type: str
  display_name:
    description: Their name as others see it. Without it, it is the first and the last name.
    type: str
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_provisioning
    description: Enable users for Webex Calling from a list, from the first CSV file to profiles.
  - module: collabops.webex.calling_user_settings
  - module: collabops.webex.service_app_token
  - module: collabops.webex.license_info
  - module: collabops.webex.location_info
  - module: collabops.webex.person_info
  - name: Assign Licenses to Users
    description: The call of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/licenses/assign-licenses-to-users
"""

EXAMPLES = r"""
- name: Enable a user
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    location: Berlin
    extension: "2002"

- name: Give a user a number of the location's inventory
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: bob@example.com
    license: standard
    location: Berlin
    phone_number: "+493055502003"

- name: Create a person if there is none, and enable them
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: judy@example.com
    first_name: Judy
    last_name: Example
    create_people: true
    location: Berlin
    extension: "2010"

- name: Enable a user whom emergency services can call back, with voicemail and a copy by e-mail
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: carol@example.com
    location: Berlin
    extension: "2004"
    emergency_callback: location
    voicemail:
      enabled: true
      email_copy: true

- name: Take calling away
  collabops.webex.calling_user:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or in check mode would be done; V(none), V(enable), V(update), V(move) or V(disable).
  type: str
  returned: success
  sample: enable
created:
  description: Whether the person was created, or in check mode would be.
  type: bool
  returned: success
  sample: false
verified:
  description: Whether the change was seen when the person was read again. Always true when nothing was changed.
  type: bool
  returned: success
  sample: true
released:
  description:
    - What people gave back with O(release), or in check mode would, and what is left of theirs. Those who had nothing are not
      in the list.
  type: list
  elements: dict
  returned: success
  contains:
    user:
      description: The person, as they were named.
      type: str
      sample: alice@example.com
    devices:
      description: The devices that were deleted.
      type: list
      elements: str
      sample: [Cisco 8865 112233445566]
    left:
      description: What could not be given back, and why.
      type: list
      elements: str
      sample: []
  sample: []
settings:
  description:
    - The settings that the options name, as read at last; in check mode, as they would be. The passcode is never among them.
  type: dict
  returned: success
  sample: {emergency_callback: location}
changed_settings:
  description: Which settings were changed, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: [emergency_callback]
user:
  description: The person's calling settings, as read after the change. In check mode, as they would be.
  type: dict
  returned: success
  contains:
    person_id:
      description: The person's id.
      type: str
      sample: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
    email:
      description: The person's e-mail address.
      type: str
      sample: alice@example.com
    display_name:
      description: The person's name.
      type: str
      sample: Alice Example
    enabled:
      description: Whether the person has a Webex Calling license.
      type: bool
      sample: true
    license:
      description: The license's name.
      type: str
      sample: Webex Calling - Professional
    license_id:
      description: The license's id.
      type: str
      sample: Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh
    location:
      description: The location's name, or V(none) if the task did not have to look it up.
      type: str
      sample: Berlin
    location_id:
      description: The location's id.
      type: str
      sample: Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1
    extension:
      description: The extension, without routing prefix.
      type: str
      sample: "2002"
    phone_number:
      description:
        - The work number. A number that comes from a directory, and is not theirs in the inventory of calling, does not count.
      type: str
      sample: "+493055502002"
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.bulk_plan import read_and_plan
from ..module_utils._calling.bulk_read import BulkOrganization
from ..module_utils._calling.bulk_write import carry_out
from ..module_utils._calling.model import CallingState, Plan
from ..module_utils._calling.options import RULES_SPEC, USER_SPEC, rules_of
from ..module_utils._calling.release import foresee, leavers_of, release, warnings_of
from ..module_utils._calling.result import preview
from ..module_utils._calling.settings.person import PersonSettings
from ..module_utils._calling.steps import Way
from ..module_utils._calling.wish import wanted_of
from ..module_utils._client import WebexClient
from ..module_utils._module import run_module
from ..module_utils._patience import Patience


def shown(plan: Plan, state: CallingState) -> dict[str, Any]:
    """Return the person with a calling state, as RETURN describes it."""
    emails = plan.person.get("emails") or [None]
    return {
        "person_id": plan.person.get("id"),
        "email": emails[0],
        "display_name": plan.person.get("displayName"),
        **state.shown(),
    }


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan, and carry the plan out unless in check mode. It is the engine of `calling_users`, with a list of one."""
    wanted = wanted_of(module.params)
    way = Way(1, Patience(module.params["wait_timeout"]), rules=rules_of(module.params))
    organization = BulkOrganization(client, [wanted], way.workers)
    planned = read_and_plan(organization, [wanted], way.rules, way.patience)
    for _who, problem in planned.problems:
        raise problem
    leavers = leavers_of(planned.users) if module.params["release"] else []
    released = foresee(client, leavers)
    if module.check_mode:
        (result,) = preview(planned, stopped=False)
    else:
        (result,) = carry_out(client, organization, planned, way)
    if result.error and not result.settings:
        raise result.error
    if not module.check_mode:
        leavers = [replace(leaver, left=result.left) for leaver in leavers]
        released = release(client, leavers, way.patience)
    for warning in warnings_of(released):
        module.warn(warning)
    plan = planned.users[0].plan
    for note in result.notes:
        module.warn(f"{wanted.who}: {note}.")
    if not result.verified:
        module.warn(f"Webex accepted the change of {wanted.who}, but did not show it yet; look again later.")
    state = result.seen or plan.after
    before, after = shown(plan, plan.before), shown(plan, state)
    if result.settings:
        old, new = result.settings.difference()
        before, after = before | old, after | new
    settings = result.settings or PersonSettings()
    answer = {
        "changed": result.is_changed or any(leaver.devices for leaver in released),
        "action": "update" if plan.action == "none" and settings.is_changed else plan.action,
        "created": result.created,
        "verified": result.verified,
        "released": [leaver.shown() for leaver in released],
        "user": shown(plan, state),
        "settings": settings.shown(),
        "changed_settings": settings.changed,
        "diff": {"before": before, "after": after},
    }
    if result.error:
        module.fail_json(msg=str(result.error), error=result.error.details(), **answer)
    return answer


def main() -> None:
    """Run the module."""
    run_module(
        {**USER_SPEC, **RULES_SPEC},
        work,
        mutually_exclusive=[("email", "person_id")],
        required_one_of=[("email", "person_id")],
        required_if=[("state", "present", ("extension", "phone_number"), True)],
    )


if __name__ == "__main__":
    main()
