# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for HashiCorp Vault and OpenBao on loopback: logins, tokens, policies, and KV version 2 secrets.

It follows the documented API and, where that is silent, what both servers do in their source. Where is what:

=================  ====================================================================
``__main__``       the command line: start, print the ready line, stop
``app``            the Vault side: token, login, engine
``kv``             the KV version 2 engine
``auth``           tokens, policies, and the logins by AppRole and JWT
``world``          everything together, and what a fresh server starts with
``faults``         failures to order, as a Vault would answer them
``control``        the control plane under ``/_vault``
``web``            the answers: Vault's envelope, and its errors
``process``        for tests: run the server as a subprocess (standard library only)
=================  ====================================================================

The way of a request, the journal, most of the faults and the process handling are those of ``tests.loopback``.
"""
