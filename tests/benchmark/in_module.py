# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that the benchmark starts: runs one module as its process does, and measures it from within."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import resource
import sys
import time
from pathlib import Path

from ansible.module_utils import basic


def peak() -> float:
    """Return the most memory that this process had so far, in MiB."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    # In bytes on macOS, and with what the parent had.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main(order_path: str, measure_path: str) -> None:
    """Run what is ordered; the module's own answer is the result."""
    order = json.loads(Path(order_path).read_text(encoding="utf-8"))
    module = importlib.import_module(f"ansible_collections.collabops.webex.plugins.modules.{order['module']}")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": order["arguments"]}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    del order
    answer = io.StringIO()
    start = time.monotonic()
    with contextlib.redirect_stdout(answer), contextlib.suppress(SystemExit):
        module.main()
    measure = {"work": time.monotonic() - start, "cpu": time.process_time(), "memory": peak()}
    result = json.loads(answer.getvalue())
    kept = {key: result[key] for key in ("counts", "failed", "msg") if key in result}
    Path(measure_path).write_text(json.dumps({**measure, "result": kept}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
