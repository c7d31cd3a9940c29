# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks that tell when a customer authorizes a service app, or takes that back (Cisco's OpenAPI, Webhooks).

Webex registers one webhook for each event, and switches one off whose deliveries fail (Cisco's webhook guide).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ._checks import flaw_of
from ._client import WebexClient
from ._errors import BrokenAnswer, OptionError, Refused, RequestError, WebexError
from ._ids import as_segment, same_id
from ._remedies import GOVERNMENT_HOST, NOT_WEBEX
from ._settings import check_secret, is_loopback

PATH = "/webhooks"
RESOURCE = "serviceApp"
EVENTS = ("authorized", "deauthorized")
CREATE, UPDATE, DELETE, NONE = "create", "update", "delete", "none"
ON_CREATE, IF_DIFFERENT, ALWAYS = "on_create", "if_different", "always"
# What is shown of a webhook: not its secret, which Webex may answer.
SHOWN = ("id", "name", "targetUrl", "event", "filter", "status", "created")

INTEGRATION_TOKEN = (
    "use the access token of an integration of the service app's developer. Webhooks about service apps need the scopes "
    "application:webhooks_read and application:webhooks_write, which a service app cannot use for that."
)


@dataclass(frozen=True)
class WantedWebhook:
    """What is to be registered, for each of *events*; without *target_url* and *secret* it can only be deleted."""

    name: str
    application_id: str
    events: tuple[str, ...] = EVENTS
    target_url: str = ""
    secret: str = field(default="", repr=False)
    update_secret: str = IF_DIFFERENT

    def check(self) -> WantedWebhook:
        """Return itself; raises OptionError for a name, an id, an address or a secret that cannot be one."""
        if not self.name.strip():
            raise OptionError("name", "is empty.", "give some text.")
        if flaw := flaw_of(self.application_id):
            raise OptionError("application_id", f"{flaw}.", "give the bare value, or that of `client_id`.")
        if not self.events:
            raise OptionError("events", "is empty.", f"name {' or '.join(EVENTS)}, or both.")
        return self

    def check_target(self) -> WantedWebhook:
        """Return itself; raises OptionError for what cannot be registered."""
        _check_target_url(self.target_url)
        check_secret("secret", self.secret)
        return self

    def is_meant_by(self, webhook: dict[str, Any], event: str) -> bool:
        """Tell whether *webhook*, as Webex shows it, is this one for *event*; the address may differ."""
        filter_name, _equals, value = str(webhook.get("filter") or "").partition("=")
        return (
            webhook.get("name") == self.name
            and webhook.get("resource") == RESOURCE
            and webhook.get("event") == event
            and filter_name == "id"
            and same_id(value, self.application_id)
        )

    def changes_of(self, webhook: dict[str, Any]) -> dict[str, Any]:
        """Return what of *webhook* is not as wanted, by field, with the wanted value.

        Cisco's description has the secret among what Webex shows. If it is not shown, only ALWAYS replaces it.
        """
        wanted = {"targetUrl": self.target_url, "status": "active"}
        changes = {key: value for key, value in wanted.items() if webhook.get(key) != value}
        shown_secret = webhook.get("secret")
        is_different = self.update_secret == IF_DIFFERENT and bool(shown_secret) and shown_secret != self.secret
        if self.update_secret == ALWAYS or is_different:
            changes["secret"] = self.secret
        return changes


@dataclass(frozen=True)
class Step:
    """What is to be done about one webhook: an action, *before* as Webex shows it, and the fields that change."""

    action: str
    event: str
    before: dict[str, Any] = field(default_factory=dict, repr=False)
    changes: dict[str, Any] = field(default_factory=dict, repr=False)

    def after(self, wanted: WantedWebhook) -> dict[str, Any]:
        """Return the webhook as it is to be, as far as it is known before."""
        if self.action == DELETE:
            return {}
        application = {"filter": f"id={wanted.application_id}"} if self.action == CREATE else {}
        return {**self.before, "name": wanted.name, "event": self.event, **application, **self.changes}


def refuse_government_cloud(client: WebexClient) -> None:
    """Raise OptionError if *client* asks the government cloud, which has no webhooks about service apps (wxcli)."""
    if client.host == GOVERNMENT_HOST:
        raise OptionError(
            "base_url",
            "the government cloud does not offer webhooks about service apps.",
            "put a new customer into your list of organizations, and give the refresh token that its admin has minted.",
        )


def webhooks_of(client: WebexClient) -> list[dict[str, Any]]:
    """Return all webhooks of the token's owner. Raises Refused, and BrokenAnswer for a list of something else."""
    try:
        webhooks = list(client.pages(PATH, "items", max=100))
    except Refused as error:
        raise _with_remedy(error) from None
    if any(not isinstance(webhook, dict) or flaw_of(webhook.get("id")) for webhook in webhooks):
        raise BrokenAnswer(f"GET {PATH} was answered with no list of webhooks.", NOT_WEBEX, request=f"GET {PATH}")
    client.scrub.add(_secrets_of(webhooks))
    return webhooks


def plan_present(wanted: WantedWebhook, webhooks: list[dict[str, Any]]) -> list[Step]:
    """Return a step for each wanted event; further ones of the same name, event and app go: they would notify twice."""
    steps = []
    for event in wanted.events:
        same = [webhook for webhook in webhooks if wanted.is_meant_by(webhook, event)]
        if same:
            changes = wanted.changes_of(same[0])
            steps.append(Step(UPDATE if changes else NONE, event, same[0], changes))
        else:
            steps.append(Step(CREATE, event, changes=wanted.changes_of({})))
        steps += [Step(DELETE, event, webhook) for webhook in same[1:]]
    return steps


def plan_absent(wanted: WantedWebhook, webhooks: list[dict[str, Any]]) -> list[Step]:
    """Return a step for each webhook that is to be deleted."""
    return [
        Step(DELETE, event, webhook)
        for event in wanted.events
        for webhook in webhooks
        if wanted.is_meant_by(webhook, event)
    ]


def carry_out(client: WebexClient, wanted: WantedWebhook, step: Step) -> dict[str, Any]:
    """Carry *step* out; return the webhook as Webex answers it, or an empty one. Raises RequestError, WebexError."""
    client.scrub.add([wanted.secret] if wanted.secret else [])
    try:
        if step.action == CREATE:
            webhook = _create(client, wanted, step.event)
        elif step.action == UPDATE:
            webhook = client.put(f"{PATH}/{as_segment(step.before['id'])}", _put_body(wanted)).data
        else:
            return _delete(client, step) if step.action == DELETE else step.before
    except Refused as error:
        raise _with_remedy(error) from None
    if not isinstance(webhook, dict) or webhook.get("status") != "active":
        raise WebexError(
            f"Webex took the webhook for {step.event}, but does not say that it is active.",
            "run again; if that does not help, delete the webhook and register it anew.",
        )
    return webhook


def shown(webhook: dict[str, Any]) -> dict[str, Any]:
    """Return of a webhook what may be shown."""
    return {key: webhook[key] for key in SHOWN if key in webhook}


def difference(wanted: WantedWebhook, steps: list[Step]) -> dict[str, Any]:
    """Return what changes, by event, before and after; of a secret only that it is set."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        if step.action == NONE:
            continue
        secret = {"secret": "set anew"} if "secret" in step.changes or step.action == CREATE else {}
        if step.before:
            before.setdefault(step.event, []).append(shown(step.before))
        if step.action != DELETE:
            after.setdefault(step.event, []).append({**shown(step.after(wanted)), **secret})
    return {"before": before, "after": after}


def _create(client: WebexClient, wanted: WantedWebhook, event: str) -> Any:
    """Register a webhook, once: if it is not clear whether Webex did, look."""
    body = {**_put_body(wanted), "resource": RESOURCE, "event": event, "filter": f"id={wanted.application_id}"}
    del body["status"]
    try:
        return client.post(PATH, body).data
    except RequestError as error:
        if not error.unclear:
            raise
        made = [webhook for webhook in webhooks_of(client) if wanted.is_meant_by(webhook, event)]
        if not made:
            raise
        return made[0]


def _delete(client: WebexClient, step: Step) -> dict[str, Any]:
    try:
        client.delete(f"{PATH}/{as_segment(step.before['id'])}")
    except Refused as error:
        if error.status != 404:
            raise
    return {}


def _put_body(wanted: WantedWebhook) -> dict[str, Any]:
    """Return all that a PUT can change. Whether a secret that is not sent stays is not documented: it is always sent."""
    return {"name": wanted.name, "targetUrl": wanted.target_url, "secret": wanted.secret, "status": "active"}


def _secrets_of(webhooks: Iterable[dict[str, Any]]) -> list[str]:
    return [webhook["secret"] for webhook in webhooks if isinstance(webhook.get("secret"), str) and webhook["secret"]]


def _with_remedy(error: Refused) -> Refused:
    if error.status == 403:
        error.remedy = INTEGRATION_TOKEN
    return error


def _check_target_url(url: str) -> None:
    right = "give the HTTPS address at which Webex reaches the receiver."
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or flaw_of(url):
        raise OptionError("target_url", "is not a URL with a scheme and a host.", right)
    if "@" in parts.netloc:
        raise OptionError("target_url", "has a user or a password in it.", right)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise OptionError("target_url", f"{url!r} is not HTTPS.", right)
