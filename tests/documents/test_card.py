"""The text says what is in the build, and what is wrong with it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace

import datasets
import pytest

from builders import catalogue
from builders.documents import card
from builders.documents.changes import CHANGES
from builders.tree import report
from builders.tree.lengths import Lengths
from tests.support.reports import with_config, with_statuses, without

CONFIG = "jsquad"


@pytest.fixture
def content(sample_dataset):
    return report.load(sample_dataset)


@pytest.fixture
def whole(content):
    """The report of a build from the real, pinned files, with the paper's counts."""
    for name, entry in content.configs.items():
        content = with_config(content, name, sample=False, records=entry.paper_count or entry.records, why="")
        content = with_statuses(content, name, *["verified"] * len(entry.files))
    return content


def test_a_whole_build_has_no_warning(whole):
    assert "[!WARNING]" not in card.text(whole, {})


def test_a_build_from_samples_says_so_first(content):
    text = card.text(content, {})

    assert text.splitlines()[:4] == [
        "# llm-japanese-dataset",
        "",
        "> [!WARNING]",
        "> **Not the real data.** All records were built from invented raw files, to show and to test.",
    ]


def test_a_build_partly_from_samples_names_the_configs(whole):
    whole = with_config(whole, CONFIG, sample=True)

    assert "The records of `jsquad` were built from invented raw files" in card.text(whole, {})


def test_best_effort_is_named_with_its_files(whole):
    first, second = whole.configs[CONFIG].files

    text = card.text(with_statuses(whole, CONFIG, "missing", "changed"), {})

    assert f"**Best effort.** These raw files were missing: `jsquad/{first.name}`." in text
    assert f"**Best effort.** These raw files are not the pinned ones: `jsquad/{second.name}`." in text


def test_a_part_of_the_dataset_says_what_is_not_in_it(whole):
    whole = with_config(without(whole, CONFIG), "easy-ja", records=0, shards=(), why="T15-2020.1.7.xlsx is missing")

    text = card.text(whole, {})

    count = len(catalogue.TASK_CONFIGS)
    assert f"**A part of the dataset.** 2 of {count} configs are not in this build: `easy-ja`, `jsquad`." in text
    assert "| `jsquad` | 67,491 | – | – | – | not asked for in this build |" in text
    assert "| `easy-ja` | 84,300 | – | – | – | T15-2020.1.7.xlsx is missing |" in text
    assert re.search(r"\| `all`<br>\(default\) \| [\d,]+ \| the tasks of the paper \(without 2: see above\) \|", text)


def test_the_comparison_has_a_line_per_config_and_the_sum_of_the_papers(whole):
    whole = with_config(whole, CONFIG, records=67_490, why="one is lost", rejected={"no answer": 1})

    text = card.text(whole, {})

    assert "| `jsquad` | 67,491 | 67,490 | -1 | 1 | one is lost |" in text
    for name, (_, task) in catalogue.TASK_CONFIGS.items():
        assert f"| `{name}` | {'–' if task.paper_count is None else f'{task.paper_count:,}'} |" in text
    paper = catalogue.paper_count("all")
    assert f"| **sum** | {paper:,} | {paper - 1:,} | -1 |" in text


def test_the_table_of_configs_has_records_lengths_license_and_instruction(whole):
    whole = with_config(whole, CONFIG, records=4, characters={"input": Lengths(10), "output": Lengths(4_000)})

    text = card.text(whole, {})

    assert "| `jsquad` | 4 | 0 | 2 | 1,000 | CC-BY-SA-4.0 | *question, as the corpus has it* |" in text
    assert "| 「*word*」とはどういう意味ですか？ |" in text
    assert "| 次の日本語を英語に翻訳してください。<br>次の英語を日本語に翻訳してください。 |" in text


def test_every_source_is_credited_with_its_license(whole):
    text = card.text(whole, {})

    for corpus in catalogue.CORPORA.values():
        assert f"]({corpus.homepage}) | [{corpus.license.id}]({corpus.license.url}) |" in text


