# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Codes with which a telephone finds the person it is for (Cisco's OpenAPI, "Create a Device Activation Code")."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ._calling.licenses import held_of, read_licenses
from ._calling.model import STANDARD
from ._client import WebexClient
from ._errors import NoAnswer, OptionError, WebexError
from ._people import check_address, find_person
from ._remedies import NOT_WEBEX
from ._time import from_iso

CODE_PATH = "/devices/activationCode"


class TelephoneRefused(WebexError):
    """The person is not one for whom a telephone may be set up."""


@dataclass(frozen=True)
class Telephone:
    """A telephone to be: whose, and of which model. ``notes`` say what the user should know."""

    person_id: str
    model: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActivationCode:
    """The code, and until when it can be used; None if Webex does not say."""

    code: str = field(repr=False)
    expires_at: datetime | None = None


def find_owner(client: WebexClient, *, email: str | None, person_id: str | None, model: str) -> Telephone:
    """Return the telephone for a person, after looking at their licenses; nothing is written.

    Raises OptionError for what is wrong by itself, TelephoneRefused if there is no such person, if they have no calling,
    or with a Standard license: a telephone would switch calling off in all of their Webex apps (Cisco's OpenAPI).
    """
    if bool(email) == bool(person_id):
        raise OptionError("email", "one of email and person_id must be given, not both.", "name one person.")
    if email:
        check_address("email", email)
    if not model.strip():
        raise OptionError("model", "is empty.", "give the model of the telephone, for example DMS Cisco 8865.")
    who = email or person_id or ""
    person = find_person(client, email=email, person_id=person_id)
    if person is None:
        raise TelephoneRefused(f"There is no person {who}.", "correct the name, or create them first.")
    licenses = [license_ for license_ in held_of(person, read_licenses(client)) if license_.is_calling]
    if not licenses:
        raise TelephoneRefused(
            f"{who} has no license for Webex Calling.", "enable them first, with `collabops.webex.calling_user`."
        )
    standard = next((license_.name for license_ in licenses if license_.tier == STANDARD), None)
    if standard:
        raise TelephoneRefused(
            f"{who} has {standard}. A telephone would switch Webex Calling off in their mobile, tablet, desktop and "
            "browser apps.",
            "give them a Professional license first, or let them call with the app alone.",
        )
    unknown = [license_.name for license_ in licenses if license_.tier is None]
    notes = tuple(
        f"it is unknown whether {name} is a Standard license; if it is, the telephone of {who} switches Webex Calling off in "
        "their apps"
        for name in unknown
    )
    return Telephone(str(person["id"]), model, notes)


def new_code(client: WebexClient, telephone: Telephone) -> ActivationCode:
    """Return a new code; earlier ones are not known to lose their validity. Raises RequestError.

    The request is sent once. If its end is unclear, there may be a code that nobody knows, and that expires by itself.
    """
    body = {"personId": telephone.person_id, "model": telephone.model}
    answer = client.post(CODE_PATH, body, **client.org_params).data or {}
    code = answer.get("code")
    if not isinstance(code, str) or not code.strip():
        raise NoAnswer(
            f"POST {CODE_PATH} was answered without a code.", NOT_WEBEX, request=f"POST {CODE_PATH}", unclear=True
        )
    return ActivationCode(code, _moment(answer.get("expiryTime")))


def _moment(text: Any) -> datetime | None:
    try:
        return from_iso(text) if isinstance(text, str) else None
    except ValueError:
        return None
