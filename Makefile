# What a newcomer needs is `make run` and `make test`; the steps themselves are in scripts/.
.PHONY: setup run test lint bench bank requirements

setup:
	@scripts/setup dev

run:
	@scripts/setup run
	@exec .venv/bin/undertow serve

test:
	@scripts/setup dev
	@scripts/test

lint:
	@scripts/setup dev
	@scripts/lint

bench:
	@scripts/setup calibrate
	@scripts/bench

# The shipped bank and the typical length of a sitting on it: make bank ARCHIVE=path/to/archive.zip
bank:
	@scripts/setup calibrate
	@.venv/bin/python scripts/make_bank "$(ARCHIVE)"
	@.venv/bin/python scripts/make_length

# Pins anew what pyproject.toml asks for (needs uv).
requirements:
	@scripts/compile_requirements
