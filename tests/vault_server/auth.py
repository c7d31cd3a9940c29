# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, policies, and the logins by AppRole and JWT."""

from __future__ import annotations

import base64
import json
import secrets
import string
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .web import ApiError, Result, several

LOGIN_LIFETIME = 3600
READ = ("read", "list")
WRITE = ("create", "read", "update", "delete", "list", "patch")
ROOT = None  # the rules of a token that may do everything
Rules = dict[str, Sequence[str]]
_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """Letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _unused in range(length))


@dataclass
class Token:
    """A token. `rules` says what it may do where; a path can end in ``*``, and ``+`` stands for one part of it."""

    name: str  # which also stands for the policy that holds its rules
    rules: Rules | None
    path: str = "auth/token/create"
    namespace: str = ""
    created: float = 0.0
    ttl: float = 0  # 0: does not expire
    meta: dict[str, str] | None = None
    value: str = field(default_factory=lambda: f"hvs.{random_text(24)}")
    accessor: str = field(default_factory=lambda: random_text(24))

    @property
    def policies(self) -> list[str]:
        """The names of its policies."""
        return ["root"] if self.rules is ROOT else sorted(["default", self.name])

    @property
    def expires(self) -> float | None:
        """When it dies."""
        return self.created + self.ttl if self.ttl else None

    def alive(self, now: float) -> bool:
        """Whether it is taken."""
        return self.expires is None or now < self.expires

    def may(self, capability: str, path: str, namespace: str) -> bool:
        """Whether its policies, which hold in its own namespace, allow this. The most specific rule decides."""
        if self.rules is ROOT:
            return namespace == self.namespace or not self.namespace
        if namespace != self.namespace:
            return False
        if path in ("auth/token/lookup-self", "auth/token/revoke-self"):  # the policy `default`
            return True
        fitting = [rule for rule in self.rules if fits(rule, path) or (capability == "list" and fits(rule, path[:-1]))]
        if not fitting:
            return False
        best = max(fitting, key=lambda rule: (not rule.endswith("*"), "+" not in rule.split("/"), len(rule)))
        return capability in self.rules[best]


def fits(rule: str, path: str) -> bool:
    """Whether the path of a policy's rule covers this path."""
    wanted, parts = rule.split("/"), path.split("/")
    if rule.endswith("*"):
        last = len(wanted) - 1
        if len(parts) <= last or not "/".join(parts[last:]).startswith(wanted[-1][:-1]):
            return False
        wanted, parts = wanted[:last], parts[:last]
    return len(wanted) == len(parts) and all(one in ("+", part) for one, part in zip(wanted, parts, strict=True))


def lookup(token: Token, now: float, moment: str | None) -> Result:
    """GET auth/token/lookup-self; `moment` is the time of its end, as Vault writes it."""
    data: dict[str, Any] = {
        "accessor": token.accessor,
        "creation_time": int(token.created),
        "creation_ttl": int(token.ttl),
        "display_name": token.name,
        "entity_id": "",
        "expire_time": moment,
        "explicit_max_ttl": 0,
        "id": token.value,
        "meta": token.meta,
        "num_uses": 0,
        "orphan": True,
        "path": token.path,
        "policies": token.policies,
        "ttl": 0 if token.expires is None else int(token.expires - now),
        "type": "service",
    }
    if token.namespace:
        data["namespace_path"] = f"{token.namespace}/"
    if token.expires is not None:
        data["renewable"] = True
    return Result(data)


def login(token: Token) -> Result:
    """The answer to a login."""
    auth = {
        "client_token": token.value,
        "accessor": token.accessor,
        "policies": token.policies,
        "token_policies": token.policies,
        "metadata": token.meta,
        "lease_duration": int(token.ttl),
        "renewable": True,
        "entity_id": str(uuid.uuid4()),
        "token_type": "service",
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": 0,
    }
    return Result(auth=auth)


def check_approle(body: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """POST auth/approle/login: the metadata of the new token, or 400."""
    if not body.get("role_id"):
        raise ApiError(400, "missing role_id")
    if body["role_id"] != given["role_id"]:
        raise ApiError(400, "invalid role or secret ID")
    if not body.get("secret_id"):
        raise ApiError(400, "missing secret_id")
    if body["secret_id"] != given["secret_id"]:
        raise ApiError(400, "invalid role or secret ID")
    return {"role_name": "webex"}


def check_jwt(body: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """POST auth/jwt/login: the metadata of the new token, or 400. The JWT must be the one given; no key checks it."""
    role = body.get("role")
    if not role:
        raise ApiError(400, "missing role")
    if role != given["role"]:
        raise ApiError(400, f"role {json.dumps(role)} could not be found")
    if not body.get("jwt"):
        raise ApiError(400, "missing token")
    if body["jwt"] != given["jwt"]:
        raise ApiError(
            400,
            "error validating token: error verifying token signature: "
            "no known key successfully validated the token signature",
        )
    return {"role": role}


def new_jwt() -> str:
    """What looks like a signed JWT."""
    parts = [
        json.dumps({"alg": "RS256", "typ": "JWT", "kid": random_text(8)}).encode(),
        json.dumps({"iss": "https://ci.example.com", "sub": "project:webex", "jti": random_text(20)}).encode(),
        secrets.token_bytes(256),
    ]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def denied(*reasons: str) -> ApiError:
    """The 403 for what the policies do not allow."""
    return ApiError(403, several("permission denied", *reasons))
