# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this run is a job of AWX or Ansible Automation Platform, in a container that ends with it."""

from __future__ import annotations

import os
from collections.abc import Mapping

# AWX sets them in every job.
JOB_VARIABLES = ("AWX_PRIVATE_DATA_DIR", "JOB_ID")
# What a job is mounted into: its project, its inventory and its credentials. Gone with the job, as is the container's own "/".
OF_THE_JOB = ("/", "/runner")


def is_in_job(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether this run is a job of AWX: what it leaves in its container is gone when it ends."""
    environ = os.environ if environ is None else environ
    return any(environ.get(name) for name in JOB_VARIABLES)


def ends_with_the_job(folder: str, environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether what is written into *folder* is gone when this job ends: it is below no mount of its own."""
    return is_in_job(environ) and _mount_point(folder) in OF_THE_JOB


def _mount_point(folder: str) -> str:
    path = os.path.realpath(folder)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path
