"""Records and real tokens per second of LoRA: rows padded to 256, rows padded to the longest, packed rows.

    python -m benchmarks.finetune                       # a model of 4 million parameters, on a CPU
    python -m benchmarks.finetune --model 13B           # on one GPU; --gradient-checkpointing if memory is short
    python -m benchmarks.finetune --data build/sample   # real records, and a tokenizer trained on them
    python -m benchmarks.finetune --data DIR --tokenizer models/llama-13b

The three take turns step by step, on the same 130 records and the same frozen base, each with an adapter and an AdamW
of its own that start alike. A step is what training does in it: make the micro-batches, forward, backward, update. The
losses must agree to float error. The base has random weights, so nothing is downloaded. Without ``--data`` the records
are random tokens, as long as the dataset's with a tokenizer of 1,500 pieces (log-normal, median 71, mean 81).

Seconds are wall time on a GPU. On a CPU they are the processor time of one thread on one core: wall time where nothing
else runs, and what it would be where something does.

Model FLOP/s are 4 N per real token: 2 N forward and 2 N for the gradients that pass through; frozen weights need none
of their own (LoRA's 2 N less than the usual 6 N). N leaves out the input embedding, which is a lookup. Padding counts
for nothing. The peak is the maker's for dense bf16.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import torch
from peft import PeftModel, get_peft_model
from rich.console import Console
from rich.progress import track
from rich.table import Table
from transformers import AutoModelForCausalLM, LlamaConfig

from benchmarks.machine import describe_machine, pin_to_one_core
from finetune import config, data, models, packing, prompts, quiet, tiny
from finetune.errors import FinetuneError

GLOBAL_BATCH = 130
MAX_TOKENS = 256
MODES: tuple[Literal["padded", "dynamic", "packed"], ...] = ("padded", "dynamic", "packed")
SIZES = {  # hidden size, inner size, layers, heads, vocabulary; the last two are LLaMA's own (arXiv:2302.13971, table 2)
    "tiny": (64, 176, 2, 2, 1500),
    "small": (256, 688, 4, 8, 1500),
    "7B": (4096, 11008, 32, 32, 32000),
    "13B": (5120, 13824, 40, 40, 32000),
}
MEDIAN_TOKENS, SPREAD = 71, 0.51
PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12}
"""Dense bf16 of the SXM models, from NVIDIA's data sheets."""


Record = dict[str, Any]
Collate = Callable[[Sequence[Record]], Any]


@dataclass
class Tally:
    """What one way of batching has done so far."""

    seconds: float = 0.0
    records: int = 0
    tokens: int = 0
    slots: int = 0
    memory: int = 0
    losses: list[float] = field(default_factory=list)


def build_model(size: str, vocabulary: int | None, device: str, checkpointing: bool) -> PeftModel:
    """A frozen random LLaMA with one adapter for each way of batching, all starting alike, in bf16 on a GPU."""
    hidden, inner, layers, heads, own_vocabulary = SIZES[size]
    shape = LlamaConfig(
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        vocab_size=vocabulary or own_vocabulary,
    )
    torch.manual_seed(0)
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    with torch.device(device):
        model: Any = AutoModelForCausalLM  # transformers leaves it untyped
        model = model.from_config(shape, dtype=dtype, attn_implementation="sdpa")
        lora = models.lora_config(config.Lora(dropout=0))
        model = get_peft_model(model, lora, adapter_name=MODES[0])
        for mode in MODES[1:]:
            model.add_adapter(mode, lora)
    for name, weight in model.named_parameters():
        if f".{MODES[0]}." in name:
            for mode in MODES[1:]:
                model.get_parameter(name.replace(f".{MODES[0]}.", f".{mode}.")).data.copy_(weight)
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    tuned: PeftModel = model.to(dtype).train()
    return tuned


