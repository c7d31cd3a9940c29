# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What every module needs and does, whatever its options: check mode, diff mode, idempotence, the action group."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and says what would be done, without any request that changes something.
  diff_mode:
    description: Shows what changed, or in check mode what would change.
  idempotent:
    description: When run again with the same options, it changes nothing.
  action_group:
    description: Use C(group/collabops.webex.webex) in C(module_defaults) to set options for all modules at once.
    support: full
    membership:
      - collabops.webex.webex
requirements:
  - Python 3.10 or newer, on the host that runs the task
  - requests 2.28 or newer (Python package), on the host that runs the task
notes:
  - With an inventory of P(collabops.webex.organizations#inventory), a module that changes something does so only in an organization
    that the inventory calls writable, with a token for that organization. In check mode, too.
  - Requests that are safe to repeat are repeated after a passing failure. When Webex limits the rate, the task waits for
    as long as Webex asks, within bounds.
  - Every failure has the return value RV(ignore:error) with the status, the message, the descriptions and the tracking
    id of Webex, and what to do.
"""

    # For modules that only read.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads.
  diff_mode:
    support: N/A
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""

    # For modules that change something.
    RESOURCE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""
