# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs steps, a few at once, each in a copy of the repository of its own, and reports on them."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import typing as t

import environments

LOGS = environments.VENV / "logs"
# However busy the machine is, no check may fail for it; yet a command that hangs ends before CI ends the run at 90 minutes.
RUN_SECONDS = 80 * 60
COMMAND_SECONDS = 40 * 60
POLL_SECONDS = 0.05
LONG_LOG = 100_000
END_OF_LOG = 20_000
# A check must not depend on what a developer's shell happens to hold: real credentials, or that no bytecode be kept.
FOREIGN_VARIABLES = ("ANSIBLE_", "WEBEX_", "SERVICE_APP_", "PYTHON", "VIRTUAL_ENV")

Variables = t.Mapping[str, str]

_started = time.monotonic()
_processes: set[Process] = set()


class Failed(Exception):
    """A step found something wrong; the message says what."""


class Process(subprocess.Popen[str]):
    """A command, and the seconds of processor time that it and its children took, when it has ended."""

    processor_seconds = 0.0

    def __init__(self, command: t.Sequence[str], **options: t.Any) -> None:
        """Start it in a session of its own."""
        self._lock = threading.Lock()
        super().__init__(command, text=True, start_new_session=True, **options)

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs."""
        with self._lock:
            if self.returncode is None:
                pid, status, usage = os.wait4(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
                    self.processor_seconds = usage.ru_utime + usage.ru_stime
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status when it has ended; TimeoutExpired if that takes more than so many seconds."""
        deadline = time.monotonic() + (COMMAND_SECONDS if timeout is None else timeout)
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or COMMAND_SECONDS)
            time.sleep(POLL_SECONDS)
        return status


