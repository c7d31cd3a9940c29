# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the broker in processes of their own: with a store, tokens that can be used once, and steps to die at."""

from __future__ import annotations

import collections
import dataclasses
import fcntl
import http.client
import json
import os
import pathlib
import re
import signal
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import hvac
import requests
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.recovery import Recovery, default_folders
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.run_vault import RunVault
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_client import StoredClient
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import STORE_SPEC, open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.hashi_vault import LEASE_KEY

from tests.simulator.process import Simulator
from tests.vault_server.process import VaultServer

KINDS = ("vault_file", "vault_file_values", "hashi_vault")
REFRESH = "POST /access_token"
MINT = "POST /applications/*/token"
VERIFY = "GET /people/me"
# No proxy: the servers are on loopback. Made once: it reads all certificate authorities, which takes 50 ms of CPU.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
LONG_AGO = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=20)
SOON = LONG_AGO + timedelta(days=30)


class Custody:
    """A store, and the service app and the integration whose tokens it keeps. Every one has grants of its own."""

    def __init__(self, webex: Simulator, vault: VaultServer, folder: pathlib.Path, kind: str) -> None:
        self.webex, self.vault, self.kind, self.folder = webex, vault, kind, folder
        folder.mkdir()
        self.vault_timeout = 5.0
        app, integration = webex.credentials["service_app"], webex.credentials["integration"]
        self.app, self.integration = webex.token(kind="service_app"), webex.token(kind="integration")
        self.settings = Settings(
            base_url=webex.base_url,
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            refresh_token=self.app["refresh_token"],
            org_id=webex.credentials["org_id"],
            integration_client_id=integration["client_id"],
            integration_client_secret=integration["client_secret"],
            integration_refresh_token=self.integration["refresh_token"],
            timeout=5,
        )

    @property
    def path(self) -> pathlib.Path:
        """The vault file."""
        return self.folder / "token.yml"

    @property
    def keeps_client(self) -> bool:
        """Whether the store keeps the client too: two of the three do."""
        return self.kind != "vault_file"

    def open(self) -> Store:
        """The store, as a run opens it."""
        loader = DataLoader()
        loader.set_vault_secrets([("default", VaultSecret(b"correct horse"))])
        return open_store({**dict.fromkeys(STORE_SPEC), **self.store_options()}, loader)

    def store_options(self) -> dict[str, Any]:
        """The option ``store`` of a task."""
        if self.kind == "hashi_vault":
            where = {"path": f"webex/{self.folder.name}", "url": self.vault.url, "token": self.vault.root_token}
            return {"kind": "hashi_vault", "timeout": self.vault_timeout, "keep_client": self.keeps_client, **where}
        encrypt = "values" if self.kind == "vault_file_values" else "file"
        return {"kind": "vault_file", "path": str(self.path), "encrypt": encrypt, "keep_client": self.keeps_client}

    def run(self, force: bool = True, **settings: Any) -> Outcome:
        """One run, in this process."""
        asked = dataclasses.replace(self.settings, **settings)
        return obtain(self.open(), Request(asked, timedelta(days=1), force=force))

    def put(self, *, app_is_dead: bool = False, integration_is_expired: bool = False, expired: bool = False) -> None:
        """Store both token sets, as runs of some time ago have left them."""
        self.open().save(self.holding(app_is_dead, integration_is_expired, expired))
        # What the options have is as old as the first run.
        self.settings = dataclasses.replace(self.settings, refresh_token=None)

    def holding(
        self, app_is_dead: bool = False, integration_is_expired: bool = False, expired: bool = False
    ) -> StoredTokens:
        """Both token sets: living access tokens and refresh tokens, but for what is said."""
        org_id = self.webex.credentials["org_id"]
        app = TokenSet(
            access_token="another-access-token" if app_is_dead else self.app["access_token"],
            refresh_token="lost-in-an-earlier-run" if app_is_dead else self.app["refresh_token"],
            client_id=str(self.settings.client_id),
            obtained_at=LONG_AGO,
            expires_at=LONG_AGO if expired else SOON,
            org_id=org_id,
        )
        integration = TokenSet(
            access_token="expired-access-token" if integration_is_expired else self.integration["access_token"],
            refresh_token=self.integration["refresh_token"],
            client_id=str(self.settings.integration_client_id),
            obtained_at=LONG_AGO,
            expires_at=LONG_AGO if integration_is_expired else SOON,
        )
        if not self.keeps_client:
            return StoredTokens(app, integration)
        base_url = self.settings.base_url
        return StoredTokens(
            app,
            integration,
            StoredClient(app.client_id, str(self.settings.client_secret), base_url),
            StoredClient(integration.client_id, str(self.settings.integration_client_secret), base_url),
        )

    def put_recovery(self) -> None:
        """Leave a recovery file with the token of the service app; what the store has is dead then."""
        self.put(app_is_dead=True)
        saved = self.holding()
        app = dataclasses.replace(saved.service_app, obtained_at=LONG_AGO + timedelta(days=1))  # type: ignore[type-var]
        assert self.recovery().write(dataclasses.replace(saved, service_app=app), self.open().load())

    def recovery(self) -> Recovery:
        """The recovery file of this store."""
        return Recovery(self.open().identity, str(self.settings.client_secret))

    def end_lease(self) -> None:
        """Do not wait for the end of the lease that a run held in Vault when it died."""
        if self.kind == "hashi_vault":
            kv = hvac.Client(url=self.vault.url, token=self.vault.root_token).secrets.kv.v2
            path = f"webex/{self.folder.name}"
            data = kv.read_secret_version(path=path, raise_on_deleted_version=True)["data"]["data"]
            kv.create_or_update_secret(path=path, secret={key: data[key] for key in data if key != LEASE_KEY})

    def leftovers(self) -> list[str]:
        """Temporary files in the folder of the store, and recovery files of this store, whole or not."""
        temporary = [*self.folder.rglob("*.tmp"), *self.folder.rglob(".*.tmp")]
        return sorted({*map(str, temporary), *self.recovery().paths()})

    def check_whole(self, before: StoredTokens) -> StoredTokens:
        """The store can be read, and holds for each owner either what it held before or a whole new set."""
        held = self.open().load()
        for old, new in ((before.service_app, held.service_app), (before.integration, held.integration)):
            if old:
                assert new is not None
                changed = {new.access_token != old.access_token, new.refresh_token != old.refresh_token}
                assert changed in ({True}, {False}), f"half of it is new: {held}"
        return held

    def check_heals(self) -> Outcome:
        """The next run renews the token, keeps what it got, and leaves nothing else behind."""
        outcome = self.run()
        assert outcome.token_set is not None
        assert outcome.refreshed
        assert works(self.webex, outcome.token_set.access_token)
        held = self.open().load()
        assert held.service_app == outcome.token_set
        assert (held.client_of("service_app") is not None) is self.keeps_client
        assert not self.run(force=False).refreshed
        assert self.leftovers() == []
        return outcome


