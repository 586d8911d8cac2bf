"""The folded sections of the card: what somebody looks up, and nobody has to read to use the dataset."""

from __future__ import annotations

import string
from collections.abc import Iterator

from builders import catalogue
from builders.corpus import Corpus, Task
from builders.documents import facts, funnel, kinds, plots
from builders.documents.changes import CHANGES
from builders.documents.markdown import code, image, plain, table
from builders.schema import MEANING, TEXTS
from builders.tree.report import Report

SHOWN = 240
"""Characters of a text that an example shows."""


def sections(report: Report, examples: dict[str, list[dict[str, str]]]) -> Iterator[str]:
    """The sections, in order.

    Args:
        report: of the built dataset.
        examples: one record of each template, by task config.
    """
    yield _folded("Task configs: records, repeated records, lengths, licenses, instructions", _task_configs(report))
    if report.clean:
        yield _folded(funnel.TITLE, funnel.text(report))
    yield _folded("Lengths", _lengths(report))
    yield _folded("Columns", _columns())
    yield _folded("One example of each instruction", _examples(examples))
    yield _folded("Sources and licenses", _sources(report))
    yield _folded("Raw files and their checksums", _raw_files(report))
    yield f"## Known limits\n\n{_limits(report)}"
    yield _folded("The paper's counts and this build's", _comparison(report))
    yield _folded("Rebuilding it", _rebuilding(report))
    yield _folded("Changelog", _changelog())


def _folded(title: str, content: str) -> str:
    return f"<details><summary><b>{title}</b></summary>\n\n{content}\n\n</details>"


def _task_configs(report: Report) -> str:
    tokens = report.tokens
    rows = []
    for name, task in report.built.items():
        means = [f"{task.characters[column].total / task.records:,.0f}" for column in ("input", "output")]
        counted = [f"{tokens.configs[name]:,}"] if tokens else []
        texts = _instructions(catalogue.TASK_CONFIGS[name][1])
        rows.append((f"`{name}`", f"{task.records:,}", f"{task.repeated:,}", *counted, *means, task.license, texts))
    columns = ("config", ">records", ">repeated", *([">tokens"] if tokens else []), ">input", ">output", "license")
    return f"""\
`repeated`: equal in instruction, input and output to a record before it. `input` and `output`: mean lengths in
characters, empty ones counted in. {_about_tokens(report)}

{table((*columns, "what the instruction looks like"), rows)}"""


def _about_tokens(report: Report) -> str:
    if report.tokens:
        return f"`tokens`: those of inputs and outputs with the tokenizer `{report.tokens.tokenizer}`."
    return (
        "How many tokens that is depends on the tokenizer: `python -m builders stats DIR --tokenizer DIR --card`\n"
        "counts them and puts them here."
    )


def _instructions(task: Task) -> str:
    """The instruction texts of a task; one that is nothing but a column of the corpus is described."""
    return "<br>".join(dict.fromkeys(_instruction(template.instruction) for template in task.templates))


def _instruction(pattern: str) -> str:
    pieces = list(string.Formatter().parse(pattern))
    if len(pieces) == 1 and pieces[0][1] is not None and not pieces[0][0]:
        return f"*{pieces[0][1].replace('_', ' ')}, as the corpus has it*"
    return "".join(plain(literal) + (f"*{name}*" if name else "") for literal, name, _, _ in pieces)


def _lengths(report: Report) -> str:
    content = image(plots.LENGTHS, plots.lengths_in_words(report), plots.WIDTH)
    if not report.tokens:
        return content
    rows = []
    for kind, tasks in kinds.by_class(report, kinds.kind).items():
        counted, records = sum(report.tokens.configs[name] for name in tasks), kinds.records(tasks)
        rows.append((kind, f"{counted:,}", f"{counted / records:,.0f}"))
    return f"{content}\n\n{table(('kind', '>tokens', '>tokens of a record'), rows)}"


def _columns() -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in MEANING.items()]
    return f"All are strings, none is ever null.\n\n{table(('column', 'meaning'), rows)}"


def _examples(examples: dict[str, list[dict[str, str]]]) -> str:
    rows, shown = [], set()
    for name, records in examples.items():
        for record in records:
            if record["instruction"] not in shown:
                rows.append((f"`{name}`", *(plain(record[column], SHOWN) for column in TEXTS)))
                shown.add(record["instruction"])
    return table(("config", *TEXTS), rows)


