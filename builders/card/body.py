"""The card's text: what the dataset is, what is in this build of it, and what to know before training on it."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from builders import catalogue, tree
from builders.card import plots
from builders.card.changes import CHANGES
from builders.card.markdown import plain, table
from builders.corpus import Task
from builders.croissant import MEANING

SHOWN = 240
"""Characters of a text that an example shows."""


def text(report: dict, examples: dict[str, list[dict[str, str]]]) -> str:
    """The card below its YAML.

    Args:
        report: as `builders.report` documents it.
        examples: one record of each template, by leaf.
    """
    sections = [
        f"# {_name()}",
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


def _name() -> str:
    return catalogue.REPOSITORY.rpartition("/")[2]


def _built(report: dict) -> dict[str, dict]:
    return {leaf: entry for leaf, entry in report["leaves"].items() if entry["shards"]}


def _warnings(report: dict) -> Iterator[str]:
    """What is not as it should be in this build, said before anything else."""
    samples = [leaf for leaf, entry in _built(report).items() if entry["sample"]]
    if samples:
        which = "All records" if len(samples) == len(_built(report)) else f"The records of {_code(samples)}"
        yield _warning(f"**Not the real data.** {which} were built from invented raw files, to show and to test.")
    for status, problem in (("missing", "were missing"), ("changed", "are not the pinned ones")):
        files = {
            f"{entry['corpus']}/{file['name']}"
            for entry in report["leaves"].values()
            for file in entry["files"]
            if file["status"] == status
        }
        if files:
            yield _warning(f"**Best effort.** These raw files {problem}: {_code(sorted(files))}.")
    absent = [leaf for leaf in catalogue.LEAVES if leaf not in _built(report)]
    if absent:
        yield _warning(
            f"**A part of the dataset.** {len(absent)} of {len(catalogue.LEAVES)} configs are not in this build: "
            f"{_code(absent)}. `all` and the other groups are without them."
        )


def _warning(line: str) -> str:
    return f"> [!WARNING]\n> {line}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _introduction(report: dict) -> str:
    built = _built(report)
    records = sum(entry["records"] for entry in built.values())
    corpora = len({entry["corpus"] for entry in built.values()})
    config = "translation" if "translation" in tree.configs(report) else next(iter(tree.configs(report)), "all")
    return f"""\
