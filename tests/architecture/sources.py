"""Undertow's own files as the architecture tests read them; what must hold of them is left to the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PACKAGE = REPOSITORY / "src" / "undertow"
PURE = ("bank", "measure", "reading", "safety")


def rooms() -> list[str]:
    """Every room: a folder or a single file beside `__init__.py`."""
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    )


def modules_of(room: str) -> list[Path]:
    alone = PACKAGE / f"{room}.py"
    return [alone] if alone.is_file() else sorted((PACKAGE / room).rglob("*.py"))


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def own_files() -> Iterator[Path]:
    """What belongs to the project: everything that `.gitignore` does not name, git itself left out."""
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    patterns = [".git", *(line.rstrip("/") for line in ignored)]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if any(fnmatch(path.name, pattern) for pattern in patterns):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path

    return walk(REPOSITORY)


def own_texts() -> dict[str, str]:
    """The text files among them, by their place in the repository."""
    texts = {}
    for path in own_files():
        content = path.read_bytes()
        if b"\0" not in content:
            texts[shown(path)] = content.decode("utf-8", "replace")
    return texts
