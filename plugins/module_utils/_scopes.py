# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token may do: the catalogue of scopes, who needs which, and what can be found out about a token's own.

Webex has no call that lists a token's scopes. What can be known comes from the answer that granted the token, or from
harmless GET requests: a 2xx shows that the scope is there, a 403 that it is not (or that an admin role is missing).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._client import WebexClient
from ._errors import OptionError, Refused, WebexError
from ._remedies import ADD_SCOPES, USER_TOKEN
from ._scope_catalogue import (
    ACTIVATION_CODES,
    LOCATIONS,
    PEOPLE,
    PROBES,
    SCOPES,
    Probe,
)

GRANTED, MISSING, UNVERIFIED = "granted", "missing", "unverified"

# Longer strings of scopes are refused (wxcli: "about 880 characters").
LONGEST_SCOPE_STRING = 880
COLLECTION = "collabops.webex."

CATALOGUE = {scope.name: scope for scope in SCOPES}

_ADMIN_READ = ("spark-admin:people_read",)
_ADMIN_WRITE = ("spark-admin:people_write",)
_LICENSES = ("spark-admin:licenses_read",)
_CALLING_READ = ("spark-admin:telephony_config_read",)
_CALLING_WRITE = ("spark-admin:telephony_config_write",)
_DEVICES_WRITE = ("spark-admin:devices_write",)


@dataclass(frozen=True)
class Requirement:
    """Any one of these scopes will do for what needs it. An optional one makes it faster, and is not missed."""

    any_of: tuple[str, ...]
    needed_by: str
    is_optional: bool = False

    def __str__(self) -> str:
        return " or ".join(self.any_of)


# Options that are off by default, and need more scopes if they are on.
SWITCHES = frozenset({"allow_move", "create_people", "release"})


@dataclass(frozen=True)
class Need:
    """One of these scopes is needed by a module; with ``only_with``, only by tasks with one of these options.

    An optional one makes it faster. ``by_name``: a module of which only the name is known needs it, too.
    """

    any_of: tuple[str, ...]
    only_with: tuple[str, ...] = ()
    is_optional: bool = False
    by_name: bool = True


@dataclass(frozen=True)
class Use:
    """A module of this collection in use, where, and with which options; None if they cannot be known.

    A switch (one of `SWITCHES`) is among the options only if it is on, or may be on.
    """

    module: str
    where: str
    options: frozenset[str] | None = None

    @property
    def needs(self) -> list[Need]:
        """What it needs. Raises OptionError if there is no such module."""
        needs = _known("modules", self.module, MODULES)
        return [
            need for need in needs if not need.only_with or self.options is None or self.options & set(need.only_with)
        ]

    @classmethod
    def named(cls, module: str) -> Use:
        """Return the use of a module of which only the name is known: with the options that most tasks have."""
        needs: tuple[Need, ...] = _known("modules", module, MODULES)
        return cls(module, "", frozenset(option for need in needs if need.by_name for option in need.only_with))


PROFILES: dict[str, tuple[tuple[str, ...], ...]] = {
    "calling_user_enablement": (
        _CALLING_READ,
        ("spark:calls_read",),
        ("spark:people_read",),
        ("spark:people_write",),
        _LICENSES,
        _ADMIN_READ,
        _ADMIN_WRITE,
    ),
    "calling_read_only": (_CALLING_READ, _ADMIN_READ, _LICENSES, LOCATIONS),
    "people_provisioning": (_ADMIN_READ, _ADMIN_WRITE, _LICENSES),
    "reporting": (("analytics:read_all",), ("spark-admin:calling_cdr_read",)),
}

# The settings of a calling user, by what Webex asks for to write them.
_PEOPLE_SETTINGS = ("caller_id", "voicemail", "outgoing_permissions", "call_forwarding")
_CALLING_SETTINGS = (
    *("emergency_callback", "voicemail_passcode", "time_zone", "language"),
    *("numbers", "remove_numbers"),
)
# Options that may also stand in the users, the defaults and the profiles of a list.
SETTINGS = frozenset((*_PEOPLE_SETTINGS, *_CALLING_SETTINGS))
_CALLING = (
    Need(_ADMIN_READ),
    Need(_ADMIN_WRITE),
    Need(_LICENSES),
    Need(_CALLING_READ),
    # The job that moves people asks for people_write too, which calling needs anyhow.
    Need(_CALLING_WRITE, only_with=("allow_move", *_CALLING_SETTINGS), by_name=False),
    Need(("identity:groups_rw",), only_with=("allow_move",), by_name=False),
    Need(("spark-admin:devices_read",), only_with=("release",), by_name=False),
    Need(_DEVICES_WRITE, only_with=("release",), by_name=False),
)

