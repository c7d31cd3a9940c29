# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of a service app or an integration, as a store keeps them for runs that are given none."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ...module_utils._checks import flaw_of
from ...module_utils._errors import OptionError
from ...module_utils._settings import check_base_url

SCHEMA = 1


@dataclass(frozen=True)
class StoredClient:
    """What an application identifies itself with, and the Webex that knows it. The secret stays out of its repr."""

    client_id: str
    client_secret: str = field(repr=False)
    base_url: str

    def text(self) -> str:
        """Return it as one text, which a store encrypts as a whole.

        If the base URL were not, somebody who may write the file could have the secret sent elsewhere.
        """
        return json.dumps({"schema": SCHEMA, **asdict(self)})

    @classmethod
    def from_text(cls, text: Any) -> StoredClient:
        """Return the client whose ``text()`` this is; raises ValueError, without quoting a value, if it is of no client."""
        try:
            values = json.loads(text)
        except (TypeError, ValueError):
            raise ValueError("the client is not JSON text") from None
        if not isinstance(values, dict) or values.get("schema") != SCHEMA:
            raise ValueError(f"the schema of the client is not {SCHEMA}")
        for name in ("client_id", "client_secret", "base_url"):
            flaw = flaw_of(values.get(name))
            if flaw:
                raise ValueError(f"{name} of the client {flaw}")
        try:
            check_base_url("base_url", values["base_url"])
        except OptionError:
            raise ValueError("base_url of the client is not an address to which secrets may be sent") from None
        return cls(values["client_id"], values["client_secret"], values["base_url"])
