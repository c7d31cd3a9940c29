#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: token_info
short_description: Ask an access token who it is
version_added: 0.1.0
description:
  - Tells whose a token is, of which organization, until when it lives, and what kind of token it is as far as that can be
    known. A token that is expired or revoked is an answer too, RV(valid=false).
  - What the token may do is the business of M(collabops.webex.service_app_scopes).
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
seealso:
  - module: collabops.webex.service_app_token
  - module: collabops.webex.service_app_scopes
"""

EXAMPLES = r"""
- name: Ask the token about itself
  collabops.webex.token_info:
    access_token: "{{ webex_access_token }}"
  register: token

- name: Stop if it dies within a day
  ansible.builtin.assert:
    that:
      - token.valid
      - token.remaining_seconds > 86400
"""

RETURN = r"""
valid:
  description: Whether Webex accepts the token.
  type: bool
  returned: success
  sample: true
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
  description: Whose the token is. V(none) where the token has no scope to read that.
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
  description: The organization of the token. V(none) where the token has no scope to read it.
  type: str
  returned: when the token is valid
  sample: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
expires_at:
  description: When the token expires, in UTC.
  type: str
  returned: when the token is valid
  sample: "2026-12-08T03:00:00Z"
remaining_seconds:
  description: How many seconds are left until then.
  type: int
  returned: when the token is valid
  sample: 1209599
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._identity import identify
from ansible_collections.collabops.webex.plugins.module_utils._module import run_module
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now


def work(_module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Ask the token."""
    return {"changed": False, **identify(client, utc_now())}


def main() -> None:
    """Run the module."""
    run_module({}, work)


if __name__ == "__main__":
    main()
