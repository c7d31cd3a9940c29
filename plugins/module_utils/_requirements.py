# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be there before anything is asked of Webex: packages of this Python, and the ansible-core that runs us."""

from __future__ import annotations

import platform
import re
import sys

from ._errors import WebexError

REQUESTS_IMPORT_ERROR: ImportError | None = None
try:
    import requests
except ImportError as error:
    REQUESTS_IMPORT_ERROR = error

OLDEST_CORE = (2, 16)
OLDEST_REQUESTS = (2, 28)


def check_packages(on_controller: bool = False) -> None:
    """Raise WebexError, which names this Python, if it has no requests, a broken one, or one that is too old.

    *on_controller*: it is the Python of Ansible itself, for which no other can be named.
    """
    flaw = _flaw_of_packages()
    if flaw:
        remedy = f"run {sys.executable} -m pip install 'requests>={_text(OLDEST_REQUESTS)}'"
        if not on_controller:
            remedy += ", or name a Python that has it in ansible_python_interpreter"
        raise WebexError(f"{flaw} ({sys.executable} on {platform.node()}).", f"{remedy}.")


def check_core(version: str) -> None:
    """Raise WebexError if *version* is that of an ansible-core that is too old."""
    if _numbers(version) < OLDEST_CORE:
        raise WebexError(
            f"ansible-core {version} is too old for collabops.webex, which needs {_text(OLDEST_CORE)} or newer.",
            f"install a newer one on the controller, for example with pip install 'ansible-core>={_text(OLDEST_CORE)}'.",
        )


def _flaw_of_packages() -> str:
    if REQUESTS_IMPORT_ERROR is not None:
        if isinstance(REQUESTS_IMPORT_ERROR, ModuleNotFoundError) and REQUESTS_IMPORT_ERROR.name == "requests":
            return "The Python package requests is missing"
        return f"The Python package requests cannot be imported: {REQUESTS_IMPORT_ERROR}"
    if _numbers(requests.__version__) < OLDEST_REQUESTS:
        oldest = _text(OLDEST_REQUESTS)
        return f"The Python package requests {requests.__version__} is too old, {oldest} or newer is needed"
    return ""


def _numbers(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version; of one that has no such form, numbers that nothing is older than."""
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (sys.maxsize, 0)


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
