"""The command line: what a person sees, and the exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from werkzeug.serving import BaseWSGIServer

from builders import catalogue, download
from builders.__main__ import COMMANDS, main
from builders.browse import libraries
from builders.build import run
from builders.build.plan import plan_configs
from builders.build.slices import build_slice
from builders.commands.build import INCOMPLETE
from builders.commands.options import SAMPLES
from builders.tree import report, stats, tokens
from builders.visible import visible
from tests.support.digests import digests
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0 and import_module(f"builders.commands.{COMMANDS[command]}").SUMMARY in " ".join(
        text.split()
    )
    assert f"examples:\n  python -m builders {command}" in text


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "builders", "list"], capture_output=True, text=True)
    assert done.returncode == 0 and "translation-coursera" in done.stdout


def test_a_python_without_the_packages():
    done = subprocess.run([sys.executable, "-S", "-m", "builders", "list"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {sys.executable} has no package rich.\nNext step: Use .venv/bin/python")


def test_list_shows_every_config_with_corpus_license_and_count(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for config, (corpus, task) in catalogue.TASK_CONFIGS.items():
        [line] = [line for line in lines if re.match(rf" {config} ", line)]
        assert (
            corpus.name in line
            and corpus.license.id in line
            and ("later" if task.paper_count is None else f"{task.paper_count:,}") in line
        )
    for group in catalogue.GROUPS:
        assert any(re.match(rf" {group} ", line) for line in lines)


@pytest.mark.parametrize("corpus", catalogue.CORPORA)
def test_show_prints_rows_beside_their_records(corpus, capsys):
    assert main(["show", corpus, "--sample", "-n", "1"]) == 0
    text = capsys.readouterr().out
    for task in catalogue.CORPORA[corpus].tasks:
        assert task.config in text
        for template in task.templates:
            assert f"{corpus}:{template.name}:" in text.replace("\n", "")


def build(sources: Path, out: Path, *more: str) -> int:
    """The exit code of `build`, in this process: workers would take a second to start."""
    return main(["build", CONFIG, *more, "--sources", str(sources), "--out", str(out), "--workers", "1"])


def test_build_ends_with_a_table_that_fits(tmp_path, capsys):
    write_pairs(tmp_path, [*numbered(3), "no tab"])
    assert build(tmp_path, tmp_path / "out") == 0
    text = capsys.readouterr().out
    assert re.search(rf"{CONFIG} +4 +6 +1 +202,398 +-202,392", text)
    words = " ".join(text.split())
    assert "1 1 columns instead of 2" in words and "not explained: -122,390 records" in words
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert f"{tmp_path / 'out'} is sound: 6 records in 1 config, 1 Parquet file." in capsys.readouterr().out


def test_build_says_which_config_has_no_records(tmp_path, capsys):
    write_pairs(tmp_path, numbered(3))
    assert build(tmp_path, tmp_path / "out", "alpaca-ja", "--best-effort") == INCOMPLETE == 3
    text = " ".join(capsys.readouterr().out.split())
    assert "alpaca_ja/japanese_alpaca_data.json missing" in text
    assert re.search(r"Without records, and so not in the output directory: alpaca-ja", text)


def test_a_config_without_a_usable_row_is_told_by_the_exit_code(tmp_path, capsys):
    """Its raw file is there, so --best-effort has nothing to do with it."""
    write_pairs(tmp_path, ["no tab"])
    assert build(tmp_path, tmp_path / "out") == 3
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert build(tmp_path, tmp_path / "slice", "--shards", "1/1") == 0
    capsys.readouterr()
    assert main(["merge", str(tmp_path / "slice"), "--out", str(tmp_path / "merged")]) == 3
    assert f"Without records, and so not in the output directory:\n{CONFIG}\n" in capsys.readouterr().out
    assert digests(tmp_path / "merged") == digests(tmp_path / "out")
    for command in ("build", "merge"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "\n3 finished, but at least one config has no records" in capsys.readouterr().out


def test_verify_names_what_is_wrong_and_fails(tmp_path, capsys):
    write_pairs(tmp_path, numbered(3))
    assert build(tmp_path, tmp_path / "out") == 0
    (tmp_path / "out" / CONFIG / "train-permissive-00000-of-00001.parquet").unlink()
    assert main(["verify", str(tmp_path / "out")]) == 1
    assert f"{CONFIG}/train-permissive-00000-of-00001.parquet: missing; build again" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "-1", "many"])
def test_a_wrong_number_of_workers_is_wrong_usage(workers, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["build", "--out", "x", "--workers", workers])
    assert stop.value.code == 2 and "--workers" in capsys.readouterr().err


@pytest.mark.slow
def test_a_terminal_that_has_no_japanese(tmp_path):
    write_pairs(tmp_path, numbered(3))
    command = [
        sys.executable,
        "-m",
        "builders",
        "build",
        CONFIG,
        "--sources",
        str(tmp_path),
        "--out",
        str(tmp_path / "o"),
    ]
    for encoding in ("ascii", "cp1252"):
        done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding})
        assert done.returncode == 0, done.stderr
    show = [sys.executable, "-m", "builders", "show", "tab_delimited", "--sources", str(tmp_path)]
    done = subprocess.run(show, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and rb"\u756a" in done.stdout


def test_escape_sequences_of_a_raw_file_do_not_reach_the_terminal(tmp_path, capsys):
    write_pairs(tmp_path, ["Red \x1b[31malert\x1b[0m.\t赤い\x9b警報。"])
    assert main(["show", "tab_delimited", "--sources", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\x9b" not in shown and r"\x1b[31malert" in shown


@pytest.fixture(scope="module")
def clearing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files of JSQuAD and a dataset of them: each id, question and title would clear the screen."""
    directory = tmp_path_factory.mktemp("clearing")
    (directory / "sources" / "jsquad").mkdir(parents=True)
    (directory / "sources" / "SAMPLE").touch()
    for path in (SAMPLES / "jsquad").glob("*.json"):
        text = re.sub(r'"(id|question|title)": "', r"\g<0>\\u001b[2J", path.read_text("utf-8"))
        (directory / "sources" / "jsquad" / path.name).write_text(text, "utf-8")
    build_pairs(directory / "sources", directory / "built", ["jsquad"])
    return directory


