# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret of the KV version 2 engine of HashiCorp Vault or OpenBao, beside whatever else is in it."""

from __future__ import annotations

import os
import random
import socket
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from ...module_utils._errors import OptionError
from ...module_utils._settings import plain
from ...module_utils._time import from_iso, to_iso
from .._stored_tokens import VARIABLES, StoredTokens
from ._base import Store, StoreError

HVAC_IMPORT_ERROR: str | None
try:
    import hvac
    from hvac.exceptions import InvalidPath, InvalidRequest, VaultError
    from requests import RequestException
    from requests.exceptions import InvalidJSONError

    HVAC_IMPORT_ERROR = None
except ImportError:
    HVAC_IMPORT_ERROR = traceback.format_exc()

# Longer than the broker's budget for the requests under the lock, shorter than its patience.
LEASE = timedelta(seconds=60)
LEASE_KEY = "webex_lease"
ATTEMPTS = 10

# The names that users of community.hashi_vault know. The options' order of precedence is: option, then these.
ENVIRONMENT = {
    "url": ("ANSIBLE_HASHI_VAULT_ADDR", "ANSIBLE_HASHI_VAULT_URL", "VAULT_ADDR"),
    "auth_method": ("ANSIBLE_HASHI_VAULT_AUTH_METHOD",),
    "token": ("ANSIBLE_HASHI_VAULT_TOKEN", "VAULT_TOKEN"),
    "role_id": ("ANSIBLE_HASHI_VAULT_ROLE_ID",),
    "secret_id": ("ANSIBLE_HASHI_VAULT_SECRET_ID",),
    "jwt": ("ANSIBLE_HASHI_VAULT_JWT",),
    "namespace": ("ANSIBLE_HASHI_VAULT_NAMESPACE", "VAULT_NAMESPACE"),
    "mount_point": ("ANSIBLE_HASHI_VAULT_MOUNT_POINT",),
    "ca_cert": ("ANSIBLE_HASHI_VAULT_CA_CERT", "VAULT_CACERT"),
}
NEEDED = {"token": ("token",), "approle": ("role_id", "secret_id"), "jwt": ("role_id", "jwt")}


@dataclass(frozen=True)
class _Secret:
    """The newest version of the secret: its number (0: never written), its data, and why there are none."""

    version: int
    data: dict[str, Any]
    absence: str = ""


