# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking what is asked for by itself, without a look at the organization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from .._errors import OptionError
from .._people import check_address
from .model import Wanted, undecorated
from .settings.table import check as check_settings

# What is asked for beside settings.
OWN_OPTIONS = tuple(option.name for option in fields(Wanted) if option.name != "settings")


def wanted_of(options: Mapping[str, Any]) -> Wanted:
    """Return what the *options* of a user ask for, checked; those that are None or empty do not count.

    Raises OptionError for what is wrong by itself.
    """
    own = {name: options[name] for name in OWN_OPTIONS if options.get(name) not in (None, "")}
    return replace(check(Wanted(**own)), settings=check_settings(options) or None)


def check(wanted: Wanted) -> Wanted:
    """Return *wanted* with its phone number and extension in their plain form.

    Raises OptionError for what is wrong by itself, without a look at the organization.
    """
    if bool(wanted.email) == bool(wanted.person_id):
        raise OptionError("email", "one of email and person_id must be given, not both.", "name one person.")
    if wanted.email:
        check_address("email", wanted.email)
    if wanted.state not in ("present", "absent"):
        raise OptionError("state", f"{wanted.state!r} is unknown.", "choose present or absent.")
    number = plain_number(wanted.phone_number)
    extension = wanted.extension.strip() if wanted.extension else None
    if extension and not re.fullmatch(r"[0-9]{1,15}", extension):
        raise OptionError(
            "extension", f"{wanted.extension!r} is not an extension.", "write digits only, in quotes: '2001'."
        )
    if wanted.remove_phone_number and number:
        raise OptionError(
            "remove_phone_number", f"{wanted.who} is to have a phone_number and none.", "give one of the two."
        )
    if wanted.state == "present":
        if not number and not extension:
            raise OptionError(
                "extension", f"{wanted.who} has neither an extension nor a phone_number.", "a calling user needs one."
            )
        if not number and not wanted.location:
            raise OptionError("location", f"{wanted.who} has no location.", "it is mandatory without a phone_number.")
    return replace(wanted, phone_number=number, extension=extension)


def plain_number(text: str | None) -> str | None:
    """Return a phone number without decoration, None for none; raises OptionError for what is not a phone number."""
    number = undecorated(text) if text else None
    if number and not re.fullmatch(r"\+?[0-9]{3,15}", number):
        raise OptionError("phone_number", f"{text!r} is not a phone number.", "write E.164: +493055501234.")
    return number
