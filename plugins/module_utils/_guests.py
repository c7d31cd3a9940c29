# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests, whose tokens a service app with guest-issuer:write makes (Cisco's OpenAPI, "Create a Guest")."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ._checks import flaw_on_arrival, lifetime
from ._client import WebexClient
from ._errors import NoAnswer, OptionError
from ._remedies import NOT_WEBEX
from ._time import to_iso

GUEST_PATH = "/guests/token"


@dataclass(frozen=True)
class Guest:
    """Who the guest is to be: the same subject is the same guest. With its token, what Webex answered."""

    subject: str
    display_name: str
    access_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    id: str | None = None
    email: str | None = None

    def check(self) -> Guest:
        """Return itself; raises OptionError for a name or subject that is nothing."""
        for option in ("subject", "display_name"):
            if not (getattr(self, option) or "").strip():
                raise OptionError(option, "is empty.", "give some text.")
        return self

    def result(self) -> dict[str, Any]:
        """Return everything, as plain JSON types."""
        return {**vars(self), "expires_at": to_iso(self.expires_at)}


def new_token(client: WebexClient, guest: Guest, now: datetime) -> Guest:
    """Return the guest with a new token; earlier ones stay valid. Raises RequestError, Refused with 403 among them."""
    body = {"subject": guest.subject, "displayName": guest.display_name}
    answer = client.post(GUEST_PATH, body).data or {}
    token, duration = answer.get("accessToken"), lifetime(answer.get("expiresIn"))
    flaw = flaw_on_arrival(token)
    if flaw:
        raise NoAnswer(
            f"POST {GUEST_PATH} was answered without an access token that can be used: it {flaw}.",
            NOT_WEBEX,
            request=f"POST {GUEST_PATH}",
            unclear=True,
        )
    return Guest(
        subject=guest.subject,
        display_name=guest.display_name,
        access_token=token,
        expires_at=now + duration if duration else None,
        id=_text(answer.get("id")),
        email=_text(answer.get("email")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
