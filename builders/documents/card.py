"""The card's text: on one screen what the dataset is and how it is loaded, then what to know; all the rest folded.

The folded sections are in `builders.documents.details`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from builders import catalogue, layout
from builders.documents import details, facts, kinds, plots
from builders.documents.markdown import code, image, table
from builders.tree import evaluation, lengths, reader
from builders.tree.reader import BuiltConfig
from builders.tree.report import ConfigReport, Report

Examples = dict[str, list[dict[str, str]]]


def text(report: Report, examples: Examples) -> str:
    """The card below its YAML.

    Args:
        report: of the built dataset.
        examples: one record of each template, by task config.
    """
    sections = [
        f"# {report.repository.rpartition('/')[2]}",
        *_warnings(report),
        _english(report),
        _snippet(report),
        _japanese(report),
        image(plots.SHARES, plots.shares_in_words(report), plots.WIDTH),
        _groups(report),
        _before_training(report),
        *details.sections(report, examples),
        f"## Citation\n\n```bibtex\n{catalogue.CITATION}\n```",
    ]
    return "\n\n".join(sections) + "\n"


def _warnings(report: Report) -> Iterator[str]:
    """What is not as it should be in this build, said before anything else."""
    samples = [name for name, entry in report.built.items() if entry.sample]
    if samples:
        which = "All records" if len(samples) == len(report.built) else f"The records of {code(samples)}"
        yield _warning(f"**Not the real data.** {which} were built from invented raw files, to show and to test.")
    for status, problem in (("missing", "were missing"), ("changed", "are not the pinned ones")):
        if files := report.raw_files(status):
            yield _warning(f"**Best effort.** These raw files {problem}: {code(files)}.")
    absent = [name for name in catalogue.TASK_CONFIGS if name not in report.built]
    if absent:
        yield _warning(
            f"**A part of the dataset.** {len(absent)} of {len(catalogue.TASK_CONFIGS)} configs are not in this build: "
            f"{code(absent)}. The groups are without them."
        )


def _warning(line: str) -> str:
    return f"> [!WARNING]\n> {line}"


def _english(report: Report) -> str:
    built = report.built
    records = kinds.records(built)
    corpora = {entry.corpus for entry in built.values()}
    return (
        f"**{records:,} Japanese instruction records from {len(corpora)} public corpora**, for tuning chat models: "
        f"{', '.join(kinds.by_class(report, kinds.kind))}. Each record is an `instruction`, an "
        f"`input` ({_share_of_empty(report)} of them empty) and an `output`, and names its `source`, `task` and "
        "`license`. The dataset of [arXiv 2305.12720](https://arxiv.org/abs/2305.12720), rebuilt from the raw files by "
        f"one command. Version {report.version}."
    )


def _share_of_empty(report: Report) -> str:
    histogram = lengths.add(entry.characters for entry in report.built.values())["input"].histogram
    return f"{histogram[0] / max(sum(histogram), 1):.1%}" if histogram else "none"


def _snippet(report: Report) -> str:
    config = "translation" if "translation" in reader.configs(report) else next(iter(reader.configs(report)), "all")
    return f"""\
