"""The fit on a cluster against the fit here: the same numbers, whatever the number of workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import made_up_recipe, simulated_answers

from undertow.calibrate.cluster import on_cluster
from undertow.calibrate.em import Settled, settle
from undertow.calibrate.likelihood import Evaluation, sides_of
from undertow.calibrate.partitions import Partitions, write_partitions
from undertow.calibrate.sample import Sample
from undertow.calibrate.source import BLOCK_ROWS, InMemory, Source, evaluate
from undertow.calibrate.workers import workers

WHY = "dask is not installed: pip install 'undertow[cluster]'"
distributed = pytest.importorskip("distributed", reason=WHY)
pytest.importorskip("pyarrow", reason=WHY)

ROWS = BLOCK_ROWS + 12_345
DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
WITHIN = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    settled: Settled
    evaluation: Evaluation


def figures_of(source: Source, members: NDArray[np.bool_]) -> Figures:
    with workers() as mapper:
        settled = settle(source, mapper=mapper)
    return Figures(settled=settled, evaluation=evaluate(source, settled.parameters, members))


@pytest.fixture(scope="module")
def keyed() -> NDArray[np.int8]:
    shown = simulated_answers(ROWS, seed=21, missing=0.03)
    turned = np.where(np.isin(np.arange(8), (3, 5)) & (shown > 0), 4 - shown, shown)
    return (turned - 1).astype(np.int8)


@pytest.fixture(scope="module")
def members() -> NDArray[np.bool_]:
    return np.random.default_rng(4).random((2, ROWS)) < 0.5


@pytest.fixture(scope="module")
def here(keyed: NDArray[np.int8], members: NDArray[np.bool_]) -> Figures:
    with workers() as mapper:
        return figures_of(InMemory(sides=sides_of(keyed, DIMENSION_OF, 3), mapper=mapper), members)


@pytest.fixture(scope="module")
def parts(keyed: NDArray[np.int8], tmp_path_factory: pytest.TempPathFactory) -> Partitions:
    sample = Sample(keyed=keyed, age=None, gender=None, steps=(), complete_cases=False)
    folder: Path = tmp_path_factory.mktemp("cluster") / "parts"
    return write_partitions(sample, made_up_recipe(), folder)


@pytest.fixture(scope="module", params=[1, 2])
def there(
    request: pytest.FixtureRequest, parts: Partitions, members: NDArray[np.bool_]
) -> Iterator[Figures]:
    with (
        distributed.LocalCluster(
            n_workers=request.param,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=60,
        ) as made,
        on_cluster(made.scheduler_address, parts) as source,
    ):
        assert len(set(source.homes)) == request.param
        yield figures_of(source, members)


def test_the_log_likelihood_is_the_same(here: Figures, there: Figures) -> None:
    assert abs(there.evaluation.log_likelihood - here.evaluation.log_likelihood) <= WITHIN
    assert len(there.settled.trace) == len(here.settled.trace)
    assert np.abs(np.subtract(there.settled.trace, here.settled.trace)).max() <= WITHIN


def test_the_parameters_are_the_same(here: Figures, there: Figures) -> None:
    one, other = here.settled.parameters, there.settled.parameters
    assert np.abs(one.slope - other.slope).max() <= WITHIN
    assert np.abs(one.intercepts - other.intercepts).max() <= WITHIN
    assert abs(one.correlation - other.correlation) <= WITHIN
    assert here.settled.iterations == there.settled.iterations


def test_groups_have_the_same_mass(here: Figures, there: Figures) -> None:
    assert np.abs(here.evaluation.mass - there.evaluation.mass).max() <= WITHIN


def test_on_the_same_processor_they_agree_to_the_last_bit(here: Figures, there: Figures) -> None:
    assert there.evaluation.log_likelihood == here.evaluation.log_likelihood
    assert there.settled.trace == here.settled.trace
    assert np.array_equal(there.settled.parameters.slope, here.settled.parameters.slope)
