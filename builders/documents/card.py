"""The card's text: what the dataset is, what is in this build of it, and what to know before training on it."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from builders import catalogue
from builders.corpus import Task
from builders.documents import plots
from builders.documents.changes import CHANGES
from builders.documents.markdown import plain, table
from builders.schema import MEANING
from builders.tree import lengths, reader
from builders.tree.reader import BuiltConfig
from builders.tree.report import Report, TokenCounts

SHOWN = 240
"""Characters of a text that an example shows."""


def text(report: Report, examples: dict[str, list[dict[str, str]]]) -> str:
    """The card below its YAML.

    Args:
        report: of the built dataset.
        examples: one record of each template, by task config.
    """
    sections = [
        f"# {report.repository.rpartition('/')[2]}",
        *_warnings(report),
        _introduction(report),
        _configs(report),
        _columns(),
        _examples(examples),
        _comparison(report),
        _sources(report),
        _limits(report),
        _rebuilding(report),
        f"## Citation\n\n```bibtex\n{catalogue.CITATION}\n```",
        _changelog(),
    ]
    return "\n\n".join(sections) + "\n"


def _warnings(report: Report) -> Iterator[str]:
    """What is not as it should be in this build, said before anything else."""
    samples = [name for name, entry in report.built.items() if entry.sample]
    if samples:
        which = "All records" if len(samples) == len(report.built) else f"The records of {_code(samples)}"
        yield _warning(f"**Not the real data.** {which} were built from invented raw files, to show and to test.")
    for status, problem in (("missing", "were missing"), ("changed", "are not the pinned ones")):
        files = {
            f"{entry.corpus}/{file.name}"
            for entry in report.configs.values()
            for file in entry.files
            if file.status == status
        }
        if files:
            yield _warning(f"**Best effort.** These raw files {problem}: {_code(sorted(files))}.")
    absent = [name for name in catalogue.TASK_CONFIGS if name not in report.built]
    if absent:
        yield _warning(
            f"**A part of the dataset.** {len(absent)} of {len(catalogue.TASK_CONFIGS)} configs are not in this build: "
            f"{_code(absent)}. `all` and the other groups are without them."
        )


def _warning(line: str) -> str:
    return f"> [!WARNING]\n> {line}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _introduction(report: Report) -> str:
    built = report.built
    records = sum(entry.records for entry in built.values())
    corpora = len({entry.corpus for entry in built.values()})
    config = "translation" if "translation" in reader.configs(report) else next(iter(reader.configs(report)), "all")
    return f"""\
