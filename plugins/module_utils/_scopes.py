# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token may do: the catalogue of scopes, who needs which, and what can be found out about a token's own.

Webex has no call that lists a token's scopes. What can be known comes from the answer that granted the token, or from
harmless GET requests: a 2xx shows that the scope is there, a 403 that it is not (or that an admin role is missing).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, Refused, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._remedies import ADD_SCOPES

GRANTED, MISSING, UNVERIFIED = "granted", "missing", "unverified"

# Sources: "Scopes per call" and "The seven scopes" of the project's Webex facts (Cisco's OpenAPI, Cisco Live lab).
CATALOGUE = {
    "guest-issuer:write": "create guests and their tokens",
    "identity:tokens_read": "list the authorizations of a person",
    "identity:tokens_write": "revoke authorizations",
    "spark-admin:device_read": "read the devices and locations of the organization",
    "spark-admin:licenses_read": "read the licenses of the organization and who holds them",
    "spark-admin:locations_read": "read the locations of the organization",
    "spark-admin:organizations_read": "read the organization",
    "spark-admin:people_read": "read the people of the organization",
    "spark-admin:people_write": "change people and their licenses",
    "spark-admin:telephony_config_read": "read the calling settings, locations and numbers",
    "spark-admin:telephony_config_write": "change the calling settings",
    "spark:applications_token": "mint tokens for service apps",
    "spark:calls_read": "read the token owner's own calls",
    "spark:people_read": "read the token owner's own details, and people by name or e-mail",
    "spark:people_write": "change the token owner's own details",
}

_LOCATIONS = ("spark-admin:locations_read", "spark-admin:people_read", "spark-admin:device_read")
_PEOPLE = ("spark-admin:people_read", "spark:people_read")


@dataclass(frozen=True)
class Requirement:
    """Any one of these scopes will do for what needs it."""

    any_of: tuple[str, ...]
    needed_by: str

    def __str__(self) -> str:
        return " or ".join(self.any_of)


@dataclass(frozen=True)
class Probe:
    """A request that changes nothing and answers 2xx exactly when the token has one of the scopes ``any_of``."""

    path: str
    any_of: tuple[str, ...]
    page: bool = False


PROFILES: dict[str, tuple[tuple[str, ...], ...]] = {
    "calling_user_enablement": (
        ("spark-admin:telephony_config_read",),
        ("spark:calls_read",),
        ("spark:people_read",),
        ("spark:people_write",),
        ("spark-admin:licenses_read",),
        ("spark-admin:people_read",),
        ("spark-admin:people_write",),
    ),
}

MODULES: dict[str, tuple[tuple[str, ...], ...]] = {
    "calling_user": (
        ("spark-admin:people_read",),
        ("spark-admin:people_write",),
        ("spark-admin:licenses_read",),
        ("spark-admin:telephony_config_read",),
    ),
    "authorization": (("identity:tokens_write",),),
    "authorization_info": (("identity:tokens_read",),),
    "calling_users": (
        ("spark-admin:people_read",),
        ("spark-admin:people_write",),
        ("spark-admin:licenses_read",),
        ("spark-admin:telephony_config_read",),
    ),
    "license_info": (("spark-admin:licenses_read",),),
    "location_info": (_LOCATIONS, ("spark-admin:telephony_config_read",)),
    "number_info": (("spark-admin:telephony_config_read",),),
    "person": (("spark-admin:people_read",), ("spark-admin:people_write",)),
    "person_info": (("spark-admin:people_read",),),
    "service_app_scopes": (),
    "service_app_token": (_PEOPLE,),
    "token_info": (_PEOPLE,),
}

PROBES = (
    Probe("/people", ("spark-admin:people_read",), page=True),
    Probe("/people/me", _PEOPLE),
    Probe("/licenses", ("spark-admin:licenses_read",)),
    Probe("/telephony/config/locations", ("spark-admin:telephony_config_read",), page=True),
    Probe("/locations", _LOCATIONS, page=True),
    Probe("/organizations", ("spark-admin:organizations_read",)),
)


@dataclass(frozen=True)
class Verdict:
    """What is known of one scope: ``granted``, ``missing`` or ``unverified``, and from what."""

    scope: str
    verdict: str
    evidence: str


class MissingScopes(WebexError):
    """The token may not do what is asked of it."""


