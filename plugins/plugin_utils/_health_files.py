# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of ``token_health``: an HTML page for people, and a JSON file for programs. They hold no secret."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ..module_utils._errors import OptionError
from ._pages.health import fingerprint, fingerprint_in_page, health_page
from ._report_files import ReportFile, check_path, check_writable, on_controller, write_files

FORMATS = ("html", "json")
# Others may read them: a page is often served by a web server.
MODE = 0o644


def paths_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the absolute paths of the files that the options name, by format. Raises OptionError."""
    paths = {name: on_controller(options[name]) for name in FORMATS if options[name]}
    if len(set(paths.values())) < len(paths):
        raise OptionError("json", "is the same file as html.", "name another one.")
    return paths


def check_paths(paths: Mapping[str, str], check_mode: bool) -> None:
    """Raise OptionError if the files cannot be written; outside check mode, temporary files prove that they can."""
    for name, path in paths.items():
        check_path(name, path)
        if not check_mode:
            check_writable(name, os.path.dirname(path))


def write_health(paths: Mapping[str, str], found: Mapping[str, Any], check_mode: bool) -> bool:
    """Write the report, except in check mode; return whether a file says, or would say, something else than before.

    A file in which nothing but the time differs is brought up to date, so that it tells when the last look was; that
    is no change. Raises OptionError.
    """
    texts = {"html": health_page, "json": _as_json}
    files = [ReportFile(name, path, texts[name](found), MODE) for name, path in paths.items()]
    changed = any(_fingerprint_in(file) != fingerprint(found) for file in files)
    if not check_mode:
        write_files(files)
    return changed


def _as_json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _fingerprint_in(file: ReportFile) -> str | None:
    """Return the fingerprint of the report that is in a file now; None if it is not there, or is something else."""
    try:
        with open(file.path, encoding="utf-8") as handle:
            text = handle.read()
        return fingerprint(json.loads(text)) if file.option == "json" else fingerprint_in_page(text)
    except (OSError, ValueError, KeyError, TypeError):
        return None