Japanese instruction data for tuning chat models: {records:,} records, made from {corpora} public corpora.
Each record is an `instruction`, an `input` ({_share_of_empty(report)} are empty) and an `output`, the triple of Alpaca.
Each also names its `source`, its `task` and its `license`, so that you can take what you may use.
It is the dataset of [arXiv 2305.12720](https://arxiv.org/abs/2305.12720), rebuilt from the raw files by one command.
This is version {report.version}. Its counts are [compared with the paper's](#the-papers-counts-and-this-builds) below.

```python
from datasets import load_dataset

dataset = load_dataset("{report.repository}", "{config}", split="train")
print(dataset[0]["instruction"], dataset[0]["input"], dataset[0]["output"], sep="\\n")
```

**日本語の要約** — 日本語の対話モデルを指示調整するためのデータセットです。公開されている{corpora}種類のコーパスから作った
{records:,}件の「指示・入力・出力」の組を収めています。翻訳・知識・読解・言い換えなど、課題ごとの設定（config）を選んで読み込めます。
各レコードには出典(`source`)とライセンス(`license`)が付いています。{_licenses_in_japanese(report)}
論文の件数との違いは、すべて理由とともに下の表に示しています。

![Records per source]({plots.RECORDS})

![Lengths of inputs and outputs]({plots.LENGTHS})"""


def _share_of_empty(report: Report) -> str:
    histogram = lengths.add(entry.characters for entry in report.built.values())["input"].histogram
    return f"{histogram[0] / max(sum(histogram), 1):.1%}" if histogram else "none"


def _licenses_in_japanese(report: Report) -> str:
    corpora = [catalogue.CORPORA[entry.corpus] for entry in report.built.values()]
    closed = {corpus.name: "" for corpus in corpora if not corpus.license.commercial}
    if not closed:
        return "ライセンスは出典ごとに異なります。商用利用を禁じるものは含みません。"
    return f"ライセンスは出典ごとに異なり、{_code(closed)}は商用利用できません。"


def _configs(report: Report) -> str:
    rows = []
    tokens = report.tokens
    for config in reader.configs(report).values():
        group = config.name in catalogue.GROUPS
        lengths = [f"{config.characters[name].total / config.records:,.0f}" for name in ("input", "output")]
        note = _members(config) if group else _instructions(catalogue.TASK_CONFIGS[config.name][1])
        name = f"**`{config.name}`**" if group else f"`{config.name}`"
        default = " (default)" if config.name == catalogue.DEFAULT else ""
        license = f"{len(config.licenses)} licenses" if len(config.licenses) > 1 else config.licenses[0]
        counted = [f"{sum(tokens.configs[name] for name in config.tasks):,}"] if tokens else []
        rows.append((name + default, f"{config.records:,}", *counted, *lengths, license, note))
    columns = ("config", ">records", *([">tokens"] if tokens else []), ">input", ">output", "license")
    return f"""\
## Configs

Bold names are groups, which are unions of the others. `input` and `output` are mean lengths in characters, empty ones
counted in. {_about_tokens(tokens)} Every config has one split, `train`.

{table((*columns, "what the instruction looks like"), rows)}"""


def _about_tokens(tokens: TokenCounts | None) -> str:
    if tokens:
        return f"`tokens` are those of inputs and outputs with the tokenizer `{tokens.tokenizer}`."
    return (
        "How many tokens that is depends on the tokenizer: `python -m builders stats DIR --tokenizer DIR --card`\n"
        "counts them and puts them here."
    )


def _members(config: BuiltConfig) -> str:
    missing = f", {len(config.missing)} not in this build" if config.missing else ""
    return f"the union of {len(config.tasks)} configs{missing}"


def _instructions(task: Task) -> str:
    """The wordings of a task; one that is nothing but a column of the corpus is described."""
    return "<br>".join(dict.fromkeys(_wording(template.instruction) for template in task.templates))


def _wording(pattern: str) -> str:
    pieces = list(string.Formatter().parse(pattern))
    if len(pieces) == 1 and pieces[0][1] is not None and not pieces[0][0]:
        return f"*{pieces[0][1].replace('_', ' ')}, as the corpus has it*"
    return "".join(plain(literal) + (f"*{name}*" if name else "") for literal, name, _, _ in pieces)


def _columns() -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in MEANING.items()]
    return f"## Columns\n\nAll are strings, none is ever null.\n\n{table(('column', 'meaning'), rows)}"


def _examples(examples: dict[str, list[dict[str, str]]]) -> str:
    rows, shown = [], set()
    columns = ("instruction", "input", "output")
    for name, records in examples.items():
        for record in records:
            if record["instruction"] not in shown:
                rows.append((f"`{name}`", *(plain(record[column], SHOWN) for column in columns)))
                shown.add(record["instruction"])
    return f"## One example of each instruction\n\n{table(('config', *columns), rows)}"


def _comparison(report: Report) -> str:
    rows = [_compared(config, task.paper_count, report) for config, (_, task) in catalogue.TASK_CONFIGS.items()]
    counted = [entry for entry in report.built.values() if entry.paper_count is not None]
    paper = catalogue.paper_count(catalogue.DEFAULT) or 0
    records = sum(entry.records for entry in counted)
    rejected = sum(sum(entry.rejected.values()) for entry in counted)
    total = (f"{paper:,}", f"{records:,}", _signed(records - paper), f"{rejected:,}", "")
    columns = ("config", ">paper", ">this build", ">difference", ">rejected", "why they differ")
    return f"""\
## The paper's counts and this build's

Rejected rows and records are counted with their reasons in `report.json` of the build. The sum is that of `all`.

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
    used = dict.fromkeys(entry.corpus for entry in report.built.values())
    corpora = [catalogue.CORPORA[name] for name in sorted(used)]
    rows = [
        (
            f"`{corpus.name}`",
            f"[{plain(corpus.title)}]({corpus.homepage})",
            f"[{corpus.license.id}]({corpus.license.url})",
            plain(corpus.attribution),
        )
        for corpus in corpora
    ]
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
## Sources and licenses

The license of the raw data holds for the records made from it; there is no license over the whole. NOTICE has the full
attributions, and the license texts that must go with every copy.

{table(("source", "corpus", "license", "made by"), rows)}

<details><summary>Raw files and their checksums</summary>

{table(("source", "file", ">bytes", "sha256", "status"), files.values())}

`verified`: the pinned file; `unpinned`: upstream changes it, so there is nothing to compare with; `changed`: not the
pinned file, accepted by `--best-effort`; `sample`: invented.

</details>"""


def _limits(report: Report) -> str:
    used = dict.fromkeys(entry.corpus for entry in report.built.values())
    corpora = [catalogue.CORPORA[name] for name in sorted(used)]
    lines = [
        f"- **{plain(corpus.title)}** (`{corpus.name}`): {corpus.limitations}"
        for corpus in corpora
        if corpus.limitations
    ]
    for clause, meaning in (("-NC", "must not be used commercially"), ("-SA", "must be shared under the same license")):
        bound = [corpus.name for corpus in corpora if clause in corpus.license.id]
        if bound:
            lines.append(f"- **Licenses**: what is made from {_code(bound)} {meaning}.")
    lines += [
        "- **No license covers the whole.** To keep to some of them, filter by `license` or `source`.",
        "- **Instructions**: each task has one fixed wording, as in the paper; a model may learn the wording.",
        "- **Duplicates** within and between corpora are kept, as in the paper; `python -m builders stats DIR` counts "
        "those between sources.",
    ]
    return "## Known limits\n\n" + "\n".join(lines)


def _rebuilding(report: Report) -> str:
    software = ", ".join(f"{name} {version}" for name, version in report.software.items())
    return f"""\
## Rebuilding it

```
git clone https://github.com/masanorihirano/llm-japanese-dataset && cd llm-japanese-dataset
python -m pip install -r requirements-data.txt        # Python 3.11 or newer
python -m builders build --out build/full              # downloads, verifies, builds
python -m builders verify build/full
```

`--sources DIR` builds from raw files that you have. The same files give the same bytes, with any number of workers.
This build: {software}. `croissant.json` lists every file with its checksum."""


def _changelog() -> str:
    blocks = []
    for version, change in CHANGES.items():
        lines = "\n".join(f"- {line}" for line in change.lines)
        blocks.append(f"**{version}** ({change.date})\n\n{lines}")
    return "\n\n".join(("## Changelog", *blocks))
