"""Records become token ids and labels exactly; what cannot be trained on is refused with its id."""

from __future__ import annotations

import json
import shutil
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
    assert prepared.counts.tokens == sum(len(row["input_ids"]) - 1 for row in prepared.train)
    assert prepared.lengths.tolist() == lengths


def test_records_whose_prompt_fills_the_limit_are_left_out_and_counted(tokenizer, jsonl):
    short = {"instruction": "数えて。", "input": "", "output": "一二三"}
    long = short | {"instruction": "ゆっくり、ていねいに、" * 30}
    limit = len(tokenizer(text(short))["input_ids"]) + 1
    dataset = jsonl([short, long, short | {"output": "四五六"}])
    counts = prepare(dataset, tokenizer, max_tokens=limit).counts
    assert (counts.train, counts.without_response) == (3, 0)
    prepared = prepare(dataset, tokenizer, max_tokens=limit, train_on_inputs=False)
    assert (prepared.counts.records, prepared.counts.train, prepared.counts.without_response) == (3, 2, 1)
    scored = sum(label != -100 for row in prepared.train for label in row["labels"])
    assert prepared.counts.tokens == prepared.counts.response_tokens == scored > 0
    assert all(row["labels"][-1] != -100 for row in prepared.train)


def test_no_room_for_any_response(ladder, tokenizer):
    dataset, _ = ladder
    assert refusal(prepare, dataset, tokenizer, max_tokens=16, train_on_inputs=False) == (
        "the prompt of every record fills the limit of 16 tokens, so no response is left\n"
        "Next step: set data.max_tokens to a larger number."
    )


def test_tokens_of_the_responses_are_counted_apart(dataset, records, tokenizer):
    whole, response = (prepare(dataset, tokenizer, train_on_inputs=choice).counts for choice in (True, False))
    assert whole.response_tokens == response.response_tokens == response.tokens < whole.tokens
    prompts_alone = sum(
        len(tokenizer(prompts.format_prompt(r["instruction"], r["input"]))["input_ids"]) for r in records
    )
    assert whole.tokens + len(records) == pytest.approx(prompts_alone + response.tokens, abs=len(records))


def test_a_record_as_long_as_a_book_is_cut_before_it_becomes_tokens(tokenizer, jsonl, monkeypatch):
    monkeypatch.setattr(data, "LONGEST_TEXT", 1000)
    row = {"instruction": "続けて。", "input": "", "output": "あい" * 40_000}
    prepared = prepare(jsonl([row]), tokenizer, max_tokens=20)
    assert prepared.train[0]["input_ids"] == tokenizer(text(row))["input_ids"][:20]
    assert prepared.counts.cut == 1
    assert prepared.lengths[0] < 10_000


def test_of_a_record_of_20_mb_the_tokenizer_sees_a_million_characters(tokenizer, jsonl, monkeypatch):
    taken, encode = [], prompts.Prompt.encode
    monkeypatch.setattr(
        prompts.Prompt, "encode", lambda prompt, texts: taken.extend(map(len, texts)) or encode(prompt, texts)
    )
    row = {"instruction": "続けて。", "input": "", "output": "これは長い本です。" * 750_000}
    assert len(row["output"].encode()) > 20_000_000
    prepared = prepare(jsonl([row]), tokenizer)
    assert taken == [data.LONGEST_TEXT]
    assert prepared.train[0]["input_ids"] == tokenizer(text(row)[:2_000])["input_ids"][:256]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁<"), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(instruction=words, given_input=words | st.just(""), output=words, limit=st.integers(8, 300), whole=st.booleans())
