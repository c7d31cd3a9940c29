# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environments of this repository: which there are, and how one is made.

``python3 tests/tools/environments.py NAME...`` makes ``.venv/NAME``, unless it is there and up to date.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import glob
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import typing as t
from importlib import metadata

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = (ROOT / ".venv").resolve()
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
NEWEST_FIRST = ("3.14", "3.13", "3.12", "3.11", "3.10")
SIMULATOR = "-r tests/simulator/requirements.txt"
TESTING = ("-r tests/unit/requirements.txt", "coverage>=7.6", SIMULATOR)


@dataclasses.dataclass(frozen=True)
class Environment:
    """What an environment holds, and the Pythons that it may be made with, the preferred one first."""

    requirements: tuple[str, ...]
    pythons: tuple[str, ...]


ENVIRONMENTS = {
    "demo": Environment(("ansible-core>=2.16", "requests>=2.28", SIMULATOR), (RUNNING, *NEWEST_FIRST)),
    "lint": Environment(
        (
            "ansible-lint>=25",
            "antsibull-changelog>=0.30",
            "antsibull-docs>=2.18",
            "galaxy-importer>=0.4.30",
            "mypy>=1.11",
            "pytest>=8",
            "reuse>=5",
            "ruff>=0.9",
            "types-PyYAML",
            "types-requests",
            "yamllint>=1.35",
            SIMULATOR,
        ),
        NEWEST_FIRST,
    ),
    # What builds the documentation.
    "docs": Environment(
        ("ansible-core>=2.16", "antsibull-docs>=2.18", "requests>=2.28", "sphinx>=7", "sphinx-ansible-theme>=0.10"),
        NEWEST_FIRST,
    ),
    # With wxc_sdk and a JSON schema validator, to which the simulator must look like Webex.
    "simulator": Environment((SIMULATOR, "-r tests/simulator/tests/requirements.txt"), NEWEST_FIRST),
    # What the benchmark compares with, on the same Python as ours; nothing else makes it.
    "wxc_sdk": Environment(("wxc_sdk",), (RUNNING, *NEWEST_FIRST)),
    # With the collection awx.awx, and the part of AWX that runs playbooks.
    "awx": Environment(("ansible==12.3.0", "ansible-runner>=2.4", *TESTING), ("3.11", "3.12", "3.13")),
    # With what runs rulebooks; that needs Java beside it.
    "eda": Environment(
        ("ansible-core>=2.16", "ansible-rulebook>=1.2", "pytest>=8", "requests>=2.28", SIMULATOR),
        ("3.12", "3.13", "3.11"),
    ),
    # Every "core-*" row is a supported ansible-core, the oldest first.
    "core-2.16": Environment(("ansible-core~=2.16.0", *TESTING), ("3.10", "3.11", "3.12")),
    "core-2.17": Environment(("ansible-core~=2.17.0",), ("3.10", "3.11", "3.12")),
    "core-2.18": Environment(("ansible-core~=2.18.0",), ("3.11", "3.12", "3.13")),
    "core-2.19": Environment(("ansible-core~=2.19.0", *TESTING), ("3.11", "3.12", "3.13")),
    "core-2.20": Environment(("ansible-core~=2.20.0",), ("3.12", "3.13", "3.14")),
    "core-newest": Environment(("ansible-core>=2.20", *TESTING), ("3.14", "3.13", "3.12")),
}
# Those with which tests run; sanity looks at the others too.
CORES = ["core-2.16", "core-2.19", "core-newest"]
SANITY_CORES = [name for name in ENVIRONMENTS if name.startswith("core-")]


class Unavailable(Exception):
    """This machine has no Python that the environment could be made with."""


@functools.cache
def pythons() -> dict[str, str]:
    """The Pythons of this machine that run and can make virtual environments: version to executable."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates = [sys.executable]
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        candidates += [path for path in glob.glob(f"{folder}/python3*") if re.search(r"/python3(\.\d+)?$", path)]
    candidates += glob.glob(f"{pyenv}/versions/*/bin/python")
    found: dict[str, str] = {}
    for path in candidates:
        probe = "import sys, venv, ensurepip; print(*sys.version_info[:2], sep='.')"
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            answer = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=True, timeout=30)
            found.setdefault(answer.stdout.strip(), path)
    return found


def choose_python(name: str) -> tuple[str, str]:
    """Version and executable of the Python for an environment: its first choice among those found."""
    wanted = ENVIRONMENTS[name].pythons
    for version in wanted:
        if version in pythons():
            return version, pythons()[version]
    raise Unavailable(f"no Python {' or '.join(wanted)} found that has venv and ensurepip (Debian: python3-venv)")


def is_usable(name: str) -> bool:
    """Whether this machine has a Python for an environment."""
    return any(version in pythons() for version in ENVIRONMENTS[name].pythons)


def versions(name: str, package: str) -> str:
    """Return the versions of a package and of Python in an environment that has been made: ``ruff 0.9.1, Python 3.13``."""
    site_packages = [str(folder) for folder in (VENV / name).glob("lib/python*/site-packages")]
    installed = [
        f"{package} {found.version}" for found in metadata.Distribution.discover(name=package, path=site_packages)
    ]
    return ", ".join([*installed, f"Python {choose_python(name)[0]}"])


def say(line: str) -> None:
    """Print a line at once, and whole: several threads do so."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def lock(name: str) -> t.Iterator[None]:
    """Hold a lock that other threads and other runs in this checkout respect."""
    VENV.mkdir(exist_ok=True)
    with open(VENV / f"{name}.lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fingerprint(name: str, python: str) -> str:
    """A hash of all that an environment is made from."""
    parts = [str(VENV), python]
    for requirement in ENVIRONMENTS[name].requirements:
        parts.append(requirement)
        if requirement.startswith("-r "):
            parts.append((ROOT / requirement[3:]).read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make(name: str, output: t.IO[str] | None = None) -> pathlib.Path:
    """Make an environment, unless it is there and up to date; what pip says goes to ``output``. Give back its folder."""
    version, python = choose_python(name)
    folder = VENV / name
    stamp = folder / "made-from.sha256"
    with lock(name):
        fingerprint = _fingerprint(name, python)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != fingerprint:
            say(f"Making the environment {name} with Python {version} ...")
            start = time.monotonic()
            shutil.rmtree(folder, ignore_errors=True)
            install = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            for requirement in ENVIRONMENTS[name].requirements:
                install += requirement.split(" ", 1)
            for command in ([python, "-m", "venv", str(folder)], install):
                subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=True)
            stamp.write_text(fingerprint, encoding="utf-8")
            say(f"Making the environment {name} with Python {version} ... ok {time.monotonic() - start:.0f} s")
    return folder


if __name__ == "__main__":
    for wanted_name in sys.argv[1:]:
        try:
            make(wanted_name)
        except (Unavailable, subprocess.CalledProcessError) as error:
            sys.exit(f"The environment {wanted_name} cannot be made: {error}")
