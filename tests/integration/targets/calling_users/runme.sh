#!/usr/bin/env bash
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A script and not a role, because ansible-test would run the collection's role of the same name instead.
set -eu

export ANSIBLE_ROLES_PATH=..
ansible-playbook -i "${INVENTORY_PATH}" -e @../../integration_config.yml calling_users.yml "$@"
