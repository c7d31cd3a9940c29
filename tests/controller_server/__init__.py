# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the REST API of the AWX controller on loopback: with state, roles, tokens, and launches that run nothing.

It is what `awx.awx` 24.6.1 and this collection need of it. Where is what:

====================  ====================================================================
``__main__``          the command line: start, print the ready line, stop
``app``               where the API is, who asks, and the handler that answers
``kinds``             what there is: kinds of things, their fields, what they refer to
``store``             all things, and the roles on them
``access``            who may read, change and make what
``filters``           lists: parameters, order, pages
``show``              how things look in answers
``objects``           how things of every kind are found, checked and completed
``generic``           the handlers that are alike for many kinds
``credential_types``  which inputs and injectors a type can have
``credentials``       inputs, and ``$encrypted$``
``injection``         what a job gets of its credentials
``users``             users, tokens, members
``roles``             both role systems
``projects``          updates, and which files are playbooks
``launching``         job templates, surveys, launches
``workflows``         nodes and approvals
``schedules``         rules of repetition
``notifications``     notification templates
``world``             everything together, and what a fresh controller has
``faults``            failures to order, with the answers of a controller
``journal``           what the journal shows of a body
``control``           the control plane under ``/_controller``
``web``               errors, routing: the plumbing of the handlers
``jobs``              for tests: the credentials of this collection, and what jobs get of them
``process``           for tests: run the server as a subprocess (standard library only)
====================  ====================================================================

The way of a request, the journal, most of the faults and the process handling are those of ``tests.loopback``.

It has no groups, inventory sources, applications, linked credentials or activity stream; a workflow does not launch its
nodes, a schedule launches nothing, and secret answers of a survey are shown as they were sent.

RULES.md says of each rule whether it was seen in AWX 24.6.1, read in its source, or guessed.
"""
