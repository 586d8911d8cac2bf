"""Packed, padded and one by one are the same training; and records in one row never see each other."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from finetune import config, models, packing, varlen

WIDTH = 128
LENGTHS = [5, 61, 40, 128, 33, 2, 17, 90, 64, 8, 21, 3, 127]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, list[int]]]:
    """13 records of random tokens, among them the shortest possible and one as wide as a row."""
    draw = torch.Generator().manual_seed(0)
    ids = [[1, *torch.randint(3, 400, (length - 1,), generator=draw).tolist()] for length in LENGTHS]
    return [{"input_ids": row, "labels": row} for row in ids]


@pytest.fixture(scope="module")
def model(base):
    model = models.add_lora(AutoModelForCausalLM.from_pretrained(base), config.Lora(dropout=0))
    for name, parameter in model.named_parameters():  # B starts at 0, which would hide A's gradients
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    return model.train()


def gradients(model, batches) -> tuple[float, list[torch.Tensor]]:
    """Loss per token and gradients of all ``batches`` together, as the Trainer accumulates them."""
    tokens = sum((batch["labels"][:, 1:] != -100).sum() for batch in batches)
    model.zero_grad()
    loss = sum(model(**batch, num_items_in_batch=tokens).loss for batch in batches)
    loss.backward()
    return loss.item(), [parameter.grad.clone() for parameter in model.parameters() if parameter.requires_grad]


def assert_same(model, batches, reference) -> None:
    loss, found = gradients(model, batches)
    assert loss == pytest.approx(reference[0], rel=1e-6)
    for gradient, expected in zip(found, reference[1], strict=True):
        assert (gradient - expected).abs().max() <= 1e-5 * expected.abs().max()


def collate(batching, tokenizer, rows):
    return packing.collator(batching, tokenizer, max_tokens=WIDTH)(rows)


@pytest.fixture(scope="module")
def one_by_one(model, rows):
    return gradients(model, [{name: torch.tensor([row[name]]) for name in ("input_ids", "labels")} for row in rows])


@pytest.mark.parametrize("batching", ["packed", "dynamic", "padded"])
def test_loss_and_gradients_are_those_of_one_record_at_a_time(model, tokenizer, rows, one_by_one, batching):
    assert_same(model, [collate(batching, tokenizer, rows)], one_by_one)
    assert_same(model, [collate(batching, tokenizer, rows[:4]), collate(batching, tokenizer, rows[4:])], one_by_one)


def test_rows_put_together_before_are_the_same_too(model, tokenizer, rows, one_by_one):
    places = packing.rows_of(np.array(LENGTHS), WIDTH, seed=3)
    together = [[rows[place] for place in members] for members in places]
    batches = [collate("rows", tokenizer, together[:2]), collate("rows", tokenizer, together[2:])]
    assert_same(model, batches, one_by_one)
    flat = packing.collator("rows", tokenizer, max_tokens=WIDTH, attention="flash_attention_2")(together)
    assert flat["input_ids"].shape == (1, sum(LENGTHS)) and len(flat["cu_seq_lens_q"]) == len(LENGTHS) + 1


@pytest.mark.parametrize("batching", ["packed", "padded"])
def test_without_the_logits_that_no_label_needs(model, tokenizer, rows, batching):
    """With the loss on everything and on the end of each record alone."""
    responses = [
        row | {"labels": [-100] * (len(row["labels"]) // 2) + row["labels"][len(row["labels"]) // 2 :]} for row in rows
    ]
    for scored in (rows, responses):
        whole = collate(batching, tokenizer, scored)
        assert_same(model, [packing.scored_only(whole)], gradients(model, [whole]))


def test_there_are_logits_for_labelled_positions_alone(model, tokenizer, rows):
    batch = packing.scored_only(collate("packed", tokenizer, rows))
    with torch.inference_mode():
        logits = model(**batch).logits
    assert logits.shape == (sum(LENGTHS) - len(LENGTHS), model.config.vocab_size)


def test_a_micro_batch_without_any_label_changes_nothing(model, tokenizer):
    """The last step of an epoch is filled up with such records, and with many processes one may get nothing else."""
    batch = packing.scored_only(collate("packed", tokenizer, [{"input_ids": [1], "labels": [-100]}] * 2))
    model.zero_grad()
    loss = model(**batch, num_items_in_batch=7).loss
    loss.backward()
    assert loss.item() == 0
    assert not any(weight.grad.any() for weight in model.parameters() if weight.requires_grad)


def test_one_flat_row_for_flash_attention_is_the_same_too(model, tokenizer, rows, one_by_one):
    """The kernels need a GPU; the batch they get is run here by sdpa, which reads the same positions."""
    flat = packing.collator("packed", tokenizer, max_tokens=WIDTH, attention="flash_attention_2")(rows)
    plain = {name: flat[name] for name in ("input_ids", "labels", "position_ids", "use_cache")}
    assert_same(model, [plain], one_by_one)
    assert flat["input_ids"].shape == (1, sum(LENGTHS))
    ends = torch.tensor(LENGTHS).cumsum(0).tolist()
    assert flat["cu_seq_lens_q"].tolist() == flat["cu_seq_lens_k"].tolist() == [0, *ends]
    assert flat["max_length_q"] == flat["max_length_k"] == max(LENGTHS)


@pytest.fixture
def by_record(model):
    varlen.register()
    model.get_base_model().set_attn_implementation(varlen.NAME)
    yield model
    model.get_base_model().set_attn_implementation("sdpa")


def test_attention_record_by_record_is_the_same_too(by_record, tokenizer, rows, one_by_one):
    flat = packing.collator("packed", tokenizer, attention=varlen.NAME)
    assert_same(by_record, [packing.scored_only(flat(rows))], one_by_one)
    together = packing.collator("rows", tokenizer, attention=varlen.NAME)([rows[:4], rows[4:]])
    assert_same(by_record, [together], one_by_one)


def test_attention_record_by_record_in_bfloat16(by_record, tokenizer, rows, one_by_one):
    """It is computed in float32 there, and only its inputs and results are rounded."""
    flat = packing.collator("packed", tokenizer, attention=varlen.NAME)(rows)
    loss, _ = gradients(copy.deepcopy(by_record).to(torch.bfloat16), [flat])
    assert loss == pytest.approx(one_by_one[0], rel=1e-3)


def test_packed_with_gradient_checkpointing(model, tokenizer, rows, one_by_one):
    model.gradient_checkpointing_enable({"use_reentrant": False})
    try:
        assert_same(model, [collate("packed", tokenizer, rows)], one_by_one)
    finally:
        model.gradient_checkpointing_disable()


def test_a_record_never_changes_the_logits_of_its_neighbours(model, tokenizer, rows):
    batch = collate("packed", tokenizer, rows)
    starts = (batch["position_ids"] == 0).cumsum(1)
    with torch.inference_mode():
        before = model(**batch).logits
        row = next(row for row in range(len(starts)) if starts[row].max() >= 3)
        changed = starts[row] == 2
        altered = batch["input_ids"].clone()
        altered[row, changed] = altered[row, changed].flip(0) + 1
        after = model(**{**batch, "input_ids": altered}).logits
    assert not torch.allclose(before[row, changed], after[row, changed])
    assert torch.equal(before[row, ~changed], after[row, ~changed])
    others = [number for number in range(len(starts)) if number != row]
    assert torch.equal(before[others], after[others])


@pytest.mark.parametrize("fault", ["attention_mask", "position_ids", "use_cache"])
def test_what_keeps_records_apart_is_needed(model, tokenizer, rows, one_by_one, fault):
    """An attention mask, a cache, or positions that go on mix the records: the tests above would notice."""
    batch = collate("packed", tokenizer, rows)
    if fault == "attention_mask":
        batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    elif fault == "use_cache":
        batch["use_cache"] = True
    else:
        batch["position_ids"] = torch.arange(WIDTH).repeat(len(batch["input_ids"]), 1)
    loss, _ = gradients(model, [batch])
    assert loss != pytest.approx(one_by_one[0], rel=1e-4)


def test_the_packed_batch_keeps_all_records_and_has_no_mask(tokenizer, rows):
    batch = collate("packed", tokenizer, rows)
    assert set(batch) == {"input_ids", "labels", "position_ids", "use_cache"}
    assert batch["input_ids"].shape[1] == WIDTH
    starts = batch["input_ids"] == 1
    assert starts.sum() == len(rows)
    assert (batch["position_ids"][starts] == 0).all()
    assert (batch["labels"][starts] == -100).all()
    assert (batch["labels"] != -100).sum() == sum(LENGTHS) - len(rows)


def test_padded_batches(tokenizer, rows):
    fixed, dynamic = collate("padded", tokenizer, rows[:3]), collate("dynamic", tokenizer, rows[:3])
    assert fixed["input_ids"].shape == (3, WIDTH)
    assert dynamic["input_ids"].shape == (3, 61)
    assert fixed["attention_mask"].sum(1).tolist() == dynamic["attention_mask"].sum(1).tolist() == LENGTHS[:3]
    assert (fixed["labels"][fixed["attention_mask"] == 0] == -100).all()


@given(lengths=st.lists(st.integers(1, 256), max_size=130))
def test_rows_hold_every_record_once_and_never_too_much(lengths):
    rows = packing.best_fit_decreasing(lengths, 256)
    assert sorted(item for row in rows for item in row) == list(range(len(lengths)))
    fills = sorted(sum(lengths[item] for item in row) for row in rows)
    assert all(0 < fill <= 256 for fill in fills)
    assert len(fills) < 2 or fills[0] + fills[1] > 256  # no two rows could have been one


def test_rows_of_a_whole_training_hold_every_record_once_and_hardly_any_room(monkeypatch):
    monkeypatch.setattr(packing, "WINDOW", 200)
    lengths = np.random.default_rng(0).integers(5, 256, size=1000)
    rows = packing.rows_of(lengths, 256, seed=1)
    assert sorted(record for row in rows for record in row) == list(range(1000))
    assert all(lengths[row].sum() <= 256 for row in rows)
    assert lengths.sum() / (len(rows) * 256) > 0.9
    assert rows == packing.rows_of(lengths, 256, seed=1) != packing.rows_of(lengths, 256, seed=2)


def test_the_fullest_row_with_room_is_taken():
    assert packing.best_fit_decreasing([7, 6, 3, 2], 10) == [[0, 2], [1, 3]]
    assert packing.best_fit_decreasing([6, 7, 4], 10) == [[1], [0, 2]]


def test_a_record_wider_than_a_row_is_refused():
    with pytest.raises(ValueError, match="^a record of 257 tokens does not fit a row of 256$"):
        packing.best_fit_decreasing([10, 257], 256)


@pytest.mark.parametrize(("pad", "unk", "expected"), [(5, 0, 5), (None, 0, 0), (None, None, 2)])
def test_padding_token(tokenizer, pad, unk, expected):
    class Tokens:
        pad_token_id, unk_token_id, eos_token_id = pad, unk, 2

    assert packing.padding_id(Tokens()) == expected
