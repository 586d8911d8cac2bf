# make demo · make test · make check · make bench: each makes .venv by itself.
PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: demo test suite check lint fuzz torture test-sources test-matrix test-trainers lm-eval test-lm-eval gguf test-gguf test-signing bench finetune-demo update clean

demo: .venv/data.stamp          ## build the sample dataset, load it, print records
	$(RUN) -m builders build --sample --out build/sample
	$(RUN) -m samples.demo build/sample

test:                           ## install everything, run the whole test suite
	$(MAKE) --jobs 2 .venv/all.stamp .venvs/datasets-3.6.0/installed.txt
	$(MAKE) --jobs 2 lint suite

suite:
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests

check: lint                     ## before a commit: format, lint, types, import rules, fast tests
	OMP_NUM_THREADS=1 $(RUN) -m pytest -q -m "not slow" -n 2 --dist loadfile tests

lint: .venv/all.stamp
	$(RUN) -m ruff format --check --quiet .
	$(RUN) -m ruff check --quiet .
	$(RUN) -m mypy
	.venv/bin/lint-imports --no-logo

fuzz: .venv/all.stamp           ## 50,000 damaged files for each corpus, and a table of what came of them (about two hours)
	OMP_NUM_THREADS=1 $(RUN) -m tests.fuzz

torture: .venv/all.stamp        ## 300 kills that hit a command while it ran, and a table of what came of them (about an hour); LJD_SOURCES: real files too
	OMP_NUM_THREADS=1 $(RUN) -m tests.torture

test-sources: .venv/all.stamp   ## check the raw files of a directory: make test-sources SOURCES=~/corpora
	LJD_SOURCES=$(SOURCES) $(RUN) -m pytest tests/test_sources.py tests/corpora

test-matrix: .venv/all.stamp    ## the exact load_dataset call in every supported version of datasets
	$(RUN) tests/matrix/environments.py
	$(RUN) -m pytest tests/matrix tests/hub/test_readers.py

test-trainers: .venv/all.stamp  ## LLaMA-Factory's, axolotl's and torchtune's own parsers read what export writes
	$(RUN) -m tests.trainers.environment
	$(RUN) -m pytest tests/trainers

lm-eval: .venvs/lm-eval/installed.stamp  ## EleutherAI's lm-evaluation-harness, for python -m finetune.harness

test-lm-eval: lm-eval           ## lm-eval asks a tiny model over invented items, and finds what finetune.evaluate finds
	OMP_NUM_THREADS=1 $(RUN) -m pytest tests/finetune/test_harness.py

gguf: .venvs/gguf/installed.stamp       ## llama.cpp's converter, for python -m finetune.export

test-gguf: gguf                 ## llama.cpp reads what finetune.export writes, and answers as the merged model does
	OMP_NUM_THREADS=1 $(RUN) -m pytest tests/finetune/test_export.py

test-signing: .venvs/signing/installed.stamp  ## OpenSSF's signatures tell an edit that verify cannot tell
	PYTHONPATH=.venvs/signing $(RUN) -m pytest tests/tree/test_signature.py

bench: .venv/all.stamp          ## the benchmarks that make their own input, one after the other
	for name in build jesc wikipedia wikitext hub release finetune; do $(RUN) -m benchmarks.$$name || exit 1; done

finetune-demo: .venv/demo.stamp ## tune a real model of 135 million parameters on the sample with ZeRO-2, evaluate, merge
	$(RUN) -m builders build --sample --out build/sample
	$(RUN) -m finetune.demo --data build/sample --out build/finetune-demo

update: .venv/all.stamp         ## rewrite what is derived from the code (of the rules: python -m tests.clean.regenerate); read the diff
	$(RUN) -m tests.corpora.regenerate
	$(RUN) -m tests.errors.regenerate
	$(RUN) -m tests.documents.regenerate
	$(RUN) -m tests.tree.regenerate

.venv/data.stamp: requirements-data.txt
	test -x $(RUN) || $(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet -r requirements-data.txt
	touch $@

.venv/all.stamp: requirements.txt requirements-data.txt requirements-ray.txt
	test -x $(RUN) || $(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet -r requirements.txt
	touch $@ .venv/data.stamp

.venv/demo.stamp: .venv/all.stamp requirements-demo.txt
	$(RUN) -m pip install --quiet --no-deps -r requirements-demo.txt
	touch $@

.venvs/datasets-3.6.0/installed.txt: requirements-data.txt tests/matrix/requirements-3.6.0.txt
	$(PYTHON) tests/matrix/environments.py 3.6.0
	touch $@

.venvs/lm-eval/installed.stamp: .venv/all.stamp requirements-lm-eval.txt
	rm -rf .venvs/lm-eval
	$(RUN) -m pip install --quiet --no-deps --target .venvs/lm-eval -r requirements-lm-eval.txt
	touch $@

.venvs/gguf/installed.stamp: .venv/all.stamp requirements-gguf.txt
	rm -rf .venvs/gguf
	$(RUN) -m pip install --quiet --no-deps --target .venvs/gguf -r requirements-gguf.txt
	touch $@

.venvs/signing/installed.stamp: .venv/all.stamp requirements-signing.txt
	rm -rf .venvs/signing
	$(RUN) -m pip install --quiet --target .venvs/signing -r requirements-signing.txt
	touch $@

clean:
	rm -rf build .venv .venvs
