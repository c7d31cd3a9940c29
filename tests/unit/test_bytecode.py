# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules under test are compiled once, and never from a text that they no longer have."""

from __future__ import annotations

import marshal
import pathlib
import shutil
import subprocess
import sys
import zipfile

SITECUSTOMIZE = pathlib.Path(__file__).parents[1] / "tools" / "bytecode" / "sitecustomize.py"


def test_what_is_in_a_zip_file_is_compiled_once_for_each_text(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "bytecode"
    folder.mkdir()
    shutil.copy(SITECUSTOMIZE, folder)

    def run(text: str) -> str:
        with zipfile.ZipFile(tmp_path / "module.zip", "w") as archive:
            archive.writestr("what.py", text)
        command = [sys.executable, "-c", "import what; print(what.number)"]
        environment = {"PYTHONPATH": f"{folder}:{tmp_path / 'module.zip'}", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert run("number = 1") == "1"
    (kept,) = (folder / "__pycache__").glob("zip-*.pyc")
    assert run("number = 2") == "2"
    kept.write_bytes(marshal.dumps(compile("number = 3", "what.py", "exec")))
    assert (run("number = 1"), run("number = 2")) == ("3", "2")
