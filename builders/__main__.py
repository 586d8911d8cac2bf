"""python -m builders COMMAND: the dataset's command line."""

from __future__ import annotations

import argparse
import importlib
import io
import sys
from types import ModuleType

try:
    from rich.console import Console
    from rich.text import Text

    from builders.commands import standard_output
    from builders.errors import BuildError
    from builders.visible import visible
except ModuleNotFoundError as missing:
    sys.exit(
        f"Error: {sys.executable} has no package {missing.name}.\n"
        "Next step: Use .venv/bin/python, which `make demo` sets up; or pip install -r requirements-data.txt"
    )

COMMANDS = {
    "list": "list_configs",
    "show": "show",
    "browse": "browse",
    "build": "build",
    "merge": "merge",
    "clean": "clean",
    "explain": "explain",
    "verify": "verify",
    "stats": "stats",
    "export": "export",
    "diff": "diff",
    "publish": "publish",
    "space": "space",
    "new": "new",
}
"""Module of `builders.commands` by the name of its command."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="python -m builders",
        description="Rebuilds llm-japanese-dataset from the raw upstream corpora.",
        epilog="`python -m builders COMMAND --help` explains a command, with examples.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = _module(name)
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
    """Runs a command. Returns its exit code: 0 done, 1 a problem that a message explains.

    Raises:
        SystemExit: with 2 after wrong usage, with 141 after the reader of the standard output has gone.
    """
    _write_what_can_be_written()
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        with standard_output.kept_from_failing():
            options = parser().parse_args(arguments)
            code: int = _module(options.command).main(options)
            return code
    except BuildError as error:
        errors.print(Text.assemble(("Error:", "bold red"), f" {visible(error.problem)}"))
        errors.print(Text.assemble(("Next step:", "bold"), f" {visible(error.next_step)}"))
        return 1
    except KeyboardInterrupt:
        errors.print("Stopped. What is finished is kept; the same command goes on from there.")
        return 130


def _write_what_can_be_written() -> None:
    """Japanese on a terminal of another encoding is written in escapes: a finished build must not fail for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _module(command: str) -> ModuleType:
    return importlib.import_module(f"builders.commands.{COMMANDS[command]}")


if __name__ == "__main__":
    sys.exit(main())
