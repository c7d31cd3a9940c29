#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: authorization
short_description: Revoke Webex tokens
version_added: 1.0.0
description:
  - Revokes one authorization, or all that a client has in an organization. A refresh token takes its access tokens along.
  - If the access token that is used is among what is revoked, the task says so in a warning. If it goes before all is
    revoked, which can happen if the client has several refresh tokens of O(email) or O(person_id), the task fails and names
    what is left. The token of another client avoids that.
  - Needs the scope C(identity:tokens_write), and for O(client_id) with O(email) or O(person_id) C(identity:tokens_read) too.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
attributes:
  check_mode:
    support: partial
    details:
      - With O(client_id) and O(email) or O(person_id), the authorizations are read, and the answer is that of the real run.
      - Webex lists authorizations by person only. So nothing that reads can tell whether O(authorization_id) still exists, or
        whether a client that is named alone has any; check mode always says that they would be revoked.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - Webex does not tell whether a client has any authorization in an organization, so revoking by O(client_id) alone is
        always a change. With O(email) or O(person_id), the authorizations are read first, and it is idempotent.
options:
  state:
    description: An authorization can only be taken away. It is given by consent, or by an admin in Control Hub.
    type: str
    choices: [absent]
    default: absent
  authorization_id:
    description:
      - The authorization to revoke, as M(collabops.webex.authorization_info) lists it.
      - Whether it exists shows only when it is revoked, so check mode always calls it a change.
      - If Webex does not answer clearly, the request is sent again. If the authorization is not there then, the first request
        has most probably revoked it, and it is a change.
    type: str
  client_id:
    description: Revoke everything that this client has in the organization.
    type: str
  email:
    description: Only what O(client_id) has of this person.
    type: str
  person_id:
    description: Only what O(client_id) has of this person, by id.
    type: str
seealso:
  - module: collabops.webex.authorization_info
  - module: collabops.webex.service_app_token
"""

EXAMPLES = r"""
- name: Revoke what an application has of a person
  collabops.webex.authorization:
    access_token: "{{ webex_access_token }}"
    client_id: "{{ lost_client_id }}"
    email: alice@example.com

- name: Revoke everything of an application in an organization
  collabops.webex.authorization:
    access_token: "{{ webex_access_token }}"
    client_id: "{{ lost_client_id }}"
    org_id: "{{ customer_org_id }}"
"""

RETURN = r"""
revoked:
  description:
    - The ids of the authorizations that were revoked, or in check mode would be. With O(email) or O(person_id), those that
      went along with their refresh token are among them.
    - Empty when everything of a client was revoked, since Webex does not name them then.
  type: list
  elements: str
  returned: success
  sample: [Y2lzY29zcGFyazovL3VzL0FVVEhPUklaQVRJT04vZjI3MDM0ZTMtMDA5ZS00ODA4LTk5MDQtNTNkMDQ0OGJlNDVk]
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._authorizations import (
    grants_of,
    is_revoked,
    revoke,
    revoke_all,
    revoke_client,
)
from ..module_utils._client import WebexClient
from ..module_utils._module import run_module


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Revoke one, what a client has of a person, or everything that it has."""
    params = module.params
    person = {"personEmail": params["email"]} if params["email"] is not None else {"personId": params["person_id"]}
    # An empty name is not nobody's: what was meant for one person must not hit all.
    if params["client_id"] and person == {"personId": None}:
        if not module.check_mode:
            revoke_client(client, params["client_id"])
        changed, revoked = True, []
    elif params["authorization_id"]:
        changed = module.check_mode or revoke(client, params["authorization_id"])
        revoked = [params["authorization_id"]] if changed else []
    else:
        grants = grants_of(client, person, params["client_id"])
        revoked = [one["id"] for one in grants] if module.check_mode else revoke_all(client, grants)
        changed = bool(revoked)
    if changed and not module.check_mode and is_revoked(client):
        module.warn("The access token used is among what was revoked. Webex does not accept it any more.")
    return {"changed": changed, "revoked": revoked}


def main() -> None:
    """Run the module."""
    run_module(
        {
            "state": {"type": "str", "choices": ["absent"], "default": "absent"},
            "authorization_id": {"type": "str"},
            "client_id": {"type": "str"},
            "email": {"type": "str"},
            "person_id": {"type": "str"},
        },
        work,
        mutually_exclusive=[
            ("authorization_id", "client_id"),
            ("email", "person_id"),
            ("authorization_id", "email"),
            ("authorization_id", "person_id"),
        ],
        required_one_of=[("authorization_id", "client_id")],
    )


if __name__ == "__main__":
    main()
