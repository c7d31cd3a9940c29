# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which license is meant, and which one of several to take.

What Webex counts as consumed lags behind and may be exceeded by contract: it orders the choice, and decides nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._client import WebexClient
from .._ids import bare_id, same_id
from .model import PROFESSIONAL, STANDARD, CallingError, License

ALLOW, REFUSE = "allow", "refuse"


@dataclass(frozen=True)
class Choice:
    """The license to use, and what the user should know about it."""

    license: License
    note: str | None = None


def read_licenses(client: WebexClient, named: frozenset[str] = frozenset()) -> list[License]:
    """Return all licenses of the organization (``GET /licenses``, not paged). *named* are in lower case."""
    return [License.from_webex(item, named) for item in client.pages("/licenses", "items", **client.org_params)]


def matching(licenses: Iterable[License], name: str) -> list[License]:
    """Return the licenses that *name* stands for: an id, else a name, else ``professional`` or ``standard``."""
    known = list(licenses)
    return (
        [license_ for license_ in known if same_id(license_.id, name)]
        or [license_ for license_ in known if license_.name.lower() == name.lower()]
        or [license_ for license_ in known if license_.tier == name.lower()]
    )


def held_of(person: Mapping[str, Any], licenses: Iterable[License]) -> list[License]:
    """Return those of *licenses* that *person*, as read, holds."""
    held = {bare_id(str(license_id)) for license_id in person.get("licenses") or ()}
    return [license_ for license_ in licenses if bare_id(license_.id) in held]


def most_free(licenses: Iterable[License]) -> License:
    """Return the license of the subscription with the most free units, of equals the first."""
    return max(licenses, key=lambda license_: license_.free)


def choose(licenses: Sequence[License], name: str | None, held: Sequence[License], overage: str = ALLOW) -> Choice:
    """Return the calling license to use for a person who holds *held*.

    Without a *name*, who holds one keeps it, and a newcomer gets Professional. With one, a held license that fits is
    kept, else that of the subscription with the most free units is taken. Raises CallingError if there is none, if it
    is not a calling license for people, or if no unit seems free and *overage* is ``refuse``.
    """
    if name is None and held:
        return Choice(held[0])
    candidates = _candidates(licenses, name or PROFESSIONAL)
    for license_ in held:
        if any(same_id(license_.id, candidate.id) for candidate in candidates):
            return Choice(license_)
    license_ = most_free(candidates)
    if license_.free >= 1:
        return Choice(license_)
    use = "; ".join(candidate.units() for candidate in candidates)
    if overage == REFUSE:
        raise CallingError(
            f"No free license: {use}.",
            "free a unit, buy more, choose another license, or let Webex decide with license_overage=allow.",
        )
    return Choice(license_, f"no unit of the license seems to be free, so Webex decides: {use}")


def _candidates(licenses: Sequence[License], name: str) -> list[License]:
    """Return the calling licenses for people that *name* stands for; raises CallingError if there is none."""
    fitting = matching(licenses, name)
    calling = [license_ for license_ in fitting if license_.is_calling]
    if not calling:
        wrong = "is not a calling license for people" if fitting else "is not a license of this organization"
        names = sorted({license_.name for license_ in licenses if license_.is_calling})
        raise CallingError(
            f"The license {name!r} {wrong}.",
            f"name one in full, or by its id; for people there are: {', '.join(names) or 'none'}.",
        )
    return calling


def refuse_downgrade(who: str, held: License | None, chosen: License) -> None:
    """Raise CallingError for the way from Professional to Standard, which Webex refuses (errorCode 400112)."""
    if held and held.tier == PROFESSIONAL and chosen.tier == STANDARD:
        raise CallingError(
            f"{who} has {held.name}, and Webex does not change it to {chosen.name} (errorCode 400112).",
            "take calling away first with state=absent, then enable the user again.",
        )
