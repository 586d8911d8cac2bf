"""The model card: a README.md beside the adapter or the merged model, written from what the run left behind.

    python -m finetune.model_card out/llama-13b --base-model huggyllama/llama-13b
    python -m finetune.model_card out/llama-13b --merged out/merged --base-model huggyllama/llama-13b

Its text is ``model_card.md.jinja``; its YAML head is the Hub's (huggingface.co/docs/hub/model-cards). The figures, the
sources and their licenses come from ``run.json`` (``finetune.train``). Training writes a first card itself; this
command gives it the names that base and dataset have on the Hub.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils._validators import validate_repo_id
from jinja2 import Environment, StrictUndefined

from finetune import checkpoints, command, prompts, report
from finetune.errors import AdapterError
from finetune.visible import visible

CARD = "README.md"
TEMPLATE = Path(__file__).with_suffix(".md.jinja")
RECIPE = "after the recipe of llm-japanese-dataset v0"
"""Stands in every card that this project wrote."""
NO_FIGURE = "none"
NOT_GIVEN = "not given"
VLLM_RANKS = (16, 32, 64, 128, 256, 320, 512)
"""What vLLM's ``--max-lora-rank`` can be, from its default on."""


@dataclass(frozen=True)
class Names:
    """What the model, its base and its dataset are called on the Hub; nothing where they have no name there."""

    model: str
    base: str | None
    dataset: str | None


def names(model: str, run: Mapping[str, Any], base: str | None = None, dataset: str | None = None) -> Names:
    """Find the names for the card of ``model``.

    Args:
        model: Name of the model.
        run: What ``run.json`` holds.
        base: Name of the base, for a run that took it from a directory.
        dataset: Name of the dataset, for a run that took it from a directory.
    """
    return Names(model, base or on_hub(run["base_model"]), dataset or on_hub(run["config"]["data"]["dataset"]))


def write(
    folder: Path, *, merged: Path | None = None, base_model: str | None = None, dataset: str | None = None
) -> Path:
    """Write the card of the adapter in ``folder`` there, or that of the model merged from it into ``merged``.

    Args:
        folder: Output folder of a finished run.
        merged: Folder of the merged model.
        base_model: Name of the base on the Hub, for a run that took it from a directory.
        dataset: Name of the dataset on the Hub, for a run that took it from a directory.

    Returns:
        The card's path.

    Raises:
        AdapterError: The folder is not that of a finished run, or ``merged`` not that of a model without a card of others.
        CheckpointError: Something else than a file stands in the card's place.
    """
    run = report.read(folder)
    home = merged or folder
    if merged:
        _check_merged(merged)
    card = write_card(home, run, names(home.name, run, base_model, dataset), merged=bool(merged))
    if merged and (folder / checkpoints.CURVE).is_file():
        shutil.copy(folder / checkpoints.CURVE, merged)
    return card


def _check_merged(folder: Path) -> None:
    """Refuse a folder without a model, and one whose card somebody else wrote: bases have one too."""
    if not (folder / "config.json").is_file():
        raise AdapterError(
            f"{folder} holds no config.json, so it is no merged model\n"
            "Next step: give the folder that python -m finetune.merge wrote."
        )
    card, there = folder / CARD, [name for name in (CARD, checkpoints.CURVE) if os.path.lexists(folder / name)]
    for name in there:
        checkpoints.require_plain(folder / name)
    if there and not (card.is_file() and RECIPE.encode() in card.read_bytes()):
        raise AdapterError(
            f"{folder} holds a {there[0]} that python -m finetune.model_card did not write\n"
            "Next step: give the folder that python -m finetune.merge wrote, or move that file away."
        )


def write_card(home: Path, run: Mapping[str, Any], called: Names | None = None, *, merged: bool = False) -> Path:
    """Write the card of ``run`` into the folder ``home``; returns its path."""
    path = home / CARD
    checkpoints.write_whole(path, render(called or names(home.name, run), run, merged=merged))
    return path


def render(called: Names, run: Mapping[str, Any], *, merged: bool = False) -> str:
    """Write the card as text, YAML head and all.

    Args:
        called: The names on the Hub.
        run: What ``run.json`` holds.
        merged: Whether the model is merged, or an adapter.
    """
    settings, validated = run["config"], run["validation"]
    template = Environment(undefined=StrictUndefined).from_string(TEMPLATE.read_text(encoding="utf-8"))
    content = template.render(
        card_data=head(called, run, merged=merged).to_yaml(),
        called=called,
        run=run,
        merged=merged,
        base=called.base or Path(run["base_model"]).name,
        dataset=called.dataset or Path(settings["data"]["dataset"]).name,
        **settings,
        counts=run["data"],
        sources=_sources(run),
        method=_method(settings["lora"], settings["training"]),
        zero=run["deepspeed"] and run["deepspeed"].get("zero_optimization", {}).get("stage"),
        validated=validated,
        perplexity=_perplexity(validated) if validated else None,
        curve=checkpoints.CURVE,
        vllm_rank=_vllm_rank(settings["lora"]),
        with_input=prompts.format_prompt("{instruction}", "{input}").rstrip(),
        without_input=prompts.format_prompt("{instruction}").rstrip(),
        figure=lambda value, digits=4: NO_FIGURE if value is None else f"{value:.{digits}f}",
        number=lambda value: f"{value:,}",
        short=lambda value: f"{value:g}",
        cell=lambda text: visible(text).replace("|", "\\|"),
    )
    return str(ModelCard(content))


