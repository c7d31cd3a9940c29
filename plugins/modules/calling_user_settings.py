#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: calling_user_settings
short_description: Set voicemail, caller ID, call forwarding and more of a Webex Calling user
version_added: 1.0.0
description:
  - Sets the emergency callback number, the caller ID, voicemail, permissions for outgoing calls, call forwarding, the time zone,
    the language and further numbers of a person who has Webex Calling.
  - What there is already is read first, and only what differs is written. What the options do not say stays as it is. Without
    any of these options, nothing is written, and all settings are read.
  - Webex can drop what it does not accept without a word. So each setting is read again after it was written, for
    O(wait_timeout) at most. If it does not show what was asked for, the task fails, and names it.
  - Settings are independent of each other. If one fails, the others are done all the same, and the message says which are.
  - A person for whom emergency services have no number to call back is a warning.
  - Control Hub can lock a feature for the API. Webex then answers with the same status as for a missing scope (403), so the
    message names both causes.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
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
  wait_timeout:
    description:
      - How many seconds to wait until a setting can be read back. Webex does not show changes at once everywhere.
    type: float
    default: 30
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_provisioning
    description: Enable users for Webex Calling from a list, from the first CSV file to profiles.
  - module: collabops.webex.calling_user
  - module: collabops.webex.calling_users
"""

EXAMPLES = r"""
- name: Let emergency services call back the number of the location
  collabops.webex.calling_user_settings:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    emergency_callback: location

- name: Voicemail with a copy by e-mail, and no international calls
  collabops.webex.calling_user_settings:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    voicemail:
      enabled: true
      email_copy: true
      email_copy_to: alice@example.com
    voicemail_passcode: "{{ alice_passcode }}"
    outgoing_permissions:
      block: [international, premium_services_i]

- name: Forward calls that nobody answers to the reception
  collabops.webex.calling_user_settings:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    caller_id:
      number: location
    call_forwarding:
      no_answer: "2000"
      rings: 4

- name: Read all settings
  collabops.webex.calling_user_settings:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
  register: alice
"""

RETURN = r"""
changed_settings:
  description: The settings that were changed, or in check mode would be.
  type: list
  elements: str
  returned: once the person was read
  sample: [emergency_callback]
settings:
  description:
    - The settings as read at last, in the words of the options; in check mode, as they would be. Those that are not asked for
      are left out, unless none is. The passcode is never among them.
  type: dict
  returned: once the person was read
  sample: {emergency_callback: location, time_zone: Europe/Berlin}
user:
  description: Whose settings they are.
  type: dict
  returned: once the person was read
  contains:
    person_id:
      description: The person's id.
      type: str
      sample: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
    email:
      description: An e-mail address of the person.
      type: str
      sample: alice@example.com
    display_name:
      description: The person's name.
      type: str
      sample: Alice Example
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.settings.emergency_callback import SETTING as EMERGENCY_CALLBACK
from ..module_utils._calling.settings.options import SETTINGS_SPEC
from ..module_utils._calling.settings.person import apply_all, find_subject, preview_all
from ..module_utils._calling.settings.table import SETTINGS, check, named
from ..module_utils._client import WebexClient
from ..module_utils._module import run_module
from ..module_utils._patience import Patience


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Bring the settings about that are named, unless in check mode; or read all of them."""
    params = module.params
    options = check(params)
    wanted = named(options)
    subject = find_subject(client, email=params["email"], person_id=params["person_id"])
    if module.check_mode or not wanted:
        result = preview_all(wanted or SETTINGS, subject, options)
    else:
        result = apply_all(wanted, subject, options, Patience(params["wait_timeout"]))
    notes = result.notes
    if wanted and EMERGENCY_CALLBACK not in wanted:
        callback = preview_all([EMERGENCY_CALLBACK], subject, {})
        notes += callback.notes
        if callback.error:
            notes += (f"whether emergency services have a number to call back is unknown: {callback.error}",)
    for note in notes:
        module.warn(f"{subject.who}: {note}.")
    before, after = result.difference()
    shown = {
        "changed": result.is_changed,
        "changed_settings": result.changed,
        "settings": result.shown(),
        "user": subject.shown(),
        "diff": {"before": before, "after": after},
    }
    if result.error:
        module.fail_json(msg=str(result.error), error=result.error.details(), **shown)
    return shown


def main() -> None:
    """Run the module."""
    run_module(
        {
            "email": {"type": "str"},
            "person_id": {"type": "str"},
            **SETTINGS_SPEC,
            "wait_timeout": {"type": "float", "default": 30},
        },
        work,
        mutually_exclusive=[("email", "person_id")],
        required_one_of=[("email", "person_id")],
    )


if __name__ == "__main__":
    main()
