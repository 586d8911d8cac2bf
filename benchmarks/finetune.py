"""Records and real tokens per second of LoRA: padded and packed rows, with all logits and with those that count.

    python -m benchmarks.finetune                       # a model of 4 million parameters, on a CPU
    python -m benchmarks.finetune --model 13B           # on one GPU, or 8B; --gradient-checkpointing if memory is short
    python -m benchmarks.finetune --data build/sample   # real records, and a tokenizer trained on them
    python -m benchmarks.finetune --data DIR --tokenizer models/llama-13b
    python -m benchmarks.finetune --config finetune/configs/demo.yaml --records 48    # a training as it is, its real model

The ways are rows padded to the limit, rows padded to the longest, packed rows, and packed records without a mask, whose
attention is computed record by record (`model.attention: sdpa_varlen`). Training asks the model for logits where a label
follows; padded and packed rows are also run with the logits of every position, as the Trainer alone would. On a GPU
torch.compile, flash-attention and Liger's kernels join them, as far as the packages are installed
(requirements-gpu.txt); a way whose memory is too small says so, and the others go on.

They take turns step by step, on the same records and the same frozen base, each with an adapter and an AdamW of its own
that start alike. A step is what training does in it: make the micro-batches, forward, backward, update. The
losses must agree to float error. Without `--config` the base has random weights, so nothing is downloaded. Without
`--data` the records are random tokens, as long as the dataset's with a tokenizer of 1,500 pieces (log-normal, median 71,
mean 81). The last table says where the time of one more step goes, in the fastest way that is plain PyTorch.

Seconds are wall time on a GPU. On a CPU they are the processor time of one thread on one core: wall time where nothing
else runs, and what it would be where something does.

Model FLOP/s are 4 N per real token: 2 N forward and 2 N for the gradients that pass through; frozen weights need none
of their own (LoRA's 2 N less than the usual 6 N). N leaves out the input embedding, which is a lookup, unless it is the
output layer too. Padding counts for nothing. The peak is the maker's for dense bf16.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedModel

from benchmarks.machine import describe_machine, pin_to_one_core
from benchmarks.steps import profile, ways
from benchmarks.steps.ways import Bench, Record, Tally
from benchmarks.trials.errors import TrialError
from finetune import config, data, models, prompts, quiet, tiny
from finetune.errors import FinetuneError

MAX_TOKENS = 256
SIZES = {  # hidden size, inner size, layers, heads, of these for keys, vocabulary
    "tiny": (64, 176, 2, 2, 2, 1500),
    "small": (256, 688, 4, 8, 8, 1500),
    "7B": (4096, 11008, 32, 32, 32, 32000),  # LLaMA (arXiv:2302.13971, table 2)
    "8B": (4096, 14336, 32, 32, 8, 128256),  # Llama 3 (arXiv:2407.21783, table 3)
    "13B": (5120, 13824, 40, 40, 40, 32000),
}
MEDIAN_TOKENS, SPREAD = 71, 0.51
SMALLER = "--gradient-checkpointing, or a smaller --per-device-batch."
PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12}
"""Dense bf16 of the SXM models, from NVIDIA's data sheets."""


def random_model(size: str, vocabulary: int | None, device: str) -> PreTrainedModel:
    """A random LLaMA, in bf16 on a GPU."""
    hidden, inner, layers, heads, key_heads, own_vocabulary = SIZES[size]
    shape = LlamaConfig(
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        vocab_size=vocabulary or own_vocabulary,
    )
    torch.manual_seed(0)
    with torch.device(device):
        untyped: Any = AutoModelForCausalLM  # transformers leaves it untyped
        dtype = torch.bfloat16 if device == "cuda" else torch.float32
        model: PreTrainedModel = untyped.from_config(shape, dtype=dtype, attn_implementation="sdpa")
    return model


def invented_records(number: int, vocabulary: int) -> list[Record]:
    """Random tokens; as long as the dataset's records are, and scored as they are."""
    draw = random.Random(7)
    lengths = [
        min(MAX_TOKENS, max(8, round(draw.lognormvariate(math.log(MEDIAN_TOKENS), SPREAD)))) for _ in range(number)
    ]
    rows = [[1, *draw.choices(range(3, vocabulary), k=length - 1)] for length in lengths]
    return [{"input_ids": row, "labels": [data.IGNORED, *row[1:]]} for row in rows]


