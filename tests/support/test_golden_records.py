"""Records that change ask for a version that is raised; rejected rows and new samples do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from builders import catalogue
from builders.corpus import Corpus, RemoteFile, Task
from builders.instructions import translation
from builders.licenses import CC_BY_4
from builders.rows import KEY, RejectedRow, Rows
from tests.corpora import regenerate
from tests.support import golden_records as golden

TASK = Task("translation-pairs", translation())
LINES = "雨だ。\tIt rains.\n雪だ。\tIt snows.\n"
MESSAGE = (
    'The records of "translation-pairs" changed, but its version is still 1: raise version of "translation-pairs" first '
    "(version=2 in its Task in builders/corpora/pairs.py). "
    "If this change has raised it already, or edited samples only, delete pairs.versions.json and regenerate."
)


class Checkout:
    """A made-up corpus with samples and golden files of its own."""

    def __init__(self, directory: Path):
        self.sample = directory / "samples" / "pairs" / "pairs.tsv"
        self.sample.parent.mkdir(parents=True)
        (directory / "samples" / "SAMPLE").touch()
        self.sample.write_text(LINES)
        self.end, self.reason, self.task = "", "no pair", TASK

    def corpus(self) -> Corpus:
        def read(part):
            rows, rejected = [], []
            for number, line in enumerate(part.files["pairs.tsv"].read_text().splitlines(), 1):
                cells = line.split("\t")
                if len(cells) == 2:
                    rows.append({"japanese": cells[0], "english": cells[1] + self.end, KEY: str(number)})
                else:
                    rejected.append(RejectedRow(f"pairs.tsv line {number}", self.reason, line))
            yield Rows(pa.RecordBatch.from_pylist(rows), tuple(rejected))

        return Corpus(
            name="pairs",
            title="Pairs",
            homepage="https://example.org/",
            license=CC_BY_4,
            attribution="nobody",
            citation="",
            files=(RemoteFile("pairs.tsv", "https://example.org/pairs.tsv"),),
            tasks=(self.task,),
            columns={"japanese": "ja", "english": "en"},
            read=read,
        )

    def problems(self) -> list[str]:
        return golden.not_raised(self.corpus(), golden.made_from_samples(self.corpus()))


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Checkout:
    made = Checkout(tmp_path)
    monkeypatch.setattr(golden, "DIRECTORY", tmp_path / "golden")
    monkeypatch.setattr(golden, "SAMPLES", tmp_path / "samples")
    monkeypatch.setattr(catalogue, "corpus_named", lambda name: made.corpus())
    regenerate.main(["pairs"])
    return made


def test_what_did_not_change_asks_for_nothing(checkout):
    assert checkout.problems() == []


def test_changed_records_ask_for_a_version_and_nothing_is_written(checkout):
    checkout.end = "!"
    assert checkout.problems() == [MESSAGE]
    before = {path: path.read_bytes() for path in golden.DIRECTORY.iterdir()}
    with pytest.raises(SystemExit) as stop:
        regenerate.main(["pairs"])
    assert str(stop.value) == MESSAGE
    assert before == {path: path.read_bytes() for path in golden.DIRECTORY.iterdir()}


def test_a_raised_version_is_enough(checkout):
    checkout.end, checkout.task = "!", replace(TASK, version=2)
    assert checkout.problems() == []
    regenerate.main(["pairs"])
    assert b'"version": 2' in (golden.DIRECTORY / "pairs.versions.json").read_bytes()


def test_a_changed_instruction_asks_for_a_version(checkout):
    template = replace(TASK.templates[0], instruction="訳してください。")
    checkout.task = replace(TASK, templates=(template, *TASK.templates[1:]))
    assert checkout.problems() == [MESSAGE]


def test_changed_rejected_rows_ask_for_nothing(checkout):
    checkout.sample.write_text(LINES + "雲だ。\n")
    regenerate.main(["pairs"])
    checkout.reason = "one column"
    assert checkout.problems() == []


def test_more_samples_ask_for_nothing_unless_a_record_is_lost_with_them(checkout):
    checkout.sample.write_text("風だ。\tIt blows.\n" + LINES)
    assert checkout.problems() == []
    checkout.end = "!"
    assert checkout.problems() == [MESSAGE]


def test_without_the_file_of_versions_the_task_counts_as_new(checkout):
    checkout.end = "!"
    (golden.DIRECTORY / "pairs.versions.json").unlink()
    assert checkout.problems() == []
