# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the users of a list in a real browser; that of the health of tokens is looked at with its role."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._reports import make_report, write_reports

from tests.integration.scenarios.browser import look, needs_chromium

NOW = datetime(2026, 11, 25, 3, 4, tzinfo=timezone.utc)
# With what to do about each.
REASONS = (
    ("The extension 1 is in use by <script>document.title = 'hit'</script>.", None),
    ("No.", "look " * 40),
    (f"{'word' * 100}.", f"`{'option' * 50}`"),
)
OUTCOMES = ("failed", "enabled", "ok", "skipped", "changed")
COUNT = 3000
PEOPLE = """(page) => ({
    users: new Set(page.body.textContent.match(/user\\d+@/g)).size,
    title: page.title,
    narrowest: Math.min(...[...page.querySelectorAll(".findings > li")].map((item) => item.offsetWidth)),
    notes: page.querySelectorAll(".notes > li").length,
    remarks: page.querySelectorAll(".remarks > li").length,
})"""


def result(number: int) -> dict[str, Any]:
    """The result of a user, as long lists have them."""
    outcome = OUTCOMES[number % len(OUTCOMES)]
    reason, remedy = REASONS[number % len(REASONS)] if outcome in ("failed", "skipped") else (None, None)
    return {
        "user": f"{'long.name.' * (number % 7)}user{number}@a-company-with-a-long-name.example.com",
        "outcome": outcome,
        "action": "enable",
        "reason": reason,
        "remedy": remedy,
        "location": "Frankfurt am Main, headquarters" if number % 11 == 0 else "Berlin",
        "phone_number": "+493055502001",
        "verified": number % 3 == 0,
    }


@pytest.mark.any_core
@needs_chromium
def test_thousands_fit_on_every_screen(tmp_path: Path) -> None:
    results = [result(number) for number in range(COUNT)]
    users = [
        {"email": result["user"], "location": "x" * 300 if n % 50 == 0 else "Berlin"}
        for n, result in enumerate(results)
    ]
    changes = {user["email"]: ["phone_number: 0049 (0)30 555-02 was read as +493055502"] for user in users[::10]}
    report = make_report(users, results, notes=["y" * 500, "<b>bold</b>"], changes=changes, now=NOW)
    page = Path(write_reports(str(tmp_path / "out"), report)["html"])
    views = look(page, PEOPLE)
    for (width, _scheme), seen in views.items():
        assert (seen["width"], seen["scroll"], seen["beyond"], seen["requests"]) == (width, width, 0, 0)
        assert seen["narrowest"] > 300
        assert (seen["users"], seen["notes"], seen["remarks"]) == (COUNT, COUNT // 10, 2)
        assert seen["title"] == f"✕ Webex Calling: {COUNT // 5} of {COUNT} users failed."
        assert seen["overall"] == f"{COUNT // 5} of {COUNT} users failed."
    assert len({(scheme, seen["background"]) for (_width, scheme), seen in views.items()}) == 2
    assert len({seen["background"] for seen in views.values()}) == 2