MODULES: dict[str, tuple[Need, ...]] = {
    "activation_code": (
        Need(_ADMIN_READ),
        Need(_LICENSES),
        Need(_DEVICES_WRITE),
        Need(ACTIVATION_CODES),
    ),
    "authorization": (
        Need(("identity:tokens_write",)),
        Need(("identity:tokens_read",), only_with=("email", "person_id")),
    ),
    "authorization_info": (Need(("identity:tokens_read",)),),
    "calling_user": _CALLING,
    "calling_user_settings": (
        Need(_ADMIN_READ),
        Need(_CALLING_READ),
        Need(_ADMIN_WRITE, only_with=_PEOPLE_SETTINGS),
        Need(_CALLING_WRITE, only_with=_CALLING_SETTINGS),
    ),
    # A hundred people with one call; else they are created one by one, with what calling needs anyhow.
    "calling_users": (
        *_CALLING,
        Need(("identity:people_rw",), only_with=("create_people",), is_optional=True, by_name=False),
    ),
    "guest_token": (Need(("guest-issuer:write",)),),
    "license_info": (Need(_LICENSES),),
    "location": (
        Need(LOCATIONS),
        Need(("spark-admin:locations_write",)),
        Need(_CALLING_READ),
        Need(_CALLING_WRITE),
    ),
    "location_info": (Need(LOCATIONS), Need(_CALLING_READ)),
    "number": (Need(_CALLING_READ), Need(_CALLING_WRITE), Need(("spark-admin:telephony_pstn_read",))),
    "number_info": (Need(_CALLING_READ), Need(_ADMIN_READ, only_with=("owner",))),
    "person": (Need(_ADMIN_READ), Need(_ADMIN_WRITE), Need(_LICENSES, only_with=("licenses",))),
    "person_info": (Need(_ADMIN_READ),),
    "service_app_scopes_info": (),
    "service_app_token": (Need(PEOPLE),),
    "service_app_tokens": (),
    "token_health": (),
    "token_info": (Need(PEOPLE),),
    "webhook": (Need(("application:webhooks_read",)), Need(("application:webhooks_write",))),
}


@dataclass(frozen=True)
class Verdict:
    """What is known of one scope: ``granted``, ``missing`` or ``unverified``, and from what."""

    scope: str
    verdict: str
    evidence: str


class MissingScopes(WebexError):
    """The token may not do what is asked of it."""


def requirements(
    scopes: Iterable[str],
    profile: str | None = None,
    modules: Iterable[str] = (),
    uses: Iterable[Use] = (),
    profiles: Mapping[str, Any] | None = None,
) -> list[Requirement]:
    """Return what is required by scopes, a named profile, modules of this collection, and their uses, all together.

    *profiles* are the user's own: each a list of scopes, in which a list stands for any one of its scopes.
    Raises OptionError for a scope, profile or module that cannot be.
    """
    own = {name: _checked_profile(name, groups) for name, groups in (profiles or {}).items()}
    required = [Requirement((_checked_scope("scopes", scope),), "the option `scopes`") for scope in scopes]
    if profile is not None:
        groups = _known("profile", profile, {**PROFILES, **own})
        required += [Requirement(any_of, f"the profile {profile}") for any_of in groups]
    named = [Use.named(module.removeprefix(COLLECTION)) for module in modules]
    for use in [*named, *uses]:
        needed_by = f"the module {use.module}{use.where and f' ({use.where})'}"
        required += [Requirement(need.any_of, needed_by, need.is_optional) for need in use.needs]
    return required


def needed(required: Iterable[Requirement]) -> list[Requirement]:
    """Return those of the requirements that are not optional."""
    return [requirement for requirement in required if not requirement.is_optional]


def least(required: Iterable[Requirement], granted: Iterable[str] = ()) -> list[str]:
    """Return the fewest scopes that meet the requirements, of alternatives those that are *granted* already.

    Of optional ones, those that are granted are among them.
    """
    granted = set(granted)
    used = (known for known in required if not known.is_optional or granted & set(known.any_of))
    groups = list(dict.fromkeys(requirement.any_of for requirement in used))
    chosen = [any_of[0] for any_of in groups if len(any_of) == 1]
    while left := [any_of for any_of in groups if not set(any_of) & set(chosen)]:
        # Every choice is taken from the first group that is left; max() takes the first of equals.
        chosen.append(max(left[0], key=lambda scope: (scope in granted, sum(scope in any_of for any_of in left))))
    return chosen


