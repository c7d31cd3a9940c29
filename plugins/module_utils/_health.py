# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How healthy the tokens of service apps are, found out without refreshing anything: what is stored, what Webex says.

Three levels: ``healthy``; ``warning`` if somebody should look before it breaks, or if it could not be found out;
``broken`` if the tokens are of no use as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ._client import WebexClient
from ._errors import Refused, RequestError, WebexError
from ._identity import expiry
from ._oauth import TokenSet
from ._remedies import (
    MINT_TOKENS,
    RENEW_INTEGRATION,
)
from ._scopes import (
    GRANTED,
    MISSING,
    UNVERIFIED,
    Requirement,
    excess,
    explain_unmet,
    judge,
    needed,
)
from ._time import from_iso, to_iso

HEALTHY, WARNING, BROKEN = "healthy", "warning", "broken"
LEVELS = (HEALTHY, WARNING, BROKEN)

REFRESH = "refresh now (`collabops.webex.service_app_token` with force=true), and see why no scheduled run has."
REVOKED = (
    "refresh (`collabops.webex.service_app_token` with force=true). If that is refused too, the tokens or the app's "
    f"authorization were revoked: a full admin authorizes the app again in Control Hub; then {MINT_TOKENS}."
)
MINT = f"{MINT_TOKENS}, and give the new refresh token to `collabops.webex.service_app_token`."
FIRST_TOKEN = "get the first token with `collabops.webex.service_app_token` and this store."
SCHEDULE = "let the scheduled refresh run earlier, or with a longer `min_validity`."
SCHEDULE_ONE = "schedule a daily refresh, and say so with `refresh_every` or `next_refresh`."


