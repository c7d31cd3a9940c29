# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with credentials, which an environment variable names: as AWX injects them, or as somebody writes them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ._errors import OptionError
from ._options import keys_of
from ._time import from_iso, to_iso

_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def read_credentials(variable: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what the file with credentials holds that *variable* names in *environ*; nothing if it names none.

    Keys without a value are left out. Points in time are datetimes. Raises OptionError, which quotes no value.
    """
    path = environ.get(variable)
    return read_mapping(variable, path, keys_of(variable)) if path else {}


def read_mapping(variable: str, path: str, types: Mapping[str, type]) -> dict[str, Any]:
    """Return the mapping in the file at *path*, whose keys are of *types*; *variable* is what the file is called in errors.

    Keys without a value are left out. Raises OptionError, which quotes no value.
    """
    right = f"the file holds JSON or YAML with any of: {', '.join(sorted(types))}."
    data = _parse(_read(variable, path))
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise OptionError(variable, f"{path} is not a mapping in JSON or YAML.", right)
    unknown = sorted(set(data) - set(types))
    if unknown:
        raise OptionError(variable, f"{path} has unknown keys: {', '.join(unknown)}.", right)
    values = {key: value for key, value in data.items() if value not in (None, "")}
    not_text = sorted(key for key, value in values.items() if types[key] is str and not isinstance(value, str))
    if not_text:
        raise OptionError(variable, f"{path}: {', '.join(not_text)} should be text.", "put it in quotes.")
    return {key: _converted(variable, path, key, value, types[key]) for key, value in values.items()}


def _converted(variable: str, path: str, key: str, value: Any, kind: type) -> Any:
    if kind is bool:
        text = str(value).lower()
        if text not in _BOOLEANS:
            raise OptionError(variable, f"{path}: {key} is neither true nor false.", "write true or false.")
        return _BOOLEANS[text]
    if kind is datetime:
        try:
            # YAML makes a datetime of a point in time without quotes.
            return from_iso(to_iso(value) if isinstance(value, datetime) and value.tzinfo else str(value).strip())
        except (ValueError, OverflowError):
            right = "write it in ISO 8601 with a time zone, for example 2026-12-01T03:00:00Z."
            raise OptionError(variable, f"{path}: {key} is not a point in time.", right) from None
    return value


def _read(variable: str, path: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise OptionError(variable, f"{path} cannot be read: {reason}.", "name a readable file.") from None


def _parse(text: str) -> Any:
    """Return what *text* holds; None if it is neither JSON nor YAML. Parser errors would quote the secrets."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        # Here, since every module would pay for it, and few read such a file.
        import yaml
    except ImportError:
        return None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # a date that does not exist is a ValueError
        return None
