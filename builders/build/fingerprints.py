"""What decides the bytes of a shard, as one digest: a finished shard whose fingerprint is the same is used again.

A fingerprint covers the raw files, the part, the versions of Python and pyarrow, the task and the corrections of its
corpus by value, and the source text of exactly the modules that the corpus's module and `builders.build.shards` import,
found by reading their imports. So a change of `formats/aozora/body.py` rebuilds Aozora, and one of a command nothing.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import orjson
import pyarrow as pa

from builders.build.patches import PATCHES
from builders.corpus import Corpus, Part, Task

PACKAGE = "builders"
WRITER = f"{PACKAGE}.build.shards"
"""The module that builds a shard."""
BY_VALUE = frozenset({f"{PACKAGE}.instructions", f"{PACKAGE}.licenses"})
"""Modules that reach a record only through its corpus's `CORPUS`: what the task takes from them is covered by value, so
that another task's instruction text may change. (tests/build/test_fingerprints.py holds corpora to it.)"""


def fingerprint(corpus: Corpus, task: Task, part: Part, files: Sequence[tuple[str, str | None, str]]) -> str:
    """Hex digest of all that decides the bytes of a shard.

    Args:
        corpus, task, part: what the shard is made from.
        files: name, hex sha256 and status of each raw file of the part.
    """
    return digest(
        [
            [platform.python_version(), pa.__version__],
            code_digest(f"{PACKAGE}.corpora.{corpus.name}"),
            [corpus.name, corpus.license.id],
            [task.config, task.version, [asdict(template) for template in task.templates]],
            [asdict(patch) for patch in PATCHES.get(corpus.name, ())],
            [part.name, part.span, files],
        ]
    )


def digest(content: object) -> str:
    """Hex sha256 of anything that JSON can hold."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


@cache
def code_digest(module: str) -> str:
    """Hex sha256 of the source text of a corpus's module, of the one that builds shards, and of all they import.

    Args:
        module: dotted name of the corpus's module.
    """
    names = import_closure([module, WRITER]) - BY_VALUE
    return digest([[name, source_digest(name)] for name in sorted(names)])


@cache
def source_digest(module: str) -> str:
    """Hex sha256 of the source text of a module of this package."""
    return hashlib.sha256(_source(module).read_bytes()).hexdigest()


def import_closure(modules: Sequence[str]) -> frozenset[str]:
    """Dotted names of some modules of this package and of all its modules that they import, over any number of steps.

    Args:
        modules: dotted names; a module that is not there is left out (a corpus that a test makes up).
    """
    found: set[str] = set()
    waiting = [name for name in modules if _is_module(name)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(name)
    return frozenset(found)


@cache
def _imports(module: str) -> tuple[str, ...]:
    tree = ast.parse(_source(module).read_bytes())
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _named(node)))


def _named(node: ast.AST) -> Iterator[str]:
    """Modules of this package that an import statement names; `from package import name` may name either."""
    if isinstance(node, ast.Import):
        candidates = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        candidates = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return
    for name in candidates:
        if name.startswith(f"{PACKAGE}.") and _is_module(name):
            yield name


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is a module, not a package
        return False


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin)