def invented_records(number: int, vocabulary: int) -> list[Record]:
    """Random tokens; as long as the dataset's records are, and scored as they are."""
    draw = random.Random(7)
    lengths = [
        min(MAX_TOKENS, max(8, round(draw.lognormvariate(math.log(MEDIAN_TOKENS), SPREAD)))) for _ in range(number)
    ]
    rows = [[1, *draw.choices(range(3, vocabulary), k=length - 1)] for length in lengths]
    return [{"input_ids": row, "labels": [data.IGNORED, *row[1:]]} for row in rows]


def real_records(dataset: Path, tokenizer_home: Path | None, number: int) -> tuple[list[Record], Any]:
    """Records drawn from ``dataset``, tokenised as for training, and the tokenizer: of ``tokenizer_home`` or trained."""
    rows = data.read(str(dataset)).shuffle(seed=7)
    if len(rows) < number:
        raise FinetuneError(
            f"{dataset} holds {len(rows):,} records, not {number:,}\nNext step: give a smaller --records."
        )
    rows = rows.select(range(number))
    if tokenizer_home:
        tokenizer = models.load_tokenizer(tokenizer_home)
    else:
        texts = [prompts.format_record(row["instruction"], row["input"], row["output"]) for row in rows]
        tokenizer = tiny.train_tokenizer(texts, 1500)
    tokenised = data.tokenise(rows, tokenizer, max_tokens=MAX_TOKENS, train_on_inputs=True, workers=1)
    return tokenised.select_columns(["input_ids", "labels"]).to_list(), tokenizer


def step(
    model: PeftModel,
    optimizer: torch.optim.Optimizer,
    records: Sequence[Record],
    collate: Collate,
    per_device: int,
    tally: Tally,
) -> None:
    """One update from ``records`` in micro-batches of ``per_device``, counted in ``tally``."""
    device = next(model.parameters()).device
    scored = sum(label != data.IGNORED for record in records for label in record["labels"])
    loss = torch.zeros((), device=device)
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    for first in range(0, len(records), per_device):
        made = collate(records[first : first + per_device]) | {"use_cache": False}
        batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in made.items()}
        part = model(**batch, num_items_in_batch=scored).loss
        part.backward()
        loss += part.detach()
        tally.slots += batch["input_ids"].numel()
    optimizer.step()
    optimizer.zero_grad()
    tally.losses.append(loss.item())  # waits for the GPU
    tally.seconds += clock() - start
    tally.records += len(records)
    tally.tokens += sum(len(record["input_ids"]) for record in records)


def measure(model: PeftModel, tokenizer: Any, records: Sequence[Record], per_device: int) -> dict[str, Tally]:
    """Train on ``records`` in all three ways in turn; the first step of each is a warm-up and not counted."""
    on_gpu = next(model.parameters()).is_cuda
    tallies: dict[str, Tally] = {mode: Tally() for mode in MODES}
    optimizers = {}
    for mode in MODES:
        model.set_adapter(mode)
        optimizers[mode] = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-4)
    for first in track(range(0, len(records), GLOBAL_BATCH), "measuring", console=Console(stderr=True), transient=True):
        for mode in MODES:
            model.set_adapter(mode)
            if on_gpu:
                torch.cuda.reset_peak_memory_stats()
            collate = packing.collator(mode, tokenizer, max_tokens=MAX_TOKENS)
            batch = list(records[first : first + GLOBAL_BATCH])
            tally = tallies[mode] if first else Tally(losses=tallies[mode].losses)
            step(model, optimizers[mode], batch, collate, per_device, tally)
            if on_gpu:
                tallies[mode].memory = max(tallies[mode].memory, torch.cuda.max_memory_allocated())
    return tallies


