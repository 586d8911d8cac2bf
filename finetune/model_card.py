"""The model card: a README.md beside the adapter or the merged model, written from what the run left behind.

    python -m finetune.model_card out/llama-13b --base-model huggyllama/llama-13b
    python -m finetune.model_card out/llama-13b --merged out/merged --base-model huggyllama/llama-13b

Its YAML head is the Hub's (huggingface.co/docs/hub/model-cards). The figures come from ``run.json``
(``finetune.train``), the licenses from the dataset's own columns ``source`` and ``license``.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils._validators import validate_repo_id

from finetune import checkpoints, command, prompts, report

CARD = "README.md"
CURVE = checkpoints.CURVE
NOT_GIVEN = "not given"


@dataclass(frozen=True)
class Source:
    """One source of the data: its license, and how many records of it the dataset holds."""

    name: str
    license: str
    records: int


def read_sources(settings: Mapping[str, Any]) -> list[Source]:
    """The sources of the dataset that ``settings`` (section ``data`` of a config) name, largest first.

    A dataset without the columns ``source`` and ``license`` is one source whose license is not given.
    """
    from finetune import data

    records = data.read(settings["dataset"], settings["config"])
    if not {"source", "license"} <= set(records.column_names):
        return [Source(Path(settings["dataset"]).name, NOT_GIVEN, len(records))]
    groups = records.data.table.group_by(["source", "license"]).aggregate([([], "count_all")]).to_pylist()
    sources = [Source(group["source"], group["license"], group["count_all"]) for group in groups]
    return sorted(sources, key=lambda source: (-source.records, source.name))


@dataclass(frozen=True)
class Names:
    """What the model, its base and its dataset are called on the Hub; nothing where they have no name there."""

    model: str
    base: str | None
    dataset: str | None


def names(model: str, run: Mapping[str, Any], base: str | None = None, dataset: str | None = None) -> Names:
    """The names for the card of ``model``: those given, or those of the run where it took base and dataset by name."""
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
        AdapterError: The folder is not that of a finished run.
    """
    run = report.read(folder)
    sources = read_sources(run["config"]["data"])
    home = merged or folder
    if merged and (folder / CURVE).is_file():
        shutil.copy(folder / CURVE, merged)
    path = home / CARD
    called = names(home.name, run, base_model, dataset)
    path.write_text(render(called, run, sources, merged=bool(merged)), encoding="utf-8")
    return path


def render(called: Names, run: Mapping[str, Any], sources: Sequence[Source], *, merged: bool = False) -> str:
    """The card as text, YAML head and all."""
    parts = [
        f"---\n{head(called, run, sources, merged=merged).to_yaml()}\n---",
        f"# {called.model}",
        _summary(called, run, merged),
        f"## Use\n\n```python\n{_snippet(called.model, called.base or run['base_model'], merged)}\n```",
        _prompt(),
        _data(run, sources),
        _recipe(run),
        _result(run),
        "## Limits\n\n- Answers can be wrong, and they repeat what is wrong or unfair in the data and in the base model.\n"
        "- Do not measure the model on the sources named above: it has seen them.\n"
        "- The license of the base model and those of the data hold for this model too; some forbid commercial use.",
    ]
    return "\n\n".join(parts) + "\n"


def head(called: Names, run: Mapping[str, Any], sources: Sequence[Source], *, merged: bool = False) -> ModelCardData:
    """The card's metadata. A base or dataset that has no name on the Hub is left out, since the Hub refuses others."""
    results = None
    if run["eval_loss"] is not None:
        task: dict[str, Any] = {"task_type": "text-generation", "task_name": "Text generation"}
        held_out: dict[str, Any] = {
            "dataset_name": f"validation split, {run['data']['validation']:,} records",
            "dataset_type": called.dataset or "private",
        }
        results = [
            EvalResult(**task, **held_out, metric_type="loss", metric_value=round(run["eval_loss"], 4)),
            EvalResult(**task, **held_out, metric_type="perplexity", metric_value=round(math.exp(run["eval_loss"]), 3)),
        ]
    return ModelCardData(
        model_name=called.model.rpartition("/")[2],
        base_model=called.base,
        base_model_relation=("finetune" if merged else "adapter") if called.base else None,
        library_name="transformers" if merged else "peft",
        pipeline_tag="text-generation",
        language=["ja", "en"],
        license="other",
        license_name="base-model-and-data",
        license_details="; ".join(f"{source.name}: {source.license}" for source in sources),
        datasets=[called.dataset] if called.dataset else None,
        metrics=["loss", "perplexity"] if results else ["loss"],
        eval_results=results,
        tags=["lora", "instruction-tuning", "japanese", "arxiv:2305.12720"],
        ignore_metadata_errors=False,
    )


