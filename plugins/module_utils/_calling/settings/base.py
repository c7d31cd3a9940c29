# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all settings of a calling user have in common: how one is read, compared and written.

What is wanted and what is seen are both written in the words of the options, flat: ``{"voicemail.email_copy": True}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._client import WebexClient
from ..._ids import as_segment
from ..._people import addresses_of
from .values import Check

Flat = dict[str, Any]
Json = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """Whose settings they are: a person as read, with calling data, and how messages name them.

    ``is_new``: they got calling a moment ago.
    """

    client: WebexClient
    person: Mapping[str, Any]
    who: str
    is_new: bool = False

    @property
    def person_id(self) -> str:
        """The id of the person."""
        return str(self.person["id"])

    def shown(self) -> Json:
        """Return the person as results show them."""
        return {
            "person_id": self.person_id,
            "email": next(iter(addresses_of(self.person)), None),
            "display_name": self.person.get("displayName"),
        }


@dataclass(frozen=True)
class Setting:
    """One setting: a GET and a PUT of Webex, and the options that are about it.

    ``name`` is how messages call it; ``unseen`` are options that no read shows. ``checks`` has a check for each option.
    ``fields`` says by flat option where a value stands in Webex's answer and body (``emailCopyOfMessage.enabled``).
    ``required`` are fields that a PUT must have (Cisco's OpenAPI), whatever changes; they are taken from a read right
    before it. Everything else that is not named is not sent.
    """

    name: str
    path: str
    checks: Mapping[str, Check]
    fields: Mapping[str, str]
    required: tuple[str, ...] = ()
    unseen: frozenset[str] = frozenset()

    def check(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of *options* that are about this setting, in their plain form. Raises OptionError."""
        given = {name: options.get(name) for name in self.checks}
        return {name: self.checks[name](name, value) for name, value in given.items() if value not in (None, "", {})}

    def flat(self, options: Mapping[str, Any]) -> Flat:
        """Return what *options*, in their plain form, ask for; empty if they do not ask for this setting."""
        return flattened({name: options[name] for name in self.checks if name in options})

    def as_options(self, flat: Flat) -> Json:
        """Return what is seen as options, the opposite of flat()."""
        return nested(flat)

    def read(self, subject: Subject) -> Json:
        """Return what Webex shows. Raises RequestError."""
        data: Json = subject.client.get(self._path_of(subject), **subject.client.org_params)
        return data

    def shown(self, data: Json) -> Flat:
        """Return what *data*, as read, says in the words of the options."""
        return {option: dig(data, field) for option, field in self.fields.items()}

    def is_same(self, option: str, wanted: Any, seen: Any) -> bool:
        """Tell whether a value that is wanted is the one that is seen."""
        return bool(wanted == seen)

    def differences(self, wanted: Flat, data: Json) -> Flat:
        """Return what of *wanted* Webex does not show."""
        seen = self.shown(data)
        return {option: value for option, value in wanted.items() if not self.is_same(option, value, seen.get(option))}

    def is_alone(self, changes: Flat) -> bool:
        """Tell whether *changes* of these options change no other option of the setting."""
        return True

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT that makes *changes*, where *data* was read right before; raises CallingError if it cannot be."""
        fields = {self.fields[option]: value for option, value in changes.items()}
        kept = {field: dig(data, field) for field in self.required if dig(data, field) is not None}
        return nested({**kept, **fields})

    def write(self, subject: Subject, changes: Flat, data: Json) -> None:
        """Write *changes*. Raises RequestError with what Webex said, CallingError for what cannot be done."""
        body = self.body(subject, changes, data)
        subject.client.put(self._path_of(subject), body, **subject.client.org_params)

    def _path_of(self, subject: Subject) -> str:
        return self.path.format(id=as_segment(subject.person_id))


def dig(data: Any, field: str) -> Any:
    """Return what stands under a dotted *field* of *data*; None if there is nothing."""
    for name in field.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def nested(fields: Mapping[str, Any]) -> Json:
    """Return dotted *fields* as objects within objects."""
    whole: Json = {}
    for field, value in fields.items():
        *path, last = field.split(".")
        inner = whole
        for name in path:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return whole


def flattened(options: Mapping[str, Any]) -> Flat:
    """Return options and their suboptions under dotted names."""
    flat: Flat = {}
    for name, value in options.items():
        flat |= {f"{name}.{key}": item for key, item in value.items()} if isinstance(value, Mapping) else {name: value}
    return flat
