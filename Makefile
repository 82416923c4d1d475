# Two commands: `make run` and `make test`. A bare machine needs Python 3.11, 3.12 or 3.13, and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first interpreter that really starts and has the right version.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# What Prefect and Great Expectations must know: nothing leaves the machine, state stays in the checkout.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_HOME ?= $(CURDIR)/var/prefect

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.venv/run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed (or: make PYTHON=/path/to/python)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# A fresh Prefect home needs its database migrated once; a flow's own start would give up before it is done.
var/prefect/ready: .venv/run
	@mkdir -p $(PREFECT_HOME) var/prefect
	$(BIN)/prefect server database upgrade -y >/dev/null
	@touch $@

# Python keeps what it compiled, unless it may not: PYTHONDONTWRITEBYTECODE in a container, a service that may write nothing
# but its data (deploy/systemd). There each process of a run would compile all it imports anew.
compiled: .venv/run
	@$(BIN)/python -m compileall -q desk flows kla tasks

setup: .venv/run compiled var/prefect/ready ## .venv with what requirements.lock pins

run: setup ## build the sample inbox, run the night for the six sample districts
	$(BIN)/kla sample --quiet
	@# 3: done in part. The sample inbox holds files nobody can read, as every real one does; the run says which.
	$(BIN)/kla nightly --sample || test $$? -eq 3

test: .venv/dev var/prefect/ready ## the whole test suite
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -rfEs

check: .venv/dev ## ruff, mypy, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev ## ruff, changing files
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev compiled var/prefect/ready ## reading with openpyxl, reading here, the whole run: 35, 350 and 1,500 workbooks
	$(BIN)/python -m bench.night

faults: .venv/dev var/prefect/ready ## the promises tried: a table goal / figure / held, in 10 minutes
	$(BIN)/python -m bench.faults

faults-long: .venv/dev var/prefect/ready ## the same, as long as it takes, and each guard removed in turn
	$(BIN)/python -m bench.faults --long
	$(BIN)/python -m bench.faults --mutants

bench-scale: .venv/dev compiled var/prefect/ready ## whole nights of a province and the nation; SIZES="1500 18000" OPTIONS="--engine sqlite"
	$(BIN)/python -m bench.scale $(SIZES) $(OPTIONS)

reference: .venv/run ## docs/reference/ anew from the instrument, the rules and the warehouse
	$(BIN)/python -m desk.reference

screenshots: .venv/run ## the pictures of docs/guide/ anew, after make run (needs chromium, LibreOffice, poppler)
	$(BIN)/python -m bench.screenshots

wheel: .venv/run ## the wheel, into dist/
	$(BIN)/python -m hatchling build -t wheel

lock: ## make the two locks anew (needs uv)
	uv pip compile --universal --no-emit-index-url --python-version 3.11 --generate-hashes --quiet pyproject.toml --group build -o requirements.lock --no-header
	uv pip compile --universal --no-emit-index-url --python-version 3.11 --generate-hashes --quiet pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock --no-header

clean: ## remove what runs and tests made (keeps .venv)
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

.PHONY: help compiled setup run test check format bench bench-scale faults faults-long reference screenshots wheel lock clean
