"""What a build writes beside its data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders import catalogue, documents
from builders.documents.examples import representative_records
from builders.files import sha256
from builders.tree import report

NAMES = {
    "NOTICE",
    "README.md",
    "croissant.json",
    "dataset.spdx.json",
    "dataset_infos.json",
    "plots/lengths.png",
    "plots/shares.png",
    "training-data-summary.md",
}


def test_the_dataset_has_all_documents_and_the_report_names_them(sample_dataset):
    content = report.load(sample_dataset)

    assert set(content.documents) == NAMES
    for name, entry in content.documents.items():
        assert sha256(sample_dataset / name) == entry.sha256


@pytest.mark.slow
def test_the_same_dataset_gives_the_same_bytes_in_another_process(sample_dataset, tmp_path):
    """Also for a reader whose matplotlib is set up otherwise."""
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: black\nfont.size: 30\n")
    program = (
        "import hashlib, sys; from pathlib import Path; from builders.documents import documents; from builders.tree import report\n"
        "built = Path(sys.argv[1])\n"
        "for name, content in documents(report.load(built), built).items():\n"
        "    print(name, hashlib.sha256(content).hexdigest())"
    )
    root = Path(documents.__file__).parents[2]

    done = subprocess.run(
        [sys.executable, "-c", program, str(sample_dataset)],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(root), "MATPLOTLIBRC": str(tmp_path)},
    )  # fmt: skip

    digests = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert digests == {name: entry.sha256 for name, entry in report.load(sample_dataset).documents.items()}


def test_an_example_of_every_template_is_in_the_card(sample_dataset):
    examples = representative_records(report.load(sample_dataset), sample_dataset)

    for name, (_, task) in catalogue.TASK_CONFIGS.items():
        assert [record["task"] for record in examples[name]] == [template.name for template in task.templates]
    text = (sample_dataset / "README.md").read_text("utf-8")
    assert text.count("次の日本語を英語に翻訳してください。 |") == 1, "the translations share an instruction"
