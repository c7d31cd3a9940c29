# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.collabops.webex.plugins.filter.calling_users_page import FilterModule
from ansible_collections.collabops.webex.plugins.module_utils._calling.list_report import report
from ansible_collections.collabops.webex.plugins.plugin_utils._users_page import LONG, render
from ansible_collections.collabops.webex.tests.unit.support import parse

PAGE: t.Callable[..., str] = FilterModule().filters()["calling_users_page"]
NOW = datetime(2026, 11, 25, 3, 4, tzinfo=timezone.utc)
HOSTILE = "<script>alert(1)</script>\"'&"


def result(name: str, outcome: str, **more: t.Any) -> dict[str, t.Any]:
    """What became of a user."""
    return {"user": f"{name}@example.com", "outcome": outcome, "extension": "2002", **more}


def page(*results: dict[str, t.Any]) -> str:
    """The page for some users."""
    return render(report([{"email": one["user"]} for one in results], results), NOW)


def headings(text: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", text)


def overall(text: str) -> str:
    found = re.search(r'<div class="overall (.*)"><strong>(.*)</strong>', text)
    assert found
    return " ".join(found.groups())


def test_the_page_needs_nothing_else() -> None:
    text = page(result("alice", "enabled"), result("bob", "failed", reason="no"))
    elements = parse(text)
    attributes = [name for _tag, attributes in elements for name in attributes]
    assert {tag for tag, _attributes in elements}.isdisjoint({"script", "link", "img", "iframe", "form", "a"})
    assert {"src", "href", "style", "onclick"}.isdisjoint(attributes)
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text
    assert "2026-11-25 03:04 UTC" in text


def test_whatever_a_name_or_a_reason_holds_is_text() -> None:
    text = page(
        result(HOSTILE, "failed", reason=f"{HOSTILE} What to do: {HOSTILE}", tracking_id=HOSTILE),
        result("alice", "enabled", location=HOSTILE, license=HOSTILE, phone_number=HOSTILE),
        result("bob", "skipped", reason="no", extension=HOSTILE, tracking_id=HOSTILE),
        result("carol", "ok", location=HOSTILE),
    )
    assert "script" not in {tag for tag, _attributes in parse(text)}
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") == 9


def test_those_who_need_a_look_come_first() -> None:
    text = page(
        result("alice", "ok"),
        result("bob", "changed", action="update"),
        result("carol", "enabled"),
        result("dave", "skipped", reason="Too many others failed before."),
        result("erin", "failed", reason="no"),
    )
    assert headings(text) == ["Failed: 1", "Skipped: 1", "Enabled or changed: 2", "Unchanged: 1"]
    counts = re.findall(r"<b>(. \d+ \w+)</b></li>", text)
    assert counts == ["✕ 1 failed", "! 1 skipped", "✓ 1 enabled", "✓ 1 changed", "= 1 unchanged"]


def test_a_reason_that_many_have_is_told_once_with_what_to_do() -> None:
    reason = "GET /licenses was answered with 401. What to do: look at `service_app_token`."
    several = [result(f"u{number}", "failed", reason=reason) for number in range(LONG + 1)]
    text = page(*several, result("alice", "failed", reason="another"))
    assert text.count("GET /licenses was answered with 401.") == 1
    assert "<p>What to do: look at <code>service_app_token</code>.</p>" in text
    assert f"<details open><summary>{LONG + 1} users</summary>" in text
    assert all(f">u{number}@example.com " in text for number in range(LONG + 1))
    assert headings(text) == [f"Failed: {LONG + 2}"]


def test_a_tracking_id_is_told_once() -> None:
    text = page(
        result("alice", "failed", reason="no. trackingId NA_1.", tracking_id="NA_1"),
        result("bob", "failed", reason="no", tracking_id="NA_2"),
    )
    assert (text.count("NA_1"), text.count("NA_2")) == (1, 1)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "healthy All 0 users are as the list says."),
        ([result("a", "ok"), result("b", "enabled")], "healthy All 2 users are as the list says."),
        (
            [result("a", "enabled", verified=False)],
            "soon Webex does not show the changes of 1 user yet; look again later.",
        ),
        ([result("a", "skipped", reason="no"), result("b", "ok")], "soon 1 of 2 users were skipped."),
        ([result("a", "skipped", reason="no"), result("b", "failed", reason="no")], "broken 1 of 2 users failed."),
    ],
)
def test_it_says_at_the_top_how_it_is(results: list[dict[str, t.Any]], words: str) -> None:
    assert overall(page(*results)) == words


def test_what_was_done_is_told() -> None:
    text = page(
        result("alice", "enabled", action="enable", license="Professional", location="Berlin"),
        result("bob", "changed", action="disable"),
        result("carol", "changed", action="move", verified=False),
    )
    assert "<td>Professional</td><td>Berlin</td><td>2002</td><td></td>" in text
    outcomes = re.findall(r'<td class="done (\w+)">(.*?)</td>', text)
    assert outcomes == [("healthy", "enabled"), ("healthy", "calling taken away"), ("soon", "moved, not seen yet")]


def test_a_long_list_of_those_who_are_well_is_folded() -> None:
    several = [result(f"u{number}", "ok") for number in range(LONG + 1)]
    assert "<details><summary>Show them</summary><table>" in page(*several)
    assert "<details" not in page(*several[1:])


def test_the_filter_tells_the_present_time() -> None:
    assert f"{datetime.now(timezone.utc):%Y-%m-%d}" in PAGE(report([], []))


@pytest.mark.parametrize("found", [None, [], {}, {"counts": {}}, "text"])
def test_what_is_no_report_is_refused(found: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not a report"):
        PAGE(found)
