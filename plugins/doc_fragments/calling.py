# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What those who enable users allow, and how long they wait."""

    DOCUMENTATION = r"""
options:
  allow_move:
    description:
      - Whether a person who has calling in another location may be moved. A move is a job of Webex, which can have impacts
        on the user's settings and takes some ten seconds. Up to 100 people of a list go into one job.
      - It needs the scopes C(spark-admin:telephony_config_write), C(spark-admin:people_write) and C(identity:groups_rw).
      - Without it, another location is refused.
    type: bool
    default: false
  allow_inactive_numbers:
    description:
      - Whether a phone number may be given that is in the inventory but not active yet. No call reaches it until it is.
    type: bool
    default: false
  create_people:
    description:
      - Whether people who do not exist are created before they are enabled. They need an e-mail address, and a display name or
        a first and a last name. The names of those who exist stay as they are.
      - Many are created with SCIM 2.0, 100 with one call, if the token has the scope C(identity:people_rw). Without it, they are
        created one by one, for which calling needs the scopes anyhow.
      - Nobody is created twice. If the end of a request is unclear, the address is looked for before anything is repeated. People
        who were created by an earlier run and got no license get one now.
      - Without it, somebody who does not exist is an error.
    type: bool
    default: false
  license_overage:
    description:
      - What to do if no unit of a license seems to be free.
      - With V(allow), the license is assigned, with a warning, and Webex decides. Its counts lag behind, and some contracts
        allow more users than there are units.
      - With V(refuse), nothing is written for that person.
    type: str
    choices: [allow, refuse]
    default: allow
  release:
    description:
      - Whether people who are to have no calling also give their devices back. They are deleted from Webex (C(DELETE /devices)),
        telephones and others, after the license was taken away, with which extension and numbers go back to the location. Before
        that, their call forwarding is switched off.
      - What could not be given back is in RV(released), with the reason, and a warning. Run the task again for it.
      - Devices of a workspace stay, also if the person uses it.
      - It needs the scopes C(spark-admin:devices_read) and C(spark-admin:devices_write). The devices are read before anything is
        written.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait until a change can be read back, or until what was read is no longer known to be old. Webex
        does not show changes at once everywhere.
      - If a change does not show by then, the task ends well, with a warning and C(verified=false). A task that follows at once
        may then decide by an old read, and for example give a new license without the number that was given a moment before.
        So do not set this to V(0) in a play that changes the same people again.
    type: float
    default: 30
"""
