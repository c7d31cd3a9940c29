# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about each refusal that is known: by cause for the token endpoint, else by errorCode, words, status.

Every entry has a line in docs/docsite/rst/guide_troubleshooting.rst; a test compares the two.
"""

from __future__ import annotations

import re

from ._errors import Refused, RequestError
from ._scope_catalogue import CALLS

# Where POST /applications/{id}/token is not offered (wxcli).
GOVERNMENT_HOST = "api-usgov.webex.com"

MINT_TOKENS = (
    "mint a new token pair for the service app (developer.webex.com, My Apps, the app, Org Authorizations: "
    "choose the org, enter the client secret, Generate Tokens)"
)

RENEW_INTEGRATION = (
    "let a user with the right roles consent to the integration again (OAuth authorization code grant), and give its new "
    "refresh token; or mint the service app's tokens in the developer portal and give that refresh token."
)

CHECK_INTEGRATION = (
    "check the integration's client id and secret (`integration.client_id`, `integration.client_secret`): they must be "
    "those of the integration that the refresh token is of. A lost secret can be regenerated in the developer portal, "
    "which makes the old one useless."
)

ADD_SCOPES = (
    "(1) Developer portal, My Webex Apps, the service app: tick the scopes and save. "
    "(2) Control Hub, Management, Apps, Service Apps: a full admin authorizes the app again. "
    f"(3) Then {MINT_TOKENS}, since refreshing keeps the old grant. "
    "A store goes on with its own refresh token as long as that works: empty it first (state=absent)."
)

USER_TOKEN = (
    "service apps cannot have the scopes for XSI, analytics, detailed call history and organization contacts; use the "
    "token of an integration, to which an admin with the right roles consents, for what needs them."
)

SCOPES_TOO_LONG = (
    "a service app's scopes, written in one line, must not be longer than about 880 characters: "
    "leave out what is not needed, or use two service apps."
)

BY_GRANT_CAUSE = {
    "dead_refresh_token": (
        f"the refresh token is expired, revoked or was replaced by a newer one; {MINT_TOKENS}, and give the new one as "
        "`refresh_token`. A refresh token expires 90 days after its last use (60 in the government cloud), "
        "so schedule a refresh well within that time."
    ),
    "wrong_client": (
        "check `client_id` and `client_secret`: they must belong to the service app that the refresh token was minted "
        "for. A lost secret can be regenerated in the developer portal, which makes the old one useless."
    ),
    "not_authorized": (
        "the service app is not authorized in that organization (Control Hub, Management, Apps, Service Apps: a full "
        "admin authorizes it), or the integration's token lacks the scope spark:applications_token."
    ),
    "not_offered": (
        f"the government cloud does not let an integration mint the tokens of a service app; {MINT_TOKENS}, and give the "
        "new refresh token as `refresh_token`. There it expires 60 days after its last use."
    ),
    "unknown_app": "check `client_id`: Webex knows no service app with it.",
    "other": "check `client_id`, `client_secret`, `refresh_token` and `base_url`.",
}

# errorCode of PATCH /licenses/users (Cisco's OpenAPI, operation "Assign Licenses to Users"); the last one is of removing
# numbers (wxcli).
BY_ERROR_CODE = {
    "400": "the location was not found; give a location of this org that `location_info` lists.",
    "400000": "the license is unknown in this org; give one that `license_info` lists.",
    "400112": "a user cannot be changed from Professional to Standard; remove the calling license first.",
    "400118": "Messenger licenses cannot be managed per user.",
    "400216": "the site URLs are not valid attendee sites of this org.",
    "400404": "the user has the other calling license (Professional or Standard); remove that one first.",
    "400406": "Standard does not go with Attendant Console; remove that license, or take Professional.",
    "400407": "Standard does not go with Customer Experience Essentials; remove that license, or take Professional.",
    "400408": "Attendant Console needs Webex Calling Professional; assign that first.",
    "400410": "a user cannot be changed from Customer Experience Essentials to Standard; remove that license first.",
    "400411": "a calling license needs its properties: a phone number, or an extension with a location.",
    "400413": "the user can hold only one of these licenses; remove the other one first.",
    "700003": "assign the free messaging license first.",
    "700004": "assign the free meetings license first.",
    "700005": "assign the free messaging license first.",
    "700006": "this license is implicit and cannot be removed; leave it out.",
    "ERR.V.TRM.TMN60004": "the PSTN of the location is integrated; give the numbers back in Control Hub, or to the provider.",
}

BY_WORDS = (
    (
        re.compile(r"\bError 4250\b", re.IGNORECASE),
        "the phone number must be in the location's inventory (`collabops.webex.number`, or Control Hub) and free.",
    ),
    (
        re.compile(r"calling flag not set", re.IGNORECASE),
        "the location is not enabled for Webex Calling; enable it (`collabops.webex.location`, or Control Hub) or name another.",
    ),
)

BY_STATUS = {
    400: "correct the value that the message names.",
    401: (
        "the access token is expired, revoked or malformed, a refresh token was given in its place, or the token is of another "
        "deployment than `base_url` (the government cloud has its own); correct that, or get a new one with "
        "`collabops.webex.service_app_token`."
    ),
    403: (
        "the token lacks a scope, or its owner an admin role; `collabops.webex.service_app_scopes_info` names the missing "
        f"scope. To add it: {ADD_SCOPES}"
    ),
    404: "check the id: it does not exist, or is not visible to this token.",
    405: "this deployment does not offer the call; check `base_url`.",
    409: "it conflicts with something that exists; look at the message.",
    423: "Webex has locked the resource for a while; run again later.",
    429: "Webex limits the rate of requests per token, and waiting did not help in time; run again later.",
}
NOT_WEBEX = "check `base_url` and `proxy`: a gateway in between may have answered. If they are right, run again."
CHECK_NETWORK = "check the network, `base_url`, `proxy`, `ca_path` and `timeout`; then run again."
CHECK_ROUTE = "check `base_url` and `proxy`."
CHECK_CERTIFICATE = (
    "name the certificate authority that signed it in `ca_path` (a proxy that opens TLS has one of its own); if the host "
    "is not the one that the certificate is for, correct `base_url`."
)
CHECK_PROXY = "check `proxy`: its user and password, and whether it lets this host through."
MORE_TIME = "run again: what is done stays done, and is found. If the module has `time_budget`, raise it, or give it less to do."
INTERRUPTED = "the run was interrupted; run again."
SERVER_FAILURE = (
    "Webex had a problem; run again. If it stays, look at status.webex.com and give Cisco's support the trackingId."
)


_WRONG_CLIENT = ("invalid_client", "client secret", "client_secret", "clientsecret", "client credentials")
_DEAD_TOKEN = ("invalid_grant", "refresh token", "refresh_token", "expired", "revoked")


def remedy_for(status: int, words: str, error_codes: list[str], request: str = "") -> str:
    """Return what to do about an answer to *request* with *status*, whose message and descriptions are *words*."""
    for pattern, remedy in BY_WORDS:
        if pattern.search(words):
            return remedy
    for code in error_codes:
        if code in BY_ERROR_CODE:
            return BY_ERROR_CODE[code]
    if status == 403:
        return f"{_scopes_of(request)}{BY_STATUS[403]}"
    return SERVER_FAILURE if status >= 500 else BY_STATUS.get(status, BY_STATUS[400])


# Refusals that a read which was old brings about: the plan did not fit what the user has.
_CONFLICTS = frozenset({"400112", "400404", "400410", "400413"})


def is_explained(error: RequestError) -> bool:
    """Tell whether a refusal has a cause that is known, and that is not the state of the user."""
    if not isinstance(error, Refused):
        return False
    if error.status not in (400, 409) or any(pattern.search(error.words) for pattern, _remedy in BY_WORDS):
        return True
    codes = set(error.error_codes)
    return bool(codes & BY_ERROR_CODE.keys()) and not codes & _CONFLICTS


def is_about_the_client(words: str) -> bool:
    """Tell whether a refusal is about the client id and secret that were named, and not about a token."""
    return any(sign in words.lower() for sign in _WRONG_CLIENT)


def grant_cause(status: int, words: str, *, minting: bool, host: str | None) -> str:
    """Return why *host* does not hand out a token: a key of BY_GRANT_CAUSE.

    By status and words, since the sentences differ between gateways (two shapes of the same refusal were seen).
    """
    if minting and host == GOVERNMENT_HOST:
        return "not_offered"
    if is_about_the_client(words):
        return "wrong_client"
    if minting:
        return {403: "not_authorized", 404: "unknown_app"}.get(status, "other")
    return "dead_refresh_token" if any(sign in words.lower() for sign in _DEAD_TOKEN) else "other"


def integration_remedy(cause: str) -> str:
    """Return what to do if an integration gets no token, by *cause*, a key of BY_GRANT_CAUSE."""
    return CHECK_INTEGRATION if cause == "wrong_client" else RENEW_INTEGRATION


def _scopes_of(request: str) -> str:
    for call in CALLS:
        if re.fullmatch(call.request, request):
            return f"{request} needs {' and '.join(' or '.join(group) for group in call.groups)}; "
    return ""
