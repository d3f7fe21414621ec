# Everything a person does with the checkout. `make` alone lists it.
#
# Settings are environment variables TENLINES_…; PYTHON=… names another Python than python3.11.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
TENLINES := exec $(BIN)/tenlines

.DEFAULT_GOAL := help
.PHONY: help demo up down status logs reset test soak lint lock

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml deploy/launcher/venv.sh
	@deploy/launcher/venv.sh "$(PYTHON)"

demo: $(INSTALLED) ## run a simulated county in a world of its own until Ctrl-C (FRESH=1: begin anew)
	@$(TENLINES) demo $(if $(FRESH),--fresh)

up: $(INSTALLED) ## start everything (DETACH=1: in the background; ONLY=dust,gateway; REPLICAS=dust=2)
	@$(TENLINES) up $(if $(DETACH),--detach) $(if $(ONLY),--only $(ONLY)) $(addprefix --replicas ,$(REPLICAS))

down: $(INSTALLED) ## end everything cleanly; the data stays in .tenlines/
	@$(TENLINES) down

status: $(INSTALLED) ## show every process: address, state, problems, pid
	@$(TENLINES) status

logs: $(INSTALLED) ## follow the logs of all processes (ONLY="dust gateway")
	@$(TENLINES) logs $(ONLY)

reset: $(INSTALLED) ## delete all data, after asking (YES=1: without)
	@$(TENLINES) reset $(if $(YES),--yes)

test: $(INSTALLED) ## run the tests on the real engines, on ports and folders of their own (ARGS="-k name")
	@$(BIN)/python -m pytest -m "not soak" $(ARGS)

soak: $(INSTALLED) ## run the fault tests with their full counts
	@$(BIN)/python -m pytest -m soak $(ARGS)

lint: $(INSTALLED) ## check style, format, types and who imports whom (FIX=1: mend the first two)
	@$(if $(FIX),$(BIN)/ruff check --fix && $(BIN)/ruff format)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock: ## write requirements.lock and requirements-runtime.lock anew from pyproject.toml
	@test -x .tenlines/cache/uv/bin/uv || { $(PYTHON) -m venv .tenlines/cache/uv && .tenlines/cache/uv/bin/python -m pip --quiet install uv; }
	@.tenlines/cache/uv/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --custom-compile-command "make lock" --output-file requirements.lock
	@.tenlines/cache/uv/bin/uv pip compile pyproject.toml --constraint requirements.lock --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --custom-compile-command "make lock" --output-file requirements-runtime.lock
