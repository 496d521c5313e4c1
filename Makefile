# `make grade` grades the sample class, `make grade SUBMISSIONS=folder` your own; `make help` lists the rest.
# PYTHON: the interpreter to build on; VENV: the environment to use; PIP_ARGS: more for pip, e.g. another index.

PYTHON ?= python3
VENV ?= .venv
SAMPLES = tests/samples
SUBMISSIONS ?= $(SAMPLES)/class
ASSIGNMENT ?= $(if $(filter $(SAMPLES)/class,$(SUBMISSIONS)),$(SAMPLES)/assignment.toml)
OUT ?= reports
PIP_ARGS ?=
PYTEST_ARGS ?=

MADE_FROM = pyproject.toml constraints.txt
PIP_INSTALL = $(VENV)/bin/python -m pip --disable-pip-version-check install $(PIP_ARGS) -c constraints.txt
CPU_INDEX = --extra-index-url https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help grade test audit bench bench-batch rehearse rehearse-courses exploits fuzz faults prove lint docs clean FORCE

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' Makefile

grade: $(VENV)/.installed  ## Grade SUBMISSIONS (default: the sample class) into OUT (default: reports)
	@$(VENV)/bin/grader grade "$(SUBMISSIONS)" --out "$(OUT)" $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)")

# A file's tests share what is dear to set up; the files go in their own order, where the longest are not the last.
test: $(VENV)/.installed-dev  ## Run all tests
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

audit: $(VENV)/.installed-dev  ## Measure how often grading is wrong, into docs/audit.md (half an hour)
	$(VENV)/bin/python tests/audit/audit.py --write docs/audit.md
	$(VENV)/bin/python -m pytest -m slow tests/audit

bench: $(VENV)/.installed-dev  ## Measure time and memory, as ratios taken in one run (minutes)
	$(VENV)/bin/python benchmarks/spine.py
	$(VENV)/bin/python benchmarks/desk.py

bench-batch: $(VENV)/.installed-dev  ## Measure a class of 10,000, resume and two jobs (a quarter of an hour)
	$(VENV)/bin/python benchmarks/batch.py $(BATCH)

rehearse: $(VENV)/.installed-dev  ## Run the exports as Gradescope and PrairieLearn would, without Docker (root, minutes)
	$(VENV)/bin/python -u tests/lms/rehearsal --build build/rehearsal

rehearse-courses: $(VENV)/.installed-dev  ## Run a course with nbgrader itself, and the workflow for GitHub (network, minutes)
	$(VENV)/bin/python -u tests/lms/rehearsal/courses.py --build build/courses

exploits: $(VENV)/.installed-dev  ## Attack the grader as every kind of user, with layers missing (20 minutes)
	$(VENV)/bin/python tests/exploits/runner.py --matrix

fuzz: $(VENV)/.installed-dev  ## Feed 20,000 damaged files to the loader, and as many to what reads reports, sheets and archives
	$(VENV)/bin/python -m pytest -m slow tests/worker/test_loader_fuzz.py tests/batch/test_damaged_inputs.py

faults: $(VENV)/.installed-dev  ## Kill 120 of the grader's own processes at random moments
	$(VENV)/bin/python -m pytest -m slow -s tests/faults

prove: $(VENV)/.installed-dev  ## Prove every exercise of every course under five secrets (a quarter of an hour)
	$(VENV)/bin/grader validate

lint: $(VENV)/.installed-dev  ## Linter, format check, strict types of grader/, import layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(VENV)/.installed-dev  ## Build the documentation into site/
	$(VENV)/bin/sphinx-build -W -q docs site

clean:  ## Remove the environment, the caches and the build; reports stay
	rm -rf .venv .ci-venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache build dist site

# A stamp that is older than what it was made from is a stale environment: pip is asked again.
$(VENV)/.installed: $(VENV)/.made $(MADE_FROM)
	@$(say_which_torch)
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.made $(MADE_FROM)
	@$(say_which_torch)
	$(PIP_INSTALL) -e '.[dev,dask,watch,docs]'
	@touch $(VENV)/.installed $@

# Made anew when its interpreter is gone, as after an upgrade of the system's Python.
$(VENV)/.made: $(shell $(VENV)/bin/python -m pip --version >/dev/null 2>&1 || echo FORCE)
	@$(make_environment)
	@touch $@

define make_environment
$(VENV)/bin/python -m pip --version >/dev/null 2>&1 && exit 0; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || \
  { echo "$(PYTHON) is missing or older than Python 3.10: install a newer one, or name one with PYTHON=/path/to/python3"; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
  { echo "$(PYTHON) cannot make environments: on Debian and Ubuntu, apt install python3-venv, then run make again"; exit 1; }; \
if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/pyvenv.cfg" ] && [ -n "$$(ls -A "$(VENV)")" ]; then \
  echo "$(VENV) is no Python environment: name another folder with VENV=folder"; exit 1; \
fi; \
echo "making a Python environment in $(VENV)"; rm -rf "$(VENV)"; $(PYTHON) -m venv "$(VENV)"
endef

define say_which_torch
$(if $(PIP_ARGS),exit 0;) [ "$$(uname -s)" = Linux ] || exit 0; \
$(VENV)/bin/python -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)' && exit 0; \
echo "installing torch as pip finds it; where that is the CUDA build (several GB), take the CPU build instead:"; \
echo "  make $(firstword $(MAKECMDGOALS)) PIP_ARGS='$(CPU_INDEX)'"
endef
