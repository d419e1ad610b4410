# Thin front to CMake: each target installs what is missing with apt first. `make help` lists them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
SEED ?= 1

.PHONY: help build demo check check-full format format-check clean

help:
	@echo 'make build       the programs, in build/release/bin'
	@echo 'make demo        a closed-loop campaign in the virtual laboratory, and demo/report.html  [SEED=n]'
	@echo 'make check       every test, the installed package, the learner on its own, the fast sanitizer part'
	@echo 'make check-full  check, then full sanitizers and the long fault tests'
	@echo 'make format      clang-format over every source'
	@echo 'make clean       remove build/ and demo/'

build:
	@.ci/setup build
	@cmake --preset release -Wno-dev >/dev/null
	@cmake --build --preset release -j $(JOBS)

demo: build
	@build/release/bin/cupel-demo --seed $(SEED) --out demo

check:
	@.ci/setup check
	@.ci/check fast

check-full:
	@.ci/setup check
	@.ci/check full

format:
	@.ci/setup check
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

format-check:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror

clean:
	rm -rf build demo
