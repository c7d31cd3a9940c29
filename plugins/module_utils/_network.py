# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to Webex: through which proxy, with which certificates, and what it means if there is none."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
from dataclasses import dataclass
from typing import Any

from ._errors import NoAnswer, OptionError, Unreachable, UntrustedCertificate
from ._remedies import CHECK_CERTIFICATE, CHECK_NETWORK, CHECK_PROXY
from ._settings import Settings

with contextlib.suppress(ImportError):  # the client says so
    import requests

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Route:
    """Proxies by scheme, and what certificates are checked against: a path, True (the usual ones) or False (nothing)."""

    proxies: dict[str, str]
    verify: bool | str


def route_to_webex(settings: Settings, ca_option: str = "ca_path") -> Route:
    """Return the way that *settings* name, with what the environment says of proxies and certificates otherwise.

    *ca_option* is what their ``ca_path`` is called in errors.
    Done once: requests would look into the environment again for each request, and into a netrc file, whose credentials
    would replace ours. Raises OptionError if the certificates cannot be read.
    """
    proxies: dict[str, str] = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
    verify = (settings.ca_path or True) if settings.validate_certs else False
    with requests.Session() as session:
        merged: Any = session.merge_environment_settings(settings.base_url, proxies, None, verify, None)
    route = Route(merged["proxies"], merged["verify"])
    if isinstance(route.verify, str) and settings.base_url.startswith("https:"):
        _check_certificates(ca_option if settings.ca_path else _variable_of(route.verify), route.verify)
    return route


def _variable_of(path: str) -> str:
    return next((name for name in BUNDLE_VARIABLES if os.environ.get(name) == path), BUNDLE_VARIABLES[0])


def _check_certificates(option: str, path: str) -> None:
    """Raise OptionError unless *path* is a folder, or a file of certificates that OpenSSL can read."""
    if os.path.isdir(path):
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        wrong = "is no file of certificates."
    except OSError as error:
        wrong = f"cannot be read: {error.strerror}."
    else:
        return
    raise OptionError(option, f"{path} {wrong}", "give a PEM file or a folder of them, or leave it out.")


def unreachable(cause: BaseException | None, request: str, host: str) -> NoAnswer:
    """Return the error for a *request* that was not sent, since a connection to *host* failed by *cause*."""
    reason = reason_of(cause) if cause else "no reason given"
    if any(isinstance(error, ssl.SSLCertVerificationError) for error in _causes(cause)):
        return UntrustedCertificate(
            f"{request}: not sent, because the certificate of {host} is not trusted ({reason}).",
            CHECK_CERTIFICATE,
            request=request,
        )
    refusal = re.search(r"Tunnel connection failed: (\d{3})", str(cause))
    if refusal:
        return Unreachable(
            f"{request}: not sent, because the proxy does not connect to {host} ({reason}).",
            CHECK_PROXY,
            request=request,
            # 407 and the like are the proxy's decision; with 502 and the like it tried.
            passing=refusal[1].startswith("5"),
        )
    return Unreachable(f"{request}: no connection to {host} ({reason}).", CHECK_NETWORK, request=request, passing=True)


def reason_of(error: BaseException) -> str:
    """Return the innermost plain reason of *error*: 'Connection refused', 'timed out', a TLS complaint."""
    innermost = _causes(error)[-1]
    text = getattr(innermost, "strerror", None) or str(innermost)
    return text.rsplit(": ", 1)[-1] or type(innermost).__name__


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return *error* and what it wraps, the innermost last: requests and urllib3 wrap in several ways."""
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        wrapped = [getattr(error, "reason", None), getattr(error, "original_error", None), *error.args]
        error = next((item for item in wrapped if isinstance(item, BaseException)), None)
    return causes
