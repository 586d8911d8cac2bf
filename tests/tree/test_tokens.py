"""Tokens are counted as the tokenizer's own library counts them."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from builders.__main__ import main
from builders.errors import BuildError
from builders.tree import report, tokens
from builders.tree.verify import verify

SENTENCES = ["駅まで走った。", "祖母は毎朝、庭の花に水をやります。", "I ran to the station.", "She waters the flowers."]
TEXTS = pa.array([*SENTENCES, ""])


@pytest.fixture
def fast(tmp_path):
    """Splits at white space, and would cut, pad, and add a token in front, as those of many models do."""
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1, "I": 2}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.fixture
def sentence_piece(tmp_path):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 5), model_prefix=str(tmp_path / "tokenizer"), vocab_size=60, minloglevel=2,
        hard_vocab_limit=False,
    )  # fmt: skip
    return tmp_path


def test_a_fast_tokenizer_counts_without_special_tokens_and_without_cutting(fast):
    assert tokens.counter(fast)(TEXTS).tolist() == [1, 1, 5, 4, 0]


def test_a_sentencepiece_model(sentence_piece):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(sentence_piece / "tokenizer.model"))
    expected = [len(processor.encode(text)) for text in TEXTS.to_pylist()]

    assert tokens.counter(sentence_piece)(TEXTS).tolist() == expected
    assert expected[0] > 1


def test_a_directory_without_tokenizer(tmp_path):
    with pytest.raises(BuildError) as caught:
        tokens.counter(tmp_path / "model")

    assert str(caught.value) == (
        f"{tmp_path / 'model'} holds no tokenizer.\n"
        "Next step: Name a model's directory with tokenizer.json or tokenizer.model in it."
    )


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer.model"])
def test_a_file_that_is_no_tokenizer(name, tmp_path):
    (tmp_path / name).write_text("{}")

    with pytest.raises(BuildError) as caught:
        tokens.counter(tmp_path)

    assert caught.value.problem.startswith(f"{tmp_path / name} is no tokenizer: ")
    assert caught.value.next_step == "Replace the file by a fresh copy."


def test_tokens_go_into_the_card_and_stay_there(fast, sample_dataset, tmp_path, capsys):
    built = tmp_path / "built"
    shutil.copytree(sample_dataset, built)
    assert main(["stats", str(built), "--tokenizer", str(fast), "--card"]) == 0
    counted = report.load(built).tokens
    text = " ".join(pq.read_table(built / "jsquad").select(["input", "output"]).to_pandas().to_numpy().ravel())
    assert counted.configs["jsquad"] == len(text.split())
    assert f"| `jsquad` | 29 | 0 | {counted.configs['jsquad']:,} |" in (built / "README.md").read_text(encoding="utf-8")
    assert f"with the tokenizer `{fast.name}`" in (built / "README.md").read_text(encoding="utf-8")
    assert verify(built) == []
    assert main(["build", "extended", "--sample", "--out", str(built), "--workers", "1"]) == 0
    assert report.load(built).tokens == counted, "a build that changes nothing keeps them"
    capsys.readouterr()


def test_tokens_in_the_card_need_a_tokenizer(sample_dataset, capsys):
    assert main(["stats", str(sample_dataset), "--card"]) == 1
    assert capsys.readouterr().err == (
        "Error: --card writes numbers of tokens.\nNext step: Name a tokenizer too, with --tokenizer DIR.\n"
    )