```python
from datasets import load_dataset

dataset = load_dataset("{report.repository}", "{config}", split="train")
print(dataset[0]["instruction"], dataset[0]["input"], dataset[0]["output"], sep="\\n")
```"""


def _japanese(report: Report) -> str:
    built = report.built
    corpora = {entry.corpus for entry in built.values()}
    return (
        f"**日本語**：公開されている{len(corpora)}種類のコーパスから作った、{kinds.records(built):,}件の日本語の指示データです。"
        f"{'、'.join(kinds.IN_JAPANESE[kind] for kind in kinds.by_class(report, kinds.kind))}を、設定（config）ごとに"
        "読み込めます。各レコードは指示（`instruction`）・入力（`input`）・出力（`output`）の組で、出典（`source`）と"
        f"ライセンス（`license`）が付いています。{_terms_in_japanese(built.values())}"
    )


def _terms_in_japanese(built: Iterable[ConfigReport]) -> str:
    corpora = (catalogue.CORPORA[entry.corpus] for entry in built)
    closed = sorted({corpus.name for corpus in corpora if not corpus.license.commercial})
    if not closed:
        return "ライセンスは出典ごとに異なります。商用利用を禁じるものは含みません。"
    return f"ライセンスは出典ごとに異なり、{code(closed)}は商用利用できません。"


def _groups(report: Report) -> str:
    configs = [config for config in reader.configs(report).values() if config.name in catalogue.GROUPS]
    rows = [_group(config) for config in configs]
    if report.chat:
        records = sum(file.rows or 0 for file in facts.conversations(report))
        meaning = "those of `all` as conversations in a column `messages`, for trainers"
        rows.append((f"`{layout.CHAT}`", f"{records:,}", meaning))
    single = len(reader.configs(report)) - len(configs)
    return f"""\
{table(("config<br>設定", ">records<br>件数", "what it holds"), rows)}

Groups are unions and store nothing. Each of the {single} task configs below can be loaded by itself too.
Every config has one split, `train`."""


def _group(config: BuiltConfig) -> tuple[str, str, str]:
    default = "<br>(default)" if config.name == catalogue.DEFAULT else ""
    missing = f" (without {len(config.missing)}: see above)" if config.missing else ""
    return f"`{config.name}`{default}", f"{config.records:,}", f"{catalogue.MEANING[config.name]}{missing}"


def _before_training(report: Report) -> str:
    lines = [*_about_evaluation(report), _about_licenses(report), _about_repeated(report)]
    lines.append(
        "- **Instruction texts.** Most tasks have one fixed text, as in the paper; a model may learn the text instead of "
        "the task. See the [known limits](#known-limits) of each corpus."
    )
    return "## Before you train\n\n" + "\n".join(line for line in lines if line)


def _about_evaluation(report: Report) -> Iterator[str]:
    tasks = [(catalogue.CORPORA[task.corpus], task) for task in report.built.values()]
    sets = [
        f"{', '.join(corpus.evaluation.values())} ({task.evaluation:,} records)"
        for corpus, task in tasks
        if corpus.evaluation
    ]
    if not sets:
        return
    beginnings = tuple(text for corpus, task in tasks for text in evaluation.id_beginnings(corpus, task.templates))
    yield f"""\
- **Evaluation items are inside**, as in the paper: {"; ".join(sets)}. Two lines leave them out:
  ```python
  held_out = {_tuple(beginnings)}
  dataset = dataset.filter(lambda id: not id.startswith(held_out), input_columns="id")
  ```"""


def _tuple(texts: tuple[str, ...]) -> str:
    inside = ", ".join(f'"{text}"' for text in texts)
    return f"({inside},)" if len(texts) == 1 else f"({inside})"


def _about_licenses(report: Report) -> str:
    classes = kinds.by_class(report, kinds.terms)
    ids = {name: sorted({task.license for task in tasks.values()}) for name, tasks in classes.items()}
    named = "; ".join(f"{name}: {code(licenses)}" for name, licenses in ids.items())
    some = tuple(next(iter(ids.values()), ["CC-BY-4.0"])[:2])
    return f"""\
- **There is no license over the whole.** Each record has that of its raw data. {named}. The groups `commercial` and
  `permissive` go by it, and so does one line:
  ```python
  dataset = dataset.filter(lambda license: license in {_tuple(some)}, input_columns="license")
  ```"""


def _about_repeated(report: Report) -> str:
    repeated = {name: task.repeated for name, task in report.built.items() if task.repeated}
    if not repeated:
        return ""
    most = sorted(repeated, key=lambda name: -repeated[name])[:3]
    listed = ", ".join(f"{repeated[name]:,} in `{name}`" for name in most)
    return (
        f"- **Repeated records are kept**, as in the paper: {sum(repeated.values()):,} are equal to one before them in "
        f"their config ({listed}). The table of task configs counts them."
    )
