"""Archives for benchmarks: made up from the shipped bank, or the real one; timing is left to others."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.content.bank_files import load_bank_file
from undertow.measure.grm import category_probabilities
from undertow.wiring import BUILT_IN_BANK

REPOSITORY = Path(__file__).parent.parent
_SAMPLE = Path("..") / "shared" / "data" / "ECR-data-sample.zip"
_CHUNK_ROWS = 50_000


def real_sample() -> Path | None:
    """The archive of real answers where it is: UNDERTOW_ECR_SAMPLE names it."""
    path = Path(os.environ.get("UNDERTOW_ECR_SAMPLE") or REPOSITORY / _SAMPLE)
    return path.resolve() if path.is_file() else None


def write_archive(path: Path, rows: int) -> None:
    """An archive laid out like the published one, with answers drawn from the shipped bank."""
    bank = load_bank_file(BUILT_IN_BANK)
    rng = np.random.default_rng(rows)
    header = ",".join([*(item.id for item in bank.items), "age", "gender", "country"])
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("made-up/data.csv", "w") as file,
    ):
        file.write(f"{header}\n".encode())
        for start in range(0, rows, _CHUNK_ROWS):
            own = min(_CHUNK_ROWS, rows - start)
            theta = rng.standard_normal((own, len(DIMENSIONS)))
            columns = []
            for item in bank.items:
                shares = category_probabilities(
                    theta[:, DIMENSIONS.index(item.dimension)],
                    slope=item.slope,
                    intercepts=np.asarray(item.intercepts),
                )
                keyed = (rng.random(own) > shares.cumsum(axis=0)).sum(axis=0)
                # Rounding can leave the last sum a hair below 1.
                keyed = np.minimum(keyed, item.categories - 1)
                columns.append(keyed + 1 if item.keying == 1 else item.categories - keyed)
            ages = rng.integers(18, 81, own)
            columns += [ages // 10, ages % 10, rng.integers(1, 3, own)]
            file.write(_lines(np.stack(columns, axis=1), digits=len(bank.items)))


def _lines(numbers: np.ndarray, *, digits: int) -> bytes:
    """Rows of text of one width: answers, two digits of age, gender and a country."""
    text = np.full((numbers.shape[0], 2 * digits + 8), ord(","), dtype=np.uint8)
    text[:, 0 : 2 * digits : 2] = numbers[:, :digits] + ord("0")
    text[:, 2 * digits : 2 * digits + 2] = numbers[:, digits : digits + 2] + ord("0")
    text[:, 2 * digits + 3] = numbers[:, -1] + ord("0")
    text[:, -3:] = np.frombuffer(b"US\n", dtype=np.uint8)
    return text.tobytes()