@dataclass(frozen=True)
class Expected:
    """What must hold for an app to be healthy."""

    required: tuple[Requirement, ...] = ()
    next_refresh: datetime | None = None
    refresh_every: timedelta | None = None
    refresh_margin: timedelta = timedelta(days=14)
    access_margin: timedelta = timedelta(days=1)

    def refresh_after(self, now: datetime, obtained_at: datetime) -> datetime | None:
        """Return the next scheduled refresh; None if nothing is known of a schedule.

        A rhythm is counted from when the tokens were obtained, since the schedule ran at that time.
        """
        if self.next_refresh or not self.refresh_every:
            return self.next_refresh
        return obtained_at + self.refresh_every * ((now - obtained_at) // self.refresh_every + 1)


@dataclass(frozen=True)
class Observed:
    """What Webex and the grant say. ``valid`` is None if Webex did not say, and ``problem`` then tells why."""

    valid: bool | None = None
    expires_at: datetime | None = None
    scopes: tuple[dict[str, Any], ...] = ()
    problem: RequestError | None = None


def observe(client: WebexClient, held: TokenSet, required: Iterable[Requirement]) -> Observed:
    """Ask Webex about an access token, which *client* must hold, by GET only; a refusal is an answer."""
    needed = list(required)
    try:
        expires_at = expiry(client)
    except RequestError as error:
        refused = isinstance(error, Refused) and error.status == 401
        return Observed(False if refused else None, None, _scopes(needed, held, None), None if refused else error)
    try:
        return Observed(True, expires_at, _scopes(needed, held, client))
    except RequestError as error:
        return Observed(True, expires_at, _scopes(needed, held, None), error)


def assess(
    name: str, held: TokenSet, integration: TokenSet | None, observed: Observed, expected: Expected, now: datetime
) -> dict[str, Any]:
    """Return everything about an app that is not secret, with its status and what to do."""
    expires_at = observed.expires_at or held.expires_at
    next_refresh = expected.refresh_after(now, held.obtained_at)
    findings = [
        *_about_refresh(held, integration, next_refresh, expected, now),
        *_about_access(observed, expires_at, next_refresh, expected, now),
        *_about_scopes(observed, expected),
    ]
    if observed.problem:
        findings.append(
            _finding(
                "webex", WARNING, f"Webex could not be queried: {observed.problem.message}", observed.problem.remedy
            )
        )
    if any(finding["about"] == "refresh_token" and finding["level"] == BROKEN for finding in findings):
        # A refresh cannot help any more: only the remedy for the refresh token can.
        findings = [
            {**finding, "remedy": None} if finding["about"] == "access_token" else finding for finding in findings
        ]
    return {
        **_app(name, findings),
        "client_id": held.client_id,
        "org_id": held.org_id,
        "valid": observed.valid,
        "obtained_at": to_iso(held.obtained_at),
        "expires_at": to_iso(expires_at),
        "refresh_token_expires_at": to_iso(held.refresh_token_expires_at),
        "next_refresh": to_iso(next_refresh),
        "scopes": list(observed.scopes),
        "excess": excess(expected.required, held.scopes) if expected.required and held.scopes else [],
    }


def unusable(name: str, error: WebexError) -> dict[str, Any]:
    """Return the same about an app whose tokens could not be looked at."""
    message = error.message.replace("the ", "The ", 1) if error.message.startswith("the ") else error.message
    return _app(name, [_finding("store", BROKEN, message, error.remedy)])


def empty(name: str, store: str) -> dict[str, Any]:
    """Return the same about an app for which nothing is stored."""
    return _app(name, [_finding("store", BROKEN, f"There are no tokens in {store}.", FIRST_TOKEN)])


def report(apps: Iterable[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Return the report on all apps: plain JSON types, the worst app first, nothing secret."""
    worst_first = sorted(apps, key=lambda app: -LEVELS.index(app["status"]))
    by_status = {level: [app["name"] for app in worst_first if app["status"] == level] for level in LEVELS}
    status = worst_first[0]["status"] if worst_first else HEALTHY
    return {"status": status, "checked_at": to_iso(now), **by_status, "apps": worst_first}


def table(found: dict[str, Any]) -> list[str]:
    """Return the report as lines for a terminal: a row for each app, and below it what was found and what to do."""
    head = ("app", "status", "access token", "refresh token", "next refresh", "scopes")
    rows = [_row(app, found["checked_at"]) for app in found["apps"]]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(head, widths), _line(["-" * width for width in widths], widths)]
    for app, row in zip(found["apps"], rows, strict=True):
        lines.append(_line(row, widths))
        for finding in app["findings"]:
            lines.append(f"    {finding['level']}: {finding['message']}")
            lines += [f"        What to do: {finding['remedy']}"] if finding["remedy"] else []
    counts = ", ".join(f"{len(found[level])} {level}" for level in reversed(LEVELS))
    return [*lines, f"Overall: {found['status']} ({counts})."]


def when(moment: str | None, now: str) -> str:
    """Return how far *moment* is from *now* (both ISO 8601), in words: ``in 13 d 2 h``, ``3 h 5 min ago``."""
    then, present = from_iso(moment), from_iso(now)
    if then is None or present is None:
        return "unknown"
    return f"in {_span(then - present)}" if then > present else f"{_span(present - then)} ago"


def count(app: dict[str, Any]) -> str:
    """Return how the verdicts on an app's scopes are distributed, in words, the worst first."""
    verdicts = [scope["verdict"] for scope in app["scopes"]]
    found = [
        f"{verdicts.count(verdict)} {verdict}" for verdict in (MISSING, UNVERIFIED, GRANTED) if verdict in verdicts
    ]
    return ", ".join(found) or "none asked for"


def worst(findings: Iterable[dict[str, Any]]) -> str:
    """Return the level of the worst finding."""
    return max((finding["level"] for finding in findings), key=LEVELS.index, default=HEALTHY)


def _scopes(required: list[Requirement], held: TokenSet, client: WebexClient | None) -> tuple[dict[str, Any], ...]:
    """Return one verdict for each requirement: any one of its scopes will do."""
    verdicts, by_verdict = judge(required, held.scopes, client)
    evidence = {verdict.scope: verdict for verdict in verdicts}
    found: dict[str, dict[str, Any]] = {}
    for requirement in needed(required):
        name = str(requirement)
        verdict = next(verdict for verdict, names in by_verdict.items() if name in names)
        reasons = [evidence[scope].evidence for scope in requirement.any_of if evidence[scope].verdict == verdict]
        entry = {"scope": name, "verdict": verdict, "evidence": (reasons or [""])[0], "needed_by": []}
        needed_by = found.setdefault(name, entry)["needed_by"]
        if requirement.needed_by not in needed_by:
            needed_by.append(requirement.needed_by)
    return tuple(found.values())


def _about_access(
    observed: Observed, expires_at: datetime | None, next_refresh: datetime | None, expected: Expected, now: datetime
) -> list[dict[str, Any]]:
    if expires_at and expires_at <= now and not observed.valid:
        return [_finding("access_token", BROKEN, f"The access token expired {_span(now - expires_at)} ago.", REFRESH)]
    if observed.valid is False:
        doubt = f", though it should be valid until {to_iso(expires_at)}" if expires_at else ""
        return [_finding("access_token", BROKEN, f"Webex refuses the access token (401){doubt}.", REVOKED)]
    if next_refresh and next_refresh <= now:
        return [
            _finding(
                "access_token",
                WARNING,
                f"The refresh that was scheduled for {to_iso(next_refresh)} is overdue.",
                REFRESH,
            )
        ]
    if expires_at is None or expires_at <= now:
        return []
    left = _span(expires_at - now)
    if next_refresh and expires_at <= next_refresh:
        late = f"before the next scheduled refresh (in {_span(next_refresh - now)})"
        return [_finding("access_token", WARNING, f"The access token expires in {left}, {late}.", SCHEDULE)]
    if not next_refresh and expires_at - now < expected.access_margin:
        return [
            _finding(
                "access_token",
                WARNING,
                f"The access token expires in {left}, and no refresh is known to be scheduled.",
                SCHEDULE_ONE,
            )
        ]
    return []


def _about_refresh(
    held: TokenSet, integration: TokenSet | None, next_refresh: datetime | None, expected: Expected, now: datetime
) -> list[dict[str, Any]]:
    findings = []
    expires_at = held.refresh_token_expires_at
    if not held.refresh_token and not integration:
        findings.append(
            _finding("refresh_token", WARNING, "There is no refresh token, and no integration that can mint one.", MINT)
        )
    elif expires_at and expires_at <= now:
        findings.append(
            _finding("refresh_token", BROKEN, f"The refresh token expired {_span(now - expires_at)} ago.", MINT)
        )
    elif expires_at and (expires_at - now < expected.refresh_margin or (next_refresh and expires_at <= next_refresh)):
        findings.append(
            _finding("refresh_token", WARNING, f"The refresh token expires in {_span(expires_at - now)}.", REFRESH)
        )
    ends = integration.refresh_token_expires_at if integration else None
    if ends and ends - now < expected.refresh_margin:
        message = f"The refresh token of the integration {'expires' if ends > now else 'expired'} {when(to_iso(ends), _iso(now))}."
        findings.append(_finding("integration", WARNING, message, RENEW_INTEGRATION))
    return findings


def _about_scopes(observed: Observed, expected: Expected) -> list[dict[str, Any]]:
    missing = [scope["scope"] for scope in observed.scopes if scope["verdict"] == MISSING]
    if not missing:
        return []
    remedy = explain_unmet(missing, missing, list(expected.required)).remedy
    many = "scopes are" if len(missing) > 1 else "scope is"
    return [_finding("scopes", BROKEN, f"{len(missing)} {many} missing: {', '.join(missing)}.", remedy)]


def _app(name: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the report says of every app, whatever is known of it."""
    unknown = ("client_id", "org_id", "valid", "obtained_at", "expires_at", "refresh_token_expires_at", "next_refresh")
    return {
        "name": name,
        "status": worst(findings),
        "findings": sorted(findings, key=lambda finding: -LEVELS.index(finding["level"])),
        **dict.fromkeys(unknown),
        "scopes": [],
        "excess": [],
    }


def _finding(about: str, level: str, message: str, remedy: str | None) -> dict[str, Any]:
    return {"about": about, "level": level, "message": message, "remedy": remedy}


def _row(app: dict[str, Any], now: str) -> tuple[str, ...]:
    known = app["obtained_at"] is not None
    refused = app["valid"] is False and app["expires_at"] and app["expires_at"] > now
    access = "refused" if refused else when(app["expires_at"], now)
    next_refresh = when(app["next_refresh"], now) if app["next_refresh"] else "not scheduled"
    if not known:
        return (app["name"], app["status"], "-", "-", "-", "-")
    return (app["name"], app["status"], access, when(app["refresh_token_expires_at"], now), next_refresh, count(app))


def _line(cells: Iterable[str], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _iso(moment: datetime) -> str:
    return to_iso(moment) or ""


def _span(duration: timedelta) -> str:
    """Return a duration in its two largest units."""
    minutes = int(duration.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h")] if days else [(hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than a minute"
