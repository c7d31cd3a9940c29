# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything together, and what a fresh server starts with."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..loopback import world
from ..loopback.settings import Settings
from .auth import LOGIN_LIFETIME, READ, ROOT, WRITE, Rules, Token, new_jwt
from .faults import Fault
from .kv import SECOND, Mount

WRITER_PATH = "webex/tokens"  # in the mount `secret`
WRITER_RULES: Rules = {
    f"secret/{kind}/{WRITER_PATH}": WRITE for kind in ("data", "metadata", "delete", "undelete", "destroy")
}
READER_RULES: Rules = {f"{mount}/{kind}/*": READ for mount in ("secret", "kv") for kind in ("data", "metadata")}


@dataclass
class Config(Settings):
    """What can be switched while the server runs. Its time counts for the life of tokens and for versions."""

    sealed: bool = False
    flavor: str = "openbao"  # or "vault", which since 1.16 says "invalid token" too

    CHOICES: ClassVar[Mapping[str, Collection[Any]]] = {"flavor": ("openbao", "vault")}


class World(world.World):
    """All the state of the server."""

    fault = Fault
    config: Config

    def __init__(self) -> None:
        super().__init__()
        self.cluster_id = str(uuid.uuid4())
        self.reset(new_credentials=True)

    def nanoseconds(self) -> int:
        """The time as the server sees it, as the times of versions are kept."""
        return time.time_ns() + int(self.config.clock_offset * SECOND)

    def reset(self, new_credentials: bool = False) -> None:  # type: ignore[override]
        """A fresh state: no secret, and the credentials of before."""
        self.config = Config()
        self.journal.clear()
        self.faults.clear()
        self.kv_mounts = {"secret", "kv"}
        self.auth_mounts = {"approle": "approle", "jwt": "jwt", "team/approle": "approle", "ci": "jwt"}
        self.engines: dict[tuple[str, str], Mount] = {}  # by namespace and mount
        if new_credentials:
            created = time.time()
            self.root = Token("root", ROOT, path="auth/token/root", created=created)
            self.reader = Token("reader", READER_RULES, created=created)
            self.writer = Token("writer", WRITER_RULES, created=created)
            self.expired = Token("expired", WRITER_RULES, created=created - 7200, ttl=3600)
            self.approle = {"role_id": str(uuid.uuid4()), "secret_id": str(uuid.uuid4())}
            self.jwt = {"role": "webex", "jwt": new_jwt()}
            self.secrets |= {self.approle["secret_id"]: "secret id of Vault", self.jwt["jwt"]: "JWT for Vault"}
        self.tokens: dict[str, Token] = {}
        for token in (self.root, self.reader, self.writer, self.expired):
            self.add(token)

    def ready(self) -> dict[str, Any]:
        """What the ready line says."""
        return {
            "url": self.origin,
            "control_url": f"{self.control_origin}/_vault",
            "root_token": self.root.value,
            "read_only_token": self.reader.value,
            "writer_token": self.writer.value,
            "writer_path": WRITER_PATH,
            "expired_token": self.expired.value,
            "approle": self.approle,
            "jwt": self.jwt,
        }

    def add(self, token: Token) -> Token:
        """Let a token be known."""
        self.tokens[token.value] = token
        self.secrets[token.value] = f"token of Vault ({token.name})"
        return token

    def issue(
        self,
        name: str,
        rules: Rules | None,
        namespace: str = "",
        ttl: float = LOGIN_LIFETIME,
        path: str = "auth/token/create",
        meta: dict[str, str] | None = None,
    ) -> Token:
        """A new token."""
        return self.add(Token(name, rules, path, namespace, self.now(), ttl, meta))

    def engine(self, namespace: str, path: str) -> tuple[Mount, str] | None:
        """The engine that serves a path, and the rest of the path. Every namespace has the same mounts."""
        for mount in sorted(self.kv_mounts, key=len, reverse=True):
            if path.startswith(f"{mount}/"):
                engine = self.engines.setdefault((namespace, mount), Mount(self.nanoseconds))
                return engine, path[len(mount) + 1 :]
        return None

    def mount(self, path: str, kind: str) -> None:
        """Mount an engine or an auth method."""
        path = path.strip("/")
        if kind == "kv":
            self.kv_mounts.add(path)
        elif kind in ("approle", "jwt"):
            self.auth_mounts[path] = kind
        else:
            raise ValueError("kind is kv, approle or jwt")
