"""What would make a pure room impure, found in its syntax; which rooms are pure is left to the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Modules that compute and nothing else. What is not here has to be argued for.
ALLOWED = frozenset(
    {
        "__future__",
        "abc",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "itertools",
        "math",
        "numpy",
        "operator",
        "re",
        "string",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "undertow",
    }
)
# Built-ins that reach out of the room.
DOORS = frozenset(
    {"open", "print", "input", "eval", "exec", "compile", "breakpoint", "globals", "__import__"}
)
NUMPY_FILES = frozenset(
    {
        "load",
        "save",
        "savez",
        "savez_compressed",
        "loadtxt",
        "savetxt",
        "genfromtxt",
        "fromfile",
        "tofile",
        "memmap",
    }
)
CLOCKS = frozenset({"now", "utcnow", "today"})
SEEDED = frozenset(
    {"default_rng", "SeedSequence", "PCG64", "PCG64DXSM", "Philox", "MT19937", "SFC64"}
)
MEMORIES = frozenset({"cache", "lru_cache", "cached_property", "singledispatch"})
IMMUTABLE = frozenset(
    {
        "tuple",
        "frozenset",
        "int",
        "float",
        "str",
        "bytes",
        "complex",
        "bool",
        "Decimal",
        "Fraction",
        "TypeVar",
        "ParamSpec",
        "NewType",
        "re.compile",
        "MappingProxyType",
        "types.MappingProxyType",
        "field",
    }
)
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def impurities(tree: ast.Module) -> list[str]:
    """'line: what is wrong' for every way in which a module reaches for the world around it."""
    aliases = _aliases(tree)
    found = []
    for node in ast.walk(tree):
        found += [(node.lineno, said) for said in _of_import(node)]  # type: ignore[attr-defined]
        if isinstance(node, ast.Name) and node.id in DOORS:
            found.append((node.lineno, f"uses {node.id}"))
        if isinstance(node, ast.Attribute):
            found += [(node.lineno, said) for said in _of_attribute(_name(node, aliases))]
        if isinstance(node, ast.Call):
            found += [(node.lineno, said) for said in _of_call(node, aliases)]
    return [f"{line}: {said}" for line, said in sorted(set(found))]


def mutable_state(tree: ast.Module) -> list[str]:
    """'line: what is wrong' for every value of a module or class that someone could change."""
    frozen = IMMUTABLE | _own_classes(tree)
    found = []
    bodies = [tree.body, *(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
    for statement in (each for body in bodies for each in body):
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = ", ".join(ast.unparse(target) for target in targets)
        if names != "__all__" and _can_change(statement.value, frozen):
            found.append((statement.lineno, f"{names} can be changed"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.append((node.lineno, f"global {', '.join(node.names)}"))
        if isinstance(node, ast.FunctionDef):
            kept = {_last(_called(each)) for each in node.decorator_list} & MEMORIES
            found += [(node.lineno, f"{node.name} remembers by {each}") for each in sorted(kept)]
    return [f"{line}: {said}" for line, said in sorted(found)]


def loose_dataclasses(tree: ast.Module) -> list[str]:
    """'line: name' for every dataclass that is not frozen, with slots, built by keyword."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for each in node.decorator_list:
            if _last(_called(each)) != "dataclass":
                continue
            given = each.keywords if isinstance(each, ast.Call) else []
            on = {k.arg for k in given if isinstance(k.value, ast.Constant) and k.value.value}
            if not {"frozen", "slots", "kw_only"} <= on:
                found.append(f"{node.lineno}: {node.name}")
    return found


def _of_import(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        modules = [each.name for each in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        modules = [node.module or ""]
        for each in node.names:
            yield from _of_attribute(f"{node.module}.{each.name}")
    else:
        return
    for module in modules:
        if module.split(".")[0] not in ALLOWED:
            yield f"imports {module}"


def _of_attribute(name: str) -> Iterator[str]:
    parts = name.split(".")
    if parts[0] == "numpy" and parts[-1] in NUMPY_FILES:
        yield f"touches a file by {name}"
    harmless = SEEDED | {"Generator", "BitGenerator"}
    if parts[:2] == ["numpy", "random"] and len(parts) == 3 and parts[2] not in harmless:
        yield f"draws from the one generator of everyone by {name}"


def _of_call(node: ast.Call, aliases: dict[str, str]) -> Iterator[str]:
    name = _name(node.func, aliases)
    if isinstance(node.func, ast.Attribute) and _last(name) in CLOCKS:
        yield f"reads the clock by {name}"
    if isinstance(node.func, ast.Attribute) and _last(name) == "tofile":
        yield "touches a file by tofile"
    if name.startswith("numpy.random.") and _last(name) in SEEDED:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not given or any(isinstance(a, ast.Constant) and a.value is None for a in given):
            yield f"{name} without a seed"


def _aliases(tree: ast.Module) -> dict[str, str]:
    """What imported names stand for: np -> numpy, default_rng -> numpy.random.default_rng."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                aliases[each.asname or each.name.split(".")[0]] = (
                    each.name if each.asname else each.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                aliases[each.asname or each.name] = f"{node.module}.{each.name}"
    return aliases


def _name(node: ast.AST, aliases: dict[str, str]) -> str:
    """The dotted name that an expression spells, with its first part resolved."""
    first, _, rest = _called(node).partition(".")
    resolved = aliases.get(first, first)
    return f"{resolved}.{rest}" if rest else resolved


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _own_classes(tree: ast.Module) -> frozenset[str]:
    """Classes of the package itself; that its dataclasses are frozen is a check of its own."""
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    imported = {
        each.asname or each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("undertow")
        for each in node.names
        if each.name[:1].isupper()
    }
    return frozenset(defined | imported)


def _can_change(value: ast.expr, frozen: frozenset[str]) -> bool:
    if isinstance(value, DISPLAYS):
        return True
    if isinstance(value, ast.Call):
        if _called(value) not in frozen:
            return True
        wraps = _called(value) in IMMUTABLE
        return not wraps and any(
            _can_change(part, frozen) for part in [*value.args, *(k.value for k in value.keywords)]
        )
    if isinstance(value, ast.Tuple):
        return any(_can_change(part, frozen) for part in value.elts)
    if isinstance(value, ast.BinOp):
        return _can_change(value.left, frozen) or _can_change(value.right, frozen)
    return False
