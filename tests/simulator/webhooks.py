# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about webhooks, and the notifications that webhooks of service apps send.

Fields, and what a PUT takes, are *spec*. Which scope each call needs: to register, and that only an integration may,
from Cisco's webhook guide (*live*); the rest is a *guess* from the names of the scopes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from ..loopback.running import OPENER
from .ids import decode, webex_id
from .model import stamp
from .tokens import Client, Token
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, no_content

if TYPE_CHECKING:
    from .state import Org
    from .world import World

EVENTS = ("authorized", "deauthorized")
READ_SCOPE, WRITE_SCOPE = "application:webhooks_read", "application:webhooks_write"
MOST_FAILURES, FAILURE_SECONDS = 100, 300
ANSWER_SECONDS = 10


@dataclass
class Webhook:
    """One registration. It belongs to the client that made it, on behalf of a person."""

    id: str
    name: str
    target_url: str
    event: str
    filter: str | None
    secret: str | None
    created: float
    owner_id: str
    owner_org_id: str
    client_id: str
    active: bool = True
    failures: list[float] = field(default_factory=list)  # the times of the latest
    deliveries: list[dict[str, Any]] = field(default_factory=list)

    def wants(self, client: Client) -> bool:
        """Whether the filter lets the service app through; without one, all apps of the developer (*live*)."""
        if self.filter is None:
            return True
        name, _equals, value = self.filter.partition("=")
        return name == "id" and decode(value) == decode(client.application_id)


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/webhooks", GET=list_webhooks, POST=create)
    table.add("/v1/webhooks/{id}", GET=show_webhook, PUT=update, DELETE=delete)


def integration(call: Call, scope: str) -> Token:
    """The token of the request: a service app may not have webhooks about service apps (*live*)."""
    token = call.require([scope])
    if token.kind != "integration":
        raise ApiError(403, FORBIDDEN)
    return token


def own(call: Call, scope: str) -> Webhook:
    """The webhook that the path names; one of another client is not found (*guess*)."""
    token = integration(call, scope)
    webhook = call.world.webhooks.get(call.parameters["id"])
    if webhook is None or webhook.client_id != token.client_id:
        raise ApiError(404, NOT_FOUND)
    return webhook


def text(body: dict[str, Any], name: str, required: bool = False) -> str | None:
    """A text of the body."""
    value = body.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not value:
        raise ApiError(400, f"{name} is required" if required else f"{name} is not valid")
    return value


def list_webhooks(call: Call) -> Response:
    """GET /webhooks: those of the client; `max` is 100 if it is not given."""
    token = integration(call, READ_SCOPE)
    items = [webhook for webhook in call.world.webhooks.values() if webhook.client_id == token.client_id]
    page, headers = call.page(items, 100)
    return answer({"items": [show(call, webhook) for webhook in page]}, headers=headers)


def create(call: Call) -> Response:
    """POST /webhooks: of the resources only serviceApp is simulated. The same one twice notifies twice (*guess*)."""
    token, body = integration(call, WRITE_SCOPE), call.json()
    name, target_url = text(body, "name", required=True), text(body, "targetUrl", required=True)
    if body.get("resource") != "serviceApp" or body.get("event") not in EVENTS:
        raise ApiError(400, "The resource or the event is not valid.")
    world = call.world
    webhook = Webhook(
        webex_id("WEBHOOK", f"{world.random.getrandbits(128):032x}"),
        str(name),
        str(target_url),
        body["event"],
        text(body, "filter"),
        text(body, "secret"),
        world.now(),
        token.person_id,
        token.org_id,
        str(token.client_id),
    )
    know_secret(world, webhook)
    world.webhooks[webhook.id] = webhook
    return answer(show(call, webhook))


def show_webhook(call: Call) -> Response:
    """GET /webhooks/{id}."""
    return answer(show(call, own(call, READ_SCOPE)))


def update(call: Call) -> Response:
    """PUT /webhooks/{id}: name, targetUrl, secret and status; active switches it on again, the rest is ignored (*spec*).

    What becomes of a secret that is not sent is not known; `put_webhook_secret` chooses, and losing it does more harm
    (*guess*).
    """
    webhook, body = own(call, WRITE_SCOPE), call.json()
    webhook.name = str(text(body, "name", required=True))
    webhook.target_url = str(text(body, "targetUrl", required=True))
    secret = text(body, "secret")
    if secret or call.world.config.put_webhook_secret == "lose":
        webhook.secret = secret
    if body.get("status") not in (None, "active"):
        raise ApiError(400, "The status is not valid.")
    if "status" in body:
        webhook.active, webhook.failures = True, []
    know_secret(call.world, webhook)
    return answer(show(call, webhook))