def on_hub(name: str) -> str | None:
    """``name`` if it can be that of a repository on the Hub and is no directory or file here, else nothing."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        return None
    return None if Path(name).exists() or name.count("/") != 1 else name


def _summary(called: Names, run: Mapping[str, Any], merged: bool) -> str:
    what = "merged from the base model and a LoRA adapter" if merged else "a LoRA adapter"
    settings = run["config"]["data"]
    config = f", config `{settings['config']}`" if settings["config"] else ""
    base = called.base or Path(run["base_model"]).name
    dataset = called.dataset or Path(settings["dataset"]).name
    return (
        f"`{base}` tuned to follow Japanese instructions: {what}, trained on `{dataset}`{config}, "
        "after the recipe of llm-japanese-dataset v0 "
        "([arXiv:2305.12720](https://arxiv.org/abs/2305.12720))."
    )


def _snippet(name: str, base: str, merged: bool) -> str:
    if merged:
        imports = "from transformers import AutoModelForCausalLM, AutoTokenizer"
        load = f'model = AutoModelForCausalLM.from_pretrained("{name}", dtype="auto")'
    else:
        imports = "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM, AutoTokenizer"
        load = (
            f'base = AutoModelForCausalLM.from_pretrained("{base}", dtype="auto")\n'
            f'model = PeftModel.from_pretrained(base, "{name}")'
        )
    prompt = prompts.format_prompt("京都の三大祭りは何ですか？")
    return (
        f"{imports}\n\n{load}\n"
        f'tokenizer = AutoTokenizer.from_pretrained("{name}", add_bos_token=True)\n'
        f"prompt = {json.dumps(prompt, ensure_ascii=False)}\n"
        'tokens = tokenizer(prompt, return_tensors="pt")\n'
        "answer = model.generate(**tokens, max_new_tokens=128, do_sample=False)[0, tokens.input_ids.shape[1] :]\n"
        "print(tokenizer.decode(answer, skip_special_tokens=True))"
    )


def _prompt() -> str:
    forms = [prompts.format_prompt("{instruction}", "{input}"), prompts.format_prompt("{instruction}")]
    fenced = [f"```text\n{form.rstrip()}\n```" for form in forms]
    return f"## Prompt\n\nWith an input:\n\n{fenced[0]}\n\nWithout:\n\n{fenced[1]}"


def _data(run: Mapping[str, Any], sources: Sequence[Source]) -> str:
    counts, limit = run["data"], run["config"]["data"]["max_tokens"]
    rows = [(source.name, source.license, f"{source.records:,}") for source in sources]
    return (
        f"## Data\n\n{counts['records']:,} records: {counts['train']:,} trained on ({counts['tokens']:,} tokens), "
        f"{counts['validation']:,} kept for validation. {counts['cut']:,} were longer than {limit} tokens and were cut.\n\n"
        + _table(("source", "license", "records"), rows, right=1)
    )


def _recipe(run: Mapping[str, Any]) -> str:
    model, lora, training = (run["config"][section] for section in ("model", "lora", "training"))
    batch, parameters, texts = run["batch"], run["parameters"], run["config"]["data"]
    zero = run["deepspeed"] and run["deepspeed"].get("zero_optimization", {}).get("stage")
    rows = [
        ("method", "LoRA" + (", rank-stabilised" if lora["rslora"] else "") + (", DoRA" if lora["dora"] else "")),
        ("r, alpha, dropout", f"{lora['r']}, {lora['alpha']:g}, {lora['dropout']:g}"),
        ("adapted layers", ", ".join(lora["target_modules"])),
        ("trained parameters", f"{parameters['trainable']:,} of {parameters['all']:,}"),
        ("precision", model["dtype"] + (", base in 4 bits (nf4)" if model["quantize"] == "nf4" else "")),
        ("learning rate", f"{training['learning_rate']:g}, linear to 0, {training['warmup_steps']:,} steps of warm-up"),
        ("optimiser", "AdamW" + (f", DeepSpeed ZeRO-{zero}" if zero else "")),
        (
            "records a step",
            f"{batch['records']} = {batch['per_device']} x {batch['accumulation']} accumulated x {batch['processes']} processes",
        ),
        ("epochs, steps", f"{training['epochs']:g}, {run['steps']:,}"),
        ("tokens a record", f"at most {texts['max_tokens']}, {training['batching']}"),
        ("loss on", "prompt and response" if texts["train_on_inputs"] else "response only"),
        ("seed", str(training["seed"])),
        ("device", run["device"]),
        ("software", ", ".join(f"{name} {version}" for name, version in run["versions"].items())),
        ("finished", run["finished"]),
    ]
    return "## Recipe\n\n" + _table(("setting", "value"), rows)


def _result(run: Mapping[str, Any]) -> str:
    loss = run["loss"]
    lines = [f"Training loss: {loss['first']:.4f} at the first log, {loss['last']:.4f} at the last (nats per token)."]
    if run["eval_loss"] is not None:
        perplexity = math.exp(run["eval_loss"])
        lines.append(f"Validation loss: {run['eval_loss']:.4f} (perplexity {perplexity:.3f}).")
    return "## Loss\n\n" + " ".join(lines) + f"\n\n![training and validation loss by step]({CURVE})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: int = 0) -> str:
    """A Markdown table whose last ``right`` columns are aligned to the right."""
    rule = ["---"] * (len(header) - right) + ["---:"] * right
    lines = [header, rule, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "model_card",
        "Write the model card (README.md) of an adapter, or of the model merged from it.",
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
