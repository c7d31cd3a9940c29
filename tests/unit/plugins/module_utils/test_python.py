# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pythons that are too old, as they are on this machine: they get as far as the sentence that says so."""

from __future__ import annotations

import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _python

COLLECTION = pathlib.Path(__file__).resolve().parents[4]
MODULES = sorted(
    path.stem
    for path in (COLLECTION / "plugins" / "modules").glob("*.py")
    if "refuse_old_python" in path.read_text(encoding="utf-8")
)
TOO_OLD = ("3.6", "3.7", "3.8", "3.9")
# What plugin_utils/_controller.py imports of ours.
NEEDED_TO_REFUSE = ("_errors", "_python", "_requirements", "_settings")
RUN_ALL = """
import runpy, sys
for name in sys.argv[1:]:
    try:
        runpy.run_module("ansible_collections.collabops.webex.plugins.modules." + name, run_name="__main__")
    except SystemExit as end:
        print("", end.code)
"""


def old_python(version: str) -> str | None:
    """Return an interpreter of this version, if the machine has one that runs."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates = [*glob.glob(f"{pyenv}/versions/{version}.*/bin/python"), shutil.which(f"python{version}")]
    for path in filter(None, candidates):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def run_old_python(version: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with the collection on its path; skip the test if there is none."""
    python = old_python(version)
    if not python:
        pytest.skip(f"there is no Python {version} here")
    return subprocess.run(
        [python, *arguments],
        env={"PYTHONPATH": str(COLLECTION.parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("version", TOO_OLD[2:])
@pytest.mark.parametrize("name", NEEDED_TO_REFUSE)
def test_what_refuses_an_old_controller_can_be_imported_there(version: str, name: str) -> None:
    run = run_old_python(version, "-c", f"import ansible_collections.collabops.webex.plugins.module_utils.{name}")
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("version", TOO_OLD)
def test_every_module_says_in_one_sentence_that_a_python_is_too_old(version: str) -> None:
    run = run_old_python(version, "-c", RUN_ALL, *MODULES)
    assert run.stderr == ""
    results = run.stdout.splitlines()
    assert len(results) == len(MODULES) > 9
    for line in results:
        text, _blank, status = line.rpartition(" ")
        assert status == "1"
        result = json.loads(text)
        assert (result["failed"], result["changed"]) == (True, False)
        assert result["msg"].startswith(f"Python {version} (")
        assert "needs 3.10 or newer. What to do:" in result["msg"]


def test_a_python_that_will_do_is_not_refused() -> None:
    assert _python.flaw_of_python() == ""
    _python.refuse_old_python()


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(_python, "OLDEST_PYTHON", (sys.version_info[0], sys.version_info[1] + 1))
    with pytest.raises(SystemExit):
        _python.refuse_old_python()
    assert json.loads(capsys.readouterr().out)["msg"] == _python.flaw_of_python()
    assert sys.executable in _python.flaw_of_python()