def delete(call: Call) -> Response:
    """DELETE /webhooks/{id}."""
    del call.world.webhooks[own(call, WRITE_SCOPE).id]
    return no_content()


def know_secret(world: World, webhook: Webhook) -> None:
    """Remember what must not leak."""
    if webhook.secret:
        world.secrets[webhook.secret] = "secret of a webhook"


def show(call: Call, webhook: Webhook) -> dict[str, Any]:
    """A webhook as JSON. The secret is among the fields (*spec*), which nobody has confirmed: `show_webhook_secret`."""
    shown = {
        "id": webhook.id,
        "name": webhook.name,
        "targetUrl": webhook.target_url,
        "resource": "serviceApp",
        "event": webhook.event,
        "filter": webhook.filter,
        "secret": webhook.secret if call.world.config.show_webhook_secret else None,
        "status": "active" if webhook.active else "inactive",
        "created": stamp(webhook.created),
        "ownedBy": "creator",
    }
    return {key: value for key, value in shown.items() if value is not None}


# -- notifications ------------------------------------------------------------------------------------------------


def notify(world: World, client: Client, org: Org, event: str) -> None:
    """Tell the webhooks that an admin has authorized a service app in an org, or has taken that back."""
    if event == "authorized":
        world.authorization_dates[client.client_id, org.id] = world.now()
    for webhook in list(world.webhooks.values()):
        if webhook.active and webhook.event == event and webhook.wants(client):
            body = json.dumps(notification(world, webhook, client, org)).encode()
            delivery = {"event": event, "org_id": org.id, "status": None}
            webhook.deliveries.append(delivery)
            # asyncio keeps no reference to a task.
            world.deliveries.append(asyncio.create_task(deliver(world, webhook, delivery, body)))


def notification(world: World, webhook: Webhook, client: Client, org: Org) -> dict[str, Any]:
    """What is sent. `data.id` is the service app, and the customer is `data.authorizerOrgId` (*live*).

    `appId` is the integration that owns the webhook, as in notifications of other resources, and the
    `authorizationDate` of a deauthorization is when the app was authorized (*guess*).
    """
    authorized_at = world.authorization_dates.get((client.client_id, org.id), org.created)
    return {
        "id": webhook.id,
        "name": webhook.name,
        "resource": "serviceApp",
        "event": webhook.event,
        "orgId": webhook.owner_org_id,
        "appId": webex_id("APPLICATION", webhook.client_id),
        "actorId": webhook.owner_id,
        "data": {
            "id": client.application_id,
            "authorizerOrgId": org.id,
            "authorizationDate": stamp(authorized_at),
        },
    }


async def deliver(world: World, webhook: Webhook, delivery: dict[str, Any], body: bytes) -> None:
    """Send it, once; 100 failures within 5 minutes switch the webhook off (*live*). Anything but 2xx is one (*guess*)."""
    headers = {"Content-Type": "application/json"}
    if webhook.secret:
        headers["X-Spark-Signature"] = hmac.new(webhook.secret.encode(), body, hashlib.sha1).hexdigest()
    delivery["status"] = await asyncio.to_thread(post, webhook.target_url, body, headers)
    if 200 <= delivery["status"] < 300:
        return
    now = world.now()
    webhook.failures = [at for at in webhook.failures if at > now - FAILURE_SECONDS] + [now]
    if len(webhook.failures) >= MOST_FAILURES:
        webhook.active = False


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; 0 if there is none."""
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with OPENER.open(request, timeout=ANSWER_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
    except (OSError, ValueError):
        return 0


def describe(world: World) -> list[dict[str, Any]]:
    """All webhooks with what they delivered: the status of the answer, null on the way, 0 if there was none."""
    return [
        {
            "id": webhook.id,
            "name": webhook.name,
            "event": webhook.event,
            "active": webhook.active,
            "failures": len(webhook.failures),
            "deliveries": webhook.deliveries,
        }
        for webhook in world.webhooks.values()
    ]
