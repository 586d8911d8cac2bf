"""`python -m builders export`"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich import filesize
from rich.console import Console

from builders.commands import terminal
from builders.commands.options import add_dataset_argument
from builders.tree.export.formats import FORMATS

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
    add_dataset_argument(parser)
    parser.add_argument("config", metavar="CONFIG", help="a config of it (see `python -m builders list`)")
    parser.add_argument("--format", required=True, choices=list(FORMATS), help="form of a line")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the JSONL file; replaced if it exists")


def main(options: argparse.Namespace) -> int:
    """Writes the file, then prints what to tell TRL, LLaMA-Factory and axolotl about it."""
    from builders.tree import reader, report
    from builders.tree.export.files import export

    console = Console()
    config = reader.config_named(options.config, report.load(options.directory), options.directory)
    with terminal.counting(console, "writing", config.records) as advance:
        size = export(options.directory, config, options.format, options.out, advance)
    console.print(f"{options.out}: {config.records:,} records, {filesize.decimal(size)}.", soft_wrap=True)
    if config.missing:
        console.print(f"[yellow]Not in this build, so not in the file:[/] {', '.join(config.missing)}", soft_wrap=True)
    for title, text in _recipes(config.name, options.format, options.out).items():
        console.print(f"\n[bold]{title}[/]")
        console.print(text.rstrip(), markup=False, highlight=False, soft_wrap=True)
    return 0


def _recipes(config: str, form: str, file: Path) -> dict[str, str]:
    """What to write where, by heading."""
    import orjson
    import yaml

    from builders import catalogue
    from builders.tree.export import trainers

    name = f"{catalogue.REPOSITORY.rpartition('/')[2]}-{config}"
    entry = orjson.dumps(trainers.llama_factory(name, form, file), option=orjson.OPT_INDENT_2).decode()
    block = yaml.safe_dump(trainers.axolotl(form, file), sort_keys=False, allow_unicode=True)
    recipes = {"LLaMA-Factory, in data/dataset_info.json": entry, "axolotl, in the configuration": block}
    if form in trainers.FOR_TRL:
        return {"TRL, as a program": trainers.trl_program(file)} | recipes
    return recipes
