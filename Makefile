# ComP Hub. Every target works on a fresh machine with make and Python 3.11 or newer: it makes .venv itself.
#   make demo              the main job once, end to end, on real engines
#   make up                the whole stack in the foreground
#   make test [ARGS=…]     all tests (ARGS go to pytest)
#   make lint              ruff, mypy, import contracts, house laws
#   make openapi           write deploy/openapi.json from the application
#   make bench [NAME=…] [SIZE=…]     make faults [NAME=…] [SIZE=…]
#   make lock              solve the dependencies anew
#   make clean             remove .venv and caches (.comphub, the data of `make up`, stays)
# PYTHON=/path/to/python3 chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint openapi bench faults lock clean
.NOTPARALLEL:

# Scripts in .venv/bin name their interpreter in a first line that must be short: so it is always `python -m`.
RUN := .venv/bin/python
COMPHUB := $(RUN) -c 'from services.local.cli import app; app(prog_name="comphub")'
PIP := $(RUN) -m pip --disable-pip-version-check --no-input

# Where HOME is not set, pip has no place for its cache.
ifndef HOME
export PIP_NO_CACHE_DIR := 1
endif
export NAME SIZE

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# What is installed follows the content of the lock file (and the place of the folder), not the dates of files.
setup:
	@set -eu; \
	works() { "$$@" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }; \
	want_lock=$$(cksum < requirements-dev.lock); want_project="$$(cksum < pyproject.toml) $$(pwd)"; \
	if ! works .venv/bin/python || { [ -n '$(PYTHON)' ] && [ "$$(cat .venv/made-with 2>/dev/null)" != '$(PYTHON)' ]; }; then \
		python=; \
		for each in $(if $(PYTHON),'$(PYTHON)',python3.12 python3.11 python3 python python3.14 python3.13); do \
			if works "$$each"; then python=$$each; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo 'comphub: no Python of 3.11 or newer with venv was found. Install one (Debian: python3 and python3-venv), or name it: make PYTHON=/path/to/python3' >&2; exit 1; \
		fi; \
		rm -rf .venv; \
		echo "comphub: making .venv with $$("$$python" --version)" >&2; \
		"$$python" -m venv .venv; \
		printf '%s\n' '$(PYTHON)' > .venv/made-with; \
	fi; \
	if [ "$$(cat .venv/locked 2>/dev/null)" != "$$want_lock" ]; then \
		rm -f .venv/locked .venv/installed; \
		printf 'comphub: installing the locked dependencies (about a minute, once) ' >&2; \
		( while sleep 2 && kill -0 $$$$ 2>/dev/null; do printf . >&2; done ) & dots=$$!; \
		trap 'kill $$dots 2>/dev/null || :' EXIT; trap 'exit 130' INT TERM HUP; \
		$(PIP) install --require-hashes -r requirements-dev.lock > .venv/setup.log 2>&1 || \
			{ kill $$dots; echo ' failed (.venv/setup.log):' >&2; tail -n 25 .venv/setup.log >&2; exit 1; }; \
		kill $$dots; trap - EXIT; echo ' done' >&2; \
		printf '%s\n' "$$want_lock" > .venv/locked; \
	fi; \
	if [ "$$(cat .venv/installed 2>/dev/null)" != "$$want_project" ]; then \
		$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable . > .venv/setup.log 2>&1 || \
			{ echo 'comphub: the project itself could not be installed:' >&2; tail -n 25 .venv/setup.log >&2; exit 1; }; \
		$(PIP) check >/dev/null || { $(PIP) check >&2; exit 1; }; \
		printf '%s\n' "$$want_project" > .venv/installed; \
	fi

demo: setup
	@$(COMPHUB) demo

up: setup
	@$(COMPHUB) up

# Two workers, each with engines of its own; on one server of yours (DATABASE_URL, REDIS_URL) they would meet, so then one.
test: setup
	$(RUN) -m pytest -n $(if $(DATABASE_URL)$(REDIS_URL),0,2) --dist worksteal $(ARGS)

# All five are run, so that one look shows all; it fails if one of them does.
lint: setup
	@failed=0; try() { echo "$$*" | sed "s| -c .*lint_imports.*| lint-imports|" >&2; "$$@" || failed=1; }; \
	try $(RUN) -m ruff check .; \
	try $(RUN) -m ruff format --check --quiet .; \
	try $(RUN) -m mypy; \
	try $(RUN) -c 'from importlinter.cli import lint_imports_command as lint_imports; lint_imports()' --no-logo; \
	try $(RUN) -m tests.house; \
	if [ $$failed = 0 ]; then echo 'lint: ok'; else echo 'lint: FAILED' >&2; exit 1; fi

openapi: setup
	@mkdir -p deploy
	@$(COMPHUB) openapi > deploy/openapi.json.new || { rm -f deploy/openapi.json.new; exit 1; }
	@mv deploy/openapi.json.new deploy/openapi.json
	@echo 'comphub: wrote deploy/openapi.json' >&2

bench: setup
	@$(RUN) -m tests.bench

faults: setup
	@$(RUN) -m tests.faults

# Solved for every platform and for Python 3.11-3.14. Pinned versions stay unless pyproject.toml or UPGRADE=1 moves them.
# The package index is whatever uv is set up to use; the lock files name none.
LOCK := $(RUN) -m uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) pyproject.toml

# Not after setup: a dependency that is new in pyproject.toml is in no lock yet.
lock:
	@test -x $(RUN) || $(MAKE) setup
	$(LOCK) --extra local --extra dev --output-file requirements-dev.lock
	$(LOCK) --constraints requirements-dev.lock --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
