"""All corpora and all config names. Found by looking into `builders/corpora/`: adding a corpus edits no list."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence

from builders import corpora
from builders.checks import faults
from builders.corpus import Corpus, License, Task
from builders.errors import BuildError

DEFAULT = "all"
"""The config that `load_dataset` takes when none is named: the paper's dataset."""
EXTENDED = "extended"
"""The group that has the tasks that came after the paper too."""
TRANSLATION, KNOWLEDGE = "translation-", "knowledge-"
"""How the names of the task configs of these two groups begin."""


def load_corpora(names: Iterable[str]) -> dict[str, Corpus]:
    """Imports corpus modules.

    Args:
        names: of modules in `builders/corpora/`.

    Returns:
        Corpus by name, in alphabetical order.

    Raises:
        BuildError: a module is no corpus, or corpora do not fit together; every fault is named.
    """
    found: dict[str, Corpus] = {}
    problems = []
    for name in sorted(names):
        corpus = getattr(importlib.import_module(f"{corpora.__name__}.{name}"), "CORPUS", None)
        if isinstance(corpus, Corpus):
            found[name] = corpus
        else:
            problems.append(f"builders/corpora/{name}.py: defines no CORPUS of the type builders.corpus.Corpus")
    problems += faults(found, (*GROUP_NAMES, *_CLEAN_KINDS))
    if problems:
        raise BuildError(
            "\n".join(problems), "Mend the modules named above; `python -m builders new` writes one that fits."
        )
    return found


def _place_in_list(config: str) -> tuple[bool, bool, str]:
    return not config.startswith(TRANSLATION), not config.startswith(KNOWLEDGE), config


_KINDS: dict[str, Callable[[str, License], bool]] = {
    DEFAULT: lambda config, license: True,
    "translation": lambda config, license: config.startswith(TRANSLATION),
    "knowledge": lambda config, license: config.startswith(KNOWLEDGE),
    "vanilla": lambda config, license: not config.startswith(TRANSLATION),
    EXTENDED: lambda config, license: True,
    "commercial": lambda config, license: license.commercial,
    "permissive": lambda config, license: license.commercial and not license.share_alike,
}
_CLEAN_KINDS = {"clean": EXTENDED} | {
    f"clean-{kind}": kind for kind in ("translation", "knowledge", "commercial", "permissive")
}
GROUP_NAMES = tuple(_KINDS)
"""The groups: `all` and its parts are the paper's tasks, `extended` has those that came later too."""
MEANING = {
    DEFAULT: "the tasks of the paper",
    "translation": "those that translate between English and Japanese",
    "knowledge": "those that ask for knowledge",
    "vanilla": "all but those that translate between English and Japanese",
    EXTENDED: "the tasks of the paper and those that came later",
    "commercial": "those whose license allows commercial use",
    "permissive": "those whose license allows commercial use and does not ask to share alike",
}
"""What a group holds, in words."""

CORPORA: dict[str, Corpus] = load_corpora(module.name for module in pkgutil.iter_modules(corpora.__path__))
"""Corpus by name, in alphabetical order."""

TASK_CONFIGS: dict[str, tuple[Corpus, Task]] = {
    task.config: (corpus, task)
    for corpus, task in sorted(
        ((corpus, task) for corpus in CORPORA.values() for task in corpus.tasks),
        key=lambda pair: _place_in_list(pair[1].config),
    )
}
"""Corpus and task by task config: translation first, then knowledge, then the others."""


def _tasks_of(kind: str, *, of_paper: bool) -> tuple[str, ...]:
    """Task configs of a kind, in the order of their paths, in which readers find them (see `builders.layout`)."""
    return tuple(
        sorted(
            name
            for name, (corpus, task) in TASK_CONFIGS.items()
            if _KINDS[kind](name, corpus.license) and (task.paper_count is not None or not of_paper)
        )
    )


GROUPS: dict[str, tuple[str, ...]] = {kind: _tasks_of(kind, of_paper=kind != EXTENDED) for kind in _KINDS}
"""Task configs by group. A group is the union of its task configs and stores nothing."""

CLEAN_GROUPS: dict[str, tuple[str, ...]] = {
    group: _tasks_of(kind, of_paper=False) for group, kind in _CLEAN_KINDS.items()
}
"""Task configs by group of the curated edition, which has files of its own (`python -m builders clean`). It follows no
paper, so the tasks that came later are in it too."""

CONFIGS: dict[str, tuple[str, ...]] = {**GROUPS, **{name: (name,) for name in TASK_CONFIGS}}
"""Task configs by config name, groups first; without the groups of the curated edition."""


def members(config: str) -> tuple[str, ...]:
    """Task configs of a config, or of a group of the curated edition."""
    return CLEAN_GROUPS[config] if config in CLEAN_GROUPS else CONFIGS[config]


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
    titles = dict.fromkeys(TASK_CONFIGS[name][0].title for name in members(config))
    edition = ", curated" if config in CLEAN_GROUPS else ""
    return f"Japanese instruction data made from {', '.join(titles)}{edition}."


def licenses(config: str) -> str:
    """Identifiers of the licenses of a config's corpora, joined by commas."""
    return ", ".join(sorted({TASK_CONFIGS[name][0].license.id for name in members(config)}))


def paper_count(config: str) -> int | None:
    """Number of records the paper counts for a config; None where the paper has none of its tasks."""
    counts = [TASK_CONFIGS[name][1].paper_count for name in CONFIGS[config]]
    return None if all(count is None for count in counts) else sum(count or 0 for count in counts)


def task_configs_of(configs: Sequence[str]) -> list[str]:
    """Task configs of several configs, each once, in the catalogue's order.

    Raises:
        BuildError: a name that is no config; suggests the nearest.
    """
    wanted: set[str] = set()
    for name in configs:
        if name not in CONFIGS:
            raise BuildError(f'There is no config "{name}".', suggestion(name, [*CONFIGS]))
        wanted.update(CONFIGS[name])
    return [name for name in TASK_CONFIGS if name in wanted]


def corpus_named(name: str) -> Corpus:
    """A corpus by its name.

    Raises:
        BuildError: there is none; suggests the nearest.
    """
    if name not in CORPORA:
        raise BuildError(f'There is no corpus "{name}".', suggestion(name, [*CORPORA]))
    return CORPORA[name]


def suggestion(name: str, known: Sequence[str]) -> str:
    """The next step after a name that is not known: the nearest that is, whatever its case and dashes."""
    by_letters = {other.replace("_", "-").lower(): other for other in known}
    letters = name.replace("_", "-").lower()
    ending = [other for known_letters, other in by_letters.items() if known_letters.endswith(f"-{letters}")]
    near = [by_letters[found] for found in difflib.get_close_matches(letters, by_letters, n=1, cutoff=0.5)]
    best = [by_letters[letters]] if letters in by_letters else ending or near
    listed = "`python -m builders list` shows them all."
    return f'Did you mean "{best[0]}"? {listed}' if best else listed
