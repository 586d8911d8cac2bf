"""Answers of a model to many questions at once.

A batch is padded on the left, so that every answer starts at the same place. In float32 the answers are those of one
question at a time; in bfloat16 rounding changes with the batch, and some answers with it. PyTorch is imported only to
generate.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.errors import DataError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from finetune.prompts import Prompt

BATCH = 8
# A model may bring its own sampling settings (LLaMA 2 does), and transformers warns of them in greedy decoding.
GREEDY = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}


@dataclass(frozen=True)
class Question:
    """What a model is asked."""

    instruction: str
    input: str = ""


@dataclass(frozen=True)
class Answer:
    """What a model writes."""

    text: str
    stopped: bool
    """Whether the model ended the answer itself, within the limit."""


def read_questions(path: Path) -> list[Question]:
    """Read a JSON Lines file of questions: ``instruction`` and, where there is one, ``input``; other keys are ignored.

    Raises:
        DataError: A line is not such an object, or the file has none.
    """
    questions = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                questions.append(_question(line, f"{path}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}\nNext step: give a JSON Lines file in UTF-8.") from error
    if not questions:
        raise DataError(f"{path} holds no questions\nNext step: write one JSON object a line, with an instruction.")
    return questions


def _question(line: str, place: str) -> Question:
    try:
        content = json.loads(line)
        instruction, given = content["instruction"], content.get("input") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        instruction = given = None
    if not isinstance(instruction, str) or not isinstance(given, str):
        raise DataError(f'{place}: no question\nNext step: write {{"instruction": "...", "input": "..."}} there.')
    return Question(instruction, given)


def generate(
    model: PreTrainedModel,
    prompt: Prompt,
    questions: Sequence[Question],
    *,
    temperature: float = 0.0,
    max_new_tokens: int = 128,
    batch_size: int = BATCH,
    seed: int = 42,
) -> list[Answer]:
    """Let ``model`` answer ``questions``.

    Args:
        model: In evaluation mode.
        prompt: Turns the questions into tokens.
        questions: In any order; similar lengths share a batch.
        temperature: 0.0 is greedy decoding; above it the model samples.
        max_new_tokens: Length of the longest answer.
        batch_size: Questions at once.
        seed: Where sampling starts.

    Returns:
        An answer for each question.
    """
    import torch

    ids: list[list[int]] = prompt.encode([prompt.text(asked.instruction, asked.input) for asked in questions])[
        "input_ids"
    ]
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    # transformers does not take a temperature of 0: it is the limit that greedy decoding is.
    decoding: dict[str, Any] = {"do_sample": True, "temperature": temperature} if temperature > 0 else GREEDY
    torch.manual_seed(seed)
    answers: dict[int, Answer] = {}
    for start in range(0, len(order), batch_size):
        places = order[start : start + batch_size]
        made = _batch(model, prompt, [ids[place] for place in places], decoding | {"max_new_tokens": max_new_tokens})
        answers |= zip(places, made, strict=True)
    return [answers[place] for place in range(len(ids))]


def _batch(model: PreTrainedModel, prompt: Prompt, ids: list[list[int]], decoding: dict[str, Any]) -> list[Answer]:
    import torch

    from finetune import packing

    pad, ends = packing.padding_id(prompt.tokenizer), _ends(model, prompt)
    rows, mask = (tensor.to(model.device) for tensor in packing.pad_left(ids, pad))
    untyped: Any = model.generate
    with torch.inference_mode():
        written = untyped(input_ids=rows, attention_mask=mask, eos_token_id=ends, pad_token_id=pad, **decoding)
    return [_answer(prompt, row, ends) for row in written[:, rows.shape[1] :].tolist()]


def _ends(model: PreTrainedModel, prompt: Prompt) -> list[int]:
    """The tokens that end an answer: those of the prompt, the tokenizer and the model."""
    own: Any = model.generation_config.eos_token_id if model.generation_config else None
    found = own if isinstance(own, list) else [own]
    return sorted({token for token in (prompt.end, prompt.tokenizer.eos_token_id, *found) if token is not None})


def _answer(prompt: Prompt, ids: list[int], ends: list[int]) -> Answer:
    end = next((place for place, token in enumerate(ids) if token in ends), None)
    text = prompt.tokenizer.decode(ids[:end], skip_special_tokens=True)
    return Answer(str(text).strip(), end is not None)
