# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what Python compiles out of zip files; it is in force where this folder is in PYTHONPATH.

Ansible sends a module as a zip file, and Python keeps no bytecode for one: each of a thousand modules that the tests run
would compile ansible-core and this collection anew, which is a quarter of what a module takes.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import types
import typing as t
import zipimport

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__")

_compile_source: t.Callable[[str, bytes], types.CodeType] = zipimport._compile_source  # type: ignore[attr-defined]


def _compile_once(path: str, source: bytes) -> types.CodeType:
    """What Python would compile, by the text of the file and by Python itself."""
    import hashlib
    import importlib.util

    text = importlib.util.MAGIC_NUMBER + path.rpartition(".zip")[2].encode() + b"\0" + source
    kept = os.path.join(FOLDER, f"zip-{hashlib.sha256(text).hexdigest()}.pyc")
    with contextlib.suppress(OSError), open(kept, "rb") as handle:
        code: types.CodeType = marshal.load(handle)
        return code
    code = _compile_source(path, source)
    unfinished = f"{kept}.{os.getpid()}"
    with contextlib.suppress(OSError):
        os.makedirs(FOLDER, exist_ok=True)
        with open(unfinished, "wb") as handle:
            marshal.dump(code, handle)
        os.replace(unfinished, kept)
    return code


zipimport._compile_source = _compile_once  # type: ignore[attr-defined]