def real_records(settings: config.Data, tokenizer_home: str | None, number: int) -> tuple[list[Record], Any]:
    """Records drawn from a dataset, tokenised as for training, and the tokenizer: of ``tokenizer_home`` or trained."""
    rows = data.read(settings.dataset, settings.config).shuffle(seed=7)
    if len(rows) < number:
        raise FinetuneError(
            f"{settings.dataset} holds {len(rows):,} records, not {number:,}\nNext step: give a smaller --records."
        )
    rows = rows.select(range(number))
    if tokenizer_home:
        tokenizer = models.load_tokenizer(tokenizer_home)
    else:
        texts = [prompts.format_record(row["instruction"], row["input"], row["output"]) for row in rows]
        tokenizer = tiny.train_tokenizer(texts, 1500)
    tokenised = data.tokenise(
        rows,
        tokenizer,
        max_tokens=settings.max_tokens,
        train_on_inputs=settings.train_on_inputs,
        prompt=settings.prompt,
        workers=1,
    )
    return tokenised.select_columns(["input_ids", "labels"]).to_list(), tokenizer


def _multiplied(model: PreTrainedModel) -> int:
    """Parameters that take part in matrix products: all but the input embedding, unless it is the output layer too."""
    embedding: Any = model.get_input_embeddings()
    return model.num_parameters() - (0 if model.config.tie_word_embeddings else int(embedding.weight.numel()))


def report(tallies: Mapping[str, Tally], parameters: int, gpu: str | None) -> Table:
    """The table: one line for each way, ratios against the first that ran."""
    headers = ["rows", "fill", "records/s", "ratio", "real tokens/s", "first loss", "last loss"]
    table = Table(*headers, *(["model TFLOP/s", "of peak", "memory"] if gpu else []))
    for column in table.columns[1:]:
        column.justify = "right"
    first = _first(tallies)
    peak = next((flops for name, flops in PEAK_FLOPS.items() if gpu and name in gpu), None)
    for mode, tally in tallies.items():
        if tally.failed:
            table.add_row(mode, "out of memory")
            continue
        speed = tally.records / tally.seconds
        cells = [mode, f"{tally.tokens / tally.slots:.2f}", f"{speed:.1f}"]
        cells += [f"{speed / (first.records / first.seconds):.2f}", f"{tally.tokens / tally.seconds:,.0f}"]
        cells += [f"{tally.losses[0]:.6f}", f"{tally.losses[-1]:.6f}"]
        if gpu:
            flops = 4 * parameters * tally.tokens / tally.seconds
            share = f"{flops / peak:.1%}" if peak else "unknown"
            cells += [f"{flops / 1e12:.1f}", share, f"{tally.memory / 2**30:.1f} GiB"]
        table.add_row(*cells)
    return table


def _first(tallies: Mapping[str, Tally]) -> Tally:
    """The first way that ran.

    Raises:
        TrialError: None did.
    """
    for tally in tallies.values():
        if not tally.failed:
            return tally
    raise TrialError(f"the memory is too small for every way\nNext step: {SMALLER}")


def measure(bench: Bench, records: Sequence[Record]) -> tuple[dict[str, Tally], Table | None]:
    """Measure all ways, Liger's after the others; and profile one more step of the fastest that is plain PyTorch."""
    liger = [name for name, way in bench.ways.items() if way.liger]
    tallies = bench.measure([name for name in bench.ways if name not in liger], records)
    shares = None
    if plain := [name for name, tally in tallies.items() if not (tally.failed or bench.ways[name].compiled)]:
        fastest = max(plain, key=lambda name: tallies[name].tokens / tallies[name].seconds)
        batch = records[: bench.settings.training.global_batch]
        found = profile.shares(
            lambda: bench.step(fastest, batch, Tally()),
            vocabulary=bench.model.config.vocab_size,
            rank=bench.settings.lora.r,
        )
        shares = profile.table(found, fastest)
    if liger:
        bench.apply_liger()
        tallies |= bench.measure(liger, records)
    return tallies, shares


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.finetune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=SIZES, default="small", help="size of the random base (default: small)")
    parser.add_argument("--config", type=Path, help="a training's config: its base, adapter, records and batch")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="with --config: change one key of it"
    )
    parser.add_argument("--records", type=int, default=650, help="records, the first step to warm up (default: 650)")
    parser.add_argument(
        "--per-device-batch", type=int, help="records a micro-batch (default: 65 on a GPU, 13 on a CPU)"
    )
    parser.add_argument("--data", type=Path, help="a built directory or a JSON Lines file, in place of random tokens")
    parser.add_argument("--tokenizer", type=Path, help="with --data: a model's directory (default: train one)")
    parser.add_argument("--gradient-checkpointing", action="store_true", help="less memory, more time")
    return parser


