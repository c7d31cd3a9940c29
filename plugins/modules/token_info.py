#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: token_info
short_description: Read whose a Webex access token is, and until when it is valid
version_added: 1.0.0
description:
  - Tells whose a token is, of which organization, until when it is valid, what kind of token it is as far as that can be
    known, and with O(probe_scopes=true) what it may do as far as harmless requests can tell.
  - A token that is expired, revoked or malformed is an answer too, RV(valid=false).
  - Whether a token may do what is going to be done is the business of M(collabops.webex.service_app_scopes_info).
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
options:
  probe_scopes:
    description:
      - Whether to find out about scopes by harmless requests, one for each that there is. All of them only read.
      - Most scopes have no such request, above all those for writing. They are not in the answer.
    type: bool
    default: false
seealso:
  - module: collabops.webex.service_app_token
  - module: collabops.webex.service_app_scopes_info
"""

EXAMPLES = r"""
- name: Ask the token about itself
  collabops.webex.token_info:
    access_token: "{{ webex_access_token }}"
  register: token

- name: Stop if it expires within a day
  ansible.builtin.assert:
    that:
      - token.valid
      - token.remaining_seconds > 86400

- name: Find out what a token may do, as far as that is possible
  collabops.webex.token_info:
    access_token: "{{ webex_access_token }}"
    probe_scopes: true
  register: token
"""

RETURN = r"""
valid:
  description: Whether Webex accepts the token.
  type: bool
  returned: success
  sample: true
cause:
  description:
    - Why the token is not valid; V(malformed) if it does not have the form of a token, else V(expired_or_revoked), of which
      Webex says the same.
  type: str
  returned: when the token is not valid
  sample: expired_or_revoked
reason:
  description: The same in words, with what Webex said.
  type: str
  returned: when the token is not valid
  sample: GET /authorizations/tokenExpiry was answered with 401. The token has the form of one, so it is expired or was revoked.
remedy:
  description: What to do about it.
  type: str
  returned: when the token is not valid
  sample: get a new one with `collabops.webex.service_app_token`.
kind:
  description:
    - What kind of token it is; V(service_app), V(integration), V(personal), V(bot), V(guest) or V(unknown).
  type: str
  returned: when the token is valid
  sample: service_app
kind_certainty:
  description: Whether the kind is V(known), V(likely) or V(unknown). Webex does not say it of every token.
  type: str
  returned: when the token is valid
  sample: likely
kind_evidence:
  description: What the kind was concluded from.
  type: str
  returned: when the token is valid
  sample: the owner is a machine account (type appuser)
owner:
  description: Whose the token is. V(none) if the token has no scope to read that.
  type: dict
  returned: when the token is valid
  contains:
    id:
      description: The owner's id.
      type: str
      sample: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
    display_name:
      description: The owner's name.
      type: str
      sample: Provisioning
    emails:
      description: The owner's e-mail addresses.
      type: list
      elements: str
      sample: [provisioning@example.com]
    type:
      description: What Webex says the owner is.
      type: str
      sample: appuser
org_id:
  description: The organization of the token. V(none) if the token has no scope to read it.
  type: str
  returned: when the token is valid
  sample: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
expires_at:
  description: When the token expires, in UTC. V(none) if Webex does not say it.
  type: str
  returned: when the token is valid
  sample: "2026-12-08T03:00:00Z"
remaining_seconds:
  description: How many seconds are left until then. V(none) if Webex does not say until when the token is valid.
  type: int
  returned: when the token is valid
  sample: 1209599
scopes:
  description: The verdict on each scope that a harmless request can tell of.
  type: list
  elements: dict
  returned: when the token is valid, with O(probe_scopes=true)
  contains:
    scope:
      description: The scope.
      type: str
      sample: spark-admin:people_read
    verdict:
      description: The verdict; V(granted), V(missing) or V(unverified).
      type: str
      sample: granted
    evidence:
      description: What the verdict rests on.
      type: str
      sample: GET /people answered 2xx
warnings:
  description: What matters about such a token, for example that a personal access token is not for scheduled runs.
  type: list
  elements: str
  returned: when there is any
  sample: [A personal access token is valid for 12 hours and cannot be refreshed; it is not for scheduled runs.]
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._client import WebexClient
from ..module_utils._errors import MalformedSecret, WebexError
from ..module_utils._identity import identify, refused
from ..module_utils._module import run_module
from ..module_utils._time import utc_now


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Ask the token."""
    result = identify(client, utc_now(), probe=module.params["probe_scopes"])
    for warning in result.pop("warnings", []):
        module.warn(warning)
    return {"changed": False, **result}


def malformed(error: WebexError) -> "dict[str, Any] | None":
    """Return the answer for a token that cannot even be sent."""
    if isinstance(error, MalformedSecret) and error.option == "access_token":
        return {"changed": False, **refused("", error)}
    return None


def main() -> None:
    """Run the module."""
    run_module({"probe_scopes": {"type": "bool", "default": False}}, work, answer_to=malformed)


if __name__ == "__main__":
    main()
