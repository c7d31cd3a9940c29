# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Webex that runs on loopback: state, OAuth, paging, limits, faults, and a journal of every request.

Where is what:

=================  ====================================================================
``__main__``       the command line: start, print the ready line, stop
``app``            the Webex side: token, rate limit, handler
``people``         the Webex calls about people
``features``       the Webex calls about the calling settings of a person
``licenses``       the Webex calls about licenses
``numbers``        the Webex calls about locations and phone numbers
``organizations``  the Webex calls about organizations
``jobs``           the job that moves users to other locations
``oauth``          the Webex calls about tokens
``licensing``      the rules of Webex Calling: licenses, locations, extensions, numbers
``model``          what an org consists of: licenses, locations, numbers, people
``state``          an org with its indexes, and what reads show of it
``history``        how stale reads remember the state before a write
``config``         what can be switched while it runs
``describe``       the state as the control plane shows it
``tokens``         clients, grants and tokens of all kinds
``world``          everything together, and the org that a fresh simulator starts with
``faults``         failures to order
``control``        the control plane under ``/_simulator``
``web``            errors, paging, routing: the plumbing of the handlers
``ids``            Webex ids
``process``        for tests: run the simulator as a subprocess (standard library only)
=================  ====================================================================

The way of a request, the journal, most of the faults and the process handling are those of ``tests.loopback``.

RULES.md says of each rule whether it is known from Cisco's description, from a live tenant, or guessed.
"""