def requirements(scopes: Iterable[str], profile: str | None, modules: Iterable[str]) -> list[Requirement]:
    """Return what is required by a list of scopes, a named profile and the modules of this collection together.

    Raises OptionError for a profile or module that is not known, and where nothing is required at all.
    """
    required = [Requirement((_checked_scope(scope),), "the option `scopes`") for scope in scopes]
    if profile is not None:
        required += [Requirement(any_of, f"the profile {profile}") for any_of in _known("profile", profile, PROFILES)]
    for module in modules:
        name = module.removeprefix("collabops.webex.")
        required += [Requirement(any_of, f"the module {name}") for any_of in _known("modules", name, MODULES)]
    return required


def judge(
    required: list[Requirement], granted: Iterable[str] | None, client: WebexClient | None
) -> tuple[list[Verdict], dict[str, list[str]]]:
    """Return a verdict per scope, and the requirements by verdict (each written as ``a or b``).

    *granted* is the grant's own list, where it is known: it settles everything without a request. Otherwise *client*,
    if given, probes what can be probed. Raises RequestError where a probe is not answered, or with 401.
    """
    names = list(dict.fromkeys(scope for requirement in required for scope in requirement.any_of))
    verdicts = _from_grant(names, set(granted)) if granted is not None else _from_probes(names, client)
    by_verdict: dict[str, list[str]] = {GRANTED: [], MISSING: [], UNVERIFIED: []}
    for requirement in required:
        found = {verdicts[scope].verdict for scope in requirement.any_of}
        verdict = GRANTED if GRANTED in found else UNVERIFIED if UNVERIFIED in found else MISSING
        if str(requirement) not in by_verdict[verdict]:
            by_verdict[verdict].append(str(requirement))
    return [verdicts[name] for name in names], by_verdict


def explain_unmet(missing: list[str], unmet: list[str], required: list[Requirement]) -> MissingScopes:
    """Return the error for requirements that are not met: each with its use, who needs it, and how an admin adds it.

    *missing* are those of *unmet* that are known to be missing; the others could not be verified.
    """
    lines = []
    for name in unmet:
        needed_by = dict.fromkeys(requirement.needed_by for requirement in required if str(requirement) == name)
        doubt = "" if name in missing else ", which cannot be verified"
        lines.append(f"{name}{_use(name)}, needed by {' and '.join(needed_by)}{doubt}")
    many = "scopes are" if len(unmet) > 1 else "scope is"
    return MissingScopes(f"{len(unmet)} {many} missing from the token: {'; '.join(lines)}.", ADD_SCOPES)


def _use(name: str) -> str:
    first = name.split(" or ")[0]
    if first in CATALOGUE:
        return f" ({CATALOGUE[first]})"
    close = difflib.get_close_matches(first, CATALOGUE, n=1, cutoff=0.8)
    return f" (not in this collection's catalogue; did you mean {close[0]}?)" if close else ""


def _checked_scope(scope: str) -> str:
    if not scope or any(character.isspace() or character == "," for character in scope):
        raise OptionError("scopes", f"{scope!r} is not one scope.", "give a list with one scope an entry.")
    return scope


def _known(option: str, name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise OptionError(option, f"{name!r} is not known.", f"choose from {', '.join(sorted(table))}.")
    return table[name]


def _from_grant(names: list[str], granted: set[str]) -> dict[str, Verdict]:
    return {
        name: Verdict(name, GRANTED, "the grant lists it")
        if name in granted
        else Verdict(name, MISSING, "the grant does not list it")
        for name in names
    }


def _from_probes(names: list[str], client: WebexClient | None) -> dict[str, Verdict]:
    verdicts = {name: Verdict(name, UNVERIFIED, "no harmless request can tell") for name in names}
    if client is None:
        return verdicts
    asked: dict[Probe, str] = {}
    for probe in PROBES:
        if not set(probe.any_of) & set(names):
            continue
        asked[probe] = _ask(client, probe)
        if asked[probe] == MISSING:
            for name in set(probe.any_of) & set(names):
                verdicts[name] = Verdict(name, MISSING, f"GET {probe.path} answered 403 (or an admin role is missing)")
    for probe, outcome in asked.items():
        # One success proves one of the alternatives: which one, only if all others are known to be missing.
        left = [name for name in probe.any_of if name not in verdicts or verdicts[name].verdict != MISSING]
        if outcome == GRANTED and len(left) == 1 and left[0] in verdicts:
            verdicts[left[0]] = Verdict(left[0], GRANTED, f"GET {probe.path} answered 2xx")
    return verdicts


def _ask(client: WebexClient, probe: Probe) -> str:
    try:
        client.get(probe.path, **client.org_params, **({"max": 1} if probe.page else {}))
    except Refused as error:
        if error.status == 403:
            return MISSING
        if error.status in (400, 404, 405):
            return UNVERIFIED
        raise
    return GRANTED
