# Two commands: `make study` runs the main job, `make test` runs every check.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
RUN := runs/study

.PHONY: study test lint clean

study: $(VENV)/.installed
	$(BIN)/reparam fit fashion-mnist-subset --model vae --latent 16 --epochs 10 --out $(RUN) --overwrite
	$(BIN)/reparam sample $(RUN) -n 64 --out $(RUN)/samples.png
	$(BIN)/reparam reconstruct $(RUN) fashion-mnist-subset -n 16 --out $(RUN)/reconstructions.png
	@echo "Look at $(RUN)/samples.png, $(RUN)/reconstructions.png and $(RUN)/loss.png"

test: lint
	$(BIN)/pytest -q

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
