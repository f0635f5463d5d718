# make run     .venv with requirements.txt, then the app on GRADIO_SERVER_PORT (7860)
# make test    .venv with requirements-dev.txt as well, then every test
# make fuzz    hostile prompts, links and datasets for MINUTES a door; what fails is kept in tests/reliability/seeds
# make pins    constraints.txt anew: the newest versions that the requirements allow
# make audit   known vulnerabilities of those versions (asks pypi.org)
# make train   train warp on the bundled drawings for MINUTES into runs/warp
.PHONY: run test fuzz bench train lint format install pins audit clean

PYTHON ?= python3
MINUTES ?= 60
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Not named in requirements.txt: where a Space is built, that file lies alone.
PINNED := --constraint constraints.txt

# Torch's build without CUDA is 200 MB, the one on PyPI some gigabytes. It is taken where its index answers
# and no NVIDIA driver is installed. `make install TORCH_INDEX=` always takes what the configured index has.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

run: $(VENV)/run.stamp
	@$(BIN)/python app.py

install: $(VENV)/dev.stamp

# A file's tests share what is costly to make, so a file stays with one process. In the order of their names long
# files begin early; each process has an app and a browser of its own.
WORKERS ?= 2
test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

fuzz: MINUTES := 3
fuzz: $(VENV)/dev.stamp
	@$(BIN)/python tests/reliability/fuzz.py --minutes $(MINUTES)

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

train: $(VENV)/dev.stamp
	@$(BIN)/python -m logo_gan train --config warp --data memory --out runs/warp --minutes $(MINUTES) --resume

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# One resolution for Linux, macOS and every Python from 3.11 on, of the app with its tests and extras, so that none
# of them takes another version of a package than the app alone. `make pins UPGRADE=` keeps what still fits.
UPGRADE ?= --upgrade
UV := uv==0.13.9
pins: | $(BIN)/python
	$(PIP) install --quiet $(UV)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --annotation-style line $(UPGRADE) \
	  --custom-compile-command "make pins" --output-file constraints.txt requirements-dev.txt

# What could not be asked about counts as a fault, not as clean.
audit: | $(BIN)/python
	$(PIP) install --quiet $(UV)
	$(BIN)/uv tool run pip-audit==2.10.1 --requirement constraints.txt --no-deps --disable-pip --strict

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt constraints.txt | $(BIN)/python
	@if [ -n "$(TORCH_INDEX)" ] && ! command -v nvidia-smi >/dev/null 2>&1 && $(BIN)/python -c \
	  "import urllib.request as u; u.urlopen('$(TORCH_INDEX)/torch/', timeout=5)" >/dev/null 2>&1; then \
	  $(PIP) install $(PINNED) --extra-index-url $(TORCH_INDEX) "$$(grep '^torch==' requirements.txt)"; fi
	$(PIP) install $(PINNED) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(PIP) install $(PINNED) -r requirements-dev.txt
	@touch $@
