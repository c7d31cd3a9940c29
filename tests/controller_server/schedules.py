# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: which rules of repetition AWX takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from . import launching
from .store import Thing
from .web import ApiError, Call, Json, invalid

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A rule that AWX takes, for a template that can be scheduled, with prompts that the template allows (*source*)."""
    if "rrule" in fields and (problems := list(wrong(fields["rrule"]))):
        raise ApiError(400, {"rrule": problems})
    template = call.store.get("unified_job_templates", asked["unified_job_template"])
    assert template is not None
    if template.kind.path == "projects" and not template["scm_type"]:
        raise invalid(unified_job_template="Manual Project cannot have a schedule set.")
    launching.check_prompts(call, template, fields, exclude=())
    return fields


def wrong(rule: str) -> Iterator[str]:
    """What is wrong with a rule, in the words of AWX (*source*; *seen* for what is accepted and what is not)."""
    lower = rule.lower()
    for word in ("EXDATE", "RDATE"):
        if f"{word.lower()}:" in lower:
            yield f"{word} not allowed in rrule."
            return
    starts = re.findall(r".*?(DTSTART(;[^:]+)?\:[0-9]+T[0-9]+Z?)", rule)
    if not starts:
        yield "Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"
    if re.findall(r".*?(DTSTART:[0-9]+T[0-9]+) ", rule):
        yield "DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ."
    if len(starts) > 1:
        yield "Multiple DTSTART is not supported."
    if "rrule:" not in lower:
        yield "One or more rule required in rrule."
    for one in re.findall(r".*?(RULE\:[^\s]*)", rule):
        if "interval" not in one.lower():
            yield f"INTERVAL required in rrule: {one}"
        elif "secondly" in one.lower():
            yield f"SECONDLY is not supported: {one}"
        if re.match(r".*?BYDAY[\:\=][0-9]+[a-zA-Z]{2}", one):
            yield f"BYDAY with numeric prefix not supported: {one}"
        if "COUNT" in one and "UNTIL" in one:
            yield f"RRULE may not contain both COUNT and UNTIL: {one}"
        count = re.match(r".*?COUNT\=([0-9]+)", one)
        if count and int(count[1]) > 999:
            yield f"COUNT > 999 is unsupported: {one}"
        frequency = re.search(r"FREQ=(\w+)", one)
        if not frequency or frequency[1] not in _FREQUENCIES:
            yield f"rrule parsing failed validation: {one}"
    zone = re.search(r"DTSTART;TZID=([^:]+):", rule)
    if zone:
        try:
            ZoneInfo(zone[1])
        except (OSError, ValueError, KeyError):
            yield f"rrule parsing failed validation: {zone[1]} is no time zone"
