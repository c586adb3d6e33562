# Needs git, make and python3 >= 3.11 with venv; gets the rest itself, into this folder.
# `make -C PATH run` and `make -f PATH/Makefile run` work from everywhere.

PYTHON ?= python3
AT_ONCE ?= 2
UV_VERSION := 0.13.9
UV := .uv/bin/uv
BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# uv would look for another interpreter, and download one
export UV_PYTHON_DOWNLOADS := never
# big libraries import in 4 s without compiled files and in 0.5 s with them
export UV_COMPILE_BYTECODE := 1
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR := .cache/uv
endif
# what `make run PORT=9000` and `make test INSTALL=0` say to the programs
export PORT HOST DEMO INSTALL
# what `make up` starts containers with, and where their keys and passwords lie
COMPOSE ?= docker compose
SECRETS ?= ./deploy/secrets
export SECRETS

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ifeq ($(wildcard uv.lock),)
.PHONY: $(or $(MAKECMDGOALS),help)
$(or $(MAKECMDGOALS),help):
	@$(MAKE) --no-print-directory -C "$(dir $(lastword $(MAKEFILE_LIST)))" $@
else
.PHONY: help install run test faults drill bench bench-scale lint format secrets up down logs test-containers token generate lock sbom clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' Makefile

install: .venv/.dev ## Make .venv as uv.lock says; the other targets do it themselves

run: .venv/.dev ## Start everything with demo data: PORT=8000 HOST=127.0.0.1 DEMO=1
	@exec $(BIN)/careloop run

test: .venv/.dev ## Run all tests: ARGS="tests/tickets -x"; AT_ONCE=2; INSTALL=0 fetches nothing
	@$(BIN)/python -m tests.support.install
	@$(BIN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile $(ARGS)

faults: .venv/.dev ## Break processes, broker and database for real, 25 minutes: ARGS="-k cluster"
	@$(BIN)/python -m tests.support.install
	@$(BIN)/python -m pytest tests/faults $(ARGS)

drill: .venv/.dev ## Kill parts of a system under load and judge its recovery: TICKETS=200
	@$(BIN)/python -m tests.support.install
	@$(BIN)/python -m tests.drill --tickets $(or $(TICKETS),200)

bench: .venv/.dev ## Measure each path beside a yardstick of the same run: two cores, ten minutes
	@$(BIN)/python -m tests.support.install
	@$(BIN)/python -m bench.run

bench-scale: .venv/.dev ## Measure with a million tickets beside ten thousand: two cores, 45 minutes
	@$(BIN)/python -m tests.support.install
	@$(BIN)/python -m bench.scale

lint: .venv/.dev ## Check format, style, types, who imports whom, and the lock
	@$(UV) lock --check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

format: .venv/.dev ## Format, and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

token: .venv/.dev ## Print a token for the running system: ROLE=agent SUBJECT=
	@$(BIN)/careloop token --role "$(or $(ROLE),agent)" $(if $(SUBJECT),--subject "$(SUBJECT)")

secrets: ## Make the keys and passwords for containers, once, in SECRETS=./deploy/secrets
	@mkdir -p -m 0700 $(SECRETS)
	@$(COMPOSE) --profile tools run --rm --user "$$(id -u):$$(id -g)" secrets

up: ## Start everything in containers: PORT=8000 HOST=127.0.0.1 COMPOSE="docker compose"
	@test -f $(SECRETS)/postgres/superuser || { echo "There are no secrets yet: make secrets"; exit 1; }
	@$(COMPOSE) up --detach --build

down: ## Stop the containers; their data stay
	@$(COMPOSE) --profile observability down --remove-orphans

logs: ## Follow what the containers say: ARGS=tickets-api
	@$(COMPOSE) logs --follow --tail 100 $(ARGS)

test-containers: .venv/.dev ## Run the flows through containers of their own: COMPOSE="docker compose"
	@$(COMPOSE) build
	@CARELOOP_TEST_COMPOSE="$(COMPOSE)" $(BIN)/python -m pytest -o timeout_func_only=true \
		tests/deploy/test_composed.py tests/flows/test_e1.py tests/flows/test_e2.py $(ARGS)

generate: .venv/.dev ## Write the generated files anew: OpenAPI, AsyncAPI, schemas, broker
	@$(BIN)/careloop generate

lock: .uv/.$(UV_VERSION) ## Take newer libraries into uv.lock
	@$(UV) lock --upgrade --python $(PYTHON)

sbom: .venv/.dev ## Write what each image is made of, with licences, into dist/sbom
	@$(BIN)/python -m careloop.sbom dist/sbom

clean: ## Remove what can be made again; your data in .data stays
	@rm -rf .venv .uv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

.uv/.$(UV_VERSION):
	@command -v $(PYTHON) >/dev/null || \
		{ echo "CareLoop needs python3, version 3.11 or newer; or say PYTHON=/path/to/python."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "CareLoop needs Python 3.11 or newer and this is $$($(PYTHON) -V)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python has no venv module: apt install python3-venv, then again."; exit 1; }
	@$(PYTHON) -m venv --clear .uv
	@.uv/bin/python -m pip install -q uv==$(UV_VERSION)
	@touch $@

.venv/.dev: .uv/.$(UV_VERSION) pyproject.toml uv.lock
	@$(UV) sync --quiet --frozen --group dev --python $(PYTHON)
	@touch $@
endif
