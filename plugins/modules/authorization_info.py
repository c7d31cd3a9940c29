#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: authorization_info
short_description: Read which applications hold Webex tokens of a person
version_added: 1.0.0
description:
  - Reads the authorizations (grants) of a person; which application, since when, and whether it is an access or a refresh token.
    Webex tells no scopes.
  - Needs the scope C(identity:tokens_read).
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
    description: The person's e-mail address. One of O(email) and O(person_id) is required.
    type: str
  person_id:
    description: The person's id, which can be that of a machine account.
    type: str
  client_id:
    description: Only the authorizations of this client.
    type: str
seealso:
  - module: collabops.webex.authorization
"""

EXAMPLES = r"""
- name: Read what holds tokens of a person
  collabops.webex.authorization_info:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
  register: grants

- name: Show the applications
  ansible.builtin.debug:
    msg: "{{ grants.authorizations | map(attribute='application_name') | unique }}"
"""

RETURN = r"""
authorizations:
  description: The authorizations, with every property that Webex sends, its name in snake_case.
  type: list
  elements: dict
  returned: success
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0FVVEhPUklaQVRJT04vZjI3MDM0ZTMtMDA5ZS00ODA4LTk5MDQtNTNkMDQ0OGJlNDVk
      application_name: Provisioning
      client_id: C80fb9c7096bd8474627317ee1d7a817eff372ca9c9cee3ce43c3ea3e8d1511ec
      created: "2026-11-24T03:00:00+00:00"
      type: refresh
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._authorizations import authorizations_of
from ..module_utils._client import WebexClient
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Read the authorizations."""
    email, person_id, client_id = (module.params[name] for name in ("email", "person_id", "client_id"))
    found = authorizations_of(client, {"personEmail": email} if email else {"personId": person_id})
    chosen = [one for one in found if client_id in (None, one.get("clientId"))]
    return {"changed": False, "authorizations": snake_case(chosen)}


def main() -> None:
    """Run the module."""
    run_module(
        {"email": {"type": "str"}, "person_id": {"type": "str"}, "client_id": {"type": "str"}},
        work,
        mutually_exclusive=[("email", "person_id")],
        required_one_of=[("email", "person_id")],
    )


if __name__ == "__main__":
    main()
