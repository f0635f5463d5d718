# make run     .venv with requirements.txt, then the app on GRADIO_SERVER_PORT (7860)
# make test    .venv with requirements-dev.txt as well, then every test
# make train   train layered-64 on composed logos for MINUTES into runs/layered-64
.PHONY: run test bench train lint format install clean

PYTHON ?= python3
MINUTES ?= 60
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Torch's build without CUDA is 200 MB, the one on PyPI some gigabytes. It is taken where its index answers
# and no NVIDIA driver is installed. `make install TORCH_INDEX=` always takes what the configured index has.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

run: $(VENV)/run.stamp
	@$(BIN)/python app.py

install: $(VENV)/dev.stamp

test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

train: $(VENV)/dev.stamp
	@$(BIN)/python -m logo_gan train --config layered-64 --data compose --out runs/layered-64 --minutes $(MINUTES) --resume

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache

$(VENV)/run.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if [ -n "$(TORCH_INDEX)" ] && ! command -v nvidia-smi >/dev/null 2>&1 && $(BIN)/python -c \
	  "import urllib.request as u; u.urlopen('$(TORCH_INDEX)/torch/', timeout=5)" >/dev/null 2>&1; then \
	  $(PIP) install --extra-index-url $(TORCH_INDEX) "$$(grep '^torch==' requirements.txt)"; fi
	$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(PIP) install -r requirements-dev.txt
	@touch $@
