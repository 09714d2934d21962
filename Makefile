# One way to do each thing. `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 2
BENCH_VENV := .venv-bench
BENCH_PEERS := $(patsubst requirements/bench-peers/%.lock,.venv-bench-%/.bench,$(wildcard requirements/bench-peers/*.lock))

.PHONY: help demo test test-docker screenshots faults lockstep bench bench-latency bench-scale soak bench-risk bench-learner bench-queue bench-learning lint fmt lock schemas clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.demo ## sort real mail: broker, Redis, all services and simulated reviewers on this machine
	$(BIN)/winnow demo $(ARGS)

test: $(VENV)/.test ## all tests (real Kafka and a browser where the machine has them)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

test-docker: $(VENV)/.test ## the system tests on containers, and the compose file (needs a Docker daemon)
	WINNOW_TEST_CONTAINERS=1 $(BIN)/python -m pytest tests/system -m "kafka or docker" $(ARGS)

bench-learner: $(VENV)/.test ## how many verdicts a second the learner learns and publishes, and what a publication weighs
	$(BIN)/python -m benchmarks.learner_rate $(ARGS)

bench-risk: $(BENCH_VENV)/.bench ## the error held and what it costs, on six data sets and millions of made-up records (ARGS=--quick: 15 minutes)
	$(BENCH_VENV)/bin/python -m benchmarks.risk $(ARGS)

bench: $(BENCH_VENV)/.bench $(BENCH_PEERS) ## what a record costs, here and elsewhere, on real Kafka (ARGS=--quick: 10 minutes)
	$(BENCH_VENV)/bin/python -m benchmarks.speed $(ARGS)

bench-queue: $(VENV)/.test ## the review queue: intake, next, memory and the way back, up to a million open (ARGS=--quick: a minute)
	$(BIN)/python -m benchmarks.queue_rate $(ARGS)

bench-learning: $(BENCH_VENV)/.bench ## what a committee lets the machine label, what a budget costs it, and how right it is, on six data sets (ARGS=--quick: 25 minutes)
	$(BENCH_VENV)/bin/python -m benchmarks.learning $(ARGS)
	$(BENCH_VENV)/bin/python -m benchmarks.budget $(ARGS)
	$(BENCH_VENV)/bin/python -m benchmarks.accuracy $(ARGS)

bench-latency: $(BENCH_VENV)/.bench ## from a record to its label, at 1,000 to 20,000 records a second (ARGS=--quick)
	$(BENCH_VENV)/bin/python -m benchmarks.speed.latency $(ARGS)

soak: $(BENCH_VENV)/.bench ## a scorer's memory over ten million records, on real Kafka (ARGS="--records 500000")
	$(BENCH_VENV)/bin/python -m benchmarks.soak $(ARGS)

bench-scale: $(BENCH_VENV)/.bench ## one and two scorers; more features, labels and words (ARGS=--quick)
	$(BENCH_VENV)/bin/python -m benchmarks.speed.scale $(ARGS)

screenshots: $(VENV)/.test ## pictures of the review page into docs/images (needs Chromium)
	$(BIN)/python -m tests.screenshots $(ARGS)

faults: $(VENV)/.test ## the long forms of the tests that break things on purpose (real Kafka; some minutes)
	$(BIN)/python -m pytest -m faults --durations=0 $(ARGS)

lockstep: $(VENV)/.test ## replay's decisions against those on Kafka, record by record (WINNOW_DATA says where the files are)
	$(BIN)/python -m pytest tests/lockstep -m lockstep --durations=0 $(ARGS)

lint: $(VENV)/.test ## style, types, and the direction of imports
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.test ## format the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

schemas: $(VENV)/.test ## write schemas/generated anew
	$(BIN)/python -m winnow_schemas.generate

lock: ## pin all dependencies anew (needs uv)
	uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -o requirements/base.lock
	uv pip compile pyproject.toml requirements/build.in --extra demo --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -c requirements/base.lock -o requirements/demo.lock
	uv pip compile pyproject.toml requirements/build.in --extra demo --extra report --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -c requirements/demo.lock -o requirements/test.lock
	uv pip compile pyproject.toml requirements/build.in --extra report --extra bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -c requirements/test.lock -o requirements/bench.lock
	for peer in requirements/bench-peers/*.in; do uv pip compile $$peer --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -o $${peer%.in}.lock || exit 1; done

clean: ## forget what was built
	rm -rf $(VENV) $(BENCH_VENV) $(BENCH_VENV)-* build .pytest_cache .mypy_cache .ruff_cache .hypothesis

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Winnow needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(2)/bin/python || $(PYTHON) -m venv $(2)
	@echo "installing into $(2) (about a minute, once)"
	@$(2)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1)
	@$(2)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

$(VENV)/.demo: requirements/demo.lock pyproject.toml
	$(call install,requirements/demo.lock,$(VENV))
	@touch $@

$(VENV)/.test: requirements/test.lock pyproject.toml
	$(call install,requirements/test.lock,$(VENV))
	@touch $@ $(VENV)/.demo

$(BENCH_VENV)/.bench: requirements/bench.lock pyproject.toml
	$(call install,requirements/bench.lock,$(BENCH_VENV))
	@touch $@

$(BENCH_VENV)-%/.bench: requirements/bench-peers/%.lock
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@echo "installing into $(@D)"
	@$(@D)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@