def report(tallies: dict[str, Tally], parameters: int, gpu: str | None) -> Table:
    """The table: one line for each way of batching, ratios against padding to 256."""
    headers = ["rows", "fill", "records/s", "ratio", "real tokens/s", "first loss", "last loss"]
    table = Table(*headers, *(["model TFLOP/s", "of peak", "memory"] if gpu else []))
    for column in table.columns[1:]:
        column.justify = "right"
    slowest = tallies["padded"]
    peak = next((flops for name, flops in PEAK_FLOPS.items() if gpu and name in gpu), None)
    for mode, tally in tallies.items():
        speed = tally.records / tally.seconds
        cells = [mode, f"{tally.tokens / tally.slots:.2f}", f"{speed:.1f}"]
        cells += [f"{speed / (slowest.records / slowest.seconds):.2f}", f"{tally.tokens / tally.seconds:,.0f}"]
        cells += [f"{tally.losses[0]:.6f}", f"{tally.losses[-1]:.6f}"]
        if gpu:
            flops = 4 * parameters * tally.tokens / tally.seconds
            share = f"{flops / peak:.1%}" if peak else "unknown"
            cells += [f"{flops / 1e12:.1f}", share, f"{tally.memory / 2**30:.1f} GiB"]
        table.add_row(*cells)
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: see ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.finetune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=SIZES, default="small", help="size of the random base (default: small)")
    parser.add_argument("--records", type=int, default=650, help="records, the first 130 to warm up (default: 650)")
    parser.add_argument(
        "--per-device-batch", type=int, help="records a micro-batch (default: 65 on a GPU, 13 on a CPU)"
    )
    parser.add_argument("--data", type=Path, help="a built directory or a JSON Lines file, in place of random tokens")
    parser.add_argument("--tokenizer", type=Path, help="with --data: a model's directory (default: train one)")
    parser.add_argument("--gradient-checkpointing", action="store_true", help="less memory, more time")
    arguments = parser.parse_args(argv)
    if arguments.records % GLOBAL_BATCH or arguments.records < 2 * GLOBAL_BATCH:
        parser.error(f"--records {arguments.records} is not two or more steps of {GLOBAL_BATCH}: give 260, 390, 520, …")
    quiet.silence_warnings()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    per_device = arguments.per_device_batch or (65 if device == "cuda" else 13)
    if device == "cpu":
        pin_to_one_core()
        torch.set_num_threads(1)
    try:
        if arguments.data:
            records, tokenizer = real_records(arguments.data, arguments.tokenizer, arguments.records)
            vocabulary = len(tokenizer)
        else:
            vocabulary = SIZES[arguments.model][-1]
            # Batching asks a tokenizer only what to pad with.
            tokenizer = SimpleNamespace(pad_token_id=0, unk_token_id=0)
            records = invented_records(arguments.records, vocabulary)
    except FinetuneError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    model = build_model(arguments.model, vocabulary, device, arguments.gradient_checkpointing)
    trained = sum(p.numel() for name, p in model.named_parameters() if "lora_" in name)
    parameters = model.num_parameters() - trained - model.get_input_embeddings().weight.numel()
    try:
        tallies = measure(model, tokenizer, records, per_device)
    except torch.OutOfMemoryError as error:
        print(f"error: {error}\nNext step: --gradient-checkpointing, or a smaller --per-device-batch", file=sys.stderr)
        return 1

    lengths = sorted(len(record["input_ids"]) for record in records)
    gpu = torch.cuda.get_device_name() if device == "cuda" else None
    console = Console()
    console.print(
        describe_machine("torch", "transformers", "peft"),
        f"; {gpu or 'one core, one thread, no GPU'}",
        sep="",
        soft_wrap=True,
    )
    console.print(
        f"model {arguments.model}: {parameters:,} parameters without the input embedding, {trained // len(MODES):,} trained; "
        f"{arguments.records:,} records of {sum(lengths) / len(lengths):.0f} tokens (median {lengths[len(lengths) // 2]}), "
        f"{per_device} a micro-batch, {GLOBAL_BATCH} a step",
        soft_wrap=True,
    )
    console.print(report(tallies, parameters, gpu))
    apart = max(
        abs(a - b) for tally in tallies.values() for a, b in zip(tally.losses, tallies["padded"].losses, strict=True)
    )
    console.print(f"largest difference of a step's loss from the padded one: {apart:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
