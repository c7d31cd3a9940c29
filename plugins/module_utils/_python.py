# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first thing that a module does on a host. Pythons that are too old for the rest must be able to run it: 3.6 too.

So neither this file nor the modules delay their annotations with ``from __future__``, which 3.6 does not know.
"""

import json
import sys

OLDEST_PYTHON = (3, 10)


def flaw_of_python() -> str:
    """Return one sentence on the Python that runs this, and what to do, if it is too old; nothing if it is not."""
    if sys.version_info >= OLDEST_PYTHON:
        return ""
    present = f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
    needed = f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]}"
    return (
        f"Python {present} is too old for collabops.webex, which needs {needed} or newer. What to do: run it with a "
        "newer Python; on a host of a play, name that Python in ansible_python_interpreter."
    )


def refuse_old_python() -> None:
    """End a module with the failure of `flaw_of_python`, if there is one, before it imports what is too new."""
    flaw = flaw_of_python()
    if flaw:
        sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": flaw}))
        raise SystemExit(1)
