# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-ins for other people's servers have in common: Webex, HashiCorp Vault and the AWX controller.

================  ====================================================================
``service``       the way of a request: journal, faults, handler, latency
``routes``        which handler answers which method and path
``faults``        failures to order
``journal``       what was asked, without secrets
``settings``      what can be switched while a server runs
``world``         the state that each of them has
``control``       the part of the control plane that each of them has
``serving``       listens on loopback, says when it is ready, stops with its parent
``running``       for tests: run a server as a subprocess (standard library only)
``waiting``       for tests: wait for what another process does
``answer``        for the servers' own tests: one request, and what came back of it
================  ====================================================================
"""
