"""`python -m builders export`"""

from __future__ import annotations

import argparse
from pathlib import Path

import orjson
import yaml
from rich import filesize
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from builders import catalogue, report, tree
from builders.export import export, trainers
from builders.export.formats import FORMATS

SUMMARY = "Write the records of a config as one JSONL file that a trainer reads."
EXAMPLES = """\
  python -m builders export build/full vanilla --format messages --out vanilla.jsonl
  python -m builders export build/full all --format alpaca --out data/all.jsonl

formats, one object per line (question: instruction, blank line, input):
  messages            {"messages": [{"role": "user", "content": question}, {"role": "assistant", ...}]}
  prompt-completion   {"prompt": question and a blank line, "completion": output}
  sharegpt            {"conversations": [{"from": "human", "value": question}, {"from": "gpt", ...}]}
  alpaca              {"instruction": ..., "input": ..., "output": ...}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `export`."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a tree that `build` wrote")
    parser.add_argument("config", metavar="CONFIG", help="a config of it (see `python -m builders list`)")
    parser.add_argument("--format", required=True, choices=list(FORMATS), help="form of a line")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the JSONL file; replaced if it exists")


def main(options: argparse.Namespace) -> int:
    """Writes the file, then prints what to tell TRL, LLaMA-Factory and axolotl about it."""
    console = Console()
    config = tree.config_named(options.config, report.read(options.directory), options.directory)
    columns = (TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=config.records)
        size = export(
            options.directory, config, options.format, options.out, lambda records: bars.advance(bar, records)
        )
    console.print(f"{options.out}: {config.records:,} records, {filesize.decimal(size)}.", soft_wrap=True)
    if config.missing:
        console.print(f"[yellow]Not in this tree, so not in the file:[/] {', '.join(config.missing)}", soft_wrap=True)
    for title, text in _recipes(config.name, options.format, options.out).items():
        console.print(f"\n[bold]{title}[/]")
        console.print(text.rstrip(), markup=False, highlight=False, soft_wrap=True)
    return 0


def _recipes(config: str, form: str, file: Path) -> dict[str, str]:
    """What to write where, by heading."""
    name = f"{catalogue.REPOSITORY.rpartition('/')[2]}-{config}"
    entry = orjson.dumps(trainers.llama_factory(name, form, file), option=orjson.OPT_INDENT_2).decode()
    block = yaml.safe_dump(trainers.axolotl(form, file), sort_keys=False, allow_unicode=True)
    recipes = {"LLaMA-Factory, in data/dataset_info.json": entry, "axolotl, in the configuration": block}
    if form in trainers.FOR_TRL:
        return {"TRL, as a program": trainers.trl_program(file)} | recipes
    return recipes
