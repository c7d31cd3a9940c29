# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of organizations, as an inventory and the option ``organizations`` of a task have it: each entry is checked."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ._errors import OptionError
from ._ids import bare_id, is_webex_id, kind_of_id
from ._options import SECRETS
from ._settings import plain

KEYS = ("org_id", "alias", "name", "writable", "vars", "store")
# Names that mean something else to Ansible, or to the inventory.
RESERVED = frozenset({"all", "ungrouped", "localhost", "webex_organizations", "webex_organizations_writable"})
# What the inventory sets, and nobody else: whether an organization may be changed depends on it.
OWN_VARIABLES = re.compile(r"webex_org_\w+")
LONGEST_ALIAS = 64
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9_-]+=*")
_ALIAS = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST_ALIAS - 1}}}")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
_SECRET_NAME = re.compile(rf"(^|_)({'|'.join(SECRETS)})$", re.IGNORECASE)
# The suboptions of a store that are secrets.
SECRET_SUBOPTION = re.compile(r"^(token|secret_id|jwt|password)$")


@dataclass(frozen=True)
class Organization:
    """One organization of a list. ``org_id`` is as it was written; ``uuid`` is the same for either way to write it."""

    org_id: str
    alias: str = ""
    name: str | None = None
    writable: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    store: Mapping[str, Any] | None = None

    @property
    def uuid(self) -> str:
        """The bare UUID, in lower case."""
        return bare_id(self.org_id)


def read_organizations(entries: Any, option: str = "organizations") -> list[Organization]:
    """Return the organizations of a list, each with an alias; *option* is what the list is called in errors.

    An entry is a mapping with ``org_id`` (a Webex id or a UUID) and, if it likes, ``alias``, ``name``, ``writable``,
    ``vars`` and ``store``. Raises OptionError, which names the entry, the key, what is wrong and what would be right.
    """
    return with_aliases(read_entries(entries, option))


def read_entries(entries: Any, option: str = "organizations") -> list[Organization]:
    """Return what ``read_organizations`` returns; an entry without an alias has none yet."""
    if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
        raise OptionError(option, "is not a list.", "write a list of mappings, each with an `org_id`.")
    organizations = [_Entry(option, number, entry).read() for number, entry in enumerate(entries, 1)]
    _refuse_twins(organizations, option)
    return organizations


def with_aliases(organizations: Iterable[Organization]) -> list[Organization]:
    """Return the *organizations*, each with an alias: its own, else one made of its name.

    It is the UUID if nothing can be made of the name, or if that would be the alias of several.
    """
    listed = list(organizations)
    made = {org.uuid: alias_of(org.name) for org in listed if not org.alias}
    uses = Counter([*made.values(), *(org.alias.lower() for org in listed), *RESERVED])
    return [
        org if org.alias else replace(org, alias=made[org.uuid] if uses[made[org.uuid]] == 1 else org.uuid)
        for org in listed
    ]


