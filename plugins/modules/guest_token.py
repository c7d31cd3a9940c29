#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: guest_token
short_description: Make a Webex token for a guest
version_added: 1.0.0
description:
  - Makes an access token for a guest, with the token of a service app that has the scope C(guest-issuer:write). There is no
    other way to make a guest.
  - Each call makes one more token. The earlier ones stay valid until they expire, and none can be refreshed.
  - The task runs on the controller, whichever host it is meant for.
  - The result is never shown, at any verbosity, even without C(no_log). It can be registered and used as always.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends no request. RV(access_token), RV(expires_at), RV(id) and RV(email) are V(none) then.
  diff_mode:
    support: none
    details:
      - The result is never shown.
  idempotent:
    support: none
    details:
      - Webex has no way to ask for a token that was made before, so every run makes one and is a change.
options:
  subject:
    description: What identifies the guest outside of Webex. The same subject is the same guest.
    type: str
    required: true
  display_name:
    description: The name that others see. With another one, the guest is renamed.
    type: str
    required: true
seealso:
  - module: collabops.webex.service_app_token
  - module: collabops.webex.token_info
"""

EXAMPLES = r"""
- name: Make a token for a visitor
  collabops.webex.guest_token:
    access_token: "{{ webex_access_token }}"
    subject: visitor-4711
    display_name: Alex Visitor
  register: guest
"""

RETURN = r"""
access_token:
  description: The guest's access token.
  type: str
  returned: success
  sample: "(secret)"
expires_at:
  description: When it expires, in UTC. V(none) if Webex did not say.
  type: str
  returned: success
  sample: "2026-11-24T21:00:00Z"
id:
  description: The guest's id.
  type: str
  returned: success
  sample: Y2lzY29zcGFyazovL3VzL1BFT1BMRS8zNzlhNWQ4ZC1hNTE4LTQ3NmQtYmY1NC1mZmE5MWQ3OWM4MTI
email:
  description: The guest's e-mail address, which Webex makes up.
  type: str
  returned: success
  sample: 1ad14c30-59a6-31a7-b345-963e3d167e10@appid.ciscospark.com
subject:
  description: The subject.
  type: str
  returned: success
  sample: visitor-4711
display_name:
  description: The name that others see.
  type: str
  returned: success
  sample: Alex Visitor
"""
