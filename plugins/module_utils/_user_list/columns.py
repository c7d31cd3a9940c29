# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which option is meant by a column or key, whatever it is called."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from .._calling.settings.table import OPTIONS as SETTINGS
from .._calling.wish import OWN_OPTIONS
from .problems import UserListError, shown, some_names

PROFILE = "profile"
# What other lists have a column for, too, such as Language: only the exact name is meant.
EXACT_NAMES = (*SETTINGS, PROFILE)
COLUMNS = [*OWN_OPTIONS, *EXACT_NAMES]

# Names that have one meaning; case, blanks, punctuation and accents do not count.
# docs/docsite/rst/guide_provisioning.rst has the same table.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "email": (
        *("E-mail", "Mail", "E-mail address", "Mail address", "Work e-mail", "Business e-mail", "Primary e-mail"),
        *("E-Mail-Adresse", "Mailadresse", "Courriel", "Adresse e-mail", "Adresse mail"),
        *("Correo", "Correo electrónico"),
    ),
    "person_id": ("Webex person ID",),
    "license": (
        *("Licence", "License type", "Licence type", "Calling license", "Calling licence", "Webex Calling license"),
        *("Lizenz", "Lizenztyp", "Type de licence", "Licencia", "Tipo de licencia"),
    ),
    "location": (
        *("Location name", "Location ID", "Calling location", "Webex location", "Site", "Site name"),
        *("Standort", "Nom du site", "Sede", "Ubicación"),
    ),
    "extension": (
        *("Ext.", "Extn.", "Extension number", "Ext. no.", "Internal extension", "Phone extension"),
        *("Nebenstelle", "Nebenstellennummer", "Numéro de poste", "Número de extensión"),
    ),
    "phone_number": (
        *("Phone", "Phone no.", "Telephone", "Telephone number", "Telephone no.", "Tel.", "Tel. no."),
        *("Work phone", "Work number", "Work phone number", "Business phone", "Office phone", "Desk phone"),
        *("DID", "DDI", "DID number", "Direct line", "Direct number", "Direct dial"),
        *("Telefon", "Telefonnummer", "Telefon-Nr.", "Rufnummer", "Téléphone", "Numéro de téléphone"),
        *("Teléfono", "Número de teléfono"),
    ),
    "first_name": ("Given name", "Forename", "Vorname", "Prénom"),
    "last_name": ("Surname", "Family name", "Nachname", "Familienname", "Nom de famille", "Apellido", "Apellidos"),
    "display_name": ("Full name", "Anzeigename", "Nom complet", "Nombre completo"),
}
# Names of what is an e-mail address in most lists: they count if no other column has one.
WEAK_SYNONYMS = {"email": ("User ID", "User", "Username", "User principal name", "UPN", "Login", "Login name")}
# Names that some use for the extension, others for the phone number.
AMBIGUOUS = ("DN", "Directory number", "Number", "Line", "Durchwahl", "Nummer", "Numéro", "Número")

