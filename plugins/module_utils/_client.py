# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP client for everything that is asked of Webex: bounded, careful about what it sends again and to whom."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ._answers import broken_answer, data_of, next_page_of, no_success, refusal
from ._errors import BrokenAnswer, Interrupted, NoAnswer, OutOfTime, Refused, RequestError
from ._line import OUTAGE_PATIENCE, Line
from ._network import reason_of, route_to_webex, unreachable
from ._remedies import CHECK_NETWORK, INTERRUPTED, MORE_TIME, NOT_WEBEX
from ._requirements import check_packages
from ._retry import DEFAULT_RETRY_AFTER, Outage, Repeats
from ._scrub import Scrubber
from ._settings import Settings, proxy_secrets
from ._throttle import Throttle, TooLate, Traffic
from ._transport import NotConnected, UselessBody, failures, is_never_sent, read_body

with contextlib.suppress(ImportError):  # check_packages() says so
    import requests
    import urllib3

# All the requests and waits of one task together, in seconds.
WAIT_BUDGET = 300.0
# A request that was sent just before the end gets so many seconds for its answer: what it did is then known.
ANSWER_GRACE = 1.0
# So many pages one after the other that bring nothing new are no list that ends some day.
MOST_IDLE_PAGES = 10
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "collabops.webex"}


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

    def __init__(
        self,
        settings: Settings,
        budget: float = WAIT_BUDGET,
        pace: Throttle | None = None,
        *,
        outage_patience: float = OUTAGE_PATIENCE,
        line: Line | None = None,
    ) -> None:
        """Connect with *settings*; all requests and waits together are bounded at *budget* seconds.

        After that no request is sent, and one that is under way has ANSWER_GRACE seconds more for its answer.

        Threads that share the client share a *pace*, which also tells how many connections are kept. A server that has
        answered and then cannot be connected to is waited for, at most *outage_patience* seconds. Clients that share a
        *line* share all of that, and the line stays open after them. Raises OptionError if the certificates that an
        option or the environment names cannot be read.
        """
        check_packages()
        self._settings = settings
        self._budget = budget
        self._deadline = time.monotonic() + budget
        self._owns_line = line is None
        self._line = line or Line(
            pace or Throttle(1, time.monotonic, time.sleep), Outage(outage_patience, time.monotonic)
        )
        self._pace, self._outage = self._line.pace, self._line.outage
        self._route = route_to_webex(settings)
        # Makes a text from outside fit to be shown: a gateway may quote what it was sent.
        self.scrub = Scrubber([*settings.secrets(), *proxy_secrets(*self._route.proxies.values())])
        self._traffic = Traffic()
        self._seconds_under_way = 0.0
        self._traffic_lock = threading.Lock()
        if not settings.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def __enter__(self) -> WebexClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._owns_line:
            self._line.close()

    @property
    def time_left(self) -> float:
        """How many seconds of the budget are left; less than 0 when it is used up."""
        return self._deadline - time.monotonic()

    @property
    def traffic(self) -> Traffic:
        """What was sent so far, and how long it was held back."""
        sent = self._traffic
        return Traffic(sent.requests, sent.throttled, sent.waited + self._pace.waited)

    @property
    def requests_per_second(self) -> float | None:
        """How many requests a second go at the present pace, as measured so far; None before the first answer."""
        if self._pace.rate or not self._seconds_under_way:
            return self._pace.rate
        return self._pace.most * self._traffic.requests / self._seconds_under_way

    @property
    def org_params(self) -> dict[str, str]:
        """The query parameter that names the organization, if the task names one."""
        return {"orgId": self._settings.org_id} if self._settings.org_id else {}

    @property
    def host(self) -> str | None:
        """The host that is asked: it tells one deployment of Webex from another."""
        return urlsplit(self._settings.base_url).hostname

    @property
    def host_url(self) -> str:
        """The URL of the host, without the version of the API: SCIM is there (wxc_sdk)."""
        return self._settings.base_url.removesuffix("/v1")

    @property
    def token(self) -> str:
        """The access token that is used, or nothing: its form tells something of its kind."""
        return self._settings.access_token or ""

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON of ``GET path``."""
        return self._send("GET", path, params=params).data

    def pages(self, path: str, key: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the objects under *key* of every page of a list, following ``Link: <url>; rel="next"`` (RFC 8288).

        Raises NoAnswer if page after page brings nothing new.
        """
        answer = self._send("GET", path, params=params)
        seen: set[str] = set()
        previous: list[Any] = []
        idle = 0
        while True:
            items = (answer.data or {}).get(key) or []
            if not isinstance(items, list):
                raise BrokenAnswer(f"GET {path} was answered with no list under `{key}`.", NOT_WEBEX, unclear=True)
            yield from items
            if not answer.next_url or answer.next_url in seen:
                return
            idle = idle + 1 if not items or items == previous else 0
            if idle >= MOST_IDLE_PAGES:
                raise NoAnswer(
                    f"GET {path}: {idle} pages in a row have nothing new, and there is always a next one.", NOT_WEBEX
                )
            previous = items
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
        self.scrub.add(secrets)
        return self._send("POST", path, params=params, json=body)

    def delete(self, path: str, body: Mapping[str, Any] | None = None, /, **params: Any) -> Answer:
        """Send ``DELETE path``, with *body* as JSON if there is one."""
        return self._send("DELETE", path, params=params, json=body)

    def post_form(self, path: str, form: Mapping[str, str], secrets: list[str], *, is_awaited: bool = False) -> Answer:
        """Send ``POST path`` with *form* URL-encoded and without a bearer token, once; *secrets* stay out of errors.

        *is_awaited*: the answer must not be given up before the budget is used up, whatever ``settings.timeout`` says.
        """
        self.scrub.add(secrets)
        return self._send("POST", path, data=form, bearer=False, is_awaited=is_awaited)

    def _send(self, method: str, path: str, **options: Any) -> Answer:
        """Return the answer to a request; every error of the client passes here, and is fit to be shown from here on."""
        try:
            return self._send_patiently(method, path, **options)
        except RequestError as error:
            error.clean(self.scrub)
            raise

    def _send_patiently(
        self, method: str, path: str, *, bearer: bool = True, is_awaited: bool = False, **body: Any
    ) -> Answer:
        url = self._same_origin(path)
        request = f"{method} {urlsplit(url).path.removeprefix(urlsplit(self._settings.base_url).path)}"
        repeats = Repeats(method, self._outage)
        is_unclear = False
        while True:
            try:
                with self._pace.turn(self.time_left):
                    if self._line.is_stopped:
                        raise Interrupted(f"{request}: not sent.", INTERRUPTED, request=request)
                    if self.time_left <= 0:
                        raise self._out_of_time(request)
                    return self._exchange(method, url, request, bearer, is_awaited, body)
            except TooLate:
                raise self._out_of_time(request) from None
            except RequestError as error:
                error.was_sent_before, is_unclear = is_unclear, is_unclear or error.unclear
                pause = repeats.pause_after(error)
                if pause is None or pause > self.time_left:
                    raise
                self._wait_to_repeat(error, pause)

    def _wait_to_repeat(self, error: RequestError, pause: float) -> None:
        """Wait *pause* seconds after *error*: alone, or with all other workers if it is the same for them."""
        if isinstance(error, Refused):
            if error.status == 429:
                return  # everybody waits for their next turn
            if error.retry_after:
                self._count(waited=pause)
        elif error.hits_everybody:
            self._pace.hold(pause)
            return
        if pause:
            time.sleep(pause)

    def _exchange(
        self, method: str, url: str, request: str, bearer: bool, is_awaited: bool, body: dict[str, Any]
    ) -> Answer:
        """Send the request once, and return its answer or raise what is wrong with it."""
        left = self.time_left + ANSWER_GRACE
        timeout = min(self._settings.timeout, left)
        token = self._settings.access_token
        headers = {**HEADERS, "Authorization": f"Bearer {token}"} if bearer and token else HEADERS
        self._count(requests=1)
        has_begun, sent_at = False, time.monotonic()
        try:
            response = self._line.send(
                requests.Request(method, url, headers, **body).prepare(),
                lambda: self.time_left + ANSWER_GRACE,
                stream=True,
                timeout=(timeout, left if is_awaited else timeout),
                verify=self._route.verify,
                proxies=self._route.proxies,
            )
            has_begun = True
            self._outage.is_over()
            content = read_body(response)
            self._seconds_under_way += time.monotonic() - sent_at
        except NotConnected as error:
            raise self._not_connected(error, request) from None
        except UselessBody as flaw:
            raise broken_answer(response, request, str(flaw)) from None
        except failures() as error:
            raise self._no_answer(error, request, has_begun) from None
        if response.status_code >= 400:
            refused = refusal(response, content, request)
            if refused.status == 429:
                self._count(throttled=1)
                self._pace.slow_down(refused.retry_after or DEFAULT_RETRY_AFTER)
            raise refused
        if not 200 <= response.status_code < 300:
            raise no_success(response, request)
        data = data_of(response, content, request)
        return Answer(response.status_code, data, next_page_of(response.links, str(response.url)))

    def _count(self, requests: int = 0, throttled: int = 0, waited: float = 0.0) -> None:
        with self._traffic_lock:
            sent = self._traffic
            self._traffic = Traffic(sent.requests + requests, sent.throttled + throttled, sent.waited + waited)

    def _same_origin(self, path: str) -> str:
        """Return the URL of *path*; a full URL (of a next page) only if the token may go there."""
        base = self._settings.base_url
        if path.startswith("/") and not path.startswith("//"):
            return base + path
        try:
            target = urlsplit(path)
        except ValueError:
            raise NoAnswer("The address of the next page is no URL.", NOT_WEBEX) from None
        if target[:2] != urlsplit(base)[:2]:
            raise NoAnswer(
                f"The next page lies on another host ({target.hostname}), where the token is not sent.",
                "check `base_url`: name the host that Webex itself names.",
            )
        return path

    def _not_connected(self, error: NotConnected, request: str) -> NoAnswer:
        if self.time_left <= 0:
            return self._out_of_time(request)
        return unreachable(error.__cause__, request, self._netloc)

    def _no_answer(self, error: Exception, request: str, has_begun: bool) -> NoAnswer:
        unclear = not is_never_sent(error)
        if self.time_left <= 0:
            return self._out_of_time(request, unclear)
        return (BrokenAnswer if has_begun else NoAnswer)(
            f"{request}: no answer from {self._netloc} ({reason_of(error)}).",
            CHECK_NETWORK,
            request=request,
            unclear=unclear,
            passing=unclear,
        )

    def _out_of_time(self, request: str, was_sent: bool = False) -> OutOfTime:
        how_far = "no complete answer" if was_sent else "not sent"
        return OutOfTime(
            f"{request}: {how_far}. The task's {self._budget:g} seconds are used up.",
            MORE_TIME,
            request=request,
            unclear=was_sent,
        )

    @property
    def _netloc(self) -> str:
        return urlsplit(self._settings.base_url).netloc
