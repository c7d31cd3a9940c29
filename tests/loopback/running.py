# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run a server as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds `tests`

# No proxy: the servers are on loopback. Made once: it reads all certificate authorities, which takes 50 ms of CPU.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Self = TypeVar("Self", bound="Running")


class Running:
    """A running server that prints a ready line, and has a control plane with journal, faults and settings."""

    module: str  # what `python -m` runs

    def __init__(self, python: str = sys.executable, port: int = 0, timeout: float = 20, *options: str) -> None:
        self._command = [python, "-m", self.module, "--port", str(port), *options]
        self._timeout = timeout
        self._errors: IO[str] | None = None  # what the process writes to standard error
        self._process: subprocess.Popen[str] | None = None
        self.credentials: dict[str, Any] = {}

    def __enter__(self: Self) -> Self:
        """Start it, and wait until it is ready."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it, and pass on what it complained about."""
        if said := self.stop():
            print(said, file=sys.stderr)

    def start(self) -> None:
        """Start the process and read its ready line; RuntimeError, with what it said, if it does not get ready."""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._process = process
        assert process.stdout is not None
        # A kill ends the wait for the line, whatever the process does.
        timer = threading.Timer(self._timeout, process.kill)
        timer.start()
        line = process.stdout.readline()
        timer.cancel()
        if not line:
            raise RuntimeError(f"{self.module} did not start: {self.stop() or 'it said nothing'}")
        self.credentials = json.loads(line)

    def stop(self) -> str:
        """End the process, first politely, then not; answers what it complained about on standard error."""
        process, self._process = self._process, None
        if process is None or process.stdout is None or self._errors is None:
            return ""
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        with self._errors:
            self._errors.seek(0)
            return self._errors.read().strip()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None, f"{self.module} does not run"
        return self._process.pid

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call to the control plane; ValueError when it refuses."""
        request = urllib.request.Request(
            self.credentials["control_url"] + urllib.parse.quote(path),
            method=method,
            headers={"Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with OPENER.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(f"{method} {path}: {error.read().decode(errors='replace')}") from None

    def journal(self) -> list[dict[str, Any]]:
        """Every request since the start, the last reset or `clear_journal`."""
        return list(self.control("GET", "/journal")["requests"])

    def writes(self) -> list[dict[str, Any]]:
        """The journalled requests other than GET."""
        return [request for request in self.journal() if request["method"] != "GET"]

    def clear_journal(self) -> None:
        """Forget the requests."""
        self.control("DELETE", "/journal")

    def reset(self, **options: Any) -> dict[str, Any]:
        """A fresh state; the options are those of the `reset` of its world."""
        self.credentials = self.control("POST", "/reset", options)
        return self.credentials

    def secrets(self) -> dict[str, str]:
        """Every secret that the process ever knew, before resets too, and what each is."""
        return dict(self.control("GET", "/secrets")["secrets"])

    def configure(self, **changes: Any) -> dict[str, Any]:
        """Change settings; answers all of them."""
        return dict(self.control("PATCH", "/config", changes))

    def fault(self, **order: Any) -> dict[str, Any]:
        """Order a failure (`kind`, `path`, `method`, `times`, ...)."""
        return dict(self.control("POST", "/faults", order))

    def faults(self) -> list[dict[str, Any]]:
        """The failures ordered, with how often each struck (`hits`)."""
        return list(self.control("GET", "/faults")["faults"])

    def clear_faults(self) -> None:
        """Cancel all orders."""
        self.control("DELETE", "/faults")

    def down(self) -> None:
        """Refuse connections until `up`, as a server does that is restarted; its control plane answers."""
        self.control("POST", "/down")

    def up(self) -> None:
        """Accept connections again."""
        self.control("POST", "/up")
