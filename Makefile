# What people do with this clone. `make help` lists it. Needs Python 3.11 with its venv module, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo stop test faults lint format docs bench fuzz lock venv runtime clean check-tool

PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell command -v $(name))))
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# The environment takes 1.3 GB, the demo's data and logs about 1 GB.
MIB_NEEDED := 3000
# One stamp for each half of the environment: it holds the hash of the locks that were installed.
RUNTIME_LOCK := cat requirements.txt pyproject.toml | sha256sum
DEV_LOCK := cat requirements.txt requirements-dev.txt | sha256sum

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: runtime ## set up everything, run a simulated week, leave it running
	@$(BIN)/shegong demo

stop: ## end every process that the demo started
	@if [ -x $(BIN)/shegong ]; then $(BIN)/shegong stop; else echo "Nothing was set up here."; fi

test: venv ## the whole test suite
	@$(BIN)/pytest -n 2 --dist loadfile

faults: venv ## every fault of the matrix, with those that take minutes: kills, crashes, full disks, the clock
	@$(BIN)/pytest tests/faults -m ""

lint: venv ## ruff, sqlfluff, yamllint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project
	@$(BIN)/yamllint --strict .

format: venv ## put the Python code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: venv ## dist/docs: every table and column, and the lineage of columns, of what is published (needs a demo)
	@mkdir -p dist/docs && cd dist/docs && rm -rf target && "$(CURDIR)/$(BIN)/shegong" docs index.html --graph target
	@cd dist/docs && DO_NOT_TRACK=1 "$(CURDIR)/$(BIN)/colibri" generate --light --disable-telemetry --output-dir lineage \
	  --manifest target/manifest.json --catalog target/catalog.json | tail -3
	@cd dist/docs && mv lineage/index.html lineage.html && rm -rf lineage target && ls -lh

bench: venv ## speed and memory against COPY, dlt and pandas
	@$(BIN)/python -m bench

fuzz: venv ## a hundred thousand damaged files, none of which may break the reader
	@RUST_BACKTRACE=0 PYTHONWARNINGS=ignore $(BIN)/python -m tests.fuzz.run

check-tool: runtime ## one file for counties: `shegong check` and all that it needs (PLATFORM=win_amd64: for Windows)
	@rm -rf build && mkdir -p build/check-tool/packages dist
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/check-tool/packages .
	@$(BIN)/python -m pip download --quiet --only-binary=:all: --constraint requirements.txt --dest build/check-tool/packages \
	  $(if $(PLATFORM),--platform $(PLATFORM) --python-version 3.11 --implementation cp) build/check-tool/packages/shegong-*.whl \
	  $(if $(findstring win,$(PLATFORM)),colorama tzdata)  # what Windows alone needs is not asked for from here
	@cp docs/check-tool.zh-CN.txt build/check-tool/安装说明.txt
	@cd build/check-tool && "$(abspath $(BIN))/python" -m zipfile -c "$(CURDIR)/dist/shegong-check-$(or $(PLATFORM),this).zip" 安装说明.txt packages
	@du -h dist/shegong-check-*.zip

lock: ## write requirements*.txt anew from requirements*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@uv pip compile requirements.in -o requirements.txt --python-version 3.11 \
	  --no-header --annotation-style line --no-emit-index-url --no-emit-find-links
	@uv pip compile requirements-dev.in -o requirements-dev.txt --python-version 3.11 \
	  --no-header --annotation-style line --no-emit-index-url --no-emit-find-links

venv: runtime ## the environment with test tools
	@if [ "$$($(DEV_LOCK))" != "$$(cat .venv/dev.stamp 2>/dev/null)" ]; then \
	  echo "Installing linters and test tools"; \
	  $(PIP) -r requirements.txt -r requirements-dev.txt; \
	  $(DEV_LOCK) > .venv/dev.stamp; \
	fi

runtime:
	@if [ "$$($(RUNTIME_LOCK))" != "$$(cat .venv/runtime.stamp 2>/dev/null)" ] || [ ! -x $(BIN)/shegong ]; then \
	  $(check_python); $(check_disk); \
	  echo "Installing the locked packages into .venv (some minutes on a first run)"; \
	  [ -x $(BIN)/pip ] || "$(PYTHON)" -m venv .venv; \
	  $(PIP) -r requirements.txt; \
	  $(PIP) --no-deps -e .; \
	  $(RUNTIME_LOCK) > .venv/runtime.stamp; \
	fi

clean: stop ## remove the environment and caches; the demo's data stays in .shegong
	@rm -rf .venv .pytest_cache .ruff_cache build dist *.egg-info dbt_project/target dbt_project/logs

define check_python
if [ -z "$(PYTHON)" ]; then \
  echo "Python 3.11 is missing. On Debian and Ubuntu: apt install python3.11 python3.11-venv"; exit 1; \
fi; \
found=$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
if [ "$$found" != 3.11 ]; then \
  echo "$(PYTHON) is Python $$found, Shegong needs 3.11. Name another: make PYTHON=/path/to/python3.11 ..."; exit 1; \
fi; \
if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
  echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3.11-venv"; exit 1; \
fi
endef

define check_disk
free=$$(df -Pm . | awk 'NR == 2 {print $$4}'); \
if [ "$$free" -lt $(MIB_NEEDED) ]; then \
  echo "Only $$free MiB are free here, Shegong needs $(MIB_NEEDED). Free some space, or clone to another disk."; exit 1; \
fi
endef
