# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the journal shows of a body: which secrets were kept with `$encrypted$`, and none that was sent."""

from __future__ import annotations

import json
from typing import Any

from .show import ENCRYPTED, secret_fields
from .store import Store

_ALWAYS = frozenset({"password", "token", "authorization"})


def readable(store: Store, body: bytes) -> Any:
    """The JSON of a request with ``***`` in place of every secret; null if there is no body."""
    if not body:
        return None
    secret = _ALWAYS.union(*(secret_fields(type_) for type_ in store.all("credential_types")))
    try:
        return _redact(json.loads(body), secret)
    except ValueError:
        return f"<{len(body)} bytes, not JSON>"


def _redact(value: Any, secret: frozenset[str]) -> Any:
    if isinstance(value, dict):
        if value.get("type") == "password":  # a question of a survey
            secret = secret | {"default"}
        return {
            key: "***" if key in secret and item not in (ENCRYPTED, "", None) else _redact(item, secret)
            for key, item in value.items()
        }
    return [_redact(item, secret) for item in value] if isinstance(value, list) else value