def excess(required: Iterable[Requirement], granted: Iterable[str]) -> list[str]:
    """Return what of *granted* is not needed."""
    granted = list(dict.fromkeys(granted))
    needed = set(least(required, granted))
    return sorted(scope for scope in granted if scope not in needed)


def cannot_be_held(scopes: Iterable[str]) -> list[str]:
    """Return those of *scopes* that no service app can have."""
    return [scope for scope in scopes if scope in CATALOGUE and CATALOGUE[scope].service_app is False]


def judge(
    required: list[Requirement], granted: Iterable[str] | None, client: WebexClient | None
) -> tuple[list[Verdict], dict[str, list[str]]]:
    """Return a verdict per scope, and the requirements by verdict (each written as ``a or b``).

    *granted* is the grant's own list, if it is known: it settles everything without a request. Otherwise *client*,
    if given, probes what can be probed. Raises RequestError if a probe is not answered, or with 401.
    """
    required = needed(required)
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
        never = ", which no service app can have" if cannot_be_held([name]) else ""
        lines.append(f"{name}{_use(name)}, needed by {' and '.join(needed_by)}{doubt}{never}")
    many = "scopes are" if len(unmet) > 1 else "scope is"
    return MissingScopes(
        f"{len(unmet)} {many} missing from the token: {'; '.join(lines)}.",
        USER_TOKEN if cannot_be_held(unmet) else ADD_SCOPES,
    )


def _use(name: str) -> str:
    first = name.split(" or ")[0]
    if first in CATALOGUE:
        return f" ({CATALOGUE[first].meaning})"
    close = difflib.get_close_matches(first, CATALOGUE, n=1, cutoff=0.8)
    return f" (not in this collection's catalogue; did you mean {close[0]}?)" if close else ""


def _checked_scope(option: str, scope: Any) -> str:
    if not isinstance(scope, str) or not scope or any(character.isspace() or character == "," for character in scope):
        raise OptionError(option, f"{scope!r} is not one scope.", "give a list with one scope an entry.")
    return scope


def _checked_profile(name: str, groups: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(groups, list) or not all(groups):
        raise OptionError("profiles", f"{name} is not a list of scopes.", "give a list with one scope an entry.")
    lists = [any_of if isinstance(any_of, list) else [any_of] for any_of in groups]
    return tuple(tuple(_checked_scope("profiles", scope) for scope in any_of) for any_of in lists)


def _known(option: str, name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise OptionError(option, f"{name!r} is unknown.", f"choose from {', '.join(sorted(table))}.")
    return table[name]


def _from_grant(names: list[str], granted: set[str]) -> dict[str, Verdict]:
    return {
        name: Verdict(name, GRANTED, "the grant lists it")
        if name in granted
        else Verdict(name, MISSING, "the grant does not list it")
        for name in names
    }


def probe_all(client: WebexClient) -> list[Verdict]:
    """Return a verdict on each scope that harmless requests can tell of. Raises RequestError."""
    names = list(dict.fromkeys(scope for probe in PROBES for scope in probe.tells))
    verdicts = _from_probes(names, client)
    return [verdicts[name] for name in names]


def _from_probes(names: list[str], client: WebexClient | None) -> dict[str, Verdict]:
    verdicts = {name: Verdict(name, UNVERIFIED, "no harmless request can tell") for name in names}
    if client is None:
        return verdicts
    answers = {probe: _ask(client, probe) for probe in PROBES if set(probe.tells) & set(names)}
    missing: dict[str, str] = {}
    for probe, answer in answers.items():
        if answer == MISSING:
            missing.update(dict.fromkeys((*probe.tells, *probe.also), probe.path))
    for name in set(names) & set(missing):
        verdicts[name] = Verdict(name, MISSING, f"GET {missing[name]} answered 403 (or an admin role is missing)")
    for probe, answer in answers.items():
        # One success proves one of the alternatives: which one, only if all others are known to be missing.
        left = [name for name in (*probe.tells, *probe.also) if name not in missing]
        if answer == GRANTED and len(left) == 1 and left[0] in verdicts:
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
