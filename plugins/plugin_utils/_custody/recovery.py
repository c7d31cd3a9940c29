# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tokens go that Webex has handed out and the store did not take: the last resort against losing them.

They go into a file, or into a text if the run is a job in a container, where no file outlives it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret

from ...module_utils._errors import OptionError
from .files import is_private, remove_durably, rename_durably, write_beside
from .stored_tokens import StoredTokens

# Beside the tokens in the file: the fingerprints of those that were stored when these were to replace them.
REPLACES = "webex_replaces"
# In bytes, of a recovery text that was unpacked: many times what one holds.
LARGEST_TEXT = 256 * 1024


@dataclass(frozen=True)
class Recovered:
    """What a recovery file or text holds, and which stored tokens it is to replace: fingerprints, by holder.

    The path of a text is empty.
    """

    path: str
    tokens: StoredTokens
    replaces: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """Where it is from, as messages say it."""
        return f"the recovery file {self.path}" if self.path else "the option recovery"

    def remove(self) -> None:
        """Remove the file for good, if there is one and it is possible."""
        if self.path:
            remove(self.path)


class Recovery:
    """The recovery files of one store, and the text in the place of one.

    They are encrypted with ansible-vault under the client secret, which every run that can refresh has, with any store.
    Each holding has a file of its own, so that none is written over another. Clocks differ, so they are not ordered by
    time: each file says which stored tokens it replaces.
    """

    def __init__(self, store: str, client_secret: str, folders: Sequence[str] = ()) -> None:
        """Take what identifies the *store* (``Store.identity``); *folders* are the usual ones, if none is given."""
        prefix = f"recovery-{hashlib.sha256(store.encode()).hexdigest()[:16]}-"
        self._vault = VaultLib([("recovery", VaultSecret(client_secret.encode()))])
        self._prefixes = [os.path.join(folder, prefix) for folder in folders or default_folders()]

    def paths(self) -> list[str]:
        """Return all files of this store, also those that cannot be read, and those that killed runs have written."""
        return [path for prefix in self._prefixes for path in _files_of(prefix)]

    def read(self) -> list[Recovered]:
        """Return what can be read with this client secret. What a killed run left half written is removed."""
        return [recovered for recovered in map(self._read, self.paths()) if recovered]

    def write(self, tokens: StoredTokens, instead_of: StoredTokens | None) -> str | None:
        """Keep *tokens* in the first folder that takes them, and return the path; None if none does.

        *instead_of* is what is stored: the tokens are to replace that. None is unknown.
        """
        data = self._encrypted(tokens, instead_of)
        for prefix in self._prefixes:
            with suppress(OSError):
                return _write(f"{prefix}{tokens.name()}.yml", data)
        return None

    def text(self, tokens: StoredTokens, instead_of: StoredTokens | None) -> str:
        """Return *tokens* as one line of text, which only the client secret opens; *instead_of* as for ``write``."""
        return base64.b64encode(zlib.compress(self._encrypted(tokens, instead_of), 9)).decode()

    def read_text(self, text: str) -> Recovered:
        """Return what such a *text* holds, however its line was broken. Raises OptionError if it is none, or not of this app."""
        try:
            packed = base64.b64decode("".join(text.split()), validate=True)
            return self._recovered("", zlib.decompressobj().decompress(packed, LARGEST_TEXT))
        except (AnsibleError, ValueError, zlib.error, yaml.YAMLError):
            raise OptionError(
                "recovery",
                "is not a recovery text that this client secret opens.",
                "copy the whole text that the failed run has shown, and give the client secret of the same service app.",
            ) from None

    def _encrypted(self, tokens: StoredTokens, instead_of: StoredTokens | None) -> bytes:
        content = {**tokens.variables(), REPLACES: instead_of.fingerprints() if instead_of else {}}
        encrypted: bytes = self._vault.encrypt(yaml.safe_dump(content), secret=self._vault.secrets[0][1])
        return encrypted

    def _recovered(self, path: str, data: bytes) -> Recovered:
        content = yaml.safe_load(self._vault.decrypt(data))
        if not isinstance(content, dict):
            raise ValueError("it holds no tokens")
        replaces = content.get(REPLACES)
        tokens = StoredTokens.from_variables(content, is_whole=False)
        return Recovered(path, tokens, replaces if isinstance(replaces, Mapping) else {})

    def _read(self, path: str) -> Recovered | None:
        with suppress(OSError, AnsibleError, ValueError, yaml.YAMLError):
            if not is_private(os.lstat(path)):
                return None
            with open(path, "rb") as file:
                data = file.read()
            if path.endswith(".tmp") and not data.endswith(b"\n"):
                remove(path)
                return None
            return self._recovered(path, data)
        return None


def remove(*paths: str) -> None:
    """Remove files for good, if possible: the store has what they hold, or Webex does not take it any more."""
    for path in paths:
        with suppress(OSError):
            remove_durably(path)


def default_folders() -> list[str]:
    """Return Ansible's own folder, and for when that cannot be written a private one among the temporary files."""
    home = os.path.expanduser(str(C.config.get_config_value("ANSIBLE_HOME")))
    return [
        os.path.join(home, "collabops.webex"),
        os.path.join(tempfile.gettempdir(), f"collabops.webex-{os.getuid()}"),
    ]


def _files_of(prefix: str) -> list[str]:
    """Return the files whose paths begin with *prefix*; those that killed runs have written at the end."""
    folder, start = os.path.split(prefix)
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(start))
    except OSError:
        return []
    whole = [name for name in names if name.endswith(".yml")]
    temporary = [name for name in names if name.endswith(".tmp") and ".yml." in name]
    return [os.path.join(folder, name) for name in whole + temporary]


def _write(path: str, data: bytes) -> str:
    """Write *data*, and return where it is: at *path*, or beside it if only the name could not be given."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not is_private(os.lstat(folder)):
        raise PermissionError(f"{folder} belongs to somebody else, or is open to others")
    temporary = write_beside(path, data)
    try:
        rename_durably(temporary, path)
    except OSError:
        # From here on the file has the tokens, under whichever name.
        return temporary if os.path.exists(temporary) else path
    return path
