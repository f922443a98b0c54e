# Two commands: `make up` brings up the whole product, `make test` installs what the tests need and runs them.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: up test check bench fuzz evals lock

up: .venv/installed
	@$(BIN)/hearth up $(ARGS)

test: .venv/installed-dev
	@tools/install-test-tools
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff format --check -q src tests bench evals tools
	$(BIN)/ruff check -q src tests bench evals tools
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-dev
	$(BIN)/python -m bench $(ARGS)

# The long form of tests/api/test_schemathesis.py; ARGS="--seconds 700 --seed 3".
fuzz: .venv/installed-dev
	$(BIN)/python -m tests.api.fuzzing $(ARGS)

# Evaluation data is not part of the project: HEARTH_SHARED_DATA says where it lies.
HEARTH_SHARED_DATA ?= ../shared/data

evals: .venv/installed-dev
	HEARTH_SHARED_DATA=$(HEARTH_SHARED_DATA) $(BIN)/python -m evals.reading
	$(BIN)/python -m evals.barcodes
	$(BIN)/python -m evals.labels
	$(BIN)/python -m evals.voice

# Hashed, and without addresses of package indexes: the machine's own settings say where to fetch.
lock:
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --python-version 3.11 -c requirements-dev.lock pyproject.toml -o requirements.lock

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Hearth needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing Hearth into .venv (about a minute the first time)"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@
