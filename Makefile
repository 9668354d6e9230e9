# `make help` lists the targets. Set-up happens by itself, once: a stamp in .venv is keyed on the locked requirements.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# 3.11 or newer, first found; PYTHON=… decides
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$candidate; break; fi; done)
REQUIREMENTS := requirements/dev.txt
DIGEST := $(shell cat $(REQUIREMENTS) | cksum | tr ' ' '-')
READY := $(VENV)/ready-$(DIGEST)
SYSTEM := $(VENV)/system-ready
TESTS ?= tests
JOBS ?= 2
FUZZ ?= 100000

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## the whole job on a simulated province, into out/demo
	$(BIN)/python run_audit.py demo

.PHONY: test
test: check coverage ## everything that must pass: lint, types, import contracts, tests with branch coverage

.PHONY: check
check: lint types imports ## what needs no test run

.PHONY: lint
lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(READY) ## mypy, strict
	$(BIN)/mypy

.PHONY: imports
imports: $(READY) ## import-linter: the contracts of docs/architecture.md
	$(BIN)/lint-imports

.PHONY: coverage
coverage: $(READY) ## the tests, with branch coverage
	$(BIN)/pytest -n $(JOBS) --cov --cov-report=term:skip-covered $(TESTS)

.PHONY: quick
quick: $(READY) ## the tests without coverage; TESTS=tests/test_registry.py for some of them
	$(BIN)/pytest -q -n $(JOBS) $(TESTS)

.PHONY: test-slow
test-slow: $(READY) ## hundreds of random provinces and other long runs
	$(BIN)/pytest -q -n $(JOBS) -m slow $(TESTS)

.PHONY: quarter
quarter: $(READY) ## a simulated quarter with restarts, nights missed, a dead source and full disks; every command of the handbook
	$(BIN)/pytest -q -n $(JOBS) -m slow tests/test_quarter.py tests/test_handbook.py

.PHONY: fuzz
fuzz: $(READY) ## a hundred thousand damaged inputs for each kind of source; FUZZ=1000 for fewer
	AUDIT_FUZZ_EXAMPLES=$(FUZZ) $(BIN)/pytest -q -n $(JOBS) --timeout=0 tests/sources/test_fuzz.py

.PHONY: format
format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: $(READY) ## a day and a week judged, reports made, timed (YEAR=1 for a year)
	$(BIN)/python -m bench.run

.PHONY: install
install: ## set up or upgrade under /opt, /etc and /var (Debian, as root); DESTDIR=… below another folder
	sh deploy/install.sh install

.PHONY: uninstall
uninstall: ## remove the program; settings, data and reports stay
	sh deploy/install.sh uninstall

.PHONY: setup
setup: $(READY) ## the virtual environment and the system's libraries

.PHONY: clean
clean: ## remove caches; evidence (var/), reports (out/) and .venv stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(SYSTEM): tools/system-packages.sh
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer was not found: install it, or call make PYTHON=/path/to/python'; exit 1; }
	@sh tools/system-packages.sh
	@mkdir -p $(VENV) && touch $@

# --no-deps: the lock names everything. Older pips, left to resolve "coverage[toml]", take the newest instead of the pinned one
$(READY): $(SYSTEM) $(REQUIREMENTS)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@rm -f $(VENV)/ready-*
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(REQUIREMENTS)
	@$(BIN)/python -m pip check
	@touch $(SYSTEM) $@
