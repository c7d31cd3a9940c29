# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Webex that runs on loopback: state, OAuth, paging, limits, faults, and a journal of every request.

Where is what:

=================  ====================================================================
``__main__``       the command line: start, print the ready line, stop
``app``            the way of a request: journal, faults, rate limit, handler, latency
``api``            the Webex calls about people, licenses, locations, numbers, orgs
``jobs``           the job that moves a user to another location
``oauth``          the Webex calls about tokens
``licensing``      the rules of Webex Calling: licenses, locations, extensions, numbers
``state``          an org and what is in it, with its indexes
``tokens``         clients, grants and tokens of all kinds
``world``          everything together, and the org that a fresh simulator starts with
``faults``         failures to order
``journal``        what was asked, without secrets
``control``        the control plane under ``/_simulator``
``web``            errors, paging, routing: the plumbing of the handlers
``ids``            Webex ids
``process``        for tests: run the simulator as a subprocess (standard library only)
``running``        what ``process`` has in common with that of ``tests.vault_server``
``serving``        what ``__main__`` has in common with that of ``tests.vault_server``
=================  ====================================================================
"""
