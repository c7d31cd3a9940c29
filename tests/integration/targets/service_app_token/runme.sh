#!/usr/bin/env bash
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A script and not a role, because a run's vault password is given when it starts, and ansible-test gives none.
set -eu

export ANSIBLE_ROLES_PATH=..

play() {
    ansible-playbook -i "${INVENTORY_PATH}" -e @../../integration_config.yml -e "output_dir=${OUTPUT_DIR}" "$@"
}

for name in first second; do
    (umask 077 && head -c 32 /dev/urandom | base64 > "${OUTPUT_DIR}/${name}.password")
done

play no_store.yml vault_file.yml integration.yml values.yml use_vault_file.yml \
    --vault-id "default@${OUTPUT_DIR}/first.password" --vault-id "second@${OUTPUT_DIR}/second.password" "$@"
play no_password.yml "$@"