def test_cautions_and_clauses_of_licenses_are_listed_for_what_is_in_the_build(whole):
    text = card.text(whole, {})
    assert "do not evaluate a model that was trained on it with JSQuAD" in text
    assert "- **Licenses**: what is made from `alpaca_ja` must not be used commercially." in text

    text = card.text(without(whole, "alpaca-ja", CONFIG), {})
    assert "commercially" not in text and "JSQuAD." not in text


def test_examples_show_markup_of_the_corpus_as_it_is(whole):
    record = {"instruction": "<b>は何？", "input": "", "output": "太字*です|。\n以上", "task": "question"}

    text = card.text(whole, {CONFIG: [record]})

    assert r"| `jsquad` | &lt;b&gt;は何？ |  | 太字\*です\|。<br>以上 |" in text


def test_links_inside_the_card_lead_somewhere(whole):
    text = card.text(whole, {})
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}

    links = re.findall(r"\]\(#([^)]+)\)", text)

    assert links and set(links) <= anchors


def test_the_changelog_has_the_version_that_was_built(whole):
    assert next(iter(CHANGES)) == whole.version
    assert f"**{whole.version}** ({CHANGES[whole.version].date})" in card.text(whole, {})


def test_what_comes_before_the_folded_sections_is_short(whole):
    top = card.text(whole, {}).partition("<details>")[0]

    assert len(top.encode()) < 12_000
    assert top.index("load_dataset(") < top.index("<img ") < top.index("| `all`<br>(default) |")
    assert "日本語" in top


def test_what_is_folded_is_closed_again_and_has_room_for_markdown(whole):
    text = card.text(whole, {})

    assert text.count("<details>") == text.count("</details>") == len(re.findall(r"</summary>\n\n", text)) > 5


def test_charts_are_told_in_words(whole):
    text = card.text(whole, {})

    assert "Records by kind: translation 78.4%, knowledge 18.9%, other tasks 2.7%;" in text
    assert not re.search(r"<img (?![^>]*alt=\"[^\"]+\")", text)


def test_the_lines_that_leave_out_evaluation_items_leave_out_them_alone(sample_dataset, content):
    """The very lines of the card, run on the data."""
    text = card.text(content, {})
    lines = re.search(r"( *held_out = .*\n *dataset = .*\n)", text)[1]
    dataset = datasets.load_dataset(str(sample_dataset), "all", split="train")
    names = {"dataset": dataset}
    exec(textwrap.dedent(lines), names)
    left_out = set(dataset["id"]) - set(names["dataset"]["id"])
    assert {key.partition(":")[0] for key in left_out} == {"aio", "jcommonsenseqa", "jsquad"}
    counted = sum(config.evaluation for config in content.built.values())
    assert len(left_out) == counted > 0
    for number in filter(None, (config.evaluation for config in content.built.values())):
        assert f"({number} records)" in text


def test_the_line_that_keeps_licenses_works(sample_dataset, content):
    line = re.search(r"dataset = dataset.filter\(lambda license: .*\)", card.text(content, {}))[0]
    names = {"dataset": datasets.load_dataset(str(sample_dataset), "all", split="train")}
    exec(line, names)
    assert set(names["dataset"]["license"]) == {"Apache-2.0", "CC-BY-2.0-FR"}


def test_the_japanese_speaks_of_noncommercial_records_where_there_are_some(whole):
    assert "`alpaca_ja`は商用利用できません" in card.text(whole, {})
    assert "商用利用を禁じるものは含みません" in card.text(without(whole, "alpaca-ja"), {})


def test_repeated_records_are_counted(whole):
    config = replace(whole.configs[CONFIG], repeated=1_234)

    text = card.text(replace(whole, configs={**whole.configs, CONFIG: config}), {})

    assert "1,234 in `jsquad`" in text and "| `jsquad` | 67,491 | 1,234 |" in text
