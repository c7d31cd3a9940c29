# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
PORT ?= 8123
CUSTODY_RUNS ?= 1200
check := $(PYTHON) tests/tools/check.py
demo_python := .venv/demo/bin/python

.PHONY: help demo simulator benchmark test quick lint docs units integration custody awx demo-environment clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: demo-environment ## See the collection at work against the simulator
	@$(demo_python) tests/demo/demo.py

simulator: demo-environment ## Run the simulator on loopback (PORT=8123; EXPORT=1 prints lines for a shell)
	@echo "A Webex on loopback, until Ctrl-C:" >&2
	@$(demo_python) -m tests.simulator --port $(PORT) $(if $(EXPORT),--export)

benchmark: demo-environment ## Measure calls, seconds and memory at scale, next to others
	@$(PYTHON) tests/tools/environments.py wxc_sdk
	@$(demo_python) -m tests.benchmark

test: ## Run every check
	@$(check)

quick: ## Run ruff, mypy, and the unit tests on one ansible-core
	@$(check) --only '^lint (ruff|format|mypy.*)$$'
	@$(check) --units -q -n4 --ignore=tests/unit/plugins/modules tests/unit

lint: ## Run the linters, and build the package
	@$(check) --only '^lint'

docs: ## Build the documentation as a web site, and check every link inside it
	@$(check) --only '^lint docs site$$'

units: ## Run the unit tests on every ansible-core, or on one: TESTS=tests/unit/... TESTS_ARGS='-k "a or b"'
ifdef TESTS
	@$(check) --units $(TESTS) $(TESTS_ARGS)
else
	@$(check) --only '^(units|bulk)'
endif

integration: ## Run the integration tests on the oldest and the newest ansible-core
	@$(check) --only '^(integration|scenarios)'

custody: ## Kill, interrupt, race and break runs of the broker (CUSTODY_RUNS=1200)
	@CUSTODY_RUNS=$(CUSTODY_RUNS) $(check) --only '^custody'
	@cat .venv/logs/custody*.log

awx: ## Set up an AWX in every way, live four months of its jobs, and break them at every step
	@AWX_TESTS=all $(check) --only '^(awx|controller server)$$'

demo-environment:
	@$(PYTHON) tests/tools/environments.py demo

clean: ## Remove the virtual environments and the logs
	rm -rf .venv