def alias_of(name: str | None) -> str:
    """Return *name* in lower-case letters, digits and single hyphens; nothing if nothing is left.

    It is too short to be taken for the id of an organization.
    """
    letters = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[: LONGEST_ALIAS // 2].strip("-")


def flaw_of_org_id(value: Any) -> str | None:
    """Return why *value* is not the id of an organization, without quoting it; None if it is one.

    It is a UUID, or what Webex makes of it: the base64url of ``ciscospark://<cluster>/ORGANIZATION/<uuid>``.
    """
    if not isinstance(value, str) or not value.strip():
        return "is missing or not text"
    if _UUID.fullmatch(value):
        return None
    if not _BASE64.fullmatch(value) or not is_webex_id(value):
        return "is neither a UUID nor an id of Webex"
    if kind_of_id(value) != "ORGANIZATION":
        return f"is the id of something else ({kind_of_id(value) or 'of no kind'})"
    return None if _UUID.fullmatch(bare_id(value)) else "has no UUID in it"


def refuse_secrets(organizations: Iterable[Organization], option: str = "organizations") -> None:
    """Raise OptionError if ``vars`` or ``store`` of one of the *organizations* holds a secret; a template is none."""
    for org in organizations:
        where = f"{option}, entry {org.alias or org.org_id}"
        refuse_secret_values(f"{where}, vars", org.variables, _SECRET_NAME)
        refuse_secret_values(f"{where}, store", org.store, SECRET_SUBOPTION)


def refuse_secret_values(where: str, values: Any, secret_name: re.Pattern[str]) -> None:
    """Raise OptionError if something within *values* that is called *secret_name* is a value, and not a template."""
    for name, value in _texts_in(values):
        if secret_name.search(name) and not value.strip().startswith("{{"):
            raise OptionError(
                f"{where}.{name}",
                "is a secret, and what an inventory holds is shown to everybody.",
                "keep it in a vault file or a credential of AWX, and write here the expression that reads it.",
            )


def _texts_in(values: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """Yield every text within *values*, with the name of the key that it stands under."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _texts_in(value, str(key))
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _texts_in(value, name)
    elif values is not None:
        yield name, str(values)


class _Entry:
    """One entry on its way to an Organization."""

    def __init__(self, option: str, number: int, entry: Any) -> None:
        self._where = f"{option}, entry {number}"
        if not isinstance(entry, Mapping):
            raise self._wrong("", "is not a mapping.", "write for example `- {org_id: ..., alias: acme}`.")
        self._entry = entry
        label = entry.get("alias") or entry.get("name") or entry.get("org_id")
        if isinstance(label, str) and label.isprintable():
            self._where += f" ({label[:LONGEST_ALIAS]})"

    def read(self) -> Organization:
        """Return the organization; raises OptionError."""
        self._refuse_unknown_keys()
        return Organization(
            org_id=self._org_id(),
            alias=self._alias(),
            name=self._name(),
            writable=self._writable(),
            variables=self._variables(),
            store=self._mapping("store"),
        )

    def _wrong(self, key: str, wrong: str, right: str) -> OptionError:
        return OptionError(f"{self._where}{f', {key}' if key else ''}", wrong, right)

    def _refuse_unknown_keys(self) -> None:
        for key in self._entry:
            if key not in KEYS:
                near = difflib.get_close_matches(str(key), KEYS, 1)
                meant = f"did you mean `{near[0]}`? The keys" if near else "the keys"
                raise self._wrong(str(key), "is unknown.", f"{meant} are {', '.join(KEYS)}.")

    def _org_id(self) -> str:
        value = self._entry.get("org_id")
        org_id = plain(value).strip() if isinstance(value, str) else value
        flaw = flaw_of_org_id(org_id)
        if flaw:
            raise self._wrong("org_id", f"{flaw}.", "write the id of the organization as Webex shows it, or its UUID.")
        return str(org_id)

    def _alias(self) -> str:
        value = self._entry.get("alias")
        if value is None:
            return ""
        right = f"use at most {LONGEST_ALIAS} letters, digits, `-` and `_`, the first a letter or digit."
        if not isinstance(value, str):
            raise self._wrong("alias", "is not text.", f"put it in quotes; {right}")
        alias = plain(value)
        if not _ALIAS.fullmatch(alias):
            raise self._wrong("alias", "has other characters, or too many.", right)
        if alias.lower() in RESERVED or is_org_id(alias):
            raise self._wrong("alias", f"{alias!r} means something else.", "choose another name.")
        return alias

    def _name(self) -> str | None:
        value = self._entry.get("name")
        if value is None:
            return None
        if not isinstance(value, str) or not value.isprintable() or "{{" in value:
            raise self._wrong("name", "is not one line of plain text.", "write the display name, in quotes.")
        return plain(value)

    def _writable(self) -> bool:
        value = self._entry.get("writable", False)
        # Before ansible-core 2.19, a template may have made text of it.
        writable = value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower())
        if writable is None:
            raise self._wrong(
                "writable", "is neither true nor false.", "write true if this collection may write there."
            )
        return writable

    def _variables(self) -> Mapping[str, Any]:
        variables = self._mapping("vars") or {}
        for name in variables:
            if not isinstance(name, str) or not name.isidentifier():
                raise self._wrong("vars", f"{name!r} is not the name of a variable.", "use letters, digits and `_`.")
            if OWN_VARIABLES.fullmatch(name):
                raise self._wrong(f"vars.{name}", "is set by the inventory itself.", f"use the keys {', '.join(KEYS)}.")
        return variables

    def _mapping(self, key: str) -> Mapping[str, Any] | None:
        value = self._entry.get(key)
        if value is not None and not isinstance(value, Mapping):
            raise self._wrong(key, "is not a mapping.", "write names and values.")
        return value


def is_org_id(text: str) -> bool:
    """Tell whether *text* is the id of an organization, in whichever of the two notations."""
    return flaw_of_org_id(text) is None


def _refuse_twins(organizations: Sequence[Organization], option: str) -> None:
    """Raise OptionError if two entries have the same organization, or the same alias in letters of whichever case."""
    for key, values, right in (
        ("org_id", [org.uuid for org in organizations], "keep one entry for each organization."),
        ("alias", [org.alias.lower() for org in organizations], "choose an alias that no other entry has."),
    ):
        first: dict[str, int] = {}
        for number, value in enumerate(values, 1):
            if value and value in first:
                label = organizations[number - 1].alias or organizations[number - 1].org_id
                raise OptionError(
                    f"{option}, entry {number} ({label}), {key}", f"is that of entry {first[value]}, too.", right
                )
            first[value] = number
