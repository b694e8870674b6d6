# Two commands: `make study` runs the main job, `make test` runs every check.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
RUN := runs/study

.PHONY: study test lint clean

study: $(VENV)/.installed
	$(BIN)/reparam study --out $(RUN)
	@echo "Open $(RUN)/report.html"

test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist worksteal

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt torch
	$(BIN)/pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/pip install -q -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) runs dist build
