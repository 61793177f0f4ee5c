"""The recovery report is there, keeps its bounds, and the command that writes it still runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from benchmarks.recovery.figures import Estimates, mean_of, ratio_of, recovered, recovered_where
from benchmarks.recovery.truth import (
    DIFFERENCES,
    Truth,
    TwoGroups,
    answers_of,
    load_items,
    two_groups,
)
from numpy.typing import NDArray

from undertow.bank.responses import MISSING

LOWEST, HIGHEST = 93.0, 97.0
FIGURE = re.compile(r"(-?\d+\.\d+) \((\d+\.\d+)\)")
Row = dict[str, str]


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/recovery.md").read_text(encoding="utf-8")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(page: str) -> Iterator[tuple[str, list[Row]]]:
    """Each table's rows by column, with the heading that it stands under."""
    heading, lines = "", iter([*page.splitlines(), ""])
    for line in lines:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("|"):
            columns, rows = cells(line), []
            next(lines)
            while (line := next(lines)).startswith("|"):
                rows.append(dict(zip(columns, cells(line), strict=True)))
            yield heading, rows


def under(page: str, heading: str, column: str) -> list[Row]:
    found = [rows for name, rows in tables(page) if name == heading and column in rows[0]]
    assert len(found) == 1, heading
    return found[0]


def number(cell: str) -> float:
    """The figure of a cell, its Monte Carlo standard error left out."""
    match = FIGURE.fullmatch(cell)
    assert match, cell
    return float(match[1])


def monte_carlo(cell: str) -> float:
    match = FIGURE.fullmatch(cell)
    assert match, cell
    return float(match[2])


def in_bounds(cell: str, *, leeway: float = 0.0) -> bool:
    """Coverage within 93 to 97 %, give or take so many Monte Carlo standard errors."""
    more = leeway * monte_carlo(cell)
    return LOWEST - more <= number(cell) <= HIGHEST + more


def test_it_says_how_it_was_made(page: str) -> None:
    assert "mean nothing" not in page
    made = {row[""]: list(row.values())[-1] for row in named_head(page)}
    assert date.fromisoformat(made["made on"]) >= date(2026, 11, 24)
    assert "cores" in made["machine"]
    assert made["seed"].startswith("20261124")
    assert int(made["replications"].split()[0].replace(",", "")) >= 1000
    assert made["fits that failed"] == "0"


def named_head(page: str) -> list[Row]:
    lines = page.splitlines()
    start = lines.index("| | |") + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        name, value = cells(line)
        rows.append({"": name, "value": value})
    return rows


def test_every_figure_has_its_monte_carlo_error(page: str) -> None:
    checked = 0
    for heading, rows in tables(page):
        for row in rows:
            for column in ("bias", "RMSE", "coverage %", "adjusted %", "p < .05 %"):
                if column in row:
                    assert FIGURE.fullmatch(row[column]), (heading, row)
                    checked += 1
    assert checked > 200


def test_one_group_is_recovered(page: str) -> None:
    rows = under(page, "One group", "coverage %")
    pooled = [row for row in rows if not row["parameters"].startswith("correlation")]
    assert len({row["sample"] for row in rows}) == 5
    for row in pooled:
        assert in_bounds(row["coverage %"]), row
        # With 181 parameters and 2,000 people cross-products make it about 1.05.
        assert 0.95 < float(row["reported s.e. / RMSE"]) < 1.08, row
        # A bias of a fifth of a standard error costs half a per cent of coverage.
        assert float(row["worst bias, in s.e."]) < 0.3 + float(row["by chance"]), row
    for row in rows:
        assert in_bounds(row["coverage %"], leeway=2.5), row
    together = re.search(r"of all samples of 36 items together: coverage (.*) %\.", page)
    assert together
    assert in_bounds(together[1])


def test_five_times_as_many_people_halve_the_error(page: str) -> None:
    rows = under(page, "One group", "coverage %")
    # The correlation is one number a replication: its RMSE is too rough for this.
    rows = [row for row in rows if not row["parameters"].startswith("correlation")]
    error = {(row["sample"], row["parameters"]): number(row["RMSE"]) for row in rows}
    compared = 0
    for (sample, kind), small in error.items():
        large = error.get((sample.replace("2,000", "10,000"), kind))
        if "10,000" not in sample and large is not None:
            assert 1.9 < small / large < 2.6, (sample, kind)  # sqrt(5) = 2.24
            compared += 1
    assert compared == 6


