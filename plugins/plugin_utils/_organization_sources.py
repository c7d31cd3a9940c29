# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an inventory has its organizations from: lists, stores and Webex, and how they become one list."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._client import WebexClient
from ..module_utils._errors import OptionError
from ..module_utils._ids import is_webex_id
from ..module_utils._organization_list import (
    SECRET_SUBOPTION,
    Organization,
    read_entries,
    refuse_secret_values,
    refuse_secrets,
    with_aliases,
)
from ..module_utils._organization_read import Reading, managed_organizations, visible_organizations
from ..module_utils._settings import Settings
from ._custody.stores import STORE_SPEC
from ._custody.stores.address import filled
from ._custody.stores.listing import org_uuids_in
from ._task import validated

LIST, FILE = "organizations", "organizations_file"


def listed(options: Mapping[str, Any], loader: Any, folder: str) -> list[Organization]:
    """Return what the *options* list: in ``organizations``, or in the file that ``organizations_file`` names.

    The file is relative to *folder*; *loader* decrypts it. Raises OptionError.
    """
    entries, path = options.get(LIST), options.get(FILE)
    if entries is not None and path is not None:
        raise OptionError(FILE, f"is given, and so is {LIST}.", "keep the list in one place.")
    source = LIST
    if path is not None:
        source = os.path.join(folder, os.path.expanduser(path))
        entries = _load(loader, source)
    organizations = read_entries(entries, source) if entries is not None else []
    refuse_secrets(organizations, source)
    return organizations


def _load(loader: Any, path: str) -> Any:
    """Return the list in a YAML or JSON file, or under the key ``organizations`` of it."""
    # Since ansible-core 2.19, a file says whether it may hold templates: variables of hosts may.
    accepted = inspect.signature(loader.load_from_file).parameters
    trust = {"trusted_as_template": True} if "trusted_as_template" in accepted else {}
    try:
        data = loader.load_from_file(path, **trust)
    except AnsibleError as error:
        raise OptionError(FILE, f"{path} cannot be read: {error}", "name a YAML or JSON file with a list.") from None
    return data.get(LIST) if isinstance(data, Mapping) else data


def store_template(options: Mapping[str, Any], folder: str) -> dict[str, Any] | None:
    """Return the option ``store`` with its suboptions checked; the path of a vault file is absolute, from *folder*.

    Raises OptionError, for a secret in it too.
    """
    store = options.get("store")
    if store is None:
        return None
    refuse_secret_values("store", store, SECRET_SUBOPTION)
    return _placed(_checked(store), folder)


def _checked(store: Any) -> dict[str, Any]:
    options = validated({"store": store}, {"store": {"type": "dict", "options": STORE_SPEC}})["store"]
    return {name: value for name, value in options.items() if value is not None}


def _placed(store: dict[str, Any], folder: str) -> dict[str, Any]:
    path = store.get("path") or ""
    if store["kind"] != "vault_file" or path.startswith(("~", "{{")):
        return store
    return {**store, "path": os.path.join(folder, path)}


def store_of(org: Organization, template: Mapping[str, Any] | None, folder: str) -> dict[str, Any] | None:
    """Return the store of an organization: the *template*, with what its own entry says instead, and its address filled in.

    An entry that names a kind of its own has nothing of the template. Raises OptionError.
    """
    own = org.store or {}
    store = dict(own) if "kind" in own else {**(template or {}), **own}
    if not store:
        return None
    return filled(_placed(_checked(store), folder), org.uuid, org.alias, f"{LIST}, {org.alias}, store")


def stored(template: Mapping[str, Any] | None, environ: Mapping[str, str]) -> list[Organization]:
    """Return the organizations that have a store at the address of the *template*. Raises WebexError."""
    if template is None:
        raise OptionError("store", "is missing: there is nothing to look into.", "give the address of the stores.")
    readable = {name: value for name, value in template.items() if not SECRET_SUBOPTION.search(name)}
    return [Organization(uuid) for uuid in org_uuids_in(readable, environ)]


def of_webex(settings: Settings, sources: Iterable[str], managed_by: str | None) -> Reading:
    """Return the organizations of the *sources* at Webex: ``organizations``, ``partner_organizations``. Raises WebexError."""
    settings.require("access_token")
    readings = []
    with WebexClient(settings) as client:
        for source in sources:
            if source == "organizations":
                readings.append(visible_organizations(client))
            elif managed_by:
                readings.append(managed_organizations(client, managed_by))
            else:
                raise OptionError(
                    "managed_by",
                    "is missing: Webex lists the customers of one partner administrator.",
                    "give the id of that person.",
                )
    return Reading(
        tuple(org for reading in readings for org in reading.organizations),
        tuple(note for reading in readings for note in reading.notes),
    )


def merged(of_list: Iterable[Organization], others: Iterable[Organization]) -> list[Organization]:
    """Return every organization once, with an alias. What the list says of one wins; those that it does not name are read-only."""
    known = {org.uuid: org for org in of_list}
    for org in others:
        entry = known.setdefault(org.uuid, org)
        # An id that Webex has written says in which cluster the organization is; a UUID does not.
        org_id = entry.org_id if is_webex_id(entry.org_id) else org.org_id
        known[org.uuid] = replace(entry, org_id=org_id, name=entry.name or org.name)
    return with_aliases(known.values())
