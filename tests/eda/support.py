# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source, and notifications as Webex sends them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import pathlib
import sys
import time
import typing as t
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "the-secret-of-the-webhook"
CLIENT_ID = "C0123456789abcdef"


def load_source() -> t.Any:
    """The event source as a module, outside of any package, as ansible-rulebook runs it."""
    path = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "service_app.py"
    spec = importlib.util.spec_from_file_location("service_app_source", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOURCE = load_source()


def encoded(text: str) -> str:
    """Base64url without padding, as Webex writes ids."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def application_id(client_id: str = CLIENT_ID) -> str:
    """The application id of a service app."""
    return encoded(f"ciscospark://us/APPLICATION/{client_id}")


def org_id(number: int = 0) -> str:
    """The id of an organization."""
    return encoded(f"ciscospark://us/ORGANIZATION/{uuid.UUID(int=number)}")


def moment(seconds_ago: float = 0) -> str:
    """A time as Webex writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - seconds_ago))


def notification(event: str = "authorized", **data: t.Any) -> dict[str, t.Any]:
    """A notification; *data* are changes of its ``data``, of which None takes a field away."""
    fields = {"id": application_id(), "authorizerOrgId": org_id(), "authorizationDate": moment(), **data}
    return {
        "id": encoded("ciscospark://us/WEBHOOK/1"),
        "name": "New customers",
        "resource": "serviceApp",
        "event": event,
        "orgId": org_id(999),
        "appId": application_id("C-of-the-integration"),
        "actorId": encoded("ciscospark://us/PEOPLE/1"),
        "data": {name: value for name, value in fields.items() if value is not None},
    }


def body_of(message: t.Any) -> bytes:
    """A message as it is sent."""
    return json.dumps(message).encode()


def signature_of(body: bytes, secret: str = SECRET) -> str:
    """The signature that Webex sends with a body."""
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
