# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organizations that Webex lists for a token: checked before anything is made of them.

Their names are what their admins chose. Nothing in a name controls a terminal, or is a template where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ._checks import flaw_on_arrival
from ._client import WebexClient
from ._errors import BrokenAnswer
from ._ids import bare_id
from ._organization_list import Organization, flaw_of_org_id
from ._remedies import NOT_WEBEX
from ._scrub import Scrubber

# Far more than any partner has; Webex names no number.
MOST_ORGANIZATIONS = 20_000
LONGEST_NAME = 200
_TEMPLATE = re.compile(r"\{[{%#]")


@dataclass(frozen=True)
class Reading:
    """The organizations that were listed, and notes on what was left out."""

    organizations: tuple[Organization, ...]
    notes: tuple[str, ...] = ()


def visible_organizations(client: WebexClient) -> Reading:
    """Return the organizations that the token's owner sees: ``GET /organizations``, which is not paged (spec).

    Needs the scope ``spark-admin:organizations_read``. Raises Refused, NoAnswer, or BrokenAnswer for what is no list.
    """
    path = "/organizations"
    return reading_of(
        path, ({"org_id": item.get("id"), "name": item.get("displayName")} for item in _items(client, path))
    )


def managed_organizations(client: WebexClient, managed_by: str) -> Reading:
    """Return the customers that a partner administrator manages: ``GET /partner/organizations`` (spec).

    *managed_by* is the id of that person. A full administrator of the partner asks, and is no one to ask about. The answer
    has no names. Which scope it needs is not documented. Raises as ``visible_organizations`` does.
    """
    path = "/partner/organizations"
    return reading_of(path, ({"org_id": item.get("orgId")} for item in _items(client, path, managedBy=managed_by)))


def reading_of(source: str, entries: Iterable[dict[str, Any]]) -> Reading:
    """Return the organizations in *entries* with ``org_id`` and ``name``, which come from *source*; each of them once.

    What has no id of an organization is left out, and noted. Raises BrokenAnswer if there are too many.
    """
    organizations: dict[str, Organization] = {}
    useless = 0
    for entry in entries:
        org_id = entry.get("org_id")
        if flaw_on_arrival(org_id) or flaw_of_org_id(org_id):
            useless += 1
        else:
            organizations.setdefault(bare_id(str(org_id)), Organization(str(org_id), name=name_of(entry.get("name"))))
        if len(organizations) + useless > MOST_ORGANIZATIONS:
            raise BrokenAnswer(f"{source} lists more than {MOST_ORGANIZATIONS} organizations.", NOT_WEBEX)
    notes = (
        (f"{source} lists {useless} entries without the id of an organization; they are left out.",) if useless else ()
    )
    return Reading(tuple(organizations.values()), notes)


def name_of(text: Any) -> str | None:
    """Return a display name from outside as one line of printable characters that is no template; None if it is no text."""
    if not isinstance(text, str):
        return None
    name = Scrubber()(text[:LONGEST_NAME])
    if _TEMPLATE.search(name):
        name = name.replace("{", "(").replace("}", ")")
    return name or None


def _items(client: WebexClient, path: str, **params: str) -> Iterable[dict[str, Any]]:
    for item in client.pages(path, "items", **params):
        if not isinstance(item, dict):
            raise BrokenAnswer(f"GET {path} was answered with a list of something else than objects.", NOT_WEBEX)
        yield item
