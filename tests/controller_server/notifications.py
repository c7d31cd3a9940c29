# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notification templates: the configuration of each type, and messages."""

from __future__ import annotations

from typing import Any

from .store import Thing
from .web import ApiError, Call, Json, invalid

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "bool": (bool,),
    "list": (list,),
    "password": (str,),
    "object": (dict,),
}
_NO_DEFAULT: Any = object()
# The parameters of the types that are used here: their types, and their defaults (*source*).
_PARAMETERS: dict[str, dict[str, tuple[str, Any]]] = {
    "email": {
        "host": ("string", _NO_DEFAULT),
        "port": ("int", _NO_DEFAULT),
        "username": ("string", _NO_DEFAULT),
        "password": ("password", _NO_DEFAULT),
        "use_tls": ("bool", _NO_DEFAULT),
        "use_ssl": ("bool", _NO_DEFAULT),
        "sender": ("string", _NO_DEFAULT),
        "recipients": ("list", _NO_DEFAULT),
        "timeout": ("int", 30),
    },
    "webhook": {
        "url": ("string", _NO_DEFAULT),
        "http_method": ("string", "POST"),
        "disable_ssl_verification": ("bool", False),
        "username": ("string", ""),
        "password": ("password", ""),
        "headers": ("object", _NO_DEFAULT),
    },
    "slack": {
        "token": ("password", _NO_DEFAULT),
        "channels": ("list", _NO_DEFAULT),
        "hex_color": ("string", ""),
    },
    "mattermost": {
        "mattermost_url": ("string", _NO_DEFAULT),
        "mattermost_no_verify_ssl": ("bool", _NO_DEFAULT),
    },
}
_EVENTS = ("started", "success", "error", "workflow_approval")


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """The configuration with its defaults; 400 for what is missing or of the wrong type (*source*)."""
    kind = asked["notification_type"]
    if kind not in _PARAMETERS:
        raise invalid(notification_type=f'"{kind}" is not a valid choice.')
    if messages := fields.get("messages"):
        check_messages(messages)
    if "notification_configuration" not in fields:
        return fields
    configuration = dict(fields["notification_configuration"])
    before = thing["notification_configuration"] if thing else {}
    missing, wrong, problems = [], [], []
    for name, (type_, default) in _PARAMETERS[kind].items():
        if name not in configuration:
            if default is _NO_DEFAULT:
                missing.append(name)
                continue
            configuration[name] = default
        value = configuration[name]
        if type(value) not in _TYPES[type_]:
            wrong.append(f"Configuration field '{name}' incorrect type, expected {type_}.")
        elif type_ == "list" and not value:
            problems.append(f"No values specified for field '{name}'")
        elif type_ == "password" and value == "$encrypted$" and name in before:
            configuration[name] = before[name]
    if configuration.get("http_method", "POST").lower() not in ("put", "post"):
        problems.append("HTTP method must be either 'POST' or 'PUT'.")
    if missing:
        problems.append(f"Missing required fields for Notification Configuration: {missing}.")
    if problems or wrong:
        raise ApiError(400, {"__all__": [*problems, *wrong]})
    return {**fields, "notification_configuration": configuration}


def check_messages(messages: Any) -> None:
    """400 for messages of events that there are not (*source*)."""
    problems = []
    if not isinstance(messages, dict):
        raise invalid(messages=f"Expected dict for 'messages' field, found {type(messages)}")
    for event, texts in messages.items():
        if event not in _EVENTS:
            why = "must be one of 'started', 'success', 'error', or 'workflow_approval'"
            problems.append(f"Event '{event}' invalid, {why}")
        elif isinstance(texts, dict) and event != "workflow_approval":
            for name in texts.keys() - {"message", "body"}:
                problems.append(f"Message type '{name}' invalid, must be either 'message' or 'body'")
    if problems:
        raise ApiError(400, {"messages": problems})


def stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """Remember which parameters are secret."""
    parameters = _PARAMETERS[thing["notification_type"]]
    thing.hidden["secret"] = [name for name, (type_, _default) in parameters.items() if type_ == "password"]
