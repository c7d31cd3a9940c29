# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a setting comes from: the explicit option, then the files with credentials, then single environment variables."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from ._checks import flaw_of
from ._credentials_file import read_credentials
from ._errors import MalformedSecret, MissingSetting, OptionError
from ._options import ACCESS_TOKEN_FILE, CREDENTIALS_FILE, OPTIONS, SECRETS

COMMERCIAL = "https://webexapis.com/v1"

# What is written in one piece, and no secret.
NAMES = ("client_id", "integration_client_id", "org_id")


@dataclass(frozen=True)
class Settings:
    """Everything that a run needs to know to talk to Webex, as OPTIONS lists it; what is not set is None.

    Secrets stay out of its repr.
    """

    access_token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    integration_client_id: str | None = None
    integration_client_secret: str | None = field(default=None, repr=False)
    integration_refresh_token: str | None = field(default=None, repr=False)
    base_url: str = COMMERCIAL
    org_id: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 30.0

    def secrets(self) -> list[str]:
        """Return every secret that is set, and those in the URL of the proxy."""
        own = [value for value in (getattr(self, name) for name in SECRETS) if value]
        return own + (proxy_secrets(self.proxy) if self.proxy else [])

    @property
    def has_integration(self) -> bool:
        """Whether there is an integration that can mint new tokens for the service app."""
        return bool(self.integration_client_id and self.integration_client_secret)

    def require(self, *names: str) -> None:
        """Raise MissingSetting for the first setting of *names* that is missing, saying every way to give it."""
        for name in names:
            if not getattr(self, name):
                ways = " or ".join(OPTIONS[name].environment)
                hint = "; `collabops.webex.service_app_token` returns one" if name == "access_token" else ""
                files = " or ".join(OPTIONS[name].files)
                raise MissingSetting(
                    name,
                    "is missing.",
                    f"set the option `{name}`, the environment variable {ways}, or `{name}` in the file that "
                    f"{files} names{hint}.",
                )


def resolve(options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from a task's options, the files with credentials and the environment, all checked.

    Raises OptionError, which names the option (or variable), what is wrong, and what would be right.
    """
    environ = os.environ if environ is None else environ
    sources = [options, *(read_credentials(variable, environ) for variable in (CREDENTIALS_FILE, ACCESS_TOKEN_FILE))]
    values: dict[str, Any] = {}
    for name, option in OPTIONS.items():
        candidates = [source.get(name) for source in sources]
        candidates += [environ.get(variable) for variable in option.environment]
        value = next((candidate for candidate in candidates if candidate not in (None, "")), None)
        if value is not None:
            values[name] = plain(value).strip() if isinstance(value, str) else value
    if "ca_path" in values:
        values["ca_path"] = os.path.expanduser(values["ca_path"])
    settings = Settings(**values)
    for name in SECRETS:
        check_secret(name, getattr(settings, name))
    for name in NAMES:
        flaw = flaw_of(getattr(settings, name))
        if flaw and name in values:
            raise OptionError(name, f"{flaw}.", "give the bare value.")
    check_base_url("base_url", settings.base_url)
    if settings.ca_path and not os.path.exists(settings.ca_path):
        raise OptionError("ca_path", f"{settings.ca_path} does not exist.", "give a PEM file or a folder of them.")
    if settings.timeout <= 0:
        raise OptionError("timeout", f"{settings.timeout} is not above zero.", "give seconds, for example 30.")
    return Settings(**{**values, "base_url": settings.base_url.rstrip("/")})


def plain(text: str) -> str:
    """Return *text* as nothing but a str.

    Values that come out of a template are of subclasses (unsafe text on ansible-core 2.16, tagged text on 2.19 and
    newer), which YAML cannot represent, and whose methods, and even ``str()``, may return the subclass again.
    """
    return str.__str__(text)


def is_loopback(host: str | None) -> bool:
    """Tell whether *host* is this machine: the only place that may be asked without TLS."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def proxy_secrets(*urls: str) -> list[str]:
    """Return what in the *urls* of proxies must not be shown: passwords, as they are written and as they are meant."""
    secrets: list[str] = []
    for url in urls:
        # Not by urlsplit, which refuses a URL that is none: its password is a secret all the same.
        before_host = url.rpartition("@")[0]
        credentials = before_host.partition("//")[2] or before_host
        if credentials:
            password = credentials.partition(":")[2] or credentials
            # Basic authentication sends both in one piece.
            secrets += [credentials, unquote(credentials), password, unquote(password)]
    return list(dict.fromkeys(secrets))


def check_secret(name: str, value: Any) -> None:
    """Raise MalformedSecret, which does not quote it, if the *value* of the option *name* cannot be a secret."""
    if value is None:
        return
    # Ansible makes text of a list or a mapping.
    if not isinstance(value, str) or value[:1] in ("[", "{"):
        raise MalformedSecret(name, "is not text.", "give the bare value.")
    if value.lower().startswith("bearer "):
        raise MalformedSecret(name, "starts with the word Bearer.", "give the bare token.")
    flaw = flaw_of(value)
    if flaw:
        raise MalformedSecret(name, f"{flaw}.", "give the bare value.")


def check_address(name: str, url: str, right: str) -> None:
    """Raise OptionError unless *url* is one to which secrets may be sent; *right* says what would be.

    It is HTTPS, or HTTP to this machine, with a host, and without a user and a password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OptionError(name, "is not a URL.", right) from None
    if "@" in parts.netloc:
        raise OptionError(name, "has a user or a password in it.", right)
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise OptionError(name, f"{url!r} is not a URL with a scheme and a host.", right)
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(name, f"{url!r} would send the token without encryption.", f"use https://. {right}")


def check_base_url(name: str, url: str) -> None:
    """Raise OptionError unless *url* is the base of an API to which secrets may be sent."""
    right = f"write for example {COMMERCIAL}"
    check_address(name, url, right)
    parts = urlsplit(url)
    if parts.query or parts.fragment or not parts.path.strip("/"):
        raise OptionError(
            name, f"{url!r} is not the base of an API: the version is missing or too much follows.", right
        )
