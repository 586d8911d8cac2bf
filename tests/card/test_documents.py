"""What a build writes beside its data."""

from __future__ import annotations

import subprocess
import sys

from builders import card, catalogue, report
from builders.card.examples import telling_records

NAMES = {"README.md", "NOTICE", "dataset_infos.json", "croissant.json", "plots/records.png", "plots/lengths.png"}


def test_the_tree_has_all_documents_and_the_report_names_them(sample_tree):
    content = report.read(sample_tree)

    assert set(content["documents"]) == NAMES
    for name, entry in content["documents"].items():
        assert report.sha256(sample_tree / name) == entry["sha256"]


def test_the_same_tree_gives_the_same_bytes_in_another_process(sample_tree, tmp_path):
    """Also for a reader whose matplotlib is set up otherwise."""
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: black\nfont.size: 30\n")
    program = (
        "import hashlib, sys; from pathlib import Path; from builders import card, report\n"
        "tree = Path(sys.argv[1])\n"
        "for name, content in card.documents(report.read(tree), tree).items():\n"
        "    print(name, hashlib.sha256(content).hexdigest())"
    )
    root = report.Path(card.__file__).parents[2]

    done = subprocess.run(
        [sys.executable, "-c", program, str(sample_tree)],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(root), "MATPLOTLIBRC": str(tmp_path)},
    )  # fmt: skip

    digests = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert digests == {name: entry["sha256"] for name, entry in report.read(sample_tree)["documents"].items()}


def test_an_example_of_every_template_is_in_the_card(sample_tree):
    examples = telling_records(report.read(sample_tree), sample_tree)

    for leaf, (_, task) in catalogue.LEAVES.items():
        assert [record["task"] for record in examples[leaf]] == [template.name for template in task.templates]
    text = (sample_tree / "README.md").read_text("utf-8")
    assert text.count("| task | instruction | input | output |") == len(catalogue.LEAVES)
