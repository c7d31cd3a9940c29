# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about tokens: refresh, mint, list and revoke, expiry, guests."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from starlette.responses import Response

from .ids import bare, decode
from .model import stamp
from .tokens import ACCESS_LIFETIME, LIFETIMES, REFRESH_LIFETIME, Client, Grant, Token
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, no_content

_DEAD = "The refresh token provided is expired, revoked, malformed, or invalid."


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/access_token", POST=refresh)
    table.add("/v1/applications/{id}/token", POST=mint)
    table.add("/v1/authorizations", GET=list_authorizations, DELETE=delete_authorizations)
    table.add("/v1/authorizations/tokenExpiry", GET=token_expiry)
    table.add("/v1/authorizations/{id}", DELETE=delete_authorization)
    table.add("/v1/guests/token", POST=guest_token)


def refresh(call: Call) -> Response:
    """POST /access_token. Of the grants only refresh_token is simulated: the others need a browser."""
    book, form = call.world.book, dict(parse_qsl(call.body.decode(errors="replace")))
    missing = [name for name in ("grant_type", "client_id", "client_secret", "refresh_token") if not form.get(name)]
    if missing or not call.content_type.startswith("application/x-www-form-urlencoded"):
        names = ", ".join(missing) or "application/x-www-form-urlencoded"
        return refuse(call, 400, "invalid_request", f"Missing required parameter: {names}")
    if form["grant_type"] != "refresh_token":
        return refuse(call, 400, "unsupported_grant_type", "The grant type is not supported.")
    client = book.clients.get(form["client_id"])
    if client is None or client.secret != form["client_secret"]:
        return refuse(call, 401, "invalid_client", "The client id or the client secret is wrong.")
    token = book.tokens.get(form["refresh_token"])
    if token is None or token.use != "refresh" or token.client_id != client.client_id or not token.alive(book.now()):
        return refuse(call, call.world.config.dead_refresh_status, call.world.config.refusal_error, _DEAD)
    grant = book.grants[token]
    access = book.renew(grant, call.world.config.rotate_refresh_tokens)
    return token_answer(call, grant, access)


def refuse(call: Call, status: int, error: str, description: str) -> Response:
    """A refusal: the OAuth body, or the same thing quoted in the usual Webex error body; both are *live*."""
    body = {"error": error, "error_description": description}
    if call.world.config.refusal_shape == "oauth":
        return answer(body, status)
    return ApiError(status, f"The identity broker answered {status}: {json.dumps(body)}").response()


def token_answer(call: Call, grant: Grant, access: Token) -> Response:
    """A token pair. Webex counts a second less than the lifetime at times; so does this. `scope` can be missing (*live*)."""
    body = {
        "access_token": access.value,
        "expires_in": ACCESS_LIFETIME - 1,
        "refresh_token": grant.refresh.value,
        "refresh_token_expires_in": REFRESH_LIFETIME - 1,
        "token_type": "Bearer",
    }
    if call.world.config.scope_in_answer:
        body["scope"] = " ".join(sorted(grant.scopes))
    return answer(body)


def mint(call: Call) -> Response:
    """POST /applications/{id}/token: a new pair for a service app, from the token of another client."""
    call.require(["spark:applications_token"])
    body = call.json()
    for name in ("clientId", "clientSecret", "targetOrgId"):
        if not body.get(name):
            raise ApiError(400, "Bad Request", f"{name} is required")
    wanted = decode(call.parameters["id"]).rpartition("/")[2]
    client = call.world.book.clients.get(wanted)
    if client is None or client.kind != "service_app":
        raise ApiError(404, NOT_FOUND)
    if body["clientId"] != client.client_id or body["clientSecret"] != client.secret:
        raise ApiError(401, "invalid_client")  # which status a wrong secret gets here is not known
    org = call.world.org_of(str(body["targetOrgId"]))
    if org is None or org.id not in client.authorized:
        raise ApiError(403, "Service App not authorized by Full Admin in Control Hub")
    account = call.world.machine_account(client, org)
    grant = call.world.book.grant(client, account.id, org.id, org.uuid)
    return token_answer(call, grant, grant.access[0])


def list_authorizations(call: Call) -> Response:
    """GET /authorizations: the living tokens of a person, not paged, without scopes."""
    call.require(["identity:tokens_read"])
    person_id, email = call.query.get("personId"), call.query.get("personEmail")
    if not person_id and not email:
        raise ApiError(400, "Either personId or personEmail must be provided.")
    person = call.world.account(person_id) if person_id else call.org.by_email(email or "")
    if person is None or person.org_id != call.org.id:
        raise ApiError(404, NOT_FOUND)
    book = call.world.book
    items = []
    for token in book.by_person.get(person.id, []):
        client = book.clients.get(token.client_id or "")
        if client and token.alive(book.now()):
            items.append(authorization(token, client))
    return answer({"items": items})


def authorization(token: Token, client: Client) -> dict[str, str]:
    """One item of the list."""
    return {
        "id": token.authorization_id,
        "applicationId": client.application_id,
        "applicationName": client.name,
        "personId": token.person_id,
        "clientId": client.client_id,
        "created": stamp(token.created),
        "type": token.use,
    }


def delete_authorization(call: Call) -> Response:
    """DELETE /authorizations/{id}: revoke one token; a refresh token takes its access tokens along."""
    call.require(["identity:tokens_write"])
    token = call.world.book.by_authorization.get(call.parameters["id"])
    if token is None or token.org_id != call.org.id or not token.alive(call.world.now()):
        raise ApiError(404, NOT_FOUND)
    grant = call.world.book.grants.get(token)
    if grant:
        grant.revoke()
    token.revoked = True
    return no_content()


def delete_authorizations(call: Call) -> Response:
    """DELETE /authorizations?clientId&orgId: revoke all that a client has in an org. It stays authorized there."""
    call.require(["identity:tokens_write"])
    client_id = call.query.get("clientId")
    if not client_id:
        raise ApiError(400, "clientId is required")
    if client_id not in call.world.book.clients:
        raise ApiError(404, NOT_FOUND)
    for grant in call.world.book.grants_of(client_id, call.org.id):
        grant.revoke()
    return no_content()


def token_expiry(call: Call) -> Response:
    """GET /authorizations/tokenExpiry: when the token of this request expires."""
    return answer({"exp": int(call.require().expires_at * 1000)})


def guest_token(call: Call) -> Response:
    """POST /guests/token: the same subject is the same guest; every call makes one more token."""
    token = call.require(["guest-issuer:write"])
    if token.kind != "service_app":
        raise ApiError(403, FORBIDDEN)
    body = call.json()
    for name in ("subject", "displayName"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise ApiError(400, f"{name} is required")
    org, world = call.org, call.world
    email = f"{bare(org.id)[:8]}-{body['subject'].encode().hex()[:48]}@appid.ciscospark.com"
    guest = world.special_account(org, "person", email, body["displayName"])
    issued = world.book.issue("access", "guest", guest.id, org.id, org.uuid, frozenset(), LIFETIMES["guest"])
    return answer(
        {
            "id": guest.id,
            "subject": body["subject"],
            "displayName": guest.display_name,
            "email": guest.email,
            "accessToken": issued.value,
            "expiresIn": LIFETIMES["guest"],
        }
    )
