#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: person
short_description: Create, change or delete a person of a Webex organization
version_added: 1.0.0
description:
  - Creates a person, changes what differs, or deletes the person. The e-mail address says which person is meant.
  - What the options do not say stays as it is. In particular, licenses are never taken away unless O(licenses) is given.
  - Webex can report an error and have done the work, or a part of it, all the same. So after an error the person is read
    before anything is said, and nothing is created a second time.
  - After a change the person is read until the change shows, for O(wait_timeout) at most.
  - A change sends only what differs, with the name and the addresses, which Webex demands. Of several addresses the primary
    one has to be listed first. Only the lists of who holds a license name it, so the token then needs the scope
    C(spark-admin:licenses_read), and if they do not tell, the task fails and nothing is written.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  email:
    description: The person's e-mail address.
    type: str
    required: true
  state:
    description:
      - With V(present), the person exists, with what the other options say.
      - With V(absent), there is no such person in the organization. This deletes the account.
    type: str
    choices: [present, absent]
    default: present
  display_name:
    description:
      - The full name. A person who is created needs this, O(first_name) or O(last_name). Without it, it is made of those two.
    type: str
  first_name:
    description: The first name.
    type: str
  last_name:
    description: The last name.
    type: str
  department:
    description: The business department.
    type: str
  title:
    description: The title.
    type: str
  manager_id:
    description: The person id of the manager.
    type: str
  avatar:
    description: The URL of a picture in PNG format. Webex may store and name it differently, and then it differs each time.
    type: str
  login_enabled:
    description: Whether the person may use Webex.
    type: bool
  addresses:
    description: The addresses. The list replaces the one that there is.
    type: list
    elements: dict
    suboptions:
      type:
        description: The type of the address.
        type: str
        default: work
      country:
        description: The country.
        type: str
      locality:
        description: The city, mostly.
        type: str
      region:
        description: The region, or state.
        type: str
      street_address:
        description: The street.
        type: str
      postal_code:
        description: The postal code.
        type: str
  licenses:
    description:
      - All licenses of the person, by name or id. The list replaces the one that there is, so others are taken away.
      - A license for Webex Calling that the person holds stays all the same. It is given, and taken away, with
        M(collabops.webex.calling_user), since it needs a location and an extension or a number.
      - Of licenses with the same name, those that the person holds already are kept, else the one with the most free units is
        taken.
      - Licenses are given and taken one by one (C(PATCH /licenses/users)). One that Webex does not show yet, for example for
        calling that was enabled a moment ago, is not lost.
      - Webex assigns some licenses itself, and nobody can take them away. Those for Screen Share are known, and are left
        alone. For others, see O(ignore_licenses).
      - With this option, the token needs the scope C(spark-admin:licenses_read).
    type: list
    elements: str
  ignore_licenses:
    description:
      - Licenses, by name or id, that are not taken away, though O(licenses) does not list them.
      - Name here the licenses that Webex assigns itself (implicit licenses). Webex marks them nowhere, so this module cannot
        know them before. It reports them in RV(implicit_licenses), or fails with errorCode 700006 and their names.
    type: list
    elements: str
    default: []
  license_overage:
    description:
      - What to do if no unit of a license that is to be given seems to be free.
      - With V(allow), Webex decides, and there is a warning. What Webex counts lags behind, and a contract can allow more.
      - With V(refuse), the task fails before anything is written.
    type: str
    choices: [refuse, allow]
    default: allow
  wait_timeout:
    description:
      - How many seconds to wait until a change can be read back. Webex does not show changes at once everywhere.
      - When the time is over, the task ends well, with a warning and RV(verified=false).
      - If a request ends without a clear answer, the person is looked at for so long too. If the change does not show, the
        request is sent once more, and is waited for again.
    type: float
    default: 30
seealso:
  - module: collabops.webex.person_info
  - module: collabops.webex.calling_user
  - name: Create a Person
    description: The call of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/people/create-a-person
"""

EXAMPLES = r"""
- name: Create a person
  collabops.webex.person:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    first_name: Alice
    last_name: Example
    department: Sales

