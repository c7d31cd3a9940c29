# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the tokens of a thousand organizations in a real browser: it is searched, filtered and sorted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

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
from ansible_collections.collabops.webex.plugins.plugin_utils._pages.health import health_page

from tests.integration.scenarios.browser import VIEWS, look, needs_chromium

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
COUNT = 1_000
BROKEN, WARNING = range(0, COUNT, 100), range(50, COUNT, 100)
HOSTILE = "</script><script>document.title = 'hit'</script>"
# What somebody does with the page, and how many organizations are shown then, and which is the first.
USE = """(page) => {
  const tools = page.getElementById("tools"), elements = tools && tools.elements;
  const seen = () => {
    const apps = [...page.querySelectorAll("article")].filter((app) => app.offsetHeight > 0);
    return [apps.length, apps.length ? apps[0].dataset.app : null];
  };
  const change = (element, name, event, value) => { element[name] = value; element.dispatchEvent(new Event(event)); return seen(); };
  const steps = {title: page.title, form: tools && tools.offsetHeight > 0, all: seen()};
  if (steps.form) {
    steps.count = elements.count.value;
    steps.search = change(elements.words, "value", "input", "customer-0042");
    steps.words = change(elements.words, "value", "input", "REVOKED 0100");
    steps.nobody = change(elements.words, "value", "input", "nobody of this name");
    steps.none = elements.count.value;
    change(elements.words, "value", "input", "");
    const healthy = page.querySelector("[name=level][value=healthy]");
    steps.unhealthy = change(healthy, "checked", "change", false);
    change(healthy, "checked", "change", true);
    steps.by_name = change(elements.order, "value", "change", "app");
    steps.by_refresh = change(elements.order, "value", "change", "refresh");
    steps.again = change(elements.order, "value", "change", "");
  }
  return {steps};
}"""


def app(number: int) -> dict[str, Any]:
    """An organization, as a look at it finds it."""
    name = f"customer-{number:04}"
    store = {"kind": "vault_file", "path": f"/srv/tokens/{number}.yml"}
    if number in BROKEN:
        error = WebexError(f"The refresh token was revoked. {HOSTILE}", "mint a new one.")
        return {**unusable(name, error), "store": store}
    tokens = TokenSet(
        access_token="a",
        refresh_token="r",
        client_id="C1",
        obtained_at=NOW,
        expires_at=NOW + timedelta(days=14),
        refresh_token_expires_at=NOW + timedelta(days=5 if number in WARNING else 90, minutes=-number),
    )
    return {
        **assess(name, tokens, None, Observed(valid=True), Expected(refresh_every=timedelta(days=1)), NOW),
        "store": store,
    }


@pytest.mark.any_core
@needs_chromium
def test_a_thousand_organizations(tmp_path: Path) -> None:
    page = tmp_path / "health.html"
    text = health_page(report([app(number) for number in range(COUNT)], NOW))
    page.write_text(text, encoding="utf-8")
    steps = {
        "title": "✕ Webex tokens: broken",
        "form": True,
        "all": [COUNT, "customer-0000"],
        "count": f"{COUNT} of {COUNT}",
        "search": [1, "customer-0042"],
        "words": [1, "customer-0100"],
        "nobody": [0, None],
        "none": f"0 of {COUNT}",
        "unhealthy": [len(BROKEN) + len(WARNING), "customer-0000"],
        "by_name": [COUNT, "customer-0000"],
        # Of those that are known, the first to end; what is unknown comes last.
        "by_refresh": [COUNT, "customer-0950"],
        "again": [COUNT, "customer-0000"],
    }
    for (width, _scheme), seen in look(page, USE, VIEWS[:2]).items():
        assert (seen["width"], seen["scroll"], seen["beyond"], seen["requests"]) == (width, width, 0, 0)
        assert seen["steps"] == steps
    # Without scripts, everything is there all the same, and nothing that cannot be used.
    page.write_text(text.replace("script-src", "script-src-elem 'none'; script-src"), encoding="utf-8")
    (seen,) = look(page, USE, VIEWS[:1]).values()
    assert (seen["steps"]["form"], seen["steps"]["all"]) == (False, [COUNT, "customer-0000"])
