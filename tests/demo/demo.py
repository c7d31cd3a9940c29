# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, end to end, against a Webex that runs on loopback. `make demo` calls it; it needs no account."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
sys.path.insert(0, str(ROOT))

from tests.simulator.process import Simulator

CONFIGURATION = """\
[defaults]
collections_path = collections
vault_password_file = vault_password
localhost_warning = false

[inventory]
inventory_unparsed_warning = false
"""


def prepare(folder: Path) -> None:
    """Install the collection into *folder*, with a configuration, a vault password and a list of users."""
    (folder / "ansible.cfg").write_text(CONFIGURATION, encoding="utf-8")
    password = folder / "vault_password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    shutil.copy(ROOT / "tests" / "demo" / "users.csv", folder)
    install = [str(BIN / "ansible-galaxy"), "collection", "install", str(ROOT), "-p", "collections", "--offline"]
    subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def run(folder: Path, webex: Simulator, title: str, playbook: str, *arguments: str) -> str:
    """Run a playbook of the collection as a user would, and return what it printed."""
    words = ["ansible-playbook", f"collabops.webex.{playbook}", *arguments]
    print(f"\n\033[1m{title}\033[0m\n$ {' '.join(words)}", flush=True)
    app = webex.credentials["service_app"]
    environment = {
        **os.environ,
        "WEBEX_BASE_URL": webex.base_url,
        "WEBEX_CLIENT_ID": app["client_id"],
        "WEBEX_CLIENT_SECRET": app["client_secret"],
        "WEBEX_REFRESH_TOKEN": app["refresh_token"],
        # Another name than the usual one, which stays free for the real thing.
        "WEBEX_VAULT_FILE": "demo_token.yml",
        "NO_PROXY": "127.0.0.1",
    }
    process = subprocess.Popen(
        [BIN / words[0], *words[1:]], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE
    )
    output = ""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        output += line
    if process.wait():
        raise SystemExit(f"{words[1]} failed with exit status {process.returncode}")
    return output


def enabled(webex: Simulator) -> list[str]:
    """Return a line for everybody who has calling."""
    people = [person for person in webex.state()["people"] if person["location"]]
    return [
        f"{one['email']}: {one['licenses'][-1]}, {one['location']}, extension {one['extension'] or 'none'}, "
        f"number {one['phone_number'] or 'none'}"
        for one in people
    ]


def main() -> None:
    """Show it, and fail if the second pass changes anything."""
    start = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="webex-demo-"))
    print(f"Starting a Webex on loopback, and installing the collection into {folder} ...", flush=True)
    users = ("-e", "calling_users_src=users.csv")
    with Simulator() as webex:
        prepare(folder)
        before = enabled(webex)
        run(folder, webex, "1. Refresh the token, and keep it in a vault file", "refresh_token")
        run(folder, webex, "2. Validate the seven scopes", "validate_scopes")
        run(folder, webex, "3. Enable the users of a CSV file", "enable_calling_users", *users)
        webex.clear_journal()
        again = run(folder, webex, "4. Once more: nothing is left to do", "enable_calling_users", *users)
        writes = webex.writes()
        people = "".join(f"\n  {line}" for line in enabled(webex) if line not in before)
    if not re.search(r"changed=0 .*failed=0 ", again) or writes:
        raise SystemExit("the second pass changed something")
    print(f"""
\033[1mDone\033[0m in {time.monotonic() - start:.0f} s. The token was refreshed once, its scopes were validated, and these people have calling now:{people}
The second pass sent no request that writes. The Webex of this demo ran on this machine, and is gone.

The files are in {folder}. The tokens in them are worthless now. Look at them, or remove them, but keep no real token there:
  demo_token.yml   the tokens, encrypted with ansible-vault; in vars_files it yields webex_access_token
  vault_password   the password for it
  users.csv        the users
  ansible.cfg      where ansible-playbook finds the collection and the password

The real thing, in a folder of your own, with a vault password that you keep elsewhere ("Use Cases" in README.md has all steps):
  {BIN / "ansible-galaxy"} collection install {ROOT}
  {BIN / "ansible-playbook"} collabops.webex.first_token --ask-vault-pass
  {BIN / "ansible-playbook"} collabops.webex.enable_calling_users --ask-vault-pass -e calling_users_src=users.csv""")


if __name__ == "__main__":
    main()
