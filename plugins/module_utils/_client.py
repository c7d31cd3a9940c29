# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP client for everything that is asked of Webex: bounded, careful about what it sends again and to whom."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from ._errors import (
    BrokenAnswer,
    NoAnswer,
    Refused,
    WebexError,
)
from ._remedies import NOT_WEBEX, remedy_for
from ._settings import Settings
from ._throttle import Throttle

REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import MaxRetryError
    from urllib3.util.retry import Retry

    REQUESTS_IMPORT_ERROR = None
except ImportError:
    Retry = object  # type: ignore[assignment,misc]
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

# All the waiting of one task together, and for one Retry-After, in seconds.
WAIT_BUDGET = 300.0
LONGEST_WAIT = 60.0

SAFE_TO_REPEAT = frozenset({"GET", "PUT", "DELETE"})
PASSING_FAILURES = frozenset({423, 500, 502, 503, 504})
READ_ATTEMPTS = 3


class WebexRetry(Retry):
    """What may be sent again (wxcli's rule, after an incident on a live organization).

    GET, PUT and DELETE after 429, a passing failure and a lost connection; POST and PATCH after 429 and where no
    connection was made, never after 5xx or a lost answer, since the call may have half happened.
    """

    deadline: float = float("inf")
    pace: Throttle | None = None

    @classmethod
    def until(cls, deadline: float, pace: Throttle | None = None) -> WebexRetry:
        """Return the rules for a task that ends by *deadline* (``time.monotonic()``) and goes at a common *pace*."""
        retry = cls(
            total=6,
            connect=3,
            read=3,
            backoff_factor=0.3,
            allowed_methods=SAFE_TO_REPEAT,
            respect_retry_after_header=True,
            raise_on_status=False,
        )
        retry.deadline = deadline
        retry.pace = pace
        return retry

    def new(self, **changes: Any) -> WebexRetry:
        successor = super().new(**changes)
        successor.deadline = self.deadline
        successor.pace = self.pace
        return successor

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if time.monotonic() >= self.deadline:
            return False
        return status_code == 429 or (method.upper() in SAFE_TO_REPEAT and status_code in PASSING_FAILURES)

    def increment(self, *args: Any, **kwargs: Any) -> WebexRetry:
        response = kwargs.get("response")
        wait = self.get_retry_after(response) if response is not None else None
        if self.pace and response is not None and response.status == 429:
            self.pace.slow_down(min(wait or 1.0, max(self.deadline - time.monotonic(), 0)))
        if time.monotonic() + (wait or 0) > self.deadline:
            # urllib3 then hands on the answer, or the error, that there is.
            raise MaxRetryError(kwargs["_pool"], kwargs.get("url") or "", kwargs.get("error"))
        return super().increment(*args, **kwargs)

    def get_retry_after(self, response: Any) -> float | None:
        try:
            wait = super().get_retry_after(response)
        except urllib3.exceptions.InvalidHeader:
            return None
        return None if wait is None else min(wait, LONGEST_WAIT)

    def sleep(self, response: Any = None) -> None:
        super().sleep(response)
        if self.pace:
            # Somebody else may have been told to wait longer meanwhile.
            self.pace.rest()

    def get_backoff_time(self) -> float:
        return min(super().get_backoff_time(), LONGEST_WAIT, max(self.deadline - time.monotonic(), 0))


@dataclass(frozen=True)
class Answer:
    """A successful answer: its HTTP status, its JSON (None when the body is empty), and the next page's URL."""

    status: int
    data: Any
    next_url: str | None = None


