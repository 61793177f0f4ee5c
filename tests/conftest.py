"""What every kind of test shares: where things lie and how hard Hypothesis looks; no app, no browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).parent.parent
ECR_SAMPLE = Path("..") / "shared" / "data" / "ECR-data-sample.zip"

# No deadline and no limit on slow examples: how long one takes depends on who else uses the machine.
# Fixtures shared between examples are meant: they are values, or are set back by the test itself.
EVERYWHERE = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# The same examples on every run, so that red means this change and not this day.
settings.register_profile("ci", EVERYWHERE, derandomize=True, max_examples=60)
# Other examples on every run, and many: HYPOTHESIS_PROFILE=search scripts/test
settings.register_profile("search", EVERYWHERE, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def ecr_sample() -> Path:
    """The archive of real answers, which is never part of the repository."""
    named = os.environ.get("UNDERTOW_ECR_SAMPLE")
    if named and not Path(named).is_file():
        # Someone meant to run these tests; skipping would look like passing.
        pytest.fail(f"UNDERTOW_ECR_SAMPLE names {named}, which is not a file.")
    sample = Path(named) if named else REPOSITORY / ECR_SAMPLE
    if not sample.is_file():
        pytest.skip(
            "The sample of real answers is not here; name its zip with UNDERTOW_ECR_SAMPLE."
        )
    return sample.resolve()
