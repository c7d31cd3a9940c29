#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: activation_code
short_description: Make the activation code of a Webex Calling telephone
version_added: 1.0.0
description:
  - Makes a code with which a telephone sets itself up for a person. That works with any telephone, so the code is a secret.
  - The result is not shown, at any verbosity, even without C(no_log), unless O(show_code) says so. It can be registered and
    used as always.
  - The person needs a Professional license for Webex Calling. With a Standard license, a telephone would switch Webex Calling
    off in their mobile, tablet, desktop and browser apps, so that is refused. If the name of the license does not say which
    one it is, there is a warning.
  - Each call makes one more code. Whether earlier ones stay valid is not documented. If the request ends without a clear
    answer, there may be a code that nobody knows; it expires by itself.
  - For several telephones of a person, set up one after the other, as Cisco advises; otherwise it may be wrong which one is
    the primary one.
  - The task runs on the controller, whichever host it is meant for.
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
      - The person and their licenses are read, and the same is refused. RV(code) and RV(expires_at) are V(none) then.
  diff_mode:
    support: none
    details:
      - There is nothing to compare.
  idempotent:
    support: none
    details:
      - Webex has no way to ask for a code that was made before, so every run makes one and is a change.
options:
  email:
    description: The person's e-mail address. Either this or O(person_id) is needed.
    type: str
  person_id:
    description: The person's id.
    type: str
  model:
    description: The model of the telephone, as Webex calls it.
    type: str
    required: true
  show_code:
    description: Whether the result is shown. With V(true), everybody with access to the output, or to the job in AWX, has the code.
    type: bool
    default: false
seealso:
  - module: collabops.webex.calling_user
  - name: Create a Device Activation Code
    description: The call of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/devices/create-a-device-activation-code
"""

EXAMPLES = r"""
- name: Make a code for a person's telephone
  collabops.webex.activation_code:
    access_token: "{{ webex_access_token }}"
    email: alice@example.com
    model: DMS Cisco 8865
  register: telephone
"""

RETURN = r"""
code:
  description: The activation code. V(none) in check mode.
  type: str
  returned: success
  sample: "(secret)"
expires_at:
  description: Until when it can be used, in UTC. V(none) in check mode, and if Webex does not say.
  type: str
  returned: success
  sample: "2026-12-01T21:00:00Z"
person_id:
  description: The id of the person whose telephone it is for.
  type: str
  returned: success
  sample: Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY
model:
  description: The model.
  type: str
  returned: success
  sample: DMS Cisco 8865
"""
