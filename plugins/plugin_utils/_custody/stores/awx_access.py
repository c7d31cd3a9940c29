# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this run reaches the controller: the suboptions of ``store``, then the file of the credential `Webex: AWX access`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ....module_utils._credentials_file import read_mapping
from ....module_utils._errors import OptionError
from ....module_utils._settings import check_address, check_secret, plain
from .awx_connection import Access

ACCESS_FILE = "WEBEX_AWX_FILE"
CA_FILE = "WEBEX_AWX_CA_FILE"
KEYS: dict[str, type] = {
    "host": str,
    "token": str,
    "username": str,
    "password": str,
    "validate_certs": bool,
    "ca_cert": str,
    "api_prefix": str,
}
ATTACH = "attach a credential of the type `Webex: AWX access` to the job"


def resolve_access(options: Mapping[str, Any], environ: Mapping[str, str]) -> Access:
    """Return how the controller is reached; raises OptionError for what is missing or cannot be right."""
    path = environ.get(ACCESS_FILE)
    from_file = read_mapping(ACCESS_FILE, path, KEYS) if path else {}

    def value_of(name: str, key: str | None = None) -> Any:
        given = options.get(name)
        value = from_file.get(key or name) if given is None or given == "" else given
        return plain(value).strip() if isinstance(value, str) else value

    url, token = value_of("url", "host"), value_of("token")
    username, password = value_of("username"), value_of("password")
    if not url:
        raise OptionError("store.url", "is missing.", f"{ATTACH}, or set store.url.")
    url = url if "://" in url else f"https://{url}"
    right = "write for example https://awx.example.com."
    check_address("store.url", url, right)
    if url.count("/") > 2 + url.endswith("/") or "?" in url or "#" in url:
        raise OptionError("store.url", "is not the address of a server: too much follows.", right)
    if not token and not (username and password):
        raise OptionError(
            "store.token",
            "is missing, and so are user name and password.",
            f"{ATTACH}, with a token or with both of them, or set store.token, or store.username and store.password.",
        )
    check_secret("store.token", token)
    return Access(
        url=url.rstrip("/"),
        token=token,
        username=username,
        password=password,
        validate_certs=value_of("validate_certs") is not False,
        ca_cert=value_of("ca_cert") or _authorities(environ),
        prefix=_prefix(value_of("api_prefix")),
        timeout=options.get("timeout") or 30.0,
    )


def _authorities(environ: Mapping[str, str]) -> str | None:
    """Return the file of certificates that the credential injects; it is empty if there are none in it."""
    path = environ.get(CA_FILE)
    try:
        if path:
            with open(path, encoding="utf-8") as file:
                return path if file.read().strip() else None
    except (OSError, UnicodeDecodeError):
        raise OptionError(CA_FILE, f"{path} cannot be read.", "name a readable file of certificates in PEM.") from None
    return None


def _prefix(text: str | None) -> str | None:
    """Return the path of the API with one slash at each end."""
    path = (text or "").strip("/")
    if "://" in path or "?" in path or "#" in path or path.startswith("."):
        raise OptionError("store.api_prefix", "is not a path.", "write for example /api/v2/.")
    return f"/{os.path.normpath(path)}/" if path else None