_EXPLICIT, _CLEAR, _WEAK = 3, 2, 1
# How alike a misspelt name is, and how much longer or shorter it can be.
_LIKENESS, _LENGTH_DIFFERENCE, _LONGEST_NAME = 0.8, 2, 40


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """Return the letters and digits of a name, without accents and in lower case: ``phoneNumber``, ``Phone number``."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _by_name(synonyms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {bare(name): option for option, names in synonyms.items() for name in names}


_CLEAR_NAMES = {bare(option): option for option in OWN_OPTIONS} | _by_name(SYNONYMS)
_WEAK_NAMES = _by_name(WEAK_SYNONYMS)
_AMBIGUOUS_NAMES = frozenset(map(bare, AMBIGUOUS))
# Words that may be misspelt. Short ones are like too many others: Text and Ext.
_WORDS = {
    bare(name): option
    for option in OWN_OPTIONS
    for name in (option, *SYNONYMS.get(option, ()))
    if " " not in name and len(bare(name)) >= 5
}


@dataclass
class Meaning:
    """What the columns of a list mean: the option by position; and the names of those that are ignored."""

    options: dict[int, str]
    ignored: list[str]


class Translation:
    """What the user says about columns of other names: which option each has, or none. Case does not matter."""

    def __init__(self, columns: Mapping[Any, Any] | None) -> None:
        """Raise UserListError if a column is translated into what is no option."""
        self._options = {
            _plain(str(name)): str(option).strip().lower() if option else None
            for name, option in (columns or {}).items()
        }
        self._names = {_plain(str(name)): str(name) for name in columns or {}}
        wrong = sorted({option for option in self._options.values() if option and option not in COLUMNS})
        if wrong:
            raise UserListError(
                f"The columns are to be translated into {some_names(wrong)}, which is unknown.",
                f"choose from {', '.join(COLUMNS)}, or nothing for a column to leave out.",
            )

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._options

    def option(self, name: str) -> str | None:
        """Return the option that a column is for; None for one to leave out."""
        return self._options.get(_plain(name))

    def check_present(self, names: Sequence[str]) -> None:
        """Raise UserListError if a column is to be translated that is not among *names*."""
        present = set(map(_plain, names))
        absent = [name for plain, name in self._names.items() if plain not in present]
        if absent:
            raise UserListError(
                f"The list has no column {some_names(absent)}, which is to be translated.",
                f"correct the translation; the columns are {some_names(names)}.",
            )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def understand(
    names: Sequence[str], translation: Translation, known: Mapping[str, str] | None = None, strict: bool = True
) -> Meaning:
    """Return what the columns *names* mean: as *translation* says, else by their names.

    *known* are the names of a program's own format (bare name to option), in the place of all synonyms. Names that are
    not known are ignored; with *strict*, a UserListError is raised for those that look misspelt or have two meanings,
    and always for two columns with the same option.
    """
    claims: dict[str, list[tuple[int, int]]] = {}
    for position, name in enumerate(names):
        option, weight = _claim(name, translation, known)
        if option:
            claims.setdefault(option, []).append((weight, position))
    options: dict[int, str] = {}
    for option, columns in claims.items():
        heaviest = max(weight for weight, _position in columns)
        chosen = [position for weight, position in columns if weight == heaviest]
        if len(chosen) > 1:
            raise UserListError(
                f"The columns {some_names(names[position] for position in chosen)} would all be {option}.",
                f"leave out all but one, for example by translating it to nothing: columns: "
                f'{{{shown(names[chosen[-1]])}: ""}}.',
            )
        options[chosen[0]] = option
    unknown = [name for position, name in enumerate(names) if position not in options and name not in translation]
    if strict:
        _refuse_riddles(unknown, set(options.values()))
    return Meaning(options, [name or "(no name)" for name in unknown])


def _claim(name: str, translation: Translation, known: Mapping[str, str] | None) -> tuple[str | None, int]:
    """Return the option that a name stands for, and how surely."""
    if name in translation:
        return translation.option(name), _EXPLICIT
    if name in EXACT_NAMES:
        return name, _CLEAR
    if known is not None:
        return known.get(bare(name)), _CLEAR
    if bare(name) in _CLEAR_NAMES:
        return _CLEAR_NAMES[bare(name)], _CLEAR
    return _WEAK_NAMES.get(bare(name)), _WEAK


def names_option(name: str) -> bool:
    """Tell whether a name is an option, or one of its synonyms."""
    return bare(name) in _CLEAR_NAMES


def _refuse_riddles(names: Sequence[str], present: set[str]) -> None:
    """Raise UserListError for *names* that are probably options which are not *present*, but not surely."""
    riddles = []
    for name in names:
        if bare(name) in _AMBIGUOUS_NAMES and not {"extension", "phone_number"} <= present:
            riddles.append(f"{shown(name)} can be an extension or a phone_number")
        option = _alike(name)
        if option and option not in present:
            riddles.append(f"{shown(name)} looks like {option}, but is not spelt so")
    if riddles:
        raise UserListError(
            f"It is not clear what these columns mean: {'; '.join(riddles)}.",
            'rename them, or say which option each is for ("" for none): columns: {"the column": "the_option"}.',
        )


@lru_cache(maxsize=4096)
def _alike(name: str) -> str | None:
    """Return the option that a name looks like which is not quite it; None for most names."""
    plain = bare(name[: 2 * _LONGEST_NAME])
    if not plain or len(plain) > _LONGEST_NAME:
        return None
    words = [word for word in _WORDS if abs(len(word) - len(plain)) <= _LENGTH_DIFFERENCE]
    closest = get_close_matches(plain, words, n=1, cutoff=_LIKENESS)
    return _WORDS[closest[0]] if closest else None


def names_somebody(names: Sequence[str], translation: Translation, more: frozenset[str] = frozenset()) -> bool:
    """Tell whether one of the columns says who a user is; *more* are further bare names of such columns."""
    who = {"email", "person_id"}
    known = dict.fromkeys(more, "email")
    return any(_claim(name, translation, None)[0] in who or bare(name) in known for name in names if len(name) < 1000)
