"""Records become token ids and labels exactly; what cannot be trained on is refused with its id."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from finetune import config, data, models, prompts, tiny
from finetune.errors import DataError
from tests.finetune.conftest import make_records


def prepare(dataset: str, tokenizer, **changes) -> data.Prepared:
    return data.prepare(config.Data(dataset=dataset, **{"validation": 0, **changes}), tokenizer)


def refusal(function, *arguments, **options) -> str:
    with pytest.raises(DataError) as error:
        function(*arguments, **options)
    return str(error.value)


def text(record: dict) -> str:
    return prompts.format_record(record["instruction"], record["input"], record["output"])


@pytest.fixture(scope="module")
def built(tmp_path_factory, records) -> Path:
    """A directory as the build writes it: two leaves, a group of both, and a config that is the default."""
    folder = tmp_path_factory.mktemp("built")
    for leaf, rows in (("easy-ja", records[:60]), ("jsquad", records[60:])):
        (folder / leaf).mkdir()
        pq.write_table(pa.Table.from_pylist(rows), folder / leaf / "train-00000-of-00001.parquet")
    files = {"easy-ja": ["easy-ja"], "jsquad": ["jsquad"], "all": ["easy-ja", "jsquad"]}
    configs = [
        {
            "config_name": name,
            "data_files": [{"split": "train", "path": [f"{leaf}/train-*.parquet" for leaf in leaves]}],
        }
        | ({"default": True} if name == "all" else {})
        for name, leaves in files.items()
    ]
    (folder / "README.md").write_text(f"---\nconfigs: {json.dumps(configs)}\n---\n# Card\n", encoding="utf-8")
    return folder


def test_configs_of_a_built_directory(built, records):
    assert len(data.read(str(built), "easy-ja")) == 60
    assert data.read(str(built), "all")["id"] == [record["id"] for record in records]
    assert len(data.read(str(built))) == 150


def test_an_unknown_config_lists_those_there_are(built):
    assert refusal(data.read, str(built), "clean") == (
        f"{built} has no config clean; it has easy-ja, jsquad, all\nNext step: set data.config to one of these."
    )


def test_json_lines_are_the_same_records(dataset, records):
    assert data.read(dataset).to_list() == records


def test_ids_and_labels_of_a_record(dataset, records, tokenizer):
    prepared = prepare(dataset, tokenizer)
    first = prepared.train[0]
    expected = tokenizer(text(records[0]))["input_ids"]
    assert first["input_ids"] == [*expected, tokenizer.eos_token_id]
    assert first["input_ids"][0] == tokenizer.bos_token_id
    assert first["labels"] == [-100, *first["input_ids"][1:]]
    assert first["tokens"] == len(expected)


def test_loss_on_the_response_alone(dataset, records, tokenizer):
    for record, row in zip(records, prepare(dataset, tokenizer, train_on_inputs=False).train, strict=True):
        scored = [token for token in row["labels"] if token != -100]
        assert row["labels"][-len(scored) :] == scored == row["input_ids"][-len(scored) :]
        assert tokenizer.decode(scored[:-1]).strip() == record["output"]
        assert tokenizer.decode(scored[:1]) != "\n"  # that ends the prompt, unless it is one token with what follows
        assert scored[-1] == tokenizer.eos_token_id


@pytest.fixture(scope="module")
def ladder(tokenizer, jsonl) -> tuple[str, list[int]]:
    """Records of growing length, and how many tokens each has."""
    records = [{"instruction": "数えて。", "input": "", "output": "あ" * count} for count in range(1, 40)]
    return jsonl(records), [len(tokenizer(text(record))["input_ids"]) for record in records]


def test_eos_only_where_the_record_ends_within_the_limit(ladder, tokenizer):
    dataset, lengths = ladder
    limit = lengths[20]
    prepared = prepare(dataset, tokenizer, max_tokens=limit)
    ends = [row["input_ids"][-1] == tokenizer.eos_token_id for row in prepared.train]
    assert ends == [length < limit for length in lengths]
    assert not ends[20]  # whole, but without room for EOS
    assert [len(row["input_ids"]) for row in prepared.train] == [min(length + 1, limit) for length in lengths]
    assert prepared.counts.cut == sum(length > limit for length in lengths)
    assert prepared.counts.tokens == sum(len(row["input_ids"]) for row in prepared.train)
    assert prepared.lengths.tolist() == lengths


def test_a_prompt_that_fills_the_limit_leaves_nothing_to_predict(ladder, tokenizer):
    dataset, _ = ladder
    prepared = prepare(dataset, tokenizer, max_tokens=16, train_on_inputs=False)
    assert {len(row["input_ids"]) for row in prepared.train} == {16}
    assert all(row["labels"] == [-100] * 16 for row in prepared.train)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁<"), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(instruction=words, given_input=words | st.just(""), output=words, limit=st.integers(8, 300), whole=st.booleans())
def test_any_record_is_cut_and_labelled_alike(tokenizer, instruction, given_input, output, limit, whole):
    if not instruction.strip() or not output.strip():
        return
    batch = {"instruction": [instruction], "input": [given_input], "output": [output]}
    made = data._tokenise_batch(batch, [0], tokenizer=tokenizer, max_tokens=limit, train_on_inputs=whole)
    (ids,), (labels,), (tokens,) = made["input_ids"], made["labels"], made["tokens"]
    full = tokenizer(prompts.format_record(instruction, given_input, output))["input_ids"]
    assert ids == [*full, tokenizer.eos_token_id][:limit] if len(full) < limit else ids == full[:limit]
    assert (len(labels), tokens) == (len(ids), len(full))
    scored = [place for place, label in enumerate(labels) if label != -100]
    assert scored == list(range(len(ids) - len(scored), len(ids)))
    assert all(labels[place] == ids[place] for place in scored)
    assert not whole or len(scored) == len(ids) - 1


def test_the_split_is_2000_records_drawn_with_the_seed(tokenizer, jsonl):
    dataset = jsonl(make_records(2100))
    first, second = (data.prepare(config.Data(dataset=dataset), tokenizer, seed=42) for _ in range(2))
    other = data.prepare(config.Data(dataset=dataset), tokenizer, seed=7)
    assert (len(first.train), len(first.validation)) == (100, 2000)
    assert (first.counts.train, first.counts.validation, first.counts.records) == (100, 2000, 2100)
    assert first.train.to_list() == second.train.to_list() != other.train.to_list()


def test_the_two_splits_share_no_record(tokenizer, jsonl):
    dataset = jsonl(
        [{"instruction": f"{number}の二倍は。", "input": "", "output": str(2 * number)} for number in range(50)]
    )
    prepared = prepare(dataset, tokenizer, validation=20)
    both = [tuple(row["input_ids"]) for part in (prepared.train, prepared.validation) for row in part]
    assert len(both) == len(set(both)) == 50


def test_a_dataset_too_small_to_split(dataset, tokenizer):
    assert refusal(prepare, dataset, tokenizer, validation=2000) == (
        "2,000 records cannot be kept for validation: the dataset holds 150\n"
        "Next step: set data.validation to a smaller number, or to 0."
    )
    assert refusal(prepare, dataset, tokenizer, validation=150).startswith("150 records cannot be kept")


def test_sources_and_licences_are_counted(dataset, tokenizer, jsonl):
    counts = prepare(dataset, tokenizer).counts
    assert counts.sources == {"sample-a": 75, "sample-b": 75}
    assert counts.licenses == {"CC0-1.0": 150}
    plain = jsonl([{"instruction": "あ", "input": "", "output": "い"}])
    assert prepare(plain, tokenizer).counts.sources == {}


def test_tokenised_once(dataset, base, monkeypatch):
    """A second run, in which the tokenizer is another object and has been used, finds the first one's result."""
    first = prepare(dataset, AutoTokenizer.from_pretrained(base), max_tokens=77).train.to_list()

    def never(*_, **__):
        raise AssertionError("tokenised again")

    monkeypatch.setattr(data, "_tokenise_batch", never)
    used = AutoTokenizer.from_pretrained(base)
    used("使われた後の状態は、切り方を覚えている。")
    assert prepare(dataset, used, max_tokens=77).train.to_list() == first
    with pytest.raises(AssertionError, match="tokenised again"):
        prepare(dataset, used, max_tokens=78)
    with pytest.raises(AssertionError, match="tokenised again"):
        prepare(dataset, used, max_tokens=77, train_on_inputs=False)


