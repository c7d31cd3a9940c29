# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients, grants and tokens: who may do what, and until when."""

from __future__ import annotations

import hashlib
import random
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .ids import stable_uuid, webex_id

DAY = 86_400
ACCESS_LIFETIME = 14 * DAY
REFRESH_LIFETIME = 90 * DAY
# The lifetime of an access token that nobody can refresh. Guests: the example of the OpenAPI description.
LIFETIMES = {"personal": 12 * 3600, "bot": 36_500 * DAY, "guest": 64_799}
_CLUSTER = "P0A1"
_ALPHABET = string.ascii_letters + string.digits


@dataclass
class Client:
    """A service app or an integration."""

    kind: str  # "service_app" or "integration"
    name: str
    client_id: str
    secret: str
    scopes: frozenset[str]
    authorized: set[str] = field(default_factory=set)  # the orgs whose admin authorized the service app

    @property
    def application_id(self) -> str:
        """The id of the application, which follows from the client id."""
        return webex_id("APPLICATION", self.client_id)


@dataclass(eq=False)
class Token:
    """An access or refresh token. `scopes` is None for a token that may do all that its owner may do."""

    value: str
    use: str  # "access" or "refresh"
    kind: str  # "service_app", "integration", "personal", "bot" or "guest"
    person_id: str
    org_id: str
    scopes: frozenset[str] | None
    client_id: str | None
    created: float
    expires_at: float
    authorization_id: str
    revoked: bool = False

    def alive(self, now: float) -> bool:
        """Whether Webex still takes it."""
        return not self.revoked and now < self.expires_at


@dataclass(eq=False)
class Grant:
    """What an admin or a user agreed to: one refresh token, and the access tokens that came of it."""

    refresh: Token
    access: list[Token]
    scopes: frozenset[str]

    def revoke(self) -> None:
        """The refresh token dies, and takes its access tokens along."""
        for token in (self.refresh, *self.access):
            token.revoked = True


def fingerprint(value: str) -> str:
    """A short name for a token that does not give it away."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]


class Mint:
    """Makes values that look like those of Webex; `source` is `secrets.SystemRandom` unless the run is seeded."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def token(self, org_uuid: str) -> str:
        """``<random>_<cluster>_<org>``."""
        return f"{''.join(self._source.choices(_ALPHABET, k=86))}_{_CLUSTER}_{org_uuid}"

    def guest_token(self) -> str:
        """Guest tokens are JWTs of more than 2,000 characters."""
        return "eyJhbGciOiJSUzI1NiJ9." + "".join(self._source.choices(_ALPHABET, k=2000))

    def client_id(self) -> str:
        """``C`` and 64 hexadecimal digits."""
        return "C" + self.client_secret()

    def client_secret(self) -> str:
        """64 hexadecimal digits."""
        return f"{self._source.getrandbits(256):064x}"


class TokenBook:
    """All clients, grants and tokens, dead ones included; `secrets` is told of every one and what it is."""

    def __init__(self, mint: Mint, now: Callable[[], float], secrets: dict[str, str]) -> None:
        self.mint = mint
        self.now = now
        self.secrets = secrets
        self.clients: dict[str, Client] = {}
        self.tokens: dict[str, Token] = {}
        self.grants: dict[Token, Grant] = {}  # by refresh token; after a rotation, the dead ones point there too
        self.by_person: dict[str, list[Token]] = {}
        self.by_authorization: dict[str, Token] = {}

    def add_client(self, client: Client) -> None:
        """A new service app or integration."""
        self.clients[client.client_id] = client
        self.secrets[client.secret] = f"client secret ({client.kind})"

    def issue(
        self,
        use: str,
        kind: str,
        person_id: str,
        org_id: str,
        org_uuid: str,
        scopes: frozenset[str] | None,
        lifetime: float,
        client_id: str | None = None,
        value: str | None = None,
    ) -> Token:
        """A new token."""
        value = value or (self.mint.guest_token() if kind == "guest" else self.mint.token(org_uuid))
        now = self.now()
        token = Token(
            value=value,
            use=use,
            kind=kind,
            person_id=person_id,
            org_id=org_id,
            scopes=scopes,
            client_id=client_id,
            created=now,
            expires_at=now + lifetime,
            authorization_id=webex_id("AUTHORIZATION", stable_uuid("authorization", value)),
        )
        self.tokens[value] = token
        self.secrets[value] = f"{use} token ({kind})"
        self.by_person.setdefault(person_id, []).append(token)
        self.by_authorization[token.authorization_id] = token
        return token

    def grant(
        self,
        client: Client,
        person_id: str,
        org_id: str,
        org_uuid: str,
        scopes: Iterable[str] | None = None,
        access: str | None = None,
        refresh: str | None = None,
        lifetime: float = ACCESS_LIFETIME,
    ) -> Grant:
        """A new pair for this client, with the scopes the client has now unless others are named."""
        granted = client.scopes if scopes is None else frozenset(scopes)
        of = (client.kind, person_id, org_id, org_uuid, granted)
        grant = Grant(
            refresh=self.issue("refresh", *of, REFRESH_LIFETIME, client.client_id, refresh),
            access=[self.issue("access", *of, lifetime, client.client_id, access)],
            scopes=granted,
        )
        self.grants[grant.refresh] = grant
        return grant

    def renew(self, grant: Grant, rotate: bool) -> Token:
        """A new access token of an old grant; the refresh token's clock starts again, and it may be replaced.

        Earlier access tokens stay alive: nothing says that a refresh kills them.
        """
        old = grant.refresh
        of = (old.kind, old.person_id, old.org_id, old.value.rpartition("_")[2], grant.scopes)
        if rotate:
            old.revoked = True
            grant.refresh = self.issue("refresh", *of, REFRESH_LIFETIME, old.client_id)
            self.grants[grant.refresh] = grant
        else:
            old.expires_at = self.now() + REFRESH_LIFETIME
        grant.access.append(self.issue("access", *of, ACCESS_LIFETIME, old.client_id))
        return grant.access[-1]

    def grants_of(self, client_id: str, org_id: str | None = None) -> list[Grant]:
        """Every grant of a client, in one org or in all."""
        found = {
            id(grant): grant
            for token, grant in self.grants.items()
            if token.client_id == client_id and org_id in (None, token.org_id)
        }
        return list(found.values())
