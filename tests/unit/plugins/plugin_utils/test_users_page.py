# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the users of a list."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._pages.users import LONG, users_page
from ansible_collections.collabops.webex.plugins.plugin_utils._reports import make_report
from ansible_collections.collabops.webex.tests.unit.support import parse

NOW = datetime(2026, 11, 25, 3, 4, tzinfo=timezone.utc)
HOSTILE = "<script>alert(1)</script>\"'&"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;"


def result(name: str, outcome: str, **more: t.Any) -> dict[str, t.Any]:
    """The result of a user."""
    return {"user": f"{name}@example.com", "outcome": outcome, "extension": "2002", **more}


def page(*results: dict[str, t.Any], notes: t.Sequence[str] = (), **changes: list[str]) -> str:
    """The page for some users, who asked for what is in their results."""
    options = ("state", "license", "location", "extension", "phone_number", "remove_phone_number")
    users = [
        {"email": result["user"], **{name: result[name] for name in options if name in result}} for result in results
    ]
    changes_by_user = {f"{name}@example.com": texts for name, texts in changes.items()}
    return users_page(make_report(users, results, notes=notes, changes=changes_by_user, now=NOW))


def headings(text: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", text)


def overall(text: str) -> str:
    match = re.search(r'<div class="overall (.*)"><strong>(.*)</strong>', text)
    assert match
    return " ".join(match.groups())


def test_the_page_needs_nothing_else() -> None:
    text = page(result("alice", "enabled"), result("bob", "failed", reason="no"))
    elements = parse(text)
    attributes = [name for _tag, attributes in elements for name in attributes]
    assert text.startswith("<!DOCTYPE html>")
    assert {tag for tag, _attributes in elements}.isdisjoint({"script", "link", "img", "iframe", "form", "a"})
    assert {"src", "href", "style", "onclick"}.isdisjoint(attributes)
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text
    assert "2026-11-25 03:04 UTC" in text
    assert "GNU General Public License" not in text


def test_whatever_a_name_or_a_reason_holds_is_text() -> None:
    text = page(
        result(HOSTILE, "failed", reason=HOSTILE, remedy=HOSTILE, tracking_id=HOSTILE),
        result("alice", "enabled", location=HOSTILE, license=HOSTILE, phone_number=HOSTILE, notes=[HOSTILE]),
        result("bob", "skipped", reason="no", extension=HOSTILE, tracking_id=HOSTILE),
        result("carol", "ok", location=HOSTILE),
        notes=[HOSTILE],
        bob=[HOSTILE],
    )
    assert "script" not in {tag for tag, _attributes in parse(text)}
    assert "<script" not in text
    assert text.count(ESCAPED) == 13


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0b\x1b[31mc\x7f", "a[U+0000]b[U+001B][31mc[U+007F]"),
        ("\u202emoc.elpmaxe@live", "[U+202E]moc.elpmaxe@live"),
        ("half \ud800 pair", "half [U+D800] pair"),
        ("שלום דוד", "שלום דוד"),
        ("München 北京 😀", "München 北京 😀"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_code(text: str, shown: str) -> None:
    for made in (
        page(result("alice", "failed", reason=text)),
        page(result("alice", "ok", location=text)),
        page(result("alice", "ok"), notes=[text]),
    ):
        assert shown in made
        assert text == shown or text not in made


def test_those_who_need_a_look_come_first() -> None:
    text = page(
        result("alice", "ok"),
        result("bob", "changed", action="update"),
        result("carol", "enabled"),
        result("dave", "skipped", reason="Too many others failed before."),
        result("erin", "failed", reason="no"),
    )
    assert headings(text) == ["Failed: 1", "Skipped: 1", "Enabled or changed: 2", "Unchanged: 1"]
    counts = re.findall(r"<b>(. \d+)</b> <span>(\w+)</span></li>", text)
    assert [" ".join(count) for count in counts] == [
        "✕ 1 failed",
        "! 1 skipped",
        "✓ 1 enabled",
        "✓ 1 changed",
        "= 1 unchanged",
    ]


def test_a_reason_that_many_have_is_said_once_with_what_to_do() -> None:
    why = {"reason": "GET /licenses was answered with 401.", "remedy": "look at `service_app_token`."}
    several = [result(f"u{number}", "failed", **why) for number in range(LONG + 1)]
    text = page(*several, result("alice", "failed", reason="another"))
    assert text.count("GET /licenses was answered with 401.") == 1
    assert "<p>What to do: look at <code>service_app_token</code>.</p>" in text
    assert f"<details open><summary>{LONG + 1} users</summary>" in text
    assert all(f">u{number}@example.com<" in text for number in range(LONG + 1))
    assert headings(text) == [f"Failed: {LONG + 2}"]


def test_a_tracking_id_is_said_once() -> None:
    text = page(
        result("alice", "failed", reason="no. trackingId NA_1."),
        result("bob", "failed", reason="no", tracking_id="NA_2"),
    )
    assert (text.count("NA_1"), text.count("NA_2")) == (1, 1)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "healthy Nobody is on the list."),
        ([result("a", "ok")], "healthy The user is as the list says."),
        ([result("a", "ok"), result("b", "enabled")], "healthy All 2 users are as the list says."),
        (
            [result("a", "enabled", verified=False)],
            "warning Webex does not show the changes of 1 user yet; look again later.",
        ),
        ([result("a", "skipped", reason="no"), result("b", "ok")], "warning 1 of 2 users was skipped."),
        ([result("a", "skipped", reason="no"), result("b", "failed", reason="no")], "broken 1 of 2 users failed."),
    ],
)
def test_it_says_at_the_top_how_it_is(results: list[dict[str, t.Any]], words: str) -> None:
    assert overall(page(*results)) == words


def test_what_was_done_is_said() -> None:
    text = page(
        result("alice", "enabled", action="enable", license="Professional", location="Berlin"),
        result("bob", "changed", action="disable"),
        result("carol", "changed", action="move", verified=False),
    )
    assert '<td class="license">Professional</td><td class="location">Berlin</td><td class="number">2002</td>' in text
    outcomes = re.findall(r'<td class="done (\w+)">(.*?)</td>', text)
    assert outcomes == [("healthy", "enabled"), ("healthy", "calling taken away"), ("warning", "moved, not seen yet")]


def test_what_was_asked_for_is_said_of_those_who_did_not_get_it() -> None:
    text = page(
        result("alice", "failed", location="Berlin", remove_phone_number=True),
        result("bob", "skipped", state="absent"),
    )
    assert "<bdi>Berlin, 2002, without phone number</bdi>" in text
    assert "<bdi>without calling</bdi>" in text


def test_what_was_read_otherwise_is_said_of_the_list_and_of_each_user() -> None:
    text = page(
        result("alice", "ok"),
        result("bob", "failed", reason="no"),
        result("carol", "enabled", notes=["has no phone number for a moment"]),
        notes=["The file was read as Windows-1252."],
        alice=["extension: '0123 was read as 0123"],
        bob=["phone_number: (030) 1 was read as +49301"],
    )
    assert headings(text)[0] == "About the list"
    assert "<li>The file was read as Windows-1252.</li>" in text
    assert re.findall(r'<ul class="notes"><li>(.*?)</li></ul>', text) == [
        "phone_number: (030) 1 was read as +49301",
        "has no phone number for a moment",
        "extension: &#39;0123 was read as 0123",
    ]


def test_a_long_list_of_those_who_are_well_is_folded() -> None:
    several = [result(f"u{number}", "ok") for number in range(LONG + 1)]
    assert "<details><summary>Show them</summary><table>" in page(*several)
    assert "<details" not in page(*several[1:])


def test_the_page_shows_what_each_person_has_now() -> None:
    settings = {
        "emergency_callback": "direct_line",
        "voicemail": {"enabled": True, "email_copy": False, "rings": 4},
        "outgoing_permissions": {"custom": True, "block": ["premium_services_i", "national"]},
        "numbers": ["+493055502004"],
        "language": HOSTILE,
    }
    text = page(result("alice", "enabled", settings=settings), result("bob", "ok"))
    assert re.findall(r"<li><b>(.*?)</b>: (.*?)</li>", text) == [
        ("numbers", "+493055502004"),
        ("emergency callback", "direct line"),
        ("voicemail", "enabled yes; email copy no; rings 4"),
        ("outgoing permissions", "custom yes; block premium services i, national"),
        ("language", ESCAPED),
    ]
    assert text.count('class="settings"') == 1
    parse(text)
