"""Token lengths are the tokenizer's own, source by source."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from finetune import data, lengths, models, prompts


@pytest.fixture(scope="module")
def expected(records, tokenizer) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for record in records:
        text = prompts.format_record(record["instruction"], record["input"], record["output"])
        found.setdefault(record["source"], []).append(len(tokenizer(text)["input_ids"]))
    return found | {"all": [length for rows in found.values() for length in rows]}


def test_each_source_and_all(dataset, tokenizer, expected):
    limit = int(np.median(expected["all"]))
    rows = lengths.measure(data.read(dataset), tokenizer, max_tokens=limit)
    assert [row.source for row in rows] == ["sample-a", "sample-b", "all"]
    for row in rows:
        tokens = expected[row.source]
        assert (row.records, row.mean, row.median) == (len(tokens), np.mean(tokens), np.median(tokens))
        assert row.over == sum(length > limit for length in tokens) / len(tokens)


def test_the_command_prints_a_markdown_table(dataset, base, expected, capsys):
    assert lengths.main(["--tokenizer", str(base), "--data", dataset]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0].split() == ["|", "source", "|", "records", "|", "mean", "|", "median", "|", "over", "256", "|"]
    tokens = expected["all"]
    over = sum(length > 256 for length in tokens) / len(tokens)
    assert lines[-1].split() == f"| all | 150 | {np.mean(tokens):.1f} | {np.median(tokens):g} | {over:.1%} |".split()


def test_a_log_holds_no_bars(dataset, base):
    own = {
        name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"
    }  # an earlier test may have set it
    line = [sys.executable, "-m", "finetune.lengths", "--tokenizer", str(base), "--data", dataset]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=own)
    assert "| all " in done.stdout and done.stderr == ""


def test_names_of_others_do_not_control_the_terminal(jsonl, records, base, capsys):
    named = [record | {"source": "[red]\x1b[2J", "id": "\x1b[2J"} for record in records[:2]]
    assert lengths.main(["--tokenizer", str(base), "--data", jsonl(named)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and r"| [red]\x1b[2J |" in shown
    assert lengths.main(["--tokenizer", str(base), "--data", jsonl([named[0] | {"output": ""}])]) == 1
    assert capsys.readouterr().err.startswith("error: record \\x1b[2J: output is empty\nNext step: ")


def test_the_command_says_what_is_missing(tmp_path, dataset, capsys):
    assert lengths.main(["--tokenizer", str(tmp_path / "gone"), "--data", dataset]) == 1
    assert capsys.readouterr().err.startswith(f"error: there is no directory {tmp_path / 'gone'}\n")


def test_with_llamas_own_tokenizer_the_prompt_is_in_the_length(dataset, llama_tokenizer_dir):
    rows = lengths.measure(data.read(dataset), models.load_tokenizer(llama_tokenizer_dir))
    assert rows[-1].records == 150
    assert rows[-1].mean > 36