@pytest.mark.parametrize(
    "command",
    [
        "show jsquad --sources {sources} -n 2",
        "show jsquad --built {built} -n 2",
        "stats {built} --audit",
        "explain jsquad:question:train-{esc}[2Js11p0q0-1 --built {built} --sources {sources}",
        "explain {esc}[2Js12p2q0 --built {built} --sources {sources}",
        "diff {other} {built}",
        "build jsquad --sources {sources} --out {built} --workers 1",
    ],
)
def test_escape_sequences_of_ids_do_not_reach_the_terminal(clearing, clean_dataset, command, capsys):
    sources, built = clearing / "sources", clearing / "built"
    assert main(command.format(sources=sources, built=built, other=clean_dataset, esc="\x1b").split()) == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert r"\x1b[2J" in said.out + said.err or command.startswith("build")


HOSTILE = "[bold]out[/bold] [/] :smile: \x1b[2J"
"""A name of a directory that holds what could be markup: a tag, the end of one that was not begun, an emoji; and more."""


@pytest.fixture
def hostile(clean_dataset, planted_dataset, tmp_path, monkeypatch) -> Path:
    """A directory of such a name with raw files, a dataset of them, an earlier version, a slice and a benchmark."""
    directory = tmp_path / HOSTILE
    shutil.copytree(planted_dataset.parent / "sources", directory / "sources")
    for name in ("built", "old"):
        shutil.copytree(clean_dataset, directory / name)
    report.dump(replace(report.load(directory / "old"), version="0.9.0"), directory / "old")
    plans = plan_configs([CONFIG], partial(download.obtain, sources=directory / "sources"))
    build_slice(plans, directory / "slice", 1, 1, workers=1, progress=run.Silent())
    (directory / "exam.jsonl").write_text('{"question": "図書館は月曜日が休みです。"}\n', "utf-8")
    monkeypatch.setattr(tokens, "counter", lambda directory: stats.characters)
    monkeypatch.setattr(libraries, "files", dict)
    return directory


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (f"build {CONFIG} --sources {{}}/sources --workers 1 --out {{}}/new", "/new"),
        (f"build {CONFIG} --sources {{}}/sources --workers 1 --shards 1/1 --out {{}}/slice", "/slice"),
        ("merge {}/slice --out {}/merged", "/merged"),
        ("clean {}/built --workers 1", "/built/clean"),
        ("explain tab_delimited:ja-en:line-8 --built {}/built --sources {}/sources", "/sources/tab_delimited"),
        ("verify {}/built", "/built"),
        ("stats {}/built --charts {}/charts", "/charts/lengths.png"),
        ("stats {}/built --card --tokenizer {}", "/built"),
        ("stats {}/built --benchmark {}/exam.jsonl --leaks {}/leaks", "/leaks/leaks.png"),
        ("export {}/built jsquad --format messages --validation 1 --out {}/train.jsonl", "/train.validation.jsonl"),
        ("diff {}/old {}/built --changelog {}/changes.md", "/changes.md"),
        ("space {}/built --repo an-org/a-dataset --out {}/space", "/space"),
        ("verify {}", ""),
    ],
)
def test_brackets_in_a_path_are_no_markup(hostile, command, printed, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    code = main([part.replace("{}", str(hostile)) for part in command.split()])
    said = "".join(capsys.readouterr())
    assert code == (not printed) and "\x1b" not in said
    assert visible(str(hostile)) + printed in said


def left(entry: tuple[str, dict[str, object]]) -> tuple[str, dict[str, object]]:
    """An entry of a report's configs; that of one of them as a corpus had it that is no more."""
    name, config = entry
    return ("gone", config | {"corpus": "gone"}) if name == "easy-ja" else entry


@pytest.fixture
def of_another_catalogue(clean_dataset: Path, tmp_path: Path) -> Path:
    """A dataset with a config of a corpus that has left the catalogue."""
    built = Path(shutil.copytree(clean_dataset, tmp_path / "built"))
    content = json.loads((built / "report.json").read_bytes())
    for edition in (content, content["clean"]):
        edition["configs"] = dict(map(left, edition["configs"].items()))
    (built / "report.json").write_text(json.dumps(content))
    return built


ASKS_THE_CATALOGUE = (
    "verify {built}",
    "clean {built}",
    "stats {built} --audit",
    "stats {built} --card --tokenizer {built}",
    "stats {built} --benchmark exam.jsonl",
    "explain tab_delimited:ja-en:line-6 --built {built}",
    "browse {built} --port 0",
    "publish {built} --repo an-org/a-dataset --dry-run",
    "space {built} --repo an-org/a-dataset --out {built}-space",
)


@pytest.mark.parametrize("command", ASKS_THE_CATALOGUE)
def test_a_config_that_left_the_catalogue_is_named(of_another_catalogue, command, capsys, monkeypatch):
    monkeypatch.setattr(BaseWSGIServer, "serve_forever", lambda server: None)
    assert main(command.format(built=of_another_catalogue).split()) == 1
    assert capsys.readouterr().err == (
        f"Error: {of_another_catalogue} holds gone, which this version of builders does not know.\n"
        "Next step: Build again, or use the version that built it.\n"
    )


def test_the_records_of_an_earlier_catalogue_are_read_all_the_same(of_another_catalogue, clean_dataset, capsys):
    built, out = of_another_catalogue, of_another_catalogue.with_name("out.jsonl")
    report.dump(replace(report.load(built), version="0.9.0"), built)
    for command in (
        f"verify {built}",
        f"stats {built}",
        f"show jsquad --built {built}",
        f"export {built} all --format messages --out {out}",
        f"diff {built} {clean_dataset}",
    ):
        assert main(command.split()) == 0, capsys.readouterr().err