def works(webex: Simulator, access_token: str) -> bool:
    """Whether Webex takes the access token."""
    headers = {"Authorization": f"Bearer {access_token}"}
    request = urllib.request.Request(f"{webex.base_url}/people/me", headers=headers)
    try:
        with OPENER.open(request, timeout=30) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False


def asked(webex: Simulator) -> collections.Counter[tuple[str, int | None]]:
    """What the simulator was asked and answered, and how often."""
    return collections.Counter((label(entry["method"], entry["path"]), entry["status"]) for entry in webex.journal())


def label(method: str, path: str) -> str:
    """A request without its ids: ``POST /applications/*/token``."""
    return re.sub("/applications/[^/]+/", "/applications/*/", f"{method} {path.removeprefix('/v1')}")


# Steps


class Steps:
    """Calls *on_step* before, in and after everything that touches *folders*, a lock, a server or a cipher.

    It replaces functions of the standard library and of the product for good: use it in a process that ends soon.
    """

    def __init__(self, folders: list[pathlib.Path], on_step: Callable[[str], None]) -> None:
        self._folders = [str(folder) for folder in folders]
        self._step = on_step
        self._descriptors: dict[int, str] = {}
        self._begun: set[int] = set()
        self._request = ""
        self._leased = False
        self._wrap_files()
        self._around(fcntl, "flock", lambda descriptor, how: "flock")
        self._around(RunVault, "encrypt", lambda vault, *arguments: "encrypt")
        self._wrap_requests()

    def _name(self, path: object) -> str | None:
        """What to call a file of interest; None for another one."""
        text = self._descriptors.get(path, "") if isinstance(path, int) else os.fspath(path)  # type: ignore[call-overload]
        if not text.startswith(tuple(self._folders)):
            return None
        if text.endswith(".tmp"):
            return "temporary recovery file" if "recovery-" in text else "temporary file"
        if "recovery-" in text:
            return "recovery file"
        return {".yml": "store", ".lock": "lock file"}.get(os.path.splitext(text)[1], "folder")

    def _around(self, owner: Any, name: str, describe: Callable[..., str | None]) -> None:
        original = getattr(owner, name)

        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            what = describe(*arguments, **keywords)
            if what is None:
                return original(*arguments, **keywords)
            self._step(f"before {what}")
            result = original(*arguments, **keywords)
            self._step(f"after {what}")
            return result

        setattr(owner, name, wrapped)

    def _wrap_files(self) -> None:
        def of(call: str) -> Callable[..., str | None]:
            def describe(path: object, *_rest: object, **_options: object) -> str | None:
                name = self._name(path)
                return name and f"{call} {name}"

            return describe

        original_open, original_write = os.open, os.write

        def tracking_open(path: Any, *arguments: Any, **keywords: Any) -> int:
            descriptor = original_open(path, *arguments, **keywords)
            self._descriptors[descriptor] = os.fspath(path)
            self._begun.discard(descriptor)
            return descriptor

        def halving_write(descriptor: int, data: Any) -> int:
            """Write half, and then the other half."""
            name = self._name(descriptor)
            if not name:
                return original_write(descriptor, data)
            if descriptor not in self._begun:
                self._begun.add(descriptor)
                self._step(f"before write {name}")
                count = original_write(descriptor, data[: len(data) // 2])
                self._step(f"in write {name}")
                return count
            self._begun.discard(descriptor)
            count = original_write(descriptor, data)
            self._step(f"after write {name}")
            return count

        os.open, os.write = tracking_open, halving_write
        for call in ("open", "fsync", "ftruncate", "replace", "unlink"):
            self._around(os, call, of(call))

    def _wrap_requests(self) -> None:
        original_send, original_answer = requests.adapters.HTTPAdapter.send, http.client.HTTPConnection.getresponse

        def send(adapter: Any, request: Any, *arguments: Any, **keywords: Any) -> Any:
            self._request = self._describe(request.method, urllib.parse.urlsplit(request.url).path, request.body)
            self._step(f"before {self._request}")
            response = original_send(adapter, request, *arguments, **keywords)
            self._step(f"after {self._request}")
            return response

        def getresponse(connection: Any, *arguments: Any, **keywords: Any) -> Any:
            self._step(f"in {self._request}")
            return original_answer(connection, *arguments, **keywords)

        requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign,assignment]
        http.client.HTTPConnection.getresponse = getresponse  # type: ignore[method-assign,assignment]

    def _describe(self, method: str, path: str, body: Any) -> str:
        if "/data/" not in path:
            return label(method, path)
        if method == "GET":
            return "read of Vault"
        if LEASE_KEY not in json.loads(body)["data"]:
            return "release in Vault"
        known, self._leased = self._leased, True
        return "save in Vault" if known else "lease in Vault"


@dataclasses.dataclass
class Run:
    """A run of the broker in a process of its own, and the steps it made."""

    process: int
    pipe: int
    steps: list[str] = dataclasses.field(default_factory=list)
    times: list[float] = dataclasses.field(default_factory=list)
    killed: bool = False
    failure: str = ""

    def kill(self) -> None:
        """Send SIGKILL; it may have ended by itself."""
        os.kill(self.process, signal.SIGKILL)

    def end(self, may_fail: bool = False) -> Run:
        """Wait for its end."""
        with os.fdopen(self.pipe, "rb") as file:
            steps, _mark, self.failure = file.read().decode().partition("Traceback")
        lines = [line.partition(" ") for line in steps.splitlines()]
        self.times, self.steps = [float(when) for when, _blank, _step in lines], [step for _when, _blank, step in lines]
        status = os.waitpid(self.process, 0)[1]
        self.killed = os.WIFSIGNALED(status)
        assert not self.killed or os.WTERMSIG(status) == signal.SIGKILL
        assert may_fail or not self.failure, self.failure
        return self

    def seconds_between(self, first: str, then: str) -> float:
        """How long it took from one step to the next of that name after it."""
        number = self.steps.index(first)
        return self.times[self.steps.index(then, number)] - self.times[number]

    @property
    def last(self) -> str:
        """The step at which it ended; a run that has only begun has made none."""
        return self.steps[-1] if self.steps else "before the first step"


def start(custody: Custody, kill_at: int | None = None, on_step: Callable[[str], None] = lambda step: None) -> Run:
    """Fork a run, which kills itself at the step with this number; *on_step* is called in it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return Run(process, reading)
    try:
        count = 0

        def step(name: str) -> None:
            nonlocal count
            os.write(writing, f"{time.monotonic()} {name}\n".encode())
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            on_step(name)

        Steps([custody.folder, *map(pathlib.Path, default_folders())], step)
        custody.run()
    except BaseException:
        os.write(writing, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)


def timed(action: Callable[[], object]) -> float:
    """How many seconds it takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began
