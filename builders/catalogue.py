"""All corpora and all config names. Found by looking into `builders/corpora/`: adding a corpus edits no list."""

from __future__ import annotations

import difflib
import importlib
import pkgutil

from builders import corpora
from builders.corpus import Corpus, Task
from builders.errors import BuildError

DEFAULT = "all"
"""The config that `load_dataset` takes when none is named: the paper's dataset."""


def _find() -> dict[str, Corpus]:
    names = sorted(module.name for module in pkgutil.iter_modules(corpora.__path__))
    return {name: importlib.import_module(f"{corpora.__name__}.{name}").CORPUS for name in names}


def _place_in_list(config: str) -> tuple[bool, bool, str]:
    return not config.startswith("translation-"), not config.startswith("knowledge-"), config


CORPORA: dict[str, Corpus] = _find()
"""Corpus by name, in alphabetical order."""

LEAVES: dict[str, tuple[Corpus, Task]] = {
    task.config: (corpus, task)
    for corpus, task in sorted(
        ((corpus, task) for corpus in CORPORA.values() for task in corpus.tasks),
        key=lambda pair: _place_in_list(pair[1].config),
    )
}
"""Corpus and task by leaf config: translation first, then knowledge, then the others."""

GROUPS: dict[str, tuple[str, ...]] = {
    DEFAULT: tuple(LEAVES),
    "translation": tuple(name for name in LEAVES if name.startswith("translation-")),
    "knowledge": tuple(name for name in LEAVES if name.startswith("knowledge-")),
    "vanilla": tuple(name for name in LEAVES if not name.startswith("translation-")),
}
"""Leaves by group config. A group is the union of its leaves and stores nothing; `vanilla` is all but translation."""

CONFIGS: dict[str, tuple[str, ...]] = {**GROUPS, **{name: (name,) for name in LEAVES}}
"""Leaves by config name, groups first."""


CITATION = """@article{hirano-etal-2023-llm-japanese-dataset,
  title = {{llm-japanese-dataset v0: Construction of Japanese Chat Dataset for Large Language Models and its Methodology}},
  author = {Hirano, Masanori and Suzuki, Masahiro and Sakaji, Hiroki},
  journal = {arXiv preprint arXiv:2305.12720},
  year = {2023}
}"""
"""BibTeX of the paper whose dataset this is."""
REPOSITORY = "izumi-lab/llm-japanese-dataset"
"""Where the dataset is published on the Hub."""


def describe(config: str) -> str:
    """One sentence on what a config holds."""
    titles = dict.fromkeys(LEAVES[leaf][0].title for leaf in CONFIGS[config])
    return f"Japanese instruction data made from {', '.join(titles)}."


def licences(config: str) -> str:
    """Identifiers of the licences of a config's corpora, joined by commas."""
    return ", ".join(sorted({LEAVES[leaf][0].licence.id for leaf in CONFIGS[config]}))


def leaves_of(configs: list[str]) -> list[str]:
    """Leaves of several configs, each once, in the catalogue's order.

    Raises:
        BuildError: a name that is no config; suggests the nearest.
    """
    wanted: set[str] = set()
    for name in configs:
        if name not in CONFIGS:
            raise BuildError(
                f'There is no config "{name}".', _suggestion(name, list(CONFIGS), "python -m builders list")
            )
        wanted.update(CONFIGS[name])
    return [name for name in LEAVES if name in wanted]


def corpus_named(name: str) -> Corpus:
    """A corpus by its name.

    Raises:
        BuildError: there is none; suggests the nearest.
    """
    if name not in CORPORA:
        raise BuildError(f'There is no corpus "{name}".', _suggestion(name, list(CORPORA), "python -m builders list"))
    return CORPORA[name]


def _suggestion(name: str, known: list[str], command: str) -> str:
    near = difflib.get_close_matches(name.replace("_", "-"), known, n=1, cutoff=0.5)
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    all_of_them = f"`{command}` shows all {len(known)}."
    return f'Did you mean "{near[0]}"? {all_of_them}' if near else all_of_them