def test_no_estimate_is_less_likely_than_the_truth(page: str) -> None:
    rows = under(page, "One group", "as likely %")
    assert len(rows) == 5
    for row in rows:
        assert row["as likely %"] == "100.0"
        # Twice the gain is chi-square with as many degrees of freedom, a little more in small samples.
        assert 0.97 < number(row["twice the gain"]) / float(row["parameters"]) < 1.1, row


def test_groups_are_as_far_apart_as_they_are(page: str) -> None:
    rows = under(page, "How far the groups are apart", "coverage %")
    for row in rows:
        # Anchors chosen by the data may cost a little; every sample has few replications.
        assert in_bounds(row["coverage %"], leeway=3.0) or "100.0" in row["coverage %"], row
        assert abs(number(row["bias"])) < 0.005 + 3 * monte_carlo(row["bias"]), row
    for anchors in ("chosen by the data", "known"):
        together = re.search(rf"anchors {anchors}, coverage (\S+ \(\S+\)) %", page)
        assert together
        assert in_bounds(together[1], leeway=2.0), anchors


def test_parameters_by_group_are_recovered(page: str) -> None:
    rows = under(page, "By-group parameters of the twelve items", "coverage %")
    assert len(rows) == 8
    for row in rows:
        assert in_bounds(row["coverage %"], leeway=2.0), row
        assert float(row["free %"]) > 95, row


def test_differences_of_items_are_recovered(page: str) -> None:
    for row in under(page, "Differences of single items", "coverage %"):
        if "differ" in row["items"]:
            assert in_bounds(row["coverage %"], leeway=2.0), row
        else:
            # Too wide is known and said on the page; too narrow would be a defect.
            assert number(row["coverage %"]) >= LOWEST, row
        assert abs(number(row["bias"])) < 0.005, row


def test_items_that_differ_are_found_and_others_seldom(page: str) -> None:
    rows = under(page, "Found, and falsely found", "adjusted %")
    sizes = 0
    for row in rows:
        found, matters = number(row["adjusted %"]), number(row["moderate or large %"])
        if row["items"].startswith("equal"):
            assert found <= 5, row
            assert number(row["p < .05 %"]) <= 9, row
            assert matters <= 0.5, row
        else:
            large = row["items"].startswith("by .22 to .28")
            assert found > (99 if large or "8,000" in row["sample"] else 75), row
            # All of these are truly above .17 SD, the border of what matters.
            assert not large or matters > 75, row
            sizes += 1
    assert sizes == 12


def test_few_of_those_found_are_wrong(page: str) -> None:
    for row in under(page, "Found, and falsely found", "wrong items %"):
        most = 5 + 2.5 * monte_carlo(row["wrong items %"])
        if "twelve" in row["sample"]:
            assert number(row["wrong items %"]) <= most, row
            assert number(row["anchors that differ"]) < 1, row
            assert number(row["fair items as anchors %"]) > 90, row
        else:
            # Every item found is wrong here; the page says why it is a little more than 5 %.
            assert number(row["wrong items %"]) <= most + 5, row


def test_norms_err_to_the_safe_side(page: str) -> None:
    for row in under(page, "Norms", "coverage %"):
        more = 2.0 * monte_carlo(row["coverage %"])
        assert number(row["coverage %"]) + more >= LOWEST, row
        assert abs(number(row["bias"])) < 0.003, row


def test_what_falls_outside_is_said(page: str) -> None:
    """Each kind that lies outside by more than chance has its line, and a reason with it."""
    start = page.index("## What falls outside")
    said = page[start : page.index("## One group")]
    assert re.search(r"Of \d+ coverages below, \d+ are outside 93 to 97 %", said)
    assert "No reason is known" not in said
    if any("are equal" in row["items"] and number(row["coverage %"]) > 98
           for row in under(page, "Differences of single items", "coverage %")):  # fmt: skip
        assert "**Difference of items that are equal**" in said


def test_the_command_writes_the_same_layout(page: str, repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "trial.md"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery", "--trial", "--out", out],
        cwd=repository, check=True, capture_output=True,
    )  # fmt: skip
    trial = out.read_text(encoding="utf-8")
    assert "mean nothing" in trial
    assert [name for name in tmp_path.iterdir() if name != out] == []

    def layout(text: str) -> list[tuple[str, list[str]]]:
        return [(heading, list(rows[0])) for heading, rows in tables(text)]

    assert layout(trial) == layout(page)


