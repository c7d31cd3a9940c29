# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that the benchmark starts: sends requests from several threads with one client, as fast as it may.

The order: ``requests`` in all, ``workers``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._settings import resolve
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle


def main(order_path: str, measure_path: str) -> None:
    """Do what is ordered."""
    order = json.loads(Path(order_path).read_text(encoding="utf-8"))
    todo, lock = iter(range(order["requests"])), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if next(todo, None) is None:
                    return
            client.get("/people/me")

    with WebexClient(resolve({}, os.environ), 600, Throttle(order["workers"])) as client:
        threads = [threading.Thread(target=work) for _number in range(order["workers"])]
        start, cpu = time.monotonic(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        measure = {"work": time.monotonic() - start, "cpu": time.process_time() - cpu, "memory": 0.0}
        result = client.traffic.shown()
    Path(measure_path).write_text(json.dumps({**measure, "result": result}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