class HashiVaultStore(Store):
    """The store ``hashi_vault``.

    Every write is checked and set on the version that was read. That guards the write but does not stop two runs from
    refreshing, so the lock is a lease: a holder and an end time, written by check-and-set before Webex is asked. Only
    the winner asks; the others wait, and find its token. A lease whose end has passed is free.
    """

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        """Take the suboptions of ``store``. Raises OptionError for what is missing or does not fit together."""
        self._options = _resolve(options, os.environ if environ is None else environ)
        self._path, self._mount = self._options["path"], self._options["engine_mount_point"]
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{random.SystemRandom().getrandbits(64):x}"
        self._client: Any = None
        self._known: _Secret | None = None

    @property
    def name(self) -> str:
        return f"the secret {self._mount}/{self._path} in {self._options['url']}"

    def describe(self) -> dict[str, Any]:
        return {"kind": "hashi_vault", "url": self._options["url"], "path": f"{self._mount}/{self._path}"}

    def absence(self) -> str:
        return f" {self._known.absence}" if self._known and self._known.absence else ""

    def load(self) -> StoredTokens:
        self._known = self._read()
        try:
            return StoredTokens.from_variables(self._known.data)
        except ValueError as error:
            raise StoreError(
                f"{self.name} does not hold a complete token set: {error}; it was left untouched.",
                f"remove the keys {', '.join(VARIABLES)} from it, or name another path.",
            ) from None

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        deadline = time.monotonic() + patience
        while not self._take_lease():
            if time.monotonic() > deadline:
                raise StoreError(
                    f"{self.name} has been leased by another run ({self._lease_holder()}) for {patience:.0f} seconds.",
                    "look for a run that hangs, and whether the clocks agree; a lease ends by itself after a minute.",
                )
            # Not all at once: fifty that wait would else ask in step.
            time.sleep(random.uniform(0.1, 0.4))
        try:
            yield
        finally:
            # A lease that cannot be given back ends by itself.
            with suppress(StoreError):
                self._change(self._without_own_lease)

    def check(self) -> None:
        """Nothing but a write tells whether writing is allowed; the lease is one."""
        self._read()

    def reserve(self) -> None:
        """The lease was written, so the token can be too."""

    def save(self, holding: StoredTokens) -> None:
        def put(data: dict[str, Any]) -> dict[str, Any]:
            return {**{key: value for key, value in data.items() if key not in VARIABLES}, **holding.variables()}

        self._change(put)

    def clear(self) -> None:
        self._change(lambda data: {key: value for key, value in data.items() if key not in VARIABLES})

    def _without_own_lease(self, data: dict[str, Any]) -> dict[str, Any]:
        lease = data.get(LEASE_KEY)
        # One that ended before it was given back may be somebody else's by now.
        own = isinstance(lease, Mapping) and lease.get("holder") == self._holder
        return {key: value for key, value in data.items() if not (own and key == LEASE_KEY)}

    def _take_lease(self) -> bool:
        secret = self._read()
        if self._lease_holder(secret) not in (None, self._holder):
            return False
        until = to_iso(datetime.now(timezone.utc) + LEASE)
        return self._write(secret, {**secret.data, LEASE_KEY: {"holder": self._holder, "until": until}})

    def _lease_holder(self, secret: _Secret | None = None) -> str | None:
        """Return who holds the lease; None where it is free, or over."""
        lease: Any = (secret or self._known or _Secret(0, {})).data.get(LEASE_KEY)
        try:
            until = from_iso(lease["until"])
            return str(lease["holder"]) if until and until > datetime.now(timezone.utc) else None
        except (TypeError, KeyError, ValueError):
            return None

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Apply *change* to the data; again, if somebody else wrote in between, who may have changed other keys."""
        secret = self._known or self._read()
        for _attempt in range(ATTEMPTS):
            data = change(secret.data)
            if data == secret.data or self._write(secret, data):
                return
            secret = self._read()
        raise StoreError(f"{self.name} changes faster than it can be written.", "find out who else writes to it.")

    def _write(self, secret: _Secret, data: dict[str, Any]) -> bool:
        """Write *data* as the version after *secret*; return whether that was still the newest version."""
        try:
            answer = self._ask(
                lambda kv: kv.create_or_update_secret(
                    path=self._path, secret=data, cas=secret.version, mount_point=self._mount
                )
            )
        except _Outdated:
            return False
        except _Missing:
            raise StoreError(
                f"{self.name} cannot be used: no engine is mounted at {self._mount}.",
                "set store.engine_mount_point to a KV version 2 engine.",
            ) from None
        self._known = _Secret(int(answer["data"]["version"]), data)
        return True

    def _read(self) -> _Secret:
        try:
            answer = self._ask(
                lambda kv: kv.read_secret_version(
                    path=self._path, mount_point=self._mount, raise_on_deleted_version=False
                )
            )
        except _Missing:
            self._known = _Secret(0, {}, "The secret does not exist yet.")
            return self._known
        metadata, data = answer["data"]["metadata"], answer["data"].get("data")
        version = int(metadata["version"])
        absence = ""
        if metadata.get("destroyed"):
            absence = f"Version {version} of the secret was destroyed."
        elif data is None:
            absence = (
                f"Version {version} of the secret was deleted ({metadata.get('deletion_time')}); "
                f"`vault kv undelete -mount={self._mount} -versions={version} {self._path}` brings it back."
            )
        self._known = _Secret(version, dict(data or {}), absence)
        return self._known

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        """Return the answer to one question to the KV engine; raises _Missing, _Outdated or StoreError."""
        try:
            answer = question(self._connect().secrets.kv.v2)
            # hvac hands on what is not JSON as it came.
            if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
                raise InvalidJSONError
            return answer
        except _Redirected as error:
            raise StoreError(
                f"{self.name} cannot be used: it was answered with a redirect to {error}, as standby nodes do it, "
                "which is not followed.",
                "set store.url to the address of the active node, or of a load balancer in front of the nodes.",
            ) from None
        except InvalidPath as error:
            # A version that was destroyed but never deleted: hvac raises, though there is an answer.
            if ((error.json or {}).get("data") or {}).get("metadata"):
                return error.json
            raise _Missing from None
        except InvalidRequest as error:
            if "check-and-set parameter did not match" in str(error.args[0]):
                raise _Outdated from None
            raise self._unusable(error) from None
        except (VaultError, RequestException) as error:
            raise self._unusable(error) from None
        except TypeError:  # hvac, where the errors of a body in JSON are not those of a Vault
            raise self._unusable(InvalidJSONError()) from None

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
            client.adapter.session.hooks["response"].append(_refuse_redirect)
            try:
                _LOGINS[options["auth_method"]](client, options)
            except (VaultError, RequestException) as error:
                raise self._unusable(error) from None
            except (TypeError, KeyError):
                raise self._unusable(InvalidJSONError()) from None
            self._client = client
        return self._client

    def _unusable(self, error: Exception) -> StoreError:
        if isinstance(error, VaultError):
            said = " ".join(", ".join(map(str, error.errors or [])).split()) or type(error).__name__
            remedy = (
                "check the login and the policy: it must allow create, read and update on "
                f"{self._mount}/data/{self._path}."
            )
        else:
            said = f"no answer ({type(error).__name__})"
            remedy = "check the store's url, its certificates, and the network."
        return StoreError(f"{self.name} cannot be used: {said}.", remedy)


class _Missing(Exception):
    """The secret was never written."""


class _Outdated(Exception):
    """Somebody else wrote first."""


class _Redirected(Exception):
    """The server names another address, which the text of this error is."""


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


def _resolve(options: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options as plain values, with what the environment gives; raises OptionError."""
    if HVAC_IMPORT_ERROR is not None:
        raise OptionError(
            "store.kind",
            "hashi_vault needs the Python package hvac.",
            "install it where Ansible runs: pip install hvac.",
        )
    resolved: dict[str, Any] = dict(options)
    for name, variables in ENVIRONMENT.items():
        values = [options.get(name), *(environ.get(variable) for variable in variables)]
        resolved[name] = next((plain(value) for value in values if value), None)
    resolved["auth_method"] = resolved["auth_method"] or "token"
    resolved["token"] = resolved["token"] or _token_file(environ)
    resolved["engine_mount_point"] = plain(options.get("engine_mount_point") or "secret").strip("/")
    resolved["path"] = plain(options.get("path") or "").strip("/")
    if environ.get("VAULT_SKIP_VERIFY", "").lower() in ("1", "t", "true") and options.get("validate_certs") is None:
        resolved["validate_certs"] = False
    resolved["validate_certs"] = resolved.get("validate_certs") is not False
    resolved["timeout"] = options.get("timeout") or 30
    if resolved["auth_method"] not in NEEDED:
        raise OptionError("store.auth_method", "is not known.", f"choose from {', '.join(NEEDED)}.")
    for name in ("path", "url", *NEEDED[resolved["auth_method"]]):
        if not resolved[name]:
            ways = f", or {' or '.join(ENVIRONMENT[name])}" if name in ENVIRONMENT else ""
            raise OptionError(f"store.{name}", "is missing.", f"set store.{name}{ways}.")
    return resolved


def _token_file(environ: Mapping[str, str]) -> str | None:
    """Return the token that ``vault login`` left in the home folder."""
    folder = environ.get("ANSIBLE_HASHI_VAULT_TOKEN_PATH") or os.path.expanduser("~")
    name = environ.get("ANSIBLE_HASHI_VAULT_TOKEN_FILE") or ".vault-token"
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read().strip() or None
    except (OSError, UnicodeDecodeError):
        return None
