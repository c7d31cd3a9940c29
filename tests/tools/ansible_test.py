# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test needs and tells: a home folder in which it can make its own virtual environments, and its failures.

ansible-test hands nothing but ``HOME``, ``PATH`` and the locale on to the pip that it runs, and it downloads a
``get-pip`` script first. So that it works with the pip settings of this machine, and without that download, its home
holds both: a ``pip.conf`` with the settings in force, and, under the names that it looks for, a script that does the
same with the pip that comes with Python.
"""

from __future__ import annotations

import ast
import configparser
import os
import pathlib
import re
import subprocess

FAILURE_LINES = 60
FAILURE_WIDTH = 500
GET_PIP = '''\
"""Stands in for get-pip: installs what the command line names, beginning with the pip that comes with Python."""
import subprocess
import sys

packages = [word for word in sys.argv[1:] if not word.startswith("--no-")]
for command in (["ensurepip"], ["pip", "install", "-qq"] + packages):
    subprocess.check_call([sys.executable, "-m"] + command, stdout=subprocess.DEVNULL)
'''


def prepare_home(home: pathlib.Path, venv: pathlib.Path) -> None:
    """Prepare a home folder for the ansible-test of an environment."""
    _write_pip_settings(venv, home / ".config" / "pip" / "pip.conf")
    for sources in venv.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"):
        for version in set(re.findall(r"\bpip='([\d.]+)'", sources.read_text(encoding="utf-8"))):
            cached = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
            cached.parent.mkdir(parents=True, exist_ok=True)
            cached.write_text(GET_PIP, encoding="utf-8")


def _write_pip_settings(venv: pathlib.Path, path: pathlib.Path) -> None:
    """Write pip's settings in force, from all its files and variables, into one file; they may hold passwords."""
    settings = configparser.RawConfigParser()
    settings["global"] = {"cache-dir": _pip(venv, "cache", "dir").strip(), "quiet": "2"}
    for option, variable in (("cert", "REQUESTS_CA_BUNDLE"), ("proxy", "HTTPS_PROXY")):
        if variable in os.environ:
            settings["global"][option] = os.environ[variable]
    for line in _pip(venv, "config", "list").splitlines():
        name, value = line.split("=", 1)
        section, option = name.rsplit(".", 1)
        section = "global" if section == ":env:" else section
        if not settings.has_section(section):
            settings.add_section(section)
        settings[section][option] = ast.literal_eval(value).replace("\n", "\n  ")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        settings.write(handle)


def failures(log: str) -> list[str]:
    """The tasks that failed in the targets that failed, from the output of integration tests at -vvvv."""
    targets = re.split(r"(?m)^(?=Running \S+ integration test (?:role|script)$)", log)[1:]
    failed = (target for target in targets if re.search(r"(?m)^Command exited with status [1-9]", target))
    tasks = (task for target in failed for task in re.split(r"(?m)^(?=TASK |PLAY )", target))
    found = []
    for task in tasks:
        results = re.findall(r"(?m)^(?:fatal|failed): \[.*(?:\n[ }].*)*", task)
        if results and not re.search(r"(?m)^\.\.\.ignoring$", task):
            lines = "\n".join([task.partition("\n")[0], *results]).splitlines()
            found.append("\n".join(line[:FAILURE_WIDTH] for line in lines[:FAILURE_LINES]))
    return found


def _pip(venv: pathlib.Path, *arguments: str) -> str:
    """What a pip command prints."""
    command = [str(venv / "bin" / "python"), "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
