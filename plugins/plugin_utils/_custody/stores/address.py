# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The placeholders in the address of a store: one line of text names the stores of a thousand organizations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ....module_utils._errors import OptionError
from ....module_utils._ids import bare_id
from ....module_utils._settings import plain

# The suboptions of a store that say where it is, and may hold placeholders.
ADDRESSES = ("path", "credential", "access_token_credential")
# What to do if there is no value for a placeholder.
_REMEDIES = {
    "org_id": "name the organization in the option `org_id`.",
    "inventory_hostname": "it has a value in tasks, and in expressions of a play, only.",
}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_VALUE = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]+")


def filled(
    options: Mapping[str, Any],
    org_id: str | None = None,
    inventory_hostname: str | None = None,
    option: str = "store",
) -> dict[str, Any]:
    """Return the suboptions of a store, which *option* is, with the placeholders in its address replaced.

    ``{org_id}`` becomes the bare UUID of *org_id* in lower case, so that both ways to write an id name one store.
    Raises OptionError for a placeholder that is unknown or has no value, and for a value that is not a plain name: it must
    not lead out of the folder.
    """
    values = {"org_id": bare_id(plain(org_id)) if org_id else None, "inventory_hostname": inventory_hostname}

    def value_of(match: re.Match[str], where: str) -> str:
        name = match[1]
        if name not in values:
            known = ", ".join(f"{{{placeholder}}}" for placeholder in values)
            raise OptionError(where, f"has {match[0]} in it, which is unknown.", f"the placeholders are {known}.")
        value = values[name]
        if not value:
            raise OptionError(where, f"has {match[0]} in it, which has no value here.", _REMEDIES[name])
        if not _VALUE.fullmatch(value):
            raise OptionError(
                where,
                f"has {match[0]} in it, whose value here is not fit for a name.",
                "it may have letters, digits, `-`, `_` and `.` only.",
            )
        return plain(value)

    addresses = {
        name: _PLACEHOLDER.sub(lambda match, name=name: value_of(match, f"{option}.{name}"), plain(options[name]))  # type: ignore[misc]
        for name in ADDRESSES
        if isinstance(options.get(name), str)
    }
    return {**options, **addresses}