- name: Give a person these licenses, and no others
  collabops.webex.person:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    licenses:
      - Messaging - Advanced
    ignore_licenses:
      - Basic Messaging

- name: Delete a person
  collabops.webex.person:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or in check mode would be done; V(none), V(create), V(update) or V(delete).
  type: str
  returned: success
  sample: create
verified:
  description: Whether the change was seen when the person was read again. Always true when nothing was changed.
  type: bool
  returned: success
  sample: true
implicit_licenses:
  description:
    - Licenses that Webex did not take away, though it answered that all was done. Name them in O(ignore_licenses).
  type: list
  elements: str
  returned: success
  sample: []
person:
  description:
    - The person as read after the change, with every property that Webex sends, its name in snake_case. In check mode, as far
      as it is known before.
    - V(none) if there is no such person.
  type: dict
  returned: success
  sample:
    id: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
    emails: [alice@example.com]
    display_name: Alice Example
    department: Sales
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.licenses import ALLOW, REFUSE
from ..module_utils._client import WebexClient
from ..module_utils._json_case import camel_case, snake_case
from ..module_utils._module import run_module
from ..module_utils._patience import Patience
from ..module_utils._person_plan import WantedPerson, plan_person
from ..module_utils._person_write import Outcome, carry_out

PROPERTIES: dict[str, dict[str, Any]] = {
    "display_name": {"type": "str"},
    "first_name": {"type": "str"},
    "last_name": {"type": "str"},
    "department": {"type": "str"},
    "title": {"type": "str"},
    "manager_id": {"type": "str"},
    "avatar": {"type": "str"},
    "login_enabled": {"type": "bool"},
    "addresses": {
        "type": "list",
        "elements": "dict",
        "options": {
            "type": {"type": "str", "default": "work"},
            "country": {"type": "str"},
            "locality": {"type": "str"},
            "region": {"type": "str"},
            "street_address": {"type": "str"},
            "postal_code": {"type": "str"},
        },
    },
}


def wanted_person(params: dict[str, Any]) -> WantedPerson:
    """Return what the options ask for; those that are not given ask for nothing."""
    given = {name: params[name] for name in PROPERTIES if params[name] is not None}
    return WantedPerson(
        email=params["email"],
        state=params["state"],
        properties=camel_case(given),
        licenses=params["licenses"],
        ignored_licenses=params["ignore_licenses"],
        overage=params["license_overage"],
    )


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan, and carry the plan out unless in check mode."""
    plan = plan_person(client, wanted_person(module.params))
    changed = plan.action != "none"
    outcome = Outcome(plan.after, True)
    if changed and not module.check_mode:
        outcome = carry_out(client, plan, Patience(module.params["wait_timeout"]))
    for note in [*plan.notes, *notes_on(outcome, plan.wanted.email)]:
        module.warn(note)
    return {
        "changed": changed,
        "action": plan.action,
        "verified": outcome.verified,
        "implicit_licenses": list(outcome.implicit_licenses),
        "person": snake_case(outcome.person),
        "diff": snake_case(plan.difference()),
    }


def notes_on(outcome: Outcome, email: str) -> list[str]:
    """Return what the user should know of the outcome."""
    notes = []
    if not outcome.verified:
        notes.append(f"Webex accepted the change of {email}, but did not show it yet; look again later.")
    if outcome.implicit_licenses:
        notes.append(
            f"Webex did not take these licenses away from {email}, and said that all was done: "
            f"{', '.join(outcome.implicit_licenses)}. They seem to be assigned by Webex itself. Name them in "
            "`ignore_licenses`, or every run tries again."
        )
    return notes


def main() -> None:
    """Run the module."""
    run_module(
        {
            "email": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **PROPERTIES,
            "licenses": {"type": "list", "elements": "str"},
            "ignore_licenses": {"type": "list", "elements": "str", "default": []},
            "license_overage": {"type": "str", "choices": [REFUSE, ALLOW], "default": ALLOW},
            "wait_timeout": {"type": "float", "default": 30},
        },
        work,
    )


if __name__ == "__main__":
    main()
