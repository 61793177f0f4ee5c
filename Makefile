# What a newcomer needs: make run, make test. The steps themselves are in scripts/setup.
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
	@scripts/setup dev
	@for each in benchmarks/bench_*.py; do echo "== $$each"; .venv/bin/python "$$each" || exit 1; done

# The shipped bank and what the start page says of its length: make bank ARCHIVE=path/to/archive.zip
bank:
	@scripts/setup run
	@.venv/bin/python scripts/make_bank "$(ARCHIVE)"
	@.venv/bin/python scripts/make_length

# Compile the pinned requirements anew from pyproject.toml (needs uv).
requirements:
	@scripts/compile_requirements
