"""The frame of every command: read the arguments, do the work, say in one message what a person can mend.

Nothing heavy is imported here, so that ``--help`` and a wrong argument are answered at once. A command imports PyTorch,
transformers and datasets in the function that needs them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from finetune import quiet, standard_output
from finetune.errors import FinetuneError
from finetune.visible import visible


def parser(module: str, description: str, example: str) -> argparse.ArgumentParser:
    """A parser for ``python -m finetune.MODULE``.

    Args:
        module: Name of the module in ``finetune``.
        description: What the command does, in one sentence.
        example: Arguments of a typical call, without the command itself.
    """
    program = f"python -m finetune.{module}"
    return argparse.ArgumentParser(prog=program, description=description, epilog=f"example: {program} {example}")


def run(
    arguments_of: argparse.ArgumentParser,
    do: Callable[[argparse.Namespace], None],
    argv: Sequence[str] | None = None,
    *,
    check: Callable[[argparse.Namespace], str | None] = lambda _: None,
    report: Callable[[Exception], None] | None = None,
) -> int:
    """Parse ``argv``, call ``do`` with the arguments, and report the error if it cannot be done.

    Args:
        arguments_of: The command's parser. Options may stand between positional arguments.
        do: The work.
        argv: Arguments of the command line; nothing takes the process's own.
        check: Gives what is wrong with the arguments, or nothing.
        report: Tells of an error; prints it if nothing is given.

    Returns:
        The exit status: 0, or 1 after an error. Wrong arguments end the process with status 2.
    """
    standard_output.write_what_can_be_written()
    try:
        with standard_output.kept_from_failing():
            arguments = arguments_of.parse_intermixed_args(argv)
            if problem := check(arguments):
                arguments_of.error(problem)
            quiet.silence_warnings()
            quiet.hide_bars()
            quiet.hide_bitsandbytes()
            do(arguments)
    except (OSError, FinetuneError) as error:
        (report or print_error)(error)
        return 1
    return 0


def below_one(arguments: argparse.Namespace, *names: str) -> str | None:
    """Name the first of the numbers ``names`` that is given and below 1, if one is."""
    wrong = (name for name in names if (value := getattr(arguments, name)) is not None and value < 1)
    return next((f"--{name.replace('_', '-')} {getattr(arguments, name)} is below 1" for name in wrong), None)


def wrong_temperature(arguments: argparse.Namespace) -> str | None:
    """Say what is wrong with ``--temperature``, if anything is."""
    if 0 <= arguments.temperature < float("inf"):
        return None
    return f"--temperature {arguments.temperature} is below 0: give 0.0 for the likeliest answer, or more"


def print_error(error: Exception) -> None:
    """Print ``error`` to the standard error stream; it may quote a record, or a server."""
    print(f"error: {visible(str(error))}", file=sys.stderr)
