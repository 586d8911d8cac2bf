"""A stream gives every record once an epoch, to any number of processes the same, and never a validation record."""

from __future__ import annotations

import itertools
import json
import shutil
from functools import partial
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finetune import checkpoints, config, data, evaluate, streaming
from finetune.errors import DataError
from tests.finetune.conftest import make_records
from tests.finetune.test_train import ADAPTER, assert_same_run, here, stop, two_processes, write_config


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Without the five seconds that `datasets` waits after each pass over Parquet files, for its threads to end."""
    monkeypatch.setattr(datasets.config, "SLEEP_TIME_ON_THREADS_SHUTDOWN", 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """150 records in five Parquet files of different sizes, as the build lays them out."""
    out, records, start = tmp_path_factory.mktemp("streamed"), make_records(150), 0
    for number, size in enumerate((10, 20, 30, 40, 50)):
        table = pa.Table.from_pylist(records[start : start + size])
        pq.write_table(table, out / f"train-{number:05}-of-00005.parquet")
        start += size
    return out


@pytest.fixture
def write(base, folder, tmp_path):
    """``write_config`` for a stream into this test's own folder."""
    streamed = {"validation": 20, "streaming": True}
    return partial(write_config, tmp_path, base, str(folder), data=streamed)


TRAINING = {"max_steps": 8, "global_batch": 40, "per_device_batch": 10, "deepspeed": None} | {
    name: 1 if name == "log_every" else 3 for name in ("log_every", "evaluate_every", "save_every")
}


def opened(dataset, tokenizer, *, share=(0, 1), rows=False, seed=42, **changes) -> streaming.Streamed:
    settings = config.Data(dataset=str(dataset), streaming=True, **{"validation": 0, **changes})
    return streaming.prepare(settings, tokenizer, seed=seed, share=share, rows=rows)


def take(stream: streaming.Streamed, count: int) -> list[tuple[int, ...]]:
    return [tuple(record["input_ids"]) for record in itertools.islice(stream.train, count)]


def test_every_record_once_an_epoch_in_another_order(folder, tokenizer):
    both = take(opened(folder, tokenizer), 300)
    first, second = both[:150], both[150:]
    assert sorted(first) == sorted(second) and first != second
    assert len(set(first)) > 50
    assert take(opened(folder, tokenizer), 150) == first != take(opened(folder, tokenizer, seed=7), 150)


def test_processes_share_the_stream_out_whatever_their_number(folder, tokenizer):
    """... and the numbers of records and files, so that a step trains the same records."""
    alone = take(opened(folder, tokenizer, validation=7), 420)
    for processes in (2, 4):
        shares = [take(opened(folder, tokenizer, validation=7, share=(n, processes)), 105) for n in range(processes)]
        together = [record for step in zip(*shares, strict=True) for record in step]
        assert together == alone[: len(together)]


def test_validation_records_and_their_mirrors_are_not_trained_on(jsonl, tokenizer):
    rows = []
    for number in range(40):
        texts = (f"第{number}の文です。", f"Sentence {number}.")
        for task, (text, output) in (("ja-en", texts), ("en-ja", texts[::-1])):
            rows.append(
                {"instruction": "訳してください。", "input": text, "output": output, "id": f"a:{task}:{number}"}
            )
    stream = opened(jsonl(rows), tokenizer, validation=10)
    held_out = {frozenset((row["input"], row["output"])) for row in stream.train.held_out.texts}
    expected = [row for row in rows if frozenset((row["input"], row["output"])) not in held_out]
    assert len(stream.validation) == 10 and 60 <= len(expected) < 70
    trained = [tokenizer.decode(ids, skip_special_tokens=True) for ids in take(stream, len(expected))]
    assert sorted(text.rpartition("### Response:\n")[2] for text in trained) == sorted(
        row["output"] for row in expected
    )


def test_rows_hold_every_record_once(folder, tokenizer):
    stream = opened(folder, tokenizer, rows=True)
    records = 0
    for row in stream.train:
        assert sum(len(record["input_ids"]) for record in row) <= 256
        records += len(row)
        if records >= 150:
            break
    assert records == stream.train.seen.train == 150
    counts = stream.train.counts()
    assert (counts.records, counts.train, len(counts.sources)) == (150, 150, 2)


def test_counts_are_those_of_a_dataset_that_was_tokenised_before(folder, tokenizer):
    settings = {"validation": 0, "max_tokens": 115, "train_on_inputs": False}
    expected = data.prepare(config.Data(dataset=str(folder), **settings), tokenizer).counts
    stream = opened(folder, tokenizer, **settings)
    take(stream, expected.train)
    found = stream.train.counts()
    assert found.train == expected.train and found.without_response <= expected.without_response
    assert (found.tokens, found.response_tokens) == (expected.tokens, expected.response_tokens)
    assert 0 < expected.without_response < 150


def test_what_cannot_be_streamed(folder, jsonl, tokenizer, tmp_path):
    rows = make_records(5)
    for dataset, options, reason in (
        (folder, {"validation": 150}, "150 records cannot be kept for validation: the dataset holds 150\n"),
        (jsonl([{"instruction": "a", "text": "b"}]), {}, "has no column input and no column output"),
        (tmp_path / "gone", {}, "there is no dataset "),
        (jsonl([]), {}, "holds no records"),
        (jsonl([*rows, rows[0] | {"output": " ", "id": "a:qa:99"}]), {}, "record a:qa:99: output is empty\n"),
        (
            jsonl([{"instruction": "猫は何をしますか。", "input": "", "output": ""}]),
            {},
            "record '猫は何をしますか。': output is empty\n",
        ),
    ):
        with pytest.raises(DataError) as error:
            opened(dataset, tokenizer, **options)
        assert reason in str(error.value) and "\nNext step: " in str(error.value)