class WebexClient:
    """A session with the Webex API at ``settings.base_url``, as the owner of ``settings.access_token``.

    Use it in a ``with`` statement. Every method raises NoAnswer or Refused; no message ever holds a secret.
    """

    def __init__(self, settings: Settings, budget: float = WAIT_BUDGET, pace: Throttle | None = None) -> None:
        """Connect with *settings*; all requests and waits together are bounded at *budget* seconds.

        Threads that share the client share a *pace*, which also tells how many connections are kept.
        """
        if REQUESTS_IMPORT_ERROR is not None:
            raise WebexError(
                "The Python package requests is missing.",
                "install it for the Python that runs this task: python3 -m pip install requests.",
            )
        self._settings = settings
        self._secrets = settings.secrets()
        self._deadline = time.monotonic() + budget
        self._turn = pace.turn if pace else nullcontext
        self._session = requests.Session()
        connections = pace.most if pace else 1
        adapter = HTTPAdapter(
            max_retries=WebexRetry.until(self._deadline, pace), pool_connections=connections, pool_maxsize=connections
        )
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers.update({"Accept": "application/json", "User-Agent": "collabops.webex"})
        self._read_environment()
        if not settings.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def _read_environment(self) -> None:
        """Take proxies and certificates from the environment where no option names them, once for all requests.

        requests would look there again for each, and into a netrc file, whose credentials would replace ours.
        """
        settings, session = self._settings, self._session
        proxies: dict[str, str] = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
        verify = (settings.ca_path or True) if settings.validate_certs else False
        found = session.merge_environment_settings(settings.base_url, proxies, None, verify, None)
        session.proxies, session.verify = found["proxies"], found["verify"]
        session.trust_env = False

    def __enter__(self) -> WebexClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._session.close()

    @property
    def time_left(self) -> float:
        """How many seconds of the budget are left; less than 0 when it is used up."""
        return self._deadline - time.monotonic()

    @property
    def org_params(self) -> dict[str, str]:
        """The query parameter that names the organization, where the task names one."""
        return {"orgId": self._settings.org_id} if self._settings.org_id else {}

    @property
    def host(self) -> str | None:
        """The host that is asked: it tells one deployment of Webex from another."""
        return urlsplit(self._settings.base_url).hostname

    @property
    def token(self) -> str:
        """The access token that is used, or nothing: its form tells something of its kind."""
        return self._settings.access_token or ""

    def scrub(self, text): return self._scrub(text)
    class _T:
        def shown(self): return {}
    traffic=_T()
    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON of ``GET path``."""
        return self._send("GET", path, params=params).data

    def pages(self, path: str, key: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the objects under *key* of every page of a list, following ``Link: <url>; rel="next"`` (RFC 8288)."""
        answer = self._send("GET", path, params=params)
        seen: set[str] = set()
        while True:
            yield from (answer.data or {}).get(key) or []
            if not answer.next_url or answer.next_url in seen:
                return
            seen.add(answer.next_url)
            answer = self._send("GET", answer.next_url)

    def patch(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send ``PATCH path`` with *body* as JSON, once."""
        return self._send("PATCH", path, json=body)

    def put(self, path: str, body: Mapping[str, Any], **params: Any) -> Answer:
        """Send ``PUT path`` with *body* as JSON."""
        return self._send("PUT", path, params=params, json=body)

    def post(self, path: str, body: Mapping[str, Any], secrets: Iterable[str] = (), **params: Any) -> Answer:
        """Send ``POST path`` with *body* as JSON, once; *secrets* stay out of errors."""
        self._secrets.extend(secrets)
        return self._send("POST", path, params=params, json=body)

    def delete(self, path: str, **params: Any) -> Answer:
        """Send ``DELETE path``."""
        return self._send("DELETE", path, params=params)

    def post_form(self, path: str, form: Mapping[str, str], secrets: list[str]) -> Answer:
        """Send ``POST path`` with *form* URL-encoded and without a bearer token, once; *secrets* stay out of errors."""
        self._secrets.extend(secrets)
        return self._send("POST", path, data=form, bearer=False)

    def _send(self, method: str, path: str, *, bearer: bool = True, **body: Any) -> Answer:
        url = self._same_origin(path)
        request = f"{method} {urlsplit(url).path.removeprefix(urlsplit(self._settings.base_url).path)}"
        attempts = READ_ATTEMPTS if method == "GET" else 1
        while True:
            attempts -= 1
            try:
                with self._turn():
                    return self._exchange(method, url, request, bearer, body)
            except BrokenAnswer:
                # urllib3 repeats requests; an answer that turns out broken while it is read is ours to repeat.
                if not attempts or time.monotonic() >= self._deadline:
                    raise

    def _exchange(self, method: str, url: str, request: str, bearer: bool, body: dict[str, Any]) -> Answer:
        timeout = min(self._settings.timeout, max(self._deadline - time.monotonic(), 1.0))
        token = self._settings.access_token
        try:
            response = self._session.request(
                method,
                url,
                headers={"Authorization": f"Bearer {token}"} if bearer and token else None,
                timeout=timeout,
                # A redirect is an error: the token, or a client secret in the form, would go along.
                allow_redirects=False,
                **body,
            )
        except requests.RequestException as error:
            raise self._no_answer(error, request) from None
        if response.is_redirect:
            raise NoAnswer(
                f"{request} was answered with a redirect to another address "
                f"({urlsplit(response.headers['location']).hostname or 'the same host'}), which is not followed.",
                "check `base_url` and `proxy`.",
                request=request,
            )
        if response.status_code >= 400:
            raise self._refusal(response, request)
        return self._answer(response, request)

    def _same_origin(self, path: str) -> str:
        """Return the URL of *path*; a full URL (of a next page) only if the token may go there."""
        base = self._settings.base_url
        if not path.startswith(("http://", "https://")):
            return base + path
        if urlsplit(path)[:2] != urlsplit(base)[:2]:
            raise NoAnswer(
                f"The next page lies on another host ({urlsplit(path).hostname}), where the token is not sent.",
                "check `base_url`: name the host that Webex itself names.",
            )
        return path

    def _answer(self, response: requests.Response, request: str) -> Answer:
        data, flaw = None, ""
        if response.content:
            try:
                data = response.json()
                flaw = "" if isinstance(data, dict) else "a body that is not a JSON object"
            except ValueError:
                flaw = "a body that is not JSON"
        elif request.startswith("GET "):
            flaw = "an empty body"
        if flaw:
            raise BrokenAnswer(
                f"{request} was answered with {response.status_code} and {flaw} "
                f"({response.headers.get('content-type') or 'no content type'}).",
                NOT_WEBEX,
                request=request,
                unclear=True,
            )
        return Answer(response.status_code, data, response.links.get("next", {}).get("url"))

    def _refusal(self, response: requests.Response, request: str) -> Refused:
        try:
            body = response.json()
        except ValueError:
            body = None
        reason, descriptions, codes = _said(body if isinstance(body, dict) else {})
        words = " ".join([reason, *descriptions])
        return Refused(
            request=request,
            status=response.status_code,
            reason=self._scrub(reason or _phrase(response)),
            descriptions=[self._scrub(text) for text in descriptions],
            error_codes=codes,
            tracking_id=_tracking_id(body, response),
            remedy=remedy_for(response.status_code, words, codes, request) if isinstance(body, dict) else NOT_WEBEX,
            unclear=response.status_code >= 500,
        )

    def _no_answer(self, error: requests.RequestException, request: str) -> NoAnswer:
        broke_off = isinstance(
            error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
        )
        host = urlsplit(self._settings.base_url).netloc
        return (BrokenAnswer if broke_off else NoAnswer)(
            f"{request}: no answer from {host} ({self._scrub(_reason(error))}).",
            "check the network, `base_url`, `proxy`, `ca_path` and `timeout`; then run again.",
            request=request,
            unclear=not _never_connected(error),
        )

    def _scrub(self, text: str) -> str:
        """Return *text* without the secrets of this session: a gateway may quote what it was sent."""
        for secret in self._secrets:
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(form, "***")
        return text


def _never_connected(error: requests.RequestException) -> bool:
    """Tell whether the request never left: then Webex cannot have carried it out."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)) or isinstance(
        reason,
        (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.SSLError,
        ),
    )


