"""What a build writes beside its data."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from builders import catalogue, documents
from builders.__main__ import main
from builders.documents import describe
from builders.documents.examples import representative_records
from builders.files import sha256
from builders.tree import report
from builders.tree.report import Report
from builders.tree.verify import verify
from tests.support.digests import digests
from tests.support.editions import output_file
from tests.support.sample_build import build_samples

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


def damaged(sample: Path, out: Path, edit: Callable[[Report, Path], Report]) -> Path:
    """A copy whose documents and report were edited together: every byte is what the report says."""
    shutil.copytree(sample, out)
    edited = edit(report.load(out), out)
    files = {name: output_file(out, name) for name in edited.documents}
    report.dump(replace(edited, documents=files), out)
    assert verify(out) == []
    return out


def rewrite(name: str, content: bytes) -> Callable[[Report, Path], Report]:
    def edit(report: Report, out: Path) -> Report:
        (out / name).write_bytes(content)
        return report

    return edit


def leave_out(*names: str) -> Callable[[Report, Path], Report]:
    def edit(report: Report, out: Path) -> Report:
        kept = {name: file for name, file in report.documents.items() if name not in names}
        return replace(report, documents=kept)

    return edit


EDITS = {
    "a card that is empty": (rewrite("README.md", b""), ["README.md"]),
    "a NOTICE that says nothing": (rewrite("NOTICE", b"MIT\n"), ["NOTICE"]),
    "a chart that is none": (rewrite("plots/shares.png", b""), ["plots/shares.png"]),
    "one that is left out": (leave_out("croissant.json"), ["croissant.json"]),
    "all left out": (leave_out(*NAMES), sorted(NAMES)),
}


@pytest.mark.parametrize(("edit", "names"), EDITS.values(), ids=EDITS)
def test_documents_that_were_edited_with_the_report_are_found_and_the_next_build_mends_them(
    sample_dataset, tmp_path, capsys, edit, names
):
    out = damaged(sample_dataset, tmp_path / "out", edit)
    assert main(["verify", str(out)]) == 1
    said = capsys.readouterr().err
    assert [line.split(":")[0].strip() for line in said.splitlines() if line.startswith("  ")] == names
    build_samples(out)
    assert digests(out) == digests(sample_dataset)
    assert main(["verify", str(out)]) == 0


def test_documents_of_another_version_are_not_compared(sample_dataset, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(sample_dataset, out)
    describe(replace(report.load(out), version="0.9.0"), out)
    for name in ("NOTICE", "README.md"):
        (out / name).write_text("as that version wrote it")
    content = report.load(out)
    files = {name: output_file(out, name) for name in content.documents}
    report.dump(replace(content, documents=files), out)
    assert main(["verify", str(out)]) == 0
    assert "It is of version 0.9.0, and this is " in capsys.readouterr().out


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
