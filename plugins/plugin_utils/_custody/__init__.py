# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The custody of tokens: one is never lost, never shown, and never refreshed twice.

The rooms, from the door to the disk:

- ``request``: what a run asks, and what it gets.
- ``broker``: decides whether anything has to be done, and does it under the store's lock.
- ``renewal``: asks Webex for new tokens, by a refresh or by a mint.
- ``integration``: what can mint. Its own tokens are in the same store (``integration_beside``) or in one that all
  organizations share (``shared_integration``).
- ``keeper``: a store and its recovery files together; it knows what to try, and what is not needed any more.
- ``stored_tokens``, ``stored_client``: what a store holds.
- ``stores``: where it holds that. ``stores.base`` says what a store can do, and how to add one.
- ``recovery``: where tokens go that the store does not take.
- ``revocation``: gives tokens back.
- ``given_token``: an access token of the user, which is handed on and never kept.
- ``files``, ``run_vault``, ``job``: durable files, the vault passwords of the run, and whether it is a job of AWX.

The life of a token:

1. The broker loads what is stored. If it is valid for long enough, that is all: no lock, no request.
2. It takes the store's lock and loads again, since the run that had the lock may have renewed it.
3. The keeper puts into the store what an earlier run could not save.
4. The store reserves the save. If saving would fail, it fails now, while nothing has been spent. From here until the
   save is done, signals are put off.
5. Webex is asked for a refresh, with each refresh token that may still be good; if it refuses them all, an integration
   mints.
6. The store saves. The tokens are on stable storage before anybody uses them; if the store fails, they are in a
   recovery file, or in the error's text, both encrypted.
7. The lock goes, and the access token is handed on.
8. When it is given back, the grant is revoked, and the store is emptied.
"""

from __future__ import annotations
