"""The entries for a summary of training content name every source, with its license and its raw files."""

from __future__ import annotations

from builders import catalogue
from builders.documents import training_summary
from builders.tree import report


def test_every_source_has_an_entry(sample_dataset):
    content = report.load(sample_dataset)

    text = training_summary.text(content)

    for corpus in catalogue.CORPORA.values():
        tasks = [task for task in content.built.values() if task.corpus == corpus.name]
        (line,) = [
            line
            for line in text.splitlines()
            if line.startswith("| ") and f"]({corpus.homepage})" in line and corpus.title in line.replace("\\", "")
        ]
        assert f"| {sum(task.records for task in tasks):,} |" in line
        assert f"[{corpus.license.id}]({corpus.license.url})" in line
        assert all(file.url in line for task in tasks for file in task.files)


def test_the_sections_of_the_template_are_there(sample_dataset):
    text = training_summary.text(report.load(sample_dataset))

    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 1. General information",
        "## 2. List of data sources",
        "## 3. Data processing",
    ]
    assert "ids that begin with jsquad:question:valid-" in text
