"""Mutation testing: rules, working time and measures are made wrong in small ways, and the tests must notice.

The ways are cosmic-ray's; a mutant lives in the memory of a fork alone, so that no file is ever changed and a trial
costs what its tests do. Mutants that differ in annotations or docstrings only are none. ``make mutants``.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
SECONDS_MAX = 120
"""Processor time of a mutant's tests; one that never ends is noticed."""
TESTS = {
    "audit/working_time.py": ["tests/test_working_time.py"],
    "audit/measures": ["tests/test_measures.py"],
}
LAST_RESORT = ["tests/rules/test_last_day.py", "tests/test_agreement.py"]
"""What is asked where a module's own tests notice nothing: what holds for many rules, and the oracle's judgement of
random provinces.
"""
LEFT_OUT = frozenset(
    {
        "core/RemoveDecorator",
        "core/VariableReplacer",
        "core/VariableInserter",
        "core/ExceptionReplacer",
        # of arrays of truth values, which is what these modules combine, product and sum are "and" and "or"
        "core/ReplaceBinaryOperator_BitAnd_Mul",
        "core/ReplaceBinaryOperator_BitOr_Add",
    }
)


@dataclass(frozen=True)
class Mutant:
    """A module made wrong at one place."""

    path: Path
    operator: str
    occurrence: int
    line: int
    source: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.operator} #{self.occurrence}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a module that behave differently as far as its syntax tells."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path  # noqa: PLC0415
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415
    from cosmic_ray.plugins import get_operator, operator_names  # noqa: PLC0415

    source = path.read_text(encoding="utf-8")
    original, tree = _behaviour(source), get_ast_from_path(path)
    for name in sorted(set(operator_names()) - LEFT_OUT):
        kind = get_operator(name)
        if kind.arguments():
            continue
        places = [start for node in ast_nodes(tree) for start, _ in kind().mutation_positions(node)]
        for occurrence, (line, _column) in enumerate(places):
            mutated = mutate_code(source, kind(), occurrence)
            if mutated is not None and _behaviour(mutated) not in (None, original):
                yield Mutant(path, name, occurrence, line, mutated)


def _behaviour(source: str) -> str | None:
    """The syntax tree without annotations, docstrings, imports for type checkers and `strict`; None: no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.Call):  # `zip` that would have raised never does here
            node.keywords = [one for one in node.keywords if one.arg != "strict"]
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            node.body = [one for one in node.body if not _says_nothing(one)]
    return ast.dump(tree)


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        return "TYPE_CHECKING" in ast.dump(statement.test)
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Instead(MetaPathFinder):
    """Loads a mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        parts = mutant.path.relative_to(ROOT).with_suffix("").parts
        self._name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self._mutant = mutant

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        is_package = self._mutant.path.name == "__init__.py"
        spec = spec_from_loader(name, self, origin=str(self._mutant.path), is_package=is_package)  # type: ignore[arg-type]
        if spec is not None and is_package:
            spec.submodule_search_locations = [str(self._mutant.path.parent)]
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._mutant.path)
        exec(compile(self._mutant.source, str(self._mutant.path), "exec"), module.__dict__)  # noqa: S102  # that is the point


def is_killed(mutant: Mutant | None, tests: list[str]) -> bool:
    """Whether the tests notice; without a mutant whether they fail."""
    child = os.fork()
    if child == 0:
        _try(mutant, tests)
    deadline = time.monotonic() + 10 * SECONDS_MAX
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status != 0
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return True


def _try(mutant: Mutant | None, tests: list[str]) -> NoReturn:
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
        out = os.open(os.devnull, os.O_WRONLY)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Instead(mutant))
        import pytest  # noqa: PLC0415

        options = ["-x", "-q", "-n0", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:cov", "--hypothesis-seed=1"]
        status = int(pytest.main([*options, *tests]))
    finally:
        os._exit(status)


def tests_of(path: Path) -> list[str]:
    """The tests that must notice what is wrong in a module."""
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("audit/rules/"):
        return [f"tests/rules/test_{path.stem}.py"]
    return next(tests for place, tests in TESTS.items() if name.startswith(place))


def modules(words: list[str]) -> list[Path]:
    """The modules that were named, or all that count."""
    places = words or ["audit/rules", "audit/measures", "audit/working_time.py"]
    found = [
        path
        for place in places
        for path in (sorted((ROOT / place).rglob("*.py")) if (ROOT / place).is_dir() else [ROOT / place])
    ]
    return [path for path in found if path != ROOT / "audit/rules/__init__.py"]


def main() -> int:
    """0 where at least the wanted share of the mutants was noticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*")
    parser.add_argument(
        "--sample", type=int, default=0, help="so many mutants of each module, chosen by a seed; 0: all"
    )
    parser.add_argument("--seed", type=int, default=814)
    parser.add_argument("--share", type=float, default=0.9)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants tried at once")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    _load()
    killed = tried = 0
    for path in modules(given.modules):
        found = list(mutants_of(path))
        if given.sample and len(found) > given.sample:
            found = random.Random(f"{given.seed} {path.name}").sample(found, given.sample)  # noqa: S311  # no key
        tests = tests_of(path)
        if found and is_killed(None, tests):
            print(f"{path.relative_to(ROOT)}: its tests fail without a mutant")
            return 2
        with ThreadPoolExecutor(given.jobs) as pool:  # the threads wait for forks
            noticed = list(
                pool.map(lambda mutant, own=tests: is_killed(mutant, own) or is_killed(mutant, LAST_RESORT), found)
            )
        survivors = [mutant for mutant, seen in zip(found, noticed, strict=True) if not seen]
        killed, tried = killed + len(found) - len(survivors), tried + len(found)
        print(f"{path.relative_to(ROOT)}: {len(found) - len(survivors)} of {len(found)}", flush=True)
        for mutant in survivors:
            print(f"  survives: {mutant}", flush=True)
    print(f"{killed} of {tried} mutants noticed ({killed / max(tried, 1):.1%})")
    return 0 if killed >= given.share * tried else 1


def _load() -> None:
    """What every fork needs and no mutant touches."""
    import hypothesis  # noqa: F401, PLC0415
    import numpy as np  # noqa: F401, PLC0415
    import pandas as pd  # noqa: F401, PLC0415
    import pyarrow.parquet  # noqa: F401, PLC0415
    import pydantic  # noqa: F401, PLC0415
    import pytest  # noqa: F401, PLC0415


if __name__ == "__main__":
    sys.exit(main())
