# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run the simulator as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

import sys
from typing import Any

from ..loopback.running import Running


class Simulator(Running):
    """A running simulator: ``with Simulator() as webex: ... webex.base_url ... webex.journal()``."""

    module = "tests.simulator"

    def __init__(
        self, python: str = sys.executable, port: int = 0, seed: int | None = None, timeout: float = 20
    ) -> None:
        super().__init__(python, port, timeout, *(() if seed is None else ("--seed", str(seed))))

    @property
    def base_url(self) -> str:
        """The base URL of the Webex API."""
        return str(self.credentials["base_url"])

    @property
    def host_url(self) -> str:
        """The same without the version: SCIM is there."""
        return self.base_url.removesuffix("/v1")

    def fail_at_random(self, retry_after: int | None = None) -> None:
        """Let 10 % of all calls fail until `clear_faults`, in seven ways; a 429 may have a `Retry-After`."""
        for fault in (
            {"kind": "status", "status": 429, "retry_after": retry_after},
            {"kind": "status", "status": 500},
            {"kind": "status", "status": 502},
            {"kind": "reset"},
            {"kind": "timeout", "seconds": 2},
            {"kind": "apply_then_fail", "status": 500},
            {"kind": "truncated"},
        ):
            self.fault(times=None, probability=0.0149, **fault)

    def state(self) -> dict[str, Any]:
        """The whole org."""
        return dict(self.control("GET", "/state"))

    def person(self, email: str) -> dict[str, Any]:
        """A person of the state, by any address; KeyError if there is none. A name without @ is one of example.com."""
        address = email if "@" in email else f"{email}@example.com"
        for person in self.state()["people"]:
            if address.lower() in (known.lower() for known in (person["email"], *person["aliases"])):
                return dict(person)
        raise KeyError(address)

    def license(self, name: str, subscription: str | None = None) -> dict[str, Any]:
        """The first license of the state with this name or id; KeyError if there is none."""
        for license in self.state()["licenses"]:
            if name in (license["name"], license["id"]) and subscription in (None, license["subscription"]):
                return dict(license)
        raise KeyError(name)

    def location(self, name: str) -> dict[str, Any]:
        """A location of the state, by its name; KeyError if there is none."""
        return dict({location["name"]: location for location in self.state()["locations"]}[name])

    def number(self, phone_number: str) -> dict[str, Any]:
        """A number of the state; KeyError if there is none."""
        return dict({number["phone_number"]: number for number in self.state()["numbers"]}[phone_number])

    def add_person(self, email: str, **options: Any) -> dict[str, Any]:
        """A new person; the options are those of POST /people of the control plane."""
        return dict(self.control("POST", "/people", {"email": email, **options}))

    def change_person(self, email: str, **changes: Any) -> dict[str, Any]:
        """Change the `aliases`, `alternate_numbers` or `directory_numbers` of a person."""
        return dict(self.control("PATCH", f"/people/{email}", changes))

    def add_license(self, name: str, **options: Any) -> dict[str, Any]:
        """A new license (`subscription`, `total_units`, `tier`, `implicit`, `holders`)."""
        return dict(self.control("POST", "/licenses", {"name": name, **options}))

    def change_license(self, license: str, **changes: Any) -> dict[str, Any]:
        """Change the license with this name or id (`total_units`, `consumed_by_workspaces`, `tier`, `implicit`, `name`)."""
        return dict(self.control("PATCH", f"/licenses/{license}", changes))

    def add_numbers(self, location: str, *numbers: str, **options: Any) -> dict[str, Any]:
        """New numbers, or a feature with an extension; the options are those of POST /numbers of the control plane."""
        return dict(self.control("POST", "/numbers", {"location": location, "numbers": list(numbers), **options}))

    def add_device(self, email: str, product: str = "Cisco 8865") -> dict[str, Any]:
        """A new telephone of a person."""
        return dict(self.control("POST", "/devices", {"email": email, "product": product}))

    def change_location(self, location: str, **changes: Any) -> dict[str, Any]:
        """Change the location with this name or id (`pstn`)."""
        return dict(self.control("PATCH", f"/locations/{location}", changes))

    def stale(self, seconds: float, *kinds: str) -> None:
        """Let reads be stale for some seconds after a write: `person`, `people`, `holders`, `numbers`, `counts`, `locations`, `settings`, or all."""
        kinds = kinds or ("person", "people", "holders", "numbers", "counts", "locations", "settings")
        self.configure(**{f"stale_{kind}": seconds for kind in kinds})

    def service_app(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """Change a service app (`scopes`, `authorized`, `regrant`, `expire`, `revoke`; in one `org` or in all)."""
        return dict(self.control("PATCH", f"/service_apps/{client_id}", changes))

    def add_organizations(self, *names: str, **options: Any) -> list[dict[str, str]]:
        """Customers of the default org; the options are those of POST /organizations of the control plane."""
        return list(self.control("POST", "/organizations", {"names": list(names), **options})["organizations"])

    def token(self, **options: Any) -> dict[str, str]:
        """A token (`kind`, `scopes`, `lifetime`, `org`, `person`)."""
        return dict(self.control("POST", "/tokens", options))
