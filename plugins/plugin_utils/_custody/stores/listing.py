# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which organizations have tokens in the stores that one address with ``{org_id}`` names: by their names, nothing is opened."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from typing import Any

from ....module_utils._errors import OptionError
from ....module_utils._organization_list import is_org_id
from .kv_secret import KvSecret

PLACEHOLDER = "{org_id}"


def org_uuids_in(options: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    """Return the UUIDs of the organizations with a store at the address in *options*, the suboptions of ``store``.

    The path of a vault file is absolute. Raises OptionError if such stores cannot be listed, StoreError if Vault does not
    list them.
    """
    kind, path = options.get("kind"), options.get("path") or ""
    if kind not in ("vault_file", "hashi_vault"):
        reason = "a job cannot list credentials" if kind == "awx_credential" else "there is nothing to list"
        raise OptionError(
            "store.kind", f"is {kind}: {reason}.", "use vault_file or hashi_vault, or name the organizations in a list."
        )
    folder, _slash, name = path.rpartition("/")
    if PLACEHOLDER not in name or "{" in folder or "{" in name.replace(PLACEHOLDER, ""):
        raise OptionError(
            "store.path",
            f"{path!r} does not tell the stores of organizations apart by their ids.",
            f"write {PLACEHOLDER} into its last part, and nowhere else, for example tokens/{PLACEHOLDER}.yml.",
        )
    names = _files_in(folder) if kind == "vault_file" else KvSecret(options, environ).names_in(folder.strip("/"))
    pattern = re.compile("([0-9a-f-]{36})".join(map(re.escape, name.split(PLACEHOLDER))))
    matches = [match for match in map(pattern.fullmatch, names) if match and len(set(match.groups())) == 1]
    return sorted(match[1] for match in matches if is_org_id(match[1]))


def _files_in(folder: str) -> list[str]:
    """Return the names of the files in *folder*; none if there is no such folder yet."""
    paths = glob.iglob(os.path.join(glob.escape(os.path.expanduser(folder)), "*"))
    return [os.path.basename(path) for path in paths if os.path.isfile(path)]
