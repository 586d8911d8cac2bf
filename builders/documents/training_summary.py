"""`training-data-summary.md`: what somebody who trains a model on the dataset can put into the summary of training
content that the European Union's AI Act asks providers of general-purpose models for (Article 53(1)(d)).

The sections are those of the template of the European Commission (24 July 2025): general information, list of data
sources, data processing. https://digital-strategy.ec.europa.eu/en/library/explanatory-notice-and-template-public-summary-training-content-general-purpose-ai-models
"""

from __future__ import annotations

from builders.corpus import Corpus
from builders.documents import facts, kinds
from builders.documents.markdown import plain, table
from builders.tree.report import Report

NAME = "training-data-summary.md"


def text(report: Report) -> str:
    """The file's content.

    Args:
        report: of the built dataset.
    """
    name = report.repository.rpartition("/")[2]
    return f"""\
# {name} {report.version}: entries for a public summary of training content

Take the entries of the sources that you train on. Each record names its source in the column `source`.
This file says what is known of the data; what you add to it, and what you leave out, is yours to say.

## 1. General information

{table(("what", "entry"), _general(report))}

## 2. List of data sources

### 2.1 Publicly available datasets

{_entry_of_the_whole(report)}

It is made from the public corpora below.

{table((">records", "source", "content and languages", "license", "raw files"), [_source(c, report) for c in facts.corpora(report)])}

### 2.2 to 2.6 Private datasets, crawled data, user data, synthetic data, other sources

Nothing was licensed from third parties, crawled, taken from users or generated for this dataset. What the corpora
themselves say of how their texts came about:

{chr(10).join(f"- {line}" for line in facts.limitations(report)) or "- nothing"}

## 3. Data processing

{chr(10).join(f"- {line}" for line in facts.PROCESSING)}
- **Rights reserved against text and data mining**: nothing was crawled; each corpus is used under the license above.
- **Illegal content**: texts were not searched for it; the corpora are published by research groups and encyclopedias.
- **Evaluation sets inside**: {"; ".join(facts.evaluation_items(report)) or "none"}.
- **Repeated records**: {facts.repeated(report):,}. **Rows and records left out**: {facts.rejected(report):,}.
"""


def _general(report: Report) -> list[tuple[str, str]]:
    characters = sum(length.total for task in report.built.values() for length in task.characters.values())
    tokens = report.tokens
    counted = (
        f"{sum(tokens.configs.values()):,} tokens with the tokenizer {tokens.tokenizer}" if tokens else "not counted"
    )
    return [
        ("modality", "text"),
        ("size", f"{kinds.records(report.built):,} records, {characters:,} characters of input and output; {counted}"),
        ("languages", "Japanese, English"),
        ("types of content", ", ".join(kinds.by_class(report, kinds.kind)) or "none"),
        ("dates of the raw files", ", ".join(facts.dates(report))),
        ("known imbalance", " ".join(facts.biases(report))),
    ]


def _entry_of_the_whole(report: Report) -> str:
    address = f"https://huggingface.co/datasets/{report.repository}"
    return f"- **{report.repository}**, version {report.version}: {address}/tree/v{report.version}"


def _source(corpus: Corpus, report: Report) -> tuple[str, ...]:
    tasks = [task for task in report.built.values() if task.corpus == corpus.name]
    files = {file.name: file for task in tasks for file in task.files if file.sha256}
    listed = "<br>".join(f"[{plain(name)}]({file.url}) ({file.bytes:,} bytes)" for name, file in files.items())
    languages = sorted({word for text in corpus.columns.values() for word in text.split()[:1]} - {"any"})
    return (
        f"{sum(task.records for task in tasks):,}",
        f"[{plain(corpus.title)}]({corpus.homepage}), by {plain(corpus.attribution)}",
        f"text: {', '.join(languages)}",
        f"[{corpus.license.id}]({corpus.license.url})",
        listed,
    )
