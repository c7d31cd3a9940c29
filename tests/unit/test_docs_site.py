# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look at the links of the documentation's site."""

from __future__ import annotations

import pathlib

import docs_site
import pytest

pytestmark = pytest.mark.any_core


def test_links_that_lead_nowhere_are_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top"><a href="#top">1</a> <a href="#gone">2</a> <a href="guides/awx.html#step-1">3</a>'
        '<a href="guides/awx.html#step-2">4</a> <a href="guides/fleet.html">5</a> <img src="missing.png">'
        '<a href="https://example.com/nowhere#at-all">6</a> <a href="mailto:alice@example.com">7</a> <a href="#">8</a>',
        encoding="utf-8",
    )
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "awx.html").write_text(
        '<p id="step-1"><a href="../index.html#top">back</a>', encoding="utf-8"
    )
    assert docs_site.broken_links(tmp_path) == [
        "index.html: #gone",
        "index.html: guides/awx.html#step-2",
        "index.html: guides/fleet.html",
        "index.html: missing.png",
    ]
