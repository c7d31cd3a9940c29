# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One secret of the KV version 2 engine of HashiCorp Vault or OpenBao: its newest version, and the one after that.

hvac does not check what it reads, and requests does not bound how long and how much it reads. Here both are done, and
whatever a server answers is a StoreError in words.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ....module_utils._checks import flaw_of
from ....module_utils._errors import OptionError
from ....module_utils._network import reason_of
from ....module_utils._scrub import Scrubber
from ....module_utils._transport import Adapter, NotConnected, UselessBody, failures, read_body
from .base import StoreError
from .kv_options import SECRETS, resolve

HVAC_IMPORT_ERROR: str | None
try:
    import hvac
    from hvac.exceptions import InvalidPath, InvalidRequest, VaultError

    HVAC_IMPORT_ERROR = None
except ImportError:
    HVAC_IMPORT_ERROR = traceback.format_exc()

# In bytes. Vault itself takes no request of more than 32 MB, and stores no entry of more than 1 MB.
LARGEST_ANSWER = 4 * 1024 * 1024
# A shorter value beside the tokens is a word, and hiding it would make messages unreadable.
SHORTEST_SECRET = 12


@dataclass(frozen=True)
class Version:
    """The newest version of the secret: its number (0: never written), its data, and why there are none."""

    number: int
    data: dict[str, Any]
    absence: str = ""