def _comparison(report: Report) -> str:
    rows = [_compared(config, task.paper_count, report) for config, (_, task) in catalogue.TASK_CONFIGS.items()]
    counted = [entry for entry in report.built.values() if entry.paper_count is not None]
    paper = catalogue.paper_count(catalogue.DEFAULT) or 0
    records = sum(entry.records for entry in counted)
    rejected = sum(sum(entry.rejected.values()) for entry in counted)
    total = (f"{paper:,}", f"{records:,}", _signed(records - paper), f"{rejected:,}", "")
    columns = ("config", ">paper", ">this build", ">difference", ">rejected", "why they differ")
    return f"""\
Rejected rows and records are counted with their reasons in `report.json`, and listed in `rejected/`. The sum is that of
`all`.

{table(columns, [*rows, ("**sum**", *total)])}"""


def _compared(config: str, paper_count: int | None, report: Report) -> tuple[str, ...]:
    paper = "–" if paper_count is None else f"{paper_count:,}"
    entry = report.built.get(config)
    if entry is None:
        why = plain(report.configs[config].why) if config in report.configs else "not asked for in this build"
        return f"`{config}`", paper, "–", "–", "–", why
    difference = "–" if entry.difference is None else _signed(entry.difference)
    return f"`{config}`", paper, f"{entry.records:,}", difference, f"{sum(entry.rejected.values()):,}", plain(entry.why)


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "0"


def _sources(report: Report) -> str:
    rows = [
        (
            f"`{corpus.name}`",
            f"[{plain(corpus.title)}]({corpus.homepage})",
            f"[{corpus.license.id}]({corpus.license.url})",
            plain(corpus.attribution),
        )
        for corpus in facts.corpora(report)
    ]
    return f"""\
The license of the raw data holds for the records made from it. NOTICE has the full attributions, and the license texts
that must go with every copy.

{table(("source", "corpus", "license", "made by"), rows)}"""


def _raw_files(report: Report) -> str:
    files = {
        (entry.corpus, file.name): (
            f"`{entry.corpus}`",
            f"[{plain(file.name)}]({file.url})",
            f"{file.bytes:,}",
            f"`{file.sha256}`",
            file.status,
        )
        for entry in report.built.values()
        for file in entry.files
        if file.status != "missing"
    }
    return f"""\
{table(("source", "file", ">bytes", "sha256", "status"), files.values())}

`verified`: the pinned file; `unpinned`: upstream changes it, so there is nothing to compare with; `changed`: not the
pinned file, accepted by `--best-effort`; `sample`: invented."""


def _limits(report: Report) -> str:
    corpora = facts.corpora(report)
    lines = [f"- `{corpus.name}`: {corpus.limitations}" for corpus in corpora if corpus.limitations]
    for holds, meaning in ((_noncommercial, "must not be used commercially"), (_share_alike, _SHARED)):
        bound = [corpus.name for corpus in corpora if holds(corpus)]
        if bound:
            lines.append(f"- **Licenses**: what is made from {code(bound)} {meaning}.")
    return _folded("Of each corpus", "\n".join(lines))


_SHARED = "must be shared under the same license"


def _noncommercial(corpus: Corpus) -> bool:
    return not corpus.license.commercial


def _share_alike(corpus: Corpus) -> bool:
    return corpus.license.share_alike


def _rebuilding(report: Report) -> str:
    software = ", ".join(f"{name} {version}" for name, version in report.software.items())
    return f"""\
```
git clone https://github.com/masanorihirano/llm-japanese-dataset && cd llm-japanese-dataset
python -m pip install -r requirements-data.txt        # Python 3.11 or newer
python -m builders build --out build/full              # downloads, verifies, builds
python -m builders verify build/full
```

`--sources DIR` builds from raw files that you have. The same files give the same bytes, with any number of workers.
This build: {software}. `croissant.json` (Croissant 1.1) and `dataset.spdx.json` (SPDX 3.0.1)
list every file with its checksum; `training-data-summary.md` has entries for the summary that the European Union's AI
Act asks for."""


def _changelog() -> str:
    blocks = []
    for version, change in CHANGES.items():
        lines = "\n".join(f"- {line}" for line in change.lines)
        blocks.append(f"**{version}** ({change.date})\n\n{lines}")
    return "\n\n".join(blocks)
