"""Bad input of every kind, as raw files in a source directory, and what `build` says to it."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from builders.__main__ import main
from builders.commands.options import SAMPLES

DIRECTORY = Path(__file__).parent / "golden"
COMMAND = "python -m tests.errors.regenerate"
WIDTH = "100"
"""Columns the messages are wrapped to, as in a terminal."""


def sample(sources: Path, corpus: str, file: str) -> Path:
    """Copies a corpus's samples, as samples, and returns one of the files."""
    shutil.copytree(SAMPLES / corpus, sources / corpus)
    (sources / "SAMPLE").touch()
    return sources / corpus / file


def missing_files(sources: Path) -> list[str]:
    (sources / "jsquad").mkdir()
    return ["jsquad"]


def wrong_checksum(sources: Path) -> list[str]:
    sample(sources, "coursera", "Coursera_En-Ja.zip")
    (sources / "SAMPLE").unlink()
    return ["translation-coursera"]


def truncated_zip(sources: Path) -> list[str]:
    path = sample(sources, "coursera", "Coursera_En-Ja.zip")
    path.write_bytes(path.read_bytes()[:-100])
    return ["translation-coursera"]


def flipped_byte_in_zip(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    data = bytearray(path.read_bytes())
    data[80] ^= 0xFF
    path.write_bytes(data)
    return ["translation-tab-delimited"]


def member_missing(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jpn.tsv", "Hi.\tやあ。\n")
    return ["translation-tab-delimited"]


def wrong_encoding(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jpn.txt", "Hi.\tHello.\nGo.\t行け。\n".encode("shift_jis"))
    return ["translation-tab-delimited"]


def lines_do_not_align(sources: Path) -> list[str]:
    path = sample(sources, "coursera", "Coursera_En-Ja.zip")
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    texts["Coursera_En-Ja/dev.en.txt"] += b"One line more.\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return ["translation-coursera"]


def column_missing_in_spreadsheet(sources: Path) -> list[str]:
    path = sample(sources, "easy_japanese", "T15-2020.1.7.xlsx")
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_cols(3)
    book.save(path)
    return ["easy-ja"]


def cut_spreadsheet(sources: Path) -> list[str]:
    path = sample(sources, "easy_japanese", "T15-2020.1.7.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    return ["easy-ja"]


def json_cut_in_the_middle(sources: Path) -> list[str]:
    path = sample(sources, "jsquad", "valid-v1.1.json")
    path.write_bytes(path.read_bytes()[:700])
    return ["jsquad"]


def json_lines_cut_in_the_middle(sources: Path) -> list[str]:
    path = sample(sources, "jcommonsenseqa", "valid-v1.1.json")
    path.write_bytes(path.read_bytes()[:-40])
    return ["knowledge-jcommonsenseqa"]


def wrong_checksum_at_the_end_of_gzip(sources: Path) -> list[str]:
    path = sample(sources, "jesc", "raw.tar.gz")
    data = bytearray(path.read_bytes())
    data[-6] ^= 1
    path.write_bytes(data)
    return ["translation-jesc"]


def encrypted_zip(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    data = bytearray(path.read_bytes())
    for entry in (6, data.index(b"PK\1\2") + 8):
        data[entry] |= 1
    path.write_bytes(data)
    return ["translation-tab-delimited"]


def zip_of_another_method(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("jpn.txt", "Hi.\tやあ。\n")
    return ["translation-tab-delimited"]


def zip_bomb(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("jpn.txt", bytes(80 << 20))
    return ["translation-tab-delimited"]


def line_without_end(sources: Path) -> list[str]:
    path = sample(sources, "tanaka", "examples.utf.gz")
    path.write_bytes(gzip.compress(b"A: " + b"x" * (13 << 20), 1))
    return ["translation-tanaka"]


def rows_in_another_layout(sources: Path) -> list[str]:
    path = sample(sources, "tab_delimited", "jpn-eng.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jpn.txt", "Hi.\tやあ。\n" + "Hi.,やあ。\n" * 100_001)
    return ["translation-tab-delimited"]


def lines_in_another_layout(sources: Path) -> list[str]:
    sample(sources, "aio", "aio_02_dev_v1.0.jsonl").write_bytes(b'{"question": "a", "answer": "b"}\n' * 100_001)
    return ["knowledge-aio"]


def sheet_of_a_billion_cells(sources: Path) -> list[str]:
    path = sample(sources, "easy_japanese", "T15-2020.1.7.xlsx")
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(1_048_576, 16_384, "far away")
    book.save(path)
    return ["easy-ja"]


def json_nested_too_deep(sources: Path) -> list[str]:
    sample(sources, "jsquad", "valid-v1.1.json").write_text("[" * 100_000)
    return ["jsquad"]


def things_that_are_no_files(sources: Path) -> list[str]:
    os.mkfifo(_emptied(sample(sources, "jsquad", "train-v1.1.json")))
    _emptied(sources / "jsquad" / "valid-v1.1.json").mkdir()
    return ["jsquad"]


def links_in_a_circle(sources: Path) -> list[str]:
    path = _emptied(sample(sources, "tanaka", "examples.utf.gz"))
    path.symlink_to(path)
    return ["translation-tanaka"]


def _emptied(path: Path) -> Path:
    path.unlink()
    return path


def unknown_config(sources: Path) -> list[str]:
    return ["translation-tabdelimited"]


def no_source_directory(sources: Path) -> list[str]:
    sources.rmdir()
    return ["jsquad"]


CASES: dict[str, Callable[[Path], list[str]]] = {
    case.__name__: case
    for case in (
        missing_files,
        wrong_checksum,
        truncated_zip,
        flipped_byte_in_zip,
        member_missing,
        wrong_encoding,
        lines_do_not_align,
        column_missing_in_spreadsheet,
        cut_spreadsheet,
        json_cut_in_the_middle,
        json_lines_cut_in_the_middle,
        wrong_checksum_at_the_end_of_gzip,
        encrypted_zip,
        zip_of_another_method,
        zip_bomb,
        line_without_end,
        rows_in_another_layout,
        lines_in_another_layout,
        sheet_of_a_billion_cells,
        json_nested_too_deep,
        things_that_are_no_files,
        links_in_a_circle,
        unknown_config,
        no_source_directory,
    )
}
"""Each lays bad input into an empty source directory and returns the configs to build."""


def message(case: str, directory: Path) -> tuple[int, str]:
    """Exit code and all that is printed on the error stream; `directory` reads DIR in it."""
    sources = directory / "sources"
    sources.mkdir()
    configs = CASES[case](sources)
    arguments = ["build", *configs, "--sources", str(sources), "--out", str(directory / "out"), "--workers", "1"]
    errors = io.StringIO()
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDTH
    try:
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = main(arguments)
    finally:
        os.environ.pop("COLUMNS") if columns is None else os.environ.update(COLUMNS=columns)
    return code, errors.getvalue().replace(str(directory), "DIR")