class KvSecret:
    """The secret that the suboptions of ``store`` name, with what the environment gives."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        """Take the suboptions. Raises OptionError for what is missing or does not fit together. Sends nothing."""
        if HVAC_IMPORT_ERROR is not None:
            raise OptionError(
                "store.kind",
                "hashi_vault needs the Python package hvac.",
                "install it where Ansible runs: pip install hvac.",
            )
        self._options = options = resolve(options, environ)
        self._path, self._mount = options["path"], options["engine_mount_point"]
        self._scrub = Scrubber(options[name] for name in SECRETS if options[name])
        # What the policy must allow.
        self._needed = f"create, read and update on {self._mount}/data/{self._path}"
        self._ends = 0.0
        self._client: Any = None

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return f"the secret {self._mount}/{self._path} in {self._options['url']}"

    def describe(self) -> dict[str, Any]:
        """Return where it is."""
        return {"url": self._options["url"], "path": f"{self._mount}/{self._path}"}

    def hide(self, data: Mapping[str, Any]) -> None:
        """Keep the texts in *data* out of every error from now on: a gateway may quote what it was sent."""
        self._scrub.add(value for value in data.values() if isinstance(value, str) and len(value) >= SHORTEST_SECRET)

    def error(self, message: str, remedy: str) -> StoreError:
        """Return the error whose *message* may hold texts of the server."""
        return StoreError(self._scrub(message), remedy)

    def read(self) -> Version:
        """Return the newest version. Raises StoreError."""
        try:
            answer = self._ask(
                lambda kv: kv.read_secret_version(
                    path=self._path, mount_point=self._mount, raise_on_deleted_version=False
                )
            )
        except _Missing:
            return Version(0, {}, "The secret does not exist yet.")
        metadata, data = _mapping(answer, "metadata"), answer.get("data")
        number = self._number_in(metadata)
        if data is not None and not isinstance(data, dict):
            raise self._nonsense("its data is not a mapping")
        self.hide(data or {})
        absence = ""
        if metadata.get("destroyed"):
            absence = f"Version {number} of the secret was destroyed."
        elif data is None:
            absence = self._scrub(
                f"Version {number} of the secret was deleted ({metadata.get('deletion_time')}); "
                f"`vault kv undelete -mount={self._mount} -versions={number} {self._path}` brings it back."
            )
        return Version(number, data or {}, absence)

    def names_in(self, folder: str) -> list[str]:
        """Return the names of the secrets that are in *folder* of the engine; none if there is no such folder.

        Raises StoreError.
        """
        self._needed = f"list on {self._mount}/metadata/{folder}{'/' if folder else ''}"
        try:
            names = self._ask(lambda kv: kv.list_secrets(path=folder, mount_point=self._mount)).get("keys")
        except _Missing:
            return []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._nonsense("it has no list of names")
        return names

    def write(self, data: dict[str, Any], after: Version) -> Version | None:
        """Write *data* as the version *after* another; return it, or None if that was not the newest any more.

        Raises StoreError.
        """
        self.hide(data)
        try:
            answer = self._ask(
                lambda kv: kv.create_or_update_secret(
                    path=self._path, secret=data, cas=after.number, mount_point=self._mount
                )
            )
        except _Outdated:
            return None
        except _Missing:
            raise self.error(
                f"{self.name} cannot be used: no engine is mounted at {self._mount}.",
                "set store.engine_mount_point to a KV version 2 engine.",
            ) from None
        return Version(self._number_in(answer), data)

    def _number_in(self, metadata: dict[str, Any]) -> int:
        number = metadata.get("version")
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise self._nonsense("it has no number of a version")
        return number

    def _ask(self, question: Callable[[Any], Any]) -> dict[str, Any]:
        """Return the data of the answer to one question to the KV engine; raises _Missing, _Outdated or StoreError."""
        self._ends = time.monotonic() + self._options["timeout"]
        try:
            answer = question(self._connect().secrets.kv.v2)
        except StoreError:
            raise
        except InvalidPath as error:
            # A version that was destroyed but never deleted: hvac raises, though there is an answer.
            answer = error.json
            if not _mapping(answer, "data", "metadata"):
                raise _Missing from None
        except InvalidRequest as error:
            if "check-and-set parameter did not match" in str(error.args[:1]):
                raise _Outdated from None
            raise self._refusal(error) from None
        except Exception as error:
            raise self._failure(error) from None
        # hvac hands on what is not JSON as it came.
        data = _mapping(answer, "data")
        if not data:
            raise self._nonsense("there is no data in it")
        return data

    def _connect(self) -> Any:
        if self._client is None:
            options = self._options
            client = hvac.Client(
                url=options["url"],
                namespace=options.get("namespace"),
                verify=(options.get("ca_cert") or True) if options["validate_certs"] else False,
                timeout=options["timeout"],
                # The token, or the secret of the login, would go along, to whichever host.
                allow_redirects=False,
            )
            session = client.adapter.session
            session.headers["Accept-Encoding"] = "gzip"
            session.hooks["response"].append(_refuse_redirect)
            for scheme in ("http://", "https://"):
                session.mount(scheme, _BoundedAdapter(lambda: self._ends - time.monotonic(), 1))
            _LOGINS[options["auth_method"]](client, options)
            if flaw_of(client.token):
                raise self._nonsense("the login gives no token")
            self._scrub.add([client.token])
            self._client = client
        return self._client

    def _failure(self, error: Exception) -> StoreError:
        """Return the error for whatever hvac, requests and urllib3 raise: hvac trips in many ways over odd answers."""
        if isinstance(error, VaultError):
            return self._refusal(error)
        if isinstance(error, _Redirected):
            return self.error(
                f"{self.name} cannot be used: it was answered with a redirect to {error}, as standby nodes do it, "
                "which is not followed.",
                "set store.url to the address of the active node, or of a load balancer in front of the nodes.",
            )
        if isinstance(error, UselessBody):
            return self._nonsense(f"it is {error}")
        if isinstance(error, (NotConnected, *failures())):
            return self.error(
                f"{self.name} cannot be used: no answer ({reason_of(error.__cause__ or error)}).",
                "check the store's url, its certificates, and the network.",
            )
        return self._nonsense("it is of another form")

    def _refusal(self, error: Any) -> StoreError:
        texts = error.errors if isinstance(error.errors, list) else [error.errors] if error.errors else []
        reasons = ", ".join(map(str, texts)) or type(error).__name__
        return self.error(
            f"{self.name} cannot be used: {reasons}.",
            f"check the login and the policy: it must allow {self._needed}.",
        )

    def _nonsense(self, flaw: str) -> StoreError:
        return self.error(
            f"{self.name} cannot be used: the answer is not that of a Vault ({flaw}).",
            "check the store's url: a gateway in between may have answered.",
        )


class _Missing(Exception):
    """The secret was never written."""


class _Outdated(Exception):
    """Another run wrote first."""


class _Redirected(Exception):
    """The server names another address, which the text of this error is."""


class _BoundedAdapter(Adapter):
    """Reads an answer to its end at once, until the time is up, and no more than LARGEST_ANSWER."""

    def send(self, *arguments: Any, **keywords: Any) -> Any:
        response = super().send(*arguments, **{**keywords, "stream": True})
        # The place where requests keeps a body that was read: it would read it without an end otherwise.
        response._content = read_body(response, LARGEST_ANSWER)
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


def _mapping(value: Any, *names: str) -> dict[str, Any]:
    """Return the mapping that is in *value* under these *names*, one in the other; an empty one if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _refuse_redirect(response: Any, **_how: Any) -> None:
    """Raise _Redirected for a redirect, which hvac would hand on as if it were an answer."""
    if response.is_redirect:
        raise _Redirected(urlsplit(response.headers["location"]).netloc.rpartition("@")[2] or "another path")


def _login_token(client: Any, options: Mapping[str, Any]) -> None:
    client.token = options["token"]


def _login_approle(client: Any, options: Mapping[str, Any]) -> None:
    mount_point = options.get("mount_point") or "approle"
    client.auth.approle.login(options["role_id"], options["secret_id"], mount_point=mount_point)


def _login_jwt(client: Any, options: Mapping[str, Any]) -> None:
    client.auth.jwt.jwt_login(options["role_id"], options["jwt"], path=options.get("mount_point") or "jwt")


_LOGINS: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "token": _login_token,
    "approle": _login_approle,
    "jwt": _login_jwt,
}