def head(called: Names, run: Mapping[str, Any], *, merged: bool = False) -> ModelCardData:
    """Make the card's metadata. A base or dataset without a name on the Hub is left out: the Hub refuses others."""
    results = _results(called, run) if run["validation"] else None
    return ModelCardData(
        model_name=called.model.rpartition("/")[2],
        base_model=called.base,
        base_model_relation=("finetune" if merged else "adapter") if called.base else None,
        library_name="transformers" if merged else "peft",
        pipeline_tag="text-generation",
        language=["ja", "en"],
        license="other",
        license_name="base-model-and-data",
        license_details=visible("; ".join(f"{source['name']}: {source['license']}" for source in _sources(run))),
        datasets=[called.dataset] if called.dataset else None,
        metrics=["loss", "perplexity"] if results else ["loss"],
        eval_results=results,
        tags=["lora", "instruction-tuning", "japanese", "arxiv:2305.12720"],
        ignore_metadata_errors=False,
    )


def on_hub(name: str) -> str | None:
    """Give ``name`` if it can be that of a repository on the Hub and is no directory or file here, else nothing."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        return None
    return None if Path(name).exists() or name.count("/") != 1 else name


def _results(called: Names, run: Mapping[str, Any]) -> list[EvalResult]:
    """The validation losses in the Hub's form."""
    count, drawn = run["data"]["validation"], run["config"]["data"]["split"]
    task: dict[str, Any] = {
        "task_type": "text-generation",
        "task_name": "Text generation",
        "dataset_name": f"validation split, {count:,} records drawn by {drawn}",
        "dataset_type": called.dataset or "private",
    }
    validated = run["validation"]
    figures = [
        ("loss", "", validated["loss"], 4),
        ("perplexity", "", _perplexity(validated), 3),
        ("loss", "loss of the response", validated["response_loss"], 4),
    ]
    return [
        EvalResult(**task, metric_type=kind, metric_value=round(value, digits), metric_name=name or None)
        for kind, name, value, digits in figures
        if value is not None
    ]


def _perplexity(validated: Mapping[str, Any]) -> float | None:
    """The perplexity, where there is a loss, and a number for it."""
    try:
        return math.exp(validated["loss"])
    except (TypeError, OverflowError):
        return None


def _sources(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sources of the data; a dataset without the columns for them is one whose license is not given."""
    whole = {"name": Path(run["config"]["data"]["dataset"]).name, "license": NOT_GIVEN}
    return run["data"]["sources"] or [whole | {"records": run["data"]["records"]}]


def _method(lora: Mapping[str, Any], training: Mapping[str, Any]) -> str:
    parts = {
        "rank-stabilised": lora["rslora"],
        "DoRA": lora["dora"],
        f"started by {lora.get('init')}, saved as plain LoRA of twice the rank": lora.get("init") in ("olora", "pissa"),
        f"started by {lora.get('init')}": lora.get("init") in ("gaussian", "orthogonal"),
        f"LoRA+ (ratio {lora['plus_ratio']})": lora["plus_ratio"],
        f"NEFTune (alpha {training['neftune_alpha']})": training["neftune_alpha"],
        "best checkpoint by validation loss": training["keep_best"],
    }
    return ", ".join(["LoRA", *(name for name, used in parts.items() if used)])


def _vllm_rank(lora: Mapping[str, Any]) -> int | None:
    """The ``--max-lora-rank`` that vLLM needs for the adapter; nothing for one that it cannot load: too large, or DoRA."""
    saved = 2 * lora["r"] if lora.get("init") in ("olora", "pissa") else lora["r"]
    return None if lora["dora"] else next((rank for rank in VLLM_RANKS if saved <= rank), None)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "model_card",
        "Write the model card (README.md) of an adapter, or of the model merged from it; an earlier card is replaced.",
        "out/llama-13b --base-model huggyllama/llama-13b",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("--merged", type=Path, help="write the card of this merged model, into its folder")
    parser.add_argument(
        "--base-model", metavar="ORG/NAME", help="the base on the Hub, if the run had it from a directory"
    )
    parser.add_argument(
        "--dataset", metavar="ORG/NAME", help="the dataset on the Hub, if the run had it from a directory"
    )
    return parser


def _write(arguments: argparse.Namespace) -> None:
    path = write(arguments.adapter, merged=arguments.merged, base_model=arguments.base_model, dataset=arguments.dataset)
    print(f"wrote {path}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _write, argv)


if __name__ == "__main__":
    sys.exit(main())
