"""What holds for every corpus in the catalogue, whatever it is. A new corpus needs no line here."""

from __future__ import annotations

import re
import socket
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from builders import catalogue, instructions
from builders.build.records import make_records
from builders.build.shards import steps
from builders.corpus import Corpus, License, RemoteFile
from builders.rows import EDGES, KEY
from builders.schema import SCHEMA
from tests.support import golden_records as golden
from tests.support.sample_faults import Samples, sample_faults

CORPORA = list(catalogue.CORPORA.values())
every_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Reading opens no connection, not even on loopback."""

    def refuse(*_):
        raise AssertionError("a corpus opened a network connection while reading")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@every_corpus
def test_metadata_is_complete_and_typed(corpus: Corpus):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", corpus.name)
    assert corpus.title and corpus.attribution
    assert re.match(r"https?://", corpus.homepage)
    assert isinstance(corpus.license, License) and corpus.license.url.startswith("https://")
    assert corpus.citation == "" or re.match(r"@\w+\{[\w:-]+,\n", corpus.citation)
    assert corpus.files and all(isinstance(file, RemoteFile) for file in corpus.files)
    assert corpus.tasks and all(task.templates and task.version >= 1 for task in corpus.tasks)


@every_corpus
def test_remote_files_say_where_they_are_and_how_they_are_checked(corpus: Corpus):
    for file in corpus.files:
        assert re.match(r"(https?|ftp)://", file.url), file
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.git_blob is None or re.fullmatch("[0-9a-f]{40}", file.git_blob)
        if not file.pinned:
            assert any(task.difference for task in corpus.tasks), f"{file.name} can change: say how counts differ"


@every_corpus
def test_the_module_opens_with_an_example_row(corpus: Corpus):
    module = catalogue.corpora.__name__ + "." + corpus.name
    docstring = __import__(module, fromlist=["CORPUS"]).__doc__
    assert re.search(r"\n    \S", docstring), "the docstring shows one raw row, indented"


@every_corpus
def test_the_samples_show_no_fault(corpus: Corpus):
    assert sample_faults(corpus, golden.sample_parts(corpus)) == []


@every_corpus
def test_the_samples_are_enough_to_look_at(corpus: Corpus):
    samples = Samples(corpus, golden.sample_parts(corpus))
    read = sum(keys.total() for keys in samples.keys.values())
    rejected = sum(reasons.total() for reasons in samples.rejected.values())
    assert 20 <= read + rejected <= 400


@every_corpus
def test_records_have_the_schema_and_no_blank_output(corpus: Corpus):
    for task in corpus.tasks:
        made = Counter()
        for part in golden.sample_parts(corpus):
            for step in steps(corpus, task, part):
                for template, batch in step.records.items():
                    table = batch.cast(SCHEMA)
                    table.validate(full=True)
                    made[template] += table.num_rows
                    for record in table.to_pylist():
                        assert record["instruction"].strip() and record["output"].strip()
                        assert record["id"].startswith(f"{corpus.name}:{template}:")
                        assert record["source"] == corpus.name and record["task"] == template
                        assert record["license"] == corpus.license.id
        assert set(made) == {template.name for template in task.templates}, "every template is in the samples"
        assert all(made.values())


@every_corpus
def test_the_samples_come_out_as_the_golden_files_say(corpus: Corpus):
    made = golden.made_from_samples(corpus)
    assert not (problems := golden.not_raised(corpus, made)), "\n".join(problems)
    for name, content in made.items():
        path = golden.DIRECTORY / name
        assert path.is_file() and path.read_bytes() == content, (
            f"{name} differs. If that is meant: {golden.COMMAND.format(corpus.name)}, and read the diff."
        )


@every_corpus
def test_no_cell_begins_or_ends_with_white_space_whatever_the_raw_cells_do(corpus: Corpus):
    """Cells of the samples are wrapped in all that may stand at their ends: the records come out as without."""
    for task in corpus.tasks:
        for part in golden.sample_parts(corpus):
            for rows in corpus.read(part):
                wrapped = replace(rows, batch=_wrapped(rows.batch))
                for (_, plain, _), (_, trimmed, _) in zip(
                    make_records(rows, corpus, task), make_records(wrapped, corpus, task), strict=True
                ):
                    assert trimmed.cast(SCHEMA).equals(plain.cast(SCHEMA))
                    for name in ("instruction", "input", "output"):
                        cells = plain.cast(SCHEMA).column(name).to_pylist()
                        assert [cell for cell in cells if cell != cell.strip(EDGES)] == []


def _wrapped(batch: pa.RecordBatch) -> pa.RecordBatch:
    cells = {
        name: batch.column(name) if name == KEY else pc.binary_join_element_wise(EDGES, batch.column(name), EDGES, "")
        for name in batch.schema.names
        if pa.types.is_string(batch.column(name).type)
    }
    return pa.RecordBatch.from_pydict(cells)


def test_template_names_and_configs_are_unique():
    configs = Counter(task.config for corpus in CORPORA for task in corpus.tasks)
    templates = Counter((corpus.name, t.name) for corpus in CORPORA for task in corpus.tasks for t in task.templates)
    assert max(configs.values()) == max(templates.values()) == 1


def test_instructions_are_worded_once_and_in_one_place():
    worded = {value for name, value in vars(instructions).items() if name.isupper() and isinstance(value, str)}
    for corpus in CORPORA:
        for task in corpus.tasks:
            for template in task.templates:
                is_column = re.fullmatch(r"\{\w+\}", template.instruction)
                assert is_column or template.instruction in worded, template.name
