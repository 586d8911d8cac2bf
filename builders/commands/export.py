"""`python -m builders export`"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich import filesize
from rich.console import Console

from builders.commands import standard_output, terminal
from builders.commands.options import add_dataset_argument, positive
from builders.errors import BuildError
from builders.tree.export.formats import FORMS

if TYPE_CHECKING:
    from builders.tree.export.selection import Chosen

SUMMARY = "Write records of a config as one JSONL file that a trainer reads."
EXAMPLES = """\
  python -m builders export build/full vanilla --format messages --out vanilla.jsonl
  python -m builders export build/full commercial --format prompt-completion --exclude-evaluation \\
      --limit 200000 --validation 2000 --out data/train.jsonl.zst
  python -m builders export build/full jsquad --format alpaca --out - | head -1

formats, one object per line (question: instruction, blank line, input):
  messages            {"messages": [{"role": "user", "content": question}, {"role": "assistant", ...}]}
  prompt-completion   {"prompt": question and a blank line, "completion": output}
  sharegpt            {"conversations": [{"from": "human", "value": question}, {"from": "gpt", ...}]}
  alpaca              {"instruction": ..., "input": ..., "output": ...}
  llm-jp              {"text": question and output in the template of llm-jp-sft}
  openai              {"messages": ...} and nothing else, as OpenAI's fine-tuning wants it
All but openai also have "id", "source" and "license"."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `export`."""
    add_dataset_argument(parser)
    parser.add_argument("config", metavar="CONFIG", help="a config of it (see `python -m builders list`)")
    parser.add_argument("--format", required=True, choices=list(FORMS), help="form of a line")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="replaced if it exists; compressed if it ends in .gz or .zst; - for the standard output",
    )
    which = parser.add_argument_group("which records (default: all)")
    which.add_argument("--license", nargs="+", default=[], metavar="ID", help="only records with these licenses")
    which.add_argument("--source", nargs="+", default=[], metavar="CORPUS", help="only records of these corpora")
    which.add_argument(
        "--exclude-evaluation", action="store_true", help="leave out the items of evaluation sets (see the card)"
    )
    which.add_argument("--limit", type=positive, metavar="N", help="draw so many records at random")
    which.add_argument(
        "--validation",
        type=positive,
        default=0,
        metavar="N",
        help="write so many records, at most, into a new file, FILE with .validation in its name, and not into FILE; "
        "a pair and its reverse stay together, and so do equal records",
    )
    which.add_argument("--seed", type=int, default=0, help="of --limit and --validation (default: %(default)s)")


def main(options: argparse.Namespace) -> int:
    """Writes the files, then prints what to tell the trainers about them.

    Raises:
        BuildError: the dataset does not hold the config or cannot be read, or a file cannot be written.
    """
    from builders.tree import reader, report
    from builders.tree.export.files import export
    from builders.tree.export.selection import Selection, choose
    from builders.tree.export.sinks import STANDARD_OUTPUT

    streams = options.out == STANDARD_OUTPUT
    if streams and options.validation:
        raise BuildError("--validation makes two files, and --out - is one stream.", "Name a file with --out.")
    console = Console(stderr=streams)
    config = reader.config_named(options.config, report.load(options.directory), options.directory)
    selection = Selection(
        options.license, options.source, options.exclude_evaluation, options.limit, options.validation, options.seed
    )
    validation = _validation_file(options.out) if options.validation else None
    chosen = choose(options.directory, config, selection)
    total = sum(task.records for task in chosen.tasks.values())
    try:
        with terminal.counting(console, "writing", total) as advance:
            export(options.directory, chosen, options.format, options.out, validation, advance)
    except BrokenPipeError:
        standard_output.discard()
        return standard_output.LEFT_ALONE
    _print_summary(console, chosen, options.out, validation)
    if config.missing:
        console.print("[yellow]Not in this build, so not in the file:[/]", ", ".join(config.missing), soft_wrap=True)
    if not streams:
        _print_recipes(console, config.name, options.format, options.out)
    return 0


def _validation_file(out: Path) -> Path:
    """`data/train.validation.jsonl.gz` for `data/train.jsonl.gz`.

    Raises:
        BuildError: it is there already: nobody named it, so nobody knows whose it is.
    """
    stem, dot, endings = out.name.partition(".")
    path = out.with_name(f"{stem}.validation{dot}{endings}")
    if os.path.lexists(path):
        raise BuildError(
            f"{path}, where the records for validation go, is there already.",
            "Take it away, or name another file with --out.",
        )
    return path


def _print_summary(console: Console, chosen: Chosen, out: Path, validation: Path | None) -> None:
    from builders.tree.export.selection import TRAINING, VALIDATION
    from builders.tree.export.sinks import STANDARD_OUTPUT

    files = {TRAINING: out} | ({VALIDATION: validation} if validation else {})
    for fate, path in files.items():
        size = f", {filesize.decimal(path.stat().st_size)}" if path.is_file() else ""
        name = "standard output" if path == STANDARD_OUTPUT else path
        terminal.say(console, f"{name}: {chosen.count(fate):,} records{size}.")


def _print_recipes(console: Console, config: str, form: str, file: Path) -> None:
    """Prints what to write where, under a heading each."""
    import orjson
    import yaml

    from builders import catalogue
    from builders.tree.export import trainers

    recipes = {}
    if form in trainers.FOR_TRL:
        recipes["TRL, as a program"] = trainers.trl_program(form, file)
    if form in trainers.LLAMA_FACTORY:
        name = f"{catalogue.REPOSITORY.rpartition('/')[2]}-{config}"
        entry = orjson.dumps(trainers.llama_factory(name, form, file), option=orjson.OPT_INDENT_2).decode()
        recipes["LLaMA-Factory, in data/dataset_info.json"] = entry
    blocks = {"axolotl": (trainers.AXOLOTL, trainers.axolotl), "torchtune": (trainers.TORCHTUNE, trainers.torchtune)}
    for trainer, (forms, block) in blocks.items():
        if form in forms:
            text = yaml.safe_dump(block(form, file), sort_keys=False, allow_unicode=True)
            recipes[f"{trainer}, in the configuration"] = text
    for title, text in recipes.items():
        console.print(f"\n[bold]{title}[/]")
        terminal.say(console, text.rstrip())
