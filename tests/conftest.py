"""What every test may ask for: where the project lies, the real answers where they are, Hypothesis profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "search",
    deadline=None,
    max_examples=1000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def ecr_sample() -> Path:
    """The archive of real answers, which is not part of the project."""
    named = os.environ.get("UNDERTOW_ECR_SAMPLE")
    path = Path(named) if named else REPOSITORY.parent / "shared" / "data" / "ECR-data-sample.zip"
    if not path.is_file():
        pytest.skip("the archive of real answers is not here; UNDERTOW_ECR_SAMPLE can name it")
    return path
