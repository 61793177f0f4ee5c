"""Offline: an archive of answers → a bank of calibrated items with its card. Serving people is left to others."""

from __future__ import annotations

from undertow.calibrate.archive import Table, read_archive
from undertow.calibrate.bank_content import bank_content
from undertow.calibrate.bank_writer import write_bank
from undertow.calibrate.calibration import Calibration, calibrate_archive
from undertow.calibrate.comparing import ComparedGroups, compare_groups, write_plots
from undertow.calibrate.em import Fit, fit_graded
from undertow.calibrate.placing import Scheduler
from undertow.calibrate.recipe import BUILT_IN_RECIPE, Recipe, load_recipe, parse_recipe

__all__ = [
    "BUILT_IN_RECIPE",
    "Calibration",
    "ComparedGroups",
    "Fit",
    "Recipe",
    "Scheduler",
    "Table",
    "bank_content",
    "calibrate_archive",
    "compare_groups",
    "fit_graded",
    "load_recipe",
    "parse_recipe",
    "read_archive",
    "write_bank",
    "write_plots",
]
