# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex ids: the base64url, without padding, of ``ciscospark://<cluster>/<TYPE>/<uuid>``.

The cluster is ``us`` for most organizations but not for all, so ids are decoded to be compared, never rebuilt.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from urllib.parse import quote


def _decoded(webex_id: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(webex_id + "=" * (-len(webex_id) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return None


def kind_of_id(webex_id: str) -> str | None:
    """Return what an encoded id is the id of (``PEOPLE``, ``ORGANIZATION``); None if it does not say."""
    parts = (_decoded(webex_id) or "").split("/")
    return parts[-2] if len(parts) == 5 and parts[0] == "ciscospark:" else None


@lru_cache(maxsize=1024)
def bare_id(webex_id: str) -> str:
    """Return the part of an id that identifies: its last element (a UUID mostly), in lower case.

    What is not an encoded Webex id (a bare UUID, say) is returned as it is, in lower case.
    """
    decoded = _decoded(webex_id)
    if decoded and decoded.startswith("ciscospark://"):
        return decoded.rsplit("/", 1)[-1].lower()
    return webex_id.lower()


def same_id(one: str | None, other: str | None) -> bool:
    """Tell whether two ids name the same thing, in whichever of the two notations each is written."""
    return bool(one and other) and bare_id(str(one)) == bare_id(str(other))


def as_segment(webex_id: str) -> str:
    """Return an id that a user gave as one segment of a path, whatever characters are in it."""
    return quote(webex_id, safe="")


def application_id(client_id: str) -> str:
    """Return the id of the application with *client_id* (derived as Cisco's BYOVA SDK does)."""
    return _encoded(f"ciscospark://us/APPLICATION/{client_id}")


def organization_id(org_id: str) -> str:
    """Return *org_id* as an encoded Webex id, even if it was written as a bare UUID."""
    return org_id if is_webex_id(org_id) else _encoded(f"ciscospark://us/ORGANIZATION/{org_id}")


def _encoded(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode().rstrip("=")


def is_webex_id(text: str) -> bool:
    """Tell whether *text* is an encoded Webex id."""
    decoded = _decoded(text)
    return decoded is not None and decoded.startswith("ciscospark://")
