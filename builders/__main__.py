"""python -m builders COMMAND: the dataset's command line."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from builders.commands import build, export, list_configs, publish, show, stats, verify
from builders.errors import BuildError

COMMANDS = {
    "list": list_configs,
    "show": show,
    "build": build,
    "verify": verify,
    "stats": stats,
    "export": export,
    "publish": publish,
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="python -m builders",
        description="Rebuilds llm-japanese-dataset from the raw upstream corpora.",
        epilog="`python -m builders COMMAND --help` explains a command, with examples.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"examples:\n{module.EXAMPLES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs a command. Returns its exit code: 0 done, 1 a problem that a message explains, 2 wrong usage."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        return COMMANDS[options.command].main(options)
    except BuildError as error:
        errors.print(f"[bold red]Error:[/] {_plain(error.problem)}")
        errors.print(f"[bold]Next step:[/] {_plain(error.next_step)}")
        return 1
    except KeyboardInterrupt:
        errors.print("Stopped. What is finished is kept; the same command goes on from there.")
        return 130


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


if __name__ == "__main__":
    sys.exit(main())