Japanese instruction data for tuning chat models: {records:,} records, made from {corpora} public corpora.
Each record is an `instruction`, an `input` (often empty) and an `output`, the triple of Alpaca.
Each also names its `source`, its `task` and its `license`, so that you can take what you may use.
It is the dataset of [arXiv 2305.12720](https://arxiv.org/abs/2305.12720), rebuilt from the raw files by one command.
This is version {report["version"]}. Its counts are [compared with the paper's](#the-papers-counts-and-this-builds) below.

```python
from datasets import load_dataset

dataset = load_dataset("{catalogue.REPOSITORY}", "{config}", split="train")
print(dataset[0]["instruction"], dataset[0]["input"], dataset[0]["output"], sep="\\n")
```

**日本語の要約** — 日本語の対話モデルを指示調整するためのデータセットです。公開されている{corpora}種類のコーパスから作った
{records:,}件の「指示・入力・出力」の組を収めています。翻訳・知識・読解・言い換えなど、課題ごとの設定（config）を選んで読み込めます。
各レコードには出典(`source`)とライセンス(`license`)が付いています。ライセンスは出典ごとに異なり、商用利用できないものも含みます。
論文の件数との違いは、すべて理由とともに下の表に示しています。

![Records per source]({plots.RECORDS})

![Lengths of inputs and outputs]({plots.LENGTHS})"""


def _configs(report: dict) -> str:
    rows = []
    tokens = report["tokens"]
    for config in tree.configs(report).values():
        group = config.name in catalogue.GROUPS
        lengths = [f"{config.characters[name]['total'] / config.records:,.0f}" for name in ("input", "output")]
        note = _members(config) if group else _instructions(catalogue.LEAVES[config.name][1])
        name = f"**`{config.name}`**" if group else f"`{config.name}`"
        default = " (default)" if config.name == catalogue.DEFAULT else ""
        licence = f"{len(config.licences)} licences" if len(config.licences) > 1 else config.licences[0]
        counted = [f"{sum(tokens['leaves'][leaf] for leaf in config.leaves):,}"] if tokens else []
        rows.append((name + default, f"{config.records:,}", *counted, *lengths, licence, note))
    columns = ("config", ">records", *([">tokens"] if tokens else []), ">input", ">output", "licence")
    return f"""\
## Configs

Bold names are groups, which are unions of the others. `input` and `output` are mean lengths in characters, empty ones
counted in. {_about_tokens(tokens)} Every config has one split, `train`.

{table((*columns, "what the instruction looks like"), rows)}"""


def _about_tokens(tokens: dict) -> str:
    if tokens:
        return f"`tokens` are those of inputs and outputs with the tokenizer `{tokens['tokenizer']}`."
    return (
        "How many tokens that is depends on the tokenizer: `python -m builders stats DIR --tokenizer DIR --card`\n"
        "counts them and puts them here."
    )


def _members(config: tree.Config) -> str:
    missing = f", {len(config.missing)} not in this build" if config.missing else ""
    return f"the union of {len(config.leaves)} configs{missing}"


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
    blocks = []
    for leaf, records in examples.items():
        columns = ("task", "instruction", "input", "output")
        rows = [(f"`{record['task']}`", *(plain(record[name], SHOWN) for name in columns[1:])) for record in records]
        blocks.append(f"**`{leaf}`**\n\n{table(columns, rows)}")
    return "\n\n".join(("## One example of each task", *blocks))


def _comparison(report: dict) -> str:
    built, rows = _built(report), []
    for leaf, (_, task) in catalogue.LEAVES.items():
        entry = built.get(leaf)
        if entry is None:
            rows.append((f"`{leaf}`", f"{task.paper:,}", "–", "–", "–", _absence(leaf, report)))
            continue
        numbers = (f"{entry['records']:,}", _signed(entry["difference"]), f"{sum(entry['rejects'].values()):,}")
        rows.append((f"`{leaf}`", f"{task.paper:,}", *numbers, plain(entry["why"])))
    paper = sum(task.paper for _, task in catalogue.LEAVES.values())
    records = sum(entry["records"] for entry in built.values())
    rejects = sum(sum(entry["rejects"].values()) for entry in built.values())
    total = (f"{paper:,}", f"{records:,}", _signed(records - paper), f"{rejects:,}", "")
    columns = ("config", ">paper", ">this build", ">difference", ">rejected", "why they differ")
    return f"""\
## The paper's counts and this build's

Rejected rows and records are counted with their reasons in `report.json` of the build.

{table(columns, [*rows, ("**sum**", *total)])}"""


def _absence(leaf: str, report: dict) -> str:
    return plain(report["leaves"][leaf]["why"]) if leaf in report["leaves"] else "not asked for in this build"


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "0"


def _sources(report: dict) -> str:
    used = dict.fromkeys(entry["corpus"] for entry in _built(report).values())
    corpora = [catalogue.CORPORA[name] for name in sorted(used)]
    rows = [
        (
            f"`{corpus.name}`",
            f"[{plain(corpus.title)}]({corpus.homepage})",
            f"[{corpus.licence.id}]({corpus.licence.url})",
            plain(corpus.attribution),
        )
        for corpus in corpora
    ]
    files = {
        (entry["corpus"], file["name"]): (
            f"`{entry['corpus']}`",
            f"[{plain(file['name'])}]({file['url']})",
            f"{file['bytes']:,}",
            f"`{file['sha256']}`",
            file["status"],
        )
        for entry in _built(report).values()
        for file in entry["files"]
        if file["status"] != "missing"
    }
    return f"""\
## Sources and licences

The licence of the raw data holds for the records made from it; there is no licence over the whole. NOTICE has the full
attributions, and the licence texts that must go with every copy.

{table(("source", "corpus", "licence", "made by"), rows)}

<details><summary>Raw files and their checksums</summary>

{table(("source", "file", ">bytes", "sha256", "status"), files.values())}

`verified`: the pinned file; `unpinned`: upstream changes it, so there is nothing to compare with; `changed`: not the
pinned file, accepted by `--best-effort`; `sample`: invented.

</details>"""


def _limits(report: dict) -> str:
    used = dict.fromkeys(entry["corpus"] for entry in _built(report).values())
    corpora = [catalogue.CORPORA[name] for name in sorted(used)]
    lines = [f"- **{plain(corpus.title)}** (`{corpus.name}`): {corpus.caution}" for corpus in corpora if corpus.caution]
    for clause, meaning in (("-NC", "must not be used commercially"), ("-SA", "must be shared under the same licence")):
        bound = [corpus.name for corpus in corpora if clause in corpus.licence.id]
        if bound:
            lines.append(f"- **Licences**: what is made from {_code(bound)} {meaning}.")
    lines += [
        "- **No licence covers the whole.** To keep to some of them, filter by `license` or `source`.",
        "- **Instructions**: each task has one fixed wording, as in the paper; a model may learn the wording.",
        "- **Duplicates** within and between corpora are kept, as in the paper; `python -m builders stats DIR` counts "
        "those between sources.",
    ]
    return "## Known limits\n\n" + "\n".join(lines)


def _rebuilding(report: dict) -> str:
    software = ", ".join(f"{name} {version}" for name, version in report["software"].items())
    return f"""\
## Rebuilding it

```
git clone https://github.com/masanorihirano/llm-japanese-dataset && cd llm-japanese-dataset
python -m builders build --out build/full              # downloads, verifies, builds
python -m builders verify build/full
```

`--sources DIR` builds from raw files that you have. The same files give the same bytes, with any number of workers.
This build: builders `{report["builders"][:12]}`, {software}. `croissant.json` lists every file with its checksum."""


def _changelog() -> str:
    blocks = []
    for version, change in CHANGES.items():
        lines = "\n".join(f"- {line}" for line in change.lines)
        blocks.append(f"**{version}** ({change.date})\n\n{lines}")
    return "\n\n".join(("## Changelog", *blocks))
