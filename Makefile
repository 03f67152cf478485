# Parley. `make` lists the targets; `make run` is the way to a first look.
# The first Python that fits; without one, bootstrap.py says what is missing.
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done),python3)
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
COMPILE = uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make requirements"

export HOST PORT

.DEFAULT_GOAL := help
.PHONY: help install run demo-voice test lint unit e2e scale screenshots faults audit bench bench-packages widget messages requirements clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

install: ## Everything for development into .venv
	@$(PYTHON) scripts/bootstrap.py venv requirements-dev.txt

run: ## Start the demo portal and print the addresses to open (HOST, PORT)
	@$(PYTHON) scripts/bootstrap.py venv requirements-demo.txt
	@$(PYTHON) scripts/bootstrap.py env
	@.venv/bin/python manage.py portal

demo-voice: install ## The same with voice interviews, by a stand-in for the voice service
	@[ -e static/vendor/VERSIONS.txt ] || scripts/widget.sh
	@$(PYTHON) scripts/bootstrap.py env
	@.venv/bin/python scripts/demo_voice.py

test: install ## All checks and tests, as the integration server runs them
	@scripts/checks.sh all $(ARGS)

lint: install ## Style, types, migrations, deployment settings
	@scripts/checks.sh lint

unit: install ## Tests without a browser (ARGS="-k name")
	@scripts/checks.sh unit $(ARGS)

e2e: install ## Tests in a browser
	@scripts/checks.sh e2e $(ARGS)

scale: install ## Interviews over PgBouncer and two instances, one of which dies
	@scripts/checks.sh scale $(ARGS)

screenshots: install ## Pictures of every page, by the browser tests
	@scripts/checks.sh screenshots $(ARGS)

faults: install ## Break it on purpose and count what is lost: an hour and a half (ARGS="E1 --short")
	@.venv/bin/python -m faults $(ARGS)

audit: install ## Ask the advisory database about every package
	@.venv/bin/python scripts/audit.py

bench: bench-packages ## Measure all there is to measure: half an hour on a quiet machine
	@.venv/bin/python -m bench

# Each part is a module, and what it tells is in docs/performance.md.
bench-turns: ## Next, answer, whole turns: beside pgbench, bare WSGI, FastAPI, naive DRF
bench-size: ## The same calls and HR's pages as the database grows
bench-capacity: ## How many interviews at once one machine holds
bench-page: ## The candidate's page on a slow line and a slow phone

bench-%: bench-packages
	@.venv/bin/python -m bench $* -- $(ARGS)

bench-packages:
	@$(PYTHON) scripts/bootstrap.py venv requirements-bench.txt

widget: ## Bundle the call widget into static/vendor (needs Node)
	@scripts/widget.sh

messages: install ## Compile the translations in locale/
	@.venv/bin/python scripts/messages.py

requirements: ## Pin the packages of the .in files anew (needs uv)
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-demo.in -o requirements-demo.txt
	$(COMPILE) -c requirements.txt requirements-bench.in -o requirements-bench.txt
	$(COMPILE) -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## Remove caches and the tests' databases; the demo's data stays
	rm -rf .pytest_cache .mypy_cache .ruff_cache staticfiles var/checks var/test-postgres-* var/static.stamp
