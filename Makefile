# Everything a newcomer types. Needs git, make and python3 >= 3.11 with venv; gets the rest itself.
# Every recipe runs from this folder, so `make -C path run` and `make -f path/Makefile` both work.

ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
PYTHON ?= python3
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
# statsmodels imports in 4.2 s without compiled files and in 0.5 s with them
export UV_COMPILE_BYTECODE := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' "$(ROOT)/Makefile"

install: .venv/.dev ## Make .venv exactly as uv.lock says

.uv/.$(UV_VERSION):
	@$(PYTHON) -m venv --clear .uv
	@.uv/bin/python -m pip install -q uv==$(UV_VERSION)
	@touch $@

.venv/.dev: .uv/.$(UV_VERSION) pyproject.toml uv.lock
	@.uv/bin/uv sync -q --frozen --group dev --python $(PYTHON)
	@touch $@
