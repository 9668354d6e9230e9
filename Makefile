# `make help` lists the targets. Set-up happens by itself, once: a stamp in .venv is keyed on the locked requirements.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Hundreds of the processes that tests start would each compile everything anew
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# 3.11 or newer, first found; PYTHON=… decides
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$candidate; break; fi; done)
REQUIREMENTS := requirements/dev.txt
DIGEST := $(shell cat $(REQUIREMENTS) | cksum | tr ' ' '-')
READY := $(VENV)/ready-$(DIGEST)
SYSTEM := $(VENV)/system-ready
# what make sbom, audit-packages, mutants and fuzz need beside: an environment of its own, so that none of it is ever in the service's
TOOLS_VENV := .venv-tools
TOOLS := $(TOOLS_VENV)/bin
TOOLS_READY := $(TOOLS_VENV)/ready-$(shell cat requirements/tools.txt | cksum | tr ' ' '-')
TESTS ?= tests
# one more than the two cores of CI: tests of servers and processes wait
JOBS ?= 3
# worksteal: neighbours stay in one process, with what their module made for them, until another process has nothing left to do
PYTEST := $(BIN)/pytest -n $(JOBS) --dist worksteal
FUZZ ?= 100000
FAULTS ?= 1000
SAMPLE ?= 0
AGENCIES ?= 100
DAYS ?= 90

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## the whole job on a simulated province, into out/demo
	$(BIN)/python run_audit.py demo

.PHONY: test
test: check tests ## everything that must pass: lint, types, import contracts, tests

.PHONY: tests
tests: $(READY) ## the tests
	$(PYTEST) $(TESTS)

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
coverage: $(READY) ## the tests of the parts with branch coverage, which must not fall
	$(PYTEST) --cov --cov-report=term:skip-covered -m 'not slow and not whole' $(TESTS)

.PHONY: test-slow
test-slow: $(READY) ## hundreds of random provinces and other long runs
	$(PYTEST) -q -m slow $(TESTS)

.PHONY: quarter
quarter: $(READY) ## a simulated quarter with restarts, nights missed, a dead source and full disks; every command of the handbook
	$(PYTEST) -q -m slow tests/test_quarter.py tests/test_handbook.py

.PHONY: fuzz
fuzz: $(READY) $(TOOLS_READY) ## a hundred thousand damaged inputs for each parser, random and guided by coverage; FUZZ=1000 for fewer
	AUDIT_FUZZ_EXAMPLES=$(FUZZ) $(PYTEST) -q --timeout=0 tests/sources/test_fuzz.py
	$(TOOLS)/python -m fuzz.run --runs $(FUZZ)

.PHONY: mutants
mutants: $(TOOLS_READY) ## rules, working time and measures made wrong in small ways: the tests must notice nine of ten; SAMPLE=10 of each module
	$(TOOLS)/python tools/mutants.py --sample $(SAMPLE)

.PHONY: faults
faults: $(READY) ## kill, fill the disk, damage, misbehave: every command at every step and 200 moments; FAULTS=40 places of a command at most
	rm -f out/faults.jsonl && mkdir -p out
	AUDIT_FAULTS=$(FAULTS) AUDIT_FAULTS_RECORD=$(CURDIR)/out/faults.jsonl $(BIN)/pytest -q -n0 --timeout=0 -m 'slow or not slow' tests/faults
	$(BIN)/python -m tools.faults_table out/faults.jsonl

.PHONY: soak
soak: $(READY) ## 100 agencies for 90 nights with faults at random; AGENCIES=10 DAYS=10 for fewer
	$(BIN)/python -m soak.run --agencies $(AGENCIES) --days $(DAYS)

.PHONY: sbom
sbom: $(TOOLS_READY) ## what the service is made of, into out/sbom: CycloneDX from the lock, and the licences
	mkdir -p out/sbom
	set -e; for set in run scale; do $(TOOLS)/cyclonedx-py requirements requirements/$$set.txt --pyproject pyproject.toml --output-reproducible --of JSON -o out/sbom/$$set.cdx.json; done
	$(TOOLS)/pip-licenses --format=markdown --order=license --output-file=out/sbom/giay-phep.md --packages $$(sed -n 's/^\([a-z0-9._-]*\)\(\[.*\)*==.*/\1/p' requirements/scale.txt)

.PHONY: audit-packages
audit-packages: $(TOOLS_READY) ## known faults of the locked packages; needs the outside, and is no part of make test
	$(TOOLS)/pip-audit --strict --require-hashes --disable-pip -r requirements/scale.txt

.PHONY: format
format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: $(READY) ## everything timed, beside DuckDB and Polars, into docs/hieu-nang.md (YEAR=1 for a year, PARTS=judge for some)
	$(BIN)/python -m bench.run

.PHONY: guard
guard: $(READY) ## fails when the judge got more than 15 % slower, by its ratio to DuckDB and its calls
	$(BIN)/python -m bench.guard

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

$(TOOLS_READY): $(SYSTEM) requirements/tools.txt
	@$(TOOLS)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(TOOLS_VENV)
	@rm -f $(TOOLS_VENV)/ready-*
	$(TOOLS)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/tools.txt
	@$(TOOLS)/python -m pip check
	@touch $@

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