def _settings(arguments: argparse.Namespace, device: str) -> config.TrainConfig:
    """The config that was given, or the paper's batch on a random base."""
    if arguments.config:
        settings = config.load(arguments.config, arguments.set)
    else:
        of_data = config.Data(dataset=str(arguments.data or "random tokens"))
        settings = config.TrainConfig(model=config.Model(base=arguments.model), data=of_data, output="none")
    per_device = arguments.per_device_batch or (None if arguments.config else 65 if device == "cuda" else 13)
    changed = settings.training.model_copy(update={"per_device_batch": per_device} if per_device else {})
    return settings.model_copy(update={"training": changed})


def _prepare(
    arguments: argparse.Namespace, settings: config.TrainConfig, device: str
) -> tuple[list[Record], Any, PreTrainedModel]:
    """Records, their tokenizer and the base."""
    if arguments.config:
        base: Any = models.load_base(
            settings.model.base, dtype=settings.model.dtype, attention=settings.model.attention
        )
        return *real_records(settings.data, settings.model.base, arguments.records), base.to(device)
    if arguments.data:
        home = str(arguments.tokenizer) if arguments.tokenizer else None
        records, tokenizer = real_records(settings.data, home, arguments.records)
        return records, tokenizer, random_model(arguments.model, len(tokenizer), device)
    vocabulary = SIZES[arguments.model][-1]
    # Batching asks a tokenizer only what to pad with.
    nothing = SimpleNamespace(pad_token_id=0, unk_token_id=0)
    records = invented_records(arguments.records, vocabulary)
    return records, nothing, random_model(arguments.model, vocabulary, device)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: see ``--help``."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    quiet.silence_warnings()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        pin_to_one_core()
        torch.set_num_threads(1)
    try:
        settings = _settings(arguments, device)
        step = settings.training.global_batch
        if arguments.records % step or arguments.records < 2 * step:
            parser.error(f"--records {arguments.records} is not two or more steps of {step}: give a multiple of it")
        records, tokenizer, base = _prepare(arguments, settings, device)
        parameters = _multiplied(base)
        bench = Bench(base, tokenizer, settings, ways.possible(), checkpointing=arguments.gradient_checkpointing)
        tallies, shares = measure(bench, records)
        _print(bench, records, tallies, parameters)
    except FinetuneError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except torch.OutOfMemoryError as error:
        print(f"error: {error}\nNext step: {SMALLER}", file=sys.stderr)
        return 1
    if shares:
        Console().print(shares)
    return 0


def _print(bench: Bench, records: Sequence[Record], tallies: Mapping[str, Tally], parameters: int) -> None:
    """Machine, model, table, and how far the losses are apart."""
    settings, names = bench.settings, list(bench.ways)
    trained = sum(weight.numel() for name, weight in bench.model.named_parameters() if f".{names[0]}." in name)
    lengths = sorted(len(record["input_ids"]) for record in records)
    labels = sum(label != data.IGNORED for record in records for label in record["labels"])
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    console = Console()
    console.print(
        describe_machine("torch", "transformers", "peft"),
        f"; {gpu or 'one core, one thread, no GPU'}",
        sep="",
        soft_wrap=True,
    )
    console.print(
        f"model {Path(settings.model.base).name}: {parameters:,} multiplied parameters, {trained:,} trained; "
        f"{len(records):,} records of {sum(lengths) / len(lengths):.0f} tokens (median {lengths[len(lengths) // 2]}), "
        f"{labels / sum(lengths):.0%} of them with a label, {settings.training.per_device_batch} a micro-batch, "
        f"{settings.training.global_batch} a step",
        soft_wrap=True,
    )
    console.print(report(tallies, parameters, gpu))
    fill = sum(lengths) / (len(lengths) * settings.data.max_tokens)
    console.print(
        f"rows padded to {settings.data.max_tokens} are {fill:.0%} full: their padding alone costs a factor of {1 / fill:.2f}",
    )
    ran = [tally.losses for tally in tallies.values() if not tally.failed]
    apart = max(abs(a - b) for losses in ran for a, b in zip(losses, ran[0], strict=True))
    console.print(f"largest difference of a step's loss from the first way's: {apart:.1e}")


if __name__ == "__main__":
    sys.exit(main())
