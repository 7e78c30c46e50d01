# Ringback's commands. They need make, and Python 3.11 or newer with venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Tests start hundreds of processes, which would each compile all modules if no bytecode were written.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

.PHONY: help install dist run demo receiver chaos zoo fuzz bench test test-repeat format lint types contracts pytest test-clients lock clean

help:  ## Show the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

install: .venv/installed  ## Make .venv with the pinned packages

.venv/installed: requirements.txt pyproject.toml client/pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e client -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

dist: .venv/installed  ## Build the wheels of Ringback and of the producers' client into dist/
	@rm -rf build client/build dist  # setuptools would pack files left by an earlier build
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist . ./client
	@rm -rf build client/build

run: .venv/installed  ## Start Redis (unless REDIS_URL is set), API, worker and beat in the foreground
	@exec python -m webhooks_local.run

demo: .venv/installed  ## Send one event of each kind to a local receiver and watch the deliveries
	@exec python -m webhooks_local.demo

receiver: .venv/installed  ## Start a local HTTPS receiver that prints what it is sent
	@exec webhooks listen $(ARGS)

chaos: .venv/installed-dev  ## Break everything under load and count lost events; forty minutes. ARGS="--help" lists the options
	@exec python -m harness.chaos $(ARGS)

zoo: .venv/installed-dev  ## Call receivers that misbehave in every way, and check that none does harm; two minutes
	@exec python -m harness.zoo $(ARGS)

fuzz: .venv/installed-dev  ## Call the API with random input, different each time; ten minutes
	HYPOTHESIS_PROFILE=long python -m pytest tests/fuzz $(ARGS)

bench: .venv/installed-dev  ## Compare the speed with a plain system; half an hour, two minutes with QUICK=1. ARGS="--help" lists the options
	@exec python -m harness.bench $(if $(QUICK),--quick) $(ARGS)

test: format lint types contracts pytest  ## Run every check

format: .venv/installed-dev
	ruff format --check .

lint: .venv/installed-dev
	ruff check .

types: .venv/installed-dev
	mypy

contracts: .venv/installed-dev
	lint-imports

pytest: .venv/installed-dev
	python -m pytest -m "not alone" --numprocesses 4 --dist loadfile --no-loadscope-reorder  # four, as many tests only wait
	python -m pytest -m alone  # one at a time: these measure time, or kill and freeze processes

test-repeat: .venv/installed-dev  ## Run all tests N times, 10 by default; stop at the first failure
	@python tests/repeat.py $(or $(N),10)

test-clients: .venv/installed-dev  ## Lint the OpenAPI document, generate clients from it and call the API with them
	python -m pytest tests/clients

lock: .venv/installed-dev  ## Pin the newest allowed versions
	uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" --no-emit-package ringback-client --extra local pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" --no-emit-package ringback-client --extra local --extra dev \
		--constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

clean:  ## Remove .venv; var/ with keys and data stays
	rm -rf .venv
