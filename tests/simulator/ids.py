# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webex ids: base64url of ``ciscospark://us/<TYPE>/<name>`` without padding. The names here never change."""

from __future__ import annotations

import base64
import binascii
import uuid

_NAMESPACE = uuid.UUID("6f1ad0a6-1f0b-4f57-9a3e-0a4c1d9f2b77")


def stable_uuid(*names: str) -> str:
    """The same UUID for the same names, in every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def webex_id(kind: str, name: str) -> str:
    """The Webex id of one thing, such as ``webex_id("PEOPLE", uuid)``."""
    return encode(f"ciscospark://us/{kind}/{name}")


def encode(text: str) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str) -> str:
    """The opposite of `encode`; an empty string for what is no base64url."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def bare(text: str) -> str:
    """The last part of a Webex id (a UUID, a client id): what to compare, as the cluster in an id can vary."""
    return decode(text).rpartition("/")[2].lower()
