# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the health of tokens."""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._health import (
    Expected,
    Observed,
    assess,
    report,
    unusable,
)
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.plugin_utils._pages.health import (
    MANY,
    fingerprint,
    fingerprint_in_page,
    health_page,
)
from ansible_collections.collabops.webex.tests.unit.support import parse

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script>\"'&"


def app(name: str = "one", *, now: datetime = NOW, **changes: t.Any) -> dict[str, t.Any]:
    """An app, as it is at a moment."""
    values: dict[str, t.Any] = {
        "access_token": "hidden-access",
        "refresh_token": "hidden-refresh",
        "client_id": "C1",
        "obtained_at": NOW,
        "expires_at": NOW + 14 * DAY,
        "refresh_token_expires_at": NOW + 90 * DAY,
    }
    observed = changes.pop("observed", Observed(valid=True))
    tokens = TokenSet(**{**values, **changes})
    return {
        **assess(name, tokens, None, observed, Expected(refresh_every=DAY), now),
        "store": {"kind": "vault_file", "path": "x"},
    }


def test_the_page_needs_nothing_else() -> None:
    page = health_page(report([app()], NOW))
    elements = parse(page)
    assert page.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _attributes in elements}
    links = [attributes.get(name) for _tag, attributes in elements for name in ("href", "src") if name in attributes]
    assert links == ["#app1"]
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "hidden" not in re.sub(r"<style>.*</style>|aria-hidden", "", page, flags=re.DOTALL)


def test_a_page_with_many_apps_has_one_script_and_allows_no_other() -> None:
    page = health_page(report([app(f"{HOSTILE}{number}") for number in range(MANY + 1)], NOW))
    elements = parse(page)
    assert [tag for tag, _attributes in elements].count("script") == 1
    (script,) = re.findall("<script>(.*)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [str(attributes["content"]) for _tag, attributes in elements if attributes.get("http-equiv")]
    assert f"script-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"https?://|url\(|@import", page)


def test_everything_is_escaped() -> None:
    scope = {"scope": HOSTILE, "verdict": "missing", "evidence": HOSTILE, "needed_by": [HOSTILE]}
    hostile = app(HOSTILE, org_id=HOSTILE, client_id=HOSTILE, observed=Observed(True, scopes=(scope,)))
    hostile |= {"store": {"kind": HOSTILE, "path": HOSTILE, "url": HOSTILE}, "excess": [HOSTILE]}
    broken = {**unusable(HOSTILE, WebexError(HOSTILE, HOSTILE)), "store": {"kind": HOSTILE}}
    page = health_page(report([hostile, broken], NOW))
    assert "script" not in {tag for tag, _attributes in parse(page)}
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 12


def test_the_marks_stand_where_they_belong() -> None:
    page = health_page(report([app(), app("two", expires_at=NOW - DAY, observed=Observed(False))], NOW))
    places = [
        float(str(attributes["style"]).removeprefix("left:").removesuffix("%"))
        for _tag, attributes in parse(page)
        if str(attributes.get("class")).startswith("end")
    ]
    # The worst comes first.
    dead, _refresh, _next_refresh, access, refresh, next_refresh = places
    assert dead < 12 < next_refresh < access < refresh == 100


def test_the_end_may_be_farther_than_the_scale_or_unknown() -> None:
    far = health_page(report([app(refresh_token_expires_at=NOW + 4000 * DAY, expires_at=NOW - 4000 * DAY)], NOW))
    assert all(0 <= float(place) <= 100 for place in re.findall(r"left:([-\d.]+)%", far))
    assert "end unknown" in health_page(report([app(expires_at=None)], NOW))


def test_names_between_backticks_are_code() -> None:
    broken = {**unusable("one", WebexError("No.", "set `org_id`.")), "store": {"kind": "none"}}
    assert "What to do: set <code>org_id</code>." in health_page(report([broken], NOW))


def test_no_apps_make_a_page() -> None:
    assert "No app is on the list." in health_page(report([], NOW))


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(hours=5), 3 * DAY])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"refresh_token_expires_at": NOW + 10 * DAY},
        {"expires_at": NOW - DAY, "observed": Observed(False)},
        {"refresh_token_expires_at": NOW - timedelta(minutes=3)},
    ],
)
def test_time_alone_changes_no_fingerprint(changes: dict[str, t.Any], later: timedelta) -> None:
    first, second = (report([app(now=now, **changes)], now) for now in (NOW, NOW + later))
    assert first != second
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint_in_page(health_page(first)) == fingerprint_in_page(health_page(second)) == fingerprint(first)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [app("two")],
        [app(org_id="another")],
        [app(expires_at=NOW + 13 * DAY)],
        [app(observed=Observed(False))],
        [app(observed=Observed(True, scopes=({"scope": "a", "verdict": "granted", "evidence": "", "needed_by": []},)))],
        # Another level, though the message tells of nothing but time.
        [app(now=NOW + 77 * DAY)],
    ],
)
def test_anything_else_changes_the_fingerprint(other: list[dict[str, t.Any]]) -> None:
    assert fingerprint(report(other, NOW)) != fingerprint(report([app()], NOW))


def test_another_text_has_no_fingerprint() -> None:
    assert fingerprint_in_page("<html></html>") is None