def _reason(error: requests.RequestException) -> str:
    """Return the innermost plain reason: 'Connection refused', 'timed out', a TLS complaint."""
    cause: Any = error
    while True:
        inner = getattr(cause, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in getattr(cause, "args", ()) if isinstance(part, BaseException)), None)
        if inner is None:
            break
        cause = inner
    text = getattr(cause, "strerror", None) or str(cause)
    return text.rsplit(": ", 1)[-1] or type(cause).__name__


def _said(body: dict[str, Any]) -> tuple[str, list[str], list[str]]:
    """Return message, descriptions and error codes of either shape: Webex's own, or OAuth's (RFC 6749, 5.2)."""
    listed = body.get("errors")
    errors = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    descriptions = [str(entry["description"]) for entry in errors if entry.get("description")]
    codes = [str(entry["errorCode"]) for entry in errors if entry.get("errorCode") is not None]
    if body.get("error_description"):
        descriptions.append(str(body["error_description"]))
    return str(body.get("message") or body.get("error") or ""), descriptions, codes


def _tracking_id(body: Any, response: requests.Response) -> str | None:
    in_body = body.get("trackingId") if isinstance(body, dict) else None
    return str(in_body) if in_body else response.headers.get("trackingid")


def _phrase(response: requests.Response) -> str:
    kind = response.headers.get("content-type", "").split(";")[0] or "nothing"
    try:
        phrase = HTTPStatus(response.status_code).phrase
    except ValueError:
        phrase = "an unknown status"
    return f"{phrase} (the body was {kind})"
