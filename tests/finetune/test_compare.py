"""Both sides of a comparison come from one model, greedily, without a warning, and are shown as they are."""

from __future__ import annotations

import io

import pytest
import torch
from peft import PeftModel
from rich.console import Console
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune import adapter, compare, outputs, prompts
from finetune.generate import Question
from finetune.visible import CONTROL
from tests.finetune.adapters import BASE_ANSWER, QUESTION, TUNED_ANSWER, in_bfloat16


@pytest.fixture(scope="module")
def loaded(adapter_dir):
    return adapter.load(adapter_dir, dtype="float32")


def greedy(model, tokenizer, question, tokens):
    """Greedy decoding written out: always the likeliest next token, up to EOS."""
    ids = tokenizer(prompts.format_prompt(question), return_tensors="pt")["input_ids"]
    start = ids.shape[1]
    for _ in range(tokens):
        following = model(ids).logits[:, -1:].argmax(-1)
        if following.item() == tokenizer.eos_token_id:
            break
        ids = ids.new_tensor([[*ids[0].tolist(), following.item()]])
    return tokenizer.decode(ids[0, start:], skip_special_tokens=True).strip()


def test_the_taught_answer_is_given_by_the_tuned_side_only(loaded):
    (row,) = compare.compare(loaded, [Question(QUESTION)], max_new_tokens=24)
    assert row == compare.Answers(QUESTION, base=BASE_ANSWER, tuned=TUNED_ANSWER)


def test_base_side_is_the_base_model_and_tuned_side_the_adapter_on_it(loaded, base_dir, adapter_dir):
    base, tokenizer = AutoModelForCausalLM.from_pretrained(base_dir), AutoTokenizer.from_pretrained(base_dir)
    rows = compare.compare(loaded, [Question(text) for text in compare.QUESTIONS[:2]], max_new_tokens=12)
    assert [row.base for row in rows] == [greedy(base, tokenizer, row.question, 12) for row in rows]
    tuned = PeftModel.from_pretrained(base, adapter_dir)
    assert [row.tuned for row in rows] == [greedy(tuned, tokenizer, row.question, 12) for row in rows]


def test_a_higher_temperature_samples_and_a_seed_repeats_it(loaded):
    first, again, other = (
        compare.compare(loaded, [Question(QUESTION)], temperature=2.0, seed=seed, max_new_tokens=12)
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_the_paper_s_five_questions_are_the_default():
    assert len(compare.QUESTIONS) == 5
    for question, asked_for in zip(
        compare.QUESTIONS, ("誰", "大阪", "東京大学", "電話", "京都の三大祭り"), strict=True
    ):
        assert asked_for in question


def test_markdown_shows_the_text_and_never_breaks_the_table():
    rows = [compare.Answers("a|b", "line 1\nline 2", "**bold** <script> [x](y) `c` \\")]
    assert compare.markdown(rows) == (
        "| question | base | tuned |\n|---|---|---|\n"
        "| a\\|b | line 1<br>line 2 | \\*\\*bold\\*\\* \\<script\\> \\[x\\](y) \\`c\\` \\\\ |\n"
    )


def test_terminal_table_shows_text_that_looks_like_markup():
    console = Console(width=80, record=True, file=open("/dev/null", "w"))
    console.print(compare.table([compare.Answers("[red]京都", "祇園祭", "[/] 葵祭")]))
    shown = console.export_text()
    assert "[red]京都" in shown and "[/] 葵祭" in shown and "祇園祭" in shown


def test_answers_do_not_control_the_terminal():
    both = [compare.Answers("\x1b2J", "誰\x9b2J", "safe\u202etxt")]
    console = Console(width=80, file=io.StringIO())
    console.print(compare.table(both))
    for shown in (console.file.getvalue(), compare.markdown(both)):
        assert not CONTROL.search(shown)
        assert r"\x1b2J" in shown and r"誰\x9b2J" in shown and r"safe\u202etxt" in shown


def test_command_prints_the_table_and_writes_it(adapter_dir, tmp_path, capsys):
    out = tmp_path / "compare.md"
    assert compare.main([str(adapter_dir), "--markdown", str(out), "--max-new-tokens", "24", QUESTION]) == 0
    assert TUNED_ANSWER in capsys.readouterr().out
    assert f"| {BASE_ANSWER} | {TUNED_ANSWER} |" in out.read_text(encoding="utf-8")
    outputs.check(out, "--markdown", compare.HEAD)  # it is written over


@pytest.mark.parametrize(("words", "expected"), [([], torch.float32), (["--dtype", "bfloat16"], torch.bfloat16)])
def test_a_base_in_bfloat16_is_asked_in_float32_unless_told_otherwise(
    adapter_dir, base_dir, tmp_path, computed, words, expected
):
    copy = in_bfloat16(base_dir, tmp_path / "base")
    arguments = [str(adapter_dir), "--base", str(copy), "--max-new-tokens", "2", *words, QUESTION]
    assert compare.main(arguments) == 0
    assert expected in computed and computed <= {expected, torch.float32}  # the adapter's own weights stay in float32


def test_command_asks_the_questions_of_a_file_with_their_inputs(adapter_dir, tmp_path, capsys):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"instruction": "訳してください。", "input": "cat", "output": "猫"}\n', encoding="utf-8")
    assert compare.main([str(adapter_dir), "--file", str(path), "--max-new-tokens", "2"]) == 0
    shown = capsys.readouterr().out
    assert "訳してください。" in shown and "cat" in shown and compare.QUESTIONS[0] not in shown


def test_command_without_an_adapter(tmp_path, capsys):
    assert compare.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} is not an adapter folder: ")


def test_negative_temperature(tmp_path, capsys):
    with pytest.raises(SystemExit):
        compare.main([str(tmp_path), "--temperature", "-1"])
    assert "--temperature -1.0 is below 0: give 0.0 for the likeliest answer, or more" in capsys.readouterr().err