def test_another_tokenizer_of_the_same_name_is_not_mistaken_for_it(dataset, tmp_path, tokenizer):
    other = AutoTokenizer.from_pretrained(tiny.make(["別の文です。"] * 5, tmp_path, vocab_size=300))
    assert prepare(dataset, tokenizer).train[0]["input_ids"] != prepare(dataset, other).train[0]["input_ids"]


def test_several_processes_give_the_same_rows(tokenizer, jsonl, monkeypatch):
    monkeypatch.setattr(data, "WORTH_A_WORKER", 100)
    rows = make_records(400)
    alone = prepare(jsonl(rows), tokenizer, workers=1).train.to_list()
    assert prepare(jsonl(rows), tokenizer, workers=3).train.to_list() == alone


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"output": ""}, "output is empty\nNext step: correct the record or leave it out."),
        ({"output": " \n"}, "output is empty\nNext step: correct the record or leave it out."),
        ({"instruction": None}, "instruction is empty\nNext step: correct the record or leave it out."),
        ({"output": 5}, "output is 5, which is not a text\nNext step: correct it or leave it out."),
    ],
)
def test_an_unusable_record_is_named(records, tokenizer, jsonl, broken, message):
    rows = [*records[:5], {**records[5], **broken}]
    assert refusal(prepare, jsonl(rows), tokenizer) == f"record sample-b:qa:5: {message}"
    nameless = [{column: row[column] for column in data.COLUMNS} for row in rows]
    assert refusal(prepare, jsonl(nameless), tokenizer) == f"record number 6: {message}"


