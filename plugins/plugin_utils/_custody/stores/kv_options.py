# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run reaches Vault: the suboptions of ``store``, and the environment that users of community.hashi_vault know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ....module_utils._errors import OptionError
from ....module_utils._settings import check_address, check_secret, plain

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
SECRETS = ("token", "secret_id", "jwt")


def resolve(options: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the suboptions of ``store`` as plain values, with what the environment gives; raises OptionError."""
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
        raise OptionError("store.auth_method", "is unknown.", f"choose from {', '.join(NEEDED)}.")
    needed = NEEDED[resolved["auth_method"]]
    _require(resolved, ("path", "url", *needed))
    _check(resolved, [name for name in SECRETS if name in needed])
    return resolved


def _require(resolved: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if not resolved[name]:
            ways = f", or {' or '.join(ENVIRONMENT[name])}" if name in ENVIRONMENT else ""
            raise OptionError(f"store.{name}", "is missing.", f"set store.{name}{ways}.")


def _check(resolved: Mapping[str, Any], secrets: Iterable[str]) -> None:
    right = "write for example https://vault.example.com:8200."
    check_address("store.url", resolved["url"], right)
    if "?" in resolved["url"] or "#" in resolved["url"]:
        raise OptionError("store.url", "is not the address of a server: too much follows.", right)
    for name in secrets:
        check_secret(f"store.{name}", resolved[name])


def _token_file(environ: Mapping[str, str]) -> str | None:
    """Return the token that ``vault login`` left in the home folder."""
    folder = environ.get("ANSIBLE_HASHI_VAULT_TOKEN_PATH") or os.path.expanduser("~")
    name = environ.get("ANSIBLE_HASHI_VAULT_TOKEN_FILE") or ".vault-token"
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read().strip() or None
    except (OSError, UnicodeDecodeError):
        return None
