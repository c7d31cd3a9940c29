# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.collabops.webex.plugins.filter.token_health_page import FilterModule
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._health import (
    Expected,
    Observed,
    assess,
    report,
    unusable,
)
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.tests.unit.support import parse

PAGE: t.Callable[..., str] = FilterModule().filters()["token_health_page"]
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script>\"'&"


def app(name: str = "one", **changes: t.Any) -> dict[str, t.Any]:
    """An app."""
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
        **assess(name, tokens, None, observed, Expected(refresh_every=DAY), NOW),
        "store": {"kind": "vault_file", "path": "x"},
    }


def test_the_page_needs_nothing_else() -> None:
    page = PAGE(report([app()], NOW))
    elements = parse(page)
    assert page.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _attributes in elements}
    links = [attributes.get(name) for _tag, attributes in elements for name in ("href", "src") if name in attributes]
    assert links == ["#app1"]
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "hidden" not in re.sub(r"<style>.*</style>|aria-hidden", "", page, flags=re.DOTALL)


def test_everything_is_escaped() -> None:
    scope = {"scope": HOSTILE, "verdict": "missing", "evidence": HOSTILE, "needed_by": [HOSTILE]}
    hostile = app(HOSTILE, org_id=HOSTILE, client_id=HOSTILE, observed=Observed(True, scopes=(scope,)))
    hostile |= {"store": {"kind": HOSTILE, "path": HOSTILE, "url": HOSTILE}, "excess": [HOSTILE]}
    broken = {**unusable(HOSTILE, WebexError(HOSTILE, HOSTILE)), "store": {"kind": HOSTILE}}
    page = PAGE(report([hostile, broken], NOW))
    assert "script" not in {tag for tag, _attributes in parse(page)}
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 12


def test_the_marks_stand_where_they_belong() -> None:
    page = PAGE(report([app(), app("two", expires_at=NOW - DAY, observed=Observed(False))], NOW))
    places = [
        float(str(attributes["style"]).removeprefix("left:").removesuffix("%"))
        for _tag, attributes in parse(page)
        if str(attributes.get("class")).startswith("end")
    ]
    # The worst comes first.
    dead, _refresh, _next_refresh, access, refresh, next_refresh = places
    assert dead < 12 < next_refresh < access < refresh == 100


def test_the_end_may_be_farther_than_the_scale_or_unknown() -> None:
    far = PAGE(report([app(refresh_token_expires_at=NOW + 4000 * DAY, expires_at=NOW - 4000 * DAY)], NOW))
    assert all(0 <= float(place) <= 100 for place in re.findall(r"left:([-\d.]+)%", far))
    assert "end unknown" in PAGE(report([app(expires_at=None)], NOW))


def test_names_between_backticks_are_code() -> None:
    broken = {**unusable("one", WebexError("No.", "set `org_id`.")), "store": {"kind": "none"}}
    assert "What to do: set <code>org_id</code>." in PAGE(report([broken], NOW))


def test_no_apps_make_a_page() -> None:
    assert "All tokens are healthy." in PAGE(report([], NOW))


@pytest.mark.parametrize("source", [None, "text", {}, {"status": "healthy"}])
def test_anything_else_is_refused(source: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="This is not a report"):
        PAGE(source)