class Workplace:
    """Where a step does its work: a copy of the repository, an environment, and a log."""

    def __init__(self, root: pathlib.Path, environment: str, log: t.IO[str]) -> None:
        """Lay the copy under ``root``, as ansible_collections/collabops/webex, and make the environment ready."""
        self.root = root
        self.collection = root / "ansible_collections" / "collabops" / "webex"
        self.log = log
        self.processor_seconds = 0.0
        self.python_version, _python = environments.choose_python(environment)
        self.environment = environment
        self._copy_repository()
        self.venv = environments.make(environment, log)
        self.home = self.venv / "home"
        self.home.mkdir(exist_ok=True)
        self.variables = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN_VARIABLES)} | {
            "ANSIBLE_COLLECTIONS_PATH": str(root),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "PATH": f"{self.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }

    def _copy_repository(self) -> None:
        """Copy what git knows or would add, so that whatever is ignored stays out."""
        listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listing, cwd=environments.ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            source, target = environments.ROOT / name, self.collection / name
            if os.path.lexists(source):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=self.collection, stdout=self.log, stderr=self.log, check=True)

    def output(self) -> str:
        """Return what the log of the step holds so far."""
        return pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str, cwd: pathlib.Path | None = None, variables: Variables | None = None) -> None:
        """Run a command of the environment, in the copy unless told otherwise; it must succeed."""
        with self.start(*command, cwd=cwd, variables=variables) as process:
            status = process.wait(max(1.0, min(COMMAND_SECONDS, _started + RUN_SECONDS - time.monotonic())))
        if status:
            raise subprocess.CalledProcessError(status, command)

    @contextlib.contextmanager
    def start(
        self,
        *command: str,
        stdout: t.IO[str] | None = None,
        cwd: pathlib.Path | None = None,
        variables: Variables | None = None,
    ) -> t.Iterator[Process]:
        """Start a command of the environment; it and its children end with the block."""
        print("$", *command, file=self.log, flush=True)
        process = Process(
            command,
            cwd=cwd or self.collection,
            env={**self.variables, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout or self.log,
            stderr=self.log,
        )
        _processes.add(process)
        try:
            yield process
        finally:
            _end(process)
            _processes.discard(process)
            self.processor_seconds += process.processor_seconds


def _end(process: Process) -> None:
    """End a command and its children, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(10)


@dataclasses.dataclass(frozen=True)
class Step:
    """One check: its name, the environment and the path in the repository that it needs, what it does, and with which tool.

    The tool is the package whose version the report names.
    """

    name: str
    environment: str
    needs: str
    action: t.Callable[[Workplace], None]
    tool: str = "ansible-core"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a step ended: ``ok``, ``FAILED`` or ``skipped``, on what, its seconds, also of a processor, and what there is to say."""

    verdict: str
    versions: str
    seconds: float
    processor_seconds: float
    remark: str


def run_steps(steps: t.Sequence[Step]) -> bool:
    """Run the steps and say whether none failed; a line tells when each begins and ends, and what a failed one printed.

    A table of all steps comes at the end.
    Three more at once than there are processors: the long ones wait half of their time.
    """
    at_once = (os.cpu_count() or 1) + 3
    start = time.monotonic()
    # SIGINT too: what a shell starts in the background ignores it, and so would all that is started here and tests it.
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.default_int_handler)
    environments.say(f"{len(steps)} steps, {at_once} at once; the output of each is in .venv/{LOGS.name}/")
    environments.pythons()
    outcomes: dict[str, Outcome] = {}
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        running = {}
        for number, step in enumerate(steps, 1):
            label = f"[{number:{len(str(len(steps)))}}/{len(steps)}] {step.name}"
            running[pool.submit(_run_step, step, label)] = step, label
        try:
            for future in concurrent.futures.as_completed(running):
                (step, label), outcome = running[future], future.result()
                outcomes[step.name] = outcome
                _report(step, label, outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(_processes):
                _end(process)
            raise
    print(f"\n{_table([(step.name, outcomes[step.name]) for step in steps])}\n")
    verdicts = [outcome.verdict for outcome in outcomes.values()]
    failed = [step.name for step in steps if outcomes[step.name].verdict == "FAILED"]
    if failed:
        print(f"Failed: {', '.join(failed)}")
    counts = f"{verdicts.count('ok')} passed, {len(failed)} failed, {verdicts.count('skipped')} skipped"
    used = sum(outcome.processor_seconds for outcome in outcomes.values())
    print(f"{counts}, {_duration(time.monotonic() - start, used)}", flush=True)
    return not failed


def _table(results: t.Sequence[tuple[str, Outcome]]) -> str:
    """Return a table of steps: name, versions, result, seconds, and seconds of a processor."""
    rows = [("gate", "on", "result", "s", "processor s")]
    for name, outcome in results:
        rows.append(
            (name, outcome.versions, outcome.verdict, f"{outcome.seconds:.0f}", f"{outcome.processor_seconds:.0f}")
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    layout = "  ".join(f"{{:{side}{width}}}" for side, width in zip("<<<>>", widths, strict=True))
    return "\n".join(layout.format(*row) for row in rows)


def _duration(seconds: float, processor_seconds: float) -> str:
    """How long something took, and how much of a processor: on a busy machine, only the latter can be compared."""
    return f"{seconds:.0f} s, {processor_seconds:.0f} s of a processor"


def _report(step: Step, label: str, outcome: Outcome) -> None:
    """Print how a step ended, and its output if it failed: all of it, or the end if it is very long."""
    remark = f": {outcome.remark}" if outcome.verdict == "skipped" else ""
    duration = _duration(outcome.seconds, outcome.processor_seconds)
    environments.say(f"{label} ... {outcome.verdict} {duration}{remark}")
    if outcome.verdict == "FAILED":
        log = _log_path(step).read_text(encoding="utf-8", errors="replace")
        if len(log) > LONG_LOG:
            log = f"[...]\n{log[-END_OF_LOG:]}"
        print(f"----- {step.name} -----\n{log.rstrip()}\n{outcome.remark}\n----- end of {step.name} -----", flush=True)


def _log_path(step: Step) -> pathlib.Path:
    """Where the output of a step is kept."""
    return LOGS / f"{step.name.replace(' ', '-')}.log"


def _run_step(step: Step, label: str) -> Outcome:
    """Run a step in a workplace of its own, which is removed afterwards."""
    environments.say(f"{label} ...")
    start = time.monotonic()
    verdict, versions, remark, used = "ok", "", "", 0.0
    LOGS.mkdir(parents=True, exist_ok=True)
    _log_path(step).unlink(missing_ok=True)  # another run that still writes to it keeps its own file
    with (
        open(_log_path(step), "w", encoding="utf-8") as log,
        tempfile.TemporaryDirectory(prefix="webex-check-") as root,
    ):
        try:
            workplace = Workplace(pathlib.Path(root), step.environment, log)
            versions = environments.versions(step.environment, step.tool)
            if not (workplace.collection / step.needs).exists():
                raise environments.Unavailable(f"no {step.needs}")
            try:
                step.action(workplace)
            finally:
                used = workplace.processor_seconds
        except environments.Unavailable as reason:
            verdict, remark = "skipped", str(reason)
        except Exception as error:  # a broken step is a failed step, never the end of the others
            verdict, remark = "FAILED", f"{type(error).__name__}: {error}"
    return Outcome(verdict, versions, time.monotonic() - start, used, remark)
