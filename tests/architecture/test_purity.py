"""Pure rooms take values and give values: no file, clock, print, hidden dice or shared state."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.architecture.purity import ALLOWED, impurities, loose_dataclasses, mutable_state
from tests.architecture.sources import PACKAGE, PURE, modules, modules_of, parsed, shown
from tests.architecture.test_layers import PURITY, configuration

PURE_MODULES = [module for room in (*PURE, "errors") for module in modules_of(room)]
INNER_MODULES = [m for m in modules() if m.relative_to(PACKAGE).parts[0] not in {"web", "terminal"}]

IMPURE = [
    "import os",
    "import os.path as where",
    "from pathlib import Path",
    "import time, math",
    "from undertow.bank.item import Item\nfrom io import StringIO",
    "def f():\n    import json",
    "def f(path):\n    return open(path)",
    "print('x')",
    "show = print",
    "__import__('os')",
    "from datetime import datetime\ndef f():\n    return datetime.now()",
    "import datetime\ndef f():\n    return datetime.datetime.now(tz=datetime.UTC)",
    "from datetime import date as day\nx = day.today()",
    "import numpy as np\ndef f():\n    return np.random.normal()",
    "import numpy\nnumpy.random.seed(1)",
    "import numpy as np\nrng = np.random.default_rng()",
    "import numpy as np\nrng = np.random.default_rng(None)",
    "import numpy as np\nrng = np.random.default_rng(seed=None)",
    "from numpy.random import default_rng\nrng = default_rng()",
    "from numpy.random import normal",
    "from numpy import random as dice\ndice.shuffle([1])",
    "import numpy as np\ndef f(path):\n    return np.loadtxt(path)",
    "from numpy import load",
    "def f(array, path):\n    array.tofile(path)",
]
PURE_ENOUGH = [
    "import numpy as np\ndef f(rng: np.random.Generator) -> float:\n    return rng.normal()",
    "import numpy as np\ndef f(seed: int):\n    return np.random.default_rng(seed)",
    "import math\nfrom datetime import datetime\ndef f(now: datetime) -> int:\n    return now.year",
    "from collections.abc import Mapping\nfrom undertow.bank.item import Item",
]
CHANGEABLE = [
    "X = []",
    "X: dict[str, int] = {}",
    "X = {1, 2}",
    "X = [n for n in range(3)]",
    "X = ([], 1)",
    "X = [0] * 3",
    "X = dict(a=1)",
    "import numpy as np\nX = np.zeros(3)",
    "from collections import defaultdict\nX = defaultdict(list)",
    "class A:\n    seen = []",
    "from undertow.bank.item import Item\nX = Item(id=[])",
    "def f():\n    global x\n    x = 1",
    "from functools import lru_cache\n@lru_cache(maxsize=1)\ndef f(): ...",
    "import functools\n@functools.cache\ndef f(): ...",
]
UNCHANGEABLE = [
    "X = (1, 2)",
    "X = frozenset({1, 2})",
    "from types import MappingProxyType\nX = MappingProxyType({'a': 1})",
    "import re\nX = re.compile('x')",
    "from numpy.typing import NDArray\nimport numpy as np\nArray = NDArray[np.float64]",
    "from undertow.bank.item import Item\nX = (Item(id='a'),)",
    "__all__ = ['f']",
    "from dataclasses import field\nclass A:\n    x: dict[str, int] = field(default_factory=dict)",
    "def f():\n    here = []\n    return here",
]
LOOSE = [
    "@dataclass\nclass A: ...",
    "@dataclass(frozen=True)\nclass A: ...",
    "@dataclasses.dataclass(frozen=True, slots=True)\nclass A: ...",
    "@dataclass(frozen=False, slots=True, kw_only=True)\nclass A: ...",
]


def test_there_are_pure_rooms_to_look_at() -> None:
    assert all(modules_of(room) for room in (*PURE, "errors"))


@pytest.mark.parametrize("module", PURE_MODULES, ids=shown)
def test_a_pure_room_touches_nothing_around_it(module: Path) -> None:
    assert impurities(parsed(module)) == []


@pytest.mark.parametrize("module", PURE_MODULES, ids=shown)
def test_a_pure_room_keeps_nothing_that_changes(module: Path) -> None:
    assert mutable_state(parsed(module)) == []


@pytest.mark.parametrize("module", INNER_MODULES, ids=shown)
def test_what_passes_between_rooms_is_frozen(module: Path) -> None:
    assert loose_dataclasses(parsed(module)) == []


@pytest.mark.parametrize("module", modules_of("safety"), ids=shown)
def test_safety_knows_no_numpy(module: Path) -> None:
    assert "numpy" not in module.read_text(encoding="utf-8")


def test_what_is_allowed_is_not_forbidden_by_contract() -> None:
    assert set(configuration()[PURITY]["forbidden_modules"]) & ALLOWED == set()


@pytest.mark.parametrize("planted", IMPURE)
def test_a_planted_impurity_is_found(planted: str) -> None:
    assert len(impurities(ast.parse(planted))) == 1


@pytest.mark.parametrize("planted", PURE_ENOUGH)
def test_what_is_pure_is_left_alone(planted: str) -> None:
    assert impurities(ast.parse(planted)) == []


@pytest.mark.parametrize("planted", CHANGEABLE)
def test_planted_state_is_found(planted: str) -> None:
    assert len(mutable_state(ast.parse(planted))) == 1


@pytest.mark.parametrize("planted", UNCHANGEABLE)
def test_constants_are_left_alone(planted: str) -> None:
    assert mutable_state(ast.parse(planted)) == []


@pytest.mark.parametrize("planted", LOOSE)
def test_a_planted_loose_dataclass_is_found(planted: str) -> None:
    assert loose_dataclasses(ast.parse(planted)) == ["2: A"]