def test_any_record_is_cut_and_labelled_alike(tokenizer, instruction, given_input, output, limit, whole):
    if not instruction.strip() or not output.strip():
        return
    batch = {"instruction": [instruction], "input": [given_input], "output": [output]}
    prompt = prompts.Prompt("alpaca", tokenizer)
    made = data._tokenise_batch(batch, [0], prompt=prompt, max_tokens=limit, train_on_inputs=whole)
    (ids,), (labels,), (tokens,) = made["input_ids"], made["labels"], made["tokens"]
    encoded = tokenizer(prompts.format_record(instruction, given_input, output), return_offsets_mapping=True)
    full, offsets = encoded["input_ids"], encoded["offset_mapping"]
    assert ids == [*full, tokenizer.eos_token_id][:limit] if len(full) < limit else ids == full[:limit]
    assert (len(labels), tokens) == (len(ids), len(full))
    answer = sum(end <= len(prompts.format_prompt(instruction, given_input)) for _, end in offsets)
    assert made["prompt"] == [min(answer, limit)]
    scored = [place for place, label in enumerate(labels) if label != -100]
    assert scored == list(range(len(ids) - len(scored), len(ids)))
    assert all(labels[place] == ids[place] for place in scored)
    assert not whole or len(scored) == len(ids) - 1


def test_the_split_is_2000_records_drawn_with_the_seed(tokenizer, jsonl):
    rows = [{"instruction": f"{number}の二倍は。", "input": "", "output": str(2 * number)} for number in range(2100)]
    dataset = jsonl(rows)
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


def test_sources_and_licenses_are_counted(dataset, tokenizer, jsonl):
    counts = prepare(dataset, tokenizer).counts
    assert counts.sources == [data.Source("sample-a", "CC0-1.0", 75), data.Source("sample-b", "CC0-1.0", 75)]
    plain = jsonl([{"instruction": "あ", "input": "", "output": "い"}])
    assert prepare(plain, tokenizer).counts.sources == []


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
    assert message.startswith(f"{path}, line 2, cannot be read: JSON parse error: ")
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


@pytest.fixture(scope="module")
def mirrored(jsonl) -> str:
    """300 sentence pairs in both directions, a third of them from a second source that repeats the texts."""
    rows = []
    for number in range(300):
        source, texts = ("pairs", "copies")[number % 3 == 2], (f"第{number // 2}の文です。", f"Sentence {number // 2}.")
        for task, (text, output) in (("ja-en", texts), ("en-ja", texts[::-1])):
            rows.append({"instruction": f"訳してください（{task}）。", "input": text, "output": output})
            rows[-1] |= {"id": f"{source}:{task}:{number}", "source": source, "license": "CC0-1.0"}
    return jsonl(rows)


def test_no_validation_record_has_its_mirror_in_training(mirrored, tokenizer):
    prepared = prepare(mirrored, tokenizer, validation=60)
    assert prepared.counts.validation == 60
    read = data.read(mirrored)
    texts = {}
    for record, row in zip(read, data.tokenise(read, tokenizer), strict=True):
        texts[tuple(row["input_ids"])] = frozenset((record["input"], record["output"]))
    trained, kept = ({texts[tuple(row["input_ids"])] for row in part} for part in (prepared.train, prepared.validation))
    assert not trained & kept
    single = prepare(mirrored, tokenizer, validation=60, split="record")
    trained, kept = ({texts[tuple(row["input_ids"])] for row in part} for part in (single.train, single.validation))
    assert len(trained & kept) > 40  # the paper's way


def test_a_validation_set_that_no_group_fits(jsonl, tokenizer):
    dataset = jsonl([{"instruction": "同じ。", "input": "", "output": "同じ。"}] * 20)
    assert refusal(prepare, dataset, tokenizer, validation=5) == (
        "5 records cannot be kept for validation: no group of records that belong together is so small\n"
        "Next step: set data.validation to a larger number, to 0, or data.split: record."
    )


