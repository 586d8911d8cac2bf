"""What must hold of a corpus before anything of it is read, so that a slip in a new module is told by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from builders.corpus import Corpus, Task, Template, columns_of
from builders.instructions import KINDS
from builders.licenses import LICENSES

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Names of corpora: Python modules and folders too."""
CONFIG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""Names of configs and templates: folders of the dataset, and pieces of ids that `:` joins."""
LANGUAGES = ("ja", "en", "any")


def faults(corpora: Mapping[str, Corpus], groups: Sequence[str]) -> list[str]:
    """Names what is wrong with corpora, one line each; none for sound ones.

    Args:
        corpora: corpus by the name of its module.
        groups: names of groups, which no config may have.
    """
    found = [f"builders/corpora/{name}.py: {fault}" for name, corpus in corpora.items() for fault in _of(name, corpus)]
    configs = Counter(task.config for corpus in corpora.values() for task in corpus.tasks)
    found += [f'two tasks have the config "{config}"' for config, count in configs.items() if count > 1]
    found += [f'the config "{config}" has the name of a group' for config in configs if config in groups]
    return found


def _of(name: str, corpus: Corpus) -> Iterator[str]:
    if corpus.name != name or not NAME.fullmatch(name):
        yield f'its name is "{corpus.name}"; it must be that of its module, in lower-case letters, digits and "_"'
    if LICENSES.get(corpus.license.id) is not corpus.license:
        yield f'its license "{corpus.license.id}" is not one of builders/licenses.py'
    for column, kind in corpus.columns.items():
        if kind.split(" ")[0] not in LANGUAGES:
            yield f'its column "{column}" is of the kind "{kind}"; a kind begins with {", ".join(LANGUAGES)}'
    for task in corpus.tasks:
        yield from _of_task(task, corpus.columns)
        unknown = [name for name in task.files if name not in [file.name for file in corpus.files]]
        yield from (f'the config "{task.config}" is made from "{name}", which is no file of it' for name in unknown)
    templates = Counter(template.name for task in corpus.tasks for template in task.templates)
    yield from (f'two templates have the name "{name}"' for name, count in templates.items() if count > 1)


def _of_task(task: Task, columns: Mapping[str, str]) -> Iterator[str]:
    if not CONFIG.fullmatch(task.config):
        yield f'the config "{task.config}" may have lower-case letters, digits and single "-" between them only'
    for template in task.templates:
        if not CONFIG.fullmatch(template.name):
            yield f'the template "{template.name}" may have lower-case letters, digits and single "-" between them only'
        yield from _of_template(template, columns)


def _of_template(template: Template, columns: Mapping[str, str]) -> Iterator[str]:
    patterns = {"instruction": template.instruction, "input": template.input, "output": template.output}
    try:
        named = {place: columns_of(pattern) for place, pattern in patterns.items()}
    except ValueError as error:
        yield f'the template "{template.name}" has a pattern that is no pattern: {error}'
        return
    unknown = [name for names in named.values() for name in names if name not in columns]
    for name in dict.fromkeys(unknown):
        yield f'the template "{template.name}" names the column "{name}"; there are: {", ".join(columns)}'
    if not unknown:
        held = {place: [columns[name] for name in names] for place, names in named.items()}
        yield from _of_kinds(template, held)


def _of_kinds(template: Template, held: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Compares what an instruction asks for with what the template's columns hold."""
    for place, kinds in held.items():
        wrong = "question" if place == "output" else "answer"
        if wrong in map(_last_word, kinds):
            yield f'the {place} of the template "{template.name}" holds the {wrong}: is it swapped with another?'
    for place, kind in zip(("input", "output"), KINDS.get(template.instruction, ()), strict=False):
        kinds = held[place]
        if [kind] not in (kinds or [""], [*map(_last_word, kinds)]):
            yield (
                f'the {place} of the template "{template.name}" holds {", ".join(kinds) or "nothing"}, '
                f"but its instruction asks for {kind or 'nothing'}: {template.instruction}"
            )


def _last_word(kind: str) -> str:
    return kind.rpartition(" ")[2]
