# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The KV version 2 engine: secrets with versions, check-and-set, deletion that can be undone, and metadata.

The order of the checks and the texts are those of HashiCorp's plugin, which OpenBao shares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .web import ApiError, Result, several

DEFAULT_MAX_VERSIONS = 10
SECOND = 1_000_000_000
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_CUSTOM = "custom_metadata validation failed: "
_INVALID_PATH = (
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. "
    "If using the Vault CLI, use 'vault kv {}' for this operation."
)
Body = Mapping[str, Any]


def moment(at: int | None) -> str:
    """A time in nanoseconds as Go writes it: RFC 3339 in UTC, the fraction without trailing zeros."""
    if at is None:
        return ""
    seconds, nanoseconds = divmod(at, SECOND)
    fraction = f".{nanoseconds:09}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def seconds(value: Any, name: str) -> int:
    """A duration: a number of seconds, or text such as ``3h25m19s``."""
    text = str(value).strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if not re.fullmatch(r"-?(\d+(\.\d+)?(ms|[smhd]))+", text):
        raise invalid(name, f"{value!r} is no duration")
    total = sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[smhd])", text))
    return int(-total if text.startswith("-") else total)


def duration(value: int) -> str:
    """Seconds as Go writes a duration."""
    minutes, rest = divmod(abs(value), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"
    return f"-{text}" if value < 0 else text


def number(text: str) -> int | float:
    """A number out of the storage: for Go, every one is a float64."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def invalid(name: str, why: str) -> ApiError:
    """The 400 for a value of the wrong type."""
    return ApiError(400, f'Field validation failed: error converting input for field "{name}": {why}')


def integer(value: Any, name: str) -> int:
    """A whole number, or text that is one."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise invalid(name, f"{value!r} is no number") from None


def flag(value: Any, name: str) -> bool:
    """A boolean, or text that is one."""
    text = str(value).lower()
    if text not in ("true", "false", "1", "0"):
        raise invalid(name, f"{value!r} is no boolean")
    return text in ("true", "1")


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise invalid(name, f"expected a map, got {type(value).__name__!r}")
    return value


def numbers(body: Body, complaint: str) -> list[int]:
    """`versions`: a list, or text with commas."""
    value = body.get("versions", [])
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    found = [integer(item, "versions") for item in items if item not in ("", None)]
    if not found:
        raise ApiError(400, complaint)
    return found


@dataclass
class Version:
    """One version of a secret. The data is text: JSON, as in the storage of the real one."""

    created: int
    data: str
    deletion: int | None
    destroyed: bool = False

    def gone(self, now: int) -> bool:
        """Whether a read answers no data."""
        return self.destroyed or (self.deletion is not None and self.deletion < now)

    def describe(self) -> dict[str, Any]:
        """What is told about a version."""
        return {
            "created_time": moment(self.created),
            "deletion_time": moment(self.deletion),
            "destroyed": self.destroyed,
        }


@dataclass
class Settings:
    """What can be set for a mount and for a secret; 0 and false mean: not set."""

    max_versions: int = 0
    cas_required: bool = False
    delete_version_after: int = 0  # seconds; negative, for a mount: never

    def change(self, body: Body) -> None:
        """Take what the body has of it, or nothing of it."""
        changed: dict[str, Any] = {}
        for name, convert in (("max_versions", integer), ("cas_required", flag), ("delete_version_after", seconds)):
            if name in body:
                changed[name] = convert(body[name], name)
        self.__dict__.update(changed)

    def describe(self) -> dict[str, Any]:
        """As the API tells it."""
        return {**self.__dict__, "delete_version_after": duration(self.delete_version_after)}


@dataclass
class Secret:
    """A key: its versions and its metadata."""

    created: int
    updated: int
    settings: Settings = field(default_factory=Settings)
    custom_metadata: dict[str, str] | None = None
    versions: dict[int, Version] = field(default_factory=dict)
    current: int = 0
    oldest: int = 0

    def add(self, version: Version, max_versions: int) -> None:
        """The next version; the oldest go."""
        self.current += 1
        self.versions[self.current] = version
        self.updated = version.created
        if self.current - self.oldest >= max_versions:
            last = self.current - max_versions
            for old in range(self.oldest, last + 1):
                self.versions.pop(old, None)
            self.oldest = last + 1

    def describe(self, version: int) -> dict[str, Any]:
        """The metadata that goes with one version."""
        return {
            **self.versions[version].describe(),
            "custom_metadata": self.custom_metadata or None,
            "version": version,
        }


class Mount:
    """One KV version 2 engine."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now  # in nanoseconds
        self.settings = Settings()
        self.secrets: dict[str, Secret] = {}

    def capability(self, method: str, path: str) -> str:
        """What a policy must allow for this request."""
        if method in ("POST", "PUT"):
            kind, _unused, key = path.partition("/")
            return "create" if kind in ("data", "metadata") and key not in self.secrets else "update"
        return {"GET": "read", "DELETE": "delete", "LIST": "list", "PATCH": "patch"}.get(method, "sudo")

    def handle(self, method: str, path: str, query: Mapping[str, str], body: Body) -> Result:
        """Answer a request; `path` is relative to the mount."""
        kind, _unused, key = path.partition("/")
        method = "POST" if method == "PUT" else method
        calls: dict[str, dict[str, Callable[[], Result]]] = {
            "data": {
                "GET": lambda: self.read(key, query),
                "POST": lambda: self.write(key, body),
                "DELETE": lambda: self.delete_latest(key),
            },
            "metadata": {
                "GET": lambda: self.read_metadata(key),
                "POST": lambda: self.write_metadata(key, body),
                "DELETE": lambda: self.delete_metadata(key),
                "LIST": lambda: self.list(key),
            },
            "delete": {"POST": lambda: self.delete(key, numbers(body, "No version number provided"))},
            "undelete": {"POST": lambda: self.undelete(key, numbers(body, "No version number provided"))},
            "destroy": {"POST": lambda: self.destroy(key, numbers(body, "no version number provided"))},
            "config": {
                "GET": lambda: Result(self.settings.describe()),
                "POST": lambda: self.configure(body),
            },
        }
        usable = kind in calls and (path == "config" if kind == "config" else "/" in path)
        if not usable or (kind == "data" and (not key or key.endswith("/"))):
            command = {"GET": "get", "POST": "put"}.get(method, method.lower())
            return Result(status=404, warnings=[_INVALID_PATH.format(command)])
        if method not in calls[kind]:
            raise ApiError(405, several("unsupported operation"))
        return calls[kind][method]()

    # -- data ------------------------------------------------------------------------------------------------------

    def read(self, key: str, query: Mapping[str, str]) -> Result:
        """GET data: a deleted or destroyed version is a 404 that still tells its metadata."""
        secret = self.secrets.get(key)
        wanted = integer(query.get("version", 0), "version")
        if secret is None:
            raise ApiError(404)
        version = wanted if wanted > 0 else secret.current
        if version not in secret.versions:
            raise ApiError(404)
        found = secret.versions[version]
        gone = found.gone(self.now())
        data = None if gone else json.loads(found.data, parse_int=number, parse_float=number)
        return Result({"data": data, "metadata": secret.describe(version)}, status=404 if gone else 200)

    def write(self, key: str, body: Body) -> Result:
        """POST data: the next version."""
        if "data" not in body:
            raise ApiError(400, "no data provided")
        data = None if body["data"] is None else mapping(body["data"], "data")
        options = mapping(body.get("options") or {}, "options")
        secret = self.secrets.get(key)
        self.check_and_set(options, secret)
        now = self.now()
        if secret is None:
            secret = self.secrets[key] = Secret(now, now)
        version = Version(now, json.dumps(data, sort_keys=True), self.deletion_time(now, secret))
        limit = max(secret.settings.max_versions, self.settings.max_versions) or DEFAULT_MAX_VERSIONS
        secret.add(version, limit)
        return Result(secret.describe(secret.current))

    def check_and_set(self, options: Body, secret: Secret | None) -> None:
        """400, unless `cas` is the current version; 0 is the version of a secret that does not exist."""
        if "cas" in options:
            try:
                cas = int(options["cas"] or 0)
            except (TypeError, ValueError):
                raise ApiError(400, "error parsing check-and-set parameter") from None
            if cas != (secret.current if secret else 0):
                raise ApiError(400, "check-and-set parameter did not match the current version")
        elif self.settings.cas_required or (secret and secret.settings.cas_required):
            raise ApiError(400, "check-and-set parameter required for this call")

    def deletion_time(self, now: int, secret: Secret) -> int | None:
        """When a version that is made now goes by itself: the shorter of the two settings."""
        mount, own = self.settings.delete_version_after, secret.settings.delete_version_after
        if mount < 0 or not (mount or own):
            return None
        return now + min(each for each in (mount, own) if each) * SECOND

    def delete_latest(self, key: str) -> Result:
        """DELETE data."""
        secret = self.secrets.get(key)
        return self.delete(key, [secret.current]) if secret else Result()

    def delete(self, key: str, versions: list[int]) -> Result:
        """POST delete: the versions can be undeleted."""
        now = self.now()
        for version in self.select(key, versions):
            if not version.gone(now):
                version.deletion = now
        return Result()

    def undelete(self, key: str, versions: list[int]) -> Result:
        """POST undelete."""
        for version in self.select(key, versions):
            if not version.destroyed:
                version.deletion = self.deletion_time(self.now(), self.secrets[key])
        return Result()

    def destroy(self, key: str, versions: list[int]) -> Result:
        """PUT destroy: the data is gone for good."""
        for version in self.select(key, versions):
            version.destroyed, version.data = True, "null"
        return Result()

    def select(self, key: str, versions: list[int]) -> list[Version]:
        """Those of the versions that exist."""
        secret = self.secrets.get(key)
        return [secret.versions[each] for each in versions if each in secret.versions] if secret else []

    # -- metadata --------------------------------------------------------------------------------------------------

    def read_metadata(self, key: str) -> Result:
        """GET metadata."""
        secret = self.secrets.get(key)
        if secret is None:
            raise ApiError(404)
        return Result(
            {
                **secret.settings.describe(),
                "created_time": moment(secret.created),
                "current_version": secret.current,
                "custom_metadata": secret.custom_metadata or None,
                "oldest_version": secret.oldest,
                "updated_time": moment(secret.updated),
                "versions": {str(each): version.describe() for each, version in secret.versions.items()},
            }
        )

    def write_metadata(self, key: str, body: Body) -> Result:
        """POST metadata: settings, also of a secret that has no version yet."""
        if not key:
            raise ApiError(400, "missing path")
        if not body.keys() & {"max_versions", "cas_required", "delete_version_after", "custom_metadata"}:
            return Result()
        custom = (
            custom_metadata(mapping(body["custom_metadata"], "custom_metadata")) if "custom_metadata" in body else None
        )
        if "delete_version_after" in body and seconds(body["delete_version_after"], "delete_version_after") < 0:
            raise invalid("delete_version_after", "cannot provide negative value")
        now = self.now()
        secret = self.secrets.get(key) or Secret(now, now)
        secret.settings.change(body)
        if custom is not None:
            secret.custom_metadata = custom
        self.secrets[key] = secret
        if self.settings.cas_required and "cas_required" in body and not secret.settings.cas_required:
            ignored = '"cas_required" set to false, but is mandated by backend config. This value will be ignored.'
            return Result(warnings=[ignored])
        return Result()

    def delete_metadata(self, key: str) -> Result:
        """DELETE metadata: the secret with all its versions."""
        self.secrets.pop(key, None)
        return Result()

    def list(self, prefix: str) -> Result:
        """LIST metadata: the names of one level, those of folders with a slash."""
        rests = [key[len(prefix) :] for key in self.secrets if key.startswith(prefix)]
        names = {rest.partition("/")[0] + ("/" if "/" in rest else "") for rest in rests}
        if not names:
            raise ApiError(404)
        return Result({"keys": sorted(names)})

    def configure(self, body: Body) -> Result:
        """POST config."""
        self.settings.change(body)
        return Result()


def custom_metadata(raw: Body) -> dict[str, str]:
    """Custom metadata as it is kept: text; 400 for too much of it."""
    found: dict[str, str] = {}
    for key, value in raw.items():
        if isinstance(value, (dict, list)):
            raise ApiError(400, f"{_CUSTOM}'' expected type 'string', got {type(value).__name__!r}")
        found[key] = "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
    if len(found) > 64:
        raise ApiError(400, several(f"{_CUSTOM}payload must contain at most 64 keys, provided {len(found)}"))
    errors = []
    for key, value in found.items():
        if not 0 < len(key) <= 128:
            errors.append(f'{_CUSTOM}length of key "{key}" is {len(key)} but must be 0 < len(key) <= 128')
        if not 0 < len(value) <= 512:
            errors.append(f'{_CUSTOM}length of value for key "{key}" is {len(value)} but must be 0 < len(value) <= 512')
    if errors:
        raise ApiError(400, several(*errors))
    return found