@pytest.fixture
def marked(tmp_path) -> Path:
    """Sixty invented sentences and as many that say nearly the same, told by marks alone."""
    rows = [
        {
            "instruction": "続けて。",
            "input": f"{letter}{kind}",
            "output": f"{kind}{letter}。",
            "id": f"{kind}:t:{place}",
        }
        for kind in ("one", "two")
        for place, letter in enumerate(map(chr, range(0x4E00, 0x4E00 + 60)))
    ]
    for folder, table in (
        ("t", pa.Table.from_pylist(rows)),
        (
            "marks/t",
            pa.table(
                {"id": [row["id"] for row in rows], "representative": [""] * 60 + [row["id"] for row in rows[:60]]}
            ),
        ),
    ):
        (tmp_path / "dataset" / folder).mkdir(parents=True)
        pq.write_table(table, tmp_path / "dataset" / folder / "train-00000-of-00001.parquet")
    (tmp_path / "dataset" / "README.md").write_text("---\nconfigs:\n- config_name: t\n  data_files: t/*.parquet\n---\n")
    return tmp_path / "dataset"


def test_no_validation_record_has_a_duplicate_by_the_marks_in_training(marked, tokenizer):
    settings = config.Data(dataset=str(marked), validation=20)
    split = data.split(settings, tokenizer)
    assert split.near_duplicates == 60 and split.held_out.sum() == 20
    assert (split.held_out[:60] == split.held_out[60:]).all()
    assert data.prepare(settings, tokenizer).counts.near_duplicates == 60
    shutil.rmtree(marked / "marks")
    parted = data.split(settings, tokenizer)
    assert parted.near_duplicates is None and parted.fingerprint != split.fingerprint
    assert (parted.held_out[:60] != parted.held_out[60:]).any()


def test_marks_that_cannot_be_read(marked, tokenizer):
    (file := marked / "marks" / "t" / "train-00000-of-00001.parquet").write_bytes(b"PAR1")
    message = refusal(data.split, config.Data(dataset=str(marked), validation=20), tokenizer)
    assert message.startswith(f"{file} cannot be read: ") and "\nNext step: make the marks anew " in message


def test_a_limit_draws_records_with_the_seed(dataset, tokenizer):
    limited = [config.Data(dataset=dataset, validation=0, limit=count) for count in (40, 40, 1000)]
    first, second, all_there = (data.prepare(settings, tokenizer, seed=1) for settings in limited)
    assert first.train.to_list() == second.train.to_list()
    assert (first.counts.records, all_there.counts.records) == (40, 150)
    assert sum(source.records for source in first.counts.sources) == 40
    assert data.prepare(limited[0], tokenizer, seed=2).train.to_list() != first.train.to_list()


def test_a_mixture_of_numbers_and_weights(built, tokenizer):
    shares = {"easy-ja": config.Share(records=10), "jsquad": config.Share(weight=1), "all": config.Share(weight=3)}
    settings = config.Data(dataset=str(built), validation=0, mixture=shares, limit=50)
    records = data.read_mixture(settings, 42)
    easy = set(data.read(str(built), "easy-ja")["id"])
    assert len(records) == 50
    assert set(records["id"][:10]) <= easy
    assert not set(records["id"][10:20]) & easy
    assert data.read_mixture(settings, 42)["id"] == records["id"] != data.read_mixture(settings, 7)["id"]


def test_a_mixture_that_asks_for_more_than_there_is(built, tokenizer):
    settings = config.Data(dataset=str(built), validation=0, mixture={"easy-ja": config.Share(records=61)})
    assert refusal(data.prepare, settings, tokenizer) == (
        "the mixture takes 61 records of easy-ja, which holds 60\nNext step: lower data.mixture.easy-ja or data.limit."
    )


@pytest.mark.parametrize("content", [b'{"instruction": "\xff\xfe"}\n', b"\xff\xfe{\x00", b'{"a": ' * 2000])
def test_json_lines_that_are_not_text(tmp_path, content):
    path = tmp_path / "records.jsonl"
    path.write_bytes(content)
    message = refusal(data.read, str(path))
    assert message.startswith(f"{path}, line 1, cannot be read: ")
    assert message.endswith("\nNext step: correct the file, or build the dataset anew.")
