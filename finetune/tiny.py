"""A small LLaMA made on the spot: the real architecture and a real byte-fallback tokenizer, with nothing to download.

The demo and the tests train it where the recipe would train LLaMA 13B. The tokenizer has LLaMA's own layout (ids 0, 1
and 2 are ``<unk>``, ``<s>`` and ``</s>``, then 256 byte tokens, then the learnt pieces; BOS is put in front of every
text), so whatever holds for token ids here holds for the real one.

    python -m finetune.tiny --data build/sample --out build/tiny
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track

from finetune import checkpoints, command
from finetune.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL_TOKENS = ["<unk>", "<s>", "</s>"]
BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]
HEAD_SIZE = 32
INNER_SIZE_STEP = 32
"""bitsandbytes' kernel for processors with AVX-512 BF16 takes weights in 4 bits whose sides are multiples of this."""
PRETRAIN_BATCH = 16
PRETRAIN_TOKENS = 256
PRETRAIN_LEARNING_RATE = 3e-3


def make(
    texts: Iterable[str],
    out: Path,
    *,
    vocab_size: int = 1500,
    hidden_size: int = 64,
    layers: int = 2,
    seed: int = 42,
    pretrain_steps: int = 0,
) -> Path:
    """Train a tokenizer on ``texts`` and write it to ``out`` with a LLaMA whose weights are random.

    The same arguments give the same bytes on one machine.

    Args:
        texts: What the tokenizer learns its pieces from.
        out: The folder; must not exist, or be empty. It appears only when it is complete.
        vocab_size: Most pieces of the tokenizer, at least 300; few texts give fewer.
        hidden_size: Width of the model, a multiple of 32.
        layers: Depth of the model.
        seed: Decides the random weights.
        pretrain_steps: Steps of 16 texts that teach the whole model first, because LoRA on the attention of a random
            model can learn hardly anything.

    Returns:
        ``out``.

    Raises:
        ModelError: There is no text, a size does not fit, or ``out`` holds something.
    """
    import torch
    from transformers import LlamaForCausalLM

    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ModelError("no text to train the tokenizer on: give records that are not empty")
    if hidden_size % HEAD_SIZE:
        raise ModelError(f"hidden_size {hidden_size} is not a multiple of {HEAD_SIZE}, the size of an attention head")
    with checkpoints.whole_folder(Path(out), ModelError) as whole:
        tokenizer = train_tokenizer(texts, vocab_size)
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config(tokenizer, hidden_size, layers))
        if pretrain_steps:
            pretrain(model, tokenizer, texts, pretrain_steps, seed)
        model.save_pretrained(whole)
        tokenizer.save_pretrained(whole)
    return Path(out)


def train_tokenizer(texts: Sequence[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Train a byte-fallback BPE tokenizer in LLaMA's form: any text survives encoding and decoding.

    Raises:
        ModelError: ``vocab_size`` is below 300.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    learnt = vocab_size - len(SPECIAL_TOKENS) - len(BYTE_TOKENS)
    if learnt < 40:
        raise ModelError(
            f"vocab_size {vocab_size} leaves no room for pieces beside the 259 fixed tokens: use 300 or more"
        )
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    # As in LLaMA, a piece neither spans words nor holds a line break: a prompt that ends with one stays a prefix.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("▁", "merged_with_next"), pre_tokenizers.Split("\n", "isolated")]
    )
    # As in LLaMA, rare characters are spelt in bytes. The trainer would choose among equally rare ones by chance.
    counts = Counter(itertools.chain.from_iterable(map(tokenizer.normalizer.normalize_str, texts)))
    alphabet = sorted(counts, key=lambda character: (-counts[character], character))[: learnt // 2]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=SPECIAL_TOKENS + BYTE_TOKENS,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer = _bytes_as_ordinary_tokens(tokenizer)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    fast: Any = PreTrainedTokenizerFast
    made: PreTrainedTokenizerFast = fast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    return made


def _bytes_as_ordinary_tokens(tokenizer: Tokenizer) -> Tokenizer:
    """The trainer knows only *special* fixed tokens, and those vanish from decoded text: 猫 in bytes would be lost."""
    from tokenizers import Tokenizer

    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] in SPECIAL_TOKENS]
    return Tokenizer.from_str(json.dumps(state))


def config(tokenizer: PreTrainedTokenizerFast, hidden_size: int, layers: int) -> LlamaConfig:
    """Give LLaMA's proportions at another width: an inner layer of 8/3 the hidden size, a key head for each query head."""
    from transformers import LlamaConfig

    heads = hidden_size // HEAD_SIZE
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        intermediate_size=-(-hidden_size * 8 // 3 // INNER_SIZE_STEP) * INNER_SIZE_STEP,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=None,
    )


def pretrain(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], steps: int, seed: int
) -> float:
    """Train all weights to predict the next token, for ``steps`` batches of 16 texts drawn at random.

    Returns:
        The last loss, in nats per token.
    """
    import torch

    from finetune import packing

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices this small take longer when shared out
    draw = random.Random(seed)
    rows = [ids[: PRETRAIN_TOKENS - 1] + [tokenizer.eos_token_id] for ids in tokenizer(list(texts))["input_ids"]]
    optimizer = torch.optim.AdamW(model.parameters(), lr=PRETRAIN_LEARNING_RATE)
    loss = torch.tensor(0.0)
    whole: Any = model  # transformers leaves these methods untyped
    whole.train()
    for _ in track(range(steps), "pretraining the base", console=Console(stderr=True), transient=True):
        batch = draw.choices(rows, k=PRETRAIN_BATCH)
        width = max(map(len, batch))
        records = [{"input_ids": row, "labels": row} for row in batch]
        loss = whole(**packing.pad_to(records, width, tokenizer.eos_token_id)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    whole.eval()
    torch.set_num_threads(threads)
    return loss.item()


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "tiny",
        "Make a small LLaMA and its tokenizer from the records of a dataset.",
        "--data build/sample --out build/tiny --pretrain-steps 200",
    )
    parser.add_argument("--data", type=Path, required=True, help="a built directory, or a JSON Lines file")
    parser.add_argument("--out", type=Path, required=True, help="new or empty directory for model and tokenizer")
    parser.add_argument("--vocab-size", type=int, default=1500, help="most pieces of the tokenizer (default: 1500)")
    parser.add_argument("--hidden-size", type=int, default=64, help="width of the model (default: 64)")
    parser.add_argument("--layers", type=int, default=2, help="depth of the model (default: 2)")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random weights (default: 42)")
    parser.add_argument("--pretrain-steps", type=int, default=0, help="steps of 16 texts on all weights (default: 0)")
    return parser


def _tiny(arguments: argparse.Namespace) -> None:
    from finetune import data

    records = data.read(str(arguments.data)).select_columns(data.COLUMNS)
    make(
        ["\n".join(str(text) for text in record.values() if text) for record in records],
        arguments.out,
        vocab_size=arguments.vocab_size,
        hidden_size=arguments.hidden_size,
        layers=arguments.layers,
        seed=arguments.seed,
        pretrain_steps=arguments.pretrain_steps,
    )
    print(f"wrote a LLaMA of {arguments.layers} layers, {arguments.hidden_size} wide, to {arguments.out}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _tiny, argv)


if __name__ == "__main__":
    sys.exit(main())
