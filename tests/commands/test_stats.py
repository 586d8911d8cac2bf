"""`stats`, as it is typed."""

from __future__ import annotations

import argparse
import shutil

import pytest
from matplotlib.image import imread

from builders import catalogue
from builders.commands import stats
from builders.errors import BuildError
from builders.tree import report
from builders.tree import stats as tree_stats
from tests.support.digests import digests


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    stats.add_arguments(parser)
    return stats.main(parser.parse_args(arguments))


def test_a_line_per_config_and_per_source(sample_dataset, capsys):
    assert _run(str(sample_dataset)) == 0

    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    built = report.load(sample_dataset).configs
    for config, names in catalogue.CONFIGS.items():
        records = sum(built[name].records for name in names)
        (line,) = [line for line in printed if line[:1] == [config] and line[-1] == "%"]
        assert line[1] == f"{records:,}"
    sources = [line[0] for line in printed if len(line) == 4 and line[0] in catalogue.CORPORA]
    assert sources == list(catalogue.CORPORA)
    assert "jesc and tab_delimited have 2 in common.".split() in printed


def test_charts_are_drawn_where_they_are_wanted(sample_dataset, tmp_path, capsys):
    assert _run(str(sample_dataset), "--charts", str(tmp_path / "charts")) == 0

    for name in ("records.png", "lengths.png"):
        assert imread(tmp_path / "charts" / name).shape[1] == 900
    assert f"Drawn: {tmp_path / 'charts' / 'records.png'}" in capsys.readouterr().out.replace("\n", "")


def test_own_charts_are_drawn_anew_and_those_of_others_left_alone(sample_dataset, tmp_path, monkeypatch):
    charts = tmp_path / "charts"
    for _ in range(2):
        assert _run(str(sample_dataset), "--charts", str(charts)) == 0
    shutil.copy(sample_dataset / "plots" / "lengths.png", charts)  # a chart of ours that this command did not draw
    before = digests(charts)
    monkeypatch.setattr(tree_stats, "measure", None)  # it is found before anything is read

    with pytest.raises(BuildError) as error:
        _run(str(sample_dataset), "--charts", str(charts))

    assert error.value.problem == f"{charts}/lengths.png is there already, and this command did not write it."
    assert digests(charts) == before


def test_charts_that_cannot_be_written(sample_dataset, tmp_path):
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "charts"

    with pytest.raises(BuildError, match=f"{place} cannot be written: Not a directory") as error:
        _run(str(sample_dataset), "--charts", str(place))

    assert "--charts" in error.value.next_step


def test_a_directory_that_is_no_dataset(tmp_path):
    with pytest.raises(BuildError, match="holds no report.json, so it is no built dataset"):
        _run(str(tmp_path))


def test_a_directory_without_tokenizer_is_refused_before_anything_is_read(sample_dataset, tmp_path):
    with pytest.raises(BuildError, match="holds no tokenizer"):
        _run(str(sample_dataset), "--tokenizer", str(tmp_path))


def test_an_audit_shows_findings_with_examples(sample_dataset, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert _run(str(sample_dataset), "--audit") == 0

    printed = capsys.readouterr().out
    assert "same prompt, other answer" in printed
    assert "translation-tanaka, exact duplicate: tanaka:ja-en:900017_910017.2" in printed
    assert "電車が遅れたので、会議に間に合わなかった。 | My train was late" in printed
