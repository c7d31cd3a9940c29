#!/usr/bin/env bash
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A script and not a role, because a run's vault password is given when it starts, and ansible-test gives none.
set -eu

export ANSIBLE_ROLES_PATH=..
export ANSIBLE_VAULT_PASSWORD_FILE="${OUTPUT_DIR}/password"
(umask 077 && head -c 32 /dev/urandom | base64 > "${ANSIBLE_VAULT_PASSWORD_FILE}")
mkdir --mode=700 "${OUTPUT_DIR}/tokens"

ansible-playbook -i "${INVENTORY_PATH}" -e @../../integration_config.yml -e "output_dir=${OUTPUT_DIR}" play.yml "$@"