def test_a_trial_does_not_take_the_reports_place(page: str, repository: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery", "--trial"],
        cwd=repository, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "--out" in refused.stderr
    assert (repository / "docs/recovery.md").read_text(encoding="utf-8") == page


# What the report rests on: the truth it made up, and how it sums up.


@pytest.fixture(scope="module")
def groups() -> TwoGroups:
    return two_groups(load_items(), men=400, women=800, differing=True)


def score_curve(truth: Truth, item: int, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of P(X >= k), boundary by boundary."""
    total = np.zeros(theta.size)
    for cut in truth.intercepts[item]:
        total += 1 / (1 + np.exp(-(truth.slope[item] * theta + cut)))
    return total


def test_the_truth_differs_by_what_it_says(groups: TwoGroups) -> None:
    theta = np.arange(-8, 8, 0.01)
    density = np.exp(-(theta**2) / 2) * 0.01 / np.sqrt(2 * np.pi)
    for item, name in enumerate(groups.names):
        curves = (score_curve(own, item, theta) for own in (groups.men, groups.women))
        gap = float((next(curves) - next(curves)) @ density)
        assert gap == pytest.approx(DIFFERENCES.get(name, 0.0), abs=1e-6), name
    assert groups.fair.sum() == 24
    for own in (groups.men, groups.women):
        assert np.all(np.diff(own.intercepts, axis=1) < 0)


def test_both_groups_together_are_the_metric(groups: TwoGroups) -> None:
    men, women = groups.men, groups.women
    np.testing.assert_allclose((men.means + 2 * women.means) / 3, 0, atol=1e-12)
    squares = [own.means**2 + own.deviations**2 for own in (men, women)]
    np.testing.assert_allclose((squares[0] + 2 * squares[1]) / 3, 1, atol=1e-12)
    np.testing.assert_allclose(men.means - women.means, [-0.14, -0.07], atol=1e-12)


def test_answers_follow_the_truth(groups: TwoGroups) -> None:
    own, rows = groups.women, 20_000
    keyed = answers_of(own, rows, np.random.default_rng(4), missing=0.05)
    assert (keyed == MISSING).mean() == pytest.approx(0.05, abs=0.002)
    z = np.arange(-8, 8, 0.02)
    density = np.exp(-(z**2) / 2) * 0.02 / np.sqrt(2 * np.pi)
    for item in (0, 1, 17):
        side = own.dimension_of[item]
        curve = score_curve(own, item, own.means[side] + own.deviations[side] * z)
        answered = keyed[keyed[:, item] != MISSING, item]
        # The standard error of the mean of 19,000 answers is below .01.
        assert answered.mean() == pytest.approx(float(curve @ density), abs=0.03)
    complete = (keyed != MISSING).all(axis=1)
    sums = [keyed[complete][:, own.dimension_of == side].sum(axis=1) for side in (0, 1)]
    # The latent correlation is .15; sums of 18 items have a reliability of about .95.
    assert np.corrcoef(*sums)[0, 1] == pytest.approx(0.14, abs=0.05)


def test_sums_by_hand() -> None:
    """Two replications of two parameters: errors 1, -1 and 3, 1 with standard errors of 1."""
    ones = np.ones(2)
    made = [
        Estimates(error=np.array([1.0, -1.0]), reported=ones),
        Estimates(error=np.array([3.0, 1.0]), reported=ones),
    ]
    found = recovered(made)
    assert found.bias.value == 1.0  # means of 0 and 2
    assert found.bias.error == pytest.approx(1.0)  # SD sqrt(2) over sqrt(2)
    assert found.rmse.value == pytest.approx(np.sqrt(3))  # mean squares of 1 and 5
    assert found.rmse.error == pytest.approx(2 / (2 * np.sqrt(3)))
    assert found.worst == 2.0  # the first parameter: 1 and 3
    assert found.reported == pytest.approx(1 / np.sqrt(3))
    assert found.coverage.value == 0.75  # all but the 3
    assert found.coverage.error == pytest.approx(0.25)


def test_sums_where_some_are_left_out() -> None:
    gone = np.array([np.nan, 3.0])
    made = [
        Estimates(error=np.array([1.0, -1.0]), reported=np.ones(2)),
        Estimates(error=gone, reported=np.ones(2)),
    ]
    found = recovered_where(made)
    assert found.share == 0.75
    assert found.bias.value == 1.0  # (1 - 1 + 3) / 3
    assert found.rmse.value == pytest.approx(np.sqrt(11 / 3))
    assert found.coverage.value == pytest.approx(2 / 3)


def test_a_ratio_of_sums_is_no_mean_of_ratios() -> None:
    found = ratio_of([1.0, 4.0], [1.0, 2.0])
    assert found.value == pytest.approx(5 / 3)
    # Residuals of -2/3 and 2/3; sqrt(2 * 8/9) / 3
    assert found.error == pytest.approx(np.sqrt(16 / 9) / 3)
    assert mean_of([2.0, 4.0]).error == pytest.approx(1.0)
