# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tokens go that Webex has handed out and the store did not take: the last resort against losing them."""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret

from ._files import (
    create_private,
    remove_durably,
    rename_durably,
    write_durably,
)
from ._stored_tokens import StoredTokens


class Recovery:
    """The recovery file of one store and one service app.

    It is encrypted with ansible-vault under the client secret, which whoever can refresh has, with any store.
    """

    def __init__(self, store_name: str, client_id: str, client_secret: str, folders: Sequence[str] = ()) -> None:
        identity = hashlib.sha256(f"{store_name}\n{client_id}".encode()).hexdigest()[:16]
        self._vault = VaultLib([("recovery", VaultSecret(client_secret.encode()))])
        self._paths = [os.path.join(folder, f"recovery-{identity}.yml") for folder in folders or default_folders()]

    def read(self) -> StoredTokens | None:
        """Return the newest holding that can be read; None where there is none. What killed runs left half done goes."""
        self._remove(leftover for path in self._paths for leftover in glob.glob(f"{glob.escape(path)}.*.tmp"))
        found = [holding for holding in map(self._read, self._paths) if holding]
        return max(found, key=newest, default=None)

    def write(self, holding: StoredTokens) -> str | None:
        """Keep *holding* in the first folder that takes it, and return the path; None where none does."""
        data = self._vault.encrypt(yaml.safe_dump(holding.variables()), secret=self._vault.secrets[0][1])
        for path in self._paths:
            with suppress(OSError):
                return _write(path, data)
        return None

    def remove(self) -> None:
        """Remove what write() left: the store has it now."""
        self._remove(self._paths)

    @staticmethod
    def _remove(paths: Iterable[str]) -> None:
        for path in paths:
            with suppress(OSError):
                remove_durably(path)

    def _read(self, path: str) -> StoredTokens | None:
        with suppress(OSError, AnsibleError, ValueError, yaml.YAMLError):
            if not _is_private(os.lstat(path)):
                return None
            with open(path, "rb") as file:
                return StoredTokens.from_variables(yaml.safe_load(self._vault.decrypt(file.read())))
        return None


def default_folders() -> list[str]:
    """Return Ansible's own folder, and for when that cannot be written a private one among the temporary files."""
    home = os.path.expanduser(str(C.config.get_config_value("ANSIBLE_HOME")))
    return [
        os.path.join(home, "collabops.webex"),
        os.path.join(tempfile.gettempdir(), f"collabops.webex-{os.getuid()}"),
    ]


def newest(holding: StoredTokens) -> str:
    """Return when the youngest token of *holding* was obtained, in a form that sorts."""
    sets = (holding.service_app, holding.integration)
    return max((str(token_set.obtained_at) for token_set in sets if token_set), default="")


def _write(path: str, data: bytes) -> str:
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not _is_private(os.lstat(folder)):
        raise PermissionError(f"{folder} belongs to somebody else, or is open to others")
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    try:
        write_durably(create_private(temporary), data)
        rename_durably(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
    return path


def _is_private(status: os.stat_result) -> bool:
    mode = status.st_mode
    return status.st_uid == os.getuid() and not stat.S_ISLNK(mode) and not mode & (stat.S_IRWXG | stat.S_IRWXO)