@pytest.mark.parametrize("broken", [b'{"instruction": "\xff\xfe", "input": "", "output": "a"}', b'{"instru'])
def test_a_broken_line_is_named(jsonl, tokenizer, broken):
    rows = [{"instruction": f"第{number}の文です。", "input": "", "output": "長" * 50} for number in range(3_000)]
    path = Path(jsonl(rows))
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2_900], broken, *lines[2_900:]]))
    with pytest.raises(DataError) as error:
        opened(path, tokenizer)
    assert str(error.value).startswith(f"{path}, line 2,901, cannot be read: ")
    assert str(error.value).endswith("\nNext step: correct the file, or build the dataset anew.")


def test_a_file_that_breaks_off_while_the_training_runs(tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "BUFFER", 10)
    path = tmp_path / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist(make_records(3_000)), path, row_group_size=500)
    page = pq.read_metadata(path).row_group(5).column(0).dictionary_page_offset
    content = path.read_bytes()
    path.write_bytes(content[:page] + b"\xff" * 100 + content[page + 100 :])
    stream = opened(tmp_path, tokenizer)
    assert len(take(stream, 1_000)) == 1_000
    with pytest.raises(DataError, match=f"^{tmp_path} cannot be read: .*\nNext step: correct the file, "):
        take(stream, 3_000)


def test_duplicates_by_the_marks_of_records_held_out_are_not_trained_on(folder, tokenizer, tmp_path):
    """The last fifty records are marked as duplicates of the first fifty."""
    shutil.copytree(folder, tmp_path / "marked")
    ids = [row["id"] for row in make_records(150)]
    (tmp_path / "marked" / "marks" / "qa").mkdir(parents=True)
    marks = pa.table({"id": ids, "representative": [ids[place % 50] if place >= 100 else "" for place in range(150)]})
    pq.write_table(marks, tmp_path / "marked" / "marks" / "qa" / "train-00000-of-00001.parquet")
    (tmp_path / "marked" / "README.md").write_text("---\nconfigs:\n- config_name: qa\n  data_files: '*.parquet'\n---\n")
    plain, marked = (opened(path, tokenizer, validation=10) for path in (folder, tmp_path / "marked"))
    kept = pa.Table.from_pylist(make_records(150))
    assert plain.train.held_out.texts == marked.train.held_out.texts
    held = {
        ids.index(row["id"]) % 50 for row in marked.train.held_out.texts if ids.index(row["id"]) not in range(50, 100)
    }
    left = set(marked.train.held_out.others(kept)["id"].to_pylist())
    assert not left & {ids[place] for place in (*held, *(place + 100 for place in held))}
    assert len(plain.train.held_out.others(kept)) > len(left)
    assert (plain.train.counts().near_duplicates, marked.train.counts().near_duplicates) == (None, 50)


def test_a_stream_with_nothing_to_train_on_ends(jsonl, tokenizer):
    same = {"instruction": "同じ。", "input": "", "output": "同じ。"}
    with pytest.raises(DataError, match="^a whole pass over .* gave nothing to train on: "):
        take(opened(jsonl([same] * 20), tokenizer, validation=5), 1)


def test_two_processes_train_as_one_and_go_on_from_a_checkpoint(write, tmp_path, capsys):
    path = write("one", training=TRAINING)
    report = here(path)
    assert "a stream" in capsys.readouterr().out
    assert report["steps"] == 8 and report["data"]["train"] == 8 * 40
    assert report["data"]["validation"] == report["validation"]["records"] == 20
    assert report["loss"]["last"] < report["loss"]["first"] + 0.1
    path = write("two", training=TRAINING | {"processes": 2})
    done = two_processes(path)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "two"
    assert_same_run(output, tmp_path / "one")
    finished, counted = (output / ADAPTER).read_bytes(), json.loads((output / checkpoints.RUN).read_text())["data"]
    assert counted == report["data"]
    stop(output)
    done = two_processes(path)
    assert f"going on from {output / 'checkpoint-6'}" in done.stdout, done.stderr
    assert (output / ADAPTER).read_bytes() == finished
    assert json.loads((output / checkpoints.RUN).read_text())["data"] == counted
    assert evaluate.main([str(output)]) == 1
    assert "error: the run streamed " in capsys.readouterr().err


def test_the_number_of_steps_has_to_be_known(base, jsonl, tmp_path):
    dataset = jsonl(make_records(30))
    path = write_config(
        tmp_path,
        base,
        dataset,
        "unknown",
        data={"validation": 5, "streaming": True},
        training=TRAINING | {"max_steps": None},
    )
    with pytest.raises(DataError, match=r"does not say how many records .*\nNext step: set training.max_steps\.$"):
        here(path)


def test_a_card_with_the_number_of_records_gives_the_steps(folder, tokenizer, tmp_path):
    shutil.copytree(folder, tmp_path / "named")
    info = {"splits": [{"name": "train", "num_examples": 150, "num_bytes": 0}]}
    configs = [{"config_name": "default", "data_files": "*.parquet"}]
    card = {"dataset_info": info | {"config_name": "default"}, "configs": configs}
    (tmp_path / "named" / "README.md").write_text(f"---\n{json.dumps(card)}\n---\n", encoding="utf-8")
    assert opened(tmp_path / "named", tokenizer, validation=20).records == 130