def test_an_unusable_record_is_named_by_a_worker_too(tokenizer, jsonl, monkeypatch):
    monkeypatch.setattr(data, "WORTH_A_WORKER", 100)
    rows = make_records(400)
    rows[350]["output"] = ""
    message = refusal(prepare, jsonl(rows), tokenizer, workers=2)
    assert message.startswith("record sample-a:qa:350: output is empty\n")


def test_no_input_may_be_null(tokenizer, jsonl):
    row = {"instruction": "あ", "output": "い"}
    without, null = (prepare(jsonl([{**row, "input": given}]), tokenizer).train.to_list() for given in ("", None))
    assert without == null


def test_a_missing_column_is_named(jsonl):
    path = jsonl([{"instruction": "あ", "text": "い"}])
    assert refusal(data.read, path) == (
        f"{path} has no column input and no column output; its columns are instruction, text\n"
        "Next step: give a dataset whose records have instruction, input and output."
    )


def test_a_place_with_no_dataset(tmp_path):
    path = str(tmp_path / "gone.jsonl")
    assert refusal(data.read, path) == (
        f"there is no dataset {path}: Unable to find '{path}'\nNext step: give a directory made by "
        "python -m builders build, a JSON Lines file, or a name on the Hub."
    )
    assert refusal(data.read, str(tmp_path / "gone")).startswith(f"there is no dataset {tmp_path / 'gone'}: ")


def test_a_file_that_is_not_json_lines(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text('{"instruction": "あ", "input": "", "output": "い"}\n{"instru\n', encoding="utf-8")
    message = refusal(data.read, str(path))
    assert message.startswith(f"{path} cannot be read: JSON parse error: ")
    assert message.endswith("\nNext step: correct the file, or build the dataset anew.")


def test_json_lines_have_no_configs(dataset):
    assert refusal(data.read, dataset, "all") == (
        f"{dataset} is a JSON Lines file and has no config all\nNext step: leave data.config out."
    )


def test_a_dataset_without_a_train_split(tmp_path, records):
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "test-00000-of-00001.parquet")
    assert refusal(data.read, str(tmp_path)) == (
        f"{tmp_path} has no split train, only test\nNext step: give a dataset with a train split."
    )


@pytest.mark.parametrize("text", ["", "\n\n", "[]"])
def test_an_empty_dataset(tmp_path, text):
    path = tmp_path / "records.json"
    path.write_text(text, encoding="utf-8")
    assert refusal(data.read, str(path)) == f"{path} holds no records\nNext step: give a dataset that is not empty."


def test_llamas_own_tokenizer(dataset, records, llama_tokenizer_dir):
    """The ids are SentencePiece's own with BOS in front and EOS behind, cut at 256."""
    sentencepiece = pytest.importorskip("sentencepiece")
    own = sentencepiece.SentencePieceProcessor(str(llama_tokenizer_dir / "tokenizer.model"))
    prepared = prepare(dataset, models.load_tokenizer(llama_tokenizer_dir))
    for record, row in zip(records, prepared.train, strict=True):
        ids = [1, *own.encode(text(record))]
        assert row["input_ids"] == ([*ids, 2] if len(ids) < 256 else ids[:256])
